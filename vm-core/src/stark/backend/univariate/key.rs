//! Verifying keys.

use p3_batch_stark::CommonData;
use p3_batch_stark::common::{GlobalPreprocessed, PreprocessedInstanceMeta};
use p3_blake3::Blake3;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::Lookups;
use p3_symmetric::CryptographicHasher;
use serde::{Deserialize, Serialize};

use crate::stark::air::{AirSet, F};
use crate::stark::keys::{
    AirDescriptor, BusDescriptor, KeyLoadError, KeygenLimits, SecurityParams, SecurityPreset, SecurityReport,
};

use super::air::BackendAir;
#[cfg(feature = "prover")]
use super::config::PcsData;
use super::config::{BackendConfig, Com};
use super::engine_config::EngineConfig;
use super::keygen::{Machine, analyse};
use super::security::{AirCost, BatchShape, report, worst_case};
#[cfg(feature = "prover")]
use {p3_matrix::dense::RowMajorMatrix, std::sync::Arc};

/// Version of the key encoding and of its digest.
pub const KEY_VERSION: u32 = 1;
/// Domain separation of the key digest.
const DIGEST_TAG: &[u8] = b"vm-core stark verifying key";

/// The serializable form of a verifying key. It describes the machine; constraints and lookups are always recomputed
/// from the machine's AIRs (see [`VerifyingKey::load`]), so a file cannot bring its own.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct StoredVerifyingKey<SC: BackendConfig> {
    /// Body, covered by the digest.
    pub body: KeyBody<SC>,
    /// Digest of the body; recomputed on load.
    pub digest: [F; 8],
}

/// Everything that the digest of a key covers.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct KeyBody<SC: BackendConfig> {
    /// Encoding version.
    pub version: u32,
    /// Engine name.
    pub engine: String,
    /// Preset that the parameters serve.
    pub preset: SecurityPreset,
    /// Protocol parameters.
    pub params: SecurityParams,
    /// Limits.
    pub limits: KeygenLimits,
    /// Least log2 height of the tallest trace of a proof.
    pub min_log_height: usize,
    /// AIRs, in key order.
    pub airs: Vec<AirDescriptor>,
    /// Buses.
    pub buses: Vec<BusDescriptor>,
    /// Commitment to all preprocessed traces, in the order of their AIRs.
    pub preprocessed: Option<Com<SC>>,
}

impl<SC: BackendConfig> KeyBody<SC> {
    /// Digest of the key: eight field elements.
    ///
    /// BLAKE3 of (tag length, tag, body length, body), each little-endian 32-bit word reduced modulo p. The encoding
    /// of the body is injective (postcard of a fixed type) and its length is hashed, so a collision is a collision of
    /// BLAKE3 composed with the reduction. A reduced word still takes p > 2^30.9 values, each with one or two
    /// preimages, so a collision costs about 2^123 work, as much as one of the commitments; BLAKE3 is used for every
    /// engine so that the digest does not depend on parameters that it has to bind.
    pub fn digest(&self) -> [F; 8] {
        // Serializing plain data into memory cannot fail.
        let body = postcard::to_stdvec(self).expect("key bodies serialize");
        tagged_digest(DIGEST_TAG, &body)
    }
}

/// Eight field elements that bind `tag` and `bytes`; see [`KeyBody::digest`].
pub fn tagged_digest(tag: &[u8], bytes: &[u8]) -> [F; 8] {
    let mut input = Vec::with_capacity(bytes.len() + tag.len() + 16);
    for part in [tag, bytes] {
        input.extend((part.len() as u64).to_le_bytes());
        input.extend(part);
    }
    let hash: [u8; 32] = Blake3.hash_iter(input);
    std::array::from_fn(|i| {
        let word = u32::from_le_bytes([hash[4 * i], hash[4 * i + 1], hash[4 * i + 2], hash[4 * i + 3]]);
        F::from_u32(word)
    })
}

/// Verifying key of a machine.
pub struct VerifyingKey<SC: BackendConfig> {
    pub(in crate::stark) body: KeyBody<SC>,
    pub(in crate::stark) digest: [F; 8],
    pub(in crate::stark) airs: Vec<BackendAir>,
    pub(in crate::stark) lookups: Vec<Lookups<F>>,
    pub(in crate::stark) costs: Vec<AirCost>,
    pub(in crate::stark) collision_bits: usize,
}

impl<SC: EngineConfig> VerifyingKey<SC> {
    pub(super) fn assemble(
        machine: Machine,
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
        Self {
            body,
            digest,
            airs: machine.airs,
            lookups: machine.lookups,
            costs: machine.costs,
            collision_bits: SC::COLLISION_BITS,
        }
    }

