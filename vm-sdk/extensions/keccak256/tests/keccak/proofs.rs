//! Runs that are proven and verified.

use vm_keccak256::block::BLOCK_AIR;
use vm_keccak256::rounds::{ROUND_AIR, Request, Requests, RoundChip};
use vm_sdk::arch::{Chip, ChipTraces, GenerationError, LoadedProgram, SplitRule, SystemConfig, TraceContext};
use vm_sdk::instructions::{Instruction, Program, SystemOpcode};
use vm_sdk::p3::matrix::Matrix;
use vm_sdk::stark::ProverMemory;

use crate::support::{Call, Test, digest, memory_at, program};

fn prove(calls: &[Call]) -> Test {
    let test: Test = program(calls).build().unwrap();
    for Call { dst, message, .. } in calls {
        assert_eq!(memory_at(&test.modes().memory, *dst, 32), digest(message), "{} bytes", message.len());
    }
    test.prove_and_verify().unwrap_or_else(|error| panic!("{error}"));
    test
}

fn rows(test: &Test, air: &str) -> usize {
    test.usage().iter().find(|usage| usage.air == air).unwrap().rows
}

#[test]
fn lengths_around_the_borders_of_blocks_and_words_are_proven() {
    // One run with one instruction per length; each has a destination of its own.
    const LENGTHS: [usize; 18] = [0, 1, 2, 3, 4, 5, 31, 132, 133, 134, 135, 136, 137, 140, 271, 272, 273, 408];
    let calls = |lengths: &[usize]| -> Vec<Call> {
        (0..).zip(lengths).map(|(i, &len)| Call::new(0x4000 + 0x40 * i, 0x1_0000 + 0x400 * i, len)).collect()
    };
    let first = calls(&LENGTHS[..13]);
    let test = prove(&first);
    assert_eq!(rows(&test, BLOCK_AIR), first.iter().map(|call| call.message.len() / 136 + 1).sum::<usize>());
    let rest = calls(&LENGTHS[13..]);
    let test = prove(&rest);
    assert_eq!(rows(&test, ROUND_AIR), 24 * rows(&test, BLOCK_AIR));
}

#[test]
fn extreme_pointers_are_proven() {
    let end = 1 << 29;
    prove(&[
        Call::new(end - 32, end - 276, 273),
        Call { dst: 0x4000, src: u32::MAX, message: Vec::new() },
        Call { dst: 0x4040, src: 1, message: Vec::new() },
        // Written over its own message.
        Call::new(0x8010, 0x8000, 150),
    ]);
}

#[test]
fn costs_are_the_documented_ones() {
    let test: Test = program(&[Call::new(0x4000, 0x8000, 10)]).build().unwrap();
    let cost = |name: &str| {
        let air = test.key().verifying_key().stark().airs().iter().find(|air| air.name == name).unwrap();
        (air.width, air.lookup_columns)
    };
    assert_eq!(cost(BLOCK_AIR), (631, 160));
    assert_eq!(cost(ROUND_AIR), (2105, 17));
    assert_eq!(cost("KeccakParity"), (1, 1));
    // Committed cells per byte of a long message, without padding of traces.
    let cells = |(main, lookup): (usize, usize)| main + 4 * (lookup + 1);
    let per_block = cells(cost(BLOCK_AIR)) + 24 * cells(cost(ROUND_AIR));
    assert_eq!(per_block / 136, 393);
    // Both AIRs may have several instances: blocks of a message are never spread over several.
    let airs = test.key().verifying_key().stark().airs();
    let instances = |name: &str| airs.iter().find(|air| air.name == name).unwrap().max_instances;
    assert!(instances(ROUND_AIR) > 1 && instances(BLOCK_AIR) > 1);
}

#[test]
fn rounds_are_split_into_instances() {
    // 4 KiB: 31 blocks, 744 rounds. That fits into one instance, so the chip is limited to a smaller height here.
    let requests = Requests::default();
    (0..31).for_each(|time| requests.push(Request { time, state: [u64::from(time); 25] }));
    let program = Program::from_instructions(0, &[Instruction::new(SystemOpcode::TERMINATE, [0])]).unwrap();
    let program = LoadedProgram::new(&program, |_| None);
    let split = SystemConfig::default().split_rule(ProverMemory::default());
    let ctx = |max_log_height, max_instances| TraceContext {
        program: &program,
        split: SplitRule { max_log_height, max_instances, ..split },
    };
    let heights = |traces: ChipTraces| traces.traces.iter().map(|trace| trace.height()).collect::<Vec<_>>();
    let mut chip = RoundChip::new(requests.clone());
    let error = chip.generate_traces(&ctx(9, 1)).unwrap_err();
    let expected = GenerationError::TraceHeightsLimitExceeded { air: ROUND_AIR.to_owned(), height: 744, limit: 512 };
    assert_eq!(error, expected);
    (0..31).for_each(|time| requests.push(Request { time, state: [u64::from(time); 25] }));
    assert_eq!(heights(chip.generate_traces(&ctx(9, 2)).unwrap()), [512, 256]);
}
