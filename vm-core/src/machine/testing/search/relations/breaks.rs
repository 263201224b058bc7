//! Ways to break a relation.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::PrimeCharacteristicRing;

use super::super::State;
use super::super::model::GuardIndex;
use super::ORDER;
use super::chain::{Equation, Relation};
use crate::arch::RANGE_BUS;
use crate::stark::{F, Tape};

/// Bits of the lower one of two digits that one query checks.
const BYTE: u32 = 8;
/// Multiples of p that are tried, and what a dropped equation may be off.
const MULTIPLES: [i128; 8] = [1, -1, 2, -2, 3, -3, 5, -5];
/// Number of steps of digits that are tried, and the farthest one.
const STEPS: usize = 4;
const FARTHEST: i64 = 1 << 25;

/// A way to break a relation: by how much each of its equations is off, and with what.
#[derive(Clone, Default)]
pub(super) struct Break {
    /// By how much equations are off, by index.
    pub(super) off: BTreeMap<usize, i128>,
    /// A column of a carry that the prover chooses freely.
    pub(super) free: Option<usize>,
    /// What is added to digits, once they are written, without changing their number.
    pub(super) moved: Vec<(usize, i128)>,
    /// A highest digit that may have any value.
    pub(super) loose: Option<usize>,
}

impl Break {
    /// A carry is not in its range.
    pub(super) fn carry(equation: usize, column: usize) -> impl Iterator<Item = Self> {
        MULTIPLES.into_iter().map(move |multiple| Self {
            off: BTreeMap::from([(equation, multiple * ORDER)]),
            free: Some(column),
            ..Self::default()
        })
    }
}

impl State<'_, '_> {
    /// Returns the ways to break a relation without a check: an equation, or a query. `with_steps` says whether steps of digits
    /// are searched, which takes long.
    pub(super) fn breaks(&self, relation: &Relation, row: usize, guard: GuardIndex, with_steps: bool) -> Vec<Break> {
        let Some(message) = self.model.message(guard) else {
            let index = relation.equations.iter().position(|equation| equation.guard == guard);
            let off = index.into_iter().flat_map(|index| MULTIPLES.map(|off| BTreeMap::from([(index, off)])));
            return off.map(|off| Break { off, ..Break::default() }).collect();
        };
        let cells = message.fields.iter().flat_map(Tape::cells).filter(|(next, _)| !next);
        let columns: BTreeSet<usize> = cells.map(|(_, column)| column).collect();
        let carry = relation.carries().find(|(_, column)| columns.contains(column));
        if let Some((equation, column)) = carry {
            return Break::carry(equation, column).collect();
        }
        // Two digits move against each other, or a highest digit alone.
        let honest = self.honest_row(row);
        let digits: Vec<usize> = columns.into_iter().filter(|&column| self.reads(relation, column)).collect();
        let (direction, loose) = match digits[..] {
            [low, high] => (vec![(low, 1 << BYTE), (high, -1)], None),
            [digit] => (vec![(digit, 1)], Some(digit)),
            _ => return Vec::new(),
        };
        let slopes: Vec<i128> = (0..relation.equations.len())
            .map(|index| {
                let at = |column: usize, step: F| {
                    let moved = |other| if other == column { honest[other] + step } else { honest[other] };
                    self.sum(relation, index, row, moved)
                };
                let slopes =
                    direction.iter().map(|&(column, factor)| factor * (at(column, F::ONE) - at(column, F::ZERO)));
                slopes.sum()
            })
            .collect();
        let mut breaks: Vec<Break> = Vec::new();
        if loose.is_some() {
            breaks.push(Break { loose, ..Break::default() });
        }
        let limits = self.limits(relation, row);
        breaks.extend(steps(&slopes, &limits).take(if with_steps { STEPS } else { 0 }).map(|step| {
            let off = slopes.iter().map(|slope| rounded(slope * step, ORDER) * ORDER).enumerate();
            let moved = direction.iter().map(|(column, factor)| (*column, factor * step));
            Break {
                off: off.filter(|(_, off)| *off != 0).collect(),
                moved: if loose.is_none() { moved.collect() } else { Vec::new() },
                loose,
                free: None,
            }
        }));
        breaks
    }

    /// Returns how much the sum of each equation may change, roughly, so that its carry stays in range.
    fn limits(&self, relation: &Relation, row: usize) -> Vec<i128> {
        let bits = |column: usize| {
            let queries = self.model.readers[column].iter().filter_map(|(guard, _)| self.model.message(*guard));
            let range =
                queries.filter(|message| message.bus == RANGE_BUS.name).filter_map(|message| message.fields.get(1));
            range.map(|bits| self.integer_of(bits, row, |column| self.honest_value(self.cell(row, column)))).min()
        };
        let limit = |equation: &Equation| {
            let bits = equation.carry.iter().map(|&(column, weight)| Some(i128::from(weight) + bits(column)?));
            match bits.max().flatten() {
                // Three quarters of the range to both sides: honest sums are near its middle.
                Some(bits) => 3 << (bits + i128::from(equation.shift)).clamp(3, 64) >> 3,
                None => ORDER,
            }
        };
        relation.equations.iter().map(limit).collect()
    }
}

/// Returns steps, smallest first, with which some slope times the step is off by a multiple of p, and all of them are within
/// limits of such multiples.
fn steps(slopes: &[i128], limits: &[i128]) -> impl Iterator<Item = i128> {
    let all = slopes.iter().zip(limits).filter(|(slope, _)| **slope != 0);
    let all: Vec<(i64, i64)> =
        all.map(|(slope, limit)| ((slope % ORDER) as i64, (*limit).clamp(0, ORDER) as i64)).collect();
    let order = ORDER as i64;
    let fits = move |step: i64| {
        let mut is_off = false;
        all.iter().all(|(slope, limit)| {
            let product = slope * step;
            let rest = product % order;
            let rest = if rest.abs() > order / 2 { order - rest.abs() } else { rest.abs() };
            is_off |= product.abs() > order / 2;
            rest <= *limit
        }) && is_off
    };
    (1..FARTHEST).filter(move |step| fits(*step)).map(i128::from)
}

/// Returns the integer next to a quotient.
fn rounded(dividend: i128, divisor: i128) -> i128 {
    (dividend + divisor.abs() / 2 * dividend.signum()) / divisor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_overflow_an_equation_and_no_carry() {
        // 1920·2^20 = p − 1
        assert_eq!(steps(&[1 << 20, -1, 0], &[1, 1920, 0]).next(), Some(1920));
        assert_eq!(steps(&[-(1 << 20)], &[1]).next(), Some(1920));
        // The second equation would have to change by less, or the first one does not overflow.
        assert_eq!(steps(&[1 << 20, -1], &[1, 1919]).next(), None);
        assert_eq!(steps(&[1], &[ORDER]).next(), None);
    }

    #[test]
    fn quotients_are_rounded_to_the_nearest_integer() {
        let dividends: [i128; 6] = [-8, -7, -2, 2, 3, 7];
        assert_eq!(dividends.map(|dividend| rounded(dividend, 5)), [-2, -1, 0, 0, 1, 1]);
        assert_eq!(dividends.map(|dividend| rounded(dividend, -5)), [2, 1, 0, 0, -1, -1]);
    }
}
