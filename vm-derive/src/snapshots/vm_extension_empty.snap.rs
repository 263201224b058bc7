// #[vm_extension()]
// struct Nothing;

struct Nothing;
/// Executors of [`Nothing`].
#[allow(clippy::large_enum_variant)]
enum NothingExecutor {}
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::InstructionExecutor for NothingExecutor {
        #[inline(always)]
        fn execute<__Mode: ::vm_core::arch::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_core::arch::VmState<__Mode>,
            __instruction: &::vm_core::instructions::Instruction,
            __from: ::vm_core::arch::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_core::arch::ExecutionResult<
            ::vm_core::arch::ExecutionState<::core::primitive::u32>,
        > {
            match *self {}
        }
        fn accepts(
            &self,
            __instruction: &::vm_core::instructions::Instruction,
        ) -> ::core::primitive::bool {
            match *self {}
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_core::instructions::VmOpcode,
        ) -> ::std::string::String {
            match *self {}
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::AnyEnum for NothingExecutor {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match *self {}
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match *self {}
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::ChipUsageGetter for NothingExecutor {
        fn air_name(&self) -> ::std::string::String {
            match *self {}
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match *self {}
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match *self {}
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match *self {}
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::Chip for NothingExecutor {
        fn air(&self) -> ::vm_core::stark::AirRef {
            match *self {}
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_core::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_core::arch::ChipTraces,
            ::vm_core::arch::GenerationError,
        > {
            match *self {}
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_core::arch::LookupTable> {
            match *self {}
        }
    }
};
/// Chips of [`Nothing`] that execute no instructions.
#[allow(clippy::large_enum_variant)]
enum NothingPeriphery {}
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::AnyEnum for NothingPeriphery {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match *self {}
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match *self {}
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::ChipUsageGetter for NothingPeriphery {
        fn air_name(&self) -> ::std::string::String {
            match *self {}
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match *self {}
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match *self {}
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match *self {}
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::Chip for NothingPeriphery {
        fn air(&self) -> ::vm_core::stark::AirRef {
            match *self {}
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_core::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_core::arch::ChipTraces,
            ::vm_core::arch::GenerationError,
        > {
            match *self {}
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_core::arch::LookupTable> {
            match *self {}
        }
    }
};
#[automatically_derived]
impl ::vm_core::arch::VmExtension for Nothing {
    type Executor = NothingExecutor;
    type Periphery = NothingPeriphery;
    #[allow(unused_mut, unused_variables)]
    fn build(
        &self,
        builder: &::vm_core::arch::VmInventoryBuilder<'_>,
    ) -> ::core::result::Result<
        ::vm_core::arch::VmInventory<Self::Executor, Self::Periphery>,
        ::vm_core::arch::VmInventoryError,
    > {
        let mut __inventory = ::vm_core::arch::VmInventory::<
            Self::Executor,
            Self::Periphery,
        >::new();
        ::core::result::Result::Ok(__inventory)
    }
}
