//! Errors of proving and verifying. Each says what is wrong and where.

use std::any::Any;

use thiserror::Error;

/// Why no proof could be made.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum ProveError {
    /// AIR index outside the key.
    #[error("input for AIR number {air}, but the key has {airs}")]
    UnknownAir {
        /// Index.
        air: usize,
        /// Number of AIRs.
        airs: usize,
    },
    /// Two inputs for one AIR.
    #[error("two inputs for AIR `{air}`; give all its instances in one")]
    DuplicateInput {
        /// AIR.
        air: String,
    },
    /// Shape of the inputs.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// Width of a trace.
    #[error("AIR `{air}`, instance {instance}: the trace has {got} columns instead of {expected}")]
    TraceWidth {
        /// AIR.
        air: String,
        /// Instance.
        instance: usize,
        /// Width of the AIR.
        expected: usize,
        /// Width of the trace.
        got: usize,
    },
    /// Height of a trace.
    #[error("AIR `{air}`, instance {instance}: the trace has {height} rows, which is not a power of two")]
    TraceHeight {
        /// AIR.
        air: String,
        /// Instance.
        instance: usize,
        /// Rows.
        height: usize,
    },
    /// The backend gave up.
    #[error("the backend could not make a proof: {0}")]
    Backend(String),
}

/// A set of instances that a key does not allow. The prover and the verifier apply the same rules.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShapeError {
    /// Wrong number of entries in a per-AIR list.
    #[error("{what}: {got} entries for {expected} AIRs")]
    AirCount {
        /// Which list.
        what: &'static str,
        /// AIRs of the key.
        expected: usize,
        /// Entries.
        got: usize,
    },
    /// A required AIR is absent.
    #[error("required AIR `{air}` is absent")]
    MissingAir {
        /// AIR.
        air: String,
    },
    /// More instances than allowed.
    #[error("AIR `{air}` occurs {got} times; at most {max} are allowed")]
    TooManyInstances {
        /// AIR.
        air: String,
        /// Limit.
        max: usize,
        /// Occurrences.
        got: usize,
    },
    /// More instances in total than allowed.
    #[error("{got} instances in total; at most {max} are allowed")]
    TooManyInstancesInTotal {
        /// Limit.
        max: usize,
        /// Instances.
        got: usize,
    },
    /// No instance at all.
    #[error("no instance at all")]
    Empty,
    /// Wrong number of heights in the proof.
    #[error("{got} heights for {expected} instances")]
    HeightCount {
        /// Instances.
        expected: usize,
        /// Heights.
        got: usize,
    },
    /// Taller than allowed.
    #[error("AIR `{air}` has 2^{got} rows; at most 2^{max} are allowed")]
    TooTall {
        /// AIR.
        air: String,
        /// Limit.
        max: usize,
        /// log2 of the height.
        got: usize,
    },
    /// All traces are so short that the low-degree test loses its security.
    #[error("the tallest trace has 2^{got} rows; at least 2^{min} are needed")]
    TooShort {
        /// Least log2 of the tallest trace.
        min: usize,
        /// log2 of the tallest trace.
        got: usize,
    },
    /// A fixed height is not respected.
    #[error("AIR `{air}` has 2^{got} rows; its height is fixed to 2^{expected}")]
    FixedHeight {
        /// AIR.
        air: String,
        /// Fixed height.
        expected: usize,
        /// log2 of the height.
        got: usize,
    },
    /// Number of public values.
    #[error("AIR `{air}` has {got} public values instead of {expected}")]
    PublicValues {
        /// AIR.
        air: String,
        /// Expected number.
        expected: usize,
        /// Given number.
        got: usize,
    },
    /// Bus multiplicities could wrap around the field.
    #[error(
        "bus messages could overflow the field: the weighted number of rows is {sum}, at least the characteristic {limit}"
    )]
    WeightOverflow {
        /// Σ weight × height.
        sum: u128,
        /// Characteristic.
        limit: u64,
    },
}

/// Why a proof is refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// A shape that the key does not allow.
    #[error("proof shape: {0}")]
    Shape(#[from] ShapeError),
    /// A lookup argument is missing or superfluous, an opening has another width, and the like.
    #[error("malformed proof: {0}")]
    Malformed(String),
    /// The openings do not belong to the commitments.
    #[error("the openings do not match the commitments: {0}")]
    Opening(String),
    /// The constraints of an AIR do not hold.
    #[error("the constraints of AIR `{air}` do not hold")]
    Constraints {
        /// AIR.
        air: String,
    },
    /// The messages on the buses do not cancel.
    #[error("the bus messages of the proof do not balance")]
    BusImbalance,
    /// A proof of work is missing or wrong.
    #[error("proof of work: {0}")]
    ProofOfWork(String),
    /// The backend panicked on a malformed proof.
    #[error("the backend panicked on a malformed proof: {0}")]
    Panicked(String),
}

/// Debug text of a backend error, cut to a readable length.
pub(super) fn brief(error: &impl std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    text.chars().take(300).collect()
}

/// Message of a contained panic.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}
