//! Verifying keys of programs, proofs of runs, and the verifier.

mod error;
mod key;
mod proof;
mod public_values;
mod verifier;

pub use error::VmVerificationError;
pub use key::{ExeCommitment, StoredVmVerifyingKey, VmKeyError, VmVerifyingKey};
pub use proof::{ContinuationProof, MAX_SEGMENTS, VerifiedRun, VmProof};
pub use public_values::{PublicValuesError, UserPublicValuesProof};
