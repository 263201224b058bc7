// #[vm_extension(instructions(Added in self.added()), tests = Adding(vec![1, u32::MAX]))]
//
// #[derive(Clone)]
// pub struct Adding(pub Vec<u32>);

#[cfg(not(target_arch = "riscv32"))]
#[derive(Clone)]
pub struct Adding(pub Vec<u32>);
#[cfg(not(target_arch = "riscv32"))]
/// Executors of [`Adding`].
#[allow(clippy::large_enum_variant)]
pub enum AddingExecutor {
    /// `Added`.
    Added(<Added as ::vm_sdk::__private::InstructionSpec>::Chip),
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionExecutor for AddingExecutor {
        #[inline(always)]
        fn execute<__Mode: ::vm_sdk::__private::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_sdk::__private::VmState<__Mode>,
            __instruction: &::vm_sdk::__private::Instruction,
            __from: ::vm_sdk::__private::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_sdk::__private::ExecutionResult<
            ::vm_sdk::__private::ExecutionState<::core::primitive::u32>,
        > {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
            }
        }
        fn accepts(
            &self,
            __instruction: &::vm_sdk::__private::Instruction,
        ) -> ::core::primitive::bool {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
            }
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_sdk::__private::VmOpcode,
        ) -> ::std::string::String {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
            }
        }
        fn sample_reads(
            &self,
            __opcode: ::vm_sdk::__private::VmOpcode,
            __samples: &mut ::vm_sdk::__private::Samples,
        ) -> ::core::option::Option<
            ::std::vec::Vec<::std::vec::Vec<::core::primitive::u32>>,
        > {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::AnyEnum for AddingExecutor {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Added(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Added(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for AddingExecutor {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::Chip for AddingExecutor {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::air(
                        __value,
                    )
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::__private::ChipTraces,
            ::vm_sdk::__private::GenerationError,
        > {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
            }
        }
        fn set_aside(
            &mut self,
            __is_fused: &mut dyn ::core::ops::FnMut(
                ::core::primitive::u32,
            ) -> ::core::primitive::bool,
        ) -> ::core::primitive::usize {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
            }
        }
        fn fill_set_aside(
            &self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [::vm_sdk::__private::F],
        ) -> ::core::result::Result<(), ::vm_sdk::__private::GenerationError> {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::__private::LookupTable> {
            match self {
                Self::Added(__value) => {
                    <<Added as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
/// Chips of [`Adding`] that execute no instructions.
#[allow(clippy::large_enum_variant)]
pub enum AddingPeriphery {}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::AnyEnum for AddingPeriphery {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match *self {}
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match *self {}
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for AddingPeriphery {
        fn air_name(&self) -> ::std::string::String {
            match *self {}
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match *self {}
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match *self {}
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::Chip for AddingPeriphery {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match *self {}
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::__private::ChipTraces,
            ::vm_sdk::__private::GenerationError,
        > {
            match *self {}
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match *self {}
        }
        fn set_aside(
            &mut self,
            __is_fused: &mut dyn ::core::ops::FnMut(
                ::core::primitive::u32,
            ) -> ::core::primitive::bool,
        ) -> ::core::primitive::usize {
            match *self {}
        }
        fn fill_set_aside(
            &self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [::vm_sdk::__private::F],
        ) -> ::core::result::Result<(), ::vm_sdk::__private::GenerationError> {
            match *self {}
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::__private::LookupTable> {
            match *self {}
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::vm_sdk::__private::VmExtension for Adding {
    type Executor = AddingExecutor;
    type Periphery = AddingPeriphery;
    #[allow(unused_mut, unused_variables)]
    fn build(
        &self,
        builder: &::vm_sdk::__private::VmInventoryBuilder<'_>,
    ) -> ::vm_sdk::__private::InventoryResult<Self::Executor, Self::Periphery> {
        let mut __inventory = ::vm_sdk::__private::VmInventory::<
            Self::Executor,
            Self::Periphery,
        >::new();
        for __value in self.added() {
            __inventory
                .add_instruction::<Added>(builder, __value, AddingExecutor::Added)?;
        }
        ::core::result::Result::Ok(__inventory)
    }
}
#[cfg(not(target_arch = "riscv32"))]
impl Adding {
    /// The annotated instructions, chip by chip, and the declared phantom instructions.
    pub fn instructions() -> ::std::vec::Vec<::vm_sdk::__private::InstructionInfo> {
        let mut __all = ::std::vec::Vec::new();
        __all
            .extend_from_slice(
                <Added as ::vm_sdk::__private::InstructionSpec>::INSTRUCTIONS,
            );
        __all
    }
}
#[cfg(not(target_arch = "riscv32"))]
#[cfg(test)]
#[::core::prelude::v1::test]
fn adding_added_is_sound() {
    ::vm_sdk::__private::check_instruction::<_, Added>(&Adding(vec![1, u32::MAX]));
}
