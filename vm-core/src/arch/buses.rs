//! The buses of the system and their typed helpers. One arity per bus; names are part of every message.

use crate::instructions::PC_STEP;
use crate::stark::{Bus, VmAirBuilder};
use crate::system::memory::MemoryBridge;

use super::execution::ExecutionState;

use p3_field::PrimeCharacteristicRing;

/// (pc, timestamp): the state between two instructions.
pub const EXECUTION_BUS: Bus = Bus::permutation("execution", 2);
/// (pc, opcode, a…g): the program table.
pub const PROGRAM_BUS: Bus = Bus::lookup("program", 9);
/// (address space, byte pointer, low cell, high cell, timestamp): the value of a word since a time.
pub const MEMORY_BUS: Bus = Bus::permutation("memory", 5);
/// (value, bits): value < 2^bits, bits ≤ 16.
pub const RANGE_BUS: Bus = Bus::lookup("range", 2);
/// (x, y, x ^ y) of bytes.
pub const BITWISE_BUS: Bus = Bus::lookup("bitwise", 3);
/// (x, y): both below the sizes of the machine's tuple table.
pub const TUPLE_RANGE_BUS: Bus = Bus::lookup("tuple_range", 2);
/// (height, label, initial hash, final hash) of a node of the memory tree.
pub const MERKLE_BUS: Bus = Bus::permutation("merkle", 18);
/// (left, right, output) of the compression function.
pub const COMPRESS_BUS: Bus = Bus::lookup("compress", 24);
/// (leaf index within address space 3, final cells): public values on their own chip.
pub const PUBLIC_VALUES_BUS: Bus = Bus::permutation("public_values", 9);

/// Requests of wide accesses, one bus per width of 2, 4, 8, 16 and 32 words: (1 for a write or 0 for a read, address
/// space, byte pointer, timestamp, cells of all words). A machine has those whose width an extension asked for.
pub const MEMORY_WIDE_BUSES: [Bus; 5] = [
    Bus::permutation("memory_wide_2", 4 + 2 * 2),
    Bus::permutation("memory_wide_4", 4 + 2 * 4),
    Bus::permutation("memory_wide_8", 4 + 2 * 8),
    Bus::permutation("memory_wide_16", 4 + 2 * 16),
    Bus::permutation("memory_wide_32", 4 + 2 * 32),
];

/// Whether there are adapters for accesses of `words` words: 2, 4, 8, 16 and 32.
pub const fn is_access_width(words: usize) -> bool {
    words.is_power_of_two() && 2 <= words && words <= MAX_ACCESS_WORDS
}

/// The widest access, in words.
pub const MAX_ACCESS_WORDS: usize = 1 << MEMORY_WIDE_BUSES.len();

/// The bus on which accesses of `words` words are requested, if there are adapters for that width.
pub const fn wide_bus(words: usize) -> Option<Bus> {
    if is_access_width(words) { Some(MEMORY_WIDE_BUSES[words.trailing_zeros() as usize - 1]) } else { None }
}

/// Every bus that the system itself knows, except those of wide accesses.
pub const SYSTEM_BUSES: [Bus; 9] = [
    EXECUTION_BUS,
    PROGRAM_BUS,
    MEMORY_BUS,
    RANGE_BUS,
    BITWISE_BUS,
    TUPLE_RANGE_BUS,
    MERKLE_BUS,
    COMPRESS_BUS,
    PUBLIC_VALUES_BUS,
];

/// The execution bus.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExecutionBus;

impl ExecutionBus {
    /// Receives the state before an instruction and sends the one behind it. `enabled` must be proven boolean.
    pub fn execute_and_increment<AB: VmAirBuilder>(
        &self,
        builder: &mut AB,
        from: ExecutionState<AB::Expr>,
        to: ExecutionState<AB::Expr>,
        enabled: impl Into<AB::Expr>,
    ) {
        let enabled = enabled.into();
        EXECUTION_BUS.receive(builder, [from.pc, from.timestamp], enabled.clone());
        EXECUTION_BUS.send(builder, [to.pc, to.timestamp], enabled);
    }
}

/// The program bus.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProgramBus;

impl ProgramBus {
    /// Looks an instruction up. `enabled` must be proven boolean.
    pub fn lookup_instruction<AB: VmAirBuilder, const N: usize>(
        &self,
        builder: &mut AB,
        pc: impl Into<AB::Expr>,
        opcode: impl Into<AB::Expr>,
        operands: [AB::Expr; N],
        enabled: impl Into<AB::Expr>,
    ) {
        const { assert!(N <= 7, "an instruction has at most seven operands") };
        let fields =
            [pc.into(), opcode.into()].into_iter().chain(operands).chain(std::iter::repeat_n(AB::Expr::ZERO, 7 - N));
        PROGRAM_BUS.query(builder, fields, enabled);
    }
}

/// Ties a row to one step of execution: program lookup, receive of the state before, send of the state behind.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExecutionBridge {
    execution_bus: ExecutionBus,
    program_bus: ProgramBus,
}

impl ExecutionBridge {
    /// One step. `to_pc: None` continues at `pc + 4`. `timestamp_delta` is the number of accesses of the row (at
    /// least 1). Soundness: `enabled` must be proven boolean; the opcode expression must identify the AIR's opcodes.
    #[allow(clippy::too_many_arguments)]
    pub fn execute<AB: VmAirBuilder, const N: usize>(
        &self,
        builder: &mut AB,
        opcode: impl Into<AB::Expr>,
        operands: [AB::Expr; N],
        from: ExecutionState<AB::Var>,
        to_pc: Option<AB::Expr>,
        timestamp_delta: usize,
        enabled: impl Into<AB::Expr>,
    ) {
        let enabled = enabled.into();
        let from = ExecutionState { pc: from.pc.into(), timestamp: from.timestamp.into() };
        let to = ExecutionState {
            pc: to_pc.unwrap_or_else(|| from.pc.clone() + AB::Expr::from_u32(PC_STEP)),
            timestamp: from.timestamp.clone() + AB::Expr::from_usize(timestamp_delta),
        };
        self.program_bus.lookup_instruction(builder, from.pc.clone(), opcode, operands, enabled.clone());
        self.execution_bus.execute_and_increment(builder, from, to, enabled);
    }
}

/// What the system offers to an extension's chips.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemPort {
    /// Execution bus.
    pub execution_bus: ExecutionBus,
    /// Program bus.
    pub program_bus: ProgramBus,
    /// One step of execution.
    pub execution_bridge: ExecutionBridge,
    /// Memory accesses.
    pub memory_bridge: MemoryBridge,
}
