//! Search for rows that a cheating prover could write.
//!
//! A row is *given* the instruction from the program table, the state that it receives from the execution bus, and the
//! data and times that it receives from memory. Everything else that its messages say is a *result*: the state and the
//! data that it sends, and the address, space, time and multiplicity of every access, also of those that it receives. A
//! prover chooses these, and other rows match whatever it chooses. So a row that all constraints and tables accept, with
//! the given values of an honest row and another result, is a *forgery*.
//!
//! The search starts from honest rows and changes one cell, a pair of cells, or all cells but the given ones (to those of
//! another execution), or moves many cells along a vector of the kernel of the constraints' Jacobian. Then it repairs: a
//! violated constraint is solved for one of its cells, in which it is linear or quadratic, and a query is made one that
//! its table answers. Repairs violate further checks, which are repaired in turn, up to a depth. What remains without a
//! violated check is judged.
//!
//! A search that finds nothing proves nothing. Its power is measured by dropping checks (see [`audit`](super::audit)).

mod implied;
mod kernel;
mod lattice;
mod model;
mod relations;
mod report;
mod roots;
mod starts;
mod state;

use std::collections::BTreeSet;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use self::model::{GuardIndex, Meaning, Message, Model, field_name};
pub use self::report::{ChangedCell, Forgery, SearchError, SearchReport};
use self::state::{Cell, Difference, Site, State, Verdict};
use super::audit::CheckKind;
use crate::arch::LookupTable;
use crate::stark::{AnyAir, F};

/// Largest number of rows of a trace from which the search starts. They are evenly spread over the trace.
const ROWS: usize = 24;
/// Largest number of cells, in all rows together, after whose change the search repairs. Others are only changed a little.
const STARTS: usize = 1_500;
/// Bound on that number for wide rows, whose repairs take longer: this number divided by the width.
const WIDE_STARTS: usize = 400_000;
/// Bound on that number for dense rows, on whose every cell long checks depend: this number divided by the steps that it takes to
/// evaluate all checks of a cell, on average.
const DENSE_STARTS: usize = 300_000;
/// Number of repairs after a change.
const DEPTH: usize = 5;
/// Number of states that are visited after a change.
const BUDGET: usize = 60;
/// Number of further states that are visited once a check has been dropped.
const DROPPED_BUDGET: usize = 120;
/// Number of checks of an AIR above which only a sample of them is dropped: this many, and one of each kind and origin.
const SAMPLE: usize = 200;

/// The trace of a chip, with everything that the search needs to know about it.
pub(super) struct Subject<'a> {
    pub(super) air: &'a dyn AnyAir,
    pub(super) trace: &'a RowMajorMatrix<F>,
    pub(super) public_values: &'a [F],
    pub(super) tables: &'a [&'a dyn LookupTable],
    /// Returns why the prover may choose the cell of a column (by name) on a row, if it may.
    pub(super) free: &'a dyn Fn(&str, &[F]) -> Option<&'static str>,
    /// Words, as address space, pointer and content, with which the instructions of the trace must fail: each alone, with
    /// all other words as in the trace.
    pub(super) refused: &'a [(u32, u32, u32)],
}

/// Pairs of a check and one of its columns, of which the search has changed a cell that matters for the check.
pub(super) type Covered = BTreeSet<(GuardIndex, usize)>;

/// Searches for forgeries. `covered` is kept between the traces of an AIR.
pub(super) fn search(subject: &Subject<'_>, covered: &mut Covered) -> SearchReport {
    let model = Model::new(subject.air, subject.tables);
    let mut search = Search::new(subject, &model, None);
    search.run(covered);
    search.report
}

/// A check that was dropped.
#[derive(Clone, Debug)]
pub(super) struct DroppedCheck {
    pub(super) text: String,
    pub(super) kind: CheckKind,
    pub(super) origin: String,
    pub(super) noticed: Option<String>,
    /// Whether the check is in the sample. Others are not dropped.
    pub(super) sampled: bool,
    /// Constraints that, together with what a row is given, imply this one, as far as first derivatives show on the rows of
    /// all traces; `None` if they do not.
    pub(super) implied_by: Option<BTreeSet<usize>>,
}

