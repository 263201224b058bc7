//! Verifying keys, their stored forms and their digest, and proving keys.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use p3_blake3::Blake3;
use p3_field::PrimeCharacteristicRing;
#[cfg(feature = "prover")]
use p3_matrix::dense::RowMajorMatrix;
use p3_symmetric::CryptographicHasher;
use serde::{Deserialize, Serialize};

use crate::air::{Circuit, F, SymbolicAir};
use crate::keys::{AirDescriptor, BusDescriptor, KeyLoadError, KeygenLimits, SecurityPreset, SecurityReport};

use super::air::BackendAir;
use super::config::{BackendConfig, Com, EngineConfig, MachineShape};
use super::cost::AirCost;
#[cfg(feature = "std")]
use {
    super::keygen::{Machine, analyse},
    crate::air::AirSet,
};

/// Version of the encoding of keys and of their digest.
pub const KEY_VERSION: u32 = 4;
/// Tag that separates the digests of keys from other digests.
const DIGEST_TAG: &[u8] = b"vm-core stark verifying key";

/// Serializable form of a verifying key.
///
/// It contains the circuits of the machine's AIRs as data. A verifier with the code of the machine derives them again
/// ([`VerifyingKey::load`]), so a file cannot replace them. A verifier without it must know the digest
/// ([`VerifyingKey::load_trusted`]), which covers them.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct StoredVerifyingKey<SC: BackendConfig> {
    /// Content of the key.
    pub body: KeyBody<SC>,
    /// Digest of the body. [`VerifyingKey::load`] checks it.
    pub digest: [F; 8],
    /// Constraints and messages of each AIR, in key order. The descriptions in the body have their digests.
    pub circuits: Vec<Circuit>,
}

/// Content of a key: everything that its digest covers.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct KeyBody<SC: BackendConfig> {
    /// Version of the encoding: [`KEY_VERSION`].
    pub version: u32,
    /// Name of the engine.
    pub engine: String,
    /// Security preset.
    pub preset: SecurityPreset,
    /// Protocol parameters, with which every allowed proof reaches the security of the preset.
    pub params: SC::Params,
    /// Limits of heights and instances.
    pub limits: KeygenLimits,
    /// log2 of the minimum height of a proof's tallest trace.
    pub min_log_height: usize,
    /// AIRs, in key order.
    pub airs: Vec<AirDescriptor>,
    /// Buses, in the order of the machine.
    pub buses: Vec<BusDescriptor>,
    /// Commitment to all preprocessed traces, in the order of their AIRs. `None` if there are no such traces.
    pub preprocessed: Option<Com<SC>>,
}

impl<SC: BackendConfig> KeyBody<SC> {
    /// Returns the digest of the key: eight field elements.
    ///
    /// They are the little-endian 32-bit words of the BLAKE3 hash of (tag length, tag, body length, body), each reduced
    /// modulo p. The body is encoded injectively (postcard of a fixed type), and its length is hashed, so two keys with
    /// the same digest give a collision of BLAKE3 followed by the reduction. A reduced word takes p > 2^30.9 values,
    /// each with two or three preimages, so a collision takes about 2^123 hashes, as many as a collision of
    /// commitments.
    ///
    /// All engines use BLAKE3 here, so the digest does not depend on parameters that it has to bind.
    pub fn digest(&self) -> [F; 8] {
        // Plain data always serializes into memory.
        let body = postcard::to_allocvec(self).expect("key bodies serialize");
        tagged_digest(DIGEST_TAG, &body)
    }
}

/// Returns a digest of `tag` and `bytes`: eight field elements, computed as described at [`KeyBody::digest`].
pub fn tagged_digest(tag: &[u8], bytes: &[u8]) -> [F; 8] {
    let mut input = Vec::with_capacity(bytes.len() + tag.len() + 16);
    for part in [tag, bytes] {
        input.extend((part.len() as u64).to_le_bytes());
        input.extend(part);
    }
    let hash: [u8; 32] = Blake3.hash_iter(input);
    core::array::from_fn(|i| {
        let word = u32::from_le_bytes([hash[4 * i], hash[4 * i + 1], hash[4 * i + 2], hash[4 * i + 3]]);
        F::from_u32(word)
    })
}

