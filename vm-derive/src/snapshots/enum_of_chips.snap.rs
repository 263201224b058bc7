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
    impl ::vm_sdk::arch::AnyEnum for Chips {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Add(__value) => __value as &dyn ::core::any::Any,
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::AnyEnum>::as_any_kind(__value)
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Add(__value) => __value as &mut dyn ::core::any::Any,
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::AnyEnum>::as_any_kind_mut(__value)
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::ChipUsageGetter for Chips {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::arch::ChipUsageGetter>::air_name(__value)
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::ChipUsageGetter>::air_name(__value)
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::arch::ChipUsageGetter>::trace_width(__value)
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::ChipUsageGetter>::trace_width(__value)
                }
            }
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::Chip for Chips {
        fn air(&self) -> ::vm_sdk::stark::AirRef {
            match self {
                Self::Add(__value) => <AddChip as ::vm_sdk::arch::Chip>::air(__value),
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::Chip>::air(__value)
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::arch::ChipTraces,
            ::vm_sdk::arch::GenerationError,
        > {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::arch::Chip>::generate_traces(__value, __ctx)
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::Chip>::generate_traces(__value, __ctx)
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::arch::LookupTable> {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::arch::Chip>::as_lookup_table(__value)
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::InstructionExecutor for Chips {
        #[inline(always)]
        fn execute<__Mode: ::vm_sdk::arch::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_sdk::arch::VmState<__Mode>,
            __instruction: &::vm_sdk::instructions::Instruction,
            __from: ::vm_sdk::arch::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_sdk::arch::ExecutionResult<
            ::vm_sdk::arch::ExecutionState<::core::primitive::u32>,
        > {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::arch::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::InstructionExecutor>::execute(
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
            __instruction: &::vm_sdk::instructions::Instruction,
        ) -> ::core::primitive::bool {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
            }
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_sdk::instructions::VmOpcode,
        ) -> ::std::string::String {
            match self {
                Self::Add(__value) => {
                    <AddChip as ::vm_sdk::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Others(__value) => {
                    <OtherChips as ::vm_sdk::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
            }
        }
    }
};
