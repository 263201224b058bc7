//! Execution: state, memory, modes, the loop, and the trait of executors with its errors.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vm_derive::AlignedBorrow;

use crate::arch::samples::Samples;
use crate::instructions::{Instruction, PC_STEP, VmOpcode};

mod interpreter;
mod memory;
mod modes;
mod paths;
mod phantom_executor;
mod program_table;
mod state;

pub use interpreter::{Observer, OpcodeCounts, RunLimits, RunOutcome, run, run_following};
pub use memory::{
    ACCESS_GAP_BITS, CELL, CELL_BITS, CELL_INV, GuestMemory, MAIN_SPACE, MemoryController, MemoryError, MemoryResult,
    PUBLIC_VALUES_SPACE, REGISTER_SPACE, ReadRecord, WordStore, WriteRecord, cells_of, inv_pow2,
};
#[cfg(feature = "prover")]
pub(crate) use modes::WideRecord;
pub use modes::{AdapterRows, FirstTouch, MemoryRows, Metered, OfflineMemory, Pure, Refresh, WideLog, WrittenNodes};
#[cfg(feature = "prover")]
pub use modes::{Watched, WatchedAccess};
pub use paths::{JumpProfile, PathExecution, PathFollower, PathTable, TimedPath};
pub use phantom_executor::{PhantomContext, PhantomExecutor, PhantomSubExecutor};
pub use program_table::{ExecutorId, LoadedProgram, Slot, Special};
pub use state::{HostRng, Printed, RngPosition, Streams, VmState};

/// State of execution between two instructions.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, AlignedBorrow)]
pub struct ExecutionState<T> {
    /// Program counter of the next instruction.
    pub pc: T,
    /// Time of the next instruction's first access; 0 in modes that keep no time.
    pub timestamp: T,
}

impl<T> ExecutionState<T> {
    /// Creates a state.
    pub const fn new(pc: T, timestamp: T) -> Self {
        Self { pc, timestamp }
    }
}

/// Result of execution. The error is boxed so that the success path stays in registers.
pub type ExecutionResult<T> = Result<T, Box<ExecutionError>>;

/// Reason why execution failed. `pc` is the program counter of the instruction that failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExecutionError {
    /// The program counter does not point to an instruction.
    #[error("{}", describe_missing(*pc, *from))]
    PcNotFound {
        /// Program counter.
        pc: u32,
        /// Program counter of the instruction that was executed before, if any: a jump, or the instruction in front of
        /// `pc`.
        from: Option<u32>,
    },
    /// No executor of the machine serves the instruction's opcode, or none accepts its operands.
    #[error(
        "pc {pc:#010x}: opcode {opcode} is not enabled in this machine's configuration, or its operands are malformed"
    )]
    DisabledOperation {
        /// Program counter.
        pc: u32,
        /// Opcode of the instruction.
        opcode: VmOpcode,
    },
    /// No extension of the machine has a sub-executor for the phantom instruction.
    #[error("pc {pc:#010x}: phantom discriminant {discriminant:#x} is not enabled in this machine's configuration")]
    PhantomNotFound {
        /// Program counter.
        pc: u32,
        /// Discriminant that selects the sub-executor.
        discriminant: u16,
    },
    /// The guest reveals a public value outside of the configured range.
    #[error("pc {pc:#010x}: public value at byte {index} is out of bounds: the machine has {num_public_values} bytes")]
    PublicValueIndexOutOfBounds {
        /// Program counter.
        pc: u32,
        /// Index of the first byte that is written.
        index: u32,
        /// Number of bytes of public values that the machine has.
        num_public_values: usize,
    },
    /// The machine refuses a memory access.
    #[error("pc {pc:#010x}: {source}")]
    Memory {
        /// Program counter.
        pc: u32,
        /// Reason for the refusal.
        source: MemoryError,
    },
    /// The guest requests more input vectors than there are.
    #[error("pc {pc:#010x}: the guest requests input vector {index}, but only {available} were given (add --input)")]
    EndOfInputStream {
        /// Program counter.
        pc: u32,
        /// Index of the missing input vector.
        index: usize,
        /// Number of input vectors given.
        available: usize,
    },
    /// The guest reads more bytes than the hint stream holds.
    #[error("pc {pc:#010x}: the guest reads {requested} hint bytes, but only {available} are left")]
    HintOutOfBounds {
        /// Program counter.
        pc: u32,
        /// Number of bytes that the guest reads.
        requested: usize,
        /// Number of bytes left in the hint stream.
        available: usize,
    },
    /// An instruction fails for a reason of its own.
    #[error("pc {pc:#010x}: {message}")]
    Fail {
        /// Program counter.
        pc: u32,
        /// What failed, and why.
        message: String,
    },
    /// The limit of instructions was reached before the program terminated.
    #[error("the program did not terminate within {executed} instructions (last pc {pc:#010x})")]
    DidNotTerminate {
        /// Program counter.
        pc: u32,
        /// Number of executed instructions.
        executed: u64,
    },
    /// The run was cancelled from outside.
    #[error("the run was cancelled (last pc {pc:#010x})")]
    Cancelled {
        /// Program counter.
        pc: u32,
    },
    /// A timestamp exceeds its range. The segment must end earlier.
    #[error("the segment's clock reached 2^{clk_max_bits} at pc {pc:#010x}; enable continuations or shorten the run")]
    ClockOverflow {
        /// Program counter.
        pc: u32,
        /// Configured number of bits of a timestamp.
        clk_max_bits: usize,
    },
}

