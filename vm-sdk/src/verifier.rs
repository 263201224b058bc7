//! Verifying keys and proofs from files. All that is here, and all that it depends on, is there without the feature
//! `prover`.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use vm_core::arch::{Digest, HexDigest, VmConfig};
use vm_core::machine::{ContinuationProof, VmChipComplex, VmVerifyingKey};
use vm_core::stark::codec::{self, FileHeader, FileKind, MAX_FILE_LEN};
use vm_core::stark::{AirSet, StarkEngine};
use vm_core::system::program::ProgramAir;

use crate::error::SdkError;
use crate::files;
use crate::report::{HexBytes, VerifyReport};
use crate::resources::{Stopwatch, peak_rss_bytes};

/// Verifies a proof that was read from a file. `exe_commitment` is the program that the caller trusts.
pub fn verify<E: StarkEngine, VC: VmConfig>(
    key: &VmVerifyingKey<E, VC>,
    exe_commitment: &Digest,
    proof: &ProofFile<E>,
) -> Result<VerifyReport, SdkError> {
    // Soundness (M22): the parameters are the key's; what the file says about itself is only compared.
    let expected = key.stark().preset().name();
    if proof.header.preset != expected {
        return Err(SdkError::PresetMismatch { path: proof.path.clone(), expected, got: proof.header.preset.clone() });
    }
    let watch = Stopwatch::start();
    let run = key.verify_continuation(exe_commitment, &proof.proof)?;
    Ok(VerifyReport {
        verified: true,
        segments: run.segments,
        exit_code: 0,
        public_values: HexBytes(run.public_values),
        exe_commitment: HexDigest::from(*exe_commitment).to_string(),
        verify_seconds: watch.cost().seconds,
        setup_seconds: None,
        proof_bytes: proof.len,
        security_bits: run.security.bits,
        security_regime: run.security.regime,
        security_preset: run.security.preset,
        engine: E::name(),
        peak_rss_bytes: peak_rss_bytes(),
    })
}

/// A decoded proof file.
pub struct ProofFile<E: StarkEngine> {
    path: PathBuf,
    len: usize,
    /// Header of the file.
    pub header: FileHeader,
    /// The proof; nothing about it has been checked.
    pub proof: ContinuationProof<E>,
}

impl<E: StarkEngine> ProofFile<E> {
    /// Decodes a proof file; `path` is for messages.
    pub fn decode(path: &Path, bytes: &[u8]) -> Result<Self, SdkError> {
        let (header, proof) = codec::decode(FileKind::ContinuationProof, E::name(), bytes, MAX_FILE_LEN)
            .map_err(|source| SdkError::Codec { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), len: bytes.len(), header, proof })
    }
}

/// Reads the file and its header.
pub fn read_file(path: &Path) -> Result<(FileHeader, Vec<u8>), SdkError> {
    let bytes = files::read(path, MAX_FILE_LEN as u64)?;
    let header = codec::peek(&bytes).map_err(|source| SdkError::Codec { path: path.to_owned(), source })?;
    Ok((header, bytes))
}

/// A verifying key from a file. The caller trusts the file.
pub fn decode_key<E, VC>(path: &Path, bytes: &[u8]) -> Result<VmVerifyingKey<E, VC>, SdkError>
where
    E: StarkEngine,
    VC: VmConfig + Serialize + DeserializeOwned,
{
    let (_, stored) = codec::decode(FileKind::VerifyingKey, E::name(), bytes, MAX_FILE_LEN)
        .map_err(|source| SdkError::Codec { path: path.to_owned(), source })?;
    VmVerifyingKey::load(stored).map_err(|source| SdkError::Key { path: path.to_owned(), source })
}

/// A verifying key as a file.
pub fn encode_key<E, VC>(key: &VmVerifyingKey<E, VC>) -> Result<Vec<u8>, SdkError>
where
    E: StarkEngine,
    VC: VmConfig + Serialize + DeserializeOwned,
{
    codec::encode(FileKind::VerifyingKey, E::name(), key.stark().preset().name(), &key.to_stored())
        .map_err(|source| SdkError::Encode { what: "verifying key", source })
}

/// AIRs and buses of a machine, for listings: its program table is empty.
pub fn machine_airs<VC: VmConfig>(config: &VC) -> Result<AirSet, SdkError> {
    Ok(VmChipComplex::new(config)?.air_set(ProgramAir::without_table()))
}