/// Verifying key of a machine. It belongs to a configuration and a program.
pub struct VerifyingKey<SC: EngineConfig> {
    pub(crate) body: KeyBody<SC>,
    pub(crate) digest: [F; 8],
    pub(crate) airs: Vec<BackendAir>,
    /// What the backend derived from each AIR.
    pub(super) derived: Vec<SC::Derived>,
    pub(super) costs: Vec<AirCost>,
}

/// Checks that circuits are those that a key describes.
fn check_circuits<SC: BackendConfig>(body: &KeyBody<SC>, circuits: &[Circuit]) -> Result<(), KeyLoadError> {
    for (index, air) in body.airs.iter().enumerate() {
        let is_described =
            |circuit: &Circuit| circuit.digest() == air.symbolic_digest && circuit.is_well_formed(&air.widths());
        if !circuits.get(index).is_some_and(is_described) {
            return Err(KeyLoadError::Circuit { air: air.name.clone() });
        }
    }
    if circuits.len() > body.airs.len() {
        return Err(KeyLoadError::Mismatch { what: "numbers of circuits", at: String::new() });
    }
    Ok(())
}

impl<SC: EngineConfig> VerifyingKey<SC> {
    #[cfg(feature = "std")]
    pub(super) fn assemble(
        machine: Machine<SC>,
        preset: SecurityPreset,
        limits: KeygenLimits,
        preprocessed: Option<Com<SC>>,
    ) -> Self {
        let body = KeyBody {
            version: KEY_VERSION,
            engine: SC::NAME.into(),
            preset,
            params: machine.params,
            limits,
            min_log_height: machine.min_log_height,
            airs: machine.descriptors,
            buses: machine.buses,
            preprocessed,
        };
        let digest = body.digest();
        Self { body, digest, airs: machine.airs, derived: machine.derived, costs: machine.costs }
    }

    /// Makes the key of a machine whose code is not at hand. `digest` is that of the key that the caller trusts.
    ///
    /// Soundness (M21): the digest covers the descriptions of AIRs and so the digests of their circuits. What passes is what
    /// key generation made when it made the trusted digest, so nothing is derived again.
    ///
    /// # Errors
    ///
    /// - [`KeyLoadError::Untrusted`] if this is another key than the trusted one.
    /// - [`KeyLoadError::Engine`] if the key was made by another engine.
    /// - [`KeyLoadError::Circuit`] if a circuit is not the one that the key describes.
    /// - [`KeyLoadError::Mismatch`] if there are more circuits than AIRs.
    pub fn load_trusted(stored: StoredVerifyingKey<SC>, digest: &[F; 8]) -> Result<Self, KeyLoadError> {
        let StoredVerifyingKey { body, circuits, .. } = stored;
        if body.digest() != *digest {
            return Err(KeyLoadError::Untrusted);
        }
        if body.engine != SC::NAME {
            return Err(KeyLoadError::Engine { expected: SC::NAME.into(), got: body.engine });
        }
        check_circuits(&body, &circuits)?;
        let mut key = Self { digest: *digest, airs: Vec::new(), derived: Vec::new(), costs: Vec::new(), body };
        for (air, circuit) in key.body.airs.iter().zip(circuits) {
            let symbolic = Arc::new(SymbolicAir::of_circuit(&circuit));
            let backend = BackendAir::new(Arc::new(circuit), symbolic, air.widths());
            let (derived, packing) = SC::derive(&backend);
            key.costs.push(AirCost::new(&backend, packing));
            key.derived.push(derived);
            key.airs.push(backend);
        }
        Ok(key)
    }

