//! Big numbers: relations between integers that are spread over many columns.
//!
//! An integer is a sum of limbs, each times a power of 256. A limb is an expression of columns, and its bounds are known. Sums
//! and products of such integers are computed limb by limb, without carries, so limbs may grow beyond a byte and may be
//! negative. [`CoreBuilder::assert_limbs_zero`](super::CoreBuilder::assert_limbs_zero) proves that an integer is zero: it adds
//! up neighbouring limbs to one equation each, and carries from one equation to the next.
//!
//! Author's code writes a relation once, as a function that is generic over the expression, such as `x·y − q·p − r`. The
//! constraints use it with variables of the circuit, the witness with field elements.

use std::ops::{Add, Mul, Neg, Sub};

use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::stark::F;

/// Bits of the weight of a limb relative to the limb below it.
const LIMB_BITS: usize = 8;
/// What the column of the highest byte of a quotient has in addition to the byte, so that it is not negative.
const SIGN: u8 = 0x80;
const SIGN_BIT: i64 = SIGN as i64;
/// Largest number of bits of a range check.
const RANGE_BITS: u32 = 16;
/// Characteristic of the field.
const ORDER: i64 = F::ORDER_U32 as i64;

/// An integer `Σ limb[i]·256^i`. Limbs are expressions whose values are integers within bounds, so far below the field's
/// characteristic that sums do not overflow. Sums and products panic if a bound does not fit into 64 bits.
///
/// After [`Self::truncated`], it stands for all integers that are congruent modulo a power of 256. So do sums and products in
/// which it occurs.
#[derive(Clone, Debug)]
pub struct Limbs<E> {
    limbs: Vec<Limb<E>>,
    /// If only the residue modulo 256^n is known: n, which is the number of limbs.
    modulus: Option<usize>,
}

/// A limb: an expression, and the least and greatest integer that it stands for.
#[derive(Clone, Debug)]
struct Limb<E> {
    value: E,
    min: i64,
    max: i64,
}

impl<E: PrimeCharacteristicRing> Limbs<E> {
    /// An integer of bytes, lowest first. Soundness: the caller proves that each cell is below 2^8.
    pub fn bytes<C: Copy + Into<E>>(cells: &[C]) -> Self {
        Self::exact(cells.iter().map(|cell| Limb { value: (*cell).into(), min: 0, max: 0xFF }).collect())
    }

    /// An integer of 16-bit cells, lowest first. Soundness: the caller proves that each cell is below 2^16.
    pub fn cells<C: Copy + Into<E>>(cells: &[C]) -> Self {
        let limb = |cell: &C| [Limb { value: (*cell).into(), min: 0, max: 0xFFFF }, Limb::zero()];
        Self::exact(cells.iter().flat_map(limb).collect())
    }

    /// An integer that is a single limb. Soundness: the caller proves that it is within the bounds.
    pub fn single(value: impl Into<E>, min: i64, max: i64) -> Self {
        Self::exact(vec![Limb { value: value.into(), min, max }])
    }

    /// A constant of bytes, lowest first.
    ///
    /// Constraints must hold on padding rows, where all columns are zero. So multiply a constant that is a summand by a flag
    /// of the row ([`Self::single`]).
    pub fn constant(bytes: &[u8]) -> Self {
        let limb = |byte: &u8| Limb { value: E::from_u8(*byte), min: (*byte).into(), max: (*byte).into() };
        Self::exact(bytes.iter().map(limb).collect())
    }

    /// A constant of bytes, lowest first, that is a parameter of the instruction: as [`Self::constant`], but the bounds are those
    /// of any bytes, so that all values of the instruction have as many columns for carries.
    pub fn parameter(bytes: &[u8]) -> Self {
        Self::exact(bytes.iter().map(|byte| Limb { value: E::from_u8(*byte), min: 0, max: 0xFF }).collect())
    }

