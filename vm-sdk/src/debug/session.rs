//! A run that stops at breakpoints and watchpoints and goes back in time.

mod back;

use std::mem;
use std::ops::Range;

use gdbstub::common::Signal;
use vm_core::arch::{ExecutionError, ExecutionFailure, GuestMemory, MAIN_SPACE, REGISTER_SPACE, Streams, VmConfig};
use vm_core::machine::{StepOutcome, Stepper, VmExecutor};

use crate::error::SdkError;
use crate::program::GuestProgram;
use crate::sdk::execution_error;

use super::history::{History, INTERVAL};
use super::watch::{WatchKind, Watchpoint, accessed};

/// Number of instructions after which a session checks whether it is interrupted.
const POLL_INTERVAL: u64 = 1 << 18;
/// Number of the registers that instructions of RISC-V can name.
const NUM_REGISTERS: usize = 32;
const EBREAK: u32 = 0x0010_0073;

/// How a run goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Motion {
    /// Until it stops.
    Continue,
    /// By one instruction.
    Step,
    /// Until it leaves a range of program counters.
    StepOver(Range<u32>),
    /// Backwards until it stops.
    BackContinue,
    /// Backwards by one instruction.
    BackStep,
}

/// Why a run stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The step is done.
    Stepped,
    /// Before an instruction with a breakpoint.
    Breakpoint,
    /// At an access to watched bytes: after the instruction if the run goes forwards, before it if it goes back.
    Watchpoint {
        /// Kind of the watchpoint.
        kind: WatchKind,
        /// Address of the first byte that is accessed and watched.
        address: u32,
    },
    /// Going back reached the start.
    Start,
    /// Before the instruction that ends the program, if [`Session::stop_at_exit`] is set.
    End,
    /// The guest ended with this exit code.
    Exited(u32),
    /// The next instruction fails.
    Failed {
        /// The closest signal of POSIX.
        signal: Signal,
        /// What failed, where and why.
        message: String,
    },
}

/// A run of a program under a debugger.
pub struct Session<'a, VC: VmConfig> {
    program: &'a GuestProgram,
    stepper: Stepper<VC>,
    history: History,
    watchpoints: Vec<Watchpoint>,
    motion: Motion,
    /// Number of instructions at the last call of [`Self::resume`].
    resumed_at: u64,
    /// Whether the next instruction is executed even if there is a breakpoint.
    proceeds: bool,
    /// Number of bytes of the guest's output that [`Self::take_output`] has returned.
    shown: usize,
    max_instructions: u64,
    /// Whether the run stops before the instruction that ends the program.
    pub stop_at_exit: bool,
}

impl<'a, VC: VmConfig> Session<'a, VC> {
    /// Creates a run that has not executed an instruction yet.
    ///
    /// # Errors
    ///
    /// [`SdkError::Machine`] or [`SdkError::Start`] if the machine cannot be built or cannot load the program.
    pub fn new(
        executor: &VmExecutor<VC>,
        program: &'a GuestProgram,
        streams: impl Into<Streams>,
    ) -> Result<Self, SdkError> {
        let state = executor.initial_state(program.exe(), streams);
        let stepper = state.and_then(|state| Stepper::new(executor, program.exe(), state));
        let mut stepper = stepper.map_err(|error| execution_error(program, error))?;
        let history = History::new(stepper.snapshot());
        Ok(Self {
            program,
            stepper,
            history,
            watchpoints: Vec::new(),
            motion: Motion::Continue,
            resumed_at: 0,
            proceeds: true,
            shown: 0,
            max_instructions: executor.max_instructions(),
            stop_at_exit: false,
        })
    }

