//! Reports of searches, for authors of chips.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use p3_field::PrimeField32;
use thiserror::Error;

use crate::stark::F;

/// Largest number of changed cells that the example of a column shows.
const SHOWN_CHANGES: usize = 8;

/// A forgery: rows that all checks accept, with a result that is not the honest one.
#[derive(Clone, Debug)]
pub struct Forgery {
    /// Column that was changed first; `*` if the whole witness was replaced.
    pub column: String,
    /// What the prover gains: the parts of the row's results that change.
    pub gains: Vec<String>,
    /// Trace from which the search started, counted over all traces that were searched.
    pub trace: usize,
    /// Row from which the search started.
    pub row: usize,
    /// Whether the row was padding.
    pub padding: bool,
    /// The changed cells.
    pub changes: Vec<ChangedCell>,
}

/// A changed cell of a forgery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedCell {
    /// Row of the trace.
    pub row: usize,
    /// Name of the column.
    pub column: String,
    /// Honest value.
    pub honest: F,
    /// Forged value.
    pub forged: F,
}

/// What a search found on one trace, or on several traces of one AIR.
#[derive(Clone, Debug, Default)]
pub struct SearchReport {
    /// Forgeries, at most one per column, row and kind of gain. Before it fails, a generated test proves the first one, and
    /// removes those whose proof the verifier refuses.
    pub forgeries: Vec<Forgery>,
    /// Columns that were changed alone without any effect: traces and rows on which they were, and whether the cell is
    /// declared to be free there.
    pub free: BTreeMap<String, BTreeSet<(usize, usize, bool)>>,
    /// Columns that are declared to be free on some row, with the reason.
    pub declared: BTreeMap<String, &'static str>,
    /// Number of rows, other than padding, on which each column was changed.
    pub tried: BTreeMap<String, usize>,
    /// Number of traces that were searched.
    pub(super) traces: usize,
}

/// Columns that a cheating prover could change, or columns that are declared to be free without need.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text}")]
pub struct SearchError {
    /// Columns from which a forgery was found, in ascending order; `*` if the whole witness of another execution was
    /// accepted, or garbage in a padding row.
    pub forged: Vec<String>,
    /// Columns that may hold other values without any effect on some rows on which they are not declared to be free.
    pub unconstrained: Vec<String>,
    /// Columns that are declared to be free, but on the rows of the declaration no other value is accepted.
    pub needless: Vec<String>,
    /// One line per column, with what to do.
    text: String,
}

impl SearchReport {
    /// Adds what was found on another trace of the same AIR.
    pub(in crate::machine::testing) fn merge(&mut self, other: Self) {
        let first = self.traces;
        self.forgeries
            .extend(other.forgeries.into_iter().map(|forgery| Forgery { trace: first + forgery.trace, ..forgery }));
        for (column, rows) in other.free {
            let rows = rows.into_iter().map(|(trace, row, declared)| (first + trace, row, declared));
            self.free.entry(column).or_default().extend(rows);
        }
        self.traces += other.traces;
        self.declared.extend(other.declared);
        for (column, rows) in other.tried {
            *self.tried.entry(column).or_default() += rows;
        }
    }

    /// Checks that there is no forgery, that each column is determined where it is not declared to be free, and that all
    /// declarations are needed.
    ///
    /// # Errors
    /// Returns the columns for which this does not hold.
    pub fn check(&self) -> Result<(), SearchError> {
        let mut text = String::new();
        let forged = self.describe_forgeries(&mut text);
        let unconstrained = self.describe_unconstrained(&mut text);
        let needless: Vec<String> = self
            .declared
            .iter()
            .filter(|(column, reason)| {
                let rows = self.free.get(*column).into_iter().flatten();
                reason.trim().is_empty() || !rows.into_iter().any(|(.., declared)| *declared)
            })
            .map(|(column, _)| column.clone())
            .collect();
        for column in &needless {
            let reason = self.declared[column];
            let _ = writeln!(
                text,
                "  {column} is declared to be free (`{reason}`), but every other value is rejected, or there is no \
                 reason: remove the declaration"
            );
        }
        if text.is_empty() {
            return Ok(());
        }
        Err(SearchError { forged, unconstrained, needless, text: text.trim_end().to_owned() })
    }

    fn describe_forgeries(&self, text: &mut String) -> Vec<String> {
        let mut columns: BTreeMap<&str, Vec<&Forgery>> = BTreeMap::new();
        for forgery in &self.forgeries {
            columns.entry(&forgery.column).or_default().push(forgery);
        }
        if columns.is_empty() {
            return Vec::new();
        }
        let _ = writeln!(text, "a cheating prover can change results:");
        for (column, forgeries) in &columns {
            let gains: BTreeSet<&str> =
                forgeries.iter().flat_map(|forgery| &forgery.gains).map(String::as_str).collect();
            let gains = gains.into_iter().collect::<Vec<_>>().join(", ");
            let rows: BTreeSet<(usize, usize)> = forgeries.iter().map(|forgery| (forgery.trace, forgery.row)).collect();
            let example = forgeries.iter().min_by_key(|forgery| forgery.changes.len());
            let Some(example) = example else { continue };
            let name =
                if *column == "*" { "the whole witness, from another execution or with garbage" } else { *column };
            let tried = self.tried.get(*column).map(|tried| format!(" of {tried}")).unwrap_or_default();
            let kind = if example.padding { " padding" } else { "" };
            let changes: Vec<String> = example.changes.iter().take(SHOWN_CHANGES).map(change).collect();
            let more = example.changes.len().saturating_sub(SHOWN_CHANGES);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            let _ = writeln!(
                text,
                "  {name} (on {}{tried}{kind} rows) changes {gains}\n    for example in row {}: {}{more}",
                rows.len(),
                example.row,
                changes.join(", "),
            );
        }
        if let Some(Forgery { column, row, .. }) = self.forgeries.first() {
            let _ =
                writeln!(text, "  the verifier accepts a proof of the forgery that starts from {column} in row {row}");
        }
        let _ = writeln!(
            text,
            "  add the constraint or the lookup that determines the column, or that ties it to what the row receives"
        );
        columns.into_keys().map(str::to_owned).collect()
    }

    fn describe_unconstrained(&self, text: &mut String) -> Vec<String> {
        let undeclared = |rows: &BTreeSet<(usize, usize, bool)>| rows.iter().filter(|(.., declared)| !declared).count();
        let columns: Vec<(&String, usize)> =
            self.free.iter().map(|(column, rows)| (column, undeclared(rows))).filter(|(_, rows)| *rows > 0).collect();
        if columns.is_empty() {
            return Vec::new();
        }
        let _ = writeln!(text, "columns that may hold other values, without effect on results:");
        for (column, rows) in &columns {
            let tried = self.tried.get(*column).copied().unwrap_or_default();
            let _ = writeln!(text, "  {column} (on {rows} of {tried} rows)");
        }
        let _ = writeln!(
            text,
            "  constrain or remove these columns; if the prover may choose the value, say why with `#[free(\"reason\")]`, or \
             with `free_cell` if it may on some rows only"
        );
        columns.into_iter().map(|(column, _)| column.clone()).collect()
    }
}

fn change(change: &ChangedCell) -> String {
    let signed = |value: F| {
        let value = i64::from(value.as_canonical_u32());
        let p = i64::from(F::ORDER_U32);
        if value > p / 2 { value - p } else { value }
    };
    format!("{} = {} instead of {}", change.column, signed(change.forged), signed(change.honest))
}
