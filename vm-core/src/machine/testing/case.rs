//! One execution of one instruction, and the row that it leaves.
//!
//! A [`Case`] describes the situation: instruction, program counter, memory, hints. [`Case::run`] executes it and returns
//! the [`Outcome`], which a test compares with a model of the instruction. [`Case::trial`] judges rows that the test makes
//! up, and [`check`](super::check) tries all small changes of the row.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use p3_field::{Field, PrimeCharacteristicRing};

use crate::arch::authoring::{Core, CoreAdapter, CoreChip, DefaultInstruction, InstructionSpec, core_chip};
use crate::arch::{
    ALLOCATED_OPCODES, Chip, ChipUsageGetter, EXECUTION_BUS, ExecutionMode, ExecutionResult, ExecutionState,
    GuestMemory, HostRng, InstructionExecutor, LoadedProgram, LookupTable, MEMORY_BUS, MemoryController, PROGRAM_BUS,
    REGISTER_SPACE, SplitRule, Streams, SystemConfig, SystemPort, TraceContext, VmAdapterChip, VmState, cells_of,
};
use crate::instructions::{Instruction, MemoryImage, Program};
use crate::stark::{AirRef, F};

use super::trial::{Message, RowAir, Trial};

/// Timestamp of the first access.
const START_TIME: u32 = 100_000;

/// A chip that a [`Case`] can build: implemented for every instruction without parameters, and for [`Specialised`].
pub trait CaseChip {
    /// The chip. It executes instructions and fills one row for each.
    type Chip: InstructionExecutor + Chip;

    /// Builds the chip without records.
    fn chip() -> Self::Chip;
}

/// First opcode of an instruction: the pinned one, or any that a machine could allocate.
fn opcode_of<I: InstructionSpec>() -> u32 {
    I::OPCODE.unwrap_or(ALLOCATED_OPCODES)
}

impl<I: DefaultInstruction> CaseChip for I {
    type Chip = I::Chip;

    fn chip() -> I::Chip {
        I::VALUE.into_chip(SystemPort::default(), opcode_of::<I>())
    }
}

/// The chip that serves special cases of instruction `I` with adapter `A`.
pub struct Specialised<I, A>(PhantomData<(I, A)>);

impl<I, A> CaseChip for Specialised<I, A>
where
    I: Core + DefaultInstruction,
    A: CoreAdapter<Interface = <I::Adapter as VmAdapterChip>::Interface>,
    CoreChip<I, A>: Chip,
{
    type Chip = CoreChip<I, A>;

    fn chip() -> Self::Chip {
        core_chip::<I, A>(I::VALUE, SystemPort::default(), opcode_of::<I>())
    }
}

/// A situation in which one instruction executes.
///
/// A case serves chips with one row per instruction whose accesses are of one word. For other chips there is the test
/// that `#[vm_extension]` generates.
#[derive(Clone, Debug)]
pub struct Case {
    /// The instruction.
    pub instruction: Instruction,
    /// Its program counter.
    pub pc: u32,
    /// Memory before the instruction.
    pub image: MemoryImage,
    /// Host streams before the instruction.
    pub streams: Streams,
    /// Columns whose content the prover may choose, such as hints.
    pub(super) choices: &'static [&'static str],
    pub(super) tables: Tables,
}

/// Lookup tables of an extension's own.
#[derive(Clone, Default)]
pub(super) struct Tables(pub(super) Vec<Arc<dyn LookupTable>>);

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|table| table.bus().name)).finish()
    }
}

impl Case {
    /// A case at program counter 0x1000 with zeroed memory and empty streams.
    pub fn new(instruction: Instruction) -> Self {
        let (image, streams) = (MemoryImage::new(), Streams::default());
        Self { instruction, pc: 0x1000, image, streams, choices: &[], tables: Tables::default() }
    }

    /// Sets the program counter.
    pub fn pc(mut self, pc: u32) -> Self {
        self.pc = pc;
        self
    }

    /// Sets the register at a byte pointer of address space 1.
    pub fn register(self, pointer: u32, value: u32) -> Self {
        self.memory(REGISTER_SPACE, pointer, value)
    }

    /// Sets the word at a byte pointer of an address space.
    pub fn memory(mut self, space: u32, pointer: u32, value: u32) -> Self {
        self.image.insert((space, pointer), value);
        self
    }

    /// Sets the bytes that hint instructions consume.
    pub fn hints(mut self, hints: impl IntoIterator<Item = u8>) -> Self {
        self.streams.hint_stream = hints.into_iter().collect();
        self
    }

    /// Adds a lookup table that the row queries. The tables of range checks and of bytes are always there.
    pub fn table(mut self, table: impl LookupTable + 'static) -> Self {
        self.tables.0.push(Arc::new(table));
        self
    }

