//! Verifying keys of programs.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use vm_verifier::{ExeCommitment, RunVerifyingKey, StoredRunKey};

use crate::arch::{SystemConfig, VmConfig, VmInventoryError};
use crate::instructions::PC_LIMIT;
use crate::machine::audit::{MachineError, check_machine};
use crate::machine::complex::VmChipComplex;
use crate::machine::fusion::{Fusion, FusionError, FusionPlan};
use crate::stark::{AirSet, KeyLoadError, KeygenLimits, StarkEngine, VerifyingKey};
use crate::system::program::ProgramAir;

/// Verifying key of a program on a machine, for one proof engine.
pub struct VmVerifyingKey<E: StarkEngine, VC> {
    config: VC,
    run: RunVerifyingKey<E>,
    fusion: Arc<Fusion>,
}

/// Serialised form of a [`VmVerifyingKey`].
///
/// AIRs, constraints, lookups and limits are never trusted from a file: [`VmVerifyingKey::load`] rebuilds them from the
/// configuration and compares.
pub type StoredVmVerifyingKey<E, VC> = StoredRunKey<E, Nested<VC>>;

/// A configuration that binary formats contain as bytes, so that programs that do not know its type can skip it.
#[derive(Clone, Debug)]
pub struct Nested<VC>(pub VC);

impl<VC: Serialize> Serialize for Nested<VC> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.0.serialize(serializer);
        }
        postcard::to_allocvec(&self.0).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de, VC: DeserializeOwned> Deserialize<'de> for Nested<VC> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        if deserializer.is_human_readable() {
            return VC::deserialize(deserializer).map(Self);
        }
        let bytes = Vec::<u8>::deserialize(deserializer)?;
        postcard::from_bytes(&bytes).map(Self).map_err(Error::custom)
    }
}

/// Reason for which a stored verifying key is refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmKeyError {
    /// No machine can be built from the configuration in the key.
    #[error("no machine can be built from the key's configuration: {0}")]
    Config(#[from] VmInventoryError),
    /// An AIR of the machine breaks a rule of the program, the execution or memory, or uses a bus of others.
    #[error("the machine of the key's configuration is not sound: {0}")]
    Machine(#[from] MachineError),
    /// The backend's part of the key does not describe the machine of the configuration.
    #[error(transparent)]
    Stark(#[from] KeyLoadError),
    /// The digest in the key is not the digest of its content.
    #[error("the key's digest does not match its content: the file is corrupted or was altered")]
    Digest,
    /// The key has other limits of heights and instances than setup gives it.
    #[error("the key has other limits of heights and instances than its configuration says")]
    Limits,
    /// A fused block of the key's plan has no circuit.
    #[error("the key's plan of fused blocks: {0}")]
    Plan(#[from] FusionError),
    /// The entry point is 2^30 or greater, so it is no program counter.
    #[error("the key's entry point {pc_start:#x} is not a program counter: the limit is {PC_LIMIT:#x}")]
    EntryPoint {
        /// Entry point in the key.
        pc_start: u32,
    },
}

/// Returns the limits that key generation enforces for a configuration.
pub(in crate::machine) fn keygen_limits(system: &SystemConfig, airs: &AirSet, fusion: &Fusion) -> KeygenLimits {
    KeygenLimits {
        max_log_height: system.max_log_height,
        max_instances_per_air: system.max_instances,
        max_total_instances: system.max_total_instances(airs.airs.len(), fusion.circuits.len()),
    }
}

impl<E: StarkEngine, VC: VmConfig> VmVerifyingKey<E, VC> {
    /// Creates a key from its parts. `set` has all AIRs, those of fused blocks last.
    pub(in crate::machine) fn new(
        config: VC,
        fusion: Arc<Fusion>,
        mut set: AirSet,
        stark: Arc<VerifyingKey<E::SC>>,
        exe: ExeCommitment,
    ) -> Result<Self, KeyLoadError> {
        let mut run = RunVerifyingKey::new(config.system().run_layout(), Arc::clone(&stark), exe);
        if !fusion.plan.is_empty() {
            set.airs.truncate(set.airs.len() - fusion.num_airs());
            let plain = stark.digest_of_first(&set, keygen_limits(config.system(), &set, &Fusion::default()))?;
            run = run.with_plan(fusion.plan.encode(), plain);
        }
        Ok(Self { config, run, fusion })
    }

    /// Returns the circuits of fused blocks.
    pub fn fusion(&self) -> &Arc<Fusion> {
        &self.fusion
    }

    /// Returns the configuration of the machine.
    pub fn config(&self) -> &VC {
        &self.config
    }

    /// Returns the serialisable form of the key.
    pub fn to_stored(&self) -> StoredVmVerifyingKey<E, VC> {
        self.run.to_stored(Nested(self.config.clone()))
    }

    /// Rebuilds a key from its stored form. Every constraint comes from the configuration, not from the file.
    ///
    /// Loading only shows that the key is consistent. To decide whether it can be trusted, the caller compares
    /// [`RunVerifyingKey::digest`] with a known digest.
    ///
    /// # Errors
    /// - [`VmKeyError::Config`] if no machine can be built from the configuration in the key.
    /// - [`VmKeyError::Machine`] if an AIR of that machine breaks a rule that setup checks.
    /// - [`VmKeyError::Plan`] if the plan of fused blocks is out of limits, or one of them has no circuit.
    /// - [`VmKeyError::Limits`] if the key has other limits than setup gives it.
    /// - [`VmKeyError::Stark`] if the backend's part of the key does not describe that machine.
    /// - [`VmKeyError::EntryPoint`] if the entry point is not a program counter.
    /// - [`VmKeyError::Digest`] if the stored digest is not the digest of the rebuilt key.
    pub fn load(stored: StoredVmVerifyingKey<E, VC>) -> Result<Self, VmKeyError> {
        let Nested(config) = stored.config;
        let complex = VmChipComplex::new(&config)?;
        // Soundness: the circuits of fused blocks come from the plan and from those of the machine, which are checked below.
        let fusion = Arc::new(Fusion::new(FusionPlan::decode(&stored.plan)?, &mut complex.fuser())?);
        let complex = complex.with_fusion(Arc::clone(&fusion));
        let set = complex.air_set(ProgramAir::without_table());
        // Soundness (M36): the key may come from a program that does not make these checks.
        check_machine(&complex, &set)?;
        let stark = VerifyingKey::load(&set, stored.stark)?;
        // Soundness (M18): the commitment to the executable is that of a key with the limits of setup.
        if stark.body().limits != keygen_limits(config.system(), &set, &fusion) {
            return Err(VmKeyError::Limits);
        }
        if stored.exe.pc_start >= PC_LIMIT {
            return Err(VmKeyError::EntryPoint { pc_start: stored.exe.pc_start });
        }
        let key = Self::new(config, fusion, set, Arc::new(stark), stored.exe)?;
        let is_same = key.digest() == stored.digest && *key.layout() == stored.layout && key.plain() == stored.plain;
        if is_same { Ok(key) } else { Err(VmKeyError::Digest) }
    }
}

impl<E: StarkEngine, VC> std::ops::Deref for VmVerifyingKey<E, VC> {
    type Target = RunVerifyingKey<E>;

    fn deref(&self) -> &RunVerifyingKey<E> {
        &self.run
    }
}
