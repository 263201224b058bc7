//! Tests of one chip, row by row, without a proof: semantics, honest rows, padding, cost and mutations.
//!
//! A test describes situations ([`Case`]), each of which executes one instruction. [`Case::run`] returns the outcome,
//! to be compared with a model. [`check`] then checks that the row satisfies the AIR and that its messages are exactly
//! those of the host's accesses, changes every column and every pair of columns, and checks that no changed row is a
//! forgery.
//!
//! A row is a forgery under the following rule. The state before the instruction (pc, time, memory) and the program are
//! given, so a row whose lookups or receives differ from them is rejected. What a row *sends* is not compared with
//! anything, since a later row or the boundary would receive it. A row that passes and sends something else than the
//! honest row is a forgery.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_core::arch::authoring::{Core, CoreAdapter, DefaultInstruction, InstructionCore, core_chip};
use vm_core::arch::{
    BITWISE_BUS, Chip, EXECUTION_BUS, ExecutionMode, ExecutionResult, ExecutionState, HostRng, InstructionExecutor,
    LoadedProgram, MEMORY_BUS, MemoryConfig, PROGRAM_BUS, RANGE_BUS, Streams, SystemPort, TraceContext, VmAdapterChip,
    VmChipWrapper, VmState,
};
use vm_core::instructions::{Instruction, MemoryImage, Program};
use vm_core::primitives::{TableContent, bitwise_content, range_content};
use vm_core::stark::{AirRef, F, RowBuilder, SymbolicAir};
use vm_core::system::memory::{GuestMemory, MemoryController, REGISTER_SPACE};

use crate::constant::{Constant, ConstantChip};
use crate::hint::{HintBuffer, HintBufferChip, HintStoreWord, HintStoreWordChip};
use crate::support::{cells, inv_pow2};

/// Number of bytes of public values in tests.
pub(crate) const NUM_PUBLIC_VALUES: usize = 32;
/// Time of the first access in tests.
const START_TIME: u32 = 100_000;

/// A chip of this extension.
pub(crate) trait TestChip: InstructionExecutor + Chip {
    /// Creates the chip without records, with its pinned opcodes.
    fn build() -> Self;
}

impl<I: Core + DefaultInstruction, A> TestChip for VmChipWrapper<A, InstructionCore<I>>
where
    A: CoreAdapter<Interface = <I::Adapter as VmAdapterChip>::Interface>,
    Self: Chip,
{
    fn build() -> Self {
        core_chip::<I, A>(I::VALUE, SystemPort::default(), I::OPCODE.expect("pinned"))
    }
}

/// Returns the chip of an instruction that is written by hand.
fn chip_of<I: DefaultInstruction>() -> I::Chip {
    I::VALUE.into_chip(SystemPort::default(), I::OPCODE.expect("pinned"))
}

impl TestChip for ConstantChip {
    fn build() -> Self {
        chip_of::<Constant>()
    }
}

impl TestChip for HintStoreWordChip {
    fn build() -> Self {
        chip_of::<HintStoreWord>()
    }
}

impl TestChip for HintBufferChip {
    fn build() -> Self {
        chip_of::<HintBuffer>()
    }
}

/// A situation in which one instruction executes.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) instruction: Instruction,
    pub(crate) pc: u32,
    pub(crate) image: MemoryImage,
    pub(crate) streams: Streams,
    /// Columns whose content the prover may choose, such as hints.
    choices: &'static [&'static str],
}

impl Case {
    /// Creates a case at pc 0x1000, with all memory zero and no streams.
    pub(crate) fn new(instruction: Instruction) -> Self {
        Self { instruction, pc: 0x1000, image: MemoryImage::new(), streams: Streams::default(), choices: &[] }
    }

    /// Sets the program counter.
    pub(crate) fn pc(mut self, pc: u32) -> Self {
        self.pc = pc;
        self
    }

