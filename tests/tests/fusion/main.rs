//! Fused blocks.

use vm_core::arch::VmConfig;
use vm_core::machine::fusion::{FusionBudget, FusionPlan};
use vm_core::machine::{VirtualMachine, VmExecutor, VmVerifyingKey};
use vm_core::stark::{BabyBearPoseidon2Engine, BabyBearWhirPoseidon2Engine, SecurityPreset, StarkEngine};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;

fn both<E: StarkEngine>(file: &str, input: u32) {
    let elf = std::fs::read(format!("/work/shared/bench/{file}.elf")).unwrap();
    let config = Rv32imVm::default();
    let exe = load_elf(&elf, &config).unwrap();
    let inputs: Vec<Vec<u8>> = vec![input.to_le_bytes().to_vec()];
    let vm = VirtualMachine::new(E::new(SecurityPreset::Provable100), config.clone());
    let start = std::time::Instant::now();
    let plan = vm.executor.choose_plan(&exe, inputs.clone(), FusionBudget::DEFAULT).unwrap();
    println!("chosen in {:?}: {} paths", start.elapsed(), plan.paths.len());
    let mut commitments = Vec::new();
    for plan in [FusionPlan::default(), plan] {
        let start = std::time::Instant::now();
        let key = vm.setup_fused(exe.clone(), plan).unwrap();
        println!("setup {:?}", start.elapsed());
        commitments.push(key.exe_commitment());
        let start = std::time::Instant::now();
        let proven = vm.prove(&key, inputs.clone()).unwrap();
        println!("prove {:?} {:?}", start.elapsed(), proven.seconds);
        for u in &proven.usage {
            println!("   {} {} rows {} padded {}", u.air, u.width, u.rows, u.padded_rows);
        }
        let start = std::time::Instant::now();
        let loaded = VmVerifyingKey::<E, Rv32imVm>::load(key.verifying_key().to_stored()).unwrap();
        println!("load {:?}", start.elapsed());
        let len = postcard::to_allocvec(&proven.proof).unwrap().len();
        let start = std::time::Instant::now();
        loaded.verify(&key.exe_commitment(), &proven.proof).unwrap();
        println!("verify {:?} {len} bytes", start.elapsed());
    }
    assert_eq!(commitments[0], commitments[1]);
}

#[test]
fn explore() {
    both::<BabyBearWhirPoseidon2Engine>("mixed", 120);
    both::<BabyBearWhirPoseidon2Engine>("fib", 100_000);
}
