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
    impl<C> ::vm_core::arch::ChipUsageGetter for Labelled<C>
    where
        C: ::vm_core::arch::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            <C as ::vm_core::arch::ChipUsageGetter>::air_name(&self.chip)
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            <C as ::vm_core::arch::ChipUsageGetter>::current_trace_height(&self.chip)
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            <C as ::vm_core::arch::ChipUsageGetter>::trace_width(&self.chip)
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            <C as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(&self.chip)
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<C> ::vm_core::arch::Chip for Labelled<C>
    where
        C: ::vm_core::arch::Chip,
    {
        fn air(&self) -> ::vm_core::stark::AirRef {
            <C as ::vm_core::arch::Chip>::air(&self.chip)
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_core::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_core::arch::ChipTraces,
            ::vm_core::arch::GenerationError,
        > {
            <C as ::vm_core::arch::Chip>::generate_traces(&mut self.chip, __ctx)
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_core::arch::LookupTable> {
            <C as ::vm_core::arch::Chip>::as_lookup_table(&self.chip)
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<C> ::vm_core::arch::InstructionExecutor for Labelled<C>
    where
        C: ::vm_core::arch::InstructionExecutor,
    {
        #[inline(always)]
        fn execute<__Mode: ::vm_core::arch::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_core::arch::VmState<__Mode>,
            __instruction: &::vm_core::instructions::Instruction,
            __from: ::vm_core::arch::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_core::arch::ExecutionResult<
            ::vm_core::arch::ExecutionState<::core::primitive::u32>,
        > {
            <C as ::vm_core::arch::InstructionExecutor>::execute(
                &mut self.chip,
                __vm,
                __instruction,
                __from,
            )
        }
        fn accepts(
            &self,
            __instruction: &::vm_core::instructions::Instruction,
        ) -> ::core::primitive::bool {
            <C as ::vm_core::arch::InstructionExecutor>::accepts(
                &self.chip,
                __instruction,
            )
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_core::instructions::VmOpcode,
        ) -> ::std::string::String {
            <C as ::vm_core::arch::InstructionExecutor>::get_opcode_name(
                &self.chip,
                __opcode,
            )
        }
    }
};
