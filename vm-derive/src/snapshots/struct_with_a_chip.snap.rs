// #[derive(ChipUsageGetter, Chip, InstructionExecutor)]
// pub struct Labelled<C> {
//     label: &'static str,
//     #[chip]
//     chip: C,
// }

pub struct Labelled<C> {
    label: &'static str,
    chip: C,
}
const _: () = {
    #[automatically_derived]
    impl<C> ::vm_sdk::arch::ChipUsageGetter for Labelled<C>
    where
        C: ::vm_sdk::arch::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            <C as ::vm_sdk::arch::ChipUsageGetter>::air_name(&self.chip)
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            <C as ::vm_sdk::arch::ChipUsageGetter>::current_trace_height(&self.chip)
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            <C as ::vm_sdk::arch::ChipUsageGetter>::trace_width(&self.chip)
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            <C as ::vm_sdk::arch::ChipUsageGetter>::current_trace_cells(&self.chip)
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<C> ::vm_sdk::arch::Chip for Labelled<C>
    where
        C: ::vm_sdk::arch::Chip,
    {
        fn air(&self) -> ::vm_sdk::stark::AirRef {
            <C as ::vm_sdk::arch::Chip>::air(&self.chip)
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::arch::ChipTraces,
            ::vm_sdk::arch::GenerationError,
        > {
            <C as ::vm_sdk::arch::Chip>::generate_traces(&mut self.chip, __ctx)
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::arch::LookupTable> {
            <C as ::vm_sdk::arch::Chip>::as_lookup_table(&self.chip)
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<C> ::vm_sdk::arch::InstructionExecutor for Labelled<C>
    where
        C: ::vm_sdk::arch::InstructionExecutor,
    {
        #[inline(always)]
        fn execute<__Mode: ::vm_sdk::arch::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_sdk::arch::VmState<__Mode>,
            __instruction: &::vm_sdk::instructions::Instruction,
            __from: ::vm_sdk::arch::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_sdk::arch::ExecutionResult<
            ::vm_sdk::arch::ExecutionState<::core::primitive::u32>,
        > {
            <C as ::vm_sdk::arch::InstructionExecutor>::execute(
                &mut self.chip,
                __vm,
                __instruction,
                __from,
            )
        }
        fn accepts(
            &self,
            __instruction: &::vm_sdk::instructions::Instruction,
        ) -> ::core::primitive::bool {
            <C as ::vm_sdk::arch::InstructionExecutor>::accepts(
                &self.chip,
                __instruction,
            )
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_sdk::instructions::VmOpcode,
        ) -> ::std::string::String {
            <C as ::vm_sdk::arch::InstructionExecutor>::get_opcode_name(
                &self.chip,
                __opcode,
            )
        }
    }
};
