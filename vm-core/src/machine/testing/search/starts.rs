//! Changes of honest rows, from which the search starts.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::model::{GuardIndex, Meaning, Said};
use super::state::{Cell, SOLVED, Site};
use super::{Covered, DEPTH, Forgery, Search};
use crate::arch::cells_of;
use crate::stark::F;

/// Number of values that are tried in cells after whose change the search does not repair.
const SMALL_CHANGES: usize = 4;
/// Number of times that a padding row is filled with garbage.
const GARBAGE_ROWS: usize = 64;
/// Number of other executions whose witness is tried on a row.
const SWAPS: usize = 6;
/// Largest number of boolean columns of which all pairs are flipped.
const BOOLEANS: usize = 40;

impl Search<'_, '_, '_> {
    /// Chooses cells so that each check depends on a chosen cell of each of its columns, if it does on some row. Most
    /// checks of a wide AIR matter on few rows.
    pub(super) fn cover(&mut self, rows: &[usize], covered: &mut Covered) -> BTreeSet<Cell> {
        let (model, height) = (self.model, self.state.height());
        let real: Vec<usize> = rows.iter().copied().filter(|&row| !self.state.is_padding(row)).collect();
        let mut chosen = BTreeSet::new();
        // Of a check with many columns, those that the fewest checks read.
        let mut columns: Vec<usize> = (0..model.readers.len()).collect();
        columns.sort_by_key(|column| model.readers[*column].len());
        let mut covering = BTreeMap::new();
        for column in columns {
            let readers = model.readers[column].iter().filter(|(guard, _)| {
                let count = covering.entry(*guard).or_insert(0);
                *count += 1;
                *count <= SOLVED
            });
            let readers: Vec<_> = readers.collect();
            for &row in &real {
                let cell = self.state.cell(row, column);
                for &&(guard, next) in &readers {
                    let site = (if next { (row + height - 1) % height } else { row }, guard);
                    if !covered.contains(&(guard, column)) && self.state.depends_on(site, cell) {
                        covered.insert((guard, column));
                        chosen.insert(cell);
                    }
                }
            }
        }
        chosen
    }

    /// Changes a cell: a little, or in many ways and with repairs.
    pub(super) fn change_cell(&mut self, row: usize, column: usize, repairs: bool) {
        self.lock(row);
        let cell = self.state.cell(row, column);
        if self.locked.contains(&cell) {
            return;
        }
        let name = self.model.names[column].clone();
        *self.report.tried.entry(name.clone()).or_default() += usize::from(!self.state.is_padding(row));
        let (tried, depth) = if repairs { (usize::MAX, DEPTH) } else { (SMALL_CHANGES, 0) };
        for value in self.values(row, column).into_iter().take(tried) {
            self.attempt(&name, row, &[(cell, value)], depth);
        }
    }

    /// Returns values to try in a cell.
    fn values(&self, row: usize, column: usize) -> Vec<F> {
        let old = self.state.honest_value(self.state.cell(row, column));
        if self.model.booleans[column].is_some() && self.killed.is_none() {
            return vec![F::ONE - old];
        }
        let mut rng = StdRng::seed_from_u64(((row as u64) << 32) | column as u64);
        let mut values = vec![old + F::ONE, old - F::ONE, F::ONE - old, F::ZERO, F::ONE, -F::ONE];
        for bits in [1, 2, 3, 4, 5, 8, 12, 15, 16] {
            values.extend([old + F::from_u32(1 << bits), old - F::from_u32(1 << bits)]);
        }
        // A unit that a carry turns into a step of a cell or of a byte.
        for bits in [7, 8, 15, 16] {
            let inverse = F::ONE.div_2exp_u64(bits);
            values.extend([old + inverse, old - inverse]);
        }
        let others = [1, 5].map(|step| (row + step) % self.state.height());
        values.extend(others.map(|row| self.state.honest_value(self.state.cell(row, column))));
        if column + 1 < self.model.names.len() {
            values.push(self.state.honest_value(self.state.cell(row, column + 1)));
        }
        values.extend([old.double(), old.halve()]);
        values.extend([1 << 8, 1 << 16, F::ORDER_U32].map(|end| F::from_u32(rng.random_range(0..end))));
        let mut seen = BTreeSet::from([old.as_canonical_u32()]);
        values.retain(|value| seen.insert(value.as_canonical_u32()));
        values
    }

    /// Fills a padding row with garbage. A prover may put anything into a row whose selectors are zero.
    pub(super) fn fill_padding(&mut self, row: usize) {
        if !self.state.is_padding(row) {
            return;
        }
        self.lock(row);
        let mut rng = StdRng::seed_from_u64(1);
        for _ in 0..GARBAGE_ROWS {
            let cells = (0..self.model.names.len()).map(|column| self.state.cell(row, column));
            let garbage = cells.filter(|cell| !self.locked.contains(cell)).map(|cell| {
                let value = match rng.random_range(0..4) {
                    0 => F::ZERO,
                    1 => F::ONE,
                    2 => -F::ONE,
                    _ => F::from_u32(rng.random_range(0..F::ORDER_U32)),
                };
                (cell, value)
            });
            let garbage: Vec<(Cell, F)> = garbage.collect();
            self.attempt("*", row, &garbage, 0);
        }
    }

    /// Flips two boolean columns at once.
    pub(super) fn flip_pairs(&mut self, row: usize) {
        let booleans: Vec<usize> =
            (0..self.model.names.len()).filter(|&column| self.model.booleans[column].is_some()).collect();
        if booleans.len() > BOOLEANS {
            return;
        }
        self.lock(row);
        let flip = |search: &Self, column| {
            let cell = search.state.cell(row, column);
            (cell, F::ONE - search.state.honest_value(cell))
        };
        for (i, &a) in booleans.iter().enumerate() {
            for &b in &booleans[i + 1..] {
                let changes = [flip(self, a), flip(self, b)];
                if changes.iter().all(|(cell, _)| !self.locked.contains(cell)) {
                    let name = self.model.names[a].clone();
                    self.attempt(&name, row, &changes, DEPTH);
                }
            }
        }
    }

    /// Gives a row the witness of another execution, except for what it receives.
    pub(super) fn swap(&mut self, rows: &[usize]) {
        let real: Vec<usize> = rows.iter().copied().filter(|&row| !self.state.is_padding(row)).collect();
        for (i, &row) in real.iter().enumerate() {
            let given = self.given_cells(row, true);
            self.locked = given.clone();
            for step in 1..=SWAPS.min(real.len().saturating_sub(1)) {
                let other = real[(i + step) % real.len()];
                let changes: Vec<(Cell, F)> = (0..self.model.names.len())
                    .map(|column| {
                        (self.state.cell(row, column), self.state.honest_value(self.state.cell(other, column)))
                    })
                    .filter(|(cell, value)| !given.contains(cell) && self.state.honest_value(*cell) != *value)
                    .collect();
                self.attempt("*", row, &changes, DEPTH);
            }
        }
    }

    /// Gives a row words with which the instruction must fail.
    pub(super) fn refuse(&mut self, row: usize) {
        let model = self.model;
        for &(space, pointer, word) in self.subject.refused {
            let address = [F::from_u32(space), F::from_u32(pointer)];
            let cells = cells_of(word);
            let mark = self.state.mark();
            let mut given = Vec::new();
            let mut changes = Vec::new();
            for guard in model.constraints.len()..model.guards() {
                let Some(message) = model.message(guard).filter(|m| m.meaning == Meaning::Memory) else { continue };
                let site = (row, guard);
                let Some(honest) = self.state.honest(site).filter(|said| said.fields[..2] == address).cloned() else {
                    continue;
                };
                if honest.count == -F::ONE {
                    for (field, cell) in message.fields[2..4].iter().zip(cells) {
                        changes.extend(self.state.parts(row, field, cell));
                    }
                    let mut said = honest.clone();
                    said.fields[2..4].copy_from_slice(&cells);
                    self.state.give(site, Some(said));
                    self.state.check(site);
                    given.push((site, honest));
                }
            }
            if !given.is_empty() {
                self.lock(row);
                self.refusing = true;
                self.attempt("*", row, &changes, DEPTH);
                self.refusing = false;
            }
            for (site, honest) in given {
                self.state.give(site, Some(honest));
            }
            self.state.back_to(mark);
        }
    }

    /// Moves the previous access of a word to the present, to the future, or further back than the gap check allows.
    pub(super) fn move_in_time(&mut self, row: usize) {
        let model = self.model;
        let messages = model.constraints.len()..model.guards();
        let accesses = messages.filter(|&guard| model.message(guard).is_some_and(|m| m.meaning == Meaning::Memory));
        let accesses: Vec<(GuardIndex, Said)> =
            accesses.filter_map(|guard| Some((guard, self.state.honest((row, guard))?.clone()))).collect();
        for (guard, receive) in accesses.iter().filter(|(_, said)| said.count == -F::ONE) {
            let sends = accesses.iter().map(|(_, said)| said).filter(|said| said.count == F::ONE);
            let same_word = sends.filter(|said| said.fields[..2] == receive.fields[..2]);
            let gaps = same_word.map(|said| (said.fields[4] - receive.fields[4]).as_canonical_u32());
            let now = gaps.filter(|gap| *gap > 0).min().map(|gap| receive.fields[4] + F::from_u32(gap));
            let mut cells = model.messages[guard - model.constraints.len()].fields[4].cells();
            let (Some(now), Some((false, column)), None) = (now, cells.next(), cells.next()) else { continue };
            let cell = self.state.cell(row, column);
            let name = model.names[column].clone();
            for gap in [F::ZERO, -F::ONE, F::from_u32((1 << 16) + 1), -F::from_u32(1 << 16)] {
                self.move_access((row, *guard), cell, now - gap, &name);
            }
        }
    }

    /// Tries a row that receives a word with another time.
    fn move_access(&mut self, site: Site, cell: Cell, time: F, name: &str) {
        let mark = self.state.mark();
        self.state.set([(cell, time)], usize::MAX);
        let mut open: BTreeSet<GuardIndex> = self.state.violated.iter().map(|(_, guard)| *guard).collect();
        // The row now receives this time: it is given.
        open.remove(&site.1);
        match (open.first(), &mut self.killed) {
            (None, None) => {
                let gains = vec!["an access may come before the previous access of its word".to_owned()];
                let changes = self.changes();
                let forgery =
                    Forgery { column: name.to_owned(), gains, trace: 0, row: site.0, padding: false, changes };
                self.report.forgeries.push(forgery);
            }
            (Some(&guard), Some(killed)) if open.len() == 1 && killed[guard].is_none() => {
                killed[guard] = Some(format!("`{name}`: the previous access of a word at any time"));
            }
            _ => {}
        }
        self.state.back_to(mark);
    }
}
