//! Real proofs of runs with fused blocks, under both engines.

use std::ops::Range;
use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::StdRng;
use vm_core::machine::fusion::FusionPlan;
use vm_core::machine::{VirtualMachine, VmExecutor, VmVerifyingKey};
use vm_core::stark::{BabyBearPoseidon2Engine, BabyBearWhirPoseidon2Engine, SecurityPreset, StarkEngine};
use vm_sdk::config::Rv32imVm;
use vm_tests::model::Exit;

use crate::programs::Program;
use crate::support::{Every, complex, in_segments};

/// Returns random programs that exit, each with a random plan some of whose paths it executes.
fn programs(seeds: Range<u64>) -> Vec<(Program, FusionPlan)> {
    let config = Rv32imVm::default();
    let machine = complex(&config);
    let mut fuser = machine.fuser();
    let with_plan = |seed| {
        let program = Program::random(seed);
        let fusion = program.random_plan(&mut fuser, &mut StdRng::seed_from_u64(seed));
        let plan = fusion.plan.clone();
        let executor = VmExecutor::new(config.clone()).with_fusion(Arc::new(fusion));
        let counts = executor.count_paths(&program.exe, program.inputs.clone()).ok()?;
        (program.exit == Exit::Code(0) && counts.iter().sum::<usize>() > 0).then_some((program, plan))
    };
    seeds.filter_map(with_plan).collect()
}

fn prove<E: StarkEngine>(programs: &[(Program, FusionPlan)]) {
    let vm = VirtualMachine::new(E::new(SecurityPreset::Conjectured100), Rv32imVm::default());
    assert!(programs.len() >= 4);
    for (program, plan) in programs {
        let key = vm.setup_fused(program.exe.clone(), plan.clone()).unwrap();
        let proven = vm.prove(&key, Vec::<Vec<u8>>::new()).unwrap();
        let encoded = postcard::to_stdvec(&key.verifying_key().to_stored()).unwrap();
        let loaded = VmVerifyingKey::<E, Rv32imVm>::load(postcard::from_bytes(&encoded).unwrap()).unwrap();
        let plain = vm.setup(program.exe.clone()).unwrap();
        let verified = loaded.verify(&plain.exe_commitment(), &proven.proof).unwrap();
        assert_eq!(verified.public_values, proven.report.public_values);
        let rows: usize = proven.usage.iter().filter(|air| air.air.starts_with("Block")).map(|air| air.rows).sum();
        assert!(rows > 0);
    }
}

fn prove_in_segments<E: StarkEngine>((program, plan): &(Program, FusionPlan), length: u64) {
    let vm = VirtualMachine::new(E::new(SecurityPreset::Conjectured100), in_segments(Every(length)));
    let key = vm.setup_fused(program.exe.clone(), plan.clone()).unwrap();
    let proven = vm.prove_continuation(&key, Vec::<Vec<u8>>::new()).unwrap();
    assert!(proven.proof.segments.len() >= 3);
    let loaded = VmVerifyingKey::<E, Rv32imVm>::load(key.verifying_key().to_stored()).unwrap();
    let plain = vm.setup(program.exe.clone()).unwrap();
    let verified = loaded.verify_continuation(&plain.exe_commitment(), &proven.proof).unwrap();
    assert_eq!(verified.public_values, proven.plan.report.public_values);
}

/// A program of some length for runs in segments.
fn long() -> (Program, FusionPlan) {
    let programs = programs(3000..3040);
    programs.into_iter().max_by_key(|(program, _)| program.executed.len()).unwrap()
}

#[test]
fn runs_are_proven_with_the_univariate_engine() {
    prove::<BabyBearPoseidon2Engine>(&programs(4000..4008));
}

#[test]
fn runs_are_proven_with_the_multilinear_engine() {
    prove::<BabyBearWhirPoseidon2Engine>(&programs(4000..4008));
}

#[test]
fn runs_in_segments_are_proven_with_both_engines() {
    let program = long();
    let length = program.0.executed.len() as u64 / 3;
    prove_in_segments::<BabyBearPoseidon2Engine>(&program, length);
    prove_in_segments::<BabyBearWhirPoseidon2Engine>(&program, length);
}