    /// Sets the register at a byte pointer.
    pub(crate) fn register(self, pointer: u32, value: u32) -> Self {
        self.memory(REGISTER_SPACE, pointer, value)
    }

    /// Sets a word of memory.
    pub(crate) fn memory(mut self, space: u32, pointer: u32, value: u32) -> Self {
        self.image.insert((space, pointer), value);
        self
    }

    /// Sets the bytes that hint instructions consume.
    pub(crate) fn hints(mut self, hints: impl IntoIterator<Item = u8>) -> Self {
        self.streams.hint_stream = hints.into_iter().collect();
        self
    }

    /// Sets the columns whose content the prover may choose.
    pub(crate) fn choices(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    /// Executes the instruction once and fills its row.
    pub(crate) fn run<C>(&self) -> ExecutionResult<Outcome>
    where
        C: TestChip,
    {
        let mut chip = C::build();
        let memory = GuestMemory::from_image(&MemoryConfig::default(), NUM_PUBLIC_VALUES, &self.image)
            .expect("the test's image fits");
        let controller = MemoryController::new(memory, Recorder::default());
        let mut vm = VmState::new(controller, self.streams.clone(), HostRng::new(0));
        let from = ExecutionState::new(self.pc, START_TIME);
        let to = chip.execute(&mut vm, &self.instruction, from)?;

        let program = Program::from_instructions(self.pc, &[self.instruction]).expect("the test's program is valid");
        let program = LoadedProgram::new(&program, |_| Some(0));
        let ctx = TraceContext { program: &program, max_log_height: 10, max_instances: 1 };
        assert_eq!(chip.current_trace_height(), 1);
        let mut traces = chip.generate_traces(&ctx).expect("one row").traces;
        let row = traces.pop().expect("one row").values;
        assert_eq!(row.len(), chip.trace_width());

        let (memory, recorder) = vm.memory.into_parts();
        let expected = self.expected_messages(from, to, &memory, &recorder);
        Ok(Outcome { to, memory, streams: vm.streams, row, air: chip.air(), expected })
    }

    /// Checks the honest row and returns a trial that judges other rows.
    pub(crate) fn trial<C>(&self) -> Trial
    where
        C: TestChip,
    {
        let outcome = self.run::<C>().unwrap_or_else(|error| panic!("{self:?}: {error}"));
        let subject = Subject::new(outcome.air.clone());
        let honest = check_honest(&subject, self, &outcome);
        Trial { subject, honest, row: outcome.row }
    }

    /// Returns the messages that the row must have on the permutation buses and the program bus, derived from the
    /// host's accesses alone.
    fn expected_messages(
        &self,
        from: ExecutionState<u32>,
        to: ExecutionState<u32>,
        memory: &GuestMemory,
        recorder: &Recorder,
    ) -> Vec<Message> {
        let mut out = Vec::new();
        let mut push = |bus: &str, count: F, fields: Vec<F>| out.push(Message { bus: bus.into(), count, fields });
        let state = |state: ExecutionState<u32>| vec![F::from_u32(state.pc), F::from_u32(state.timestamp)];
        push(EXECUTION_BUS.name, -F::ONE, state(from));
        push(EXECUTION_BUS.name, F::ONE, state(to));
        let operands = self.instruction.operands().map(F::from_u32);
        let entry = [F::from_u32(self.pc), F::from_u32(self.instruction.opcode.as_u32())].into_iter().chain(operands);
        push(PROGRAM_BUS.name, F::ONE, entry.collect());
        for (i, access) in recorder.accesses.iter().enumerate() {
            let (space, pointer) = (access.space as u32 + memory.offset(), access.word as u32 * 4);
            let after = recorder.accesses[i + 1..]
                .iter()
                .find(|later| (later.space, later.word) == (access.space, access.word))
                .map_or_else(|| memory.words().get(access.space, access.word).unwrap_or(0), |later| later.value);
            let cell = |value: u32, time: u32| {
                let [low, high] = cells(value);
                vec![F::from_u32(space), F::from_u32(pointer), low, high, F::from_u32(time)]
            };
            push(MEMORY_BUS.name, -F::ONE, cell(access.value, access.previous));
            push(MEMORY_BUS.name, F::ONE, cell(after, access.time));
        }
        out
    }
}

/// One access of the host.
#[derive(Clone, Copy, Debug)]
struct Access {
    space: usize,
    word: usize,
    value: u32,
    time: u32,
    previous: u32,
}

/// A recording mode that logs every access. All words appear to have last been accessed some time ago.
#[derive(Debug)]
struct Recorder {
    time: u32,
    last: BTreeMap<(usize, usize), u32>,
    accesses: Vec<Access>,
}

impl Default for Recorder {
    fn default() -> Self {
        Self { time: START_TIME, last: BTreeMap::new(), accesses: Vec::new() }
    }
}

impl ExecutionMode for Recorder {
    const METERED: bool = false;
    const RECORD: bool = true;

