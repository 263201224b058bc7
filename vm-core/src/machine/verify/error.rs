//! Why proofs are refused.

use thiserror::Error;

use super::public_values::PublicValuesError;
use crate::arch::HexDigest;
use crate::stark::VerifyError;

/// Why a proof is refused. Segments are counted from 0; a run that is not cut is segment 0.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmVerificationError {
    /// The caller trusts another program than the key's.
    #[error("the verifying key is for program {got}, expected program {expected}")]
    ExeCommitmentMismatch {
        /// Commitment that the caller trusts.
        expected: HexDigest,
        /// Commitment of the key's program.
        got: HexDigest,
    },
    /// The machine's runs are proven in the other way.
    #[error(
        "the verifying key's machine has continuations {}, so its proofs are {} proofs",
        if *.expected { "enabled" } else { "disabled" },
        if *.expected { "continuation" } else { "single-segment" }
    )]
    Continuations {
        /// Whether the machine has continuations.
        expected: bool,
    },
    /// A list without segments.
    #[error("the proof has no segments")]
    NoSegments,
    /// A list of more segments than are looked at.
    #[error("the proof has {got} segments, at most {max} are verified")]
    TooManySegments {
        /// Limit.
        max: usize,
        /// Segments of the proof.
        got: usize,
    },
    /// The segment was proven for another program, machine or parameters.
    #[error("segment {segment} is for another program or machine: key digest {got}, expected {expected}")]
    ProgramCommitMismatch {
        /// The segment.
        segment: usize,
        /// Digest of the verifier's key.
        expected: HexDigest,
        /// Digest named by the proof.
        got: HexDigest,
    },
    /// The segment does not start at the entry point, or where the segment before ended.
    #[error("segment {segment} starts at pc {got:#x}, expected {expected:#x}")]
    InitialPcMismatch {
        /// The segment.
        segment: usize,
        /// Entry point, or the final pc of the segment before.
        expected: u32,
        /// Start of the segment.
        got: u32,
    },
    /// The segment does not start with the program's memory, or with the memory at the end of the segment before.
    #[error("segment {segment} starts with memory root {got}, expected {expected}")]
    InitialMemoryRootMismatch {
        /// The segment.
        segment: usize,
        /// Root of the program's memory, or the final root of the segment before.
        expected: HexDigest,
        /// Root at the start of the segment.
        got: HexDigest,
    },
    /// The program ends in a segment that is not the last one, or does not end in the last one.
    #[error("segment {segment}: is_terminate is {got}, expected {expected}")]
    IsTerminateMismatch {
        /// The segment.
        segment: usize,
        /// Expected value.
        expected: bool,
        /// Value in the proof.
        got: bool,
    },
    /// The guest reported failure, or a segment that is not the last one shows an exit code.
    #[error("segment {segment} ends with exit code {got}, expected {expected}")]
    ExitCodeMismatch {
        /// The segment.
        segment: usize,
        /// Expected code.
        expected: u32,
        /// Code in the proof.
        got: u32,
    },
    /// A required AIR is missing in the proof.
    #[error("segment {segment} lacks the system AIR {air}")]
    SystemAirMissing {
        /// The segment.
        segment: usize,
        /// The AIR.
        air: String,
    },
    /// An AIR shows more or fewer public values than it has.
    #[error("segment {segment}: AIR {air} shows {got} public values, expected {expected}")]
    UnexpectedPublicValues {
        /// The segment.
        segment: usize,
        /// The AIR.
        air: String,
        /// Public values of the AIR.
        expected: usize,
        /// Public values in the proof.
        got: usize,
    },
    /// A public value is not a 16-bit cell.
    #[error("segment {segment}: a public value of the proof is not a 16-bit cell")]
    PublicValueOutOfRange {
        /// The segment.
        segment: usize,
    },
    /// The user public values are not those of the final memory.
    #[error(transparent)]
    PublicValues(#[from] PublicValuesError),
    /// The backend refuses a segment.
    #[error("segment {segment}: {source}")]
    Stark {
        /// The segment.
        segment: usize,
        /// Why.
        source: VerifyError,
    },
}
