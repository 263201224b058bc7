//! Chains of equations, found in the constraints.

use std::collections::{BTreeMap, BTreeSet};
use std::num::Wrapping;

use num_bigint::BigInt;
use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use super::super::State;
use super::super::model::GuardIndex;
use super::ORDER;
use crate::stark::{F, Input, RowValues, Tape};

/// Largest distance of two equations' weights, in bits.
const SHIFT: u32 = 30;

/// A chain of equations.
pub(super) struct Relation {
    pub(super) equations: Vec<Equation>,
    /// −1 if the constraints have the carry in with a minus sign.
    pub(super) sign: i32,
}

pub(super) struct Equation {
    pub(super) guard: GuardIndex,
    /// Binary logarithm of the weight.
    pub(super) position: u32,
    /// Columns of the carry out, with the binary logarithms of their weights, lowest first; none in the last equation.
    pub(super) carry: Vec<(usize, u32)>,
    /// Binary logarithm of the weight of the carry out.
    pub(super) shift: u32,
}

impl Relation {
    /// Returns the columns of carries, with the indices of the equations that they are carried out of.
    pub(super) fn carries(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let equations = self.equations.iter().enumerate();
        equations.flat_map(|(index, equation)| equation.carry.iter().map(move |(column, _)| (index, *column)))
    }
}

/// A column of a carry: its factor as the carry in, and the binary logarithm of the ratio of that as the carry out.
type Carried = (usize, F, u32);

/// A carry between two equations.
struct Link {
    carry: Vec<(usize, u32)>,
    shift: u32,
    sign: i32,
}

impl Link {
    /// Makes a carry of its columns.
    fn of(columns: &[Carried]) -> Option<Self> {
        let shift = columns.first()?.2;
        let factors: Vec<i128> = columns.iter().map(|(_, factor, _)| integer(*factor).0).collect();
        let sign = factors[0].signum();
        let mut carry = Vec::new();
        for (&(column, _, ratio), factor) in columns.iter().zip(&factors) {
            let weight = u32::try_from(factor * sign).ok().filter(|weight| weight.is_power_of_two())?;
            if ratio != shift {
                return None;
            }
            carry.push((column, weight.trailing_zeros()));
        }
        carry.sort_unstable_by_key(|(_, weight)| *weight);
        (carry[0].1 == 0).then_some(Self { carry, shift, sign: sign as i32 })
    }
}

impl State<'_, '_> {
    /// Returns the relations between integers on an honest row, found by their carries: columns that two constraints read,
    /// one with −2^s times the factor of the other. Keeps those whose equations hold over the integers.
    pub(super) fn relations(&self, row: usize) -> Vec<Relation> {
        let model = self.model;
        let links = self.links(row);
        let followed: BTreeSet<GuardIndex> = links.keys().map(|(_, to)| *to).collect();
        let mut relations = Vec::new();
        for start in (0..model.constraints.len()).filter(|guard| !followed.contains(guard)) {
            let mut equations = Vec::new();
            let (mut guard, mut position, mut sign) = (start, 0, 0);
            // Every constraint has one successor at most, and the first one has no predecessor: the chain ends.
            while let Some((&(_, next), link)) = links.range((guard, 0)..=(guard, usize::MAX)).next() {
                equations.push(Equation { guard, position, carry: link.carry.clone(), shift: link.shift });
                sign = link.sign;
                position += link.shift;
                guard = next;
            }
            if equations.is_empty() {
                continue;
            }
            equations.push(Equation { guard, position, carry: Vec::new(), shift: 0 });
            let relation = Relation { equations, sign };
            if self.fits(&relation, row, &self.honest_row(row)) {
                relations.push(relation);
            }
        }
        relations
    }

    pub(super) fn honest_row(&self, row: usize) -> Vec<F> {
        (0..self.model.names.len()).map(|column| self.honest_value(self.cell(row, column))).collect()
    }

    /// Whether an equation of a relation reads a column.
    pub(super) fn reads(&self, relation: &Relation, column: usize) -> bool {
        let equation = |guard: GuardIndex| relation.equations.iter().any(|equation| equation.guard == guard);
        self.model.readers[column].iter().any(|(guard, next)| !next && equation(*guard))
    }