    /// Drops the limbs from number `limbs` on: the integer modulo 256^`limbs`.
    #[must_use]
    pub fn truncated(self, limbs: usize) -> Self {
        let limbs = self.modulus.map_or(limbs, |modulus| modulus.min(limbs));
        Self::modulo(self.limbs, Some(limbs))
    }

    fn exact(limbs: Vec<Limb<E>>) -> Self {
        Self { limbs, modulus: None }
    }

    /// Soundness: limbs that are dropped are multiples of 256^`modulus`, and limbs that are missing are zero.
    fn modulo(mut limbs: Vec<Limb<E>>, modulus: Option<usize>) -> Self {
        if let Some(modulus) = modulus {
            limbs.resize_with(modulus, Limb::zero);
        }
        Self { limbs, modulus }
    }

    /// Returns modulo which power of 256 a sum or a product of both is known. Soundness: operands that are congruent modulo 256^n
    /// have sums and products that are, so the smaller power holds for the result.
    fn common_modulus(&self, other: &Self) -> Option<usize> {
        self.modulus.into_iter().chain(other.modulus).min()
    }

    /// Returns `self` if the flag is 1 and `other` if it is 0. Soundness: the caller proves that the flag is boolean.
    pub fn select(self, flag: impl Into<E>, other: Self) -> Self {
        let flag = flag.into();
        self.zip(other, |x, y| {
            let (min, max) = (x.min.min(y.min), x.max.max(y.max));
            Limb { value: flag.clone() * (x.value - y.value.clone()) + y.value, min, max }
        })
    }

    /// Returns `self − quotient·modulus`. The quotient consists of bytes, of which the highest stands for itself minus 128, so
    /// that a quotient may be negative. `one` is 1 on rows that are instructions, else 0.
    ///
    /// # Panics
    /// If the integer has multiples of the modulus within its bounds for which the quotient has too few bytes, if the modulus is
    /// even, or if the integer is truncated. Called when the chip is built.
    pub(super) fn minus_multiple<C: Copy + Into<E>>(self, modulus: &[u32], quotient: &[C], one: E) -> Self {
        // Soundness: every residue modulo a power of 256 has multiples of the modulus in its class.
        assert!(self.modulus.is_none(), "only an integer that is not truncated can be a multiple of a modulus");
        let modulus: Vec<u8> = modulus.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert!(modulus.first().is_some_and(|byte| byte % 2 == 1), "the modulus of a relation between integers is odd");
        let Some((highest, bytes)) = quotient.split_last() else {
            panic!("the quotient of a relation between integers has at least one column")
        };
        // Floating-point numbers are exact enough for a check of completeness.
        let weighted =
            |digits: &mut dyn DoubleEndedIterator<Item = f64>| digits.rev().fold(0.0, |sum, digit| sum * 256.0 + digit);
        let largest =
            weighted(&mut self.limbs.iter().map(|limb| limb.min.unsigned_abs().max(limb.max.unsigned_abs()) as f64));
        let needed = (largest / weighted(&mut modulus.iter().map(|byte| f64::from(*byte)))).log2();
        let bits = 8 * quotient.len() - 1;
        assert!(
            needed < bits as f64,
            "the quotient of a relation between integers can have {} bits besides the sign, but its columns have {bits}",
            needed.ceil()
        );
        let mut limbs = Self::bytes(bytes);
        limbs.limbs.push(Limb {
            value: (*highest).into() - one * E::from_u8(SIGN),
            min: -SIGN_BIT,
            max: 0xFF - SIGN_BIT,
        });
        self - limbs * Self::parameter(&modulus)
    }

    /// Combines limbs of the same weight.
    fn zip(self, other: Self, combine: impl Fn(Limb<E>, Limb<E>) -> Limb<E>) -> Self {
        let modulus = self.common_modulus(&other);
        let (mut x, mut y) = (self.limbs.into_iter(), other.limbs.into_iter());
        let length = x.len().max(y.len());
        let next = |limbs: &mut std::vec::IntoIter<Limb<E>>| limbs.next().unwrap_or_else(Limb::zero);
        Self::modulo((0..length).map(|_| combine(next(&mut x), next(&mut y))).collect(), modulus)
    }

