//! A machine, and the functions of its command.

pub mod extension;

use std::error::Error;
use std::path::Path;

use vm_sdk::guest_build::{self, BuildOptions};
use vm_sdk::prelude::*;

use extension::BitReversal;

/// RV32IM and an extension; add `#[extension]` fields for more extensions.
#[derive(Clone, Debug, Default, VmConfig)]
pub struct Machine {
    /// Memory, public values and limits.
    #[system]
    pub system: SystemConfig,
    /// The instructions of RISC-V, and input and output.
    #[extension]
    pub rv32im: Rv32im,
    /// The extension of this package.
    #[extension]
    pub bit_reversal: BitReversal,
}

/// Loads an executable. A folder is a guest package, which is built first.
pub fn load(path: &Path) -> Result<GuestProgram, Box<dyn Error>> {
    let elf = if guest_build::is_package(path) {
        guest_build::build(path, &BuildOptions::default())?.elf
    } else {
        path.to_owned()
    };
    Ok(GuestProgram::read_for(&elf, &Machine::default())?)
}

/// Proves a run, verifies the proof, and returns the public values that it shows.
pub fn prove(program: &GuestProgram, inputs: Inputs) -> Result<PublicValues, Box<dyn Error>> {
    let engine = BabyBearWhirPoseidon2Engine::new(SecurityPreset::Provable100);
    let vm = VirtualMachine::new(engine, Machine::default());
    let key = vm.setup(program.exe().clone())?;
    let proven = vm.prove(&key, inputs.into_vectors())?;
    let (report, security) = (&proven.report, &proven.security);
    eprintln!("{} instructions proven; {security}", report.instructions);

    // The verifier needs the verifying key and the proof. It trusts nothing in the proof.
    let verified = key
        .verifying_key()
        .verify(&key.exe_commitment(), &proven.proof)?;
    Ok(PublicValues::new(verified.public_values))
}
