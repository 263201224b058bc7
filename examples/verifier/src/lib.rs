//! A verifier without a prover. It also compiles for targets without an operating system, such as
//! `wasm32-unknown-unknown`.

use std::path::Path;

use vm_sdk::arch::HexDigest;
use vm_sdk::config::Rv32imVm;
use vm_sdk::error::SdkError;
use vm_sdk::stark::BabyBearPoseidon2Engine;
use vm_sdk::verifier::{self, ProofFile};

/// Verifies a proof and returns the public values of the run. The key need not be trusted, because
/// its program is compared with `exe_commitment` and its circuits are rebuilt from its configuration.
///
/// # Errors
///
/// [`SdkError`] if the key or the proof does not decode, if the key is for another program, or if the proof is not valid.
pub fn verify(exe_commitment: HexDigest, key: &[u8], proof: &[u8]) -> Result<Vec<u8>, SdkError> {
    let key = verifier::decode_key::<BabyBearPoseidon2Engine, Rv32imVm>(Path::new("key"), key)?;
    let proof = ProofFile::decode_for(&key, Path::new("proof"), proof)?;
    Ok(verifier::verify(&key, &exe_commitment.into(), &proof)?.public_values.0)
}