    /// Rebuilds a key from its stored form and the machine that it should describe.
    ///
    /// Constraints, messages and their packing into lookup columns come from `set`. All other parts of the stored key
    /// are compared with what key generation derives from `set`, except the commitment to the preprocessed traces,
    /// which are not rebuilt. So the caller must compare the digest of the key with a digest that it trusts.
    ///
    /// # Errors
    ///
    /// - [`KeyLoadError::Engine`] if the key was made by another engine.
    /// - [`KeyLoadError::Keygen`] if key generation rejects the machine with the preset and limits of the key.
    /// - [`KeyLoadError::Mismatch`] if a part of the key differs from the machine.
    /// - [`KeyLoadError::Digest`] if the stored digest is not that of the body.
    /// - [`KeyLoadError::Circuit`] if a circuit is not that of its AIR.
    #[cfg(feature = "std")]
    pub fn load(set: &AirSet, stored: StoredVerifyingKey<SC>) -> Result<Self, KeyLoadError> {
        let body = stored.body;
        if body.engine != SC::NAME {
            return Err(KeyLoadError::Engine { expected: SC::NAME.into(), got: body.engine });
        }
        let mismatch = |what| Err(KeyLoadError::Mismatch { what, at: String::new() });
        if body.version != KEY_VERSION {
            return mismatch("encoding versions");
        }
        if body.airs.len() != set.airs.len() {
            return mismatch("numbers of AIRs");
        }
        let heights: Vec<_> = body.airs.iter().map(|a| a.preprocessed_log_height).collect();
        let machine = analyse::<SC>(set, body.preset, body.limits, Some(&heights))?;
        for (expected, got) in machine.descriptors.iter().zip(&body.airs) {
            if expected != got {
                let at = format!(" (AIR `{}`, stored as `{}`)", expected.name, got.name);
                return Err(KeyLoadError::Mismatch { what: "AIR descriptions", at });
            }
        }
        // Soundness (M21): a key with weaker parameters, other buses or no commitment is rejected.
        if machine.buses != body.buses {
            return mismatch("bus declarations");
        }
        if machine.params != body.params || machine.min_log_height != body.min_log_height {
            return mismatch("security parameters");
        }
        let has_preprocessed = body.airs.iter().any(|a| a.preprocessed_width > 0);
        if has_preprocessed != body.preprocessed.is_some() {
            return mismatch("preprocessed commitments");
        }
        let key = Self::assemble(machine, body.preset, body.limits, body.preprocessed);
        if key.digest != stored.digest {
            return Err(KeyLoadError::Digest);
        }
        // Nothing here uses them, but a verifier without the machine's code would.
        check_circuits(&key.body, &stored.circuits)?;
        Ok(key)
    }
}

impl<SC: EngineConfig> VerifyingKey<SC> {
    /// Returns the digest of the key that this one would be for the first AIRs only: those of `set`, with other limits.
    ///
    /// # Errors
    ///
    /// [`KeyLoadError::Keygen`] if key generation rejects this machine, [`KeyLoadError::Mismatch`] if other AIRs have
    /// preprocessed traces.
    #[cfg(feature = "std")]
    pub fn digest_of_first(&self, set: &AirSet, limits: KeygenLimits) -> Result<[F; 8], KeyLoadError> {
        let heights: Vec<_> = self.body.airs.iter().map(|air| air.preprocessed_log_height).collect();
        match heights.split_at_checked(set.airs.len()) {
            Some((first, others)) if others.iter().all(Option::is_none) => {
                let machine = analyse::<SC>(set, self.body.preset, limits, Some(first))?;
                Ok(Self::assemble(machine, self.body.preset, limits, self.body.preprocessed.clone()).digest)
            }
            _ => Err(KeyLoadError::Mismatch { what: "preprocessed traces", at: String::new() }),
        }
    }

    /// Returns the digest, which covers everything in the key.
    pub fn digest(&self) -> [F; 8] {
        self.digest
    }

    /// Returns the content of the key.
    pub fn body(&self) -> &KeyBody<SC> {
        &self.body
    }