/// Returns the program counter of a jump to `pc`, if the instruction before was not simply the one in front of it.
fn jump_to(pc: u32, from: Option<u32>) -> Option<u32> {
    from.filter(|from| from.wrapping_add(PC_STEP) != pc)
}

/// Describes a program counter without an instruction.
fn describe_missing(pc: u32, from: Option<u32>) -> String {
    match jump_to(pc, from) {
        Some(from) if !pc.is_multiple_of(PC_STEP) => {
            format!("pc {from:#010x}: jump to the misaligned address {pc:#010x}; instructions are at multiples of 4")
        }
        Some(from) => format!("pc {from:#010x}: jump to {pc:#010x}, where there is no instruction"),
        None => format!("pc {pc:#010x}: there is no instruction"),
    }
}

/// A run that failed: the error, and what the run left.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{error}")]
pub struct ExecutionFailure {
    /// Why the run failed.
    pub error: ExecutionError,
    /// Registers when it failed: the words of address space 1.
    pub registers: Vec<u32>,
    /// What the guest had printed.
    pub printed: Vec<u8>,
}

impl ExecutionFailure {
    /// Describes a run from the state in which it failed.
    pub fn new(error: ExecutionError, memory: &GuestMemory, streams: &Streams) -> Box<Self> {
        let registers = memory.space_words(REGISTER_SPACE);
        Box::new(Self { error, registers, printed: streams.printed.as_bytes().to_vec() })
    }
}

impl ExecutionError {
    /// Returns the program counter of the instruction that failed. For a jump to a place without an instruction, this is
    /// the jump.
    pub fn pc(&self) -> u32 {
        match *self {
            Self::PcNotFound { pc, from } => jump_to(pc, from).unwrap_or(pc),
            Self::DisabledOperation { pc, .. }
            | Self::PhantomNotFound { pc, .. }
            | Self::PublicValueIndexOutOfBounds { pc, .. }
            | Self::Memory { pc, .. }
            | Self::EndOfInputStream { pc, .. }
            | Self::HintOutOfBounds { pc, .. }
            | Self::Fail { pc, .. }
            | Self::DidNotTerminate { pc, .. }
            | Self::Cancelled { pc }
            | Self::ClockOverflow { pc, .. } => pc,
        }
    }

    /// Creates an [`ExecutionError::Memory`] from the program counter and the error of an access.
    #[cold]
    #[inline(never)]
    // Takes the error boxed, as memory returns it: unboxing it before the call would be on the hot path.
    #[allow(clippy::boxed_local)]
    pub fn memory(pc: u32, source: Box<MemoryError>) -> Box<Self> {
        Box::new(Self::Memory { pc, source: *source })
    }
}

/// Mode of execution: a pure run ignores memory accesses, a metered run counts them, and a preflight run logs them.
///
/// Executors are generic over the mode and are monomorphised for each, so all modes share one definition of the
/// semantics.
pub trait ExecutionMode: Send {
    /// Whether the run counts rows and touched memory.
    const METERED: bool;
    /// Whether the run keeps records, from which traces are filled.
    const RECORD: bool;

    /// Returns the current time; 0 in modes that keep no time.
    fn timestamp(&self) -> u32;

