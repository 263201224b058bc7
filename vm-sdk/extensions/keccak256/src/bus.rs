//! Bus between blocks and rounds: a state during its permutation.

use std::array;
use std::ops::Range;

use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::stark::{Bus, F};

use crate::permutation::{RATE_BYTES, State};

/// Rate bytes per limb.
pub const RATE_LIMB_BYTES: usize = 3;
/// Limbs of the rate.
pub const RATE_LIMBS: usize = RATE_BYTES.div_ceil(RATE_LIMB_BYTES);
/// Bits of the state that no block changes.
const CAPACITY_BITS: usize = STATE_BITS - RATE_BITS;
/// Bits per limb of the capacity: any limb of so many bits fits into a field element.
const CAPACITY_LIMB_BITS: usize = 30;
/// Limbs of the capacity.
pub const CAPACITY_LIMBS: usize = CAPACITY_BITS.div_ceil(CAPACITY_LIMB_BITS);
/// Limbs of a state.
pub const LIMBS: usize = RATE_LIMBS + CAPACITY_LIMBS;

const STATE_BITS: usize = 1600;
const RATE_BITS: usize = 8 * RATE_BYTES;

/// Permutation bus of (time, round, round constants, limbs of the state): the state before a round of the permutation
/// that the block at `time` needs.
///
/// A block sends round 0 and receives round 24; each round receives a state and sends the next one. Soundness: a round
/// keeps `time` and increments `round`, and no two blocks have the same time, so a block receives the permutation of
/// the state that it sent.
pub const KECCAK_F_BUS: Bus = Bus::permutation("keccak_f", 3 + LIMBS);

/// Returns the bits of a limb, numbered consecutively over the lanes.
pub(crate) const fn limb_bits(limb: usize) -> Range<usize> {
    let (start, end) = if limb < RATE_LIMBS {
        (8 * RATE_LIMB_BYTES * limb, 8 * RATE_LIMB_BYTES * (limb + 1))
    } else {
        let start = RATE_BITS + CAPACITY_LIMB_BITS * (limb - RATE_LIMBS);
        (start, start + CAPACITY_LIMB_BITS)
    };
    let limit = if limb < RATE_LIMBS { RATE_BITS } else { STATE_BITS };
    start..if end < limit { end } else { limit }
}

/// Returns the limbs of a state.
pub(crate) fn limbs(state: &State) -> [F; LIMBS] {
    array::from_fn(|limb| {
        let bits = limb_bits(limb).rev().map(|bit| (state[bit / 64] >> (bit % 64)) as u32 & 1);
        F::from_u32(bits.fold(0, |limb, bit| limb << 1 | bit))
    })
}

/// Returns `Σ base^i · digit_i`.
pub(crate) fn recompose<E: PrimeCharacteristicRing>(base: u32, digits: impl DoubleEndedIterator<Item = E>) -> E {
    let base = E::from_u32(base);
    let mut digits = digits.rev();
    let Some(top) = digits.next() else { return E::ZERO };
    digits.fold(top, |sum, digit| sum * base.clone() + digit)
}
