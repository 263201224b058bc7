//! Columns and constraints of the compression function.

use std::borrow::Borrow;

use vm_sdk::macros::AlignedBorrow;
use vm_sdk::p3::air::{Air, BaseAir, WindowAccess};
use vm_sdk::p3::field::{Algebra, PrimeCharacteristicRing};
use vm_sdk::primitives::{names_of, width_of};
use vm_sdk::stark::{F, MachineAir, VmAirBuilder};
use vm_sdk::system::memory::{CELL, CELL_INV, cells_of};

use crate::spec::{BIG_SIGMA0, BIG_SIGMA1, ROUND_CONSTANTS, SMALL_SIGMA0, SMALL_SIGMA1, Sigma};

use super::{SCHEDULE_WORDS, SHA256_COMPRESS_BUS, WORD_ROUNDS, carries};

/// Carries of the second to last round.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Carries62<T> {
    /// Digits x + 3y of the sum of nine terms, per limb; ternary.
    pub e: [[T; 2]; 2],
    /// Code of both carries of the other equation; ternary.
    pub a: [T; 3],
}

/// Carries of the last round, whose sums include the final addition.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Carries63<T> {
    /// Digits x + 3y + z of the sum of ten terms, per limb; ternary.
    pub e: [[T; 3]; 2],
    /// Digits x + 3y − 2 of the other equation, per limb; ternary.
    pub a: [[T; 2]; 2],
}

/// Columns of [`CompressAir`]. Bits are least significant first, limbs are 16 bits each, low first.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct CompressCols<T> {
    /// Bits of a, b, c before the first round; fields of the tuple.
    pub abc: [[T; 32]; 3],
    /// Limbs of d before the first round; fields of the tuple.
    pub d: [T; 2],
    /// Bits of e, f, g before the first round; fields of the tuple.
    pub efg: [[T; 32]; 3],
    /// Limbs of h before the first round; fields of the tuple.
    pub h: [T; 2],
    /// Bits of `W[0]` … `W[61]`: the first 16 words are the tuple's block, the others follow from them.
    pub w: [[T; 32]; SCHEDULE_WORDS],
    /// Code of both carries of `W[16]` … `W[61]`.
    pub w_carries: [[T; 3]; SCHEDULE_WORDS - 16],
    /// Bits of a after rounds 0 … 62.
    pub a: [[T; 32]; WORD_ROUNDS],
    /// Bits of e after rounds 0 … 62.
    pub e: [[T; 32]; WORD_ROUNDS],
    /// Per round and limb, the code of the carries of the equations of e and of a.
    pub carries: [[[T; 3]; 2]; SCHEDULE_WORDS],
    /// Carries of round 62.
    pub carries_62: Carries62<T>,
    /// Carries of round 63.
    pub carries_63: Carries63<T>,
    /// Limbs of the chaining value after the block.
    pub out: [[T; 2]; 8],
    /// Number of queries of the tuple. Free: a true statement may be provided any number of times.
    pub multiplicity: T,
}

/// AIR of the compression function.
///
/// Soundness (M20): no constraint is gated, so every row, padding included, provides a true statement.
#[derive(Clone, Copy, Debug, Default)]
pub struct CompressAir;

impl BaseAir<F> for CompressAir {
    fn width(&self) -> usize {
        width_of::<CompressCols<u8>>()
    }
}

impl MachineAir for CompressAir {
    fn name(&self) -> String {
        super::chip::NAME.to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<CompressCols<u8>>()
    }
}

/// A word as two limbs.
type Limbs<E> = [E; 2];

/// Returns the limbs of a word that is given by its bits.
fn limbs<E: Algebra<F>>(bit: impl Fn(usize) -> E) -> Limbs<E> {
    // A product by 2 instead of `double`, which would write the sum down twice when constraints are recorded.
    [0, 16].map(|low| (low..low + 15).rev().fold(bit(low + 15), |sum, i| sum * F::TWO + bit(i)))
}