    /// Registers an access to a word, advances time by one tick, and returns the time of the word's previous access (0
    /// in modes that do not record).
    ///
    /// `space` is the 0-based index of the address space, `word` the index of the word within it, and `value` the
    /// content of the word before the access.
    fn access(&mut self, space: usize, word: usize, value: u32, is_write: bool) -> u32;

    /// Registers that the last accesses, one per word, were requested as one wide access. Modes that count or record
    /// use it for the row of the access adapter. Does nothing by default.
    #[inline(always)]
    fn wide_access(&mut self, _access: WideAccess<'_>) {}

    /// Advances time by one tick without an access.
    fn tick(&mut self);

    /// Adds rows to the count of the executor with this index, and makes it the current executor. Has an effect in
    /// metered runs only.
    fn add_rows(&mut self, executor: usize, rows: usize);

    /// Adds rows to the count of the current executor, in addition to the one row per instruction. Has an effect in
    /// metered runs only.
    fn add_more_rows(&mut self, _rows: usize) {}

    /// Counts a phantom instruction. Has an effect in metered runs only.
    #[inline(always)]
    fn add_phantom(&mut self) {}

    /// Adds rows to the count of a periphery chip, given by the name of its AIR. Has an effect in metered runs only.
    ///
    /// An instruction whose row needs rows of such a chip must call this method, so that segments end before the chip
    /// has too many rows.
    #[inline(always)]
    fn add_periphery_rows(&mut self, _air: &'static str, _rows: usize) {}

    /// Returns whether the run is suspended before the instruction at `pc`. Called before each instruction. Only runs
    /// under a debugger are suspended so.
    #[inline(always)]
    fn suspends_before(&mut self, _pc: u32) -> bool {
        false
    }
}

/// A wide access that was made word by word.
#[derive(Clone, Copy, Debug)]
pub struct WideAccess<'a> {
    /// 0-based index of the address space.
    pub space: u32,
    /// Index of the first word within the space.
    pub word: u32,
    /// Time of the access to the first word. Each further word is accessed one tick later.
    pub timestamp: u32,
    /// Contents of the words after the access.
    pub data: &'a [u32],
    /// Times of the previous accesses of the words.
    pub prev_timestamps: &'a [u32],
    /// Contents of the words before a write; `None` for a read.
    pub prev_data: Option<&'a [u32]>,
}

/// A chip that executes instructions, or an enum of such chips.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an instruction executor",
    note = "derive `InstructionExecutor` on an enum of executors, or use `VmChipWrapper<Adapter, Core>`"
)]
pub trait InstructionExecutor: Send {
    /// Executes one instruction in state `from` and returns the state after it. If `M::RECORD` is true, also stores the
    /// record from which the instruction's row is filled.
    ///
    /// # Errors
    /// Returns why the instruction failed. The run stops with this error.
    fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>>;

    /// Returns whether the executor can serve this instruction, whose opcode is one of its own: the operands are in the
    /// range on which its circuit relies, and are of the special case if the executor is specialised.
    ///
    /// This method is called once per instruction, when a program is loaded. If no executor accepts an instruction, the
    /// instruction is not part of the program table.
    fn accepts(&self, _instruction: &Instruction) -> bool {
        true
    }

    /// Returns the name of an opcode that this executor serves, for reports.
    fn get_opcode_name(&self, opcode: VmOpcode) -> String;

    /// Returns random values that the instruction reads in generated tests: the words of each value, a single cell
    /// counting as a word. Returns `None` if the instruction has no preference.
    fn sample_reads(&self, _opcode: VmOpcode, _samples: &mut Samples) -> Option<Vec<Vec<u32>>> {
        None
    }
}

/// Reason for the end of a run or of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExitStatus {
    /// The program executed TERMINATE with this exit code.
    Terminated(u32),
    /// The run was suspended, for instance at the end of a segment.
    Suspended,
}

impl ExitStatus {
    /// Exit code of a suspended segment in its public values.
    pub const SUSPENDED_CODE: u32 = vm_verifier::SUSPENDED_CODE;

    /// Returns the exit code as it appears in the segment's public values.
    pub fn code(self) -> u32 {
        match self {
            Self::Terminated(code) => code,
            Self::Suspended => Self::SUSPENDED_CODE,
        }
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Terminated(code) => write!(f, "terminated with exit code {code}"),
            Self::Suspended => write!(f, "suspended"),
        }
    }
}
