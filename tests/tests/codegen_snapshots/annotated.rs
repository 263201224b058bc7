//! Snapshots of `#[columns]`, `#[instruction]`, `#[adapter]` and extensions of annotated instructions.

use vm_core::arch::authoring::{
    Bits, Bytes, ColumnRoles, Core, CoreBuilder, CoreSpec, InstructionSpec, Io, Roles, Sample, SampleOperands, Samples,
    Span, Value, Word,
};
use vm_core::arch::{Chip, SystemPort, VmExtension, VmInventoryBuilder};
use vm_core::instructions::LocalOpcode;
use vm_core::machine::testing::TestAdapter;
use vm_core::primitives::names_of;
use vm_core::stark::F;
use vm_derive::{columns, instruction};
use vm_sdk::prelude::AirBuilder;

use super::{names, opcodes_by_executor};

mod every_role {
    use super::*;

    include!("../../../vm-derive/src/snapshots/columns_roles.snap.rs");
    include!("../../../vm-derive/src/snapshots/columns_plain.snap.rs");

    /// The instructions that the columns distinguish.
    #[instruction(adapter = TestAdapter, columns = RoleCols)]
    pub enum Roles {
        First,
        Second,
        Third,
        Fourth,
    }

    #[instruction]
    impl Core for Roles {
        fn execute(&self, reads: [u32; 2]) -> u32 {
            reads[0]
        }
    }

    #[test]
    fn roles_are_spans_of_the_columns() {
        const fn value(index: usize, offset: usize, columns: usize, proven: bool) -> Value {
            Value { index, span: Span::new(offset, columns), proven }
        }
        const EXPECTED: super::Roles = super::Roles {
            reads: &[value(0, 0, 2, false), value(1, 2, 32, true)],
            writes: &[value(0, 34, 4, false)],
            valid: Some(38),
            opcodes: &[(39, 0), (40, 1)],
            opcode_bits: &[(41, 2)],
            booleans: &[Span::new(42, 2)],
            one_hot: &[Span::new(44, 4)],
            ranges: &[(Span::new(48, 3), 12)],
            free: &[(Span::new(51, 1), "nothing depends on it")],
            ..super::Roles::NONE
        };
        assert_eq!(<RoleCols<u8> as ColumnRoles>::ROLES, EXPECTED);
        assert_eq!(<PlainCols<u8> as ColumnRoles>::ROLES, super::Roles::NONE);
        assert_eq!(names_of::<RoleCols<u8>>()[38..44], ["is_real", "first", "second", "type", "flags[0]", "flags[1]"]);
    }

    #[test]
    fn columns_are_plain_data() {
        let columns = PlainCols { x: 1u8 };
        let copy = columns;
        assert_eq!(copy, columns.clone());
        assert_eq!(format!("{columns:?}"), "PlainCols { x: 1 }");
    }

    #[test]
    fn flags_of_the_author_replace_those_of_the_framework() {
        let chip = Roles::First.into_chip(SystemPort::default(), 0x900);
        let names = Chip::air(&chip).column_names();
        assert!(names.contains(&"core.is_real".to_owned()) && names.contains(&"core.plain[1][1]".to_owned()));
        assert!(!names.contains(&"core.is_first".to_owned()));
        assert_eq!(Roles::free_columns(), [("core.inverse".to_owned(), "nothing depends on it")]);
    }
}

mod adapters {
    use vm_core::arch::AirPart;
    use vm_core::arch::authoring::{CoreAdapter, DecodeOperands};
    use vm_rv32im::adapters::{Rv32B, Rv32R, formats};

    use super::*;

    const WORDS: usize = 3;

    include!("../../../vm-derive/src/snapshots/adapter_registers.snap.rs");
    include!("../../../vm-derive/src/snapshots/adapter_mixed.snap.rs");
    include!("../../../vm-derive/src/snapshots/adapter_generic.snap.rs");
    include!("../../../vm-derive/src/snapshots/adapter_no_result.snap.rs");

    fn columns<A: CoreAdapter + AirPart>() -> Vec<String> {
        A::new(SystemPort::default()).column_names()
    }

