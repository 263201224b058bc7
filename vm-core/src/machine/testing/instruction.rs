//! The generated test of annotated instructions.

use std::collections::BTreeMap;

use p3_field::PrimeField32;
use vm_derive::{AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, VmConfig};

use super::audit::{AUDIT_FOLDER, Audit};
use super::builder::VmChipTestBuilder;
use super::chip_test::{ChipTest, ColumnRef};
use super::error::TestError;
use super::search::{Covered, Forgery, SearchReport, Subject, drop_checks, search};
use super::set_word::{SetWordChip, SetWordOpcode, set_word};
use crate::arch::authoring::{CoreAdapter, InstructionSpec, Sample, SampleOperands, Samples};
use crate::arch::{
    AnyEnum, ChipUsageGetter, ExecutionError, InstructionExecutor, SystemConfig, SystemPort, VmConfig, VmExtension,
    VmInventory, VmInventoryError,
};
use crate::instructions::{Instruction, LocalOpcode, PC_STEP, SystemOpcode, VmOpcode};
use crate::machine::VmExecutionError;
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

/// A machine under test that can also set words of memory. If `airs` says so, only one chip executes instructions: the chip
/// under test and, if it serves special cases, the general one for its instructions.
#[derive(Clone)]
struct ChipVm<VC> {
    inner: VC,
    /// Names of the AIRs whose executors the machine has; `None` for all.
    airs: Option<[String; 2]>,
}

/// Executors of a [`ChipVm`].
#[derive(AnyEnum, InstructionExecutor, ChipUsageGetter, Chip)]
#[vm(crate = "crate")]
enum ChipVmExecutor<E> {
    #[any_enum]
    Tested(E),
    SetWord(SetWordChip),
}

impl<VC: VmConfig> VmConfig for ChipVm<VC> {
    type Executor = ChipVmExecutor<VC::Executor>;
    type Periphery = VC::Periphery;

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
        let mut tested = self.inner.create_inventory(port)?;
        if let Some(airs) = &self.airs {
            tested.retain_executors(|executor| airs.contains(&executor.air_name()));
        }
        let mut inventory = VmInventory::new();
        inventory.append_with(tested, ChipVmExecutor::Tested, |chip| chip)?;
        inventory
            .add_executor(ChipVmExecutor::SetWord(SetWordChip::default()), [SetWordOpcode::Set.global_opcode()])?;
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
    check_instruction_on::<_, I>(&machine(extension));
}

/// As [`check_instruction`], on a machine of your choice.
///
/// # Panics
/// If a check fails.
pub fn check_instruction_on<VC, I>(machine: &VC)
where
    VC: VmConfig,
    I: InstructionSpec<Operands: SampleOperands>,
{
    check::<VC, I, I::Operands>(machine, "");
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
    check_specialised_on::<_, I, A>(&machine(extension));
}

/// As [`check_specialised`], on a machine of your choice.
///
/// # Panics
/// If a check fails.
pub fn check_specialised_on<VC, I, A>(machine: &VC)
where
    VC: VmConfig,
    I: InstructionSpec,
    A: CoreAdapter + SampleOperands,
{
    check::<VC, I, A>(machine, A::SUFFIX);
}

/// Returns the machine that has only this extension.
fn machine<X: Clone>(extension: &X) -> ExtensionVm<X> {
    ExtensionVm { system: SystemConfig::default(), extension: extension.clone() }
}

/// Checks the chips of a declaration: one per value that the extension gives it.
fn check<VC: VmConfig, I: InstructionSpec, O: SampleOperands>(machine: &VC, suffix: &str) {
    let chips = match chips_of::<_, I>(machine) {
        Ok(chips) => chips,
        Err(error) => panic!("instruction `{}`: {error}", I::NAME),
    };
    for (name, opcodes) in chips {
        let air = format!("{name}{suffix}");
        if let Err(error) = try_check::<VC, I, O>(machine, &name, &air, &opcodes) {
            panic!("instruction `{air}`: {error}");
        }
    }
}

