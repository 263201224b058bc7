//! Declares a machine, proves a program on it and verifies the proof.
//!
//! ```text
//! cargo run --release -p chipwright-examples --bin prove_elf -- tests/fixtures/elf/fibonacci.elf 1000
//! ```
//!
//! The numbers after the ELF file are the input vectors, one little-endian word each.

use std::error::Error;

use vm_sdk::prelude::*;
use vm_sdk::transpiler::load_elf;

/// RV32IM and nothing else; add `#[extension]` fields for your own instructions.
#[derive(Clone, Debug, Default, VmConfig)]
struct MyVm {
    #[system]
    system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let elf = std::fs::read(args.next().ok_or("usage: prove_elf ELF [NUMBER]…")?)?;
    let inputs = args.map(|arg| arg.parse::<u32>().map(|n| n.to_le_bytes().to_vec())).collect::<Result<Vec<_>, _>>()?;

    let vm = VirtualMachine::new(BabyBearWhirPoseidon2Engine::new(SecurityPreset::Provable100), MyVm::default());
    let key = vm.setup(load_elf(&elf, vm.config())?)?;
    let proven = vm.prove(&key, inputs)?;
    println!("{} instructions proven; {}", proven.report.instructions, proven.security);

    // The verifier needs the verifying key and the proof. It trusts nothing in the proof.
    let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof)?;
    println!("public values: {:02x?}", run.public_values);
    Ok(())
}
