//! The limit of the memory for proving a segment. These tests only plan runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vm_core::arch::{DefaultSegmentationStrategy, GenerationError, Streams, SystemConfig, VmConfig};
use vm_core::instructions::VmExe;
use vm_core::machine::{RowLimits, RunPlan, VmExecutionError, VmExecutor};
use vm_sdk::transpiler::Transpiler;
use vm_tests::fixtures;
use vm_tests::model::{asm, data_address, elf_of};

use super::boundaries::HashVm;

const BASE: u32 = 0x20_0800;
const MIB: usize = 1 << 20;

fn executor(max_memory: usize) -> VmExecutor<HashVm> {
    let strategy = DefaultSegmentationStrategy { max_memory, ..DefaultSegmentationStrategy::default() };
    let mut config = HashVm::default();
    *config.system_mut() = SystemConfig::default().with_continuations().with_segmentation_strategy(Arc::new(strategy));
    VmExecutor::new(config)
}

fn load(elf: &[u8]) -> VmExe {
    Transpiler::for_machine(&HashVm::default()).unwrap().load(elf).unwrap().exe
}

fn plan(exe: &VmExe, max_memory: usize) -> Result<RunPlan, VmExecutionError> {
    executor(max_memory).plan(exe, Vec::new(), &RowLimits::default())
}

/// A program that prints a letter and hashes `len` bytes, `count` times. Also returns the program counter of the hash.
fn hashes(count: i32, len: i32) -> (VmExe, u32) {
    let code = |data: u32| {
        let mut code = asm::Assembler::default();
        for (register, value) in [(5, count), (6, 1), (10, 0x80_0000), (11, 0x100_0000), (12, len), (13, data as i32)] {
            code.extend(asm::li(register, value as u32));
        }
        code.label("loop").push(asm::printstr(13, 6)).push(asm::keccak256(10, 11, 12)).push(asm::addi(5, 5, -1));
        code.jump_to("loop", |offset| asm::bne(5, 0, offset)).push(asm::terminate(0));
        code.finish()
    };
    let words = code(data_address(&code(BASE), BASE));
    let hash = words.iter().position(|word| *word == asm::keccak256(10, 11, 12)).unwrap();
    (load(&elf_of(&words, b"x", BASE)), BASE + 4 * hash as u32)
}

/// One interval of 4,096 instructions has all hashes, which take gigabytes. The cut falls before the hash that exceeds
/// the limit, and what was printed in attempts that went too far is not printed twice.
#[test]
fn segments_end_before_a_wide_instruction_exceeds_the_memory() {
    let (exe, _) = hashes(200, 4096);
    let limit = 512 * MIB;
    let plan = plan(&exe, limit).unwrap();
    assert!(plan.memory <= limit + limit / 64 && plan.memory > limit / 2, "{}", plan.memory);
    assert!(plan.segments.len() > 5, "{}", plan.segments.len());
    let pure = executor(limit).execute(&exe, Vec::new()).unwrap();
    assert_eq!(plan.report.printed, pure.printed);
    assert_eq!(plan.report.instructions, pure.instructions);
    assert_eq!(plan.segments.iter().map(|segment| segment.instructions).sum::<u64>(), pure.instructions);
    // All full segments have about the same number of hashes.
    let (_, full) = plan.segments.split_last().unwrap();
    let lengths = || full[1..].iter().map(|segment| segment.instructions);
    assert!(lengths().max().unwrap() <= 2 * lengths().min().unwrap(), "{:?}", lengths().collect::<Vec<_>>());
    assert_eq!(self::plan(&exe, limit).unwrap().segments, plan.segments);
    // With more memory, segments are longer.
    assert!(self::plan(&exe, 2 * limit).unwrap().segments.len() < plan.segments.len());
}

#[test]
fn an_instruction_that_is_larger_than_a_segment_is_an_error() {
    let (exe, pc) = hashes(3, 1 << 20);
    let error = plan(&exe, 512 * MIB).unwrap_err();
    let text = error.to_string();
    let VmExecutionError::Segmentation(GenerationError::InstructionTooLarge { pc: at, opcode, needed, limit }) = error
    else {
        panic!("{text}")
    };
    assert_eq!((at, opcode.as_str(), limit), (pc, "keccak256", 512 * MIB));
    assert!(needed > 2048 * MIB, "{needed}");
    assert!(
        text.starts_with(&format!("pc {pc:#010x}: ")) && text.contains("the limit for a segment is 512 MiB"),
        "{text}"
    );
    // The limit that the error asks for suffices.
    let plan = plan(&exe, needed).unwrap();
    assert!(plan.segments.len() >= 3 && plan.memory <= needed + needed / 64, "{} of {needed}", plan.memory);
}

/// The planner finds an instruction that is too large soon, although an interval has hundreds of them.
#[test]
fn intervals_of_wide_instructions_are_not_executed_to_their_end() {
    let (exe, _) = hashes(200, 1 << 20);
    let printed = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&printed);
    let streams =
        Streams::default().with_live_output(move |bytes| _ = counter.fetch_add(bytes.len(), Ordering::Relaxed));
    let error = executor(512 * MIB).plan(&exe, streams, &RowLimits::default()).unwrap_err();
    assert!(error.to_string().contains("this one instruction"), "{error}");
    // Each of the hashes prints a letter.
    assert!((1..50).contains(&printed.load(Ordering::Relaxed)), "{printed:?}");
}

#[test]
fn a_program_that_is_larger_than_a_segment_is_an_error() {
    let mut words = vec![asm::addi(5, 5, 1); 600_000];
    words.push(asm::terminate(0));
    let exe = load(&elf_of(&words, &[], BASE));
    let check = |max_memory| executor(max_memory).check_memory(&exe, Vec::new());
    for error in [plan(&exe, 512 * MIB).unwrap_err(), check(512 * MIB).unwrap_err()] {
        let text = error.to_string();
        let VmExecutionError::Segmentation(GenerationError::ProgramTooLarge { instructions, needed, limit, .. }) =
            error
        else {
            panic!("{text}")
        };
        assert_eq!((instructions, limit), (600_001, 512 * MIB));
        assert!(text.ends_with(&format!("to at least {}", needed.div_ceil(MIB))), "{text}");
        // The limit that the error asks for suffices, and no lower one.
        check(needed).unwrap();
        check(needed - 1).unwrap_err();
        assert!(plan(&exe, needed.next_multiple_of(MIB)).unwrap().memory <= needed + 2 * MIB);
    }
}

/// Runs of ordinary instructions are not counted again: segments end at the checks.
#[test]
fn ordinary_segments_end_at_checks() {
    let exe = load(fixtures::fibonacci(0).elf);
    let plan = executor(400 * MIB).plan(&exe, fixtures::fibonacci(200_000).inputs, &RowLimits::default()).unwrap();
    let (_, full) = plan.segments.split_last().unwrap();
    assert!(full.len() > 1 && full.iter().all(|segment| segment.instructions.is_multiple_of(4096)), "{full:?}");
    assert!(plan.memory <= 400 * MIB + 400 * MIB / 64 && plan.memory > 360 * MIB, "{}", plan.memory);
}
