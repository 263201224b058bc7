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

/// Something that the mutation of single cells cannot show to be needed, and which test does so instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indirect {
    /// A constraint, by index.
    Constraint(usize, &'static str),
    /// A query, by index of the message.
    Query(usize, &'static str),
    /// All constraints, for AIRs whose constraints overlap everywhere, such as permutations.
    AllConstraints(&'static str),
}

impl Indirect {
    fn reason(&self) -> &'static str {
        match self {
            Self::Constraint(_, reason) | Self::Query(_, reason) | Self::AllConstraints(reason) => reason,
        }
    }
}

/// Constraints and queries that could be dropped without the sweep noticing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("AIR `{air}`: no mutation is caught by {} alone; listed without need or reason: {unused:?}", missing.join(", "))]
pub struct CoverageError {
    /// AIR.
    pub air: String,
    /// What is neither covered nor listed.
    pub missing: Vec<String>,
    /// Entries without need or reason.
    pub unused: Vec<Indirect>,
}

/// Checks that every constraint and every query of a table is the only thing that catches some mutation, or is listed in
/// `indirect`. What is neither could be dropped unnoticed: it needs a forgery of its own, or it is superfluous.
pub fn check_coverage(coverage: &Coverage, indirect: &[Indirect]) -> Result<(), CoverageError> {
    let all = indirect.iter().any(|entry| matches!(entry, Indirect::AllConstraints(_)));
    let mut needed = vec![false; indirect.len()];
    let mut missing = Vec::new();
    let mut note = |covered: bool, what: String, is_it: &dyn Fn(&Indirect) -> bool| {
        let position = indirect.iter().position(is_it);
        if let (false, Some(position)) = (covered, position) {
            needed[position] = true;
        } else if !covered {
            missing.push(what);
        }
    };
    for (index, covered) in coverage.constraints.iter().enumerate() {
        note(*covered, format!("constraint {index}"), &|entry| match entry {
            Indirect::Constraint(i, _) => *i == index,
            Indirect::AllConstraints(_) => all,
            Indirect::Query(..) => false,
        });
    }
    for (index, bus, covered) in &coverage.queries {
        note(
            *covered,
            format!("query {index} on {bus}"),
            &|entry| matches!(entry, Indirect::Query(i, _) if i == index),
        );
    }
    let unused = indirect.iter().zip(needed).filter(|(entry, needed)| !needed || entry.reason().trim().is_empty());
    let unused: Vec<Indirect> = unused.map(|(entry, _)| entry.clone()).collect();
    if missing.is_empty() && unused.is_empty() {
        Ok(())
    } else {
        Err(CoverageError { air: coverage.air.clone(), missing, unused })
    }
}
