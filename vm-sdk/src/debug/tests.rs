mod protocol;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gdbstub::common::Signal;
use vm_core::arch::MAIN_SPACE;
use vm_core::machine::VmExecutor;

use super::history::INTERVAL;
use super::*;
use crate::config::Rv32imVm;
use crate::elf::ElfImage;
use crate::elf::testing::{TestSegment, elf};
use crate::error::SdkError;
use crate::program::GuestProgram;
use crate::transpiler::Transpiler;

/// Addresses of variables of the guest `debuggee`.
const TOTAL: u32 = 0x0020_0ac0;
const FLAGS: u32 = 0x0020_0ac4;
const A0: usize = 10;

type TestSession<'a> = Session<'a, Rv32imVm>;

fn guest(name: &str) -> GuestProgram {
    let path = PathBuf::from(format!("{}/../tests/fixtures/elf/{name}.elf", env!("CARGO_MANIFEST_DIR")));
    GuestProgram::read(&path).unwrap()
}

fn session<'a>(program: &'a GuestProgram, inputs: &[&[u8]]) -> TestSession<'a> {
    let inputs: Vec<Vec<u8>> = inputs.iter().map(|input| input.to_vec()).collect();
    Session::new(&VmExecutor::new(Rv32imVm::default()), program, inputs).unwrap()
}

fn number(number: u32) -> [u8; 4] {
    number.to_le_bytes()
}

fn function(program: &GuestProgram, name: &str) -> u32 {
    program.image().symbols.iter().find(|symbol| symbol.name == name).unwrap().address
}

/// Goes on until the run stops.
fn go(session: &mut TestSession<'_>, motion: Motion) -> Stop {
    session.resume(motion);
    session.advance(&mut || false).unwrap()
}

fn word(session: &TestSession<'_>, address: u32) -> u32 {
    let mut bytes = [0; 4];
    assert_eq!(session.read_memory(address, &mut bytes), 4);
    u32::from_le_bytes(bytes)
}

/// Returns what the guest has printed since the last call.
fn output(session: &mut TestSession<'_>) -> String {
    String::from_utf8(session.take_output().to_vec()).unwrap()
}

fn watch(address: u32, length: u32, kind: WatchKind) -> Watchpoint {
    Watchpoint { address, length, kind }
}

/// Everything that a debugger can see of a state.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    instructions: u64,
    pc: u32,
    registers: [u32; 32],
    memory: BTreeMap<usize, u32>,
    printed: Vec<u8>,
    inputs: usize,
    hints: usize,
}

fn seen(session: &TestSession<'_>) -> Seen {
    let (memory, streams) = (session.memory(), session.streams());
    Seen {
        instructions: session.instructions(),
        pc: session.pc(),
        registers: session.registers(),
        memory: memory.words().nonzero((MAIN_SPACE - memory.offset()) as usize).collect(),
        printed: streams.printed.as_bytes().to_vec(),
        inputs: streams.input_stream.len(),
        hints: streams.hint_stream.len(),
    }
}

#[test]
fn a_breakpoint_stops_before_its_instruction() {
    let program = guest("debuggee");
    let mut session = session(&program, &[&number(3)]);
    let square = function(&program, "square");
    session.add_breakpoint(square);
    for argument in 1..=3 {
        assert_eq!(go(&mut session, Motion::Continue), Stop::Breakpoint);
        assert_eq!((session.pc(), session.registers()[A0]), (square, argument));
    }
    assert_eq!(output(&mut session), "1\n4\n");
    assert_eq!(go(&mut session, Motion::Continue), Stop::Exited(5));
    assert_eq!((output(&mut session), word(&session, TOTAL)), ("9\n".to_owned(), 14));
    assert_eq!(go(&mut session, Motion::Continue), Stop::Exited(5), "the last instruction ends the run again");
    assert!(session.remove_breakpoint(square) && !session.remove_breakpoint(square));
}

#[test]
fn no_breakpoint_is_missed_where_a_part_of_the_run_ends() {
    let program = guest("debuggee");
    let square = function(&program, "square");
    for length in 1..12 {
        let mut session = session(&program, &[&number(9)]);
        session.add_breakpoint(square);
        let mut hits = 0;
        session.resume(Motion::Continue);
        loop {
            match session.forward(length) {
                None => continue,
                Some(Stop::Breakpoint) => hits += 1,
                Some(stop) => {
                    assert_eq!(stop, Stop::Exited(5));
                    break;
                }
            }
            session.resume(Motion::Continue);
        }
        assert_eq!(hits, 9, "parts of {length} instructions");
    }
}