    fn timestamp(&self) -> u32 {
        self.time
    }

    fn access(&mut self, space: usize, word: usize, value: u32, _is_write: bool) -> u32 {
        let time = self.time;
        self.time += 1;
        // The shortest and the longest distance that the range check allows, and one in between.
        let gap = [1, 1 << 16, 777][self.accesses.len() % 3];
        let previous = self.last.insert((space, word), time).unwrap_or(time - gap);
        self.accesses.push(Access { space, word, value, time, previous });
        previous
    }

    fn tick(&mut self) {
        self.time += 1;
    }

    fn add_rows(&mut self, _executor: usize, _rows: usize) {}
}

/// Result of one execution.
pub(crate) struct Outcome {
    pub(crate) to: ExecutionState<u32>,
    pub(crate) memory: GuestMemory,
    pub(crate) streams: Streams,
    pub(crate) row: Vec<F>,
    air: AirRef,
    expected: Vec<Message>,
}

impl Outcome {
    /// Returns a register after the instruction.
    pub(crate) fn register(&self, pointer: u32) -> u32 {
        self.memory.peek(REGISTER_SPACE, pointer).expect("a register")
    }
}

/// A bus message on a concrete row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    bus: Arc<str>,
    count: F,
    fields: Vec<F>,
}

/// Evaluation of an AIR on one row: failed constraints, and one entry per declared message (`None`: multiplicity zero).
struct Evaluation {
    failures: Vec<usize>,
    messages: Vec<Option<Message>>,
}

/// An AIR, with values that are expensive to recompute for every row.
struct Subject {
    air: AirRef,
    symbolic: SymbolicAir,
    names: Vec<String>,
    /// Bus of every message.
    buses: Vec<Arc<str>>,
}

impl Subject {
    fn new(air: AirRef) -> Self {
        let symbolic = SymbolicAir::record(&*air);
        let names = air.column_names();
        assert_eq!(names.len(), air.width());
        let buses = symbolic.messages.iter().map(|message| message.bus.as_str().into()).collect();
        Self { air, symbolic, names, buses }
    }

    fn evaluate(&self, row: &[F]) -> Evaluation {
        let mut builder = RowBuilder::new(&[], &[], true);
        builder.set_row(0, 1, (row, row), (&[], &[]));
        self.air.eval_row(&mut builder);
        let mut messages = vec![None; self.symbolic.messages.len()];
        for message in &builder.messages {
            let index = message.interaction as usize;
            messages[index] = Some(Message {
                bus: self.buses[index].clone(),
                count: message.count,
                fields: builder.fields_of(message).to_vec(),
            });
        }
        Evaluation { failures: builder.failures.iter().map(|&(index, _)| index as usize).collect(), messages }
    }
}

/// Returns whether a query is in its table; `None` for buses that are not tables with fixed content.
fn in_table(message: &Message) -> Option<bool> {
    match &*message.bus {
        bus if bus == RANGE_BUS.name => Some(range_content().position(&message.fields).is_some()),
        bus if bus == BITWISE_BUS.name => Some(bitwise_content().position(&message.fields).is_some()),
        _ => None,
    }
}

