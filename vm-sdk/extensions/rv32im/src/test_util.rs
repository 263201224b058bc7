//! Inputs of the chips' tests.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_core::stark::F;

/// Number of bytes of public values of the machine that a case runs on.
pub(crate) const NUM_PUBLIC_VALUES: usize = 32;

/// Columns of a row by name, with the values that a test gives them.
pub(crate) type Columns = Vec<(&'static str, F)>;

/// Words at the edges.
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