    /// Returns the program.
    pub fn program(&self) -> &'a GuestProgram {
        self.program
    }

    /// Returns the program counter of the next instruction.
    pub fn pc(&self) -> u32 {
        self.stepper.pc()
    }

    /// Returns the number of instructions that lead to the present state.
    pub fn instructions(&self) -> u64 {
        self.stepper.instructions()
    }

    /// Returns the number of instructions of the earliest state that the session can go back to.
    pub fn start(&self) -> u64 {
        self.history.start()
    }

    /// Returns the number of checkpoints.
    pub fn checkpoints(&self) -> usize {
        self.history.len()
    }

    /// Returns the streams between host and guest.
    pub fn streams(&self) -> &Streams {
        self.stepper.streams()
    }

    /// Returns the memory.
    pub fn memory(&self) -> &GuestMemory {
        self.stepper.memory()
    }

    /// Returns the registers x0 to x31.
    pub fn registers(&self) -> [u32; NUM_REGISTERS] {
        let words = self.memory().space_words(REGISTER_SPACE);
        std::array::from_fn(|register| words.get(register).copied().unwrap_or(0))
    }

    /// Reads bytes from memory. Returns how many there are before its end.
    pub fn read_memory(&self, address: u32, bytes: &mut [u8]) -> usize {
        let memory = self.stepper.memory();
        for (index, byte) in bytes.iter_mut().enumerate() {
            let Some(at) = u32::try_from(index).ok().and_then(|offset| address.checked_add(offset)) else {
                return index;
            };
            let Ok(word) = memory.peek(MAIN_SPACE, at & !3) else { return index };
            *byte = word.to_le_bytes()[(at % 4) as usize];
        }
        bytes.len()
    }

    /// Writes bytes to memory. Returns whether all of them are inside of it; otherwise, nothing is written.
    ///
    /// The run is then another one: the session cannot go back to states before.
    pub fn write_memory(&mut self, address: u32, bytes: &[u8]) -> bool {
        if self.read_memory(address, &mut vec![0; bytes.len()]) < bytes.len() {
            return false;
        }
        let memory = self.stepper.memory_mut();
        for (at, byte) in (address..).zip(bytes) {
            let Ok(word) = memory.peek(MAIN_SPACE, at & !3) else { return false };
            let shift = 8 * (at % 4);
            let _ = memory.poke(MAIN_SPACE, at & !3, word & !(0xff << shift) | u32::from(*byte) << shift);
        }
        self.diverge();
        true
    }

    /// Sets registers and the program counter. Register x0 stays 0.
    ///
    /// The run is then another one: the session cannot go back to states before.
    pub fn set_registers(&mut self, registers: &[u32; NUM_REGISTERS], pc: u32) {
        if *registers == self.registers() && pc == self.pc() {
            return;
        }
        for (register, value) in (0..).zip(registers).skip(1) {
            let _ = self.stepper.memory_mut().poke(REGISTER_SPACE, 4 * register, *value);
        }
        self.stepper.set_pc(pc);
        self.diverge();
    }

    fn diverge(&mut self) {
        self.history = History::new(self.stepper.snapshot());
        self.shown = self.streams().printed.as_bytes().len();
    }

    /// Adds a breakpoint before the instruction at `pc`.
    pub fn add_breakpoint(&mut self, pc: u32) {
        self.stepper.watched_mut().breakpoints.insert(pc);
    }

    /// Removes a breakpoint. Returns whether there was one.
    pub fn remove_breakpoint(&mut self, pc: u32) -> bool {
        self.stepper.watched_mut().breakpoints.remove(&pc)
    }

    /// Adds a watchpoint.
    pub fn add_watchpoint(&mut self, watchpoint: Watchpoint) {
        self.watchpoints.push(watchpoint);
        self.watch_words();
    }

    /// Removes a watchpoint. Returns whether there was one.
    pub fn remove_watchpoint(&mut self, watchpoint: Watchpoint) -> bool {
        let index = self.watchpoints.iter().position(|other| *other == watchpoint);
        if let Some(index) = index {
            self.watchpoints.remove(index);
            self.watch_words();
        }
        index.is_some()
    }

    fn watch_words(&mut self) {
        self.stepper.watched_mut().words = self.watchpoints.iter().map(Watchpoint::words).collect();
    }

    /// Returns what the guest has printed and no earlier call has returned. Instructions that are executed again after going
    /// back print nothing.
    pub fn take_output(&mut self) -> &[u8] {
        let printed = self.stepper.streams().printed.as_bytes();
        let new = printed.get(self.shown..).unwrap_or_default();
        self.shown = self.shown.max(printed.len());
        new
    }

    /// Sets how the run goes on when [`Self::advance`] is called.
    pub fn resume(&mut self, motion: Motion) {
        self.motion = motion;
        self.resumed_at = self.instructions();
        self.proceeds = true;
    }

    /// Lets the run go on. Returns why it stopped, or `None` if `is_interrupted` returned true, which is called now and then.
    /// After an interruption, another call goes on.
    pub fn advance(&mut self, is_interrupted: &mut dyn FnMut() -> bool) -> Option<Stop> {
        match self.motion.clone() {
            Motion::Continue => loop {
                if let Some(stop) = self.forward(POLL_INTERVAL) {
                    return Some(stop);
                }
                if is_interrupted() {
                    return None;
                }
            },
            Motion::Step => Some(self.step()),
            Motion::StepOver(range) => loop {
                for _ in 0..POLL_INTERVAL {
                    match self.step() {
                        Stop::Stepped if self.is_breakpoint() => return Some(Stop::Breakpoint),
                        Stop::Stepped if range.contains(&self.pc()) => {}
                        stop => return Some(stop),
                    }
                }
                if is_interrupted() {
                    return None;
                }
            },
            Motion::BackContinue => self.back(is_interrupted),
            Motion::BackStep => Some(self.back_step()),
        }
    }

    /// Executes one instruction.
    fn step(&mut self) -> Stop {
        self.proceeds = true;
        self.forward(1).unwrap_or(Stop::Stepped)
    }

    /// Executes at most `instructions` instructions, and fewer if the run stops. Makes checkpoints.
    pub(super) fn forward(&mut self, instructions: u64) -> Option<Stop> {
        let end = self.instructions().saturating_add(instructions);
        while self.instructions() < end {
            let now = self.instructions();
            if now.is_multiple_of(INTERVAL) && !self.history.contains(now) {
                self.history.add(self.stepper.snapshot());
            }
            let next = (now / INTERVAL + 1).saturating_mul(INTERVAL);
            let limit = next.min(end).min(self.max_instructions) - now.min(self.max_instructions);
            if limit == 0 {
                return Some(self.too_long());
            }
            match self.stepper.run(limit, mem::take(&mut self.proceeds)) {
                StepOutcome::Limit => {}
                StepOutcome::Breakpoint => return Some(Stop::Breakpoint),
                StepOutcome::Watched => {
                    if let Some(stop) = self.watchpoint_hit() {
                        return Some(stop);
                    }
                }
                StepOutcome::Terminated(_) if self.stop_at_exit && self.instructions() > self.resumed_at => {
                    return Some(Stop::End);
                }
                StepOutcome::Terminated(code) => return Some(Stop::Exited(code)),
                StepOutcome::Failed(failure) => return Some(self.failed(*failure)),
            }
        }
        None
    }

    fn is_breakpoint(&self) -> bool {
        self.stepper.watched().breakpoints.contains(&self.pc())
    }

    /// Returns the watchpoint that the last instruction hit, if it accessed the watched bytes and not only their words.
    fn watchpoint_hit(&self) -> Option<Stop> {
        let watched = self.stepper.watched();
        let mut registers = self.registers();
        watched.undo_register(&mut registers);
        let accesses = accessed(self.program.image().word(watched.last_pc()), &registers, watched.accesses());
        let hits = accesses.into_iter().flat_map(|access| {
            let hit = move |watchpoint: &Watchpoint| Some((watchpoint.kind, watchpoint.hit(access)?));
            self.watchpoints.iter().filter_map(hit)
        });
        hits.map(|(kind, address)| Stop::Watchpoint { kind, address }).next()
    }

    /// Describes a failure, and goes to the state before the instruction that failed.
    fn failed(&mut self, failure: ExecutionFailure) -> Stop {
        self.go_to(self.instructions());
        let word = self.program.image().word(self.pc());
        let signal = match &failure.error {
            ExecutionError::Memory { .. } => Signal::SIGSEGV,
            ExecutionError::PcNotFound { .. } if word == Some(EBREAK) => Signal::SIGTRAP,
            ExecutionError::PcNotFound { .. } if word.is_none() => Signal::SIGSEGV,
            ExecutionError::PcNotFound { .. }
            | ExecutionError::DisabledOperation { .. }
            | ExecutionError::PhantomNotFound { .. } => Signal::SIGILL,
            _ => Signal::SIGABRT,
        };
        Stop::Failed { signal, message: self.program.explain(failure).to_string() }
    }

    fn too_long(&self) -> Stop {
        let error = ExecutionError::DidNotTerminate { pc: self.pc(), executed: self.instructions() };
        let failure = ExecutionFailure::new(error, self.stepper.memory(), self.streams());
        Stop::Failed { signal: Signal::SIGXCPU, message: self.program.explain(*failure).to_string() }
    }
}