/// Drops each check in turn and searches for forgeries. `known` has the results for other traces of the AIR.
pub(super) fn drop_checks(subject: &Subject<'_>, known: Vec<DroppedCheck>, covered: &mut Covered) -> Vec<DroppedCheck> {
    let model = Model::new(subject.air, subject.tables);
    let mut checks = if known.is_empty() { model.checks() } else { known };
    let skipped = || "not in the sample".to_owned();
    let killed =
        checks.iter_mut().map(|check| if check.sampled { check.noticed.take() } else { Some(skipped()) }).collect();
    let mut search = Search::new(subject, &model, Some(killed));
    search.note_unbalanced();
    search.run(covered);
    let killed = search.killed.take().unwrap_or_default();
    for (guard, (check, noticed)) in checks.iter_mut().zip(killed).enumerate().filter(|(_, (check, _))| check.sampled) {
        check.noticed = noticed;
        let known = check.implied_by.take().filter(|_| check.noticed.is_none());
        check.implied_by = known.and_then(|known| Some(&known | &search.implied_by(guard)?));
    }
    checks
}

struct Search<'s, 'm, 'a> {
    subject: &'s Subject<'a>,
    model: &'m Model<'a>,
    state: State<'m, 'a>,
    /// In an audit: the checks without which a forgery is known, with its description.
    killed: Option<Vec<Option<String>>>,
    /// The check that is dropped at present.
    exempt: Option<GuardIndex>,
    /// Cells that may not be changed: given ones, and those that were changed before.
    locked: BTreeSet<Cell>,
    /// States that may still be visited.
    budget: usize,
    /// Whether the row is given a word with which the instruction must fail, so that it may not have any message.
    refusing: bool,
    /// Name of the first changed column, and the row.
    start: (String, usize),
    report: SearchReport,
}

impl<'s, 'm, 'a> Search<'s, 'm, 'a> {
    fn new(subject: &'s Subject<'a>, model: &'m Model<'a>, killed: Option<Vec<Option<String>>>) -> Self {
        Self {
            subject,
            model,
            state: State::new(model, subject.trace, subject.public_values),
            killed,
            exempt: None,
            locked: BTreeSet::new(),
            budget: 0,
            refusing: false,
            start: (String::new(), 0),
            report: SearchReport { traces: 1, ..SearchReport::default() },
        }
    }

    fn run(&mut self, covered: &mut Covered) {
        let rows = self.rows();
        // Wide rows have more cells than can be tried in all rows.
        let width = self.model.names.len();
        let starts = STARTS.min(WIDE_STARTS / width.max(1)).min(DENSE_STARTS / self.model.steps_per_cell().max(1));
        let step = (rows.len() * width).div_ceil(starts.max(1)).max(1);
        let chosen = if step > 1 { self.cover(&rows, covered) } else { BTreeSet::new() };
        for &row in &rows {
            self.note_free_cells(row);
            for column in 0..width {
                let is_chosen = chosen.contains(&self.state.cell(row, column));
                self.change_cell(row, column, is_chosen || (row + column).is_multiple_of(step));
            }
            self.fill_padding(row);
            self.flip_pairs(row);
            self.move_in_time(row);
            self.refuse(row);
        }
        self.swap(&rows);
        for &row in &rows {
            self.move_in_kernel(row);
        }
        for (index, &row) in rows.iter().enumerate() {
            self.solve_relations(index, row);
        }
    }

    /// Notes the messages without which an honest run would be refused: because a bus would not be balanced, or, without
    /// the lookup of the instruction, already at set-up.
    fn note_unbalanced(&mut self) {
        let model = self.model;
        for guard in model.constraints.len()..model.guards() {
            let Some(message) = model.message(guard) else { continue };
            let is_program = |message: &&Message| message.meaning == Meaning::Program;
            let reason = match message.meaning {
                Meaning::Query(_) => continue,
                Meaning::Program if model.messages.iter().filter(is_program).count() > 1 => continue,
                Meaning::Program => "set-up refuses an instruction that is not looked up",
                _ if (0..self.state.height()).any(|row| self.state.honest((row, guard)).is_some()) => {
                    "the bus of an honest run is not balanced"
                }
                _ => continue,
            };
            if let Some(killed) = &mut self.killed {
                killed[guard] = Some(reason.to_owned());
            }
        }
    }