/// Returns the limbs of a word whose bits are columns.
fn word<AB: VmAirBuilder>(bits: &[AB::Var; 32]) -> Limbs<AB::Expr> {
    limbs(|i| bits[i].into())
}

/// Σ0, Σ1, σ0 or σ1 of a word: `ROTR^r0(x) ⊕ ROTR^r1(x) ⊕ ROTR^r2(x)`, where the third term of σ0 and σ1 is a shift,
/// `SHR^r2(x)`.
fn sigma<AB: VmAirBuilder>(sigma: Sigma, bits: &[AB::Var; 32]) -> Limbs<AB::Expr> {
    let [r0, r1] = sigma.rotations;
    limbs(|i| {
        let rotr = |by: usize| -> AB::Expr { bits[(i + by) % 32].into() };
        if sigma.third_is_shift && i + sigma.third >= 32 {
            rotr(r0).xor(&rotr(r1))
        } else {
            rotr(r0).xor3(&rotr(r1), &rotr(sigma.third))
        }
    })
}

/// `Ch(e, f, g) = (e ∧ f) ⊕ (¬e ∧ g)`, which is `e·(f − g) + g` for bits.
fn choose<AB: VmAirBuilder>([e, f, g]: [&[AB::Var; 32]; 3]) -> Limbs<AB::Expr> {
    limbs(|i| e[i] * (f[i] - g[i]) + g[i])
}

/// `Maj(a, b, c) = (a ∧ b) ⊕ (a ∧ c) ⊕ (b ∧ c)`, which is `a·b + (a ⊕ b)·c` for bits.
fn majority<AB: VmAirBuilder>([a, b, c]: [&[AB::Var; 32]; 3]) -> Limbs<AB::Expr> {
    limbs(|i| {
        let both = a[i] * b[i];
        both.clone() + (a[i] + b[i] - both * F::TWO) * c[i]
    })
}

/// Returns the sum of words, limb by limb, without carries.
fn sum<E: PrimeCharacteristicRing, const N: usize>(terms: [Limbs<E>; N]) -> Limbs<E> {
    [0, 1].map(|limb| terms.iter().map(|term| term[limb].clone()).sum())
}

/// Proves that `difference` is a multiple of 2^32, with the carry out of each limb.
///
/// Soundness: a limb of the difference has at most ten terms of 16 bits and a carry is below 11, so nothing wraps
/// modulo p and each equation holds over the integers. The word that the equation determines is made of bits, or the
/// querying row proves that it consists of 16-bit limbs, so it has one value.
fn assert_multiple<AB: VmAirBuilder>(builder: &mut AB, difference: Limbs<AB::Expr>, carry: [AB::Expr; 2]) {
    let [low, high] = difference;
    let [carry_low, carry_high] = carry;
    builder.assert_zero(low - carry_low.clone() * CELL);
    builder.assert_zero(high + carry_low - carry_high * CELL);
}

/// Returns the difference of words, limb by limb, without borrows.
fn subtract<E: PrimeCharacteristicRing>([a0, a1]: Limbs<E>, [b0, b1]: Limbs<E>) -> Limbs<E> {
    [a0 - b0, a1 - b1]
}

/// Proves that a column is 0, 1 or 2, and returns it.
fn ternary<AB: VmAirBuilder>(builder: &mut AB, column: AB::Var) -> AB::Expr {
    let x: AB::Expr = column.into();
    builder.assert_zero((x.clone() - AB::Expr::ONE) * (x.clone() - AB::Expr::TWO) * x.clone());
    x
}

/// Returns two carries, of two equations or of two limbs.
fn decoded<AB: VmAirBuilder>(builder: &mut AB, digits: [AB::Var; 3]) -> [AB::Expr; 2] {
    carries(digits.map(|digit| ternary(builder, digit)))
}

/// Returns x + 3y.
fn two_digits<AB: VmAirBuilder>(builder: &mut AB, [x, y]: [AB::Var; 2]) -> AB::Expr {
    let [x, y] = [x, y].map(|digit| ternary(builder, digit));
    x + y * F::from_u8(3)
}