    /// Returns the equations that make the integer zero if there are `carries` carries: one out of each equation but the last,
    /// and, if the integer is truncated, one out of the last.
    ///
    /// # Panics
    /// If no grouping of the limbs has this number of carries, or if the integers of an equation could overflow the field. The
    /// message says which numbers are possible.
    pub(super) fn equations(&self, carries: usize) -> Vec<Equation<E>> {
        let columns = |equations: &[Equation<E>]| -> usize { equations.iter().map(Equation::columns).sum() };
        let mut possible: Vec<String> = Vec::new();
        for group in 1..=self.limbs.len().max(1) {
            let Some(equations) = self.grouped(group) else { continue };
            let columns = columns(&equations);
            if columns == carries {
                return equations;
            }
            possible.push(columns.to_string());
        }
        possible.dedup();
        let possible = if possible.is_empty() { "none".to_owned() } else { possible.join(", ") };
        panic!(
            "a relation between integers of {} limbs has {carries} columns for carries; possible numbers: {possible}",
            self.limbs.len()
        )
    }

    /// Returns the equations if each adds up `group` limbs, or `None` if one could overflow the field.
    fn grouped(&self, group: usize) -> Option<Vec<Equation<E>>> {
        if LIMB_BITS * group >= 40 {
            return None;
        }
        let mut equations: Vec<Equation<E>> = Vec::new();
        // Bounds of the carry into an equation: those of honest provers, and those that the range check proves.
        let (mut honest, mut proven) = ((0i64, 0i64), (0i64, 0i64));
        let last = self.limbs.len().div_ceil(group).saturating_sub(1);
        for (index, limbs) in self.limbs.chunks(group).enumerate() {
            // The last equation may have fewer limbs.
            let shift = (LIMB_BITS * limbs.len()) as u32;
            let (mut min, mut max, mut sum) = (0i64, 0i64, E::ZERO);
            for (i, limb) in limbs.iter().enumerate() {
                min = min.checked_add(limb.min.checked_mul(1 << (LIMB_BITS * i))?)?;
                max = max.checked_add(limb.max.checked_mul(1 << (LIMB_BITS * i))?)?;
                sum += limb.value.clone() * E::from_u64(1 << (LIMB_BITS * i));
            }
            if min <= -ORDER || max >= ORDER {
                return None;
            }
            let (in_min, in_max) = proven;
            let (mut offset, mut bits) = (0, 0);
            proven = (0, 0);
            // Soundness: without a carry out of it, the last equation makes the integer zero. With one, it is the carry's multiple
            // of 256^n, n being the number of limbs: a carry that is in range is an integer.
            if index < last || self.modulus.is_some() {
                honest = ((min + honest.0) >> shift, (max + honest.1) >> shift);
                let span = honest.1 - honest.0;
                // The least number of bits for `span`.
                bits = 64 - span.leading_zeros();
                if bits > 2 * RANGE_BITS {
                    return None;
                }
                // The range that is proven is wider than needed; its middle is that of the range needed.
                offset = -honest.0 + ((1 << bits) - 1 - span) / 2;
                proven = (-offset, (1 << bits) - 1 - offset);
            }
            // Soundness: what is equated with zero lies strictly between −p and p, so it is zero as an integer.
            let least = min + in_min - (proven.1 << shift);
            let greatest = max + in_max - (proven.0 << shift);
            if least <= -ORDER || greatest >= ORDER {
                return None;
            }
            equations.push(Equation { sum, min, max, shift, offset, bits });
        }
        Some(equations)
    }
}

impl<E: PrimeCharacteristicRing> Limb<E> {
    fn zero() -> Self {
        Self { value: E::ZERO, min: 0, max: 0 }
    }
}

