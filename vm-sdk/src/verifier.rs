//! Verifying keys and proofs in files. This module and its dependencies are available without the feature `prover`.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use vm_core::arch::{Digest, HexDigest, VmConfig};
use vm_core::machine::fusion::FusionPlan;
use vm_core::machine::{ContinuationProof, MAX_SEGMENTS, VmChipComplex, VmVerifyingKey};
use vm_core::stark::codec::{self, FileHeader, FileKind, MAX_FILE_LEN};
use vm_core::stark::{AirSet, StarkEngine};
use vm_core::system::program::ProgramAir;

use crate::error::SdkError;
use crate::files;
use crate::report::{HexBytes, VerifyReport};
use crate::resources::{Stopwatch, peak_rss_bytes};

/// Verifies a proof that was read from a file. `exe_commitment` is the commitment of the program that the caller expects.
///
/// # Errors
///
/// - [`SdkError::PresetMismatch`] if the file has another security preset than the key;
/// - [`SdkError::Verification`] if the proof is not valid for the key and the program.
pub fn verify<E: StarkEngine, VC: VmConfig>(
    key: &VmVerifyingKey<E, VC>,
    exe_commitment: &Digest,
    proof: &ProofFile<E>,
) -> Result<VerifyReport, SdkError> {
    // Soundness (M22): the parameters are those of the key. The header of the file is only compared with them.
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
    /// The proof, not verified.
    pub proof: ContinuationProof<E>,
}

impl<E: StarkEngine> ProofFile<E> {
    /// Decodes a proof file. `path` is used in error messages. To verify the proof, prefer [`Self::decode_for`].
    ///
    /// # Errors
    ///
    /// [`SdkError::Codec`] if the bytes are not a proof file of this engine.
    pub fn decode(path: &Path, bytes: &[u8]) -> Result<Self, SdkError> {
        Self::decode_within(path, bytes, |_| usize::MAX)
    }

    /// Same as [`Self::decode`] for a proof that is to be verified with `key`: if the file is longer than any proof of
    /// as many segments that the key allows, nothing is decoded.
    ///
    /// # Errors
    ///
    /// [`SdkError::Codec`] if the bytes are not a proof file of this engine, or if there are too many of them.
    pub fn decode_for<VC: VmConfig>(key: &VmVerifyingKey<E, VC>, path: &Path, bytes: &[u8]) -> Result<Self, SdkError> {
        Self::decode_within(path, bytes, |segments| key.max_run_len(segments.min(MAX_SEGMENTS)))
    }

    /// Returns the plan of fused blocks that the proof shows. It is advice: whoever trusts the program derives the key with it.
    ///
    /// # Errors
    ///
    /// [`SdkError::Plan`] if the proof does not show a plan.
    pub fn plan(&self) -> Result<FusionPlan, SdkError> {
        FusionPlan::decode(&self.proof.plan).map_err(|source| SdkError::Plan { path: self.path.clone(), source })
    }

    fn decode_within(path: &Path, bytes: &[u8], max_body: impl FnOnce(usize) -> usize) -> Result<Self, SdkError> {
        let (header, proof) = codec::decode_list(FileKind::ContinuationProof, E::name(), bytes, MAX_FILE_LEN, max_body)
            .map_err(|source| SdkError::Codec { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), len: bytes.len(), header, proof })
    }
}

/// Reads a file of a key or proof, and decodes its header.
///
/// # Errors
///
/// - [`SdkError::File`] if the file cannot be read;
/// - [`SdkError::Codec`] if it does not start with a header.
pub fn read_file(path: &Path) -> Result<(FileHeader, Vec<u8>), SdkError> {
    let bytes = files::read(path, MAX_FILE_LEN as u64)?;
    let header = codec::peek(&bytes).map_err(|source| SdkError::Codec { path: path.to_owned(), source })?;
    Ok((header, bytes))
}

/// Decodes a verifying key file. The caller trusts the file, or compares the key's program commitment with a trusted one.
/// `path` is used in error messages.
///
/// # Errors
///
/// - [`SdkError::Codec`] if the bytes are not a verifying key of this engine and configuration type;
/// - [`SdkError::Key`] if the key contradicts its configuration.
pub fn decode_key<E, VC>(path: &Path, bytes: &[u8]) -> Result<VmVerifyingKey<E, VC>, SdkError>
where
    E: StarkEngine,
    VC: VmConfig + Serialize + DeserializeOwned,
{
    let (_, stored) = codec::decode(FileKind::VerifyingKey, E::name(), bytes, MAX_FILE_LEN)
        .map_err(|source| SdkError::Codec { path: path.to_owned(), source })?;
    VmVerifyingKey::load(stored).map_err(|source| SdkError::Key { path: path.to_owned(), source })
}

/// Encodes a verifying key as the contents of a file.
///
/// # Errors
///
/// [`SdkError::Encode`] if the configuration cannot be serialized or the key is too large.
pub fn encode_key<E, VC>(key: &VmVerifyingKey<E, VC>) -> Result<Vec<u8>, SdkError>
where
    E: StarkEngine,
    VC: VmConfig + Serialize + DeserializeOwned,
{
    codec::encode(FileKind::VerifyingKey, E::name(), key.stark().preset().name(), &key.to_stored())
        .map_err(|source| SdkError::Encode { what: "verifying key", source })
}

/// Returns the AIRs and buses of a machine with an empty program table, for listings.
///
/// # Errors
///
/// [`SdkError::Machine`] if the machine cannot be built.
pub fn machine_airs<VC: VmConfig>(config: &VC) -> Result<AirSet, SdkError> {
    Ok(VmChipComplex::new(config)?.air_set(ProgramAir::without_table()))
}