    /// Returns the carries between two constraints, by the constraint that has the carry out and the one that has it in.
    fn links(&self, row: usize) -> BTreeMap<(GuardIndex, GuardIndex), Link> {
        let model = self.model;
        let mut found: BTreeMap<(GuardIndex, GuardIndex), Vec<Carried>> = BTreeMap::new();
        for (column, readers) in model.readers.iter().enumerate() {
            let constraints: Vec<GuardIndex> =
                readers.iter().map(|(guard, _)| *guard).filter(|&guard| guard < model.constraints.len()).collect();
            let &[i, j] = &constraints[..] else { continue };
            if readers.iter().any(|(_, next)| *next) {
                continue;
            }
            let cell = [self.cell(row, column)];
            let [a, b] = [i, j].map(|guard| self.gradient(model.tape(guard), row, &cell)[0]);
            if a.is_zero() || b.is_zero() {
                continue;
            }
            for (from, to, out, carried) in [(i, j, a, b), (j, i, b, a)] {
                let ratio = (-out * carried.inverse()).as_canonical_u32();
                if ratio.is_power_of_two() && (1..=SHIFT).contains(&ratio.trailing_zeros()) {
                    found.entry((from, to)).or_default().push((column, carried, ratio.trailing_zeros()));
                }
            }
        }
        let mut successors: BTreeMap<GuardIndex, usize> = BTreeMap::new();
        let mut predecessors: BTreeMap<GuardIndex, usize> = BTreeMap::new();
        for &(from, to) in found.keys() {
            *successors.entry(from).or_default() += 1;
            *predecessors.entry(to).or_default() += 1;
        }
        found.retain(|(from, to), _| successors[from] == 1 && predecessors[to] == 1);
        found.into_iter().filter_map(|(ends, columns)| Some((ends, Link::of(&columns)?))).collect()
    }

    /// Returns the value of an equation over the integers without its carries: those of its columns, in this chain, count
    /// as zero.
    pub(super) fn sum(&self, relation: &Relation, index: usize, row: usize, value: impl Fn(usize) -> F) -> i128 {
        let equation = &relation.equations[index];
        let before = index.checked_sub(1).map(|before| &relation.equations[before]);
        let is_carry = |column| {
            let mut carries = before.into_iter().chain([equation]).flat_map(|equation| &equation.carry);
            carries.any(|(carry, _)| *carry == column)
        };
        let value = |column| if is_carry(column) { F::ZERO } else { value(column) };
        self.integer_of(self.model.tape(equation.guard), row, value) * i128::from(relation.sign)
    }

    /// Returns the value of an expression over the integers, with other values in the row. Overflows wrap around: nothing that
    /// is found is believed before all checks have accepted it.
    pub(super) fn integer_of(&self, tape: &Tape, row: usize, value: impl Fn(usize) -> F) -> i128 {
        let width = self.model.names.len();
        let at = RowValues::of_trace(&self.values, width, self.model.preprocessed.as_ref(), &[], row);
        let input = |input| match input {
            Input::Main(column) => integer(value(column)),
            Input::Public(_) => Wrapping(0),
            _ => integer(at.get(input)),
        };
        let mut result = Wrapping(0);
        tape.eval_with(integer, input, &mut Vec::new(), |value| result = value);
        result.0
    }

    /// Returns the integer that a relation says to be zero.
    pub(super) fn integer(&self, relation: &Relation, row: usize, values: &[F]) -> BigInt {
        let sums = relation.equations.iter().enumerate().map(|(index, equation)| {
            BigInt::from(self.sum(relation, index, row, |column| values[column])) << u64::from(equation.position)
        });
        sums.sum()
    }

    /// Whether all equations of a relation hold over the integers.
    pub(super) fn fits(&self, relation: &Relation, row: usize, values: &[F]) -> bool {
        let mut tapes = relation.equations.iter().map(|equation| self.model.tape(equation.guard));
        tapes.all(|tape| self.integer_of(tape, row, |column| values[column]) == 0)
    }
}

/// Returns the integer next to zero that a field element stands for.
pub(super) fn integer(value: F) -> Wrapping<i128> {
    let value = i128::from(value.as_canonical_u32());
    Wrapping(if value > ORDER / 2 { value - ORDER } else { value })
}