    #[test]
    fn columns_are_named_after_registers() {
        let names = ["from_state.pc", "from_state.timestamp", "rs1", "reads_prev_timestamp[0]"];
        assert_eq!(columns::<ReadOnly>(), names.map(|name| format!("adapter.{name}")));
        assert_eq!(columns::<Binary>()[2..5], ["adapter.rd", "adapter.rs1", "adapter.rs2"]);
        assert_eq!(
            columns::<Mixed>()[4..8],
            ["rs1_pointer[0]", "rs1_pointer[1]", "rd_pointer[0]", "rd_pointer[1]"]
                .map(|name| format!("adapter.{name}"))
        );
        assert!(columns::<Mixed>().contains(&"adapter.rs1_last_prev_timestamp".to_owned()));
        assert_eq!((columns::<Blocks<1, 4>>().len(), columns::<Blocks<2, 4>>().len()), (8, 12));
    }

    #[test]
    fn wide_accesses_are_those_of_the_blocks() {
        assert_eq!((Mixed::ACCESS_WIDTHS, Blocks::<2, 48>::ACCESS_WIDTHS), (&[2, 4][..], &[32, 16][..]));
        assert!(Binary::ACCESS_WIDTHS.is_empty() && ReadOnly::ACCESS_WIDTHS.is_empty());
    }
}

mod instructions {
    use vm_core::instructions::VmOpcode;
    use vm_sdk::prelude::{Field, PrimeCharacteristicRing};

    use super::super::macro_support::SameRegister;
    use super::*;

    include!("../../../vm-derive/src/snapshots/instruction_struct.snap.rs");
    include!("../../../vm-derive/src/snapshots/instruction_impl.snap.rs");
    include!("../../../vm-derive/src/snapshots/instruction_enum.snap.rs");
    // The generated tests of these extensions prove and mutate the instructions of this module.
    include!("../../../vm-derive/src/snapshots/vm_extension_instructions.snap.rs");
    include!("../../../vm-derive/src/snapshots/vm_extension_tests.snap.rs");

    #[columns]
    pub struct EqualCols<T> {
        #[read(0)]
        x: Word<T>,
        #[read(1)]
        c: Word<T>,
        #[write(0, proven)]
        y: Word<T>,
        #[bool]
        equal: T,
        #[free("witnesses only that a difference is not zero, in the prover's choice")]
        inverse: [T; 2],
    }

    #[columns]
    pub struct SumCols<T> {
        #[read(0)]
        x: Word<T>,
        #[read(1)]
        c: Word<T>,
        #[write(0)]
        y: Word<T>,
    }

    #[instruction]
    impl Core for Sum {
        fn execute(&self, [x, c]: [u32; 2]) -> u32 {
            match self {
                Self::Add => x.wrapping_add(c),
                Self::Sub => x.wrapping_sub(c),
                Self::Reverse => c.wrapping_sub(x),
            }
        }

        fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SumCols<B::Var>) {
            let sums = [
                (Self::Add, [cols.x, cols.c], cols.y),
                (Self::Sub, [cols.y, cols.c], cols.x),
                (Self::Reverse, [cols.y, cols.x], cols.c),
            ];
            for (instruction, terms, sum) in sums {
                let flag = b.flag(instruction as usize);
                let mut carry = B::Expr::ZERO;
                for i in 0..2 {
                    carry = (carry + terms[0][i] + terms[1][i] - sum[i]) * F::from_u32(1 << 16).inverse();
                    b.when(flag.clone()).assert_bool(carry.clone());
                }
            }
        }
    }

    /// Writes a constant.
    #[instruction(adapter = TestAdapter, columns = ScaledCols)]
    pub struct Scaled {
        by: u32,
    }

    #[columns]
    pub struct ScaledCols<T> {
        #[read(0)]
        x: Word<T>,
        #[read(1)]
        c: Word<T>,
        #[write(0, proven)]
        y: Word<T>,
    }

    #[instruction]
    impl Core for Scaled {
        fn execute(&self, _: [u32; 2]) -> u32 {
            self.by
        }

        fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &ScaledCols<B::Var>) {
            for (i, cell) in [self.by & 0xFFFF, self.by >> 16].into_iter().enumerate() {
                b.when_valid().assert_eq(cols.y[i], B::Expr::from_u32(cell));
            }
        }
    }

    impl SampleOperands for SameRegister {
        fn sample(samples: &mut Samples) -> Sample {
            let mut sample = TestAdapter::sample(samples);
            sample.operands[2] = sample.operands[1];
            sample
        }
    }

    #[test]
    fn guest_functions_compute_on_the_host_what_the_instruction_does() {
        assert_eq!((equal(3, 3), equal(3, 4)), (1, 0));
        assert_eq!((add(u32::MAX, 2), sub(1, -1)), (1, 2));
    }

    #[test]
    fn a_declaration_is_described() {
        assert_eq!((Equal::NAME, Sum::NAME, Scaled::NAME), ("Equality", "Sum", "Scaled"));
        let described: Vec<_> =
            Annotated::instructions().iter().map(|info| (info.name, info.summary, info.guest)).collect();
        let expected = [
            ("Add", "Adds.", Some("fn add(x: u32, y: u32) -> u32")),
            ("Sub", "Subtracts.", Some("fn sub(minuend: u32, subtrahend: i32) -> u32")),
            ("Reverse", "", None),
            ("equal", "Whether `x` and `y` are equal.", Some("fn equal(x: u32, y: u32) -> u32")),
            ("scaled", "Writes a constant.", None),
        ];
        assert_eq!(described, expected);
        let words: Vec<_> =
            Sum::INSTRUCTIONS.iter().map(|info| info.encoding.map(|words| (words.mask, words.value))).collect();
        assert_eq!(words, [Some((0xFE00_707F, 0x33)), Some((0xFE00_707F, 0x4000_0033)), None]);
    }

    #[test]
    fn a_pinned_opcode_makes_an_opcode_class() {
        assert_eq!((Sum::OPCODE, Equal::OPCODE), (Some(0x400), None));
        assert_eq!(Sum::Reverse.global_opcode(), VmOpcode::from_u32(0x402));
        assert_eq!(Sum::from_opcode(VmOpcode::from_u32(0x401)).map(LocalOpcode::name), Some("Sub"));
    }

    #[test]
    fn an_extension_registers_its_instructions() {
        let extension = Annotated { by: 7 };
        let inventory = extension.build(&VmInventoryBuilder::new(SystemPort::default(), Vec::new())).unwrap();
        assert_eq!(names(inventory.executors()), ["Sum", "Equality", "EqualitySame", "Scaled"]);
        let opcodes = opcodes_by_executor(&inventory);
        assert_eq!(opcodes[0].1, [0x400, 0x401, 0x402]);
        // The specialised chip shares the opcode of the general one.
        assert_eq!(opcodes.iter().map(|(_, opcodes)| opcodes.len()).collect::<Vec<_>>(), [3, 1, 0, 1]);
        assert!(matches!(&inventory.executors()[2], AnnotatedExecutor::EqualSameRegister(_)));
    }

    #[test]
    fn columns_of_flags_come_first() {
        let air = Chip::air(&Sum::Add.into_chip(SystemPort::default(), 0x400));
        let core: Vec<String> = air.column_names().into_iter().filter(|name| name.starts_with("core.")).collect();
        assert_eq!(core[..4], ["core.is_add", "core.is_sub", "core.is_reverse", "core.x[0]"]);
    }
}

mod guest_functions {
    use super::*;

    include!("../../../vm-derive/src/snapshots/instruction_immediate.snap.rs");
    include!("../../../vm-derive/src/snapshots/instruction_pointer.snap.rs");

    #[columns]
    pub struct ImmediateCols<T> {
        #[read(0)]
        x: Word<T>,
        #[read(1)]
        c: Word<T>,
        #[write(0)]
        y: Word<T>,
    }

