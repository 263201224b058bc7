//! Whether a constraint follows from the others, as far as first derivatives show.

use std::collections::BTreeSet;

use p3_field::{Field, PrimeCharacteristicRing};

use super::model::GuardIndex;
use super::state::Site;
use super::{Search, State};
use crate::stark::F;

/// Largest number of columns of AIRs that are examined.
const WIDTH: usize = 400;

impl Search<'_, '_, '_> {
    /// Returns constraints whose gradients, with those of the given values, span the gradient of a constraint on every row
    /// of the search that is not padding, if there are such constraints. There may be none if the given values suffice.
    pub(super) fn implied_by(&mut self, guard: GuardIndex) -> Option<BTreeSet<GuardIndex>> {
        let rows: Vec<usize> = self.rows().into_iter().filter(|&row| !self.state.is_padding(row)).collect();
        let width = self.model.names.len();
        let mut implied_by = BTreeSet::new();
        if guard >= self.model.constraints.len() || width > WIDTH || self.state.reads_next() {
            return None;
        }
        for row in rows {
            let given = self.given_cells(row, false);
            // Gradients in echelon form, each with the constraints that it is a combination of.
            let mut basis: Vec<(Vec<F>, BTreeSet<GuardIndex>)> = Vec::new();
            let others = (0..self.model.constraints.len()).filter(|&other| other != guard);
            for other in others.chain([guard]) {
                let mut gradient = self.state.gradient((row, other), row);
                given.iter().for_each(|&cell| gradient[cell - row * width] = F::ZERO);
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
}

impl State<'_, '_> {
    /// Whether some check reads the next row.
    pub(super) fn reads_next(&self) -> bool {
        self.model.readers.iter().flatten().any(|(_, next)| *next)
    }

    /// Returns the derivatives of a constraint with respect to the cells of a row, at the honest row.
    fn gradient(&mut self, site: Site, row: usize) -> Vec<F> {
        let width = self.model.names.len();
        let mut gradient = F::zero_vec(width);
        for cell in self.cells_of(site) {
            // For a polynomial of degree at most 3: f' = (−11 f(0) + 18 f(1) − 9 f(2) + 2 f(3)) / 6.
            let [f0, f1, f2, f3] = self.probe(cell, |state| state.constraint(site));
            let [c1, c2, c3, c0] = [18, 9, 2, 11].map(F::from_u32);
            gradient[cell - row * width] = (f1 * c1 - f2 * c2 + f3 * c3 - f0 * c0) * F::from_u32(6).inverse();
        }
        gradient
    }
}
