//! A trace that the search changes, with the checks that reject the present changes.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::{Field, PackedValue, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;

use super::model::{GuardIndex, Meaning, Model, Said};
use super::roots::roots;
use crate::stark::{F, Input, PackedF, RowValues, Tape};

/// A check on a row.
pub(super) type Site = (usize, GuardIndex);

/// A result that differs from the honest one: a message, and its field (`None` for the multiplicity).
pub(super) type Difference = (Site, Option<usize>);

/// Index of a cell in the trace's values.
pub(super) type Cell = usize;

/// What a change of a trace amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All rows have the messages that they had.
    Same,
    /// The instruction has become padding: it has no messages.
    Silent,
    /// Something that the rows must determine is different.
    Forgery(Vec<Difference>),
}

/// An undoable step.
enum Undo {
    Cell(Cell, F),
    /// Whether the site was violated before.
    Violated(Site, bool),
    /// The site was not touched before.
    Touched(Site),
}

pub(super) struct State<'m, 'a> {
    pub(super) model: &'m Model<'a>,
    pub(super) values: Vec<F>,
    width: usize,
    public_values: Vec<F>,
    /// Values of the rows whose inputs are given.
    target: Vec<F>,
    /// Messages of the target's rows.
    honest: BTreeMap<Site, Option<Said>>,
    pub(super) violated: BTreeSet<Site>,
    /// Messages that a change may have affected.
    touched: BTreeSet<Site>,
    undo: Vec<Undo>,
    scratch: Vec<F>,
}

impl<'m, 'a> State<'m, 'a> {
    pub(super) fn new(model: &'m Model<'a>, trace: &RowMajorMatrix<F>, public_values: &[F]) -> Self {
        Self {
            model,
            values: trace.values.clone(),
            width: trace.width,
            public_values: public_values.to_vec(),
            target: trace.values.clone(),
            honest: BTreeMap::new(),
            violated: BTreeSet::new(),
            touched: BTreeSet::new(),
            undo: Vec::new(),
            scratch: Vec::new(),
        }
    }

