//! Forgeries of relations between integers that are spread over many columns.
//!
//! Such a relation is a chain of equations `sum + carry in = 2^s·carry out`. The sum of all equations, each times its power of
//! two, is an integer that does not depend on the carries, and it is zero if every equation holds over the integers. The
//! constraints hold only modulo p, so a prover who may choose one carry freely can make that integer `t·p` times the power of
//! two of the carry's equation, for any small `t`. Then all other carries are as short as before. Digits that are not bytes make
//! several equations overflow p, with the same effect, and without one of the equations the integer is any multiple of a power
//! of two. It remains to solve `a·x + b·y = t·p·2^k` for two numbers that the row does not receive, such as a result and a
//! quotient.

mod breaks;
mod chain;
mod solutions;

use std::collections::BTreeSet;

use p3_field::{PrimeCharacteristicRing, PrimeField32};

use self::breaks::Break;
use self::chain::Relation;
use self::solutions::{Number, Solutions};
use super::model::{GuardIndex, Meaning};
use super::state::Cell;
use super::{DEPTH, Search};
use crate::stark::F;

/// Number of rows of a trace on which steps of digits are searched.
const STEP_ROWS: usize = 2;
/// Number of rows of a trace on which relations are solved, unless checks are dropped; number of multiples of p and of repairs
/// there; and one of how many carries with a range check is tried.
const HONEST_ROWS: usize = 1;
const HONEST_MULTIPLES: usize = 2;
const HONEST_DEPTH: usize = 1;
const HONEST_CARRIES: usize = 8;
/// Largest number of pairs of boolean columns of which one is set in place of the other.
const MARKS: usize = 400;
/// Characteristic of the field.
const ORDER: i128 = F::ORDER_U32 as i128;

impl Search<'_, '_, '_> {
    /// Solves the relations of a row in other ways than the honest one. In an audit, breaks them with each check whose loss is
    /// not noticed yet. `index` is the number of the row among those of the search.
    pub(super) fn solve_relations(&mut self, index: usize, row: usize) {
        if self.state.is_padding(row) || self.killed.is_none() && index >= HONEST_ROWS {
            return;
        }
        let relations = self.state.relations(row);
        if relations.is_empty() {
            return;
        }
        let (model, with_steps) = (self.model, index < STEP_ROWS);
        // Everything of which messages say that it is received, also if a message says it of several cells.
        let given = self.given_cells(row, true);
        let mut locked: BTreeSet<usize> = given.into_iter().map(|cell| self.state.place(cell).1).collect();
        locked.extend(&model.selectors);
        locked.extend((0..model.names.len()).filter(|&column| model.booleans[column].is_some()));
        for index in 0..relations.len() {
            let relation = &relations[index];
            let numbers = self.state.numbers(relation, row, &self.state.honest_row(row), &locked);
            self.solve_relation(row, &relations, index, &numbers, &locked, &Break::default());
            if self.killed.is_none() {
                let is_checked =
                    |column: usize| model.readers[column].iter().any(|(guard, _)| model.message(*guard).is_some());
                let chosen = |&(equation, column): &(usize, usize)| {
                    !is_checked(column) || equation.is_multiple_of(HONEST_CARRIES)
                };
                for (equation, column) in relation.carries().filter(chosen) {
                    for broken in Break::carry(equation, column).take(HONEST_MULTIPLES) {
                        self.solve_relation(row, &relations, index, &numbers, &locked, &broken);
                    }
                }
                continue;
            }
            for guard in self.unknown(relation) {
                self.exempt = Some(guard);
                for broken in self.state.breaks(relation, row, guard, with_steps) {
                    if !self.is_unknown(guard) {
                        break;
                    }
                    self.solve_relation(row, &relations, index, &numbers, &locked, &broken);
                }
                self.exempt = None;
            }
        }
    }

    /// Returns the checks whose loss is not noticed yet: equations of a relation, and queries of columns that it reads.
    fn unknown(&self, relation: &Relation) -> BTreeSet<GuardIndex> {
        let model = self.model;
        let equations = relation.equations.iter().map(|equation| equation.guard);
        let columns = equations.clone().flat_map(|guard| model.tape(guard).cells()).map(|(_, column)| column);
        let queries = columns.flat_map(|column| &model.readers[column]).map(|(guard, _)| *guard);
        let queries = queries
            .filter(|&guard| model.message(guard).is_some_and(|message| matches!(message.meaning, Meaning::Query(_))));
        equations.chain(queries).filter(|&guard| self.is_unknown(guard)).collect()
    }

    fn is_unknown(&self, guard: GuardIndex) -> bool {
        self.killed.as_ref().is_some_and(|killed| killed[guard].is_none())
    }

    /// Solves one relation, then the others that depend on the numbers that it changes, and visits the solutions.
    fn solve_relation(
        &mut self,
        row: usize,
        relations: &[Relation],
        index: usize,
        numbers: &[Number],
        locked: &BTreeSet<usize>,
        broken: &Break,
    ) {
        let honest = self.state.honest_row(row);
        for mut values in self.state.solutions(&relations[index], row, &honest, numbers, broken, Solutions::All) {
            let mut settled = locked.clone();
            settled.extend((0..values.len()).filter(|&column| values[column] != honest[column]));
            for other in relations.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other) {
                // Takes long if there are many ways to break a relation.
                if self.killed.is_none() || self.state.fits(other, row, &values) {
                    continue;
                }
                let numbers = self.state.numbers(other, row, &values, &settled);
                let solved = self.state.solutions(other, row, &values, &numbers, &Break::default(), Solutions::Reduced);
                if let Some(solved) = solved.into_iter().next() {
                    settled.extend((0..values.len()).filter(|&column| solved[column] != values[column]));
                    values = solved;
                }
            }
            let changes: Vec<(Cell, F)> = (0..values.len())
                .filter(|&column| values[column] != honest[column])
                .map(|column| (self.state.cell(row, column), values[column]))
                .collect();
            let Some((first, _)) = changes.first() else { continue };
            let first = broken.free.unwrap_or(self.state.place(*first).1);
            self.lock(row);
            let name = self.model.names[first].clone();
            let depth = if self.killed.is_some() { DEPTH } else { HONEST_DEPTH };
            self.attempt(&name, row, &changes, depth);
            if broken.off.is_empty() {
                // A comparison marks where numbers differ.
                for marks in self.moved_marks(row) {
                    self.attempt(&name, row, &[&changes[..], &marks].concat(), 0);
                }
            }
        }
    }

    /// Returns changes that set one boolean column in place of another.
    fn moved_marks(&self, row: usize) -> Vec<[(Cell, F); 2]> {
        let booleans = (0..self.model.names.len()).filter(|&column| self.model.booleans[column].is_some());
        let cells = booleans.map(|column| self.state.cell(row, column)).filter(|cell| !self.locked.contains(cell));
        let (set, clear): (Vec<Cell>, Vec<Cell>) = cells.partition(|&cell| self.state.honest_value(cell) == F::ONE);
        if set.len() * clear.len() > MARKS {
            return Vec::new();
        }
        set.iter().flat_map(|&set| clear.iter().map(move |&clear| [(set, F::ZERO), (clear, F::ONE)])).collect()
    }
}
