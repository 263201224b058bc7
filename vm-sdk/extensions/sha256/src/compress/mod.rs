//! The compression function of SHA-256 as a lookup table: each row is one compression and provides one tuple.
//!
//! A row contains, as bits, the words `W[0] … W[61]` of the message schedule and the working variables `a` and `e`
//! after rounds 0 to 62. (The other six working variables are older values of these two.) So ⊕, Ch and Maj are
//! polynomials of degree 2 or 3, and rotations cost nothing. Sums of words are compared in 16-bit limbs; their carries
//! are encoded in ternary digits (`carries`).
//!
//! | columns | number | content |
//! |---|---|---|
//! | `abc`, `efg`, `d`, `h` | 6·32 + 4 | chaining value before the block; d and h are not needed as bits |
//! | `w`, `w_carries` | 62·32 + 46·3 | message schedule; `W[62]` and `W[63]` are only terms of their rounds' sums |
//! | `a`, `e`, `carries` | 63·64 + 62·6 | rounds 0 to 61, and the words of round 62 |
//! | `carries_62`, `carries_63` | 7 + 10 | rounds 62 and 63, whose sums have more terms |
//! | `out` | 16 | chaining value after the block; a and e of round 63 occur only in it |
//! | `multiplicity` | 1 | number of queries of the row's tuple |
//!
//! One wide row is cheaper than several rows of a few rounds each: it needs no selectors and no copies of earlier words
//! for the schedule, round constants are constants, and there may be any number of instances without padding.

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

/// Lookup bus of (chaining value: 16 limbs, block: 32 cells as in memory, chaining value after the block: 16 limbs).
///
/// Soundness: if the first 16 fields are 16-bit limbs, a tuple of the table proves that the last 16 are the result, up
/// to multiples of 2^16 that cancel between limbs. The querying AIR proves that both chaining values consist of 16-bit
/// limbs. The table proves that the block's cells are 16-bit, since they are made of bits.
pub const SHA256_COMPRESS_BUS: Bus = Bus::lookup("sha256_compress", 64);

/// Rounds whose words are columns.
const WORD_ROUNDS: usize = 63;
/// Words of the schedule that are columns.
const SCHEDULE_WORDS: usize = 62;

/// Returns two carries that are encoded in three ternary digits: (0 to 8, 0 to 3). Every pair of a number below 6 and
/// one below 4 has a code.
///
/// Soundness: the carries are small integers for all digits, so a limb equation over the field holds over the integers.
fn carries<E: Algebra<F>>([x, y, z]: [E; 3]) -> [E; 2] {
    // z = 0: (x, y), z = 1: (x + 3, y), z = 2: (x + 3y, 3).
    let is_one = z.clone() * (E::TWO - z.clone());
    let is_two = z.clone() * (z - E::ONE) * F::ONE.halve();
    let three = F::from_u8(3);
    [x + is_one * three + is_two.clone() * y.clone() * three, y.clone() + is_two * (E::from(three) - y)]
}

/// Returns the code of a pair of carries.
fn code([first, second]: [u32; 2]) -> [u32; 3] {
    match (first, second) {
        (first, 3) => [first % 3, first / 3, 2],
        (first, second) if first < 3 => [first, second, 0],
        (first, second) => [first - 3, second, 1],
    }
}
