//! The generated test of annotated instructions.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::PrimeCharacteristicRing;
use vm_derive::VmConfig;

use super::builder::VmChipTestBuilder;
use super::chip_test::ChipTest;
use super::error::TestError;
use super::mutation::{RowKind, Survivor};
use super::survivors::{Allowed, check_survivors};
use crate::arch::authoring::{CoreAdapter, InstructionSpec, SampleOperands, Samples};
use crate::arch::{ChipUsageGetter, SystemConfig, SystemPort, VmConfig, VmExtension};
use crate::instructions::{Instruction, LocalOpcode, PC_STEP, SystemOpcode, VmOpcode};
use crate::stark::{BabyBearBlake3Engine, F, SymbolicAir};

/// Number of random programs per instruction. Each is run in all modes, proven and verified.
const PROGRAMS: u64 = 3;
/// Number of executions of the instruction per program. Not a power of two, so that traces have padding rows.
const EXECUTIONS: usize = 23;
/// First program counter.
const BASE: u32 = 0x1000;

/// A machine with a single extension.
#[derive(Clone, Debug, Default, VmConfig)]
pub struct ExtensionVm<X> {
    /// System configuration.
    #[system]
    pub system: SystemConfig,
    /// The extension.
    #[extension]
    pub extension: X,
}

/// Tests the instructions of one declaration, on a machine that has only their extension.
///
/// The test runs random programs and checks the following:
/// - All modes of execution (pure, metered and preflight) agree, and the metered mode predicts the exact number of
///   rows.
/// - The traces satisfy every constraint and balance every bus, and the proof verifies.
/// - Mutations of every column are rejected, on the first row, the last row, padding rows and rows in between. A
///   mutation is rejected if a constraint fails, if a lookup table does not provide a queried tuple, or if the row then
///   receives other messages. A change of the messages that the row sends to memory or to the next instruction does not
///   count, because no other row checks them (see [`sweep_function`](super::sweep_function)).
///
/// Columns with `#[free("reason")]` are exempt from mutation tests, as are cells for which
/// [`InstructionSpec::free_cell`] returns a reason. An exemption that is not needed fails the test.
///
/// # Panics
/// If a check fails. The message contains the name of the AIR and, for mutations, the columns.
pub fn check_instruction<X, I>(extension: &X)
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
    I: InstructionSpec<Operands: SampleOperands>,
{
    check::<X, I, I::Operands>(extension, I::NAME);
}

/// As [`check_instruction`], for the specialised chip that has adapter `A`.
///
/// # Panics
/// If a check fails.
pub fn check_specialised<X, I, A>(extension: &X)
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
    I: InstructionSpec,
    A: CoreAdapter + SampleOperands,
{
    check::<X, I, A>(extension, &format!("{}{}", I::NAME, A::SUFFIX));
}

fn check<X, I, O>(extension: &X, air: &str)
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
    I: InstructionSpec,
    O: SampleOperands,
{
    if let Err(error) = try_check::<X, I, O>(extension, air) {
        panic!("instruction `{air}`: {error}");
    }
}

fn try_check<X, I, O>(extension: &X, air: &str) -> Result<(), TestError>
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
    I: InstructionSpec,
    O: SampleOperands,
{
    let config = ExtensionVm { system: SystemConfig::default(), extension: extension.clone() };
    let opcodes = opcodes_of::<_, I>(&config)?;
    let mut survivors = Survivors::default();
    for seed in 0..PROGRAMS {
        let test = program::<_, O>(config.clone(), &opcodes, seed).build::<BabyBearBlake3Engine>()?;
        test.prove_and_verify()?;
        survivors.sweep::<_, I>(&test, air)?;
    }
    survivors.check::<I>(air)
}

/// Survivors of the mutations of all programs.
#[derive(Default)]
struct Survivors {
    /// Survivors on cells for which [`InstructionSpec::free_cell`] gives no reason.
    unexplained: Vec<Survivor>,
    /// Columns that are free on some rows, with the reason.
    sometimes_free: BTreeMap<String, &'static str>,
    /// Columns of `sometimes_free` of which a mutation survived on such a row.
    changed: BTreeSet<String>,
}

