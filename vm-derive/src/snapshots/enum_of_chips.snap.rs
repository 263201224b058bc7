// #[derive(AnyEnum, ChipUsageGetter, Chip, InstructionExecutor)]
// pub enum Chips {
//     Add(AddChip),
//     #[any_enum]
//     Others(OtherChips),
// }

pub enum Chips {
    Add(AddChip),
    Others(OtherChips),
}
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::AnyEnum for Chips {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Add(__value) => __value as &dyn ::core::any::Any,
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::AnyEnum>::as_any_kind(__value)
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Add(__value) => __value as &mut dyn ::core::any::Any,
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for Chips {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::ChipUsageGetter>::air_name(__value)
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::Chip for Chips {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::Chip>::air(__value)
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::Chip>::air(__value)
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
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::Chip>::can_set_aside(__value)
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::Chip>::can_set_aside(__value)
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
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::Chip>::set_aside(
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
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::Chip>::fill_set_aside(
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
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionExecutor for Chips {
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
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::InstructionExecutor>::execute(
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
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::InstructionExecutor>::accepts(
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
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
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
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
            }
        }
    }
};
