//! A verifier without the code of any machine: the key contains the circuits. It also compiles for targets without an
//! operating system, such as `wasm32-unknown-unknown`.

#![no_std]

extern crate alloc;

use alloc::vec::Vec;

use thiserror::Error;
use vm_verifier::hasher::HexDigest;
use vm_verifier::stark::codec::{self, CodecError, FileKind, MAX_FILE_LEN};
use vm_verifier::stark::{BabyBearPoseidon2Engine, BabyBearWhirPoseidon2Engine, StarkEngine};
use vm_verifier::{MAX_SEGMENTS, RunKeyError, StoredRunKey, VmVerificationError};

/// Reason for which a proof is refused.
#[derive(Debug, Error)]
pub enum Refused {
    /// The key or the proof is not a file of this kind, or a file of another engine.
    #[error(transparent)]
    File(#[from] CodecError),
    /// The key is for another program.
    #[error(transparent)]
    Key(#[from] RunKeyError),
    /// The proof is not valid.
    #[error(transparent)]
    Proof(#[from] VmVerificationError),
}

/// Verifies a proof, made by either engine with Poseidon2 commitments, and returns the public values of the run. The key
/// need not be trusted, because `commitment` determines it: that of the executable or, if blocks are fused, that of the circuits.
///
/// # Errors
///
/// [`Refused`] if the key or the proof does not decode, if the key is for another program, or if the proof is not valid.
pub fn verify(commitment: HexDigest, key: &[u8], proof: &[u8]) -> Result<Vec<u8>, Refused> {
    if codec::peek(key)?.engine == BabyBearWhirPoseidon2Engine::name() {
        verify_with::<BabyBearWhirPoseidon2Engine>(commitment, key, proof)
    } else {
        verify_with::<BabyBearPoseidon2Engine>(commitment, key, proof)
    }
}

fn verify_with<E: StarkEngine>(commitment: HexDigest, key: &[u8], proof: &[u8]) -> Result<Vec<u8>, Refused> {
    let (_, key) = codec::decode::<StoredRunKey<E>>(FileKind::VerifyingKey, E::name(), key, MAX_FILE_LEN)?;
    let key = key.load_trusted(&commitment.into())?;
    let longest = |segments: usize| key.max_run_len(segments.min(MAX_SEGMENTS));
    let (_, proof) = codec::decode_list(FileKind::ContinuationProof, E::name(), proof, MAX_FILE_LEN, longest)?;
    // The commitment to the executable is covered by the trusted one.
    Ok(key.verify_continuation(&key.exe_commitment(), &proof)?.public_values)
}
