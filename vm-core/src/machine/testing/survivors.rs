//! Comparison of sweeps with what is expected: allowed survivors and uncovered checks, each with a reason.

use std::fmt::Write as _;

use thiserror::Error;

use super::mutation::{Coverage, Mutation, RowKind, Survivor};

/// An entry that allows mutations of a column to survive, with the reason why that is harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// Name of the AIR.
    pub air: &'static str,
    /// Name of the column.
    pub column: &'static str,
    /// Kind of the row; `None` for all kinds.
    pub kind: Option<RowKind>,
    /// The mutation; `None` for all mutations.
    pub mutation: Option<Mutation>,
    /// Why no false statement becomes provable. Must not be empty.
    pub reason: &'static str,
}

impl Allowed {
    /// Creates an entry that allows every mutation of a column on every row.
    pub const fn column(air: &'static str, column: &'static str, reason: &'static str) -> Self {
        Self { air, column, kind: None, mutation: None, reason }
    }

    /// Restricts the entry to one mutation.
    pub const fn only(mut self, mutation: Mutation) -> Self {
        self.mutation = Some(mutation);
        self
    }

    /// Restricts the entry to one kind of row.
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

/// Mutations survive that no entry allows, or entries are not needed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{text}for each survivor: add the constraint or lookup that rejects it, or allow it with a reason \
     (`#[free(\"reason\")]` on the column, or an `Allowed` entry); remove entries that are not needed"
)]
pub struct SurvivorError {
    /// Survivors that no entry allows.
    pub unexpected: Vec<Survivor>,
    /// Entries that match no survivor, because the AIR has changed or a name is wrong, and entries without a reason.
    pub unused: Vec<Allowed>,
    /// One line per survivor and per entry.
    text: String,
}

/// Checks that every survivor is allowed and that every entry is needed.
///
/// # Errors
/// If a survivor is not allowed, an entry matches no survivor, or an entry has an empty reason.
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
        let _ = writeln!(text, "{air}.{column} is allowed to survive, without need or without a reason: `{reason}`");
    }
    Err(SurvivorError { unexpected, unused, text })
}

/// A check that no mutation of a single cell shows to be needed, with the name of the test that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indirect {
    /// A constraint, by its index in the AIR.
    Constraint(usize, &'static str),
    /// A query, by the index of its message in the AIR.
    Query(usize, &'static str),
    /// All constraints of the AIR. For AIRs in which every change violates several constraints, such as permutations.
    AllConstraints(&'static str),
}

impl Indirect {
    fn reason(&self) -> &'static str {
        match self {
            Self::Constraint(_, reason) | Self::Query(_, reason) | Self::AllConstraints(reason) => reason,
        }
    }
}

/// Constraints and queries that could be removed without the sweep reporting a survivor.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "AIR `{air}`: checks that are never the only one to reject a mutation: [{}] (remove each of them, or test it with \
     a forgery that only it rejects and list it in `indirect`); \
     entries of `indirect` without need or reason: {unused:?}",
    missing.join(", ")
)]
pub struct CoverageError {
    /// Name of the AIR.
    pub air: String,
    /// Constraints and queries that are neither covered nor listed.
    pub missing: Vec<String>,
    /// Entries whose check is covered or does not exist, and entries without a reason.
    pub unused: Vec<Indirect>,
}

/// Checks that every constraint and every query of a lookup table is the only check that rejects some mutation, or is
/// listed in `indirect`.
///
/// A check that is neither could be removed without a test that fails. Either it is superfluous, or it needs a test
/// with a forgery that only it rejects.
///
/// # Errors
/// If a constraint or query is neither covered nor listed, an entry is not needed, or an entry has an empty reason.
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