/// Guard that rejects a changed row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Guard {
    /// A constraint, by index.
    Constraint(usize),
    /// A query that is not in its table, by index of the message.
    Lookup(usize),
    /// A receive or a program lookup that does not match the given state, by index of the message.
    State(usize),
}

/// Result of [`check`].
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Columns that may change without changing the row's messages (up to times of previous accesses, which only the
    /// rest of the proof determines).
    pub(crate) free_columns: BTreeSet<String>,
    /// Constraints and lookups that were never the only guard to reject a change: removing one of them would go
    /// unnoticed.
    pub(crate) idle: BTreeSet<Guard>,
    /// Number of changed rows that were rejected.
    pub(crate) refused: usize,
}

impl Report {
    /// Checks which columns are free and which guards are idle. Every entry of a test's lists needs a reason.
    #[track_caller]
    pub(crate) fn expect(&self, free_columns: &[&str], idle: &[Guard]) {
        let free: BTreeSet<_> = free_columns.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(self.free_columns, free, "columns that may be changed unnoticed");
        assert_eq!(self.idle, idle.iter().cloned().collect(), "constraints and lookups that no change needed");
        assert!(self.refused > 10_000);
    }
}

/// Checks honest rows, padding, and all mutations of every case. Panics with the details at the first violation.
pub(crate) fn check<C>(cases: &[Case]) -> Report
where
    C: TestChip,
{
    check_with::<C>(cases, &[], &[])
}

/// Changes some columns of a row, as a cheating prover would.
pub(crate) type Change<'a> = &'a dyn Fn(&mut [F]);

/// Like [`check`], with help for chips whose result is far from the witness. `attacks` are applied to every honest row.
/// Every changed row is also tried after each of the `repairs`, which recompute columns from others. Repairs make
/// guards decisive such as the range check of a witness from which the result follows.
pub(crate) fn check_with<C>(cases: &[Case], repairs: &[Change<'_>], attacks: &[Change<'_>]) -> Report
where
    C: TestChip,
{
    let mut report = Report::default();
    let mut decisive = BTreeSet::new();
    let mut subject = None;
    for case in cases {
        let outcome = case.run::<C>().unwrap_or_else(|error| panic!("{case:?}: {error}"));
        let subject = subject.get_or_insert_with(|| {
            let subject = Subject::new(outcome.air.clone());
            check_shape(&subject);
            check_padding(&subject);
            subject
        });
        let honest = check_honest(subject, case, &outcome);
        let mut mutator = Mutator { subject, case, row: &outcome.row, honest, free: BTreeSet::new(), refused: 0 };
        decisive.extend(mutator.run(repairs, attacks));
        report.refused += mutator.refused;
        report.free_columns.extend(mutator.free_columns());
    }
    let subject = subject.expect("at least one case");
    let constraints = (0..subject.symbolic.constraints.len()).map(Guard::Constraint);
    let tables = [RANGE_BUS.name, BITWISE_BUS.name];
    let lookups = (0..subject.symbolic.messages.len())
        .filter(|&i| tables.contains(&subject.symbolic.messages[i].bus.as_str()))
        .map(Guard::Lookup);
    report.idle = constraints.chain(lookups).filter(|guard| !decisive.contains(guard)).collect();
    report
}

/// Returns the number of main columns, and of committed columns of the lookups: 4 per pair of messages on a bus and 4
/// for the sum.
pub(crate) fn cost<C: TestChip>() -> (usize, usize) {
    let chip = C::build();
    let symbolic = SymbolicAir::record(&*chip.air());
    let mut per_bus: BTreeMap<String, usize> = BTreeMap::new();
    for message in &symbolic.messages {
        *per_bus.entry(message.bus.clone()).or_default() += 1;
    }
    let packed: usize = per_bus.values().map(|n| n.div_ceil(2)).sum();
    (chip.trace_width(), 4 * (packed + 1))
}

