// #[derive(AnyEnum, ChipUsageGetter, Chip, InstructionExecutor)]
// pub enum EitherChip<A, const N: usize>
// where
//     A: Clone,
// {
//     One(A),
//     Many(ManyChip<N>),
// }

pub enum EitherChip<A, const N: usize>
where
    A: Clone,
{
    One(A),
    Many(ManyChip<N>),
}
const _: () = {
    #[automatically_derived]
    impl<A, const N: usize> ::vm_core::arch::AnyEnum for EitherChip<A, N>
    where
        A: Clone,
        A: 'static,
    {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::One(__value) => __value as &dyn ::core::any::Any,
                Self::Many(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::One(__value) => __value as &mut dyn ::core::any::Any,
                Self::Many(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<A, const N: usize> ::vm_core::arch::ChipUsageGetter for EitherChip<A, N>
    where
        A: Clone,
        A: ::vm_core::arch::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::One(__value) => {
                    <A as ::vm_core::arch::ChipUsageGetter>::air_name(__value)
                }
                Self::Many(__value) => {
                    <ManyChip<N> as ::vm_core::arch::ChipUsageGetter>::air_name(__value)
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::One(__value) => {
                    <A as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Many(__value) => {
                    <ManyChip<
                        N,
                    > as ::vm_core::arch::ChipUsageGetter>::current_trace_height(__value)
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::One(__value) => {
                    <A as ::vm_core::arch::ChipUsageGetter>::trace_width(__value)
                }
                Self::Many(__value) => {
                    <ManyChip<
                        N,
                    > as ::vm_core::arch::ChipUsageGetter>::trace_width(__value)
                }
            }
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match self {
                Self::One(__value) => {
                    <A as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(__value)
                }
                Self::Many(__value) => {
                    <ManyChip<
                        N,
                    > as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(__value)
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<A, const N: usize> ::vm_core::arch::Chip for EitherChip<A, N>
    where
        A: Clone,
        A: ::vm_core::arch::Chip,
    {
        fn air(&self) -> ::vm_core::stark::AirRef {
            match self {
                Self::One(__value) => <A as ::vm_core::arch::Chip>::air(__value),
                Self::Many(__value) => {
                    <ManyChip<N> as ::vm_core::arch::Chip>::air(__value)
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_core::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_core::arch::ChipTraces,
            ::vm_core::arch::GenerationError,
        > {
            match self {
                Self::One(__value) => {
                    <A as ::vm_core::arch::Chip>::generate_traces(__value, __ctx)
                }
                Self::Many(__value) => {
                    <ManyChip<
                        N,
                    > as ::vm_core::arch::Chip>::generate_traces(__value, __ctx)
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_core::arch::LookupTable> {
            match self {
                Self::One(__value) => {
                    <A as ::vm_core::arch::Chip>::as_lookup_table(__value)
                }
                Self::Many(__value) => {
                    <ManyChip<N> as ::vm_core::arch::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<A, const N: usize> ::vm_core::arch::InstructionExecutor for EitherChip<A, N>
    where
        A: Clone,
        A: ::vm_core::arch::InstructionExecutor,
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
            match self {
                Self::One(__value) => {
                    <A as ::vm_core::arch::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Many(__value) => {
                    <ManyChip<
                        N,
                    > as ::vm_core::arch::InstructionExecutor>::execute(
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
            __instruction: &::vm_core::instructions::Instruction,
        ) -> ::core::primitive::bool {
            match self {
                Self::One(__value) => {
                    <A as ::vm_core::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Many(__value) => {
                    <ManyChip<
                        N,
                    > as ::vm_core::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
            }
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_core::instructions::VmOpcode,
        ) -> ::std::string::String {
            match self {
                Self::One(__value) => {
                    <A as ::vm_core::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Many(__value) => {
                    <ManyChip<
                        N,
                    > as ::vm_core::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
            }
        }
    }
};