    /// Returns the rows to change, in ascending order.
    fn rows(&self) -> Vec<usize> {
        let (padding, real): (Vec<usize>, Vec<usize>) =
            (0..self.state.height()).partition(|&row| self.state.is_padding(row));
        let step = real.len().div_ceil(ROWS).max(1);
        let mut rows: BTreeSet<usize> = real.iter().copied().step_by(step).collect();
        rows.extend(real.first().into_iter().chain(real.last()).chain(padding.first()).chain(padding.last()));
        rows.into_iter().collect()
    }

    /// Records which cells of a row are declared to be free.
    fn note_free_cells(&mut self, row: usize) {
        for column in 0..self.model.names.len() {
            if let Some(reason) = self.free(self.state.cell(row, column)) {
                self.report.declared.insert(self.model.names[column].clone(), reason);
            }
        }
    }

    /// Returns why the prover may choose a cell, if it may.
    fn free(&self, cell: Cell) -> Option<&'static str> {
        let (row, column) = self.state.place(cell);
        if self.state.is_padding(row) {
            return None;
        }
        let width = self.model.names.len();
        (self.subject.free)(&self.model.names[column], &self.subject.trace.values[row * width..][..width])
    }

    /// Returns the cells of a row that its honest messages give: alone, or together with others if `shared`.
    fn given_cells(&mut self, row: usize, shared: bool) -> BTreeSet<Cell> {
        let model = self.model;
        let mut cells = BTreeSet::new();
        for guard in model.constraints.len()..model.guards() {
            let Some(message) = model.message(guard) else { continue };
            let Some(honest) = self.state.honest((row, guard)).cloned() else { continue };
            for field in model.given(message, &honest) {
                let tape = &message.fields[field];
                if shared || tape.cells().count() == 1 {
                    let current = tape.cells().filter(|(next, _)| !next);
                    cells.extend(current.map(|(_, column)| self.state.cell(row, column)));
                }
            }
        }
        cells
    }

    /// Starts from a change of some cells, and returns to the honest trace.
    fn attempt(&mut self, column: &str, row: usize, changes: &[(Cell, F)], depth: usize) {
        column.clone_into(&mut self.start.0);
        self.start.1 = row;
        self.budget = BUDGET;
        let mark = self.state.mark();
        let is_small = self.state.set(changes.iter().copied(), limit(depth));
        let new: Vec<Cell> = changes.iter().map(|(cell, _)| *cell).filter(|cell| !self.locked.contains(cell)).collect();
        self.locked.extend(&new);
        if is_small {
            self.explore(depth);
        }
        for cell in new {
            self.locked.remove(&cell);
        }
        self.state.back_to(mark);
    }

    /// Locks the given cells of a row, or the selectors of a padding row.
    fn lock(&mut self, row: usize) {
        self.locked = self.given_cells(row, false);
        if self.state.is_padding(row) {
            self.locked.extend(self.model.selectors.iter().map(|&column| self.state.cell(row, column)));
        }
    }

    /// Visits the present state and, unless nothing rejects it, states after repairs.
    fn explore(&mut self, depth: usize) {
        let Some(budget) = self.budget.checked_sub(1) else { return };
        self.budget = budget;
        let open: Vec<Site> =
            self.state.violated.iter().copied().filter(|(_, guard)| self.exempt != Some(*guard)).collect();
        if open.is_empty() {
            self.accepted();
            return;
        }
        if let (Some(killed), None) = (&self.killed, self.exempt) {
            let unknown: BTreeSet<GuardIndex> =
                open.iter().map(|(_, guard)| *guard).filter(|&guard| killed[guard].is_none()).collect();
            for guard in unknown {
                let budget = std::mem::replace(&mut self.budget, DROPPED_BUDGET);
                self.exempt = Some(guard);
                self.explore(depth);
                self.exempt = None;
                self.budget = budget;
            }
        }
        if depth == 0 {
            return;
        }
        let options = |search: &Self, site: Site| {
            search.state.cells_of(site).filter(|cell| !search.locked.contains(cell)).count()
        };
        let Some((count, site)) = open.into_iter().map(|site| (options(self, site), site)).min() else { return };
        if count == 0 {
            return;
        }
        let locked = &self.locked;
        let repairs = self.state.repairs(site, &|cell| !locked.contains(&cell));
        for changes in repairs {
            if !changes.iter().all(|&(cell, value)| self.may_be(cell, value)) {
                continue;
            }
            let mark = self.state.mark();
            self.locked.extend(changes.iter().map(|(cell, _)| *cell));
            if self.state.set(changes.iter().copied(), limit(depth - 1)) {
                self.explore(depth - 1);
            }
            for (cell, _) in &changes {
                self.locked.remove(cell);
            }
            self.state.back_to(mark);
            if self.budget == 0 {
                return;
            }
        }
    }

    /// Whether a value is worth trying: others than 0 and 1 in a boolean column are not, unless the check of the column
    /// is the one that could be dropped.
    fn may_be(&self, cell: Cell, value: F) -> bool {
        let (_, column) = self.state.place(cell);
        match self.model.booleans[column] {
            Some(guard) if value != F::ZERO && value != F::ONE => match &self.killed {
                Some(killed) => self.exempt == Some(guard) || self.exempt.is_none() && killed[guard].is_none(),
                None => false,
            },
            _ => true,
        }
    }

    /// Judges the present state, which no check rejects.
    fn accepted(&mut self) {
        let free: BTreeSet<Cell> = {
            let row = self.start.1;
            let cells = (0..self.model.names.len()).map(|column| self.state.cell(row, column));
            cells.filter(|&cell| self.free(cell).is_some()).collect()
        };
        let mut verdict = self.state.judge(&|cell| free.contains(&cell));
        if self.refusing && verdict != Verdict::Silent {
            verdict = Verdict::Forgery(Vec::new());
        }
        let changes = self.state.changes();
        match (verdict, &mut self.killed, self.exempt) {
            (Verdict::Forgery(differences), Some(killed), Some(guard)) => {
                let gains = gains(&mut self.state, &differences);
                killed[guard] = Some(format!("`{}`: {}", self.start.0, gains.join(", ")));
                self.budget = 0;
            }
            (Verdict::Forgery(differences), None, _) => {
                let (column, row) = self.start.clone();
                let gains = gains(&mut self.state, &differences);
                let known = |known: &Forgery| known.column == column && known.row == row && known.gains == gains;
                if !self.report.forgeries.iter().any(known) {
                    let (padding, changes) = (self.state.is_padding(row), self.changes());
                    self.report.forgeries.push(Forgery { column, gains, trace: 0, row, padding, changes });
                }
                self.budget = 0;
            }
            (Verdict::Same, None, _) if changes.len() == 1 => {
                let declared = changes.keys().any(|&cell| self.free(cell).is_some());
                let (column, row) = self.start.clone();
                if column != "*" && !self.state.is_padding(row) {
                    self.report.free.entry(column).or_default().insert((0, row, declared));
                }
            }
            _ => {}
        }
    }

    /// Returns the present changes with names.
    fn changes(&self) -> Vec<ChangedCell> {
        let named = |(&cell, &forged): (&Cell, &F)| {
            let (row, column) = self.state.place(cell);
            let (column, honest) = (self.model.names[column].clone(), self.state.honest_value(cell));
            ChangedCell { row, column, honest, forged }
        };
        self.state.changes().iter().map(named).collect()
    }
}

/// Returns how many checks may be violated at most, if this many repairs may still be made.
const fn limit(depth: usize) -> usize {
    3 * depth + 3
}

/// Describes the results that differ.
fn gains(state: &mut State<'_, '_>, differences: &[Difference]) -> Vec<String> {
    if differences.is_empty() {
        return vec!["whether the instruction fails: it executes with a word with which it must not".to_owned()];
    }
    let mut gains: Vec<String> = Vec::new();
    for &(site, field) in differences {
        let Some(message) = state.model.message(site.1) else { continue };
        let gain = match (field, state.said(site)) {
            (Some(field), Some(said)) => field_name(message, &said, field),
            _ => format!("whether the row has a message on bus {}", message.bus),
        };
        if !gains.contains(&gain) {
            gains.push(gain);
        }
    }
    gains
}
