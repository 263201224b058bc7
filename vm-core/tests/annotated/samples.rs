//! Which values generated tests read, and on which machine they run.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Reads, Samples, Word};
use vm_core::arch::{ExecutionError, ExecutionResult, SystemConfig};
use vm_core::instructions::{Instruction, LocalOpcode, SystemOpcode};
use vm_core::machine::testing::{ExtensionVm, TestAdapter, VmChipTestBuilder, check_instruction, check_instruction_on};
use vm_core::stark::{BabyBearBlake3Engine, F};
use vm_derive::{columns, instruction, vm_extension};

use super::failure;

/// A bound that random words hardly ever keep.
const BOUND: u32 = 97;

/// Adds two words below [`BOUND`]; traps for other words.
#[instruction(adapter = TestAdapter, columns = SmallSumCols)]
#[derive(Clone, Copy, Debug)]
pub struct SmallSum {
    /// Whether the instruction chooses its samples.
    samples: bool,
    /// Whether the circuit accepts all sums modulo 4.
    careless: bool,
}

#[columns]
pub struct SmallSumCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0)]
    y: Word<T>,
}

#[instruction]
impl Core for SmallSum {
    fn execute(&self, [x, c]: [u32; 2]) -> u32 {
        x.wrapping_add(c)
    }

    fn check(&self, reads: &[u32; 2], pc: u32) -> ExecutionResult<()> {
        if reads.iter().all(|word| *word < BOUND) {
            return Ok(());
        }
        Err(Box::new(ExecutionError::Fail { pc, message: "a word is out of bounds".into() }))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        self.samples.then(|| [samples.below(BOUND), samples.below(BOUND)])
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &SmallSumCols<B::Var>) {
        for word in [cols.x, cols.c] {
            // Soundness: both numbers are below 2^7 and add up to less than 127 + 31, so both are below 97.
            b.range(word[0], 7);
            b.range(word[0] + F::from_u32(128 - BOUND), 7);
            b.assert_zero(word[1]);
        }
        b.assert_zero(cols.y[1]);
        if !self.careless {
            b.assert_eq(cols.x[0] + cols.c[0], cols.y[0]);
        }
    }
}

#[vm_extension(instructions(SmallSum = self.0), tests = false)]
#[derive(Clone, Copy, Debug)]
pub struct SmallSums(SmallSum);

#[test]
fn instructions_choose_what_generated_tests_read() {
    let sums = |careless| SmallSums(SmallSum { samples: true, careless });
    check_instruction::<_, SmallSum>(&sums(false));
    let message = failure(move || check_instruction::<_, SmallSum>(&sums(true)));
    assert!(message.contains("core.y[0]") && message.contains("the verifier accepts"), "{message}");
}

#[test]
fn samples_with_which_an_instruction_nearly_always_traps_are_an_error() {
    let message =
        failure(|| check_instruction::<_, SmallSum>(&SmallSums(SmallSum { samples: false, careless: false })));
    assert!(message.contains("traps with 64 samples; let `Core::sample` choose"), "{message}");
    assert!(message.contains("a word is out of bounds"), "{message}");
}

/// Halves an even word; traps if it is odd.
#[instruction(adapter = TestAdapter, columns = HalfCols)]
pub struct Half;

#[columns]
pub struct HalfCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    c: Word<T>,
    #[write(0, proven)]
    y: Word<T>,
    /// Lowest bit of the high cell.
    #[bool]
    bit: T,
}

#[instruction]
impl Core for Half {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x / 2
    }

    fn check(&self, [x, _]: &[u32; 2], pc: u32) -> ExecutionResult<()> {
        if x % 2 == 0 {
            return Ok(());
        }
        Err(Box::new(ExecutionError::Fail { pc, message: "an odd word has no half".into() }))
    }

    fn witness(&self, io: &Io<Self>, cols: &mut HalfCols<F>) {
        cols.bit = F::from_u32(io.reads[0] >> 16 & 1);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &HalfCols<B::Var>) {
        b.assert_eq(cols.x[1], cols.y[1] * F::TWO + cols.bit);
        b.range(cols.y[1], 15);
        b.assert_eq(cols.x[0] + cols.bit * F::from_u32(1 << 16), cols.y[0] * F::TWO);
        b.range(cols.y[0], 16);
    }
}

#[vm_extension(instructions(Half))]
#[derive(Clone, Copy, Debug)]
pub struct Halving;

/// Number of range checks of [`Talkative`]. With 479 messages or more, 2^22 rows reach the field's characteristic.
const CHECKS: usize = 700;

/// Copies the first operand, with many messages per row.
#[instruction(adapter = TestAdapter, columns = super::LooseCols)]
pub struct Talkative;

#[instruction]
impl Core for Talkative {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &super::LooseCols<B::Var>) {
        for i in 0..2 {
            b.assert_eq(cols.y[i], cols.x[i]);
        }
        for _ in 0..CHECKS {
            b.range(cols.x[0], 16);
        }
    }
}

/// The tests run on a machine with lower traces, and without continuations.
#[vm_extension(
    instructions(Talkative),
    machine = ExtensionVm { system: SystemConfig { max_log_height: 17, ..SystemConfig::default() }, extension: Talking }
)]
#[derive(Clone, Copy, Debug)]
pub struct Talking;

#[test]
fn chips_with_many_messages_have_lower_traces() {
    let machine = ExtensionVm { system: SystemConfig::default(), extension: Talking };
    let terminate = Instruction::from_parts(SystemOpcode::TERMINATE.global_opcode(), [0; 7]);
    let program = VmChipTestBuilder::new(machine.clone()).instruction(0, terminate);
    let test = program.build::<BabyBearBlake3Engine>().unwrap();
    let airs = test.key().verifying_key().stark().airs().to_vec();
    let height = |name: &str| airs.iter().find(|air| air.name == name).map(|air| air.max_log_height);
    // 700 range checks and the other messages are more than 2^9 and less than 2^10: p is some 2^30.9.
    assert_eq!((height("Talkative"), height("Phantom")), (Some(21), Some(22)));
    check_instruction_on::<_, Talkative>(&machine);
}