    #[columns]
    pub struct PointerCols<T> {
        #[read(0)]
        a: Word<T>,
        #[read(1)]
        b: Word<T>,
    }

    /// Functions that stand in on the host.
    mod host {
        pub(super) fn mix<const AMOUNT: i32>(x: u32) -> u32 {
            x.rotate_left(AMOUNT as u32)
        }

        pub(super) fn masked(x: u32) -> u32 {
            x & 1
        }

        /// Swaps two words.
        ///
        /// # Safety
        ///
        /// Both pointers must point to words.
        #[allow(unsafe_code)]
        pub(super) unsafe fn swap(a: *mut u32, b: *mut u32) {
            unsafe { std::ptr::swap(a, b) }
        }
    }

    #[instruction]
    impl Core for AddConstant {
        fn execute(&self, [x, immediate]: [u32; 2]) -> u32 {
            x.wrapping_add(immediate)
        }
    }

    #[instruction]
    impl Core for Mix {
        fn execute(&self, [x, _]: [u32; 2]) -> u32 {
            x
        }
    }

    #[instruction]
    impl Core for Masked {
        fn execute(&self, [x, _]: [u32; 2]) -> u32 {
            x
        }
    }

    #[instruction]
    impl Core for Swap {
        fn execute(&self, [a, _]: [u32; 2]) -> u32 {
            a
        }

        fn write<B: CoreBuilder>(&self, cols: &PointerCols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
            cols.a.map(Into::into)
        }
    }

    #[test]
    fn immediates_are_signed() {
        assert_eq!((add_constant::<{ -1 }>(7), add_constant::<2047>(1)), (6, 2048));
        assert_eq!(mix::<4>(0x8000_0001), 0x18);
        assert_eq!(masked(3), 1);
        let mask = Masked::INSTRUCTIONS[0].encoding.map(|words| (words.mask, words.value));
        assert_eq!(mask, Some((0xFFF0_707F, 0xE020_1013)));
    }

    #[test]
    fn functions_with_pointers_call_what_the_author_names() {
        let (mut a, mut b) = (1, 2);
        // SAFETY: both pointers point to words.
        #[allow(unsafe_code)]
        unsafe {
            swap(&mut a, &mut b)
        };
        assert_eq!((a, b), (2, 1));
        assert_eq!(Swap::COMPUTED_WRITES, [0]);
    }
}

mod multi_row {
    use vm_core::arch::authoring::{MultiRowAir, MultiRowCore, RowContext};
    use vm_core::arch::{AirPart, ChipUsageGetter, ExecutionMode, ExecutionResult, ExecutionState};
    use vm_core::instructions::Instruction;
    use vm_core::stark::VmAirBuilder;
    use vm_core::system::memory::MemoryController;

    use super::*;

    include!("../../../vm-derive/src/snapshots/instruction_multi_row.snap.rs");

    impl AirPart for Fold {
        fn width(&self) -> usize {
            5
        }
        fn column_names(&self) -> Vec<String> {
            (0..5).map(|column| format!("column{column}")).collect()
        }
    }

    #[instruction]
    impl MultiRowCore for Fold {
        type Record = usize;

        fn execute<M: ExecutionMode>(
            &self,
            _: &mut MemoryController<M>,
            instruction: &Instruction,
            from: ExecutionState<u32>,
        ) -> ExecutionResult<(u32, usize)> {
            Ok((from.pc + 4, instruction.c as usize))
        }

        fn rows(&self, record: &usize) -> usize {
            *record
        }

        fn generate_rows(&self, _: &mut [F], _: &Instruction, _: ExecutionState<u32>, _: &usize) {}
    }

    #[instruction]
    impl<AB: VmAirBuilder> MultiRowAir<AB> for Fold {
        fn eval(&self, _: &mut AB, _: &RowContext, _: &[AB::Var], _: &[AB::Var]) {}
    }

