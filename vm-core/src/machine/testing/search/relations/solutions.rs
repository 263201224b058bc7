//! Solutions of relations in numbers that a row does not receive.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::{BigInt, Sign};
use p3_field::{PrimeCharacteristicRing, PrimeField32};

use super::super::State;
use super::ORDER;
use super::breaks::Break;
use super::chain::{Relation, integer};
use crate::stark::F;

/// Bits of the highest digit of a number whose digits have different distances, and of a number of one digit.
const DIGIT: u64 = 16;

/// Cells that are the digits of a number on which a relation depends linearly.
pub(super) struct Number {
    /// What the relation's integer changes by if the number grows by one.
    slope: BigInt,
    /// Columns with their least and their first excluded bit, lowest first.
    digits: Vec<(usize, u64, u64)>,
    value: BigInt,
}

/// Ways to solve a relation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Solutions {
    /// All that are tried.
    All,
    /// Only those in which a number is less than the other one's slope.
    Reduced,
}

impl Number {
    fn new(slope: BigInt, mut digits: Vec<(u64, usize)>, values: &[F]) -> Self {
        digits.sort_unstable();
        let distance = |pair: &[(u64, usize)]| pair[1].0 - pair[0].0;
        let last = digits.windows(2).map(distance).min().unwrap_or(DIGIT);
        let ends = digits.iter().skip(1).map(|(bits, _)| *bits).chain(digits.last().map(|(bits, _)| bits + last));
        let digits: Vec<(usize, u64, u64)> =
            digits.iter().zip(ends).map(|(&(start, column), end)| (column, start, end)).collect();
        let value =
            digits.iter().map(|&(column, start, _)| BigInt::from(values[column].as_canonical_u32()) << start).sum();
        Self { slope, digits, value }
    }

    /// Whether the highest digit may have any value.
    fn loose(&self, broken: &Break) -> bool {
        self.digits.last().is_some_and(|(column, ..)| broken.loose == Some(*column))
    }

    /// Writes a value into the digits, unless it has too many bits. A loose digit may have any value, also a negative one.
    fn write(&self, value: &BigInt, values: &mut [F], loose: Option<usize>) -> bool {
        let mut rest = value.clone();
        for &(column, start, end) in self.digits.iter().rev() {
            let digit = &rest >> start;
            rest -= &digit << start;
            let bits = if loose == Some(column) { -ORDER / 2..ORDER / 2 } else { 0..1 << (end - start).min(31) };
            match i128::try_from(digit) {
                Ok(digit) if bits.contains(&digit) => values[column] = F::from_i128(digit),
                _ => return false,
            }
        }
        rest == BigInt::ZERO
    }
}

impl State<'_, '_> {
    /// Returns the numbers of a row that may change and on which a relation depends linearly: cells whose slopes differ by
    /// powers of two.
    pub(super) fn numbers(
        &self,
        relation: &Relation,
        row: usize,
        values: &[F],
        locked: &BTreeSet<usize>,
    ) -> Vec<Number> {
        let carries: BTreeSet<usize> =
            relation.equations.iter().flat_map(|equation| &equation.carry).map(|(column, _)| *column).collect();
        let mut slopes: BTreeMap<usize, Option<BigInt>> = BTreeMap::new();
        for (index, equation) in relation.equations.iter().enumerate() {
            let columns = self.model.tape(equation.guard).cells().filter(|(next, _)| !next).map(|(_, column)| column);
            let columns = columns.filter(|column| !carries.contains(column) && !locked.contains(column));
            let at = self.sum(relation, index, row, |column| values[column]);
            for column in columns.collect::<Vec<_>>() {
                let [first, second] = [F::ONE, F::TWO].map(|step| {
                    let moved = |other| if other == column { values[other] + step } else { values[other] };
                    self.sum(relation, index, row, moved)
                });
                let slope = slopes.entry(column).or_insert_with(|| Some(BigInt::ZERO));
                match slope {
                    Some(slope) if second - first == first - at => {
                        *slope += BigInt::from(first - at) << u64::from(equation.position);
                    }
                    _ => *slope = None,
                }
            }
        }
        let mut groups: BTreeMap<BigInt, Vec<(u64, usize)>> = BTreeMap::new();
        for (column, slope) in slopes.into_iter().filter_map(|(column, slope)| Some((column, slope?))) {
            let Some(bits) = slope.trailing_zeros() else { continue };
            groups.entry(slope >> bits).or_default().push((bits, column));
        }
        groups.into_iter().map(|(slope, digits)| Number::new(slope, digits, values)).collect()
    }

