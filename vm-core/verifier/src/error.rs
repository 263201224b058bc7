//! Errors of the verifier.

use alloc::string::String;

use thiserror::Error;
use vm_stark::VerifyError;

use super::public_values::PublicValuesError;
use crate::hasher::HexDigest;

/// Reason for which the verifier refuses a proof.
///
/// Segments are numbered from 0. The proof of a run in one segment is segment 0.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmVerificationError {
    /// The verifying key belongs to another program than the one that the caller trusts.
    #[error("the verifying key is for program {got}, expected program {expected}")]
    ExeCommitmentMismatch {
        /// Commitment that the caller trusts.
        expected: HexDigest,
        /// Commitment of the key's program.
        got: HexDigest,
    },
    /// The proof is of the wrong kind: continuation proofs need a machine with continuations, single-segment proofs one
    /// without.
    #[error(
        "the verifying key's machine has continuations {}, so its proofs are {} proofs",
        if *.expected { "enabled" } else { "disabled" },
        if *.expected { "continuation" } else { "single-segment" }
    )]
    Continuations {
        /// Whether the machine has continuations enabled.
        expected: bool,
    },
    /// The proof shows another plan of fused blocks than that of the key.
    #[error("the proof shows another plan of fused blocks than that of the verifying key")]
    OtherPlan,
    /// The proof is an empty list of segments.
    #[error("the proof has no segments")]
    NoSegments,
    /// The proof has more segments than the verifier accepts.
    #[error("the proof has {got} segments, the limit is {max}")]
    TooManySegments {
        /// Largest number of segments that is accepted.
        max: usize,
        /// Number of segments in the proof.
        got: usize,
    },
    /// The segment was proven under another key: for another program, another machine or other security parameters.
    #[error("segment {segment} was proven for another program or machine: key digest {got}, expected {expected}")]
    ProgramCommitMismatch {
        /// Number of the segment.
        segment: usize,
        /// Digest of the verifier's key.
        expected: HexDigest,
        /// Key digest that the proof contains.
        got: HexDigest,
    },
    /// The segment starts neither at the entry point (segment 0) nor at the program counter where the previous segment
    /// ends.
    #[error("segment {segment} starts at pc {got:#x}, expected {expected:#x}")]
    InitialPcMismatch {
        /// Number of the segment.
        segment: usize,
        /// Entry point of the program, or final program counter of the previous segment.
        expected: u32,
        /// Program counter at the start of the segment.
        got: u32,
    },
    /// The segment starts neither with the program's initial memory (segment 0) nor with the memory with which the
    /// previous segment ends.
    #[error("segment {segment} starts with memory root {got}, expected {expected}")]
    InitialMemoryRootMismatch {
        /// Number of the segment.
        segment: usize,
        /// Root of the program's initial memory, or final root of the previous segment.
        expected: HexDigest,
        /// Memory root at the start of the segment.
        got: HexDigest,
    },
    /// The program terminates before the last segment, or does not terminate in the last segment.
    #[error("segment {segment}: is_terminate is {got}, expected {expected}")]
    IsTerminateMismatch {
        /// Number of the segment.
        segment: usize,
        /// Whether the segment is the last one.
        expected: bool,
        /// Whether the segment ends with TERMINATE.
        got: bool,
    },
    /// The guest terminated with an exit code other than 0, or a segment before the last one does not have the exit
    /// code of suspended segments.
    #[error("segment {segment} ends with exit code {got}, expected {expected}")]
    ExitCodeMismatch {
        /// Number of the segment.
        segment: usize,
        /// Expected exit code.
        expected: u32,
        /// Exit code in the proof.
        got: u32,
    },
    /// The proof has no instance of a required AIR.
    #[error("segment {segment} has no instance of the required AIR {air}")]
    SystemAirMissing {
        /// Number of the segment.
        segment: usize,
        /// Name of the AIR.
        air: String,
    },
    /// The proof has the wrong number of public values for an AIR.
    #[error("segment {segment}: the proof has {got} public values for AIR {air}, expected {expected}")]
    UnexpectedPublicValues {
        /// Number of the segment.
        segment: usize,
        /// Name of the AIR.
        air: String,
        /// Number of public values of the AIR; 0 if the proof has no instance of it.
        expected: usize,
        /// Number of public values in the proof.
        got: usize,
    },
    /// A field element that stands for two bytes of user public values is 2^16 or greater.
    #[error("segment {segment}: a public value of the proof is not a 16-bit cell")]
    PublicValueOutOfRange {
        /// Number of the segment.
        segment: usize,
    },
    /// The user public values are not the content of the final memory.
    #[error(transparent)]
    PublicValues(#[from] PublicValuesError),
    /// The proof backend refuses the proof of a segment.
    #[error("segment {segment}: {source}")]
    Stark {
        /// Number of the segment.
        segment: usize,
        /// Error of the backend.
        source: VerifyError,
    },
}
