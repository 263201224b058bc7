//! Execution: state, modes, the executor trait and its errors.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vm_derive::AlignedBorrow;

use crate::instructions::{Instruction, VmOpcode};

mod interpreter;
mod memory;
mod modes;
mod phantom;
mod program_table;
mod state;

pub use interpreter::{OpcodeCounts, RunLimits, RunOutcome, run};
pub use memory::{
    ACCESS_GAP_BITS, GuestMemory, MAIN_SPACE, MemoryController, MemoryError, MemoryResult, PUBLIC_VALUES_SPACE,
    REGISTER_SPACE, ReadRecord, WordStore, WriteRecord, cells_of,
};
#[cfg(feature = "prover")]
pub(crate) use modes::WideRecord;
pub use modes::{AdapterRows, FirstTouch, MemoryRows, Metered, OfflineMemory, Pure, Refresh, WideLog, WrittenNodes};
pub use phantom::{PhantomExecutor, PhantomSubExecutor};
pub use program_table::{ExecutorId, LoadedProgram, Slot, Special};
pub use state::{HostRng, RngPosition, Streams, VmState};

/// Where execution stands between two instructions. `timestamp` is 0 in modes that keep no time.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, AlignedBorrow)]
pub struct ExecutionState<T> {
    /// Program counter.
    pub pc: T,
    /// Time of the instruction's first access.
    pub timestamp: T,
}

impl<T> ExecutionState<T> {
    /// A state.
    pub const fn new(pc: T, timestamp: T) -> Self {
        Self { pc, timestamp }
    }
}

/// Result of the execution path; the error is boxed so that the success path stays in registers.
pub type ExecutionResult<T> = Result<T, Box<ExecutionError>>;

/// Why execution stopped abnormally.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExecutionError {
    /// The program counter points at no instruction.
    #[error("pc {pc:#010x} is not an instruction of the program (jumped out of the code, or undecodable word)")]
    PcNotFound {
        /// Program counter.
        pc: u32,
    },
    /// The instruction's opcode belongs to no executor of the machine, or its operands are none that the executor accepts.
    #[error(
        "pc {pc:#010x}: opcode {opcode} is not enabled in this machine's configuration, or its operands are malformed"
    )]
    DisabledOperation {
        /// Program counter.
        pc: u32,
        /// The opcode.
        opcode: VmOpcode,
    },
    /// A phantom sub-instruction belongs to no extension of the machine.
    #[error("pc {pc:#010x}: phantom discriminant {discriminant:#x} is not enabled in this machine's configuration")]
    PhantomNotFound {
        /// Program counter.
        pc: u32,
        /// Which sub-instruction.
        discriminant: u16,
    },
    /// A public value outside of the configured range.
    #[error("pc {pc:#010x}: public value at byte {index} is out of bounds: the machine has {num_public_values} bytes")]
    PublicValueIndexOutOfBounds {
        /// Program counter.
        pc: u32,
        /// First byte written.
        index: u32,
        /// Configured number of bytes.
        num_public_values: usize,
    },
    /// A memory access failed.
    #[error("pc {pc:#010x}: {source}")]
    Memory {
        /// Program counter.
        pc: u32,
        /// What failed.
        source: MemoryError,
    },
    /// The guest asked for input that is not there.
    #[error("pc {pc:#010x}: the guest asks for input vector {index}, but only {available} were given (add --input)")]
    EndOfInputStream {
        /// Program counter.
        pc: u32,
        /// Index of the missing vector.
        index: usize,
        /// Number of vectors given.
        available: usize,
    },
    /// The guest reads more hint bytes than there are.
    #[error("pc {pc:#010x}: the guest reads {requested} hint bytes, but only {available} are left")]
    HintOutOfBounds {
        /// Program counter.
        pc: u32,
        /// Bytes requested.
        requested: usize,
        /// Bytes left.
        available: usize,
    },
    /// An instruction's own failure.
    #[error("pc {pc:#010x}: {message}")]
    Fail {
        /// Program counter.
        pc: u32,
        /// What and why.
        message: String,
    },
    /// The instruction limit was reached before the program ended.
    #[error("the program did not terminate within {executed} instructions (last pc {pc:#010x})")]
    DidNotTerminate {
        /// Program counter.
        pc: u32,
        /// Instructions executed.
        executed: u64,
    },
    /// The clock would exceed its range; the segment must end earlier.
    #[error("the segment's clock reached 2^{clk_max_bits} at pc {pc:#010x}; enable continuations or shorten the run")]
    ClockOverflow {
        /// Program counter.
        pc: u32,
        /// Configured bits.
        clk_max_bits: usize,
    },
}