/// Checks the AIR `air` of instructions whose general chip has the AIR `general`.
fn try_check<VC: VmConfig, I: InstructionSpec, O: SampleOperands>(
    machine: &VC,
    general: &str,
    air: &str,
    opcodes: &[VmOpcode],
) -> Result<(), TestError> {
    let mut config = ChipVm { inner: machine.clone(), airs: None };
    let run = |config: &ChipVm<VC>, seed| {
        let opcodes = (0..EXECUTIONS).map(|execution| opcodes[execution % opcodes.len()]).collect();
        let program = SampledProgram::draw::<_, O>(config, opcodes, seed)?;
        let test = program.builder(config).build::<BabyBearBlake3Engine>()?;
        test.prove_and_verify()?;
        Ok((test, Vec::new()))
    };
    let first = match run(&config, 0) {
        // Another chip of the extension may prevent set-up. Its own test reports that.
        Err(TestError::Setup(_)) => {
            config.airs = Some([general.to_owned(), air.to_owned()]);
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
    for (seed, &opcode) in (PROGRAMS..).zip(opcodes) {
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
        if is_accepted(owners[forgery.trace], air, forgery)? {
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

/// Returns whether the verifier accepts the proof of a forgery.
fn is_accepted<VC: VmConfig>(
    run: &ChipTest<BabyBearBlake3Engine, VC>,
    air: &str,
    forgery: &Forgery,
) -> Result<bool, TestError> {
    let columns = forgery.changes.iter().map(|cell| cell.column.as_str().index_in(run.air(air)?));
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    // The few executions of a program fit into one instance.
    let environment = run.alone(air, |trace| {
        for (cell, column) in forgery.changes.iter().zip(columns) {
            trace.values[cell.row * trace.width + column] = cell.forged;
        }
    })?;
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
    let program = SampledProgram::draw::<_, O>(config, vec![opcode], seed)?;
    let builder = program.builder(config);
    let mut refused = Vec::new();
    for ((space, pointer), word) in program.words() {
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
            if builder.clone().word(space, pointer, other).run().is_err_and(|error| trap_pc(&error).is_some()) {
                refused.push((space, pointer, other));
            }
        }
    }
    if refused.is_empty() { Ok(None) } else { Ok(Some((builder.build::<BabyBearBlake3Engine>()?, refused))) }
}

/// Returns the program counter of the instruction if it failed because of its operands. If a jump leads nowhere, or if the
/// host has too little input, the instruction itself is valid.
fn trap_pc(error: &TestError) -> Option<u32> {
    let TestError::Execution(VmExecutionError::Execution(failure)) = error else { return None };
    match failure.error {
        ExecutionError::Memory { pc, .. } | ExecutionError::Fail { pc, .. } => Some(pc),
        _ => None,
    }
}

/// Returns the chips of a declaration on the machine: the name of the AIR, and its opcodes in ascending order.
fn chips_of<VC: VmConfig, I: InstructionSpec>(config: &VC) -> Result<Vec<(String, Vec<VmOpcode>)>, TestError> {
    let inventory = config.create_inventory(SystemPort::default())?;
    let executors = inventory.executors();
    let mut chips: BTreeMap<usize, Vec<VmOpcode>> = BTreeMap::new();
    for (opcode, executor) in inventory.opcodes().filter(|(_, id)| executors[*id].as_any_kind().is::<I::Chip>()) {
        chips.entry(executor).or_default().push(opcode);
    }
    if chips.is_empty() {
        let known = executors.iter().map(ChipUsageGetter::air_name).collect();
        return Err(TestError::NoSuchAir { air: I::NAME.to_owned(), known });
    }
    Ok(chips.into_iter().map(|(executor, opcodes)| (executors[executor].air_name(), opcodes)).collect())
}

/// Words of memory: address space and pointer, and the content.
type Words = BTreeMap<(u32, u32), u32>;

/// A program that executes instructions with random operands.
struct SampledProgram {
    samples: Vec<Sample>,
    /// The instructions of each sample, in order. The last one is that under test.
    instructions: Vec<Vec<Instruction>>,
}

/// Number of times that a sample is drawn again if its execution traps.
const REDRAWS: usize = 64;

/// Returns where the values to read are in memory in an execution of a sample. Puts the others into its operands.
fn place<O: SampleOperands>(sample: &mut Sample, reads: &[Vec<u32>]) -> Result<Words, TestError> {
    let mut words = Words::new();
    for (value, content) in reads.iter().enumerate() {
        for (index, &word) in content.iter().enumerate() {
            if O::set_operand(sample, value, word) {
                continue;
            }
            let source = O::source(sample, value, index).filter(|source| *words.entry(*source).or_insert(word) == word);
            source.ok_or(TestError::NoSource { value, word: index })?;
        }
    }
    Ok(words)
}

impl SampledProgram {
    /// Draws a sample for each opcode. A sample with which the instruction traps is drawn again.
    fn draw<VC: VmConfig, O: SampleOperands>(
        config: &VC,
        opcodes: Vec<VmOpcode>,
        seed: u64,
    ) -> Result<Self, TestError> {
        let inventory = config.create_inventory(SystemPort::default())?;
        let mut samples = Samples::new(seed);
        let mut program = Self { samples: Vec::new(), instructions: Vec::new() };
        let (mut redrawn, mut redraws) = (0, 0);
        loop {
            for &opcode in &opcodes[program.samples.len()..] {
                let executor = inventory.executor_id(opcode).map(|id| &inventory.executors()[id]);
                program.add::<O>(&mut samples, opcode, |samples| executor?.sample_reads(opcode, samples))?;
            }
            // Other failures are reported by the test itself.
            let Err(trap) = program.builder(config).run() else { return Ok(program) };
            let Some(index) = trap_pc(&trap).and_then(|pc| program.sample_at(pc)) else { return Ok(program) };
            redraws = if index == redrawn { redraws + 1 } else { 1 };
            redrawn = index;
            if redraws > REDRAWS {
                return Err(TestError::SamplesTrap { redraws: REDRAWS, error: Box::new(trap) });
            }
            program.samples.truncate(index);
            program.instructions.truncate(index);
        }
    }

    /// Draws a sample, with the values to read that the instruction prefers.
    fn add<O: SampleOperands>(
        &mut self,
        samples: &mut Samples,
        opcode: VmOpcode,
        reads: impl FnOnce(&mut Samples) -> Option<Vec<Vec<u32>>>,
    ) -> Result<(), TestError> {
        let mut pc = self.end();
        let reads = reads(samples.at(pc, opcode)).unwrap_or_default();
        let count: usize = reads.iter().map(Vec::len).sum();
        if count > 0 {
            pc += PC_STEP * (count as u32 + 1);
        }
        let mut draw = || {
            let mut sample = O::sample(samples.at(pc, opcode));
            place::<O>(&mut sample, &reads).map(|words| (sample, words))
        };
        // Different words cannot be at the same place, so other operands are drawn then.
        let mut drawn = draw();
        for _ in 0..REDRAWS {
            if drawn.is_err() {
                drawn = draw();
            }
        }
        let (sample, words) = drawn?;
        // The instruction before may skip the first one, and equal words may be at the same place.
        let sets: Vec<_> = words.iter().map(|(&(space, pointer), &word)| set_word(space, pointer, word)).collect();
        let padding = sets.first().into_iter().cycle().take(if count > 0 { count + 1 - sets.len() } else { 0 });
        let mut instructions: Vec<_> = padding.chain(&sets).chain(&sample.before).copied().collect();
        instructions.push(Instruction::from_parts(opcode, sample.operands));
        self.instructions.push(instructions);
        self.samples.push(sample);
        Ok(())
    }

    /// Returns the program counter after the last instruction.
    fn end(&self) -> u32 {
        BASE + PC_STEP * self.instructions.iter().map(Vec::len).sum::<usize>() as u32
    }

    /// Returns the index of the sample that has the instruction at a program counter.
    fn sample_at(&self, pc: u32) -> Option<usize> {
        let mut end = BASE;
        self.instructions.iter().position(|instructions| {
            end += PC_STEP * instructions.len() as u32;
            pc < end
        })
    }

    /// Returns the words at the start of the program.
    fn words(&self) -> Words {
        let mut words = Words::new();
        for &(space, pointer, value) in self.samples.iter().flat_map(|sample| &sample.words) {
            words.entry((space, pointer)).or_insert(value);
        }
        words
    }

    /// Returns the program for a machine.
    fn builder<VC: VmConfig>(&self, config: &VC) -> VmChipTestBuilder<VC> {
        let inputs = self.samples.iter().flat_map(|sample| &sample.inputs);
        let builder = inputs.cloned().fold(VmChipTestBuilder::new(config.clone()), VmChipTestBuilder::input);
        let builder = builder.hints(self.samples.iter().flat_map(|sample| sample.hints.iter().copied()));
        let words = self.words().into_iter();
        let builder = words.fold(builder, |builder, ((space, pointer), value)| builder.word(space, pointer, value));
        // The last instruction may jump over the next one, so there are two TERMINATE instructions.
        let terminate = Instruction::from_parts(SystemOpcode::TERMINATE.global_opcode(), [0; 7]);
        builder.instructions(BASE, self.instructions.iter().flatten().copied().chain([terminate; 2]))
    }
}
