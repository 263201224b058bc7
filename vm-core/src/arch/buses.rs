//! The buses of the system. One arity per bus; names are part of every message.

use crate::stark::Bus;

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

/// Name of the AIR that serves reads or writes of `words` words, such as `AccessAdapter8Read`.
pub fn adapter_name(words: usize, is_write: bool) -> String {
    format!("AccessAdapter{words}{}", if is_write { "Write" } else { "Read" })
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
