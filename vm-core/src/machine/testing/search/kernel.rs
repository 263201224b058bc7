//! Starts that change many cells of a row at once, so that all constraints still hold as far as first derivatives show:
//! vectors of the kernel of the constraints' Jacobian. Of these, the search tries the ones with which every range check
//! still passes. Relations between limbs and carries are found in this way.

use std::collections::BTreeSet;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use super::lattice::Lattice;
use super::model::{GuardIndex, Meaning};
use super::state::{Cell, Site};
use super::{DEPTH, Search, State};
use crate::arch::{BYTE_PAIRS_BUS, RANGE_BUS};
use crate::stark::{F, Tape};

/// Largest number of columns of AIRs whose rows are examined.
const WIDTH: usize = 200;
/// Largest number of checked values of a row for which short vectors of a lattice are searched. For more values, only the
/// vectors of a basis are tried.
const RANGES: usize = 48;
/// Largest number of vectors that are tried on a row.
const VECTORS: usize = 24;

/// What each free cell of a row adds to a value, by the index of the cell.
type Gradient = Vec<F>;

/// A value of a row that is range-checked.
struct Range {
    guard: GuardIndex,
    gradient: Gradient,
    value: F,
    bits: u32,
}

/// The free cells of a row, and how its checks depend on them.
struct Jacobian {
    cells: Vec<Cell>,
    /// Gradients of what must not change: constraints, and fields of messages that are given.
    fixed: Vec<(GuardIndex, Gradient)>,
    ranges: Vec<Range>,
}

impl Search<'_, '_, '_> {
    /// Moves along vectors of the kernel. In an audit, checks whose loss is not noticed yet are dropped first, one at a
    /// time.
    pub(super) fn move_in_kernel(&mut self, row: usize) {
        if self.state.is_padding(row) || self.model.names.len() > WIDTH {
            return;
        }
        self.lock(row);
        let jacobian = self.jacobian(row);
        let Some(killed) = &self.killed else {
            return self.move_along(row, &jacobian);
        };
        let unknown: Vec<GuardIndex> = (0..killed.len()).filter(|&guard| killed[guard].is_none()).collect();
        for guard in unknown.into_iter().filter(|&guard| jacobian.depends_on(guard)) {
            self.exempt = Some(guard);
            self.move_along(row, &jacobian);
            self.exempt = None;
        }
    }

    fn move_along(&mut self, row: usize, jacobian: &Jacobian) {
        for changes in jacobian.moves(self.exempt) {
            let changes: Vec<(Cell, F)> =
                changes.into_iter().map(|(cell, step)| (cell, self.state.honest_value(cell) + step)).collect();
            let Some((first, _)) = changes.first() else { continue };
            let name = self.model.names[self.state.place(*first).1].clone();
            self.attempt(&name, row, &changes, DEPTH);
            if self.exempt.is_some_and(|guard| self.killed.as_ref().is_some_and(|killed| killed[guard].is_some())) {
                return;
            }
        }
    }

    fn jacobian(&mut self, row: usize) -> Jacobian {
        let (model, height) = (self.model, self.state.height());
        let cells = (0..model.names.len()).map(|column| self.state.cell(row, column));
        let cells: Vec<Cell> = cells.filter(|cell| !self.locked.contains(cell)).collect();
        let mut jacobian = Jacobian { cells, fixed: Vec::new(), ranges: Vec::new() };
        let mut rows = BTreeSet::from([row]);
        if self.state.reads_next() {
            rows.insert((row + height - 1) % height);
        }
        for site in rows.into_iter().flat_map(|row| (0..model.guards()).map(move |guard| (row, guard))) {
            let Some(message) = model.message(site.1) else {
                jacobian.fix(&mut self.state, site, model.tape(site.1));
                continue;
            };
            let Some(honest) = self.state.honest(site).cloned() else { continue };
            let (checked, bits) = match message.meaning {
                Meaning::Query(_) if message.bus == RANGE_BUS.name => (1, honest.fields[1].as_canonical_u32()),
                Meaning::Query(_) if message.bus == BYTE_PAIRS_BUS.name => (2, 8),
                _ => (0, 0),
            };
            for (field, &value) in message.fields.iter().zip(&honest.fields).take(checked) {
                let gradient = self.state.gradient(field, site.0, &jacobian.cells);
                jacobian.ranges.push(Range { guard: site.1, gradient, value, bits });
            }
            let fixed = match message.meaning {
                Meaning::Query(_) => checked..honest.fields.len(),
                _ => model.given(message, &honest),
            };
            fixed.for_each(|field| jacobian.fix(&mut self.state, site, &message.fields[field]));
        }
        jacobian
    }
}

