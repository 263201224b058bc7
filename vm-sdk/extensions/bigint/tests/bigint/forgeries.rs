//! Hosts that lie about comparisons.
//!
//! The generated tests search for forgeries of all instructions. Those here are about sixteen equal constraints, one for each cell,
//! of which random numbers need only a few: each lie is rejected by the constraint of one cell and by nothing else.

use ruint::aliases::U256;
use vm_bigint::{Beq256, Branch256Adapter, BranchEqual256Cols, LessThan256, LessThan256Cols};
use vm_sdk::arch::authoring::{Core, CoreBuilder, Io};
use vm_sdk::arch::testing::{ChipTest, ExtensionVm, Rejection, VmChipTestBuilder};
use vm_sdk::arch::{ALLOCATED_OPCODES, SystemConfig};
use vm_sdk::instructions::{Instruction, LocalOpcode, SystemOpcode, VmOpcode};
use vm_sdk::macros::{instruction, vm_extension};
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::rv32::Rv32Heap;
use vm_sdk::stark::F;

use crate::support::{Engine, POINTERS, place};

/// `slt256`. A host that lies finds no difference, and its circuit has no constraints, so that the trace can be filled.
#[instruction(adapter = Rv32Heap<2, 8, 8>, columns = LessThan256Cols, computed(write(0)))]
#[derive(Clone, Debug)]
pub(crate) struct Less {
    lies: bool,
}

#[instruction]
impl Core for Less {
    fn execute(&self, reads: [[u32; 8]; 2]) -> [u32; 8] {
        if self.lies { [0; 8] } else { LessThan256::Slt256.execute(reads) }
    }

    fn witness(&self, io: &Io<Self>, cols: &mut LessThan256Cols<F>) {
        if !self.lies {
            LessThan256::Slt256.witness(&Io { reads: io.reads, writes: io.writes }, cols);
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &LessThan256Cols<B::Var>) {
        if !self.lies {
            LessThan256::Slt256.eval(b, cols);
        }
    }

    fn write<B: CoreBuilder>(&self, cols: &LessThan256Cols<B::Var>, value: usize, word: usize) -> [B::Expr; 2] {
        LessThan256::Slt256.write::<B>(cols, value, word)
    }
}

/// `beq256`. A host that lies takes all numbers to be equal.
#[instruction(adapter = Branch256Adapter, columns = BranchEqual256Cols, computed(write(0)))]
#[derive(Clone, Debug)]
pub(crate) struct Equal {
    lies: bool,
}

#[instruction]
impl Core for Equal {
    fn execute(&self, reads: [[u32; 8]; 2]) -> bool {
        self.lies || Beq256.execute(reads)
    }

    fn witness(&self, io: &Io<Self>, cols: &mut BranchEqual256Cols<F>) {
        cols.equal = F::ONE;
        if !self.lies {
            Beq256.witness(&Io { reads: io.reads, writes: io.writes }, cols);
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &BranchEqual256Cols<B::Var>) {
        if !self.lies {
            Beq256.eval(b, cols);
        }
    }

    fn write<B: CoreBuilder>(&self, cols: &BranchEqual256Cols<B::Var>, value: usize, word: usize) -> [B::Expr; 2] {
        Beq256.write::<B>(cols, value, word)
    }
}

#[vm_extension(instructions(Less = Less { lies: self.lies }, Equal = Equal { lies: self.lies }), tests = false)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparing {
    lies: bool,
}

type Test = ChipTest<Engine, ExtensionVm<Comparing>>;

/// Executes one instruction, by its index, on two numbers.
fn run(lies: bool, instruction: u32, x: U256, y: U256) -> Test {
    let machine = ExtensionVm { system: SystemConfig::default(), extension: Comparing { lies } };
    let [to, at_x, at_y] = POINTERS;
    let builder = VmChipTestBuilder::new(machine).register(1, to).register(2, at_x).register(3, at_y);
    let operands = if instruction == 0 { [4, 8, 12, 0, 0, 0, 0] } else { [8, 12, 8, 0, 0, 0, 0] };
    let compare = Instruction::from_parts(VmOpcode::from_u32(ALLOCATED_OPCODES + instruction), operands);
    let terminate = Instruction::from_parts(SystemOpcode::TERMINATE.global_opcode(), [0; 7]);
    let builder = builder.instructions(0, [compare, terminate, terminate]);
    place(place(builder, at_x, x), at_y, y).build().unwrap()
}

/// Checks for every cell that two numbers that differ only there are compared by the constraint of this cell: only it rejects a
/// host that takes them to be equal.
fn each_cell_is_compared(instruction: u32, air: &str) {
    let x = U256::from_limbs([0x0123_4567_89AB_CDEF, 0, 0x7FFF_FFFE_8000_0001, 0x0123_0000_0000_7FFF]);
    let mut failing = Vec::new();
    for cell in 0..16 {
        let y = x + (U256::ONE << (16 * cell));
        let honest = run(false, instruction, x, y);
        honest.prove_and_verify().unwrap();
        let mut forged = run(true, instruction, x, y).under(honest.vm(), honest.key()).unwrap();
        forged.recount_lookups().unwrap();
        let report = forged.debug();
        assert!(report.problems.is_empty() && report.imbalances.is_empty(), "cell {cell}: {report}");
        let labels: Vec<_> = report.labels.iter().collect();
        let [((chip, index), _)] = labels[..] else { panic!("cell {cell}: one constraint fails: {report}") };
        assert_eq!(report.airs[*chip], air, "cell {cell}");
        assert!(matches!(forged.attempt(), Err(Rejection::Verifier(_))), "cell {cell}");
        failing.push(*index);
    }
    // There are sixteen adjacent constraints, in the order of the cells or in the reverse one.
    failing.sort_unstable();
    assert!(failing.iter().zip(failing[0]..).all(|(index, expected)| *index == expected), "{failing:?}");
}

#[test]
fn each_cell_decides_whether_a_number_is_less() {
    each_cell_is_compared(0, "Less");
}

#[test]
fn each_cell_decides_whether_numbers_are_equal() {
    each_cell_is_compared(1, "Equal");
}
