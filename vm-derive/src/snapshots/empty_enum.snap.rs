// #[derive(AnyEnum, ChipUsageGetter, Chip, InstructionExecutor)]
// pub enum OtherChips {}

pub enum OtherChips {}
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::AnyEnum for OtherChips {
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
    impl ::vm_sdk::arch::ChipUsageGetter for OtherChips {
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
    impl ::vm_sdk::arch::Chip for OtherChips {
        fn air(&self) -> ::vm_sdk::stark::AirRef {
            match *self {}
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::arch::ChipTraces,
            ::vm_sdk::arch::GenerationError,
        > {
            match *self {}
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::arch::LookupTable> {
            match *self {}
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::InstructionExecutor for OtherChips {
        #[inline(always)]
        fn execute<__Mode: ::vm_sdk::arch::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_sdk::arch::VmState<__Mode>,
            __instruction: &::vm_sdk::instructions::Instruction,
            __from: ::vm_sdk::arch::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_sdk::arch::ExecutionResult<
            ::vm_sdk::arch::ExecutionState<::core::primitive::u32>,
        > {
            match *self {}
        }
        fn accepts(
            &self,
            __instruction: &::vm_sdk::instructions::Instruction,
        ) -> ::core::primitive::bool {
            match *self {}
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_sdk::instructions::VmOpcode,
        ) -> ::std::string::String {
            match *self {}
        }
    }
};
