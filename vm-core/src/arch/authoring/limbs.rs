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
/// Largest number of bits of a range check.
const RANGE_BITS: u32 = 16;
/// Characteristic of the field.
const ORDER: i64 = F::ORDER_U32 as i64;

/// An integer `Σ limb[i]·256^i`. Limbs are expressions whose values are integers within bounds, so far below the field's
/// characteristic that sums do not overflow.
#[derive(Clone, Debug)]
pub struct Limbs<E>(Vec<Limb<E>>);

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
        Self(cells.iter().map(|cell| Limb { value: (*cell).into(), min: 0, max: 0xFF }).collect())
    }

    /// An integer of 16-bit cells, lowest first. Soundness: the caller proves that each cell is below 2^16.
    pub fn cells<C: Copy + Into<E>>(cells: &[C]) -> Self {
        let limb = |cell: &C| [Limb { value: (*cell).into(), min: 0, max: 0xFFFF }, Limb::zero()];
        Self(cells.iter().flat_map(limb).collect())
    }

    /// An integer that is a single limb. Soundness: the caller proves that it is within the bounds.
    pub fn single(value: impl Into<E>, min: i64, max: i64) -> Self {
        Self(vec![Limb { value: value.into(), min, max }])
    }

    /// A constant of bytes, lowest first.
    ///
    /// Constraints must hold on padding rows, where all columns are zero. So multiply a constant that is a summand by a flag
    /// of the row ([`Self::single`]).
    pub fn constant(bytes: &[u8]) -> Self {
        let limb = |byte: &u8| Limb { value: E::from_u8(*byte), min: i64::from(*byte), max: i64::from(*byte) };
        Self(bytes.iter().map(limb).collect())
    }

    /// Returns `self` if the flag is 1 and `other` if it is 0. Soundness: the caller proves that the flag is boolean.
    pub fn select(self, flag: impl Into<E>, other: Self) -> Self {
        let flag = flag.into();
        self.zip(other, |x, y| {
            let (min, max) = (x.min.min(y.min), x.max.max(y.max));
            Limb { value: flag.clone() * (x.value - y.value.clone()) + y.value, min, max }
        })
    }

    /// Combines limbs of the same weight.
    fn zip(self, other: Self, combine: impl Fn(Limb<E>, Limb<E>) -> Limb<E>) -> Self {
        let (mut x, mut y) = (self.0.into_iter(), other.0.into_iter());
        let length = x.len().max(y.len());
        let next = |limbs: &mut std::vec::IntoIter<Limb<E>>| limbs.next().unwrap_or_else(Limb::zero);
        Self((0..length).map(|_| combine(next(&mut x), next(&mut y))).collect())
    }

    /// Returns the equations that make the integer zero if there are `carries` carries between them.
    ///
    /// # Panics
    /// If no grouping of the limbs has this number of carries, or if the integers of an equation could overflow the field. The
    /// message says which numbers are possible.
    pub(super) fn equations(&self, carries: usize) -> Vec<Equation<E>> {
        let count = |group: usize| self.0.len().div_ceil(group).saturating_sub(1);
        let groupings = || (1..=self.0.len().max(1)).map(|group| (group, count(group)));
        if let Some(equations) =
            groupings().find(|(_, count)| *count == carries).and_then(|(group, _)| self.grouped(group))
        {
            return equations;
        }
        let mut possible: Vec<String> = groupings()
            .filter(|(group, _)| self.grouped(*group).is_some())
            .map(|(_, count)| count.to_string())
            .collect();
        possible.dedup();
        let possible = if possible.is_empty() { "none".to_owned() } else { possible.join(", ") };
        panic!(
            "a relation between integers of {} limbs has {carries} columns for carries; possible numbers: {possible}",
            self.0.len()
        )
    }

    /// Returns the equations if each adds up `group` limbs, or `None` if one could overflow the field.
    fn grouped(&self, group: usize) -> Option<Vec<Equation<E>>> {
        let shift = u32::try_from(LIMB_BITS * group).ok().filter(|shift| *shift < 40)?;
        let mut equations: Vec<Equation<E>> = Vec::new();
        // Bounds of the carry into an equation: those of honest provers, and those that the range check proves.
        let (mut honest, mut proven) = ((0i64, 0i64), (0i64, 0i64));
        let last = self.0.len().div_ceil(group).saturating_sub(1);
        for (index, limbs) in self.0.chunks(group).enumerate() {
            let (mut min, mut max, mut sum) = (0i64, 0i64, E::ZERO);
            for (i, limb) in limbs.iter().enumerate() {
                min = min.checked_add(limb.min.checked_mul(1 << (LIMB_BITS * i))?)?;
                max = max.checked_add(limb.max.checked_mul(1 << (LIMB_BITS * i))?)?;
                sum += limb.value.clone() * E::from_u64(1 << (LIMB_BITS * i));
            }
            let (in_min, in_max) = proven;
            let (mut offset, mut bits) = (0, 0);
            proven = (0, 0);
            if index < last {
                honest = ((min + honest.0) >> shift, (max + honest.1) >> shift);
                let span = honest.1 - honest.0;
                // The least number of bits for `span`.
                bits = 64 - span.leading_zeros();
                if bits > RANGE_BITS {
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
    /// Bits of that column. Unused in the last equation, which has no carry.
    pub(super) bits: u32,
}

impl Limbs<F> {
    /// Fills the columns of the carries with which the integer is zero.
    ///
    /// If it is not zero, no carries satisfy the constraints, and the columns hold any numbers.
    ///
    /// # Panics
    /// As [`CoreBuilder::assert_limbs_zero`](super::CoreBuilder::assert_limbs_zero).
    pub fn fill_carries(&self, carries: &mut [F]) {
        let mut carry = 0;
        for (Equation { sum, min, max, shift, offset, .. }, column) in self.equations(carries.len()).iter().zip(carries)
        {
            let value = i64::from(sum.as_canonical_u32());
            // The sum as an integer within its bounds.
            let value = if value > *max && value - ORDER >= *min { value - ORDER } else { value };
            carry = (value + carry) >> shift;
            *column = F::from_i64(carry + offset);
        }
    }
}

impl<E: PrimeCharacteristicRing> Add for Limbs<E> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.zip(other, |x, y| Limb { value: x.value + y.value, min: x.min + y.min, max: x.max + y.max })
    }
}

impl<E: PrimeCharacteristicRing> Neg for Limbs<E> {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.into_iter().map(|limb| Limb { value: -limb.value, min: -limb.max, max: -limb.min }).collect())
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
        if self.0.is_empty() || other.0.is_empty() {
            return Self(Vec::new());
        }
        let mut product = vec![Limb::zero(); self.0.len() + other.0.len() - 1];
        for (i, x) in self.0.iter().enumerate() {
            for (j, y) in other.0.iter().enumerate() {
                // Empty limbs of 16-bit cells, and zero bytes of constants.
                if [x, y].iter().any(|limb| limb.min == 0 && limb.max == 0) {
                    continue;
                }
                let corners = [x.min * y.min, x.min * y.max, x.max * y.min, x.max * y.max];
                let limb = &mut product[i + j];
                limb.value += x.value.clone() * y.value.clone();
                limb.min += corners.into_iter().min().unwrap_or(0);
                limb.max += corners.into_iter().max().unwrap_or(0);
            }
        }
        Self(product)
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
        let mut carry = F::ZERO;
        zero.equations(carries).iter().enumerate().all(|(i, equation)| {
            let out = columns.get(i).map_or(F::ZERO, |column| *column - F::from_i64(equation.offset));
            let in_range =
                columns.get(i).is_none_or(|column| u64::from(column.as_canonical_u32()) < 1 << equation.bits);
            let is_zero = equation.sum + carry == out * F::from_u64(1 << equation.shift);
            carry = out;
            in_range && is_zero
        })
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
    #[should_panic(expected = "16 limbs has 9 columns for carries; possible numbers: 15, 7")]
    fn the_number_of_carries_is_checked() {
        let x = Limbs::<F>::bytes(&[F::ZERO; 8]);
        (x.clone() * x - Limbs::bytes(&[F::ZERO; 16])).fill_carries(&mut [F::ZERO; 9]);
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