/// One equation: `sum + carry in = 2^shift·carry out`.
pub(super) struct Equation<E> {
    pub(super) sum: E,
    /// Least and greatest value of the sum.
    min: i64,
    max: i64,
    pub(super) shift: u32,
    /// What the column of the outgoing carry has in addition to the carry, so that it is not negative.
    pub(super) offset: i64,
    /// Bits of that column, or of its two columns if they are more than 16. Zero in an equation without a carry.
    bits: u32,
}

impl<E> Equation<E> {
    /// Returns the number of columns of the outgoing carry.
    fn columns(&self) -> usize {
        self.bits.div_ceil(RANGE_BITS) as usize
    }

    /// Returns the numbers of bits of the columns of the outgoing carry, lowest first.
    pub(super) fn column_bits(&self) -> impl Iterator<Item = usize> + use<E> {
        let bits = self.bits;
        (0..bits).step_by(RANGE_BITS as usize).map(move |low| (bits - low).min(RANGE_BITS) as usize)
    }
}

impl Limbs<F> {
    /// Fills the columns of the carries with which the integer is zero.
    ///
    /// If it is not zero, no carries satisfy the constraints, and the columns hold any numbers.
    ///
    /// # Panics
    /// As [`CoreBuilder::assert_limbs_zero`](super::CoreBuilder::assert_limbs_zero).
    pub fn fill_carries(&self, carries: &mut [F]) {
        let (mut carry, mut columns) = (0, carries.iter_mut());
        for equation in self.equations(columns.len()) {
            let Equation { sum, min, max, shift, offset, .. } = &equation;
            carry = (integer(*sum, *min, *max) + carry) >> shift;
            let mut rest = carry + offset;
            for (bits, column) in equation.column_bits().zip(columns.by_ref()) {
                *column = F::from_i64(rest & ((1 << bits) - 1));
                rest >>= bits;
            }
        }
    }

    /// Fills the columns of the quotient and of the carries with which the integer is `quotient·modulus`.
    ///
    /// If it is no multiple of the modulus, no columns satisfy the constraints, and they hold any numbers.
    ///
    /// # Panics
    /// As [`CoreBuilder::assert_multiple`](super::CoreBuilder::assert_multiple).
    pub fn fill_multiple(self, modulus: &[u32], quotient: &mut [F], carries: &mut [F]) {
        let bytes: Vec<i64> = modulus.iter().flat_map(|word| word.to_le_bytes()).map(i64::from).collect();
        // Division of a multiple, from the lowest byte up: each byte of the quotient makes the lowest byte that is left zero
        // (Jebelean, "An algorithm for exact division", 1993).
        let inverse = modulus.first().map_or(0, |word| inverse_of_byte(*word as u8));
        let mut rest: Vec<i64> = self.limbs.iter().map(|limb| integer(limb.value, limb.min, limb.max)).collect();
        rest.resize(rest.len().max(quotient.len() + bytes.len()), 0);
        for (i, column) in quotient.iter_mut().enumerate() {
            let digit = (rest[i] as u8).wrapping_mul(inverse);
            for (rest, byte) in rest[i..].iter_mut().zip(&bytes) {
                *rest -= i64::from(digit) * byte;
            }
            rest[i + 1] += rest[i] >> LIMB_BITS;
            *column = F::from_u8(digit);
        }
        // The quotient modulo a power of 256, which stands for a signed number.
        if let Some(highest) = quotient.last_mut() {
            *highest = F::from_u8((highest.as_canonical_u32() as u8).wrapping_add(SIGN));
        }
        self.minus_multiple(modulus, quotient, F::ONE).fill_carries(carries);
    }
}

/// Returns the integer within bounds that a field element stands for.
fn integer(value: F, min: i64, max: i64) -> i64 {
    let value = i64::from(value.as_canonical_u32());
    if value > max && value - ORDER >= min { value - ORDER } else { value }
}

/// Returns the inverse of an odd number modulo 256: each of Newton's steps doubles the number of bits, of which the number
/// itself has three right.
fn inverse_of_byte(odd: u8) -> u8 {
    let step = |inverse: u8| inverse.wrapping_mul(2u8.wrapping_sub(odd.wrapping_mul(inverse)));
    step(step(odd))
}