/// Checks the degrees that the cost relies on: constraints at most 3, everything in a message at most 1.
fn check_shape(subject: &Subject) {
    for (i, constraint) in subject.symbolic.constraints.iter().enumerate() {
        assert!(constraint.degree_multiple() <= 3, "constraint {i} has degree {}", constraint.degree_multiple());
    }
    for (i, message) in subject.symbolic.messages.iter().enumerate() {
        for expr in message.fields.iter().chain([&message.count]) {
            assert!(expr.degree_multiple() <= 1, "message {i} on {} is not linear", message.bus);
        }
    }
    assert!(subject.symbolic.unsupported.is_empty());
    assert!(!subject.symbolic.reads.row_selectors && subject.symbolic.reads.main_next.is_empty());
}

/// Checks that a zero row is valid and sends no message, and that a row whose selectors are zero sends no message
/// whatever else it contains.
fn check_padding(subject: &Subject) {
    let width = subject.air.width();
    let zero = subject.evaluate(&vec![F::ZERO; width]);
    assert_eq!(zero.failures, [0usize; 0], "constraints refuse the zero row");
    assert!(zero.messages.iter().all(Option::is_none), "the zero row speaks");
    let selectors = subject.air.selectors();
    assert!(!selectors.is_empty());
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..50 {
        let mut row: Vec<F> = (0..width).map(|_| random(&mut rng)).collect();
        for &selector in &selectors {
            row[selector] = F::ZERO;
        }
        assert!(subject.evaluate(&row).messages.iter().all(Option::is_none), "a row without selector speaks");
    }
}

fn random(rng: &mut StdRng) -> F {
    F::from_u32(rng.random_range(0..F::ORDER_U32))
}

/// Checks that the row satisfies the AIR, that its queries are in the tables, and that its messages are those of the
/// host.
fn check_honest(subject: &Subject, case: &Case, outcome: &Outcome) -> Evaluation {
    let honest = subject.evaluate(&outcome.row);
    assert_eq!(honest.failures, [0usize; 0], "{case:?}: constraints refuse the honest row");
    let (queries, mut others): (Vec<_>, Vec<_>) =
        honest.messages.iter().flatten().cloned().partition(|message| in_table(message).is_some());
    for query in queries {
        assert_eq!((query.count, in_table(&query)), (F::ONE, Some(true)), "{case:?}: {query:?} is not in its table");
    }
    let mut expected = outcome.expected.clone();
    others.sort();
    expected.sort();
    assert_eq!(others, expected, "{case:?}: the row does not say what the host did");
    honest
}

/// A changed row that no guard rejects.
enum Accepted {
    /// Its messages are those of the honest row.
    Same,
    /// It has no messages: it became padding, which is not an instruction.
    Silent,
    /// It sends something else.
    Forgery,
}

/// Judges a changed row. The error lists the guards that reject it.
fn judge(honest: &Evaluation, changed: &Evaluation) -> Result<Accepted, Vec<Guard>> {
    let mut guards: Vec<Guard> = changed.failures.iter().map(|&i| Guard::Constraint(i)).collect();
    let mut same = true;
    for (i, (was, is)) in honest.messages.iter().zip(&changed.messages).enumerate() {
        let (Some(was), Some(is)) = (was, is) else {
            same &= was.is_none() && is.is_none();
            continue;
        };
        same &= was.count == is.count;
        if let Some(in_table) = in_table(is) {
            if !in_table {
                guards.push(Guard::Lookup(i));
            }
            continue;
        }
        let receives = was.count == -F::ONE;
        // As far as this row is concerned, the time of a previous access is chosen by the sender of the word.
        let compared = was.fields.len() - usize::from(receives && *was.bus == *MEMORY_BUS.name);
        if was.fields[..compared] != is.fields[..compared] {
            same = false;
            if receives || *was.bus == *PROGRAM_BUS.name {
                guards.push(Guard::State(i));
            }
        }
    }
    if !guards.is_empty() {
        return Err(guards);
    }
    Ok(match same {
        true => Accepted::Same,
        false if changed.messages.iter().all(Option::is_none) => Accepted::Silent,
        false => Accepted::Forgery,
    })
}

