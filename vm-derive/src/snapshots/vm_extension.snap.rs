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

/// Arithmetic.
#[derive(Clone)]
pub struct Arithmetic {
    pub own_bus: Bus,
}
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
#[automatically_derived]
impl ::core::convert::From<AluChip> for ArithmeticExecutor {
    fn from(__chip: AluChip) -> Self {
        Self::Alu(__chip)
    }
}
#[automatically_derived]
impl ::core::convert::From<LeftChip> for ArithmeticExecutor {
    fn from(__chip: LeftChip) -> Self {
        Self::Left(__chip)
    }
}
#[automatically_derived]
impl ::core::convert::From<RightChip> for ArithmeticExecutor {
    fn from(__chip: RightChip) -> Self {
        Self::Right(__chip)
    }
}
#[automatically_derived]
impl ::core::convert::From<MulChip> for ArithmeticExecutor {
    fn from(__chip: MulChip) -> Self {
        Self::Mul(__chip)
    }
}
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::InstructionExecutor for ArithmeticExecutor {
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_core::arch::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_core::arch::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_core::arch::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_core::arch::InstructionExecutor>::execute(
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_core::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_core::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_core::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_core::arch::InstructionExecutor>::accepts(
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_core::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_core::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_core::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_core::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::AnyEnum for ArithmeticExecutor {
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
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::ChipUsageGetter for ArithmeticExecutor {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Alu(__value) => {
                    <AluChip as ::vm_core::arch::ChipUsageGetter>::air_name(__value)
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_core::arch::ChipUsageGetter>::air_name(__value)
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_core::arch::ChipUsageGetter>::air_name(__value)
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_core::arch::ChipUsageGetter>::air_name(__value)
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Alu(__value) => {
                    <AluChip as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Alu(__value) => {
                    <AluChip as ::vm_core::arch::ChipUsageGetter>::trace_width(__value)
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_core::arch::ChipUsageGetter>::trace_width(__value)
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_core::arch::ChipUsageGetter>::trace_width(__value)
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_core::arch::ChipUsageGetter>::trace_width(__value)
                }
            }
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match self {
                Self::Alu(__value) => {
                    <AluChip as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::Chip for ArithmeticExecutor {
        fn air(&self) -> ::vm_core::stark::AirRef {
            match self {
                Self::Alu(__value) => <AluChip as ::vm_core::arch::Chip>::air(__value),
                Self::Left(__value) => <LeftChip as ::vm_core::arch::Chip>::air(__value),
                Self::Right(__value) => {
                    <RightChip as ::vm_core::arch::Chip>::air(__value)
                }
                Self::Mul(__value) => <MulChip as ::vm_core::arch::Chip>::air(__value),
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
                Self::Alu(__value) => {
                    <AluChip as ::vm_core::arch::Chip>::generate_traces(__value, __ctx)
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_core::arch::Chip>::generate_traces(__value, __ctx)
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_core::arch::Chip>::generate_traces(__value, __ctx)
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_core::arch::Chip>::generate_traces(__value, __ctx)
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_core::arch::LookupTable> {
            match self {
                Self::Alu(__value) => {
                    <AluChip as ::vm_core::arch::Chip>::as_lookup_table(__value)
                }
                Self::Left(__value) => {
                    <LeftChip as ::vm_core::arch::Chip>::as_lookup_table(__value)
                }
                Self::Right(__value) => {
                    <RightChip as ::vm_core::arch::Chip>::as_lookup_table(__value)
                }
                Self::Mul(__value) => {
                    <MulChip as ::vm_core::arch::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
/// Chips of [`Arithmetic`] that execute no instructions.
#[allow(clippy::large_enum_variant)]
pub enum ArithmeticPeriphery {
    /// `BitwiseTable`, shared between extensions.
    Bitwise(BitwiseTable),
    /// `HelperChip`.
    Helper(HelperChip),
}
#[automatically_derived]
impl ::core::convert::From<BitwiseTable> for ArithmeticPeriphery {
    fn from(__chip: BitwiseTable) -> Self {
        Self::Bitwise(__chip)
    }
}
#[automatically_derived]
impl ::core::convert::From<HelperChip> for ArithmeticPeriphery {
    fn from(__chip: HelperChip) -> Self {
        Self::Helper(__chip)
    }
}
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::AnyEnum for ArithmeticPeriphery {
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
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::ChipUsageGetter for ArithmeticPeriphery {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_core::arch::ChipUsageGetter>::air_name(__value)
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_core::arch::ChipUsageGetter>::air_name(__value)
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_core::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_core::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::Chip for ArithmeticPeriphery {
        fn air(&self) -> ::vm_core::stark::AirRef {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_core::arch::Chip>::air(__value)
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_core::arch::Chip>::air(__value)
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
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_core::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_core::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_core::arch::LookupTable> {
            match self {
                Self::Bitwise(__value) => {
                    <BitwiseTable as ::vm_core::arch::Chip>::as_lookup_table(__value)
                }
                Self::Helper(__value) => {
                    <HelperChip as ::vm_core::arch::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
const _: () = {
    const fn __end<C: ::vm_core::instructions::LocalOpcode>() -> ::core::primitive::usize {
        C::CLASS_OFFSET as ::core::primitive::usize + C::ALL.len()
    }
    const fn __disjoint<A, B>() -> ::core::primitive::bool
    where
        A: ::vm_core::instructions::LocalOpcode,
        B: ::vm_core::instructions::LocalOpcode,
    {
        __end::<A>() <= B::CLASS_OFFSET as ::core::primitive::usize
            || __end::<B>() <= A::CLASS_OFFSET as ::core::primitive::usize
    }
    ::core::assert!(
        __disjoint:: < AluOpcode, MulOpcode > (),
        "opcode classes `AluOpcode` (executor Alu) and `MulOpcode` (executor Mul) overlap: change one `#[opcode_offset]`"
    );
};
#[automatically_derived]
impl ::vm_core::arch::VmExtension for Arithmetic {
    type Executor = ArithmeticExecutor;
    type Periphery = ArithmeticPeriphery;
    #[allow(unused_mut, unused_variables)]
    fn build(
        &self,
        builder: &::vm_core::arch::VmInventoryBuilder<'_>,
    ) -> ::core::result::Result<
        ::vm_core::arch::VmInventory<Self::Executor, Self::Periphery>,
        ::vm_core::arch::VmInventoryError,
    > {
        let mut __inventory = ::vm_core::arch::VmInventory::<
            Self::Executor,
            Self::Periphery,
        >::new();
        __inventory
            .add_executor(
                ArithmeticExecutor::Alu(
                    <AluChip as ::vm_core::arch::BuildChip<Self>>::build(self, builder)?,
                ),
                ::core::iter::Iterator::map(
                    <AluOpcode as ::vm_core::instructions::LocalOpcode>::ALL.iter(),
                    |__opcode| ::vm_core::instructions::LocalOpcode::global_opcode(
                        *__opcode,
                    ),
                ),
            )?;
        __inventory
            .add_executor(
                ArithmeticExecutor::Left(
                    <LeftChip as ::vm_core::arch::BuildChip<Self>>::build(self, builder)?,
                ),
                [::vm_core::instructions::LocalOpcode::global_opcode(ShiftOpcode::SLL)],
            )?;
        __inventory
            .add_executor(
                ArithmeticExecutor::Right(
                    <RightChip as ::vm_core::arch::BuildChip<
                        Self,
                    >>::build(self, builder)?,
                ),
                [
                    ::vm_core::instructions::LocalOpcode::global_opcode(
                        ShiftOpcode::SRL,
                    ),
                    ::vm_core::instructions::LocalOpcode::global_opcode(ShiftOpcode::SRA),
                ],
            )?;
        __inventory
            .add_executor(
                ArithmeticExecutor::Mul(
                    <MulChip as ::vm_core::arch::BuildChip<Self>>::build(self, builder)?,
                ),
                ::core::iter::Iterator::map(
                    <MulOpcode as ::vm_core::instructions::LocalOpcode>::ALL.iter(),
                    |__opcode| ::vm_core::instructions::LocalOpcode::global_opcode(
                        *__opcode,
                    ),
                ),
            )?;
        if builder.find_chip::<BitwiseTable>().is_empty() {
            __inventory
                .add_periphery_chip(
                    ArithmeticPeriphery::Bitwise(
                        <BitwiseTable as ::vm_core::arch::BuildChip<
                            Self,
                        >>::build(self, builder)?,
                    ),
                );
        }
        __inventory
            .add_periphery_chip(
                ArithmeticPeriphery::Helper(
                    <HelperChip as ::vm_core::arch::BuildChip<
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
