//! Whether a constraint follows from the others, as far as first derivatives show.

use std::collections::BTreeSet;

use p3_field::Field;

use super::Search;
use super::model::{GuardIndex, Model};
use super::state::Cell;
use crate::stark::F;

/// Largest number of constraints from which one may follow: those that share cells with it, then those that share cells
/// with these, and so on.
const CONSTRAINTS: usize = 300;

impl Search<'_, '_, '_> {
    /// Returns constraints whose gradients, with those of the given values, span the gradient of a constraint on every row
    /// of the search that is not padding, if there are such constraints. There may be none if the given values suffice.
    pub(super) fn implied_by(&mut self, guard: GuardIndex) -> Option<BTreeSet<GuardIndex>> {
        let (model, width, height) = (self.model, self.model.names.len(), self.state.height());
        if guard >= model.constraints.len() {
            return None;
        }
        let others = self.neighbours(guard);
        let reads_next = self.state.reads_next();
        let rows: Vec<usize> = self.rows().into_iter().filter(|&row| !self.state.is_padding(row)).collect();
        let mut implied_by = BTreeSet::new();
        for row in rows {
            // All rows that constraints on these rows read.
            let (on, read) = match reads_next {
                true => {
                    let (before, after) = ((row + height - 1) % height, (row + 1) % height);
                    (BTreeSet::from([before, row]), BTreeSet::from([before, row, after]))
                }
                false => (BTreeSet::from([row]), BTreeSet::from([row])),
            };
            let columns: BTreeSet<usize> =
                others.iter().chain([&guard]).flat_map(|&guard| columns(model, guard)).collect();
            let mut cells: Vec<Cell> = Vec::new();
            for row in read {
                let given = self.given_cells(row, false);
                cells.extend(columns.iter().map(|column| row * width + column).filter(|cell| !given.contains(cell)));
            }
            // Gradients in echelon form, each with the constraints that it is a combination of.
            let mut basis: Vec<(Vec<F>, BTreeSet<GuardIndex>)> = Vec::new();
            let others = on.iter().flat_map(|&row| others.iter().map(move |&other| (row, other)));
            for site in others.chain([(row, guard)]) {
                let other = site.1;
                let mut gradient = self.state.gradient(model.tape(other), site.0, &cells);
                if other == guard && gradient.iter().all(F::is_zero) {
                    // The constraint says nothing about this row.
                    break;
                }
                let mut sources = BTreeSet::from([other]);
                for (vector, from) in &basis {
                    let Some(pivot) = vector.iter().position(|x| !x.is_zero()) else { continue };
                    let factor = gradient[pivot];
                    if !factor.is_zero() {
                        gradient.iter_mut().zip(vector).for_each(|(x, y)| *x -= factor * *y);
                        sources.extend(from);
                    }
                }
                let pivot = gradient.iter().find(|x| !x.is_zero()).copied();
                match pivot {
                    Some(_) if other == guard => return None,
                    Some(pivot) => {
                        let scale = pivot.inverse();
                        gradient.iter_mut().for_each(|x| *x *= scale);
                        basis.push((gradient, sources));
                    }
                    None if other == guard => implied_by.extend(sources),
                    None => {}
                }
            }
        }
        implied_by.remove(&guard);
        Some(implied_by)
    }

    /// Returns the constraints closest to a constraint, without the constraint.
    fn neighbours(&self, guard: GuardIndex) -> BTreeSet<GuardIndex> {
        let model = self.model;
        let mut found = BTreeSet::from([guard]);
        loop {
            let near: BTreeSet<usize> = found.iter().flat_map(|&guard| columns(model, guard)).collect();
            let readers = near.iter().flat_map(|&column| &model.readers[column]).map(|(guard, _)| *guard);
            let next: BTreeSet<GuardIndex> =
                found.iter().copied().chain(readers.filter(|guard| *guard < model.constraints.len())).collect();
            if next.len() == found.len() || next.len() > CONSTRAINTS {
                found.remove(&guard);
                return found;
            }
            found = next;
        }
    }
}

/// Returns the columns that a guard reads.
fn columns<'m>(model: &'m Model<'_>, guard: GuardIndex) -> impl Iterator<Item = usize> + use<'m> {
    model.tape(guard).cells().map(|(_, column)| column)
}
