//! Witness of the compression function.

use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::stark::F;
use vm_sdk::system::memory::cells_of;

use crate::spec::{
    BIG_SIGMA0, BIG_SIGMA1, Block, ROUND_CONSTANTS, ROUNDS, SMALL_SIGMA0, SMALL_SIGMA1, State, choose, majority,
    rounds, schedule,
};

use super::air::CompressCols;
use super::{SCHEDULE_WORDS, WORD_ROUNDS, code};

fn bits(word: u32) -> [F; 32] {
    std::array::from_fn(|i| F::from_u32((word >> i) & 1))
}

/// Returns the carries of both limbs of Σ plus − Σ minus, which is a multiple of 2^32.
fn carry(plus: &[u32], minus: &[u32]) -> [i64; 2] {
    let limb = |words: &[u32], shift: u32| words.iter().map(|word| i64::from((word >> shift) & 0xFFFF)).sum::<i64>();
    let low = (limb(plus, 0) - limb(minus, 0)) >> 16;
    [low, (limb(plus, 16) - limb(minus, 16) + low) >> 16]
}

fn coded(first: i64, second: i64) -> [F; 3] {
    code([first, second].map(|carry| carry as u32)).map(F::from_u32)
}

fn two_digits(carry: i64) -> [F; 2] {
    [carry % 3, carry / 3].map(|digit| F::from_u32(digit as u32))
}

/// Returns ternary digits x, y, z with x + 3y + z = carry, for carries up to 10.
fn three_digits(carry: i64) -> [F; 3] {
    let [x, y] = two_digits(carry.min(8));
    [x, y, F::from_u32((carry - carry.min(8)) as u32)]
}

impl CompressCols<F> {
    /// Fills the row of one compression.
    pub(super) fn fill(&mut self, state: &State, block: &Block, multiplicity: u32) {
        let w = schedule(block);
        self.fill_words(state, &w, &rounds(state, &w));
        self.multiplicity = F::from_u32(multiplicity);
    }

    /// Fills all columns except the multiplicity, from the message schedule `w` and from `after`, the words a and e
    /// after each round.
    pub(super) fn fill_words(&mut self, state: &State, w: &[u32; ROUNDS], after: &[[u32; 2]; ROUNDS]) {
        let [in_a, in_b, in_c, in_d, in_e, in_f, in_g, in_h] = *state;
        self.abc = [in_a, in_b, in_c].map(bits);
        self.efg = [in_e, in_f, in_g].map(bits);
        self.d = cells_of(in_d);
        self.h = cells_of(in_h);
        for (column, word) in self.w.iter_mut().zip(w) {
            *column = bits(*word);
        }
        let scheduled = |t: usize| [SMALL_SIGMA1.apply(w[t - 2]), w[t - 7], SMALL_SIGMA0.apply(w[t - 15]), w[t - 16]];
        for (t, column) in (16..SCHEDULE_WORDS).zip(&mut self.w_carries) {
            let [low, high] = carry(&scheduled(t), &[w[t]]);
            *column = coded(low, high);
        }
        // a and e from four rounds before round 0 on.
        let a: Vec<u32> = [in_d, in_c, in_b, in_a].into_iter().chain(after.map(|[a, _]| a)).collect();
        let e: Vec<u32> = [in_h, in_g, in_f, in_e].into_iter().chain(after.map(|[_, e]| e)).collect();
        let t1 =
            |t: usize| [e[t], BIG_SIGMA1.apply(e[t + 3]), choose(e[t + 3], e[t + 2], e[t + 1]), ROUND_CONSTANTS[t]];
        let t2 = |t: usize| [BIG_SIGMA0.apply(a[t + 3]), majority(a[t + 3], a[t + 2], a[t + 1])];
        for t in 0..WORD_ROUNDS {
            self.a[t] = bits(a[t + 4]);
            self.e[t] = bits(e[t + 4]);
            let [s0, maj] = t2(t);
            let [a_low, a_high] = carry(&[e[t + 4], s0, maj], &[a[t], a[t + 4]]).map(|carry| carry + 1);
            let [h, s1, ch, k] = t1(t);
            if t < SCHEDULE_WORDS {
                let [e_low, e_high] = carry(&[a[t], h, s1, ch, k, w[t]], &[e[t + 4]]);
                self.carries[t] = [coded(e_low, a_low), coded(e_high, a_high)];
            } else {
                let [x, y, z, u] = scheduled(t);
                let e_carry = carry(&[a[t], h, s1, ch, k, x, y, z, u], &[e[t + 4]]);
                self.carries_62.e = e_carry.map(two_digits);
                self.carries_62.a = coded(a_low, a_high);
            }
        }
        let out: State = std::array::from_fn(|i| state[i].wrapping_add(after[63 - i % 4][i / 4]));
        let ([h, s1, ch, k], [x, y, z, u], [s0, maj]) = (t1(63), scheduled(63), t2(63));
        self.carries_63.e = carry(&[in_e, a[63], h, s1, ch, k, x, y, z, u], &[out[4]]).map(three_digits);
        self.carries_63.a = carry(&[in_a, out[4], s0, maj], &[in_e, a[63], out[0]]).map(|carry| two_digits(carry + 2));
        self.out = out.map(cells_of);
    }
}
