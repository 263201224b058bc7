//! The compression function of SHA-256 as a lookup table: one row per compression, one statement per row.
//!
//! A row holds, as bits, the words `W[0] … W[61]` of the message schedule and the working variables `a` and `e` behind
//! rounds 0 to 62 (the other six working variables are older values of these two), so exclusive or, choice and majority
//! are polynomials of degree 2 and 3, and rotations cost nothing. A sum of words is compared in 16-bit limbs; its
//! carries are coded in ternary digits (`carries`).
//!
//! | columns | number | content |
//! |---|---|---|
//! | `abc`, `efg`, `d`, `h` | 6·32 + 4 | chaining value before; d and h are never taken apart |
//! | `w`, `w_carries` | 62·32 + 46·3 | message schedule; `W[62]` and `W[63]` are only summands of their rounds |
//! | `a`, `e`, `carries` | 63·64 + 62·6 | rounds 0 to 61, and the words of round 62 |
//! | `carries_62`, `carries_63` | 7 + 10 | rounds 62 and 63, whose sums have more terms |
//! | `out` | 16 | chaining value behind; a and e of round 63 exist in it only |
//! | `multiplicity` | 1 | how often the statement is asked for |
//!
//! One wide row is cheaper than rows of a few rounds: no selectors, no copies of the words that the schedule looks back
//! to, round constants for free, and any number of instances without padding.

mod air;
mod chip;
mod fill;
#[cfg(test)]
mod tests;

pub use air::{CompressAir, CompressCols};
pub use chip::CompressChip;
pub(crate) use chip::NAME as COMPRESS_AIR;

use vm_sdk::p3::field::{Algebra, PrimeCharacteristicRing};
use vm_sdk::stark::{Bus, F};

/// (chaining value: 16 limbs, block: 32 cells as in memory, chaining value behind: 16 limbs).
///
/// Soundness: the table states that the last 16 fields are the result up to multiples of 2^16 that cancel between limbs,
/// if the first 16 are 16-bit limbs. Whoever asks proves that both chaining values are made of 16-bit limbs. The
/// block's cells are 16-bit by the table, since they are made of bits.
pub const SHA256_COMPRESS_BUS: Bus = Bus::lookup("sha256_compress", 64);

/// Rounds whose words are columns.
const WORD_ROUNDS: usize = 63;
/// Words of the schedule that are columns.
const SCHEDULE_WORDS: usize = 62;

/// Two carries coded in three ternary digits: (0 to 8, 0 to 3). All pairs of a number below 6 and one below 4 have a code.
///
/// Soundness: whatever the digits are, the carries are small integers, so that a limb equation over the field is one over
/// the integers.
fn carries<E: Algebra<F>>([x, y, z]: [E; 3]) -> [E; 2] {
    // z = 0: (x, y), z = 1: (x + 3, y), z = 2: (x + 3y, 3).
    let is_one = z.clone() * (E::TWO - z.clone());
    let is_two = z.clone() * (z - E::ONE) * F::ONE.halve();
    let three = F::from_u8(3);
    [x + is_one * three + is_two.clone() * y.clone() * three, y.clone() + is_two * (E::from(three) - y)]
}

/// The code of a pair of carries.
fn code([first, second]: [u32; 2]) -> [u32; 3] {
    match (first, second) {
        (first, 3) => [first % 3, first / 3, 2],
        (first, second) if first < 3 => [first, second, 0],
        (first, second) => [first - 3, second, 1],
    }
}