    /// Rebuilds a key from its stored form and the machine that it claims to describe.
    ///
    /// Constraints, bus messages and their packing come from `set`; everything that the stored key says is compared
    /// with what key generation derives from `set` (only preprocessed traces are not rebuilt: the commitment stands
    /// for them). The caller must still know that the digest is the one it trusts.
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
        let machine = analyse(set, body.preset, body.limits, SC::COLLISION_BITS, Some(&heights))?;
        for (expected, got) in machine.descriptors.iter().zip(&body.airs) {
            if expected != got {
                let at = format!(" (AIR `{}`, stored as `{}`)", expected.name, got.name);
                return Err(KeyLoadError::Mismatch { what: "AIR descriptions", at });
            }
        }
        // Soundness (M21): a stored key with weaker parameters, other buses or without its commitment is another key.
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
        Ok(key)
    }
}

impl<SC: BackendConfig> VerifyingKey<SC> {
    /// Digest that binds everything in the key.
    pub fn digest(&self) -> [F; 8] {
        self.digest
    }

    /// Everything that the digest covers.
    pub fn body(&self) -> &KeyBody<SC> {
        &self.body
    }

    /// AIR descriptors, in key order.
    pub fn airs(&self) -> &[AirDescriptor] {
        &self.body.airs
    }

    /// Index of the AIR with this name.
    pub fn air_index(&self, name: &str) -> Option<usize> {
        self.body.airs.iter().position(|a| a.name == name)
    }

    /// Commitment to the preprocessed traces (fixed tables and program).
    pub fn preprocessed_commitment(&self) -> Option<&Com<SC>> {
        self.body.preprocessed.as_ref()
    }

    /// Preset of the key.
    pub fn preset(&self) -> SecurityPreset {
        self.body.preset
    }

    /// Parameters of the key.
    pub fn params(&self) -> &SecurityParams {
        &self.body.params
    }

    /// The serializable form.
    pub fn to_stored(&self) -> StoredVerifyingKey<SC> {
        StoredVerifyingKey { body: self.body.clone(), digest: self.digest }
    }

    /// Security of the worst shape that the key allows.
    pub fn worst_case_security(&self) -> SecurityReport {
        worst_case(
            self.body.preset,
            &self.body.params,
            self.collision_bits,
            &self.body.limits,
            self.body.min_log_height,
            &self.body.airs,
            &self.costs,
        )
    }

    /// Security of a proof with these log2 heights per AIR, in key order. A height above the key's limit, with which no
    /// proof verifies, counts as the limit.
    pub fn security(&self, log_heights: &[Vec<usize>]) -> SecurityReport {
        let (mut batch, limit) = (BatchShape::default(), self.body.limits.max_log_height);
        for (cost, heights) in self.costs.iter().zip(log_heights) {
            batch.add(cost, heights.iter().map(|&height| height.min(limit)));
        }
        report(self.body.preset, &self.body.params, self.collision_bits, &batch)
    }

    /// Backend data for the instances of one proof: lookups and preprocessed metadata of the present AIRs.
    pub(super) fn common_data(&self, counts: &[usize]) -> CommonData<SC> {
        let mut lookups = Vec::new();
        let mut instances = Vec::new();
        let mut matrix_to_instance = Vec::new();
        for (air, &count) in counts.iter().enumerate() {
            let descriptor = &self.body.airs[air];
            for _ in 0..count {
                let meta = descriptor.preprocessed_log_height.map(|degree_bits| {
                    // Soundness (M15): such an AIR has exactly one instance (shape check), and AIRs keep key order,
                    // so matrix indices count up as they were committed.
                    matrix_to_instance.push(instances.len());
                    PreprocessedInstanceMeta {
                        matrix_index: matrix_to_instance.len() - 1,
                        width: descriptor.preprocessed_width,
                        degree_bits,
                    }
                });
                instances.push(meta);
                lookups.push(self.lookups[air].clone());
            }
        }
        let preprocessed = self.body.preprocessed.as_ref().map(|commitment| GlobalPreprocessed {
            commitment: commitment.clone(),
            instances,
            matrix_to_instance,
        });
        CommonData::new(preprocessed, lookups)
    }
}

impl<SC: BackendConfig> std::fmt::Debug for VerifyingKey<SC> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
/// Proving key: the verifying key and the committed preprocessed traces, reused by every proof.
pub struct ProvingKey<SC: BackendConfig> {
    pub(in crate::stark) vk: Arc<VerifyingKey<SC>>,
    pub(in crate::stark) preprocessed: Option<PcsData<SC>>,
}

#[cfg(feature = "prover")]
impl<SC: BackendConfig> ProvingKey<SC> {
    /// The verifying key.
    pub fn verifying_key(&self) -> &Arc<VerifyingKey<SC>> {
        &self.vk
    }

    /// The preprocessed trace of an AIR, if it has one.
    pub fn preprocessed_trace(&self, air: usize) -> Option<&RowMajorMatrix<F>> {
        self.vk.airs.get(air)?.preprocessed.as_deref()
    }
}

#[cfg(feature = "prover")]
impl<SC: BackendConfig> std::fmt::Debug for ProvingKey<SC> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProvingKey").field("vk", &self.vk).finish_non_exhaustive()
    }
}
