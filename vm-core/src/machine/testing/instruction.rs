//! The generated test of annotated instructions.

use std::collections::BTreeMap;

use p3_field::PrimeField32;
use vm_derive::VmConfig;

use super::audit::{AUDIT_FOLDER, Audit};
use super::builder::VmChipTestBuilder;
use super::chip_test::{ChipTest, ColumnRef};
use super::error::TestError;
use super::mock::MockEnvironment;
use super::search::{Covered, Forgery, SearchReport, Subject, drop_checks, search};
use crate::arch::authoring::{CoreAdapter, InstructionSpec, SampleOperands, Samples};
use crate::arch::{
    Chip, ChipTraces, ChipUsageGetter, ExecutionError, SystemConfig, SystemPort, VmConfig, VmExtension, VmInventory,
    VmInventoryError,
};
use crate::instructions::{Instruction, LocalOpcode, PC_STEP, SystemOpcode, VmOpcode};
use crate::machine::VmExecutionError;
use crate::primitives::RangeTable;
use crate::stark::{BabyBearBlake3Engine, F};

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

/// A machine with a single extension, of which only one chip executes instructions: the chip under test and, if it serves
/// special cases, the general one for its instructions.
#[derive(Clone, Debug)]
struct ChipVm<X> {
    inner: ExtensionVm<X>,
    /// Names of the AIRs whose executors the machine has; `None` for all.
    airs: Option<[String; 2]>,
}

impl<X> VmConfig for ChipVm<X>
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
{
    type Executor = ExtensionVmExecutor<X>;
    type Periphery = ExtensionVmPeriphery<X>;

    fn system(&self) -> &SystemConfig {
        self.inner.system()
    }
    fn system_mut(&mut self) -> &mut SystemConfig {
        self.inner.system_mut()
    }
    fn create_inventory(
        &self,
        port: SystemPort,
    ) -> Result<VmInventory<Self::Executor, Self::Periphery>, VmInventoryError> {
        let mut inventory = self.inner.create_inventory(port)?;
        if let Some(airs) = &self.airs {
            inventory.retain_executors(|executor| airs.contains(&executor.air_name()));
        }
        Ok(inventory)
    }
}

/// Tests the instructions of one declaration, on a machine that has only their extension.
///
/// The test runs random programs and checks the following:
/// - All modes of execution (pure, metered and preflight) agree, and the metered mode predicts the exact number of
///   rows.
/// - The traces satisfy every constraint and balance every bus, and the proof verifies.
/// - No forgery is found. A row is given its instruction, the state of execution that it receives, and the data and times
///   that it receives from memory. It must determine everything else that its messages say: what it sends, and the address
///   and the multiplicity of every access. The search starts from changes of every column and from witnesses of other
///   executions, and repairs what is violated. If it finds a row that all checks accept although a result is different, the
///   row is proven, and the error says whether the verifier accepts the proof.
/// - Padding rows have no messages, whatever their other cells hold.
/// - Rows do not accept words of memory with which the execution fails, such as pointers out of range.
///
/// Columns with `#[free("reason")]` may hold any value that does not change a result, as may cells for which
/// [`InstructionSpec::free_cell`] returns a reason. A reason that is not needed fails the test.
///
/// If the environment variable [`AUDIT_FOLDER`] is set, the test also measures its own power (see [`Audit`]).
///
/// # Panics
/// If a check fails. The message contains the name of the AIR and, for forgeries, the columns.
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
    let extension = ExtensionVm { system: SystemConfig::default(), extension: extension.clone() };
    let mut config = ChipVm { inner: extension, airs: None };
    let opcodes = opcodes_of::<_, I>(&config)?;
    let run = |config: &ChipVm<X>, seed| {
        let test = program::<_, O>(config.clone(), &opcodes, seed).build::<BabyBearBlake3Engine>()?;
        test.prove_and_verify()?;
        Ok((test, Vec::new()))
    };
    let first = match run(&config, 0) {
        // Another chip of the extension may prevent set-up. Its own test reports that.
        Err(TestError::Setup(_)) => {
            config.airs = Some([I::NAME.to_owned(), air.to_owned()]);
            run(&config, 0)
        }
        other => other,
    };
    let mut runs = vec![first?];
    for seed in 1..PROGRAMS {
        runs.push(run(&config, seed)?);
    }
    let declared = I::free_columns();
    let free = |column: &str, row: &[F]| {
        let always = declared.iter().find(|(name, _)| name == column).map(|(_, reason)| *reason);
        always.or_else(|| I::free_cell(column, row))
    };
    for (seed, &opcode) in (PROGRAMS..).zip(&opcodes) {
        runs.extend(refused_words::<_, O>(&config, opcode, seed)?);
    }
    let mut report = SearchReport::default();
    let mut checks = Vec::new();
    let (mut covered, mut covered_by_audit) = (Covered::new(), Covered::new());
    let audit = std::env::var_os(AUDIT_FOLDER);
    // The run of each trace.
    let mut owners = Vec::new();
    for (run, refused) in &runs {
        run.each_trace(air, |air, trace, public_values, tables| {
            owners.push(run);
            let subject = Subject { air, trace, public_values, tables, free: &free, refused };
            report.merge(search(&subject, &mut covered));
            if audit.is_some() {
                checks = drop_checks(&subject, std::mem::take(&mut checks), &mut covered_by_audit);
            }
        })?;
    }
    // A forgery that the verifier refuses would be a false alarm.
    while let Some(forgery) = report.forgeries.first() {
        if is_accepted(&config, owners[forgery.trace], air, forgery)? {
            break;
        }
        report.forgeries.remove(0);
    }
    report.check()?;
    if let Some(folder) = audit {
        Audit::new(air.to_owned(), checks).write(&folder)?;
    }
    Ok(())
}

