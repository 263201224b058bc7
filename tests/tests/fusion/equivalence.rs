//! Runs with fused blocks are the same runs, and all their traces are good.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_core::arch::{
    HostRng, MemoryController, Metered, Observer, PathFollower, PathTable, RunLimits, Streams, VmState, WrittenNodes,
    run,
};
use vm_core::instructions::Instruction;
use vm_core::machine::VmExecutor;
use vm_core::machine::fusion::{Fusion, FusionPlan};
use vm_core::system::memory::GuestMemory;
use vm_sdk::config::Rv32imVm;
use vm_tests::model::{Exit, asm};

use crate::programs::{Program, assert_followed};
use crate::support::{Every, complex, in_segments, traces};

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
        // Ticks of each instruction that can be fused.
        let mut fuse = |(pc, instruction): (&u32, &Instruction)| fuser.fuse(&[(*pc, *instruction)]).ok();
        let ticks: BTreeMap<u32, u32> =
            program.instructions.iter().filter_map(|step| Some((*step.0, fuse(step)?.0.ticks))).collect();
        let rng = &mut StdRng::seed_from_u64(seed);
        for plan in 0..FOLLOWED.1 {
            let what = format!("program {seed}, plan {plan}");
            let fusion = program.random_plan(&mut fuser, rng);
            let table = PathTable::new(&loaded, fusion.timed_paths());
            let mut follower = PathFollower::new(&table, true);
            let memory =
                GuestMemory::from_image(&system.memory_config, system.num_public_values, &program.exe.init_memory);
            let written = WrittenNodes::of_image(&system.memory_config, &program.exe.init_memory);
            let count = running.inventory.executors().len();
            let mode = Metered::new(&system.memory_config, system.num_public_values, count, written);
            let mut vm =
                VmState::new(MemoryController::new(memory.unwrap(), mode), Streams::default(), HostRng::new(0));
            let start = vm.memory.timestamp();
            let limits = RunLimits { max_instructions: 1 << 20, clk_max_bits: system.memory_config.clk_max_bits };
            let (executors, phantom) = (running.inventory.executors_mut(), &mut running.base.phantom.executor);
            let observer = Observer { paths: Some(&mut follower), ..Observer::default() };
            let result = run(&loaded, executors, phantom, &mut vm, program.exe.pc_start, limits, observer);
            assert_eq!(result.is_ok(), matches!(program.exit, Exit::Code(_)), "{what}");
            follower.end(&loaded);

            let times = program.executed.iter().scan(start, |time, pc| {
                let now = *time;
                *time += ticks.get(pc).unwrap_or(&0);
                Some(now)
            });
            let at: BTreeMap<u32, usize> = times.zip(0..).collect();
            let counts = follower.counts().to_vec();
            let found: Vec<(usize, usize)> = follower
                .into_executions()
                .iter()
                .map(|execution| (execution.path as usize, at[&execution.timestamp]))
                .collect();
            for (path, count) in counts.iter().enumerate() {
                assert_eq!(*count, found.iter().filter(|(other, _)| *other == path).count(), "{what}");
            }
            if program.exit == Exit::Code(0) {
                assert_followed(&fusion, &program.executed, &found, &what);
            }
            executions += found.len();
            pairs += 1;
        }
    }
    println!("{pairs} pairs, {executions} executions of paths, {traps} traps");
}

/// Numbers of programs and of plans of each.
const TRACED: (u64, usize) = (60, 5);

