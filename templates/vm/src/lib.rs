//! A machine of its own, and what its command does as functions.

pub mod extension;

use std::error::Error;
use std::path::Path;

use vm_sdk::guest_build::{self, BuildOptions};
use vm_sdk::prelude::*;

use extension::BitReversal;

/// RV32IM and an extension; add `#[extension]` fields for more.
#[derive(Clone, Debug, Default, VmConfig)]
pub struct Machine {
    /// Memory, public values, limits.
    #[system]
    pub system: SystemConfig,
    /// The instructions of RISC-V, input and output.
    #[extension]
    pub rv32im: Rv32im,
    /// An instruction of our own.
    #[extension]
    pub bit_reversal: BitReversal,
}

/// Loads an executable, or builds the guest package in a folder and loads that.
pub fn load(path: &Path) -> Result<GuestProgram, Box<dyn Error>> {
    let elf = if guest_build::is_package(path) {
        guest_build::build(path, &BuildOptions::default())?.elf
    } else {
        path.to_owned()
    };
    Ok(GuestProgram::read_for(&elf, &Machine::default())?)
}

/// Proves a run, verifies the proof, and returns the public values of which the proof convinces.
pub fn prove(program: &GuestProgram, inputs: Inputs) -> Result<PublicValues, Box<dyn Error>> {
    let engine = BabyBearPoseidon2Engine::new(SecurityPreset::Provable100);
    let vm = VirtualMachine::new(engine, Machine::default());
    let key = vm.setup(program.exe().clone())?;
    let proven = vm.prove(&key, inputs.into_vectors())?;
    let (report, security) = (&proven.report, &proven.security);
    eprintln!("{} instructions proven; {security}", report.instructions);

    // The verifier has the verifying key and the proof, and trusts nothing in the proof.
    let verified = key
        .verifying_key()
        .verify(&key.exe_commitment(), &proven.proof)?;
    Ok(PublicValues::new(verified.public_values))
}
