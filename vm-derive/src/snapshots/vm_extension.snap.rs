// #[vm_extension(
//     executors(
//         /// Sums and differences.
//         Alu: AluChip => AluOpcode,
//         Left: LeftChip => [ShiftOpcode::SLL],
//         Right: RightChip => [ShiftOpcode::SRL, ShiftOpcode::SRA],
//         Mul: MulChip => MulOpcode,
//     ),
//     lookups(Bitwise: BitwiseTable),
//     chips(Helper: HelperChip),
//     phantoms(0x20 => HintInput, 0x21 => PrintStr),
//     buses(HELPER_BUS, self.own_bus),
// )]
//
// /// Arithmetic.
// #[derive(Clone)]
// pub struct Arithmetic {
//     pub own_bus: Bus,
// }

#[cfg(not(target_arch = "riscv32"))]
/// Arithmetic.
#[derive(Clone)]
pub struct Arithmetic {
    pub own_bus: Bus,
}
#[cfg(not(target_arch = "riscv32"))]
/// Executors of [`Arithmetic`].
#[allow(clippy::large_enum_variant)]
pub enum ArithmeticExecutor {
    /// Sums and differences.
    Alu(AluChip),
    /// `LeftChip`: executes `ShiftOpcode::SLL`.
    Left(LeftChip),
    /// `RightChip`: executes `ShiftOpcode::SRL`, `ShiftOpcode::SRA`.
    Right(RightChip),
    /// `MulChip`: executes all of `MulOpcode`.
    Mul(MulChip),
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionExecutor for ArithmeticExecutor {
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::InstructionExecutor>::execute(
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::InstructionExecutor>::accepts(
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
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
    impl ::vm_sdk::__private::AnyEnum for ArithmeticExecutor {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Alu(__value) => __value as &dyn ::core::any::Any,
                Self::Left(__value) => __value as &dyn ::core::any::Any,
                Self::Right(__value) => __value as &dyn ::core::any::Any,
                Self::Mul(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Alu(__value) => __value as &mut dyn ::core::any::Any,
                Self::Left(__value) => __value as &mut dyn ::core::any::Any,
                Self::Right(__value) => __value as &mut dyn ::core::any::Any,
                Self::Mul(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for ArithmeticExecutor {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::ChipUsageGetter>::air_name(__value)
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::ChipUsageGetter>::air_name(__value)
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::ChipUsageGetter>::air_name(__value)
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
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
    impl ::vm_sdk::__private::Chip for ArithmeticExecutor {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::Chip>::air(__value)
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::Chip>::air(__value)
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::Chip>::air(__value)
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::Chip>::air(__value)
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::Chip>::can_set_aside(__value)
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::Chip>::can_set_aside(__value)
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::Chip>::can_set_aside(__value)
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::Chip>::can_set_aside(__value)
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::Chip>::set_aside(
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::Chip>::fill_set_aside(
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::core::convert::From<AluChip> for ArithmeticExecutor {
    fn from(__chip: AluChip) -> Self {
        Self::Alu(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::core::convert::From<LeftChip> for ArithmeticExecutor {
    fn from(__chip: LeftChip) -> Self {
        Self::Left(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::core::convert::From<RightChip> for ArithmeticExecutor {
    fn from(__chip: RightChip) -> Self {
        Self::Right(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::core::convert::From<MulChip> for ArithmeticExecutor {
    fn from(__chip: MulChip) -> Self {
        Self::Mul(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
/// Chips of [`Arithmetic`] that execute no instructions.
#[allow(clippy::large_enum_variant)]
pub enum ArithmeticPeriphery {
    /// `BitwiseTable`, shared between extensions.
    Bitwise(BitwiseTable),
    /// `HelperChip`.
    Helper(HelperChip),
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::AnyEnum for ArithmeticPeriphery {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Bitwise(__value) => __value as &dyn ::core::any::Any,
                Self::Helper(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Bitwise(__value) => __value as &mut dyn ::core::any::Any,
                Self::Helper(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for ArithmeticPeriphery {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
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
    impl ::vm_sdk::__private::Chip for ArithmeticPeriphery {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_sdk::__private::Chip>::air(__value)
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_sdk::__private::Chip>::air(__value)
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
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_sdk::__private::Chip>::can_set_aside(__value)
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_sdk::__private::Chip>::can_set_aside(__value)
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
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_sdk::__private::Chip>::set_aside(
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
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_sdk::__private::Chip>::fill_set_aside(
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
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::core::convert::From<BitwiseTable> for ArithmeticPeriphery {
    fn from(__chip: BitwiseTable) -> Self {
        Self::Bitwise(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::core::convert::From<HelperChip> for ArithmeticPeriphery {
    fn from(__chip: HelperChip) -> Self {
        Self::Helper(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    ::core::assert!(
        ::vm_sdk::__private::are_disjoint:: < AluOpcode, MulOpcode > (),
        "opcode classes `AluOpcode` (executor Alu) and `MulOpcode` (executor Mul) overlap: change one `#[opcode_offset]`"
    );
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::vm_sdk::__private::VmExtension for Arithmetic {
    type Executor = ArithmeticExecutor;
    type Periphery = ArithmeticPeriphery;
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
            .add_executor(
                ArithmeticExecutor::Alu(
                    <AluChip as ::vm_sdk::__private::BuildChip<
                        Self,
                    >>::build(self, builder)?,
                ),
                ::core::iter::Iterator::map(
                    <AluOpcode as ::vm_sdk::__private::LocalOpcode>::ALL.iter(),
                    |__opcode| ::vm_sdk::__private::LocalOpcode::global_opcode(*__opcode),
                ),
            )?;
        __inventory
            .add_executor(
                ArithmeticExecutor::Left(
                    <LeftChip as ::vm_sdk::__private::BuildChip<
                        Self,
                    >>::build(self, builder)?,
                ),
                [::vm_sdk::__private::LocalOpcode::global_opcode(ShiftOpcode::SLL)],
            )?;
        __inventory
            .add_executor(
                ArithmeticExecutor::Right(
                    <RightChip as ::vm_sdk::__private::BuildChip<
                        Self,
                    >>::build(self, builder)?,
                ),
                [
                    ::vm_sdk::__private::LocalOpcode::global_opcode(ShiftOpcode::SRL),
                    ::vm_sdk::__private::LocalOpcode::global_opcode(ShiftOpcode::SRA),
                ],
            )?;
        __inventory
            .add_executor(
                ArithmeticExecutor::Mul(
                    <MulChip as ::vm_sdk::__private::BuildChip<
                        Self,
                    >>::build(self, builder)?,
                ),
                ::core::iter::Iterator::map(
                    <MulOpcode as ::vm_sdk::__private::LocalOpcode>::ALL.iter(),
                    |__opcode| ::vm_sdk::__private::LocalOpcode::global_opcode(*__opcode),
                ),
            )?;
        if builder.find_chip::<BitwiseTable>().is_empty() {
            __inventory
                .add_periphery_chip(
                    ArithmeticPeriphery::Bitwise(
                        <BitwiseTable as ::vm_sdk::__private::BuildChip<
                            Self,
                        >>::build(self, builder)?,
                    ),
                );
        }
        __inventory
            .add_periphery_chip(
                ArithmeticPeriphery::Helper(
                    <HelperChip as ::vm_sdk::__private::BuildChip<
                        Self,
                    >>::build(self, builder)?,
                ),
            );
        __inventory.add_phantom_sub_executor(0x20, HintInput)?;
        __inventory.add_phantom_sub_executor(0x21, PrintStr)?;
        __inventory.add_bus(HELPER_BUS);
        __inventory.add_bus(self.own_bus);
        ::core::result::Result::Ok(__inventory)
    }
}
