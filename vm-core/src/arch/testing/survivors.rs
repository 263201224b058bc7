//! Survivors that are allowed, each with a reason.

use std::fmt::Write as _;

use thiserror::Error;

use super::mutation::{Coverage, Mutation, RowKind, Survivor};

/// A survivor that is harmless, and why. `None` stands for every row kind or mutation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// AIR.
    pub air: &'static str,
    /// Column.
    pub column: &'static str,
    /// Kind of the row.
    pub kind: Option<RowKind>,
    /// Mutation.
    pub mutation: Option<Mutation>,
    /// Why no false statement becomes provable.
    pub reason: &'static str,
}

impl Allowed {
    /// Allows every mutation of a column on every row.
    pub const fn column(air: &'static str, column: &'static str, reason: &'static str) -> Self {
        Self { air, column, kind: None, mutation: None, reason }
    }

    /// Narrows the entry to one mutation.
    pub const fn only(mut self, mutation: Mutation) -> Self {
        self.mutation = Some(mutation);
        self
    }

    /// Narrows the entry to one kind of row.
    pub const fn on(mut self, kind: RowKind) -> Self {
        self.kind = Some(kind);
        self
    }

    fn covers(&self, survivor: &Survivor) -> bool {
        self.air == survivor.air
            && self.column == survivor.column
            && self.kind.is_none_or(|kind| kind == survivor.kind)
            && self.mutation.is_none_or(|mutation| mutation == survivor.mutation)
    }
}

/// Survivors and allowed entries do not match.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text}")]
pub struct SurvivorError {
    /// Survivors that no entry allows.
    pub unexpected: Vec<Survivor>,
    /// Entries that allow nothing: the AIR has changed, or the name is wrong.
    pub unused: Vec<Allowed>,
    /// Everything, one line each.
    text: String,
}

/// Compares survivors with what is allowed. An entry that is not needed, or gives no reason, is an error.
pub fn check_survivors(survivors: &[Survivor], allowed: &[Allowed]) -> Result<(), SurvivorError> {
    let is_allowed = |survivor: &&Survivor| !allowed.iter().any(|entry| entry.covers(survivor));
    let unexpected: Vec<Survivor> = survivors.iter().filter(is_allowed).cloned().collect();
    let needed =
        |entry: &&Allowed| entry.reason.trim().is_empty() || !survivors.iter().any(|survivor| entry.covers(survivor));
    let unused: Vec<Allowed> = allowed.iter().filter(needed).cloned().collect();
    if unexpected.is_empty() && unused.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for survivor in &unexpected {
        let _ = writeln!(text, "{survivor}");
    }
    for Allowed { air, column, reason, .. } in &unused {
        let _ = writeln!(text, "{air}.{column} is allowed to survive (reason: `{reason}`), without need or reason");
    }
    Err(SurvivorError { unexpected, unused, text })
}

/// Queries that no mutation depends on although `indirect` does not name them, and entries of `indirect` (message index
/// and reason) without need. A query that is listed here could be dropped unnoticed by the sweep: it needs a forgery
/// of its own.
pub fn check_coverage(coverage: &Coverage, indirect: &[(usize, &str)]) -> Result<(), String> {
    let mut text = String::new();
    let mut listed: Vec<usize> = indirect.iter().map(|(index, _)| *index).collect();
    for (index, bus, covered) in &coverage.queries {
        let position = listed.iter().position(|entry| entry == index);
        match (covered, position) {
            (false, None) => {
                let _ = writeln!(text, "{}: no mutation is caught by query {index} on {bus} alone", coverage.air);
            }
            (true, Some(_)) => {
                let _ = writeln!(text, "{}: query {index} on {bus} is listed without need", coverage.air);
            }
            _ => {}
        }
        if let Some(position) = position {
            listed.remove(position);
        }
    }
    for index in listed {
        let _ = writeln!(text, "{}: message {index} is no query", coverage.air);
    }
    if text.is_empty() { Ok(()) } else { Err(text) }
}