/// Proves the trace of a forgery, together with AIRs that have the counterparts of its messages and with the real lookup
/// tables. Returns whether the verifier accepts the proof.
fn is_accepted<X>(
    config: &ChipVm<X>,
    run: &ChipTest<BabyBearBlake3Engine, ChipVm<X>>,
    air: &str,
    forgery: &Forgery,
) -> Result<bool, TestError>
where
    X: VmExtension + Clone + Send + Sync + 'static,
    X::Executor: 'static,
    X::Periphery: 'static,
{
    // The few executions of a program fit into one instance.
    let mut trace = run.trace(air, 0)?.clone();
    for cell in &forgery.changes {
        trace.values[cell.row * trace.width + cell.column.as_str().index_in(run.air(air)?)?] = cell.forged;
    }
    let traces = ChipTraces { traces: vec![trace], public_values: Vec::new() };
    let mut tables: Vec<Box<dyn Chip>> = vec![Box::new(RangeTable::default())];
    let periphery = config.create_inventory(SystemPort::default())?.into_periphery();
    tables
        .extend(periphery.into_iter().filter(|chip| chip.as_lookup_table().is_some()).map(|chip| Box::new(chip) as _));
    let environment = MockEnvironment::new(run.air(air)?.clone(), traces, &run.air_set().buses, tables)?;
    Ok(environment.attempt::<BabyBearBlake3Engine>()?.is_ok())
}

/// Returns the traces of a single execution, with words of memory with which the execution fails: pointers that are
/// misaligned or out of range, and words that are equal to those of the execution modulo p.
#[allow(clippy::type_complexity)]
fn refused_words<VC: VmConfig, O: SampleOperands>(
    config: &VC,
    opcode: VmOpcode,
    seed: u64,
) -> Result<Option<(ChipTest<BabyBearBlake3Engine, VC>, Vec<(u32, u32, u32)>)>, TestError> {
    let mut samples = Samples::new(seed);
    let (builder, words) = program_of::<_, O>(config.clone(), &mut samples, [opcode]);
    let mut refused = Vec::new();
    for ((space, pointer), word) in words {
        let others = [
            word.checked_add(F::ORDER_U32),
            word.checked_sub(F::ORDER_U32),
            Some(word ^ 1),
            Some(word ^ 2),
            Some(word | 0x2000_0000),
            Some(word | 0x4000_0000),
            Some(word | 0x8000_0000),
        ];
        for other in others.into_iter().flatten().filter(|other| *other != word) {
            if builder.clone().word(space, pointer, other).run().is_err_and(|error| must_fail(&error)) {
                refused.push((space, pointer, other));
            }
        }
    }
    if refused.is_empty() { Ok(None) } else { Ok(Some((builder.build::<BabyBearBlake3Engine>()?, refused))) }
}

/// Returns whether an instruction failed because of its operands. If a jump leads nowhere, or if the host has too little
/// input, the instruction itself is valid.
fn must_fail(error: &TestError) -> bool {
    match error {
        TestError::Execution(VmExecutionError::Execution(failure)) => {
            matches!(failure.error, ExecutionError::Memory { .. } | ExecutionError::Fail { .. })
        }
        _ => false,
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
    let opcodes = (0..EXECUTIONS).map(|execution| opcodes[execution % opcodes.len()]);
    program_of::<_, O>(config, &mut Samples::new(seed), opcodes).0
}

/// Words of memory: address space and pointer, and the content.
type Words = BTreeMap<(u32, u32), u32>;

/// Builds a program that executes instructions with operands from `samples`. Also returns the words that the samples set.
fn program_of<VC: VmConfig, O: SampleOperands>(
    config: VC,
    samples: &mut Samples,
    opcodes: impl IntoIterator<Item = VmOpcode>,
) -> (VmChipTestBuilder<VC>, Words) {
    let mut builder = VmChipTestBuilder::new(config);
    let mut words = Words::new();
    let mut instructions: Vec<Instruction> = Vec::with_capacity(EXECUTIONS);
    for opcode in opcodes {
        let sample = O::sample(samples.at(BASE + PC_STEP * instructions.len() as u32, opcode));
        for (space, pointer, value) in sample.words {
            words.entry((space, pointer)).or_insert(value);
        }
        builder = sample.inputs.into_iter().fold(builder, VmChipTestBuilder::input);
        instructions.extend(sample.before);
        instructions.push(Instruction::from_parts(opcode, sample.operands));
    }
    for (&(space, pointer), &value) in &words {
        builder = builder.word(space, pointer, value);
    }
    // The last instruction may jump over the next one, so there are two TERMINATE instructions.
    let terminate = Instruction::from_parts(SystemOpcode::TERMINATE.global_opcode(), [0; 7]);
    (builder.instructions(BASE, instructions.into_iter().chain([terminate; 2])), words)
}