/// Returns a bound of a limb.
///
/// # Panics
/// If it is beyond 64 bits. Soundness: bounds that wrap around would justify equations that overflow the field.
fn bound(exact: i128) -> i64 {
    i64::try_from(exact)
        .unwrap_or_else(|_| panic!("a limb of a relation between integers can be {exact}: it is too large"))
}

impl<E: PrimeCharacteristicRing> Add for Limbs<E> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.zip(other, |x, y| Limb {
            value: x.value + y.value,
            min: bound(i128::from(x.min) + i128::from(y.min)),
            max: bound(i128::from(x.max) + i128::from(y.max)),
        })
    }
}

impl<E: PrimeCharacteristicRing> Neg for Limbs<E> {
    type Output = Self;

    fn neg(self) -> Self {
        let negated = |limb: Limb<E>| Limb {
            value: -limb.value,
            min: bound(-i128::from(limb.max)),
            max: bound(-i128::from(limb.min)),
        };
        Self { limbs: self.limbs.into_iter().map(negated).collect(), modulus: self.modulus }
    }
}

impl<E: PrimeCharacteristicRing> Sub for Limbs<E> {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl<E: PrimeCharacteristicRing> Mul for Limbs<E> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let modulus = self.common_modulus(&other);
        if self.limbs.is_empty() || other.limbs.is_empty() {
            return Self::modulo(Vec::new(), modulus);
        }
        let mut product = vec![Limb::zero(); self.limbs.len() + other.limbs.len() - 1];
        for (i, x) in self.limbs.iter().enumerate() {
            for (j, y) in other.limbs.iter().enumerate() {
                let is_dropped = modulus.is_some_and(|modulus| i + j >= modulus);
                // Empty limbs of 16-bit cells, and zero bytes of constants.
                if is_dropped || [x, y].iter().any(|limb| limb.min == 0 && limb.max == 0) {
                    continue;
                }
                let corners = [(x.min, y.min), (x.min, y.max), (x.max, y.min), (x.max, y.max)];
                let corners = corners.map(|(x, y)| i128::from(x) * i128::from(y));
                let limb = &mut product[i + j];
                limb.value += x.value.clone() * y.value.clone();
                limb.min = bound(i128::from(limb.min) + corners.into_iter().min().unwrap_or(0));
                limb.max = bound(i128::from(limb.max) + corners.into_iter().max().unwrap_or(0));
            }
        }
        Self::modulo(product, modulus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the bytes of a number as field elements.
    fn cells<const N: usize>(number: u128) -> [F; N] {
        std::array::from_fn(|i| F::from_u64((number >> (8 * i)) as u64 & 0xFF))
    }

    /// Checks that the carries satisfy all equations and are in range.
    fn holds(zero: &Limbs<F>, carries: usize) -> bool {
        let mut columns = vec![F::ZERO; carries];
        zero.fill_carries(&mut columns);
        let (mut carry, mut columns, mut in_range) = (F::ZERO, columns.into_iter(), true);
        let mut is_zero = true;
        for equation in zero.equations(carries) {
            let mut out = F::ZERO;
            for (i, bits) in equation.column_bits().enumerate() {
                let column = columns.next().unwrap();
                in_range &= column.as_canonical_u32() >> bits == 0;
                out += column * F::from_u64(1 << (16 * i));
            }
            if equation.bits > 0 {
                out -= F::from_i64(equation.offset);
            }
            is_zero &= equation.sum + carry == out * F::from_u64(1 << equation.shift);
            carry = out;
        }
        in_range && is_zero && columns.next().is_none()
    }

    #[test]
    fn products_are_equal_to_what_they_are_with_every_grouping() {
        for (x, y) in [(0, 0), (u64::MAX, u64::MAX), (0x0123_4567_89AB_CDEF, 0xFEDC_BA98), (1, u64::MAX - 1)] {
            let product = u128::from(x) * u128::from(y);
            for wrong in [0, 1, 1 << 40, 1 << 80] {
                let [x, y] = [x, y].map(|x| Limbs::<F>::bytes(&cells::<8>(x.into())));
                let result = Limbs::bytes(&cells::<16>(product ^ wrong));
                let difference = x * y - result;
                for carries in [15, 7] {
                    assert_eq!(holds(&difference, carries), wrong == 0, "{product} with {carries} carries");
                }
            }
        }
    }

    #[test]
    fn cells_and_bytes_mix_and_limbs_may_be_negative() {
        // 5 − 7 = 2^16 − 2 − 1·2^16
        let number = |value: u64| Limbs::<F>::cells(&[F::from_u64(value)]);
        let borrow = Limbs::single(F::ONE, 0, 1) * Limbs::constant(&[0, 0, 1]);
        assert!(holds(&(number(5) - number(7) + borrow.clone() - number(0xFFFE)), 1));
        assert!(!holds(&(number(5) - number(7) + borrow - number(0xFFFF)), 1));
        let chosen = number(5).select(F::ONE, number(7)) - number(9).select(F::ZERO, number(5));
        assert!(holds(&chosen, 0));
    }

    #[test]
    fn truncated_products_are_products_modulo_a_power() {
        for (x, y) in [(0, 0), (u64::MAX, u64::MAX), (0x0123_4567_89AB_CDEF, 0xFEDC_BA98), (1, u64::MAX - 1)] {
            // Seven limbs are two to an equation and one in the last.
            for (limbs, carries) in [(8, [8, 4]), (7, [7, 4])] {
                let modulus = 1 << (8 * limbs);
                let product = u128::from(x) * u128::from(y) % modulus;
                for wrong in [0, 1, 1 << 40, modulus >> 1] {
                    let [x, y] = [x, y].map(|x| Limbs::<F>::bytes(&cells::<8>(x.into())));
                    let result = Limbs::bytes(&cells::<8>(product ^ wrong));
                    let before = x.clone().truncated(limbs) * y.clone() - result.clone();
                    let after = (x * y - result).truncated(limbs);
                    for difference in [before, after] {
                        for carries in carries {
                            assert_eq!(holds(&difference, carries), wrong == 0, "{product:#x} with {carries} carries");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_known_modulo_a_power_is_known_modulo_smaller_ones() {
        let number = |value: u128, limbs| Limbs::<F>::bytes(&cells::<8>(value)).truncated(limbs);
        // Both sides are equal modulo 256^3 and differ in the next limb.
        for (x, y) in [(3, 8), (8, 3), (3, 3)] {
            assert!(holds(&(number(0x0100_0001, x) - number(0x0200_0001, y)), 3));
            assert!(!holds(&(number(0x0100_0001, x) - number(0x0200_0002, y)), 3));
        }
        // Bytes have no carries, so there are no columns for them.
        assert!(holds(&number(1 << 40, 8).truncated(5), 0) && !holds(&number(1 << 40, 8).truncated(6), 0));
        // Missing limbs are zero.
        assert!(holds(&Limbs::single(F::ZERO, 0, 1).truncated(2), 0));
        assert!(!holds(&Limbs::single(F::ONE, 0, 1).truncated(2), 0));
    }

    #[test]
    #[should_panic(expected = "16 limbs has 9 columns for carries; possible numbers: 15, 7")]
    fn the_number_of_carries_is_checked() {
        let x = Limbs::<F>::bytes(&[F::ZERO; 8]);
        (x.clone() * x - Limbs::bytes(&[F::ZERO; 16])).fill_carries(&mut [F::ZERO; 9]);
    }

    #[test]
    fn carries_of_more_than_16_bits_have_two_columns() {
        // 5·x² − 4·x·y with x and y of 48 bytes: sums of limbs have up to 25 bits.
        let number = |byte: u8| Limbs::<F>::bytes(&[F::from_u8(byte); 48]);
        let (four, five) = (Limbs::constant(&[4]), Limbs::constant(&[5]));
        let zero = |x: u8, y: u8| five.clone() * number(x) * number(x) - four.clone() * number(x) * number(y);
        let columns: usize = zero(0, 0).grouped(1).unwrap().iter().map(Equation::columns).sum();
        assert!(columns > 94, "{columns}");
        assert!(holds(&zero(0, 255), columns) && holds(&zero(204, 255), columns));
        assert!(!holds(&zero(204, 254), columns) && !holds(&zero(255, 255), columns));
    }

    #[test]
    fn quotients_are_found_with_both_signs() {
        const M: u64 = 0xFFFF_FFFF_FFFF_FFC5;
        for (x, y) in [(0, 5), (u64::MAX, u64::MAX), (M - 1, 2), (0x0123_4567_89AB_CDEF, 0xFEDC_BA98), (3, 1)] {
            for negative in [false, true] {
                let product = u128::from(x) * u128::from(y);
                let rest = Limbs::<F>::bytes(&cells::<8>(product % u128::from(M)));
                let [x, y] = [x, y].map(|x| Limbs::<F>::bytes(&cells::<8>(x.into())));
                let multiple = x * y - rest;
                let multiple = if negative { -multiple } else { multiple };
                let (words, mut quotient, mut carries) = ([M as u32, (M >> 32) as u32], [F::ZERO; 9], [F::ZERO; 7]);
                multiple.clone().fill_multiple(&words, &mut quotient, &mut carries);
                assert!(quotient.iter().all(|byte| byte.as_canonical_u32() < 256));
                assert!(holds(&multiple.clone().minus_multiple(&words, &quotient, F::ONE), 7));
                let wrong = multiple + Limbs::single(F::ONE, 0, 1);
                assert!(!holds(&wrong.minus_multiple(&words, &quotient, F::ONE), 7));
            }
        }
        assert!((1..=255u8).step_by(2).all(|odd| odd.wrapping_mul(inverse_of_byte(odd)) == 1));
    }

    #[test]
    #[should_panic(expected = "can have 65 bits besides the sign, but its columns have 63")]
    fn quotients_have_enough_bytes() {
        let x = Limbs::<F>::bytes(&[F::ZERO; 8]);
        let _ = (x.clone() * x).minus_multiple(&[1, 1 << 31], &[F::ZERO; 8], F::ONE);
    }

    #[test]
    #[should_panic(expected = "only an integer that is not truncated can be a multiple of a modulus")]
    fn truncated_integers_are_no_multiples() {
        let _ = Limbs::<F>::bytes(&[F::ZERO; 4]).truncated(4).minus_multiple(&[7], &[F::ZERO; 4], F::ONE);
    }

    #[test]
    #[should_panic(expected = "the modulus of a relation between integers is odd")]
    fn moduli_are_odd() {
        let _ = Limbs::<F>::bytes(&[F::ZERO; 4]).minus_multiple(&[10], &[F::ZERO; 4], F::ONE);
    }

    #[test]
    #[should_panic(expected = "it is too large")]
    fn bounds_do_not_wrap_around() {
        let large = Limbs::<F>::single(F::ZERO, 0, 1 << 40);
        let _ = large.clone() * large;
    }

    #[test]
    fn equations_that_could_overflow_the_field_are_refused() {
        let product = |bytes: usize| {
            let x = Limbs::<F>::bytes(&vec![F::ZERO; bytes]);
            x.clone() * x.clone() - x.clone() * x
        };
        // 56·255²·257 + 2^14·2^16 + 2^14 is below p, and 60·255²·256 + 2^14·2^16 is not.
        assert!(product(56).grouped(2).is_some());
        assert!(product(60).grouped(2).is_none() && product(60).grouped(1).is_some());
        let cells = Limbs::<F>::cells(&[F::ZERO; 1]);
        assert!((cells.clone() * cells).grouped(1).is_none());
    }
}