    #[test]
    fn a_multi_row_instruction_has_a_chip_and_an_opcode() {
        let chip = Fold.into_chip(SystemPort::default(), 0x7FF);
        assert_eq!((chip.air_name(), chip.trace_width()), ("Fold".to_owned(), 5));
        assert_eq!((Fold::OPCODE, Fold.global_opcode().as_u32()), (Some(0x7FF), 0x7FF));
        let guest = Fold::INSTRUCTIONS[0].guest;
        assert_eq!(guest, Some("unsafe fn fold(state: *mut u8, input: *const u8, len: usize)"));
    }
}

mod rows {
    use vm_core::arch::authoring::{Access, Carried, RegisterRole, Row, RowBuilder, RowCore, RowSpec, When};
    use vm_core::arch::{ChipUsageGetter, InstructionExecutor, NUM_REGISTERS};
    use vm_core::instructions::{Instruction, VmOpcode};
    use vm_core::stark::Instances;

    use super::*;

    include!("../../../vm-derive/src/snapshots/columns_rows.snap.rs");
    include!("../../../vm-derive/src/snapshots/instruction_rows.snap.rs");

    #[instruction]
    impl RowCore for Scan {
        type State = u32;
        const READS: &'static [Access] = &[Access::at(1)];
        const WRITES: &'static [Access] = &[Access::register(0).when(When::Last), Access::at(1).plus(4)];

        fn execute(&self, _: &Row, sum: &mut u32, reads: &[u32], writes: &mut [u32]) {
            *sum = sum.wrapping_add(reads[0]);
            writes.fill(*sum);
        }

        fn write<B: RowBuilder>(&self, cols: &ScanCols<B::Var>, _: usize) -> [B::Expr; 2] {
            cols.sum.map(Into::into)
        }
    }

    #[test]
    fn numbers_and_carried_columns_are_spans_of_the_columns() {
        let number =
            |index, bits, step, counts| RegisterRole { index, span: Span::new(2 * index, 2), bits, step, counts };
        let roles = <ScanCols<u8> as ColumnRoles>::ROLES;
        assert_eq!(roles.registers, [number(0, 32, 0, false), number(1, 29, -4, false), number(2, 27, 0, true)]);
        let carried = [
            Carried { to: Span::new(10, 2), from: Span::new(8, 2) },
            Carried { to: Span::new(12, 1), from: Span::new(12, 1) },
        ];
        assert_eq!((roles.carried, Scan::COMPUTED_WRITES), (&carried[..], &[1][..]));
    }

    #[test]
    fn the_chip_has_columns_for_the_rows_and_for_all_accesses() {
        let chip = Scan.into_chip(SystemPort::default(), 0x700);
        // The frame, the flag of active rows, operands, registers, a read and two writes.
        assert_eq!((chip.air_name(), chip.trace_width()), ("Sums".to_owned(), 5 + 1 + 3 + 3 + 1 + 6 + 13));
        let air = chip.air();
        assert_eq!((air.instances(), air.selectors()), (Instances::Closed, vec![2, 3, 4, 5]));
        let names = air.column_names();
        assert_eq!(
            names[..7].join(" "),
            "from_state.pc from_state.timestamp is_valid is_first is_last is_active operands[0]"
        );
        assert_eq!(
            names[12..16],
            [
                "reads_prev[0]",
                "writes_prev[0].prev_timestamp",
                "writes_prev[0].prev_data[0]",
                "writes_prev[0].prev_data[1]"
            ]
        );
        assert_eq!(names[19], "core.to[0]");
    }

    #[test]
    fn operands_are_registers_as_far_as_they_are_used() {
        let accepts = |operands: [u32; 7]| {
            let instruction = Instruction::from_parts(VmOpcode::from_u32(0x700), operands);
            Scan.into_chip(SystemPort::default(), 0x700).accepts(&instruction)
        };
        assert!(accepts([4, 8, 12, 0, 0, 0, 0]));
        assert!(!accepts([4, 8, 13, 0, 0, 0, 0]) && !accepts([4, 8, 4 * NUM_REGISTERS as u32, 0, 0, 0, 0]));
        assert!(!accepts([4, 8, 12, 4, 0, 0, 0]) && !accepts([4, 8, 12, 0, 0, 0, 4]));
    }
}

