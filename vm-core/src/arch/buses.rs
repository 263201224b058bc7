//! Buses of the system. All messages of a bus have the same number of fields, and the name of the bus is part of every
//! message.

use crate::stark::Bus;

/// Steps of execution: (pc, timestamp) is the state between two instructions.
pub const EXECUTION_BUS: Bus = Bus::permutation("execution", 2);
/// Program table: (pc, opcode, operands `a` to `g`).
pub const PROGRAM_BUS: Bus = Bus::lookup("program", 9);
/// Memory: (address space, byte pointer, low cell, high cell, timestamp) is the value of a word since a time.
pub const MEMORY_BUS: Bus = Bus::permutation("memory", 5);
/// Range checks: (value, bits) with value < 2^bits and bits ≤ 16.
pub const RANGE_BUS: Bus = Bus::lookup("range", 2);
/// Exclusive or of bytes: (x, y, x ^ y).
pub const BITWISE_BUS: Bus = Bus::lookup("bitwise", 3);
/// Pairs of bytes: (x, y).
pub const BYTE_PAIRS_BUS: Bus = Bus::lookup("byte_pairs", 2);
/// Nodes of the memory tree: (height, label, hash at the start, hash at the end).
pub const MERKLE_BUS: Bus = Bus::permutation("merkle", 18);
/// Compression function: (left, right, output).
pub const COMPRESS_BUS: Bus = Bus::lookup("compress", 24);
/// Public values for their chip: (index of a leaf within address space 3, cells of the leaf at the end).
pub const PUBLIC_VALUES_BUS: Bus = Bus::permutation("public_values", 9);

/// Requests of wide accesses, one bus per width of 2, 4, 8, 16 and 32 words: (1 for a write or 0 for a read, address
/// space, byte pointer, timestamp, cells of all words). A machine has the buses of the widths that extensions request.
pub const MEMORY_WIDE_BUSES: [Bus; 5] = [
    Bus::permutation("memory_wide_2", 4 + 2 * 2),
    Bus::permutation("memory_wide_4", 4 + 2 * 4),
    Bus::permutation("memory_wide_8", 4 + 2 * 8),
    Bus::permutation("memory_wide_16", 4 + 2 * 16),
    Bus::permutation("memory_wide_32", 4 + 2 * 32),
];

/// Returns whether wide accesses of `words` words exist: 2, 4, 8, 16 or 32.
pub const fn is_access_width(words: usize) -> bool {
    words.is_power_of_two() && 2 <= words && words <= MAX_ACCESS_WORDS
}

/// Number of words of the widest access.
pub const MAX_ACCESS_WORDS: usize = 1 << MEMORY_WIDE_BUSES.len();

/// Returns the bus on which accesses of `words` words are requested, if wide accesses of that width exist.
pub const fn wide_bus(words: usize) -> Option<Bus> {
    if is_access_width(words) { Some(MEMORY_WIDE_BUSES[words.trailing_zeros() as usize - 1]) } else { None }
}

/// Returns the name of the AIR that serves reads or writes of `words` words, such as `AccessAdapter8Read`.
pub fn adapter_name(words: usize, is_write: bool) -> String {
    format!("AccessAdapter{words}{}", if is_write { "Write" } else { "Read" })
}

/// All buses of the system, except those of wide accesses.
pub const SYSTEM_BUSES: [Bus; 9] = [
    EXECUTION_BUS,
    PROGRAM_BUS,
    MEMORY_BUS,
    RANGE_BUS,
    BITWISE_BUS,
    BYTE_PAIRS_BUS,
    MERKLE_BUS,
    COMPRESS_BUS,
    PUBLIC_VALUES_BUS,
];