    /// Returns the descriptions of the AIRs, in key order.
    pub fn airs(&self) -> &[AirDescriptor] {
        &self.body.airs
    }

    /// Returns the index of the AIR with this name, or `None` if there is none.
    pub fn air_index(&self, name: &str) -> Option<usize> {
        self.body.airs.iter().position(|a| a.name == name)
    }

    /// Returns the commitment to the preprocessed traces (fixed tables and program table), or `None` if there are none.
    pub fn preprocessed_commitment(&self) -> Option<&Com<SC>> {
        self.body.preprocessed.as_ref()
    }

    /// Returns the security preset.
    pub fn preset(&self) -> SecurityPreset {
        self.body.preset
    }

    /// Returns the protocol parameters.
    pub fn params(&self) -> &SC::Params {
        &self.body.params
    }

    /// Returns the serializable form.
    pub fn to_stored(&self) -> StoredVerifyingKey<SC> {
        let circuits = self.airs.iter().map(|air| (*air.circuit).clone()).collect();
        StoredVerifyingKey { body: self.body.clone(), digest: self.digest, circuits }
    }

    fn shape(&self) -> MachineShape<'_> {
        MachineShape {
            preset: self.body.preset,
            limits: &self.body.limits,
            min_log_height: self.body.min_log_height,
            airs: &self.airs,
            descriptors: &self.body.airs,
            costs: &self.costs,
        }
    }

    /// Returns an upper bound on the length in bytes of an encoded [`Proof`](super::Proof) that the key allows. No
    /// longer file needs to be read.
    pub fn max_proof_len(&self) -> usize {
        SC::max_proof_len(&self.shape(), &self.body.params)
    }

    /// Returns the security of the least secure proof that the key allows.
    pub fn worst_case_security(&self) -> SecurityReport {
        SC::worst_case(&self.shape(), &self.body.params)
    }

    /// Returns the security of proofs of one shape. `log_heights` has one list per AIR, in key order, with log2 of the
    /// height of each instance. Heights above the key's limit, with which no proof verifies, count as the limit.
    pub fn security(&self, log_heights: &[Vec<usize>]) -> SecurityReport {
        let limit = self.body.limits.max_log_height;
        let capped: Vec<Vec<usize>> =
            log_heights.iter().map(|list| list.iter().map(|&height| height.min(limit)).collect()).collect();
        SC::security(&self.shape(), &self.body.params, &capped)
    }
}

impl<SC: EngineConfig> core::fmt::Debug for VerifyingKey<SC> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let airs: Vec<&str> = self.body.airs.iter().map(|a| a.name.as_str()).collect();
        f.debug_struct("VerifyingKey")
            .field("engine", &self.body.engine)
            .field("preset", &self.body.preset)
            .field("airs", &airs)
            .field("digest", &self.digest)
            .finish()
    }
}

#[cfg(feature = "prover")]
/// Proving key of a machine: the verifying key and the committed preprocessed traces, which all proofs use.
pub struct ProvingKey<SC: EngineConfig> {
    pub(crate) vk: Arc<VerifyingKey<SC>>,
    pub(crate) preprocessed: Option<SC::Preprocessed>,
}

#[cfg(feature = "prover")]
impl<SC: EngineConfig> ProvingKey<SC> {
    /// Returns the verifying key.
    pub fn verifying_key(&self) -> &Arc<VerifyingKey<SC>> {
        &self.vk
    }

    /// Returns the preprocessed trace of the AIR with this index, or `None` if it has none.
    pub fn preprocessed_trace(&self, air: usize) -> Option<&RowMajorMatrix<F>> {
        self.vk.airs.get(air)?.preprocessed.as_deref()
    }
}

#[cfg(feature = "prover")]
impl<SC: EngineConfig> core::fmt::Debug for ProvingKey<SC> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ProvingKey").field("vk", &self.vk).finish_non_exhaustive()
    }
}
