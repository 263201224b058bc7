//! Proving keys of programs.

use std::sync::Arc;

use crate::arch::{Digest, Poseidon2Hasher, VmConfig};
use crate::instructions::VmExe;
use crate::machine::{CachedProgram, VmVerifyingKey};
use crate::stark::{ProvingKey, StarkEngine};
use crate::system::memory::MerkleTree;

/// Proving key of a program on a machine.
pub struct VmProvingKey<E: StarkEngine, VC> {
    pub(super) stark: ProvingKey<E::SC>,
    pub(super) verifying_key: VmVerifyingKey<E, VC>,
    pub(super) exe: Arc<VmExe>,
    pub(super) initial_tree: MerkleTree<Poseidon2Hasher>,
    pub(super) cached: CachedProgram,
}

impl<E: StarkEngine, VC> VmProvingKey<E, VC> {
    /// The verifying key.
    pub fn verifying_key(&self) -> &VmVerifyingKey<E, VC> {
        &self.verifying_key
    }

    /// Commitment of the executable: what a verifier has to know besides the verifying key.
    pub fn exe_commitment(&self) -> Digest
    where
        VC: VmConfig,
    {
        self.verifying_key.exe_commitment()
    }

    /// The executable.
    pub fn exe(&self) -> &VmExe {
        &self.exe
    }

    /// The backend's key.
    pub fn stark(&self) -> &ProvingKey<E::SC> {
        &self.stark
    }

    /// AIRs and program table.
    pub fn cached(&self) -> &CachedProgram {
        &self.cached
    }

    /// The memory tree at the start.
    pub fn initial_tree(&self) -> &MerkleTree<Poseidon2Hasher> {
        &self.initial_tree
    }
}
