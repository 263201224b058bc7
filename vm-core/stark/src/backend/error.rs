//! Errors of proving and verifying.

use alloc::format;
use alloc::string::String;
#[cfg(feature = "std")]
use alloc::string::ToString;

#[cfg(feature = "std")]
use core::any::Any;

use thiserror::Error;

/// Error of proving.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum ProveError {
    /// An input is for an AIR that the key does not have.
    #[error("input for AIR number {air}, but the key has {airs} AIRs")]
    UnknownAir {
        /// Index of the AIR in the input.
        air: usize,
        /// Number of AIRs of the key.
        airs: usize,
    },
    /// Two inputs are for the same AIR.
    #[error("two inputs for AIR `{air}`; give all its instances in one")]
    DuplicateInput {
        /// AIR.
        air: String,
    },
    /// The key does not allow these instances.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A trace has another width than its AIR.
    #[error("AIR `{air}`, instance {instance}: the trace has {got} columns instead of {expected}")]
    TraceWidth {
        /// AIR.
        air: String,
        /// Index of the instance of the AIR.
        instance: usize,
        /// Number of main columns of the AIR.
        expected: usize,
        /// Number of columns of the trace.
        got: usize,
    },
    /// The height of a trace is not a power of two.
    #[error("AIR `{air}`, instance {instance}: the trace has {height} rows, which is not a power of two")]
    TraceHeight {
        /// AIR.
        air: String,
        /// Index of the instance of the AIR.
        instance: usize,
        /// Height of the trace.
        height: usize,
    },
    /// The messages on the buses do not balance, so no proof would verify. Only the multilinear backend notices.
    #[error("the bus messages of the traces do not balance")]
    BusImbalance,
    /// The backend returned an error or panicked.
    #[error("the backend could not make a proof: {0}")]
    Backend(String),
}

/// Error of a proof whose shape the key does not allow. The shape of a proof is its set of instances with their heights
/// and numbers of public values. The prover and the verifier apply the same rules.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShapeError {
    /// A list with one entry per AIR has the wrong length.
    #[error("{what}: {got} entries for {expected} AIRs")]
    AirCount {
        /// Name of the list.
        what: &'static str,
        /// Number of AIRs of the key.
        expected: usize,
        /// Length of the list.
        got: usize,
    },
    /// A required AIR has no instance.
    #[error("required AIR `{air}` is absent")]
    MissingAir {
        /// AIR.
        air: String,
    },
    /// An AIR has more instances than allowed.
    #[error("AIR `{air}` has {got} instances; at most {max} are allowed")]
    TooManyInstances {
        /// AIR.
        air: String,
        /// Maximum number.
        max: usize,
        /// Number of instances.
        got: usize,
    },
    /// There are more instances in total than allowed.
    #[error("{got} instances in total; at most {max} are allowed")]
    TooManyInstancesInTotal {
        /// Maximum number.
        max: usize,
        /// Number of instances.
        got: usize,
    },
    /// There is no instance.
    #[error("no AIR has an instance; a proof needs at least one")]
    Empty,
    /// The proof has another number of heights than instances.
    #[error("{got} heights for {expected} instances")]
    HeightCount {
        /// Number of instances.
        expected: usize,
        /// Number of heights.
        got: usize,
    },
    /// A trace is taller than allowed.
    #[error("AIR `{air}` has 2^{got} rows; at most 2^{max} are allowed")]
    TooTall {
        /// AIR.
        air: String,
        /// log2 of the maximum height.
        max: usize,
        /// log2 of the height.
        got: usize,
    },
    /// A trace is lower than the backend allows.
    #[error("AIR `{air}` has 2^{got} rows; at least 2^{min} are needed")]
    TooLow {
        /// AIR.
        air: String,
        /// log2 of the minimum height.
        min: usize,
        /// log2 of the height.
        got: usize,
    },
    /// All traces are so short that the low-degree test is not secure enough.
    #[error("the tallest trace has 2^{got} rows; at least 2^{min} are needed")]
    TooShort {
        /// log2 of the minimum height of the tallest trace.
        min: usize,
        /// log2 of the height of the tallest trace.
        got: usize,
    },
    /// The traces are too large together.
    #[error("the traces have {cells} cells together; at most 2^{max} are allowed")]
    TooManyCells {
        /// log2 of the maximum number of cells.
        max: usize,
        /// Number of cells.
        cells: u128,
    },
    /// The traces have too many columns together.
    #[error("the traces have {columns} columns together; at most {max} are allowed")]
    TooManyColumns {
        /// Maximum number of columns.
        max: usize,
        /// Number of columns.
        columns: u128,
    },
    /// A trace of an AIR with a fixed height has another height.
    #[error("AIR `{air}` has 2^{got} rows; its height is fixed to 2^{expected}")]
    FixedHeight {
        /// AIR.
        air: String,
        /// log2 of the fixed height.
        expected: usize,
        /// log2 of the height.
        got: usize,
    },
    /// An AIR has the wrong number of public values.
    #[error("AIR `{air}` has {got} public values instead of {expected}")]
    PublicValues {
        /// AIR.
        air: String,
        /// Expected number.
        expected: usize,
        /// Given number.
        got: usize,
    },
    /// Sums of multiplicities could wrap around the field.
    #[error(
        "the proof could have {sum} bus messages, which is not below the field's characteristic {limit}; prove fewer or shorter traces"
    )]
    WeightOverflow {
        /// Sum over all instances of weight × height: the number of messages if every row has all of its messages.
        sum: u128,
        /// Characteristic of the field.
        limit: u64,
    },
}

/// Error of verifying: why the proof is rejected.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// The key does not allow the shape of the proof.
    #[error("proof shape: {0}")]
    Shape(#[from] ShapeError),
    /// A part of the proof is missing, superfluous or of the wrong size, such as a lookup argument or an opening.
    #[error("malformed proof: {0}")]
    Malformed(String),
    /// The openings do not match the commitments.
    #[error("the openings do not match the commitments: {0}")]
    Opening(String),
    /// The constraints of an AIR do not hold.
    #[error("the constraints of AIR `{air}` do not hold")]
    Constraints {
        /// AIR.
        air: String,
    },
    /// The constraints of some AIR do not hold, or its messages are not those that balance. The multilinear backend
    /// checks all AIRs together.
    #[error("the constraints or the messages of some AIR do not hold: {0}")]
    Zerocheck(String),
    /// The messages on the buses do not balance.
    #[error("the bus messages of the proof do not balance")]
    BusImbalance,
    /// A proof of work is invalid. This is also the error if the proof was made for another key or domain.
    #[error("a proof of work is invalid, and the proof may be for another key: {0}")]
    ProofOfWork(String),
    /// The backend panicked. Only malformed proofs make it do so.
    #[error("the backend panicked on a malformed proof: {0}")]
    Panicked(String),
}

/// Returns the debug text of a backend error, cut to a readable length.
pub(super) fn brief(error: &impl core::fmt::Debug) -> String {
    let text = format!("{error:?}");
    text.chars().take(300).collect()
}

/// Returns the message of a caught panic.
#[cfg(feature = "std")]
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".into())
}