impl ExecutionError {
    /// Adds the program counter to a memory error.
    #[cold]
    #[inline(never)]
    // Boxed as it comes from memory: unboxing before the call would happen on the hot path.
    #[allow(clippy::boxed_local)]
    pub fn memory(pc: u32, source: Box<MemoryError>) -> Box<Self> {
        Box::new(Self::Memory { pc, source: *source })
    }
}

/// How a run treats memory accesses: nothing (pure), counting (metered) or logging (preflight). Executors are generic
/// over it and are monomorphised for each mode, so one source of semantics serves all of them.
pub trait ExecutionMode: Send {
    /// The run counts rows and touched memory.
    const METERED: bool;
    /// The run keeps time and records, from which traces are filled.
    const RECORD: bool;

    /// Current time; 0 when no time is kept.
    fn timestamp(&self) -> u32;

    /// Notes an access to word `word` of address space index `space` (0-based) whose value is `value` before the
    /// access, advances time by one and returns the time of the word's previous access.
    fn access(&mut self, space: usize, word: usize, value: u32, is_write: bool) -> u32;

    /// Notes that the last accesses, one per word, were requested as one wide access. Modes that count or record keep
    /// what the row of the access adapter needs; others do nothing.
    #[inline(always)]
    fn wide_access(&mut self, _access: WideAccess<'_>) {}

    /// Advances time without an access.
    fn tick(&mut self);

    /// Adds rows to an executor's count and makes it the current one (metered runs only).
    fn add_rows(&mut self, executor: usize, rows: usize);

    /// Adds rows to the current executor's count, beyond the one that every instruction has.
    fn add_more_rows(&mut self, _rows: usize) {}

    /// Counts a phantom instruction (metered runs only).
    #[inline(always)]
    fn add_phantom(&mut self) {}

    /// Adds rows to the count of a chip that is no executor, by the name of its AIR (metered runs only). Whoever makes an
    /// instruction's row ask such a chip for work calls this, so that segments end before the chip is too high.
    #[inline(always)]
    fn add_periphery_rows(&mut self, _air: &'static str, _rows: usize) {}
}

/// A wide access that was made word by word.
#[derive(Clone, Copy, Debug)]
pub struct WideAccess<'a> {
    /// 0-based address space index.
    pub space: u32,
    /// Index of the first word within the space.
    pub word: u32,
    /// Time of the access to the first word; each further word is accessed one tick later.
    pub timestamp: u32,
    /// The words behind the access.
    pub data: &'a [u32],
    /// Times of the previous accesses of the words.
    pub prev_timestamps: &'a [u32],
    /// The words before a write; `None` for a read.
    pub prev_data: Option<&'a [u32]>,
}

/// Something that executes instructions: a chip, or an enum of chips.
#[diagnostic::on_unimplemented(
    message = "`{Self}` executes no instructions",
    note = "derive `InstructionExecutor` on an enum of executors, or use `VmChipWrapper<Adapter, Core>`"
)]
pub trait InstructionExecutor: Send {
    /// Executes one instruction from `from` and returns the state behind it.
    ///
    /// In a recording mode, also stores the record from which the row is filled.
    fn execute<M: ExecutionMode>(
        &mut self,
        vm: &mut VmState<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<ExecutionState<u32>>;

    /// Whether the executor serves this instruction, given that it serves the opcode: operands that its circuit relies
    /// on are in range, and a specialised executor's special case applies. Asked once per instruction, when a program is
    /// loaded; an instruction that nobody accepts is not part of the program table.
    fn accepts(&self, _instruction: &Instruction) -> bool {
        true
    }

    /// Name of an opcode that this executor serves, for reports.
    fn get_opcode_name(&self, opcode: VmOpcode) -> String;
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExitStatus {
    /// TERMINATE was executed with this code.
    Terminated(u32),
    /// The run was suspended at a segment boundary.
    Suspended,
}

impl ExitStatus {
    /// Exit code that a suspended segment shows in its public values.
    pub const SUSPENDED_CODE: u32 = 0xFFFF;

    /// The exit code as a public value.
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
