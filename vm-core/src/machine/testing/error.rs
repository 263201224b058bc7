//! Failures of the test kit. `Debug` prints the message, so that `unwrap` in a test reads well.

use std::fmt;

use thiserror::Error;

use crate::arch::{GenerationError, VmInventoryError};
use crate::instructions::ProgramError;
use crate::machine::{SetupError, VmExecutionError, VmProveError, VmVerificationError};
use crate::stark::debug::DebugReport;
use crate::stark::{KeygenError, ProveError, VerifyError};

/// Who refused a proof, and why.
#[derive(Debug, Error)]
pub enum Rejection {
    /// The prover could not, or would not, make a proof.
    #[error("the prover refuses: {0}")]
    Prover(#[from] ProveError),
    /// The verifier of the machine.
    #[error("the verifier refuses: {0}")]
    Verifier(#[from] VmVerificationError),
    /// The verifier of the proof backend (tests without a machine).
    #[error("the verifier refuses: {0}")]
    Backend(#[from] VerifyError),
}

/// Why a test could not be set up, or what it found.
#[derive(Error)]
#[non_exhaustive]
pub enum TestError {
    /// The instructions make no program.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The machine could not be built.
    #[error(transparent)]
    Inventory(#[from] VmInventoryError),
    /// No keys.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// No keys for an environment without a machine.
    #[error(transparent)]
    Keygen(#[from] KeygenError),
    /// The run failed.
    #[error(transparent)]
    Execution(#[from] VmExecutionError),
    /// No traces.
    #[error(transparent)]
    Prove(#[from] VmProveError),
    /// No traces.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// Two modes of execution ended in different states, or a count is not what it promises to be.
    #[error("modes of execution disagree on {what}: {first}, but {second}")]
    ModesDisagree {
        /// What differs.
        what: String,
        /// One mode's value.
        first: String,
        /// The other's.
        second: String,
    },
    /// The debug checker found failures in honest traces.
    #[error("the traces of an honest run are refused by the debug checker:\n{0}")]
    Debug(Box<DebugReport>),
    /// An honest proof was refused.
    #[error("an honest run is refused: {0}")]
    Rejected(Box<Rejection>),
    /// A name that is no AIR of the machine.
    #[error("there is no AIR `{air}`; the machine has {}", known.join(", "))]
    NoSuchAir {
        /// The name.
        air: String,
        /// AIRs of the machine.
        known: Vec<String>,
    },
    /// A column that the AIR does not have.
    #[error("AIR `{air}` has no column `{column}`; it has {}", known.join(", "))]
    NoSuchColumn {
        /// AIR.
        air: String,
        /// Column.
        column: String,
        /// Columns of the AIR.
        known: Vec<String>,
    },
    /// An instance or row that the trace does not have.
    #[error("AIR `{air}` has no {what} {index}; there are {available}")]
    NoSuchPlace {
        /// AIR.
        air: String,
        /// `instance` or `row`.
        what: &'static str,
        /// Index.
        index: usize,
        /// Number of them.
        available: usize,
    },
    /// A bus that the environment was not told about.
    #[error("AIR `{air}` speaks on bus `{bus}`, which the environment does not know; add it to the buses")]
    UnknownBus {
        /// AIR.
        air: String,
        /// Bus.
        bus: String,
    },
    /// Survivors of mutations.
    #[error(transparent)]
    Survivors(#[from] super::survivors::SurvivorError),
    /// Constraints or lookups that nothing shows to be needed.
    #[error(transparent)]
    Coverage(#[from] super::survivors::CoverageError),
}

impl fmt::Debug for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Rejection> for TestError {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(Box::new(rejection))
    }
}
