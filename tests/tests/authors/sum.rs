//! A sum of words in main memory: one row per word, with a sum that the rows carry.

use vm_sdk::arch::authoring::{DecodeOperands, Sample, SampleOperands, Samples};
use vm_sdk::arch::testing::check_instruction;
use vm_sdk::prelude::*;
use vm_sdk::rv32::Rv32Registers;
use vm_sdk::system::memory::{MAIN_SPACE, cells_of};

use crate::{PC, Provers, Test, assert_forgery, complaint, instruction, program};

/// Constraint that the author forgot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// The sum starts with zero.
    Start,
    /// The high cells are added.
    High,
}

/// `sum rd, rs1, rs2`: rd is the sum, modulo 2^32, of the rs2 words at rs1.
#[instruction(multi_row, operands = SumOperands, columns = SumCols, encode(custom1, funct3 = 3, funct7 = 0))]
pub(crate) struct Sum {
    dropped: Option<Dropped>,
    /// Whether the host does what the dropped constraint excludes.
    cheats: bool,
}

#[columns]
pub(crate) struct SumCols<T> {
    #[register(1, bits = 29, step = 4)]
    from: Word<T>,
    #[register(2, bits = 27, count)]
    left: Word<T>,
    #[read(0)]
    word: Word<T>,
    /// Sum before the row.
    #[carried(after)]
    before: Word<T>,
    #[write(0)]
    after: Word<T>,
}

#[instruction]
impl RowCore for Sum {
    type State = Option<u32>;
    const READS: &'static [Access] = &[Access::at(1)];
    const WRITES: &'static [Access] = &[Access::register(0).when(When::Last)];

    fn execute(&self, _: &Row, state: &mut Option<u32>, reads: &[u32], writes: &mut [u32]) {
        writes[0] = self.start(state).wrapping_add(reads[0]);
        if self.cheats && self.dropped == Some(Dropped::High) {
            writes[0] ^= 0x7000_0000;
        }
        *state = Some(writes[0]);
    }

    fn witness(&self, _: &Row, state: &Option<u32>, _: &[u32], _: &[u32], cols: &mut SumCols<F>) {
        cols.before = cells_of(self.start(state));
    }

    fn eval<B: RowBuilder>(&self, b: &mut B, cols: &SumCols<B::Var>, _: &SumCols<B::Var>) {
        let mut carry = B::Expr::ZERO;
        for i in 0..2 {
            if self.dropped != Some(Dropped::Start) {
                b.when_first().assert_zero(cols.before[i]);
            }
            // Soundness: all cells are below 2^16, so if the carry is boolean, the equation holds over the integers.
            carry = (carry + cols.before[i] + cols.word[i] - cols.after[i]) * F::from_u32(1 << 16).inverse();
            if i == 0 || self.dropped != Some(Dropped::High) {
                b.assert_bool(carry.clone());
            }
        }
    }
}

impl Sum {
    /// Returns the sum before a row.
    fn start(&self, state: &Option<u32>) -> u32 {
        state.unwrap_or(if self.cheats && self.dropped == Some(Dropped::Start) { 1 } else { 0 })
    }
}

/// Registers with a result, a pointer and a length.
pub(crate) struct SumOperands;

impl DecodeOperands for SumOperands {
    fn operands(word: u32, pc: u32) -> [u32; 7] {
        Rv32Registers::operands(word, pc)
    }
}

impl SampleOperands for SumOperands {
    fn sample(samples: &mut Samples) -> Sample {
        let [rd, rs1, rs2] = [1, 11, 21].map(|first| 4 * (first + samples.below(10)));
        let (from, length) = (samples.fixed(rs1) & 0x1FF_FFFC, samples.fixed(rs2) % 6);
        let sample = Sample::new([rd, rs1, rs2, 0, 0, 0, 0]).register(rs1, from).register(rs2, length);
        (0..length).fold(sample, |sample, i| sample.word(MAIN_SPACE, from + 4 * i, samples.word()))
    }
}

/// Extension with the instruction.
#[vm_extension(instructions(Sum = Sum { dropped: self.dropped, cheats: self.cheats }), tests = false)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SumExtension {
    dropped: Option<Dropped>,
    cheats: bool,
}

#[test]
fn the_complete_chip_passes_the_generated_test() {
    check_instruction::<_, Sum>(&SumExtension::default());
}

#[test]
fn the_generated_test_finds_the_missing_start() {
    let careless = SumExtension { dropped: Some(Dropped::Start), cheats: false };
    let message = complaint(|| check_instruction::<_, Sum>(&careless));
    assert!(message.contains("\n  core.before[0] (on "), "{message}");
}

#[test]
fn the_generated_test_finds_the_missing_carry() {
    let careless = SumExtension { dropped: Some(Dropped::High), cheats: false };
    let message = complaint(|| check_instruction::<_, Sum>(&careless));
    assert!(message.contains("\n  core.after[1] (on "), "{message}");
}

const POINTER: u32 = 0x1000;
const WORDS: [u32; 3] = [0x8000_FFFF, 0x8000_0002, 5];

fn run(dropped: Option<Dropped>, cheats: bool) -> Test<SumExtension> {
    let mut program = program(SumExtension { dropped, cheats }).register(6, POINTER).register(7, WORDS.len() as u32);
    for (i, word) in (0..).zip(WORDS) {
        program = program.word(MAIN_SPACE, POINTER + 4 * i, word);
    }
    program.instructions(PC, [instruction([5, 6, 7])]).build().unwrap()
}

fn provers(dropped: Dropped) -> Provers<SumExtension> {
    Provers { careless: run(Some(dropped), false), cheating: run(Some(dropped), true), complete: run(None, false) }
}

#[test]
fn without_the_start_a_prover_adds_any_number() {
    let provers = provers(Dropped::Start);
    assert_eq!(provers.complete.modes().run.registers[5], 0x1_0006);
    assert_eq!(provers.cheating.modes().run.registers[5], 0x1_0007);
    assert_forgery(&provers, "Sum", "is_first*core.before[0]");
}

#[test]
fn without_the_carry_a_prover_chooses_the_high_cell() {
    let provers = provers(Dropped::High);
    assert_ne!(provers.cheating.modes().run.registers[5], 0x1_0006);
    assert_forgery(&provers, "Sum", "t0*2^-16*(t0*2^-16 - 1) where t0 = (core.before[0]");
}

/// The next row carries the sum of this one.
#[test]
fn a_row_cannot_continue_another_sum() {
    let mut test = run(None, false);
    for row in 1..3 {
        for column in ["core.before[0]", "core.after[0]"] {
            test.tamper("Sum", 0, row, column, |cell| cell + F::ONE).unwrap();
        }
    }
    test.recount_lookups().unwrap();
    let report = test.debug();
    let [failed] = &report.labels.values().collect::<Vec<_>>()[..] else { panic!("{report}") };
    assert!(failed.starts_with("is_transition*(is_valid - is_last)*(core.before[0]' - core.after[0])"), "{failed}");
    assert!(test.is_rejected());
}