impl Jacobian {
    fn fix(&mut self, state: &mut State<'_, '_>, site: Site, tape: &Tape) {
        let gradient = state.gradient(tape, site.0, &self.cells);
        self.fixed.push((site.1, gradient));
    }

    /// Whether some free cell matters for a check.
    fn depends_on(&self, guard: GuardIndex) -> bool {
        let fixed = self.fixed.iter().map(|(guard, gradient)| (guard, gradient));
        let all = fixed.chain(self.ranges.iter().map(|range| (&range.guard, &range.gradient)));
        all.into_iter().any(|(other, gradient)| *other == guard && gradient.iter().any(|x| !x.is_zero()))
    }

    /// Returns steps of cells that change nothing fixed and leave every checked value in its range, without the check
    /// that is dropped.
    fn moves(&self, dropped: Option<GuardIndex>) -> Vec<Vec<(Cell, F)>> {
        let ranges: Vec<&Range> = self.ranges.iter().filter(|range| Some(range.guard) != dropped).collect();
        let fixed = self.fixed.iter().filter(|(guard, _)| Some(*guard) != dropped);
        let kernel = kernel(fixed.map(|(_, gradient)| gradient.clone()).collect(), self.cells.len());
        // Each vector with what it adds to the checked values, which come first.
        let mut vectors: Vec<Vec<F>> = kernel
            .into_iter()
            .map(|vector| {
                let added = ranges.iter().map(|range| range.gradient.iter().zip(&vector).map(|(a, b)| *a * *b).sum());
                added.chain(vector.iter().copied()).collect()
            })
            .collect();
        let pivots = echelon(&mut vectors, ranges.len());
        let (bounded, unbounded) = vectors.split_at(pivots.len());
        let steps = |vector: &[F]| -> Vec<(Cell, F)> {
            let steps = self.cells.iter().copied().zip(vector[ranges.len()..].iter().copied());
            steps.filter(|(_, step)| !step.is_zero()).collect()
        };
        let mut moves: Vec<Vec<(Cell, F)>> = unbounded.iter().map(|vector| steps(vector)).take(VECTORS).collect();
        let order = i128::from(F::ORDER_U32);
        let mut basis: Vec<Vec<i128>> = bounded
            .iter()
            .map(|vector| vector[..ranges.len()].iter().map(|x| i128::from(x.as_canonical_u32())).collect())
            .collect();
        let fits = |steps: &[i128]| {
            ranges.iter().zip(steps).all(|(range, step)| {
                (0..1 << range.bits.min(64)).contains(&(i128::from(range.value.as_canonical_u32()) + step))
            })
        };
        let short = if ranges.len() > RANGES {
            let centred = |x: i128| if x > order / 2 { x - order } else { x };
            let signs = [1, -1];
            let multiples = basis
                .iter()
                .flat_map(|vector| signs.map(|sign| vector.iter().map(|&x| sign * centred(x)).collect::<Vec<i128>>()));
            multiples.filter(|steps| fits(steps)).collect()
        } else {
            for range in (0..ranges.len()).filter(|range| !pivots.contains(range)) {
                let mut multiple = vec![0; ranges.len()];
                multiple[range] = order;
                basis.push(multiple);
            }
            let bounds = ranges.iter().map(|range| f64::from(range.bits).exp2()).collect();
            let mut lattice = Lattice { basis, bounds };
            lattice.reduce();
            lattice.short(fits)
        };
        for added in short.into_iter().take(VECTORS) {
            let mut sum = F::zero_vec(ranges.len() + self.cells.len());
            for (vector, &pivot) in bounded.iter().zip(&pivots) {
                let factor = F::from_i128(added[pivot]);
                sum.iter_mut().zip(vector).for_each(|(x, y)| *x += factor * *y);
            }
            moves.push(steps(&sum));
        }
        moves
    }
}

