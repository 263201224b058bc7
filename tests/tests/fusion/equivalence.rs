//! Runs with fused blocks are the same runs, and all their traces are good.

use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_core::arch::{
    HostRng, Metered, MemoryController, Observer, PathFollower, PathTable, RunLimits, Streams, VmState, WrittenNodes, run,
};
use vm_core::machine::VmExecutor;
use vm_core::machine::fusion::Fusion;
use vm_core::system::memory::GuestMemory;
use vm_sdk::config::Rv32imVm;
use vm_tests::model::Exit;

use crate::programs::{Program, follow};
use crate::support::{complex, traces};

/// Programs whose paths are only followed, and plans of each.
const FOLLOWED: (u64, usize) = (500, 20);

#[test]
fn runs_are_followed_along_random_paths() {
    let config = Rv32imVm::default();
    let machine = complex(&config);
    let mut fuser = machine.fuser();
    let mut running = complex(&config);
    let system = config.system.clone();
    let (mut pairs, mut executions, mut traps) = (0, 0, 0);
    for seed in 0..FOLLOWED.0 {
        let program = Program::random(seed);
        traps += usize::from(matches!(program.exit, Exit::Trap(_)));
        let loaded = running.load_program(&program.exe.program);
        let rng = &mut StdRng::seed_from_u64(seed);
        for _ in 0..FOLLOWED.1 {
            let fusion = program.random_plan(&mut fuser, rng);
            let table = PathTable::new(&loaded, fusion.paths());
            let mut follower = PathFollower::new(&table, true);
            let memory = GuestMemory::from_image(&system.memory_config, system.num_public_values, &program.exe.init_memory);
            let written = WrittenNodes::of_image(&system.memory_config, &program.exe.init_memory);
            let executors = running.inventory.executors().len();
            let mode = Metered::new(&system.memory_config, system.num_public_values, executors, written);
            let mut vm = VmState::new(MemoryController::new(memory.unwrap(), mode), Streams::default(), HostRng::new(0));
            let limits = RunLimits { max_instructions: 1 << 20, clk_max_bits: system.memory_config.clk_max_bits };
            let (executors, phantom) = (running.inventory.executors_mut(), &mut running.base.phantom.executor);
            let observer = Observer { profile: None, paths: Some(&mut follower) };
            let result = run(&loaded, executors, phantom, &mut vm, program.exe.pc_start, limits, observer);
            assert_eq!(result.is_ok(), matches!(program.exit, Exit::Code(_)), "program {seed}");
            let expected = follow(&fusion, &program.executed);
            for (path, count) in follower.counts().iter().enumerate() {
                assert_eq!(*count, expected.iter().filter(|(other, _)| *other == path).count(), "program {seed}");
            }
            let found = follower.into_executions();
            assert_eq!(found.len(), expected.len());
            executions += found.len();
            pairs += 1;
        }
    }
    println!("{pairs} pairs, {executions} executions of paths, {traps} traps");
}

/// Numbers of programs and of plans of each.
const TRACED: (u64, usize) = (30, 5);

#[test]
fn traces_of_random_plans_are_good() {
    let config = Rv32imVm::default();
    let machine = complex(&config);
    let mut fuser = machine.fuser();
    let mut rows = 0;
    for seed in 0..TRACED.0 {
        let program = Program::random(1000 + seed);
        let rng = &mut StdRng::seed_from_u64(seed);
        let inputs = Vec::<Vec<u8>>::new;
        let plain = VmExecutor::new(config.clone()).execute(&program.exe, inputs());
        for plan in 0..TRACED.1 {
            let what = format!("program {seed}, plan {plan}");
            let fusion = Arc::new(program.random_plan(&mut fuser, rng));
            match (&plain, traces(&config, &program, &fusion)) {
                (Ok(plain), Ok(traces)) => {
                    let report = &traces.plan.report;
                    assert_eq!((plain.exit, &plain.public_values), (report.exit, &report.public_values), "{what}");
                    traces.assert_good(&machine, &what);
                    rows += follow(&fusion, &program.executed).len();
                }
                (Err(plain), Err(fused)) => assert_eq!(plain.to_string(), fused.to_string(), "{what}"),
                (plain, fused) => panic!("{what}: {} without, {} with paths", plain.is_ok(), fused.is_ok()),
            }
        }
    }
    println!("{rows} rows of fused blocks");
    let _: Option<&Fusion> = None;
    let _ = StdRng::seed_from_u64(0).random::<u8>();
}
