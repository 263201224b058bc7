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
    impl<C> ::vm_sdk::__private::ChipUsageGetter for Labelled<C>
    where
        C: ::vm_sdk::__private::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            <C as ::vm_sdk::__private::ChipUsageGetter>::air_name(&self.chip)
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            <C as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(&self.chip)
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            <C as ::vm_sdk::__private::ChipUsageGetter>::trace_width(&self.chip)
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<C> ::vm_sdk::__private::Chip for Labelled<C>
    where
        C: ::vm_sdk::__private::Chip,
    {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            <C as ::vm_sdk::__private::Chip>::air(&self.chip)
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::__private::ChipTraces,
            ::vm_sdk::__private::GenerationError,
        > {
            <C as ::vm_sdk::__private::Chip>::generate_traces(&mut self.chip, __ctx)
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            <C as ::vm_sdk::__private::Chip>::can_set_aside(&self.chip)
        }
        fn set_aside(
            &mut self,
            __is_fused: &mut dyn ::core::ops::FnMut(
                ::core::primitive::u32,
            ) -> ::core::primitive::bool,
        ) -> ::core::primitive::usize {
            <C as ::vm_sdk::__private::Chip>::set_aside(&mut self.chip, __is_fused)
        }
        fn fill_set_aside(
            &self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [::vm_sdk::__private::F],
        ) -> ::core::result::Result<(), ::vm_sdk::__private::GenerationError> {
            <C as ::vm_sdk::__private::Chip>::fill_set_aside(
                &self.chip,
                __ctx,
                __index,
                __row,
            )
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::__private::LookupTable> {
            <C as ::vm_sdk::__private::Chip>::as_lookup_table(&self.chip)
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<C> ::vm_sdk::__private::InstructionExecutor for Labelled<C>
    where
        C: ::vm_sdk::__private::InstructionExecutor,
    {
        #[inline(always)]
        fn execute<__Mode: ::vm_sdk::__private::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_sdk::__private::VmState<__Mode>,
            __instruction: &::vm_sdk::__private::Instruction,
            __from: ::vm_sdk::__private::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_sdk::__private::ExecutionResult<
            ::vm_sdk::__private::ExecutionState<::core::primitive::u32>,
        > {
            <C as ::vm_sdk::__private::InstructionExecutor>::execute(
                &mut self.chip,
                __vm,
                __instruction,
                __from,
            )
        }
        fn accepts(
            &self,
            __instruction: &::vm_sdk::__private::Instruction,
        ) -> ::core::primitive::bool {
            <C as ::vm_sdk::__private::InstructionExecutor>::accepts(
                &self.chip,
                __instruction,
            )
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_sdk::__private::VmOpcode,
        ) -> ::std::string::String {
            <C as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                &self.chip,
                __opcode,
            )
        }
        fn sample_reads(
            &self,
            __opcode: ::vm_sdk::__private::VmOpcode,
            __samples: &mut ::vm_sdk::__private::Samples,
        ) -> ::core::option::Option<
            ::std::vec::Vec<::std::vec::Vec<::core::primitive::u32>>,
        > {
            <C as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                &self.chip,
                __opcode,
                __samples,
            )
        }
    }
};
