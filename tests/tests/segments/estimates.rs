//! Comparison of plans of unusual programs with their traces.

use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_core::arch::{GenerationError, SystemConfig};
use vm_core::machine::{MAX_SEGMENTS, VirtualMachine, VmProveError};
use vm_core::stark::{SecurityPreset, StarkEngine};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::fixtures;
use vm_tests::model::{asm, elf_of};

use super::corruption::Every;
use super::mutations::Engine;

fn machine(interval: u64, clk_max_bits: usize) -> VirtualMachine<Engine, Rv32imVm> {
    let strategy = Arc::new(Every(interval));
    let mut system = SystemConfig::default().with_continuations().with_segmentation_strategy(strategy);
    system.memory_config.clk_max_bits = clk_max_bits;
    VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), Rv32imVm { system, ..Rv32imVm::default() })
}

/// Random programs read and write words of a few distant pages, in several segments. Some writes store zero or restore
/// the old value, so there are nodes of the Merkle tree that are, were or become zero. Plans never have fewer hashes
/// than the traces.
#[test]
fn hashes_of_sparse_memory_are_never_underestimated() {
    let mut worst: f64 = 1.0;
    for seed in 0..12 {
        let rng = &mut StdRng::seed_from_u64(seed);
        let pages: Vec<u32> = (0..6).map(|_| rng.random_range(0x400..0x1_0000) << 12).collect();
        let mut code = Vec::new();
        for _ in 0..150 {
            code.extend(asm::li(5, pages[rng.random_range(0..pages.len())] + 4 * rng.random_range(0..40u32)));
            if rng.random() {
                code.push(asm::lw(6, 5, 0));
            } else {
                code.extend(asm::li(6, rng.random_range(0..3)));
                code.push(asm::sw(6, 5, 0));
            }
        }
        code.push(asm::terminate(0));
        let vm = machine([1 << 20, 100, 37, 7][seed as usize % 4], 29);
        let key =
            vm.setup(load_elf(&elf_of(&code, &[0, 0, 0, 0, 9], 0x20_0800), &Rv32imVm::default()).unwrap()).unwrap();
        let plan = vm.plan(&key, vec![]).unwrap();
        let mut runner = vm.segments(&key, vec![]).unwrap();
        for segment in &plan.segments {
            let ready = vm.execute_segment(&mut runner, segment).unwrap();
            let usage = ready.generate_proof_input(key.cached()).unwrap().usage;
            for ((air, _), &planned) in plan.airs.iter().zip(&segment.rows) {
                let actual = usage.iter().find(|usage| usage.air == *air).unwrap().rows;
                if air == "Poseidon2" {
                    assert!(planned >= actual, "seed {seed}: {planned} planned, {actual} actual");
                    worst = worst.max(planned as f64 / actual as f64);
                } else {
                    assert_eq!(planned, actual, "seed {seed}: {air}");
                }
            }
        }
    }
    println!("at most {worst:.3} times the hashes");
}

/// If the timestamps do not suffice for a check interval, it is counted again with a shorter interval.
#[test]
fn intervals_longer_than_the_clock_are_shortened() {
    let vm = machine(1 << 40, 17);
    let key = vm.setup(load_elf(fixtures::fibonacci(0).elf, &Rv32imVm::default()).unwrap()).unwrap();
    let inputs = fixtures::fibonacci(20_000).inputs;
    let plan = vm.plan(&key, inputs.clone()).unwrap();
    println!("{} segments", plan.segments.len());
    assert!(plan.segments.len() >= 2);
    let mut runner = vm.segments(&key, inputs).unwrap();
    for segment in &plan.segments {
        vm.execute_segment(&mut runner, segment).unwrap();
    }
    assert_eq!(runner.state().unwrap().instructions, plan.report.instructions);
}

/// The verifier refuses proofs with more than [`MAX_SEGMENTS`] segments, so such a run is not planned.
#[test]
fn runs_of_more_segments_than_a_proof_has_are_not_planned() {
    let vm = machine(1, 29);
    let key = vm.setup(load_elf(fixtures::fibonacci(0).elf, &Rv32imVm::default()).unwrap()).unwrap();
    let error = vm.plan(&key, fixtures::fibonacci(14_000).inputs).unwrap_err();
    let VmProveError::Generation(error) = error else { panic!("{error}") };
    assert_eq!(error, GenerationError::TooManySegments { max: MAX_SEGMENTS });
}
