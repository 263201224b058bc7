// #[vm_extension(
//     instructions(
//         Sum,
//         /// Tests of equality, also of a register with itself.
//         Equal with SameRegister,
//         Scaled = Scaled { by: self.by },
//     ),
// )]
//
// #[derive(Clone, Default)]
// pub struct Annotated {
//     pub by: u32,
// }

#[cfg(not(target_arch = "riscv32"))]
#[derive(Clone, Default)]
pub struct Annotated {
    pub by: u32,
}
#[cfg(not(target_arch = "riscv32"))]
/// Executors of [`Annotated`].
#[allow(clippy::large_enum_variant)]
pub enum AnnotatedExecutor {
    /// `Sum`.
    Sum(<Sum as ::vm_sdk::__private::InstructionSpec>::Chip),
    /// Tests of equality, also of a register with itself.
    Equal(<Equal as ::vm_sdk::__private::InstructionSpec>::Chip),
    /// Special cases of `Equal`, with `SameRegister`.
    EqualSameRegister(::vm_sdk::__private::CoreChip<Equal, SameRegister>),
    /// `Scaled`.
    Scaled(<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip),
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionExecutor for AnnotatedExecutor {
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
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::execute(
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
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::accepts(
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
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
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
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
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
    impl ::vm_sdk::__private::AnyEnum for AnnotatedExecutor {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Sum(__value) => __value as &dyn ::core::any::Any,
                Self::Equal(__value) => __value as &dyn ::core::any::Any,
                Self::EqualSameRegister(__value) => __value as &dyn ::core::any::Any,
                Self::Scaled(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Sum(__value) => __value as &mut dyn ::core::any::Any,
                Self::Equal(__value) => __value as &mut dyn ::core::any::Any,
                Self::EqualSameRegister(__value) => __value as &mut dyn ::core::any::Any,
                Self::Scaled(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for AnnotatedExecutor {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::ChipUsageGetter>::air_name(__value)
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::ChipUsageGetter>::trace_width(__value)
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
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
    impl ::vm_sdk::__private::Chip for AnnotatedExecutor {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::air(
                        __value,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::air(
                        __value,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::air(__value)
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::air(
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
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::generate_traces(__value, __ctx)
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::can_set_aside(__value)
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::can_set_aside(
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
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::set_aside(__value, __is_fused)
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::set_aside(
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
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::fill_set_aside(
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
                Self::Sum(__value) => {
                    <<Sum as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::Equal(__value) => {
                    <<Equal as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::EqualSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Equal,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
/// Chips of [`Annotated`] that execute no instructions.
#[allow(clippy::large_enum_variant)]
pub enum AnnotatedPeriphery {}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::AnyEnum for AnnotatedPeriphery {
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
    impl ::vm_sdk::__private::ChipUsageGetter for AnnotatedPeriphery {
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
    impl ::vm_sdk::__private::Chip for AnnotatedPeriphery {
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
impl ::vm_sdk::__private::VmExtension for Annotated {
    type Executor = AnnotatedExecutor;
    type Periphery = AnnotatedPeriphery;
    #[allow(unused_mut, unused_variables)]
    fn build(
        &self,
        builder: &::vm_sdk::__private::VmInventoryBuilder<'_>,
    ) -> ::vm_sdk::__private::InventoryResult<Self::Executor, Self::Periphery> {
        let mut __inventory = ::vm_sdk::__private::VmInventory::<
            Self::Executor,
            Self::Periphery,
        >::new();
        __inventory
            .add_instruction::<
                Sum,
            >(
                builder,
                <Sum as ::vm_sdk::__private::DefaultInstruction>::VALUE,
                AnnotatedExecutor::Sum,
            )?;
        {
            let __instruction: Equal = <Equal as ::vm_sdk::__private::DefaultInstruction>::VALUE;
            let __first = __inventory
                .add_instruction::<
                    Equal,
                >(
                    builder,
                    ::core::clone::Clone::clone(&__instruction),
                    AnnotatedExecutor::Equal,
                )?;
            __inventory
                .add_specialised_instruction::<
                    Equal,
                    SameRegister,
                >(
                    builder,
                    __first,
                    __instruction,
                    AnnotatedExecutor::EqualSameRegister,
                )?;
        }
        __inventory
            .add_instruction::<
                Scaled,
            >(builder, Scaled { by: self.by }, AnnotatedExecutor::Scaled)?;
        ::core::result::Result::Ok(__inventory)
    }
}
#[cfg(not(target_arch = "riscv32"))]
impl Annotated {
    /// The annotated instructions, chip by chip, and the declared phantom instructions.
    pub fn instructions() -> ::std::vec::Vec<::vm_sdk::__private::InstructionInfo> {
        let mut __all = ::std::vec::Vec::new();
        __all
            .extend_from_slice(
                <Sum as ::vm_sdk::__private::InstructionSpec>::INSTRUCTIONS,
            );
        __all
            .extend_from_slice(
                <Equal as ::vm_sdk::__private::InstructionSpec>::INSTRUCTIONS,
            );
        __all
            .extend_from_slice(
                <Scaled as ::vm_sdk::__private::InstructionSpec>::INSTRUCTIONS,
            );
        __all
    }
}
#[cfg(not(target_arch = "riscv32"))]
#[cfg(test)]
#[::core::prelude::v1::test]
fn annotated_sum_is_sound() {
    ::vm_sdk::__private::check_instruction::<
        _,
        Sum,
    >(&<Annotated as ::core::default::Default>::default());
}
#[cfg(not(target_arch = "riscv32"))]
#[cfg(test)]
#[::core::prelude::v1::test]
fn annotated_equal_is_sound() {
    ::vm_sdk::__private::check_instruction::<
        _,
        Equal,
    >(&<Annotated as ::core::default::Default>::default());
}
#[cfg(not(target_arch = "riscv32"))]
#[cfg(test)]
#[::core::prelude::v1::test]
fn annotated_equal_same_register_is_sound() {
    ::vm_sdk::__private::check_specialised::<
        _,
        Equal,
        SameRegister,
    >(&<Annotated as ::core::default::Default>::default());
}
#[cfg(not(target_arch = "riscv32"))]
#[cfg(test)]
#[::core::prelude::v1::test]
fn annotated_scaled_is_sound() {
    ::vm_sdk::__private::check_instruction::<
        _,
        Scaled,
    >(&<Annotated as ::core::default::Default>::default());
}
