//! Proving keys of programs.

use std::sync::Arc;

use crate::arch::{Digest, Poseidon2Hasher, VmConfig};
use crate::instructions::VmExe;
use crate::machine::{CachedProgram, VmVerifyingKey};
use crate::stark::{ProvingKey, StarkEngine};
use crate::system::memory::MerkleTree;

/// Proving key of a program on a machine, for one proof engine.
pub struct VmProvingKey<E: StarkEngine, VC> {
    pub(super) stark: ProvingKey<E::SC>,
    pub(super) verifying_key: VmVerifyingKey<E, VC>,
    pub(super) exe: Arc<VmExe>,
    pub(super) initial_tree: MerkleTree<Poseidon2Hasher>,
    pub(super) cached: CachedProgram,
}

impl<E: StarkEngine, VC> VmProvingKey<E, VC> {
    /// Returns the verifying key.
    pub fn verifying_key(&self) -> &VmVerifyingKey<E, VC> {
        &self.verifying_key
    }

    /// Returns the commitment to the executable, which the verifier takes along with the verifying key.
    pub fn exe_commitment(&self) -> Digest
    where
        VC: VmConfig,
    {
        self.verifying_key.exe_commitment()
    }

    /// Returns the executable.
    pub fn exe(&self) -> &VmExe {
        &self.exe
    }

    /// Returns the proving key of the backend.
    pub fn stark(&self) -> &ProvingKey<E::SC> {
        &self.stark
    }

    /// Returns the AIRs and the program table, which all segments of the program share.
    pub fn cached(&self) -> &CachedProgram {
        &self.cached
    }

    /// Returns the memory tree before the first instruction.
    pub fn initial_tree(&self) -> &MerkleTree<Poseidon2Hasher> {
        &self.initial_tree
    }
}