#[test]
fn traces_of_random_plans_are_good() {
    let config = Rv32imVm::default();
    let machine = complex(&config);
    let mut fuser = machine.fuser();
    let mut rows = 0;
    for seed in 0..TRACED.0 {
        let program = Program::random(1000 + seed);
        let rng = &mut StdRng::seed_from_u64(seed);
        let plain = VmExecutor::new(config.clone()).execute(&program.exe, Vec::<Vec<u8>>::new());
        for plan in 0..TRACED.1 {
            let what = format!("program {seed}, plan {plan}");
            let fusion = Arc::new(program.random_plan(&mut fuser, rng));
            match (&plain, traces(&config, &program, &fusion)) {
                (Ok(plain), Ok(traces)) => {
                    let report = &traces.plan.report;
                    assert_eq!((plain.exit, &plain.public_values), (report.exit, &report.public_values), "{what}");
                    assert_eq!(plain.instructions, report.instructions, "{what}");
                    traces.assert_good(&machine, &what);
                    rows += traces.fused_rows();
                }
                (Err(plain), Err(fused)) => assert_eq!(plain.to_string(), fused.to_string(), "{what}"),
                (plain, fused) => panic!("{what}: {} without, {} with paths", plain.is_ok(), fused.is_ok()),
            }
        }
    }
    println!("{rows} rows of fused blocks");
    assert!(rows > 1000);
}

/// The ends of segments cut executions of paths.
#[test]
fn traces_of_segments_are_good() {
    let (mut rows, mut segments) = (0, 0);
    for seed in 0..16 {
        let program = Program::random(5000 + seed);
        if program.exit != Exit::Code(0) {
            continue;
        }
        let rng = &mut StdRng::seed_from_u64(seed);
        // At most eight segments.
        let length = program.executed.len().div_ceil(rng.random_range(2..8)).max(5);
        let config = in_segments(Every(length as u64));
        let machine = complex(&config);
        let fusion = Arc::new(program.random_plan(&mut machine.fuser(), rng));
        let traces = traces(&config, &program, &fusion).unwrap();
        assert_eq!(traces.segments.len(), program.executed.len().div_ceil(length), "program {seed}");
        traces.assert_good(&machine, &format!("program {seed}"));
        rows += traces.fused_rows();
        segments += traces.segments.len();
    }
    println!("{rows} rows of fused blocks in {segments} segments");
    assert!(rows > 50);
}

/// Instructions that store hints write what is neither in memory nor in registers. HINT_BUFFER makes a step for each word, so
/// its program counter is several times in a path.
#[test]
fn traces_of_blocks_with_hints_are_good() {
    let input: Vec<u8> = (0..64u8).map(|byte| byte.wrapping_mul(77)).collect();
    let program = Program::with_inputs(&[0; 256], vec![input], |page| {
        vec![
            asm::lui(16, page),
            asm::hintinput(),
            asm::addi(9, 16, 64),
            asm::hintstorew(9),
            asm::addi(10, 0, 5),
            asm::hintbuffer(16, 10),
            asm::lw(5, 16, 8),
            asm::hintstorew(16),
            asm::lw(6, 16, 0),
            asm::add(5, 5, 6),
            asm::hintstorew(16),
            asm::reveal(0, 5, 0),
            asm::terminate(0),
        ]
    });
    assert_eq!(program.exit, Exit::Code(0));
    let config = Rv32imVm::default();
    let machine = complex(&config);
    // The machine makes five steps of HINT_BUFFER, which is the sixth instruction of the model.
    let mut executed = program.executed.clone();
    executed.splice(5..5, [executed[5]; 4]);
    let of_one = [(2, 6), (2, 8), (6, 11), (2, 16), (9, 12)].map(|range| vec![range]);
    for paths in of_one.into_iter().chain([vec![(8, 10), (3, 7)], vec![(5, 7), (10, 15)]]) {
        let path = |(start, end): &(usize, usize)| program.path(&executed[*start..*end]);
        let plan = FusionPlan { paths: paths.iter().map(path).collect() };
        let fusion = Arc::new(Fusion::new(plan, &mut machine.fuser()).unwrap());
        let traces = traces(&config, &program, &fusion).unwrap();
        traces.assert_good(&machine, "hints");
        assert!(traces.fused_rows() > 0, "{paths:?}");
    }
}
