//! The power of the generated tests, measured: each check of a chip is dropped in turn, and the test has to notice.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::TestError;
use super::search::DroppedCheck;

/// Environment variable with a folder. Generated tests that run while it is set also measure their power, and write an
/// [`Audit`] of their chip into the folder.
pub const AUDIT_FOLDER: &str = "CHIPWRIGHT_AUDIT";

/// What a generated test says about a chip from which one check was dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mutant {
    /// The dropped check: constraint or message, by index and as text.
    pub check: String,
    /// Kind of the check.
    pub kind: CheckKind,
    /// Part of the AIR that emits the check, such as `#[one_hot]` or `MemoryBridge::read`.
    pub origin: String,
    /// What the test found, or `None` if it passes.
    pub noticed: Option<String>,
    /// If the test passes and the check follows from others near all rows of the honest traces, as far as first
    /// derivatives show: the indices of the constraints from which it follows, together with what the rows are given. Such
    /// a check is likely to be redundant.
    pub implied_by: Option<Vec<usize>>,
}

/// Kind of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CheckKind {
    /// A constraint.
    Constraint,
    /// A query of a lookup table other than the program's, such as a range check.
    Lookup,
    /// A lookup of the instruction, or a message on a permutation bus.
    Message,
}

impl fmt::Display for CheckKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Constraint => "constraint",
            Self::Lookup => "lookup",
            Self::Message => "message",
        })
    }
}

/// The mutants of one chip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Name of the AIR.
    pub air: String,
    /// Number of constraints and messages.
    pub checks: usize,
    /// One entry per constraint and per message; of chips with more than 200, a sample.
    pub mutants: Vec<Mutant>,
}

impl Audit {
    pub(super) fn new(air: String, checks: Vec<DroppedCheck>) -> Self {
        let all = checks.len();
        let mutants = checks.into_iter().filter(|check| check.sampled).map(|check| Mutant {
            check: check.text,
            kind: check.kind,
            origin: check.origin,
            noticed: check.noticed,
            implied_by: check.implied_by.map(|constraints| constraints.into_iter().collect()),
        });
        Self { air, checks: all, mutants: mutants.collect() }
    }

    /// Writes the audit into a folder, to a file with the name of the AIR.
    pub(super) fn write(&self, folder: &OsStr) -> Result<(), TestError> {
        let path = Path::new(folder).join(format!("{}.audit", self.air));
        let failed = |error: &dyn fmt::Display| TestError::Audit { path: path.clone(), reason: error.to_string() };
        let bytes = postcard::to_allocvec(self).map_err(|error| failed(&error))?;
        std::fs::write(&path, bytes).map_err(|error| failed(&error))
    }

    /// Reads all audits in a folder, in the order of their AIRs' names.
    ///
    /// # Errors
    /// [`TestError::Audit`] if the folder or one of its files cannot be read.
    pub fn read_all(folder: &Path) -> Result<Vec<Self>, TestError> {
        let failed = |path: &Path, error: &dyn fmt::Display| TestError::Audit {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let mut audits = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
            let path = entry.map_err(|error| failed(folder, &error))?.path();
            if path.extension().is_some_and(|extension| extension == "audit") {
                let bytes = std::fs::read(&path).map_err(|error| failed(&path, &error))?;
                audits.push(postcard::from_bytes(&bytes).map_err(|error| failed(&path, &error))?);
            }
        }
        audits.sort_by(|a: &Self, b| a.air.cmp(&b.air));
        Ok(audits)
    }

    /// Returns the mutants that the test does not notice.
    pub fn survivors(&self) -> impl Iterator<Item = &Mutant> {
        self.mutants.iter().filter(|mutant| mutant.noticed.is_none())
    }

    /// Returns, for each kind of check, how many mutants are noticed and how many there are.
    pub fn counts(&self) -> BTreeMap<CheckKind, (usize, usize)> {
        let mut counts: BTreeMap<CheckKind, (usize, usize)> = BTreeMap::new();
        for mutant in &self.mutants {
            let (noticed, all) = counts.entry(mutant.kind).or_default();
            *noticed += usize::from(mutant.noticed.is_some());
            *all += 1;
        }
        counts
    }

    /// Returns, for each origin of checks, such as a role of columns, whether the test notices if all its checks are
    /// dropped. It does if it notices that one of them is, because a forgery stays one if further checks are dropped.
    pub fn origins(&self) -> BTreeMap<&str, bool> {
        let mut origins: BTreeMap<&str, bool> = BTreeMap::new();
        for mutant in &self.mutants {
            *origins.entry(&mutant.origin).or_default() |= mutant.noticed.is_some();
        }
        origins
    }
}