/// Columns by name, with their new values.
pub(crate) type Columns = Vec<(&'static str, F)>;

/// One situation with its honest row, for judging other rows.
pub(crate) struct Trial {
    subject: Subject,
    honest: Evaluation,
    /// The honest row.
    pub(crate) row: Vec<F>,
}

/// Judgement of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Some guards reject it.
    Refused(Vec<Guard>),
    /// It is accepted, and has the messages of the honest row or none.
    Harmless,
    /// It is accepted and has other messages.
    Forgery,
}

impl Trial {
    /// Judges a row.
    pub(crate) fn judge(&self, row: &[F]) -> Verdict {
        match judge(&self.honest, &self.subject.evaluate(row)) {
            Ok(Accepted::Forgery) => Verdict::Forgery,
            Ok(Accepted::Same | Accepted::Silent) => Verdict::Harmless,
            Err(guards) => Verdict::Refused(guards),
        }
    }

    /// Judges the honest row with some columns set by name.
    pub(crate) fn with(&self, columns: &[(&str, F)]) -> Verdict {
        let mut row = self.row.clone();
        for &(name, value) in columns {
            let column = self.subject.names.iter().position(|other| other == name);
            row[column.unwrap_or_else(|| panic!("there is no column {name}"))] = value;
        }
        self.judge(&row)
    }
}

/// Returns the differences that are tried for a changed column: units, steps of cells and bytes, and their inverses,
/// which a carry turns a unit into (2^−16 = −30720; two of them and a carry make 2^12).
fn differences(full: bool) -> Vec<F> {
    let mut out = vec![F::ONE, F::from_u32(1 << 16), inv_pow2(1), inv_pow2(16)];
    if full {
        out.extend([1, 8, 12, 15].map(|bits| F::from_u32(1 << bits)));
        out.push(inv_pow2(8));
    }
    out.into_iter().flat_map(|d| [d, -d]).collect()
}

/// Applies all changes to one honest row.
struct Mutator<'a> {
    subject: &'a Subject,
    case: &'a Case,
    row: &'a [F],
    honest: Evaluation,
    /// Columns that were changed without effect.
    free: BTreeSet<usize>,
    refused: usize,
}