    /// Returns values of the row with which all equations of a relation hold: over the integers, but for the break.
    pub(super) fn solutions(
        &self,
        relation: &Relation,
        row: usize,
        values: &[F],
        numbers: &[Number],
        broken: &Break,
        which: Solutions,
    ) -> Vec<Vec<F>> {
        let mut wanted = -self.integer(relation, row, values);
        for (&index, &off) in &broken.off {
            wanted += BigInt::from(off) << u64::from(relation.equations[index].position);
        }
        let mut found = Vec::new();
        let mut consider = |changes: &[(&Number, BigInt)]| {
            let mut values = values.to_vec();
            let is_possible = changes.iter().all(|(number, value)| number.write(value, &mut values, broken.loose));
            for &(column, step) in &broken.moved {
                values[column] += F::from_i128(step);
            }
            if is_possible && self.carry(relation, row, &mut values, broken) {
                found.push(values);
            }
        };
        if wanted == BigInt::ZERO && !broken.moved.is_empty() {
            consider(&[]);
        }
        for number in numbers {
            if wanted != BigInt::ZERO && (&wanted % &number.slope) == BigInt::ZERO {
                consider(&[(number, &number.value + &wanted / &number.slope)]);
            }
        }
        for (i, x) in numbers.iter().enumerate() {
            for (_, y) in numbers.iter().enumerate().filter(|(j, _)| *j != i) {
                let modulus = BigInt::from_biguint(Sign::Plus, y.slope.magnitude().clone());
                // A slope that is a power of two is that of a number alone.
                let Some(inverse) = Some(&modulus).filter(|m| m.bits() > DIGIT).and_then(|m| x.slope.modinv(m)) else {
                    continue;
                };
                let least = floor_mod(&(&x.value + &wanted * inverse), &modulus);
                let mut values = vec![least.clone()];
                if which == Solutions::All {
                    values.push(&least + &modulus);
                    values.extend(x.loose(broken).then(|| least - &modulus));
                }
                for value in values.into_iter().filter(|value| *value != x.value) {
                    let rest = &wanted - &x.slope * (&value - &x.value);
                    let other = &y.value + rest / &y.slope;
                    consider(&[(x, value), (y, other)]);
                }
            }
        }
        found
    }

    /// Fills the carries. Returns `false` if some equation does not hold.
    fn carry(&self, relation: &Relation, row: usize, values: &mut [F], broken: &Break) -> bool {
        let mut carry = 0i128;
        for (index, equation) in relation.equations.iter().enumerate() {
            let sum =
                self.sum(relation, index, row, |column| values[column]) + carry - broken.off.get(&index).unwrap_or(&0);
            if equation.carry.is_empty() {
                return sum == 0;
            }
            carry = sum >> equation.shift;
            if carry << equation.shift != sum {
                return false;
            }
            // A free column takes what the others do not have. Without one, the columns are digits.
            let is_free = |(column, _): &&(usize, u32)| broken.free == Some(*column);
            let mut rest = carry;
            if let Some(&(free, weight)) = equation.carry.iter().find(is_free) {
                for &(column, weight) in equation.carry.iter().filter(|(column, _)| *column != free) {
                    rest -= integer(values[column]).0 << weight;
                }
                values[free] = F::from_i128(rest).div_2exp_u64(weight.into());
                continue;
            }
            for &(column, weight) in equation.carry.iter().rev() {
                values[column] = F::from_i128(rest >> weight);
                rest -= rest >> weight << weight;
            }
        }
        true
    }
}

/// Returns the remainder that is not negative.
fn floor_mod(value: &BigInt, modulus: &BigInt) -> BigInt {
    let rest = value % modulus;
    if rest.sign() == Sign::Minus { rest + modulus } else { rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_digits() {
        let cells = |values: [i64; 3]| values.map(F::from_i64);
        let mut values = cells([0x12, 0x34, 0x56]);
        let number = Number::new(BigInt::from(7), vec![(16, 2), (0, 0), (8, 1)], &values);
        assert_eq!(number.value, BigInt::from(0x0056_3412));
        let mut write = |value: i64, loose| number.write(&BigInt::from(value), &mut values, loose).then_some(values);
        assert_eq!(write(0x00FF_FF01, None), Some(cells([1, 0xFF, 0xFF])));
        // Only a loose digit may be beyond a byte.
        assert_eq!((write(1 << 24, None), write(-1, None)), (None, None));
        assert_eq!((write(1 << 24, Some(1)), write(-1, Some(1))), (None, None));
        assert_eq!(write(1 << 24, Some(2)), Some(cells([0, 0, 0x100])));
        assert_eq!(write(-1, Some(2)), Some(cells([0xFF, 0xFF, -1])));
        // There is no digit for the lowest bits.
        let high = Number::new(BigInt::from(7), vec![(8, 1)], &values);
        assert!(
            high.write(&BigInt::from(0x0300), &mut values, None) && !high.write(&BigInt::from(1), &mut values, None)
        );
    }

    #[test]
    fn remainders_are_not_negative() {
        let rest = |value: i32| floor_mod(&BigInt::from(value), &BigInt::from(5));
        assert_eq!([-6, -5, -1, 0, 4, 7].map(rest), [4, 0, 4, 0, 4, 2].map(BigInt::from));
    }
}