/// The working variables of all rounds.
struct Rounds<'a, AB: VmAirBuilder> {
    /// Bits of a: c, b and a before round 0, then a after each round. Before round `t`, c is entry `t`.
    a: Vec<&'a [AB::Var; 32]>,
    /// Bits of e, likewise.
    e: Vec<&'a [AB::Var; 32]>,
    /// Limbs of a, preceded by those of d before round 0. Before round `t`, d is entry `t`.
    a_limbs: Vec<Limbs<AB::Expr>>,
    e_limbs: Vec<Limbs<AB::Expr>>,
}

impl<'a, AB: VmAirBuilder> Rounds<'a, AB> {
    fn new(cols: &'a CompressCols<AB::Var>) -> Self {
        // Oldest values first: (d, c, b, a) are a after rounds −4, −3, −2, −1.
        let a: Vec<_> = cols.abc.iter().rev().chain(&cols.a).collect();
        let e: Vec<_> = cols.efg.iter().rev().chain(&cols.e).collect();
        let with_oldest = |oldest: [AB::Var; 2], bits: &[&[AB::Var; 32]]| {
            std::iter::once(oldest.map(Into::into)).chain(bits.iter().map(|bits| word::<AB>(bits))).collect()
        };
        Self { a_limbs: with_oldest(cols.d, &a), e_limbs: with_oldest(cols.h, &e), a, e }
    }

    /// Returns h + Σ1(e) + Ch(e, f, g) + K[t]: T1 of round `t` without W[t].
    fn t1(&self, t: usize) -> Limbs<AB::Expr> {
        let [g, f, e] = [self.e[t], self.e[t + 1], self.e[t + 2]];
        let constant = cells_of(ROUND_CONSTANTS[t]).map(Into::into);
        sum([self.e_limbs[t].clone(), sigma::<AB>(BIG_SIGMA1, e), choose::<AB>([e, f, g]), constant])
    }

    /// Returns T2 = Σ0(a) + Maj(a, b, c) of round `t`.
    fn t2(&self, t: usize) -> Limbs<AB::Expr> {
        let [c, b, a] = [self.a[t], self.a[t + 1], self.a[t + 2]];
        sum([sigma::<AB>(BIG_SIGMA0, a), majority::<AB>([a, b, c])])
    }

    /// Returns d before round `t`.
    fn d(&self, t: usize) -> Limbs<AB::Expr> {
        self.a_limbs[t].clone()
    }

    /// Returns a and e after round `t`.
    fn after(&self, t: usize) -> [Limbs<AB::Expr>; 2] {
        [self.a_limbs[t + 4].clone(), self.e_limbs[t + 4].clone()]
    }
}