mod generic {
    use super::super::macro_support::{AluChip, AluOpcode};
    use super::*;

    include!("../../../vm-derive/src/snapshots/columns_generic.snap.rs");
    include!("../../../vm-derive/src/snapshots/instruction_generic.snap.rs");
    include!("../../../vm-derive/src/snapshots/instruction_enum_generic.snap.rs");
    include!("../../../vm-derive/src/snapshots/vm_extension_instructions_generic.snap.rs");

    use super::instructions::SumCols;

    /// Bound on the parameter of the generic instruction.
    pub trait Parameter: Clone + std::fmt::Debug + Send + Sync + 'static {}
    impl Parameter for u8 {}

    /// A number of limbs.
    pub struct Limbs<const N: usize>;
    /// Numbers of limbs that columns can have.
    pub trait Supported {}
    impl Supported for Limbs<2> {}

    mod host {
        pub(super) fn rotate_left(x: u32, y: u32) -> u32 {
            x.rotate_left(y)
        }
    }

    #[instruction]
    impl<A: Parameter, const N: usize> Core for Generic<A, N> {
        fn execute(&self, [x, _]: [u32; 2]) -> u32 {
            x
        }

        fn witness(&self, io: &Io<Self>, cols: &mut LimbCols<F, 2, 2>) {
            cols.limbs[0][0] = F::new(io.reads[1] & 0xFFFF);
        }

        fn read<B: CoreBuilder>(&self, cols: &LimbCols<B::Var, 2, 2>, _: usize, _: usize) -> [B::Expr; 2] {
            cols.limbs[0].map(Into::into)
        }
    }

    #[instruction]
    impl<const N: usize> Core for Rotate<N> {
        fn execute(&self, [x, y]: [u32; 2]) -> u32 {
            match self {
                Self::Left => x.rotate_left(y),
                Self::Right => x.rotate_right(N as u32),
            }
        }
    }

    #[test]
    fn parameters_reach_columns_chips_and_the_extension() {
        assert_eq!(names_of::<LimbCols<u8, 2, 2>>()[4..], ["limbs[0][0]", "limbs[0][1]", "limbs[1][0]", "limbs[1][1]"]);
        assert_eq!(Generic::<u8, 3>::WIDTH, 8);
        assert_eq!(Generic::<u8, 3>::COMPUTED_READS, [1]);
        let extension = AnyAnnotated::<u8, 3>(0);
        let inventory = extension.build(&VmInventoryBuilder::new(SystemPort::default(), Vec::new())).unwrap();
        assert_eq!(names(inventory.executors()), ["Generic", "Rotate", "AluChip"]);
        assert_eq!(Rotate::<3>::Right.execute([8, 0]), 1);
        assert_eq!(rotate_left(1, 3), 8);
    }
}

/// Instructions whose words and names depend on their parameters.
mod parameters {
    use vm_sdk::prelude::{Field, PrimeCharacteristicRing};

    use super::*;

    include!("../../../vm-derive/src/snapshots/instruction_parameters.snap.rs");
    // The generated test of this extension proves and mutates the chips of both values.
    include!("../../../vm-derive/src/snapshots/vm_extension_values.snap.rs");

    const FUNCT3: u32 = 5;

    #[columns]
    pub struct AddedCols<T> {
        #[read(0)]
        x: Word<T>,
        #[read(1)]
        c: Word<T>,
        #[write(0)]
        y: Word<T>,
    }

