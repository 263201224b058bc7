// #[vm_extension(instructions(Scaled with SameRegister = Scaled { by: self.0 }), tests = Scaling(5))]
//
// #[derive(Clone)]
// pub struct Scaling(pub u32);

#[cfg(not(target_arch = "riscv32"))]
#[derive(Clone)]
pub struct Scaling(pub u32);
#[cfg(not(target_arch = "riscv32"))]
/// Executors of [`Scaling`].
#[allow(clippy::large_enum_variant)]
pub enum ScalingExecutor {
    /// `Scaled`.
    Scaled(<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip),
    /// Special cases of `Scaled`, with `SameRegister`.
    ScaledSameRegister(::vm_sdk::__private::CoreChip<Scaled, SameRegister>),
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionExecutor for ScalingExecutor {
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
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::InstructionExecutor>::execute(
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
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::InstructionExecutor>::accepts(
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
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
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
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
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
    impl ::vm_sdk::__private::AnyEnum for ScalingExecutor {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Scaled(__value) => __value as &dyn ::core::any::Any,
                Self::ScaledSameRegister(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Scaled(__value) => __value as &mut dyn ::core::any::Any,
                Self::ScaledSameRegister(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for ScalingExecutor {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::ChipUsageGetter>::air_name(__value)
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::ChipUsageGetter>::trace_width(__value)
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::Chip for ScalingExecutor {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::air(
                        __value,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::air(__value)
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
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::generate_traces(__value, __ctx)
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::can_set_aside(__value)
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
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::set_aside(__value, __is_fused)
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
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::fill_set_aside(
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
                Self::Scaled(__value) => {
                    <<Scaled as ::vm_sdk::__private::InstructionSpec>::Chip as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::ScaledSameRegister(__value) => {
                    <::vm_sdk::__private::CoreChip<
                        Scaled,
                        SameRegister,
                    > as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
/// Chips of [`Scaling`] that execute no instructions.
#[allow(clippy::large_enum_variant)]
pub enum ScalingPeriphery {}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::AnyEnum for ScalingPeriphery {
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
    impl ::vm_sdk::__private::ChipUsageGetter for ScalingPeriphery {
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
    impl ::vm_sdk::__private::Chip for ScalingPeriphery {
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
impl ::vm_sdk::__private::VmExtension for Scaling {
    type Executor = ScalingExecutor;
    type Periphery = ScalingPeriphery;
    #[allow(unused_mut, unused_variables)]
    fn build(
        &self,
        builder: &::vm_sdk::__private::VmInventoryBuilder<'_>,
    ) -> ::vm_sdk::__private::InventoryResult<Self::Executor, Self::Periphery> {
        let mut __inventory = ::vm_sdk::__private::VmInventory::<
            Self::Executor,
            Self::Periphery,
        >::new();
        {
            let __instruction: Scaled = Scaled { by: self.0 };
            let __first = __inventory
                .add_instruction::<
                    Scaled,
                >(
                    builder,
                    ::core::clone::Clone::clone(&__instruction),
                    ScalingExecutor::Scaled,
                )?;
            __inventory
                .add_specialised_instruction::<
                    Scaled,
                    SameRegister,
                >(builder, __first, __instruction, ScalingExecutor::ScaledSameRegister)?;
        }
        ::core::result::Result::Ok(__inventory)
    }
}
#[cfg(not(target_arch = "riscv32"))]
impl Scaling {
    /// The annotated instructions, chip by chip, and the declared phantom instructions.
    pub fn instructions() -> ::std::vec::Vec<::vm_sdk::__private::InstructionInfo> {
        let mut __all = ::std::vec::Vec::new();
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
fn scaling_scaled_is_sound() {
    ::vm_sdk::__private::check_instruction::<_, Scaled>(&Scaling(5));
}
#[cfg(not(target_arch = "riscv32"))]
#[cfg(test)]
#[::core::prelude::v1::test]
fn scaling_scaled_same_register_is_sound() {
    ::vm_sdk::__private::check_specialised::<_, Scaled, SameRegister>(&Scaling(5));
}