impl<AB: VmAirBuilder> Air<AB> for CompressAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let cols: &CompressCols<AB::Var> = main.current_slice().borrow();
        // Soundness: bits determine their words. This also proves that the cells of the block and of a, b, c, e, f and
        // g are 16-bit.
        for bits in cols.abc.iter().chain(&cols.efg).chain(&cols.w).chain(&cols.a).chain(&cols.e) {
            bits.iter().for_each(|bit| builder.assert_bool(*bit));
        }

        let w_limbs: Vec<_> = cols.w.iter().map(word::<AB>).collect();
        // W[t] = σ1(W[t − 2]) + W[t − 7] + σ0(W[t − 15]) + W[t − 16] for t ≥ 16, before reduction modulo 2^32.
        let scheduled = |t: usize| {
            let sigmas = [sigma::<AB>(SMALL_SIGMA1, &cols.w[t - 2]), sigma::<AB>(SMALL_SIGMA0, &cols.w[t - 15])];
            let [sigma1, sigma0] = sigmas;
            sum([sigma1, w_limbs[t - 7].clone(), sigma0, w_limbs[t - 16].clone()])
        };
        for (t, (word, digits)) in (16..).zip(w_limbs[16..].iter().zip(cols.w_carries)) {
            // Soundness: the sum has four terms, so both carries are 0 to 3.
            let carry = decoded(builder, digits);
            assert_multiple(builder, subtract(scheduled(t), word.clone()), carry);
        }

        let rounds = Rounds::<AB>::new(cols);
        for (t, (word, digits)) in w_limbs.iter().zip(cols.carries).enumerate() {
            let [a, e] = rounds.after(t);
            let [[e_low, a_low], [e_high, a_high]] = digits.map(|digits| decoded(builder, digits));
            // Soundness: e = d + T1 has six terms, so the carries are 0 to 5.
            let new_e = sum([rounds.d(t), rounds.t1(t), word.clone()]);
            assert_multiple(builder, subtract(new_e, e.clone()), [e_low, e_high]);
            // Soundness: a = T1 + T2 = e − d + T2, so the carries are −1 to 2.
            let new_a = subtract(sum([e, rounds.t2(t)]), rounds.d(t));
            assert_multiple(builder, subtract(new_a, a), [a_low, a_high].map(|carry| carry - AB::Expr::ONE));
        }

        // Round 62: e = d + T1 has nine terms, since W[62] is not reduced; the carries are 0 to 8.
        let [a, e] = rounds.after(62);
        let new_e = sum([rounds.d(62), rounds.t1(62), scheduled(62)]);
        let carry = cols.carries_62.e.map(|digits| two_digits(builder, digits));
        assert_multiple(builder, subtract(new_e, e.clone()), carry);
        let new_a = subtract(sum([e, rounds.t2(62)]), rounds.d(62));
        let carry = decoded(builder, cols.carries_62.a).map(|carry| carry - AB::Expr::ONE);
        assert_multiple(builder, subtract(new_a, a), carry);

        // Round 63 and the final addition: the sum for e has ten terms, so the carries are 0 to 9; the digits allow up
        // to 10.
        let out = cols.out.map(|limbs| limbs.map(Into::<AB::Expr>::into));
        // a and e before the first round.
        let [in_a, in_e] = [rounds.a_limbs[3].clone(), rounds.e_limbs[3].clone()];
        let new_e = sum([in_e.clone(), rounds.d(63), rounds.t1(63), scheduled(63)]);
        let carry = cols.carries_63.e.map(|[x, y, z]| two_digits(builder, [x, y]) + ternary(builder, z));
        assert_multiple(builder, subtract(new_e, out[4].clone()), carry);
        // The e of round 63 is out[4] − in_e, so the sum for a subtracts three terms and adds four: the carries are −2
        // to 3.
        let new_a = subtract(sum([in_a, out[4].clone(), rounds.t2(63)]), sum([in_e, rounds.d(63)]));
        let carry = cols.carries_63.a.map(|digits| two_digits(builder, digits) - AB::Expr::TWO);
        assert_multiple(builder, subtract(new_a, out[0].clone()), carry);

        // The final addition of the other words: out = in + word of an earlier round. Both carries are boolean.
        for age in 1..4 {
            for (i, words) in [(age, &rounds.a_limbs), (4 + age, &rounds.e_limbs)] {
                let [low, high] = subtract(sum([words[3 - age].clone(), words[67 - age].clone()]), out[i].clone());
                builder.assert_zero((low.clone() - CELL) * low.clone());
                let high = high + low * CELL_INV;
                builder.assert_zero((high.clone() - CELL) * high);
            }
        }

        let input = |words: &[Limbs<AB::Expr>]| words[..4].iter().rev().flatten().cloned().collect::<Vec<_>>();
        let block = cols.w[..16].iter().flat_map(|bits| {
            // Memory is little-endian and the schedule big-endian, so the bytes are reversed.
            let [low, high] = limbs(|i| bits[8 * (3 - i / 8) + i % 8].into());
            [low, high]
        });
        let state = input(&rounds.a_limbs).into_iter().chain(input(&rounds.e_limbs));
        let statement: Vec<AB::Expr> = state.chain(block).chain(out.into_iter().flatten()).collect();
        SHA256_COMPRESS_BUS.provide(builder, statement, cols.multiplicity);
    }
}