/// Brings vectors into reduced echelon form with respect to their first `width` coordinates, and returns the pivots. The
/// vectors after the last pivot are zero there.
fn echelon(vectors: &mut [Vec<F>], width: usize) -> Vec<usize> {
    let mut pivots = Vec::new();
    for column in 0..width {
        let rank = pivots.len();
        let Some(found) = (rank..vectors.len()).find(|&index| !vectors[index][column].is_zero()) else { continue };
        vectors.swap(rank, found);
        let scale = vectors[rank][column].inverse();
        vectors[rank].iter_mut().for_each(|x| *x *= scale);
        let pivot = vectors[rank].clone();
        for (_, vector) in vectors.iter_mut().enumerate().filter(|(index, _)| *index != rank) {
            let factor = vector[column];
            if !factor.is_zero() {
                vector.iter_mut().zip(&pivot).for_each(|(x, y)| *x -= factor * *y);
            }
        }
        pivots.push(column);
    }
    pivots
}

/// Returns a basis of the vectors on which all gradients vanish.
fn kernel(mut gradients: Vec<Gradient>, width: usize) -> Vec<Vec<F>> {
    let pivots = echelon(&mut gradients, width);
    let free = (0..width).filter(|column| !pivots.contains(column));
    free.map(|column| {
        let mut vector = F::zero_vec(width);
        vector[column] = F::ONE;
        for (gradient, &pivot) in gradients.iter().zip(&pivots) {
            vector[pivot] = -gradient[column];
        }
        vector
    })
    .collect()
}

impl State<'_, '_> {
    /// Whether some check reads the next row.
    pub(super) fn reads_next(&self) -> bool {
        self.model.readers.iter().flatten().any(|(_, next)| *next)
    }

    /// Returns the derivatives of an expression on a row with respect to cells, at the present values.
    pub(super) fn gradient(&self, tape: &Tape, row: usize, cells: &[Cell]) -> Gradient {
        let height = self.height();
        let read: BTreeSet<Cell> =
            tape.cells().map(|(next, column)| self.cell(if next { (row + 1) % height } else { row }, column)).collect();
        let [c0, c1, c2, c3] = [11, 18, 9, 2].map(|c| F::from_u32(c) * F::from_u32(6).inverse());
        let read: Vec<(usize, Cell)> =
            cells.iter().copied().enumerate().filter(|(_, cell)| read.contains(cell)).collect();
        let probed: Vec<Cell> = read.iter().map(|(_, cell)| *cell).collect();
        let mut gradient = vec![F::ZERO; cells.len()];
        for ((index, _), [f0, f1, f2, f3]) in read.into_iter().zip(self.probe(tape, row, &probed)) {
            // For a polynomial of degree at most 3: f' = (−11 f(0) + 18 f(1) − 9 f(2) + 2 f(3)) / 6.
            gradient[index] = f1 * c1 - f2 * c2 + f3 * c3 - f0 * c0;
        }
        gradient
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_complete() {
        let gradients = [[1, 2, 3, 4], [2, 4, 6, 8], [0, 1, 0, 5]].map(|row| row.map(F::from_u32).to_vec());
        let found = kernel(gradients.to_vec(), 4);
        assert_eq!(found.len(), 2);
        for vector in &found {
            for gradient in &gradients {
                assert_eq!(gradient.iter().zip(vector).map(|(a, b)| *a * *b).sum::<F>(), F::ZERO);
            }
        }
        assert_eq!(kernel(Vec::new(), 1), [[F::ONE]]);
    }
}