    /// Names the columns whose content the prover may choose, such as hints.
    pub fn choices(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    /// Executes the instruction once and fills its row.
    ///
    /// # Errors
    /// The error of the instruction, if it fails.
    ///
    /// # Panics
    /// If the memory image does not fit a machine with the default configuration, or if the chip does not fill exactly
    /// one row.
    pub fn run<C: CaseChip>(&self) -> ExecutionResult<Outcome> {
        let mut chip = C::chip();
        let system = SystemConfig::default();
        let memory = GuestMemory::from_image(&system.memory_config, system.num_public_values, &self.image)
            .expect("the case's memory image fits the default configuration");
        let controller = MemoryController::new(memory, AccessLog::default());
        let mut vm = VmState::new(controller, self.streams.clone(), HostRng::new(0));
        let from = ExecutionState::new(self.pc, START_TIME);
        let to = chip.execute(&mut vm, &self.instruction, from)?;

        let program = Program::from_instructions(self.pc, &[self.instruction]).expect("a program of one instruction");
        let program = LoadedProgram::new(&program, |_| Some(0));
        let ctx = TraceContext {
            program: &program,
            split: SplitRule { max_log_height: 10, max_instances: 1, rows_per_instance: 1 },
        };
        assert_eq!(chip.current_trace_height(), 1, "a case needs a chip with one row per instruction");
        let mut traces = chip.generate_traces(&ctx).expect("the chip fills one row").traces;
        let mut row = traces.pop().expect("the chip fills one row").values;
        let padding = row.split_off(chip.trace_width());
        assert!(padding.iter().all(F::is_zero), "the chip fills one row");

        let (memory, log) = vm.memory.into_parts();
        let expected = self.expected_messages(from, to, &memory, &log);
        Ok(Outcome { to, memory, streams: vm.streams, row, air: chip.air(), expected })
    }

    /// Executes the instruction and checks its honest row; the trial then judges other rows.
    ///
    /// # Panics
    /// If the instruction fails or its honest row is refused.
    pub fn trial<C: CaseChip>(&self) -> Trial {
        let outcome = self.outcome::<C>();
        Trial::new(RowAir::new(outcome.air.clone(), &self.tables), self, outcome)
    }

    pub(super) fn outcome<C: CaseChip>(&self) -> Outcome {
        self.run::<C>().unwrap_or_else(|error| panic!("{self:?}: {error}"))
    }

    /// The messages on permutation buses and the program lookup that the row must have, from the host's accesses alone.
    fn expected_messages(
        &self,
        from: ExecutionState<u32>,
        to: ExecutionState<u32>,
        memory: &GuestMemory,
        log: &AccessLog,
    ) -> Vec<Message> {
        let mut messages = Vec::new();
        let mut push = |bus: &str, count: F, fields: Vec<F>| messages.push(Message { bus: bus.into(), count, fields });
        let state = |state: ExecutionState<u32>| vec![F::from_u32(state.pc), F::from_u32(state.timestamp)];
        push(EXECUTION_BUS.name, -F::ONE, state(from));
        push(EXECUTION_BUS.name, F::ONE, state(to));
        let operands = self.instruction.operands().map(F::from_u32);
        let entry = [F::from_u32(self.pc), F::from_u32(self.instruction.opcode.as_u32())].into_iter().chain(operands);
        push(PROGRAM_BUS.name, F::ONE, entry.collect());
        for (i, access) in log.accesses.iter().enumerate() {
            let (space, pointer) = (access.space as u32 + memory.offset(), access.word as u32 * 4);
            let after = log.accesses[i + 1..]
                .iter()
                .find(|later| (later.space, later.word) == (access.space, access.word))
                .map_or_else(|| memory.words().get(access.space, access.word).unwrap_or(0), |later| later.value);
            let word = |value: u32, time: u32| {
                let [low, high] = cells_of(value);
                vec![F::from_u32(space), F::from_u32(pointer), low, high, F::from_u32(time)]
            };
            push(MEMORY_BUS.name, -F::ONE, word(access.value, access.previous));
            push(MEMORY_BUS.name, F::ONE, word(after, access.time));
        }
        messages
    }
}

/// Result of [`Case::run`].
pub struct Outcome {
    /// Program counter and timestamp after the instruction.
    pub to: ExecutionState<u32>,
    /// Memory after the instruction.
    pub memory: GuestMemory,
    /// Host streams after the instruction.
    pub streams: Streams,
    /// The row of the instruction.
    pub row: Vec<F>,
    pub(super) air: AirRef,
    pub(super) expected: Vec<Message>,
}

impl Outcome {
    /// Returns the register at a byte pointer of address space 1, after the instruction.
    ///
    /// # Panics
    /// If there is no such register.
    pub fn register(&self, pointer: u32) -> u32 {
        self.memory.peek(REGISTER_SPACE, pointer).expect("the pointer of a register")
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

/// A recording mode that logs every access. It pretends that each word was accessed some time before.
#[derive(Debug)]
struct AccessLog {
    time: u32,
    last: BTreeMap<(usize, usize), u32>,
    accesses: Vec<Access>,
}

impl Default for AccessLog {
    fn default() -> Self {
        Self { time: START_TIME, last: BTreeMap::new(), accesses: Vec::new() }
    }
}

impl ExecutionMode for AccessLog {
    const METERED: bool = false;
    const RECORD: bool = true;

    fn timestamp(&self) -> u32 {
        self.time
    }

    fn access(&mut self, space: usize, word: usize, value: u32, _is_write: bool) -> u32 {
        let time = self.time;
        self.time += 1;
        // The shortest and the longest gap that the range check allows, and one between them.
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
