//! Errors of the test kit.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use crate::arch::{GenerationError, VmInventoryError};
use crate::instructions::ProgramError;
use crate::machine::{SetupError, VmExecutionError, VmProveError, VmVerificationError};
use crate::stark::debug::DebugReport;
use crate::stark::{KeygenError, ProveError, VerifyError};

/// Reason for which traces are rejected, by the prover or by the verifier.
#[derive(Debug, Error)]
pub enum Rejection {
    /// The prover refuses the traces.
    #[error("the prover refuses the traces: {0}")]
    Prover(#[from] ProveError),
    /// The verifier of the machine refuses the proof.
    #[error("the verifier refuses the proof: {0}")]
    Verifier(#[from] VmVerificationError),
    /// The verifier of the proof backend refuses the proof, in a test without a machine.
    #[error("the verifier refuses the proof: {0}")]
    Backend(#[from] VerifyError),
}

/// Reason for which a test could not be set up or failed.
///
/// `Debug` prints the same text as `Display`, so that the panic of an `unwrap` is readable.
#[derive(Error)]
#[non_exhaustive]
pub enum TestError {
    /// The instructions do not form a program.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The machine cannot be built.
    #[error(transparent)]
    Inventory(#[from] VmInventoryError),
    /// No keys can be made for the program.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// No keys can be made for an environment without a machine.
    #[error(transparent)]
    Keygen(#[from] KeygenError),
    /// The run failed.
    #[error(transparent)]
    Execution(#[from] VmExecutionError),
    /// A preflight run fails, or its traces cannot be filled.
    #[error(transparent)]
    Prove(#[from] VmProveError),
    /// The trace of a single chip cannot be filled.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// Two modes of execution end in different states, or the traces do not have the predicted number of rows.
    #[error("modes of execution disagree on {what}: {first}, but {second}")]
    ModesDisagree {
        /// Quantity that differs, and the modes.
        what: String,
        /// Value of the first mode.
        first: String,
        /// Value of the second mode.
        second: String,
    },
    /// The debug checker refuses honest traces.
    #[error("the debug checker refuses the traces of an honest run:\n{0}")]
    Debug(Box<DebugReport>),
    /// The prover or the verifier refuses honest traces.
    #[error("an honest run is refused: {0}")]
    Rejected(Box<Rejection>),
    /// The machine has no AIR with the given name.
    #[error("the machine has no AIR `{air}`; it has {}", known.join(", "))]
    NoSuchAir {
        /// Name that was given.
        air: String,
        /// Names of the machine's AIRs.
        known: Vec<String>,
    },
    /// The AIR has no such column.
    #[error("AIR `{air}` has no column `{column}`; it has {}", known.join(", "))]
    NoSuchColumn {
        /// Name of the AIR.
        air: String,
        /// Name or index that was given.
        column: String,
        /// Names of the AIR's columns.
        known: Vec<String>,
    },
    /// The AIR has no such instance, or the trace has no such row.
    #[error("AIR `{air}` has no {what} {index}; there are {available}")]
    NoSuchPlace {
        /// Name of the AIR.
        air: String,
        /// `instance` or `row`.
        what: &'static str,
        /// Index that was given.
        index: usize,
        /// Number of instances or rows that exist.
        available: usize,
    },
    /// The AIR has messages on a bus that was not given to the environment.
    #[error("AIR `{air}` has messages on bus `{bus}`, which is not among the given buses; add it to them")]
    UnknownBus {
        /// Name of the AIR.
        air: String,
        /// Name of the bus.
        bus: String,
    },
    /// The operands of an instruction do not say from where a value is read that the instruction has chosen.
    #[error(
        "word {word} of read({value}) is chosen by `Core::sample`, but it is not in memory, or the adapter does not say where: \
         implement `SampleOperands::source`"
    )]
    NoSource {
        /// Index of the value.
        value: usize,
        /// Index of the word.
        word: usize,
    },
    /// No operands were drawn with which an instruction can read the values that it has chosen.
    #[error("{draws} times, the operands drawn read two different words of `Core::sample` from the same place")]
    SamplesCollide {
        /// Number of draws.
        draws: usize,
    },
    /// An instruction traps with all of many samples.
    #[error(
        "the instruction traps with {redraws} samples; let `Core::sample` choose values with which it does not: {error}"
    )]
    SamplesTrap {
        /// Number of samples.
        redraws: usize,
        /// Error of the last run.
        error: Box<TestError>,
    },
    /// Mutations survive that are not allowed to, or entries for survivors are not needed.
    #[error(transparent)]
    Survivors(#[from] super::survivors::SurvivorError),
    /// An audit cannot be written or read.
    #[error("cannot write or read the audit {}: {reason}", path.display())]
    Audit {
        /// The file or folder.
        path: PathBuf,
        /// What happened.
        reason: String,
    },
    /// A cheating prover could change columns of a chip.
    #[error(transparent)]
    Search(#[from] super::search::SearchError),
    /// No mutation shows that a constraint or a lookup is needed.
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