#[test]
fn steps_go_back_to_identical_states() {
    let program = guest("debuggee");
    let mut session = session(&program, &[&number(4), b"unread"]);
    let mut states = vec![seen(&session)];
    while go(&mut session, Motion::Step) == Stop::Stepped {
        states.push(seen(&session));
    }
    assert!(states.len() > 400, "{}", states.len());
    for state in states.iter().rev().skip(1) {
        assert_eq!(go(&mut session, Motion::BackStep), Stop::Stepped);
        assert_eq!(&seen(&session), state);
    }
    assert_eq!(go(&mut session, Motion::BackStep), Stop::Start);
    assert_eq!(go(&mut session, Motion::BackContinue), Stop::Start);
    for state in &states[1..] {
        assert_eq!(go(&mut session, Motion::Step), Stop::Stepped);
        assert_eq!(&seen(&session), state);
    }
}

#[test]
fn output_is_returned_once() {
    let program = guest("debuggee");
    let mut session = session(&program, &[&number(4)]);
    session.stop_at_exit = true;
    assert_eq!(go(&mut session, Motion::Continue), Stop::End);
    assert_eq!(output(&mut session), "1\n4\n9\n16\n");
    assert_eq!(go(&mut session, Motion::BackContinue), Stop::Start);
    assert_eq!(go(&mut session, Motion::Continue), Stop::End);
    assert_eq!(output(&mut session), "");
    assert_eq!(go(&mut session, Motion::Continue), Stop::Exited(5));
    // What another run prints is new.
    assert_eq!(go(&mut session, Motion::BackContinue), Stop::Start);
    session.set_registers(&session.registers(), session.pc());
    assert_eq!(go(&mut session, Motion::Continue), Stop::End);
    assert_eq!(output(&mut session), "", "nothing was changed");
    go(&mut session, Motion::BackContinue);
    assert!(session.write_memory(TOTAL, &[1]));
    assert_eq!(go(&mut session, Motion::Continue), Stop::End);
    assert_eq!((output(&mut session), word(&session, TOTAL)), ("1\n4\n9\n16\n".to_owned(), 31));
}

#[test]
fn a_step_over_leaves_a_range() {
    let program = guest("debuggee");
    let mut session = session(&program, &[&number(3)]);
    let (square, print) = (function(&program, "square"), function(&program, "print_number"));
    session.add_breakpoint(square);
    go(&mut session, Motion::Continue);
    let caller = session.registers()[1];
    assert_eq!(go(&mut session, Motion::StepOver(square..print)), Stop::Stepped);
    assert_eq!(session.pc(), caller);
    let everything = 0..u32::MAX;
    assert_eq!(go(&mut session, Motion::StepOver(everything)), Stop::Breakpoint);
    assert_eq!((session.pc(), session.registers()[A0]), (square, 2));
}

#[test]
fn watchpoints_stop_after_accesses_to_their_bytes() {
    let program = guest("debuggee");
    let count = |watchpoint: Watchpoint| {
        let mut session = session(&program, &[&number(9)]);
        session.add_watchpoint(watchpoint);
        let mut values = Vec::new();
        loop {
            match go(&mut session, Motion::Continue) {
                Stop::Watchpoint { kind, address } => {
                    assert_eq!((kind, address), (watchpoint.kind, watchpoint.address));
                    values.push(word(&session, watchpoint.address & !3));
                }
                stop => {
                    assert_eq!(stop, Stop::Exited(5));
                    break values;
                }
            }
        }
    };
    assert_eq!(count(watch(TOTAL, 4, WatchKind::Write)), [1, 5, 14, 30, 55, 91, 140, 204, 285]);
    // The last value is read at the end.
    assert_eq!(count(watch(TOTAL, 4, WatchKind::Read)), [0, 1, 5, 14, 30, 55, 91, 140, 204, 285]);
    assert_eq!(count(watch(TOTAL, 4, WatchKind::Access)).len(), 19);
    // Stores of bytes read the word, which is no access of the guest.
    assert_eq!(count(watch(FLAGS + 1, 1, WatchKind::Write)), [0x100, 0x0101_0101, 0x0101_0101]);
    assert_eq!(count(watch(FLAGS, 1, WatchKind::Write)).len(), 2);
    assert!(count(watch(FLAGS, 1, WatchKind::Read)).is_empty());
    assert_eq!(count(watch(TOTAL + 1, 2, WatchKind::Write)).len(), 9);
}

