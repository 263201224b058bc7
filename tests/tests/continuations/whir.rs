//! Runs in several segments with the multilinear engine.

use std::sync::Arc;

use vm_core::arch::SystemConfig;
use vm_core::instructions::VmExe;
use vm_core::machine::{ContinuationProof, VerifiedRun, VirtualMachine, VmProvingKey, VmVerificationError};
use vm_core::stark::{BabyBearBlake3Engine, F, SecurityPreset, StarkEngine, VerifyError};
use vm_sdk::config::Rv32imVm;
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::transpiler::load_elf;
use vm_tests::fixtures;

use super::support::{Engine, Every};

type Key = VmProvingKey<Engine, Rv32imVm>;
type Proof = ContinuationProof<Engine>;

fn verify(key: &Key, proof: &Proof) -> Result<VerifiedRun, VmVerificationError> {
    key.verifying_key().verify_continuation(&key.exe_commitment(), proof)
}

/// A run in several segments verifies, and neither its segments nor what is in them can be changed.
#[test]
fn segments_are_proven_and_chained() {
    let system = SystemConfig::default().with_continuations().with_segmentation_strategy(Arc::new(Every(2000)));
    let vm = VirtualMachine::new(Engine::new(SecurityPreset::Provable100), Rv32imVm { system, ..Rv32imVm::default() });
    let fixture = fixtures::fibonacci(1000);
    let key = vm.setup(load_elf(fixture.elf, &Rv32imVm::default()).unwrap()).unwrap();
    let proven = vm.prove_continuation(&key, fixture.inputs).unwrap();
    assert_eq!(proven.proof.segments.len(), 3);
    let run = verify(&key, &proven.proof).unwrap();
    assert!(run.security.reaches_target(), "{}", run.security);

    let encoded = postcard::to_stdvec(&proven.proof).unwrap();
    let refused = |what: &str, alter: &dyn Fn(&mut Proof)| {
        let mut proof: Proof = postcard::from_bytes(&encoded).unwrap();
        alter(&mut proof);
        verify(&key, &proof).map(drop).expect_err(what)
    };
    refused("fewer segments", &|proof| drop(proof.segments.remove(1)));
    refused("exchanged segments", &|proof| proof.segments.swap(0, 1));
    for segment in 0..3 {
        let error = refused("another height", &|proof| proof.segments[segment].stark.batch.log_heights[0] += 1);
        assert!(matches!(error, VmVerificationError::Stark { segment: s, .. } if s == segment), "{error}");
        let error = refused("another proof of work", &|proof| {
            proof.segments[segment].stark.batch.proof.commitment.pow_witness += F::ONE;
        });
        assert!(matches!(error, VmVerificationError::Stark { segment: s, .. } if s == segment), "{error}");
        let error = refused("an exchanged proof", &|proof| {
            let (left, right) = proof.segments.split_at_mut(1);
            std::mem::swap(&mut left[0].stark.batch, &mut right[segment.max(1) - 1].stark.batch);
        });
        assert!(matches!(error, VmVerificationError::Stark { segment: 0, .. }), "{error}");
        // The public values of a segment are part of what its proof says.
        for air in 0..proven.proof.segments[segment].stark.public_values.len() {
            if !proven.proof.segments[segment].stark.public_values[air].is_empty() {
                refused("another public value", &|proof| {
                    proof.segments[segment].stark.public_values[air][0] += F::ONE;
                });
            }
        }
    }
    // A proof for another position in the run.
    let error = refused("a segment twice", &|proof| {
        let copy = postcard::to_stdvec(&proof.segments[1].stark).unwrap();
        proof.segments[2].stark = postcard::from_bytes(&copy).unwrap();
    });
    let is_chained = !matches!(error, VmVerificationError::Stark { source: VerifyError::Malformed(_), .. });
    assert!(is_chained, "{error}");
}

/// Returns the bytes of memory that the plan of a run in one segment counts.
fn planned<E: StarkEngine>(preset: SecurityPreset, exe: &VmExe, inputs: &[Vec<u8>]) -> usize {
    let system = SystemConfig::default().with_continuations();
    let vm = VirtualMachine::new(E::new(preset), Rv32imVm { system, ..Rv32imVm::default() });
    let plan = vm.plan(&vm.setup(exe.clone()).unwrap(), inputs.to_vec()).unwrap();
    assert_eq!(plan.segments.len(), 1);
    plan.memory
}

/// Plans count what the prover of this engine holds, which is more than for the univariate ones.
#[test]
fn plans_count_the_memory_of_the_engine() {
    let fixture = fixtures::fibonacci(100_000);
    let exe = load_elf(fixture.elf, &Rv32imVm::default()).unwrap();
    let whir = planned::<Engine>(SecurityPreset::Provable100, &exe, &fixture.inputs);
    let fri = planned::<BabyBearBlake3Engine>(SecurityPreset::Provable100, &exe, &fixture.inputs);
    println!("{} and {} MiB", whir >> 20, fri >> 20);
    assert!(whir > fri + fri / 4, "{whir} and {fri}");
}

/// Plans also count that codes are longer with the preset for small proofs.
#[test]
fn plans_count_the_memory_of_the_preset() {
    let fixture = fixtures::fibonacci(100_000);
    let exe = load_elf(fixture.elf, &Rv32imVm::default()).unwrap();
    let (usual, small) = (SecurityPreset::Provable100, SecurityPreset::Small100);
    let whir = [usual, small].map(|preset| planned::<Engine>(preset, &exe, &fixture.inputs));
    let fri = [usual, small].map(|preset| planned::<BabyBearBlake3Engine>(preset, &exe, &fixture.inputs));
    for [usual, small] in [whir, fri] {
        println!("{} and {} MiB", usual >> 20, small >> 20);
        assert!(small > usual + usual / 8 && small < 2 * usual, "{usual} and {small}");
    }
}