    impl Adding {
        fn added(&self) -> impl Iterator<Item = Added> + '_ {
            self.0.iter().zip(0..).map(|(summand, number)| Added { number, summand: *summand })
        }
    }

    #[instruction]
    impl Core for Added {
        fn execute(&self, [x, _]: [u32; 2]) -> u32 {
            x.wrapping_add(self.summand)
        }

        fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &AddedCols<B::Var>) {
            let mut carry = B::Expr::ZERO;
            for (i, cell) in [self.summand & 0xFFFF, self.summand >> 16].into_iter().enumerate() {
                carry = (carry + cols.x[i] + B::Expr::from_u32(cell) - cols.y[i]) * F::from_u32(1 << 16).inverse();
                b.when_valid().assert_bool(carry.clone());
            }
        }
    }

    #[test]
    fn each_value_has_a_name_and_a_word() {
        let builder = VmInventoryBuilder::new(SystemPort::default(), Vec::new());
        let inventory = Adding(vec![3, 5, 7]).build(&builder).unwrap();
        assert_eq!(names(inventory.executors()), ["Added[0]", "Added[1]", "Added[2]"]);
        let values: Vec<u32> = inventory.decoders().iter().map(|decoder| decoder.encoding.value).collect();
        assert_eq!(values, [0x0200_505B, 0x1200_505B, 0x2200_505B]);
    }
}

/// Phantom instructions, and chips that share a value.
mod phantoms {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use vm_core::arch::{ExecutionResult, PhantomContext, PhantomSubExecutor};
    use vm_core::instructions::{Instruction, SystemOpcode};

    use super::*;
    use crate::macro_support::{AddChip, HelperChip, HintInput, MulOpcode};

    include!("../../../vm-derive/src/snapshots/phantom.snap.rs");
    include!("../../../vm-derive/src/snapshots/phantom_parameters.snap.rs");
    include!("../../../vm-derive/src/snapshots/vm_extension_shared.snap.rs");

    const FUNCT3: u32 = 7;

    #[derive(vm_derive::ChipUsageGetter, vm_derive::Chip, vm_derive::InstructionExecutor)]
    pub struct CountChip(#[chip] AddChip, Arc<AtomicU32>);

    #[derive(vm_derive::ChipUsageGetter, vm_derive::Chip)]
    pub struct TotalChip(#[chip] HelperChip, Arc<AtomicU32>);

    impl PhantomSubExecutor for HintOf {
        fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
            context.set_hint(self.number.to_le_bytes());
            Ok(())
        }
    }

    #[test]
    fn words_become_phantom_instructions_with_their_registers() {
        let builder = VmInventoryBuilder::new(SystemPort::default(), Vec::new());
        let mut inventory = Hints(2).build(&builder).unwrap();
        let decode = |word| inventory.decoders().iter().find_map(|decoder| decoder.decode(word, 0));
        let phantom = |operands: [u32; 3]| Some(Instruction::new(SystemOpcode::PHANTOM, operands));
        // `.insn r 0x2b, 6, 0, x0, x5, x0`.
        assert_eq!(decode(5 << 15 | 6 << 12 | 0x2B), phantom([20, 0, 0x100]));
        assert_eq!(decode(1 << 20 | 5 << 15 | 6 << 12 | 0x2B), None, "rs2 is fixed");
        // `.insn r 0x2b, 7, 2, x3, x5, x0`.
        assert_eq!(decode(2 << 25 | 5 << 15 | 7 << 12 | 3 << 7 | 0x2B), phantom([12, 20, 0x202]));
        assert_eq!(decode(3 << 25 | 7 << 12 | 0x2B), None, "there are two values");
        let named: Vec<_> =
            inventory.take_phantoms().into_iter().map(|(number, phantom)| (number, phantom.name())).collect();
        assert_eq!(named, [(0x100, "HintIsqrt"), (0x201, "HintOf"), (0x202, "HintOf"), (0x20, "HintInput")]);
        let names: Vec<&str> = Hints::instructions().iter().map(|info| info.name).collect();
        assert_eq!(names, ["hint_isqrt", "hint_of"]);
    }

    #[test]
    fn chips_share_the_value() {
        let builder = VmInventoryBuilder::new(SystemPort::default(), Vec::new());
        let inventory = Hints(9).build(&builder).unwrap();
        let ([HintsExecutor::Count(CountChip(_, first))], [HintsPeriphery::Total(TotalChip(_, second))]) =
            (inventory.executors(), inventory.periphery())
        else {
            panic!("one executor and one other chip")
        };
        first.store(5, Ordering::Relaxed);
        assert_eq!(second.load(Ordering::Relaxed), 5);
    }
}