#[test]
fn going_back_stops_where_going_on_did() {
    let program = guest("debuggee");
    let mut session = session(&program, &[&number(5)]);
    session.add_breakpoint(function(&program, "square"));
    session.add_breakpoint(function(&program, "_start"));
    session.add_watchpoint(watch(FLAGS + 1, 1, WatchKind::Write));
    let mut forwards = Vec::new();
    loop {
        let stop = go(&mut session, Motion::Continue);
        match stop {
            Stop::Breakpoint => forwards.push((session.instructions(), stop)),
            // Going back stops before the access.
            Stop::Watchpoint { .. } => forwards.push((session.instructions() - 1, stop)),
            _ => break,
        }
    }
    assert_eq!(forwards.len(), 7);
    let mut backwards = Vec::new();
    loop {
        let stop = go(&mut session, Motion::BackContinue);
        if stop == Stop::Start {
            break;
        }
        backwards.push((session.instructions(), stop));
    }
    backwards.reverse();
    // A run does not stop before its first instruction, but going back does.
    assert_eq!(backwards.remove(0), (0, Stop::Breakpoint));
    assert_eq!(backwards, forwards);
}

#[test]
fn back_steps_stop_at_watchpoints() {
    let program = guest("debuggee");
    let mut session = session(&program, &[&number(5)]);
    let watchpoint = watch(TOTAL, 4, WatchKind::Write);
    session.add_watchpoint(watchpoint);
    let stop = go(&mut session, Motion::Continue);
    assert_eq!((word(&session, TOTAL), go(&mut session, Motion::BackStep)), (1, stop));
    assert_eq!(word(&session, TOTAL), 0);
    assert_eq!(go(&mut session, Motion::BackStep), Stop::Stepped);
    assert!(session.remove_watchpoint(watchpoint) && !session.remove_watchpoint(watchpoint));
}

#[test]
fn long_runs_have_few_checkpoints_and_go_back() {
    let program = guest("fibonacci");
    let mut session = session(&program, &[&number(30_000_000)]);
    session.stop_at_exit = true;
    assert_eq!(go(&mut session, Motion::Continue), Stop::End);
    let end = session.instructions();
    assert!(end > 100 * INTERVAL, "{end}");
    assert!((10..=64).contains(&session.checkpoints()), "{}", session.checkpoints());
    let last = seen(&session);
    for _ in 0..3 {
        assert_eq!(go(&mut session, Motion::BackStep), Stop::Stepped);
    }
    for _ in 0..3 {
        assert_eq!(go(&mut session, Motion::Step), Stop::Stepped);
    }
    assert_eq!(seen(&session), last);
    // The program counter in the middle of the loop.
    session.go_to(end / 3);
    let middle = seen(&session);
    session.go_to(end - 1);
    session.go_to(end / 3);
    assert_eq!(seen(&session), middle);
    session.add_breakpoint(program.exe().pc_start);
    assert_eq!((go(&mut session, Motion::BackContinue), session.instructions()), (Stop::Breakpoint, 0));
    assert!(session.checkpoints() <= 64);
}

#[test]
fn interruptions_leave_a_run_that_can_go_on() {
    let program = guest("fibonacci");
    let mut session = session(&program, &[&number(1_000_000)]);
    session.stop_at_exit = true;
    session.resume(Motion::Continue);
    let mut interruptions = 0;
    while session.advance(&mut || true).is_none() {
        interruptions += 1;
    }
    assert!(interruptions > 10);
    session.resume(Motion::BackContinue);
    let mut interruptions = 0;
    let stop = loop {
        match session.advance(&mut || true) {
            Some(stop) => break stop,
            None => interruptions += 1,
        }
    };
    assert_eq!((stop, session.instructions()), (Stop::Start, 0));
    assert!(interruptions > 2);
}

/// Guest, its input, the signal of its failure, and a part of the message.
const FAILURES: &[(&str, &[u8], Signal, &str)] = &[
    ("unknown_insn", &[1, 0, 0, 0], Signal::SIGILL, "the word 0xffffffff at 0x"),
    ("jump_out", &[0, 0, 0, 0x10], Signal::SIGSEGV, "jump to 0x10000000, where there is no instruction"),
    ("jump_misaligned", &[], Signal::SIGSEGV, "jump to the misaligned address"),
    ("misaligned", &[1, 0, 0, 0, 1, 0, 0, 0], Signal::SIGSEGV, "misaligned access"),
    ("missing_input", &[], Signal::SIGABRT, "hint bytes, but only 0 are left"),
    ("reveal_oob", &[32, 0, 0, 0], Signal::SIGABRT, "out of bounds"),
    ("ecall_unknown", &[], Signal::SIGABRT, "unknown system call: a7 is 64"),
    ("stack_overflow", &[], Signal::SIGSEGV, "stack overflow: 16 bytes more than the stack has (2 098 176)"),
    ("amo", &[], Signal::SIGILL, "extension A (atomics)"),
];

