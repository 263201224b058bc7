// #[vm_extension(
//     crate = crate::renamed::core,
//     instructions(Generic<A, N> = Generic { parameter: self.0.clone() }, Rotate<N>),
//     executors(Alu: AluChip => AluOpcode),
//     tests = false,
// )]
// pub struct AnyAnnotated<A: Parameter, const N: usize>(pub A);

#[cfg(not(target_arch = "riscv32"))]
pub struct AnyAnnotated<A: Parameter, const N: usize>(pub A);
#[cfg(not(target_arch = "riscv32"))]
/// Executors of [`AnyAnnotated`].
#[allow(clippy::large_enum_variant)]
pub enum AnyAnnotatedExecutor<A: Parameter, const N: usize> {
    /// `Generic<A, N>`.
    Generic(<Generic<A, N> as crate::renamed::core::__private::InstructionSpec>::Chip),
    /// `Rotate<N>`.
    Rotate(<Rotate<N> as crate::renamed::core::__private::InstructionSpec>::Chip),
    /// `AluChip`: executes all of `AluOpcode`.
    Alu(AluChip),
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<
        A: Parameter,
        const N: usize,
    > crate::renamed::core::__private::InstructionExecutor for AnyAnnotatedExecutor<A, N>
    where
        <Generic<
            A,
            N,
        > as crate::renamed::core::__private::InstructionSpec>::Chip: crate::renamed::core::__private::InstructionExecutor,
    {
        #[inline(always)]
        fn execute<__Mode: crate::renamed::core::__private::ExecutionMode>(
            &mut self,
            __vm: &mut crate::renamed::core::__private::VmState<__Mode>,
            __instruction: &crate::renamed::core::__private::Instruction,
            __from: crate::renamed::core::__private::ExecutionState<
                ::core::primitive::u32,
            >,
        ) -> crate::renamed::core::__private::ExecutionResult<
            crate::renamed::core::__private::ExecutionState<::core::primitive::u32>,
        > {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::InstructionExecutor>::execute(
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
            __instruction: &crate::renamed::core::__private::Instruction,
        ) -> ::core::primitive::bool {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
            }
        }
        fn get_opcode_name(
            &self,
            __opcode: crate::renamed::core::__private::VmOpcode,
        ) -> ::std::string::String {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
            }
        }
        fn sample_reads(
            &self,
            __opcode: crate::renamed::core::__private::VmOpcode,
            __samples: &mut crate::renamed::core::__private::Samples,
        ) -> ::core::option::Option<
            ::std::vec::Vec<::std::vec::Vec<::core::primitive::u32>>,
        > {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::InstructionExecutor>::sample_reads(
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
    impl<A: Parameter, const N: usize> crate::renamed::core::__private::AnyEnum
    for AnyAnnotatedExecutor<A, N>
    where
        <Generic<
            A,
            N,
        > as crate::renamed::core::__private::InstructionSpec>::Chip: 'static,
    {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Generic(__value) => __value as &dyn ::core::any::Any,
                Self::Rotate(__value) => __value as &dyn ::core::any::Any,
                Self::Alu(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Generic(__value) => __value as &mut dyn ::core::any::Any,
                Self::Rotate(__value) => __value as &mut dyn ::core::any::Any,
                Self::Alu(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<A: Parameter, const N: usize> crate::renamed::core::__private::ChipUsageGetter
    for AnyAnnotatedExecutor<A, N>
    where
        <Generic<
            A,
            N,
        > as crate::renamed::core::__private::InstructionSpec>::Chip: crate::renamed::core::__private::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::ChipUsageGetter>::trace_width(
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
    impl<A: Parameter, const N: usize> crate::renamed::core::__private::Chip
    for AnyAnnotatedExecutor<A, N>
    where
        <Generic<
            A,
            N,
        > as crate::renamed::core::__private::InstructionSpec>::Chip: crate::renamed::core::__private::Chip,
    {
        fn air(&self) -> crate::renamed::core::__private::AirRef {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::air(
                        __value,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::air(
                        __value,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::Chip>::air(__value)
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &crate::renamed::core::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            crate::renamed::core::__private::ChipTraces,
            crate::renamed::core::__private::GenerationError,
        > {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::Chip>::can_set_aside(
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
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
            }
        }
        fn fill_set_aside(
            &self,
            __ctx: &crate::renamed::core::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [crate::renamed::core::__private::F],
        ) -> ::core::result::Result<
            (),
            crate::renamed::core::__private::GenerationError,
        > {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::Chip>::fill_set_aside(
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
        ) -> ::core::option::Option<&dyn crate::renamed::core::__private::LookupTable> {
            match self {
                Self::Generic(__value) => {
                    <<Generic<
                        A,
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::Rotate(__value) => {
                    <<Rotate<
                        N,
                    > as crate::renamed::core::__private::InstructionSpec>::Chip as crate::renamed::core::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::Alu(__value) => {
                    <AluChip as crate::renamed::core::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl<A: Parameter, const N: usize> ::core::convert::From<AluChip>
for AnyAnnotatedExecutor<A, N> {
    fn from(__chip: AluChip) -> Self {
        Self::Alu(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
/// Chips of [`AnyAnnotated`] that execute no instructions.
#[allow(clippy::large_enum_variant)]
pub enum AnyAnnotatedPeriphery {}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl crate::renamed::core::__private::AnyEnum for AnyAnnotatedPeriphery {
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
    impl crate::renamed::core::__private::ChipUsageGetter for AnyAnnotatedPeriphery {
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
    impl crate::renamed::core::__private::Chip for AnyAnnotatedPeriphery {
        fn air(&self) -> crate::renamed::core::__private::AirRef {
            match *self {}
        }
        fn generate_traces(
            &mut self,
            __ctx: &crate::renamed::core::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            crate::renamed::core::__private::ChipTraces,
            crate::renamed::core::__private::GenerationError,
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
            __ctx: &crate::renamed::core::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [crate::renamed::core::__private::F],
        ) -> ::core::result::Result<
            (),
            crate::renamed::core::__private::GenerationError,
        > {
            match *self {}
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn crate::renamed::core::__private::LookupTable> {
            match *self {}
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl<A: Parameter, const N: usize> crate::renamed::core::__private::VmExtension
for AnyAnnotated<A, N>
where
    Generic<A, N>: crate::renamed::core::__private::InstructionSpec,
{
    type Executor = AnyAnnotatedExecutor<A, N>;
    type Periphery = AnyAnnotatedPeriphery;
    #[allow(unused_mut, unused_variables)]
    fn build(
        &self,
        builder: &crate::renamed::core::__private::VmInventoryBuilder<'_>,
    ) -> crate::renamed::core::__private::InventoryResult<
        Self::Executor,
        Self::Periphery,
    > {
        let mut __inventory = crate::renamed::core::__private::VmInventory::<
            Self::Executor,
            Self::Periphery,
        >::new();
        __inventory
            .add_instruction::<
                Generic<A, N>,
            >(
                builder,
                Generic {
                    parameter: self.0.clone(),
                },
                AnyAnnotatedExecutor::Generic,
            )?;
        __inventory
            .add_instruction::<
                Rotate<N>,
            >(
                builder,
                <Rotate<
                    N,
                > as crate::renamed::core::__private::DefaultInstruction>::VALUE,
                AnyAnnotatedExecutor::Rotate,
            )?;
        __inventory
            .add_executor(
                AnyAnnotatedExecutor::Alu(
                    <AluChip as crate::renamed::core::__private::BuildChip<
                        Self,
                    >>::build(self, builder)?,
                ),
                ::core::iter::Iterator::map(
                    <AluOpcode as crate::renamed::core::__private::LocalOpcode>::ALL
                        .iter(),
                    |__opcode| crate::renamed::core::__private::LocalOpcode::global_opcode(
                        *__opcode,
                    ),
                ),
            )?;
        ::core::result::Result::Ok(__inventory)
    }
}
#[cfg(not(target_arch = "riscv32"))]
impl<A: Parameter, const N: usize> AnyAnnotated<A, N> {
    /// The annotated instructions, chip by chip, and the declared phantom instructions.
    pub fn instructions() -> ::std::vec::Vec<
        crate::renamed::core::__private::InstructionInfo,
    > {
        let mut __all = ::std::vec::Vec::new();
        __all
            .extend_from_slice(
                <Generic<
                    A,
                    N,
                > as crate::renamed::core::__private::InstructionSpec>::INSTRUCTIONS,
            );
        __all
            .extend_from_slice(
                <Rotate<
                    N,
                > as crate::renamed::core::__private::InstructionSpec>::INSTRUCTIONS,
            );
        __all
    }
}