impl Mutator<'_> {
    /// Returns the guards that were the only one to reject some change.
    fn run(&mut self, repairs: &[Change<'_>], attacks: &[Change<'_>]) -> BTreeSet<Guard> {
        let mut rng = StdRng::seed_from_u64(2);
        let mut decisive = BTreeSet::new();
        let width = self.row.len();
        let mut changed = self.row.to_vec();
        for attack in attacks {
            attack(&mut changed);
            decisive.extend(self.try_row(&changed, &self.changed_columns(&changed)));
            decisive.extend(self.try_repaired(&changed, repairs));
            changed.copy_from_slice(self.row);
        }
        for column in 0..width {
            let old = self.row[column];
            let neighbour = self.row[(column + 1) % width];
            let mut values: Vec<F> = differences(true).into_iter().map(|d| old + d).collect();
            values.extend([F::ZERO, F::ONE, -F::ONE, neighbour, old.double(), old.halve()]);
            values.extend((0..4).map(|_| random(&mut rng)));
            values.extend((0..4).map(|_| F::from_u32(rng.random_range(0..1 << 16))));
            for value in values.into_iter().filter(|&value| value != old) {
                changed[column] = value;
                decisive.extend(self.try_row(&changed, &[column]));
                decisive.extend(self.try_repaired(&changed, repairs));
            }
            changed[column] = old;
        }
        let (all, some) = (differences(true), differences(false));
        for a in 0..width {
            for b in a + 1..width {
                for &da in &all {
                    for &db in &all {
                        (changed[a], changed[b]) = (self.row[a] + da, self.row[b] + db);
                        decisive.extend(self.try_row(&changed, &[a, b]));
                        if some.contains(&da) && some.contains(&db) {
                            decisive.extend(self.try_repaired(&changed, repairs));
                        }
                    }
                }
                changed[b] = self.row[b];
            }
            changed[a] = self.row[a];
        }
        decisive
    }

    /// Tries a changed row after each of the repairs.
    fn try_repaired(&mut self, changed: &[F], repairs: &[Change<'_>]) -> Vec<Guard> {
        let mut decisive = Vec::new();
        for repair in repairs {
            let mut repaired = changed.to_vec();
            repair(&mut repaired);
            decisive.extend(self.try_row(&repaired, &self.changed_columns(&repaired)));
        }
        decisive
    }

    fn changed_columns(&self, changed: &[F]) -> Vec<usize> {
        (0..changed.len()).filter(|&c| changed[c] != self.row[c]).collect()
    }

    /// Judges a changed row. Returns the guard that rejects it if there is only one.
    fn try_row(&mut self, changed: &[F], columns: &[usize]) -> Option<Guard> {
        match judge(&self.honest, &self.subject.evaluate(changed)) {
            Ok(Accepted::Silent) => None,
            Ok(Accepted::Same) => {
                // With a free column among them, an unchanged effect shows nothing about the others.
                if !columns.is_empty() && columns.iter().all(|column| !self.free.contains(column)) {
                    self.free.extend(columns);
                }
                None
            }
            Ok(Accepted::Forgery) if self.is_choice(changed) => None,
            Ok(Accepted::Forgery) => {
                let names: Vec<_> = columns.iter().map(|&c| &self.subject.names[c]).collect();
                let (case, row) = (self.case, self.row);
                panic!("forgery in {case:?}: {names:?} changed, accepted row {changed:?}, honest {row:?}")
            }
            Err(mut guards) => {
                self.refused += 1;
                if guards.len() == 1 { guards.pop() } else { None }
            }
        }
    }

    /// Returns whether a row has other messages only because the prover made another choice: with the honest choice it
    /// has the messages of the honest row.
    fn is_choice(&self, changed: &[F]) -> bool {
        let mut restored = changed.to_vec();
        for (column, name) in self.subject.names.iter().enumerate() {
            if self.case.choices.contains(&name.as_str()) {
                restored[column] = self.row[column];
            }
        }
        restored != changed && matches!(judge(&self.honest, &self.subject.evaluate(&restored)), Ok(Accepted::Same))
    }

    /// Returns the names of the free columns, without times of previous accesses (see [`judge`]).
    fn free_columns(&self) -> impl Iterator<Item = String> + '_ {
        self.free.iter().map(|&c| self.subject.names[c].clone()).filter(|name| !name.contains("prev_timestamp"))
    }
}

/// Words at the edges of value ranges.
pub(crate) const WORDS: [u32; 12] = [
    0,
    1,
    2,
    0xFFFF,
    0x1_0000,
    0x7FFF_FFFF,
    0x8000_0000,
    0x8000_FFFF,
    0xFFFF_0000,
    0xFFFF_8000,
    0xFFFF_FFFF,
    0x1234_5678,
];

/// Returns pairs of words: all pairs of edges, or some of them if `randoms` is small, then random ones.
pub(crate) fn pairs(randoms: usize) -> impl Iterator<Item = (u32, u32)> {
    let step = if randoms < 10 { 13 } else { 1 };
    let edges = (0..WORDS.len() * WORDS.len()).step_by(step).map(|i| (WORDS[i / WORDS.len()], WORDS[i % WORDS.len()]));
    let mut rng = StdRng::seed_from_u64(3);
    edges.chain((0..randoms).map(move |_| rng.random()))
}