#[test]
fn failures_are_described_and_can_be_left_backwards() {
    for (name, input, expected, part) in FAILURES {
        let program = guest(name);
        let mut session = session(&program, &[input]);
        let failed = go(&mut session, Motion::Continue);
        let Stop::Failed { signal, message } = &failed else { panic!("{name}: {failed:?}") };
        assert_eq!(signal, expected, "{name}");
        assert!(message.contains(part), "{name}: {message}");
        let state = seen(&session);
        assert!(matches!(go(&mut session, Motion::Step), Stop::Failed { .. }), "{name}");
        assert_eq!(seen(&session), state, "{name}");
        assert_eq!(go(&mut session, Motion::BackStep), Stop::Stepped, "{name}");
        assert_eq!(session.instructions(), state.instructions - 1);
        assert_eq!(go(&mut session, Motion::Continue), failed, "{name}");
        assert_eq!(seen(&session), state, "{name}");
    }
}

#[test]
fn the_breakpoint_instruction_is_a_trap() {
    // nop; ebreak
    let image = ElfImage::parse(&elf(0x20_0800, &[TestSegment::code(0x20_0800, &[0x13, 0x0010_0073])])).unwrap();
    let program = GuestProgram::of_image(Path::new("ebreak"), image, &Transpiler::default()).unwrap();
    let mut session = session(&program, &[]);
    let stop = go(&mut session, Motion::Continue);
    let Stop::Failed { signal: Signal::SIGTRAP, message } = stop else { panic!("{stop:?}") };
    assert!(message.contains("is a breakpoint (ebreak)"), "{message}");
    assert_eq!((session.pc(), session.instructions()), (0x20_0804, 1));
}

#[test]
fn a_limit_of_instructions_is_a_failure() {
    let program = guest("fibonacci");
    let executor = VmExecutor::new(Rv32imVm::default()).with_max_instructions(100);
    let mut session = Session::new(&executor, &program, vec![number(1000).to_vec()]).unwrap();
    let stop = go(&mut session, Motion::Continue);
    let Stop::Failed { signal: Signal::SIGXCPU, message } = stop else { panic!("{stop:?}") };
    assert!(message.contains("did not terminate within 100 instructions"), "{message}");
    assert_eq!(session.instructions(), 100);
    assert_eq!(go(&mut session, Motion::BackStep), Stop::Stepped);
}

#[test]
fn changes_begin_another_run() {
    let program = guest("debuggee");
    let mut session = session(&program, &[&number(3)]);
    let square = function(&program, "square");
    session.add_breakpoint(square);
    go(&mut session, Motion::Continue);
    let now = session.instructions();
    let mut registers = session.registers();
    (registers[0], registers[A0]) = (1, 100);
    session.set_registers(&registers, square);
    assert_eq!((session.registers()[0], session.registers()[A0]), (0, 100));
    assert_eq!((session.start(), go(&mut session, Motion::BackStep)), (now, Stop::Start));
    go(&mut session, Motion::Continue);
    assert_eq!((output(&mut session), word(&session, TOTAL)), ("10000\n".to_owned(), 10_000));
    assert_eq!(go(&mut session, Motion::BackContinue), Stop::Breakpoint);
    assert_eq!((session.instructions(), session.registers()[A0]), (now, 100));

    assert!(session.write_memory(TOTAL + 1, &[1, 2, 3]));
    assert_eq!(word(&session, TOTAL), 0x0302_0100);
    let end = 1 << 29;
    assert!(!session.write_memory(end - 1, &[1, 2]) && !session.write_memory(u32::MAX, &[1, 2]));
    let mut bytes = [0; 8];
    assert_eq!([end - 3, end, u32::MAX].map(|address| session.read_memory(address, &mut bytes)), [3, 0, 0]);
}

#[test]
fn monitor_commands_show_the_session() {
    let program = guest("debuggee");
    let mut session = session(&program, &[&number(3), b"unread"]);
    session.add_breakpoint(function(&program, "square"));
    go(&mut session, Motion::Continue);
    let mut monitor = |command: &str| monitor::execute(&mut session, command);
    let instructions = monitor("instructions");
    assert!(instructions.contains("instructions have been executed; the next one is at 0x"), "{instructions}");
    assert!(instructions.contains(" in square, "), "{instructions}");
    let inputs = monitor(" inputs ");
    assert!(inputs.contains("1 input vector read, 1 not read\n  vector 1: 6 bytes"), "{inputs}");
    assert_eq!(monitor("public-values"), format!("{}\n", "00".repeat(32)));
    assert!(monitor("").starts_with("monitor help") && monitor("help").contains("monitor inputs"));
    assert!(monitor("inputs now").contains("there is no command \"inputs now\""));
    assert_eq!(monitor("stop-at-exit on"), "stop-at-exit is on\n");
    assert!(session.stop_at_exit);
}