impl Survivors {
    fn sweep<VC: VmConfig, I: InstructionSpec>(
        &mut self,
        test: &ChipTest<BabyBearBlake3Engine, VC>,
        air: &str,
    ) -> Result<(), TestError> {
        let symbolic = SymbolicAir::record(&**test.air(air)?);
        let one_row = symbolic.reads.main_next.is_empty();
        let sweep = if one_row { test.sweep_function(air)? } else { test.sweep(air)? };
        // The few executions of a program fit into one instance.
        let trace = test.trace(air, 0)?;
        let selectors = test.air(air)?.selectors();
        let rows: Vec<&[F]> = trace.values.chunks(trace.width).collect();
        for column in test.air(air)?.column_names() {
            let real = rows.iter().filter(|row| selectors.iter().any(|&selector| row[selector] != F::ZERO));
            if let Some(reason) = real.filter_map(|row| I::free_cell(&column, row)).next() {
                self.sometimes_free.insert(column, reason);
            }
        }
        for survivor in sweep.survivors {
            let row = rows.get(survivor.row).filter(|_| survivor.kind != RowKind::Padding);
            if row.is_some_and(|row| I::free_cell(&survivor.column, row).is_some()) {
                self.changed.insert(survivor.column);
            } else {
                self.unexplained.push(survivor);
            }
        }
        Ok(())
    }

    /// Checks that every survivor has a reason and that every reason is needed.
    fn check<I: InstructionSpec>(self, air: &str) -> Result<(), TestError> {
        let allowed = |(column, reason): (String, &'static str)| {
            Allowed::column(String::leak(air.to_owned()), String::leak(column), reason)
        };
        check_survivors(&self.unexplained, &I::free_columns().into_iter().map(allowed).collect::<Vec<_>>())?;
        let idle = self.sometimes_free.into_iter().filter(|(column, _)| !self.changed.contains(column));
        Ok(check_survivors(&[], &idle.map(allowed).collect::<Vec<_>>())?)
    }
}

/// Returns the opcodes of the instructions on the machine, in ascending order.
fn opcodes_of<VC: VmConfig, I: InstructionSpec>(config: &VC) -> Result<Vec<VmOpcode>, TestError> {
    let inventory = config.create_inventory(SystemPort::default())?;
    let opcodes: Vec<VmOpcode> = inventory
        .opcodes()
        .filter(|(_, executor)| inventory.executors()[*executor].air_name() == I::NAME)
        .map(|(opcode, _)| opcode)
        .collect();
    if opcodes.is_empty() {
        let known = inventory.executors().iter().map(ChipUsageGetter::air_name).collect();
        return Err(TestError::NoSuchAir { air: I::NAME.to_owned(), known });
    }
    Ok(opcodes)
}

/// Builds a program that executes all instructions with random operands.
fn program<VC: VmConfig, O: SampleOperands>(config: VC, opcodes: &[VmOpcode], seed: u64) -> VmChipTestBuilder<VC> {
    let mut samples = Samples::new(seed);
    let mut builder = VmChipTestBuilder::new(config);
    let mut set = BTreeSet::new();
    let mut instructions: Vec<Instruction> = Vec::with_capacity(EXECUTIONS);
    for execution in 0..EXECUTIONS {
        let opcode = opcodes[execution % opcodes.len()];
        let sample = O::sample(samples.at(BASE + PC_STEP * instructions.len() as u32, opcode));
        for (space, pointer, value) in sample.words {
            if set.insert((space, pointer)) {
                builder = builder.word(space, pointer, value);
            }
        }
        builder = sample.inputs.into_iter().fold(builder, VmChipTestBuilder::input);
        instructions.extend(sample.before);
        instructions.push(Instruction::from_parts(opcode, sample.operands));
    }
    // The last instruction may jump over the next one, so there are two TERMINATE instructions.
    let terminate = Instruction::from_parts(SystemOpcode::TERMINATE.global_opcode(), [0; 7]);
    builder.instructions(BASE, instructions.into_iter().chain([terminate; 2]))
}
