//! Verifying keys of programs that are derived from their machines. `vm_verifier` has the verifier itself.

mod key;
#[cfg(feature = "prover")]
mod public_values;

#[cfg(feature = "prover")]
pub(super) use key::keygen_limits;
pub use key::{StoredVmVerifyingKey, VmKeyError, VmVerifyingKey};
#[cfg(feature = "prover")]
pub use public_values::user_public_values;
pub use vm_verifier::{
    ContinuationProof, ExeCommitment, MAX_SEGMENTS, PublicValuesError, RunKeyError, RunLayout, RunVerifyingKey,
    StoredRunKey, UserPublicValuesProof, VerifiedRun, VmProof, VmVerificationError,
};