    pub(super) fn height(&self) -> usize {
        self.values.len() / self.width
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> Cell {
        row * self.width + column
    }

    /// Returns the row and the column of a cell.
    pub(super) fn place(&self, cell: Cell) -> (usize, usize) {
        (cell / self.width, cell % self.width)
    }

    pub(super) fn honest_value(&self, cell: Cell) -> F {
        self.target[cell]
    }

    pub(super) fn is_padding(&self, row: usize) -> bool {
        let selectors = &self.model.selectors;
        !selectors.is_empty() && selectors.iter().all(|&column| self.target[row * self.width + column] == F::ZERO)
    }

    /// Returns the cells that a guard reads on a row.
    pub(super) fn cells_of(&self, (row, guard): Site) -> impl Iterator<Item = Cell> + use<'m, 'a> {
        let (width, height) = (self.width, self.height());
        let tape = self.model.tape(guard);
        tape.cells().map(move |(next, column)| (if next { (row + 1) % height } else { row }) * width + column)
    }

    fn eval_message(&mut self, values: bool, (row, guard): Site) -> Option<Said> {
        let model = self.model;
        let trace = if values { &self.values } else { &self.target };
        let at = RowValues::of_trace(trace, self.width, model.preprocessed.as_ref(), &self.public_values, row);
        let tape = model.tape(guard);
        let mut fields = Vec::with_capacity(tape.num_exprs());
        tape.eval(|input| at.get(input), &mut self.scratch, |value| fields.push(value));
        let count = fields.pop()?;
        (count != F::ZERO).then_some(Said { fields, count })
    }

    /// Returns the message of the honest row, if its multiplicity is not zero.
    pub(super) fn honest(&mut self, site: Site) -> Option<&Said> {
        if !self.honest.contains_key(&site) {
            let said = self.eval_message(false, site);
            self.honest.insert(site, said);
        }
        self.honest[&site].as_ref()
    }

    /// Makes another message the given one.
    pub(super) fn give(&mut self, site: Site, said: Option<Said>) {
        self.honest.insert(site, said);
    }

    /// Returns the message of the present row, if its multiplicity is not zero.
    pub(super) fn said(&mut self, site: Site) -> Option<Said> {
        self.eval_message(true, site)
    }

    /// Returns the given fields of a message that differ from the honest row's.
    fn wrong_fields(&mut self, site: Site, said: &Said) -> Vec<usize> {
        let model = self.model;
        let Some(message) = model.message(site.1) else { return Vec::new() };
        match self.honest(site) {
            Some(honest) => {
                let given = model.given(message, honest);
                given.filter(|&field| said.fields[field] != honest.fields[field]).collect()
            }
            None => Vec::new(),
        }
    }

    fn fails(&mut self, site: Site) -> bool {
        let model = self.model;
        let Some(message) = model.message(site.1) else {
            return self.constraint(site) != F::ZERO;
        };
        let Some(said) = self.said(site) else { return false };
        match message.meaning {
            Meaning::Query(table) => !model.answers(table, &said.fields),
            _ => !model.has_source(message, &said) || !self.wrong_fields(site, &said).is_empty(),
        }
    }

    /// Returns the value of a constraint.
    pub(super) fn constraint(&mut self, (row, guard): Site) -> F {
        self.eval(self.model.tape(guard), row)
    }

    /// Whether a small change of a cell changes the value of a constraint, or whether the row has the message.
    pub(super) fn depends_on(&mut self, site: Site, cell: Cell) -> bool {
        if self.model.message(site.1).is_some() {
            return self.honest(site).is_some();
        }
        let values = self.probe(self.model.tape(site.1), site.0, &[cell])[0];
        values[1] != values[0]
    }

    /// Returns the value of the only expression of a tape.
    pub(super) fn eval(&mut self, tape: &Tape, row: usize) -> F {
        let preprocessed = self.model.preprocessed.as_ref();
        let at = RowValues::of_trace(&self.values, self.width, preprocessed, &self.public_values, row);
        let mut result = F::ZERO;
        tape.eval(|input| at.get(input), &mut self.scratch, |value| result = value);
        result
    }

    /// Returns a point to which [`Self::back_to`] returns.
    pub(super) fn mark(&self) -> usize {
        self.undo.len()
    }

    /// Undoes all changes since the mark.
    pub(super) fn back_to(&mut self, mark: usize) {
        for undo in self.undo.drain(mark..).rev() {
            match undo {
                Undo::Cell(cell, value) => self.values[cell] = value,
                Undo::Violated(site, true) => {
                    self.violated.insert(site);
                }
                Undo::Violated(site, false) => {
                    self.violated.remove(&site);
                }
                Undo::Touched(site) => {
                    self.touched.remove(&site);
                }
            }
        }
    }

    /// Sets cells, and checks everything that reads them. Stops and returns `false` as soon as more than `limit` checks
    /// are violated.
    pub(super) fn set(&mut self, cells: impl IntoIterator<Item = (Cell, F)>, limit: usize) -> bool {
        let mut sites: Vec<Site> = Vec::new();
        let height = self.height();
        for (cell, value) in cells {
            if self.values[cell] == value {
                continue;
            }
            self.undo.push(Undo::Cell(cell, self.values[cell]));
            self.values[cell] = value;
            let (row, column) = self.place(cell);
            let readers = &self.model.readers[column];
            sites.extend(
                readers.iter().map(|&(guard, next)| (if next { (row + height - 1) % height } else { row }, guard)),
            );
        }
        sites.sort_unstable();
        sites.dedup();
        for site in sites {
            self.check(site);
            if self.violated.len() > limit {
                return false;
            }
        }
        true
    }

    /// Checks a site again.
    pub(super) fn check(&mut self, site: Site) {
        if site.1 >= self.model.constraints.len() && self.touched.insert(site) {
            self.undo.push(Undo::Touched(site));
        }
        let fails = self.fails(site);
        let before = if fails { !self.violated.insert(site) } else { self.violated.remove(&site) };
        if fails != before {
            self.undo.push(Undo::Violated(site, before));
        }
    }

    /// Returns the present values of the cells that differ from the honest ones, in ascending order.
    pub(super) fn changes(&self) -> BTreeMap<Cell, F> {
        let cells = self.undo.iter().filter_map(|undo| match undo {
            Undo::Cell(cell, _) => Some(*cell),
            _ => None,
        });
        cells.map(|cell| (cell, self.values[cell])).filter(|(cell, value)| self.target[*cell] != *value).collect()
    }

    /// Judges the present rows, which all checks accept. `is_free` says whether the prover may choose a cell.
    pub(super) fn judge(&mut self, is_free: &dyn Fn(Cell) -> bool) -> Verdict {
        let model = self.model;
        let mut differences: BTreeMap<usize, Vec<Difference>> = BTreeMap::new();
        let touched: Vec<Site> = self.touched.iter().copied().collect();
        for site in touched {
            let Some(message) = model.message(site.1) else { continue };
            if matches!(message.meaning, Meaning::Query(_)) {
                continue;
            }
            let (now, before) = (self.said(site), self.honest(site).cloned());
            let mut differs = |field| differences.entry(site.0).or_default().push((site, field));
            match (now, before) {
                (None, None) => {}
                (Some(now), Some(before)) if now.count == before.count => {
                    let given = model.given(message, &before);
                    for field in (0..now.fields.len()).filter(|field| !given.contains(field)) {
                        let may_differ = || {
                            let cells = message.fields[field].cells();
                            cells.into_iter().any(|(next, column)| !next && is_free(self.cell(site.0, column)))
                        };
                        let breaks_memory =
                            model.is_stored(message, &now, field) && now.fields[field] >= F::from_u32(1 << 16);
                        if now.fields[field] != before.fields[field] && (breaks_memory || !may_differ()) {
                            differs(Some(field));
                        }
                    }
                }
                _ => differs(None),
            }
        }
        if differences.is_empty() {
            return Verdict::Same;
        }
        self.remove_orphans(&mut differences);
        if differences.keys().all(|&row| self.is_silent(row)) {
            return Verdict::Silent;
        }
        Verdict::Forgery(differences.into_values().flatten().collect())
    }

    /// Removes the rows that receive a state of execution which no row sends any more, because the row that sent it has
    /// lost all its messages. Such rows do not balance.
    fn remove_orphans<D>(&mut self, differences: &mut BTreeMap<usize, D>) {
        let messages = self.model.constraints.len()..self.model.guards();
        let mut lost: Vec<Vec<F>> = Vec::new();
        for row in differences.keys().copied().collect::<Vec<_>>() {
            let (received, sent) = (self.honest_state(row, -F::ONE), self.honest_state(row, F::ONE));
            let is_orphan = received.is_some_and(|state| lost.contains(&state));
            if is_orphan {
                differences.remove(&row);
            }
            if is_orphan || messages.clone().all(|guard| self.said((row, guard)).is_none()) {
                lost.extend(sent);
            }
        }
    }

    /// Returns the state of execution that an honest row receives (count −1) or sends (count 1).
    fn honest_state(&mut self, row: usize, count: F) -> Option<Vec<F>> {
        let model = self.model;
        (model.constraints.len()..model.guards()).find_map(|guard| {
            let is_step = model.message(guard).is_some_and(|message| message.meaning == Meaning::Execution);
            let said = self.honest((row, guard)).filter(|said| is_step && said.count == count)?;
            Some(said.fields.clone())
        })
    }

    /// Returns whether the instruction to which a row belongs has no message any more, and had some.
    fn is_silent(&mut self, row: usize) -> bool {
        let block = self.block(row);
        let Some(block) = block else { return false };
        let messages = self.model.constraints.len()..self.model.guards();
        block.into_iter().all(|row| messages.clone().all(|guard| self.said((row, guard)).is_none()))
    }

    /// Returns the rows of the instruction to which a row belongs: from the one that receives the state of execution to
    /// the one that sends it.
    pub(super) fn block(&mut self, row: usize) -> Option<std::ops::RangeInclusive<usize>> {
        let height = self.height();
        let mut has = |row: usize, count: F| self.honest_state(row, count).is_some();
        let first = (0..=row).rev().find(|&row| has(row, -F::ONE))?;
        let last = (first..height).find(|&row| has(row, F::ONE))?;
        (last >= row).then_some(first..=last)
    }

    /// Returns changes of one or two allowed cells that satisfy a violated check.
    pub(super) fn repairs(&mut self, site: Site, allowed: &dyn Fn(Cell) -> bool) -> Vec<Vec<(Cell, F)>> {
        let model = self.model;
        let mut found = Vec::new();
        let Some(message) = model.message(site.1) else {
            let mut linear = Vec::new();
            let cells: BTreeSet<Cell> = self.cells_of(site).filter(|&cell| allowed(cell)).collect();
            let cells: Vec<Cell> = cells.into_iter().collect();
            for (&cell, values) in cells.iter().zip(self.probe(model.tape(site.1), site.0, &cells)) {
                found.extend(roots(values).map(|t| vec![(cell, self.values[cell] + t)]));
                let slope = values[1] - values[0];
                if !slope.is_zero() && values[2] - values[1] == slope && values[3] - values[2] == slope {
                    linear.push((cell, slope));
                }
            }
            let value = self.constraint(site);
            found.extend(self.splits(value, &linear));
            return found;
        };
        let Some(said) = self.said(site) else { return found };
        let honest = self.honest(site).cloned();
        if let Meaning::Query(table) = message.meaning
            && let Some(entry) = model.tables[table].complete(&said.fields)
        {
            let mut changes: Vec<(Cell, F)> = Vec::new();
            for field in (0..entry.len()).filter(|&field| entry[field] != said.fields[field]) {
                changes.extend(self.parts(site.0, &message.fields[field], entry[field]));
            }
            changes.retain(|(cell, value)| self.values[*cell] != *value);
            if changes.iter().all(|(cell, _)| allowed(*cell)) {
                found.push(changes);
            }
        }
        let targets: Vec<(usize, Vec<F>)> = match message.meaning {
            Meaning::Query(_) => (0..said.fields.len())
                .map(|field| {
                    let mut targets = model.answers_with(message, &said.fields, field);
                    targets.extend(honest.as_ref().map(|honest| honest.fields[field]));
                    (field, targets)
                })
                .collect(),
            _ => {
                let wrong = self.wrong_fields(site, &said).into_iter().take(1);
                wrong.filter_map(|field| Some((field, vec![honest.as_ref()?.fields[field]]))).collect()
            }
        };
        for (field, targets) in targets {
            let tape = &message.fields[field];
            let cells = tape
                .cells()
                .map(|(next, column)| self.cell(if next { (site.0 + 1) % self.height() } else { site.0 }, column));
            let cells: Vec<Cell> = cells.filter(|&cell| allowed(cell)).collect();
            for (&cell, values) in cells.iter().zip(self.probe(tape, site.0, &cells)) {
                for target in &targets {
                    let roots = roots(values.map(|value| value - *target));
                    found.extend(roots.map(|t| vec![(cell, self.values[cell] + t)]));
                }
            }
        }
        // Small steps, so that a query is answered or a word exists.
        for cell in self.cells_of(site).filter(|&cell| allowed(cell)).collect::<BTreeSet<_>>() {
            let old = self.values[cell];
            for step in [1, 2, 3].map(F::from_u32).into_iter().flat_map(|step| [step, -step]) {
                self.values[cell] = old + step;
                if !self.fails(site) {
                    found.push(vec![(cell, old + step)]);
                }
            }
            self.values[cell] = old;
        }
        found
    }

    /// Returns changes of two cells that satisfy a constraint with this value, which is linear in the given cells with the
    /// given slopes. The cells are the low and the high part of a number: their slopes differ by a power of two.
    fn splits(&self, value: F, linear: &[(Cell, F)]) -> Vec<Vec<(Cell, F)>> {
        let mut found = Vec::new();
        for &(low, low_slope) in linear {
            let inverse = low_slope.inverse();
            for &(high, high_slope) in linear {
                let weight = (high_slope * inverse).as_canonical_u32();
                if low == high || !weight.is_power_of_two() || !(2..=1 << 16).contains(&weight) {
                    continue;
                }
                // Both cells together must hold this number.
                let number = self.values[low] + self.values[high] * F::from_u32(weight) - value * inverse;
                let number = number.as_canonical_u32();
                let parts = (F::from_u32(number % weight), F::from_u32(number / weight));
                if number >> 16 < weight && parts != (self.values[low], self.values[high]) {
                    found.push(vec![(low, parts.0), (high, parts.1)]);
                }
            }
        }
        found
    }

    /// Returns values of the cells of a row with which an expression has a value: the digits of the value, if the cells
    /// are the digits of a number.
    pub(super) fn parts(&mut self, row: usize, tape: &Tape, value: F) -> Vec<(Cell, F)> {
        let cells: Vec<Cell> =
            tape.cells().filter(|(next, _)| !next).map(|(_, column)| self.cell(row, column)).collect();
        let old: Vec<F> = cells.iter().map(|&cell| self.values[cell]).collect();
        cells.iter().for_each(|&cell| self.values[cell] = F::ZERO);
        let mut weights: Vec<(u32, Cell)> = Vec::new();
        for &cell in &cells {
            self.values[cell] = F::ONE;
            weights.push((self.eval(tape, row).as_canonical_u32(), cell));
            self.values[cell] = F::ZERO;
        }
        cells.iter().zip(old).for_each(|(&cell, value)| self.values[cell] = value);
        weights.sort_unstable_by(|a, b| b.cmp(a));
        let mut rest = value.as_canonical_u32();
        let digits = weights.into_iter().filter(|(weight, _)| *weight > 0).map(|(weight, cell)| {
            let digit = rest / weight;
            rest %= weight;
            (cell, F::from_u32(digit))
        });
        digits.collect()
    }

    /// Returns the values that an expression has with 0, 1, 2 and 3 added to each of the cells, one at a time.
    pub(super) fn probe(&self, tape: &Tape, row: usize, cells: &[Cell]) -> Vec<[F; 4]> {
        let preprocessed = self.model.preprocessed.as_ref();
        let at = RowValues::of_trace(&self.values, self.width, preprocessed, &self.public_values, row);
        let next = (row + 1) % self.height();
        // As many values at a time as the CPU computes with one instruction.
        let changes: Vec<(Cell, F)> =
            cells.iter().flat_map(|&cell| [0, 1, 2, 3].map(|step| (cell, F::from_u32(step)))).collect();
        let (mut values, mut registers) = (Vec::new(), Vec::new());
        for changes in changes.chunks(PackedF::WIDTH) {
            let read = |input| {
                let mut value = PackedF::from(at.get(input));
                let cell = match input {
                    Input::Main(column) => self.cell(row, column),
                    Input::MainNext(column) => self.cell(next, column),
                    _ => return value,
                };
                for (lane, (_, step)) in
                    value.as_slice_mut().iter_mut().zip(changes).filter(|(_, (changed, _))| *changed == cell)
                {
                    *lane += *step;
                }
                value
            };
            let mut result = PackedF::ZERO;
            tape.eval(read, &mut registers, |value| result = value);
            values.extend_from_slice(&result.as_slice()[..changes.len()]);
        }
        values.as_chunks().0.to_vec()
    }
}
