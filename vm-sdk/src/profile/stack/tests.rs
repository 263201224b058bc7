//! Programs are lists of functions with instructions; runs are lists of program counters.

use super::*;

const CALL: Transfer = Transfer::Call;
const RETURN: Transfer = Transfer::Return;
const PLAIN: Transfer = Transfer::None;
const BEGIN: Transfer = Transfer::SpanBegin;
const END: Transfer = Transfer::SpanEnd;

struct Letters(InlinedFunctions);

impl Names for Letters {
    fn function(&self, function: u32) -> String {
        char::from(b'a' + function as u8).to_string()
    }

    fn inlined(&self) -> &InlinedFunctions {
        &self.0
    }
}

/// Functions a, b, and so on: function `i` starts at `0x100 * (i + 1)`.
fn program(functions: &[&[Transfer]]) -> Vec<Slot> {
    let slots = |(index, transfers): (usize, &&[Transfer])| {
        let function = Some(index as u32);
        let pcs = (0x100 * (index as u32 + 1)..).step_by(4);
        let slot = |(pc, transfer): (u32, &Transfer)| Slot { pc, function, transfer: *transfer, chain: 0 };
        pcs.zip(*transfers).map(slot).collect::<Vec<_>>()
    };
    functions.iter().enumerate().flat_map(slots).collect()
}

/// Runs through these program counters. Returns the numbers of instructions and of calls per path, as in `a;b 3 1`.
fn run(program: &[Slot], pcs: &[u32]) -> Vec<String> {
    let slot = |pc: u32| program.iter().find(|slot| slot.pc == pc).expect("an instruction");
    let mut stack = ShadowStack::new(Letters(InlinedFunctions::default()), slot(pcs[0]));
    for (index, pc) in pcs.iter().enumerate() {
        let next = pcs.get(index + 1).copied().unwrap_or(*pc);
        let one = Counts { instructions: 1, ..Counts::default() };
        stack.step(slot(*pc), next, one, || "span".to_owned());
    }
    let tree = stack.into_tree();
    let total: u64 = tree.nodes().iter().map(|node| node.own.instructions).sum();
    assert_eq!(total, pcs.len() as u64);
    let line = |(index, node): (usize, &super::super::tree::Node)| {
        let mut names: Vec<_> = tree.path(index as NodeId).map(|node| tree.frame_of(node).name.as_str()).collect();
        names.reverse();
        format!("{} {} {}", names.join(";"), node.own.instructions, node.calls)
    };
    tree.nodes().iter().enumerate().map(line).collect()
}

#[test]
fn words_are_calls_and_returns_by_their_registers() {
    let jal = |rd: u32| Transfer::of_word(0x6f | rd << 7);
    let jalr = |rd: u32, rs1: u32| Transfer::of_word(0x67 | rd << 7 | rs1 << 15);
    assert_eq!([jal(0), jal(1), jal(5), jal(6)], [PLAIN, CALL, CALL, PLAIN]);
    assert_eq!([jalr(0, 1), jalr(0, 5), jalr(0, 6), jalr(1, 6)], [RETURN, RETURN, PLAIN, CALL]);
    // `auipc ra, …; jalr ra, ra` calls a far function, and `jalr t0, ra` switches between coroutines.
    assert_eq!([jalr(1, 1), jalr(5, 1)], [CALL, Transfer::Swap]);
    assert_eq!([Transfer::of_word(0x13), Transfer::of_word(0x63)], [PLAIN, PLAIN]);
}

#[test]
fn calls_and_returns_are_matched() {
    let program = program(&[&[CALL, CALL, PLAIN], &[CALL, RETURN], &[PLAIN, RETURN]]);
    let pcs = [0x100, 0x200, 0x300, 0x304, 0x204, 0x104, 0x300, 0x304, 0x108];
    assert_eq!(run(&program, &pcs), ["a 3 1", "a;b 2 1", "a;b;c 2 1", "a;c 2 1"]);
}

#[test]
fn recursion_has_a_node_per_depth() {
    let program = program(&[&[CALL, PLAIN], &[CALL, RETURN]]);
    let pcs = [0x100, 0x200, 0x200, 0x204, 0x204, 0x104];
    // The second call of b ends without a call of its own.
    assert_eq!(run(&program, &pcs[..3]), ["a 1 1", "a;b 1 1", "a;b;b 1 1"]);
    let leaf = self::program(&[&[CALL, PLAIN], &[PLAIN, CALL, RETURN]]);
    let pcs = [0x100, 0x200, 0x204, 0x200, 0x208, 0x208, 0x104];
    assert_eq!(run(&leaf, &pcs), ["a 2 1", "a;b 3 1", "a;b;b 2 1"]);
}

#[test]
fn a_tail_call_replaces_the_function() {
    // b jumps to c, which returns to a.
    let program = program(&[&[CALL, PLAIN], &[PLAIN], &[PLAIN, RETURN]]);
    let pcs = [0x100, 0x200, 0x300, 0x304, 0x104];
    assert_eq!(run(&program, &pcs), ["a 2 1", "a;b 1 1", "a;c 2 1"]);
}

#[test]
fn a_return_may_skip_calls() {
    // c returns to a, as if b had restored the return address.
    let program = program(&[&[CALL, PLAIN], &[CALL, PLAIN], &[RETURN]]);
    assert_eq!(run(&program, &[0x100, 0x200, 0x300, 0x104]), ["a 2 1", "a;b 1 1", "a;b;c 1 1"]);
}

#[test]
fn a_return_to_another_place_goes_to_the_function_there() {
    // c returns into a, but not after a call, as longjmp does.
    let program = program(&[&[CALL, PLAIN, PLAIN], &[CALL, PLAIN], &[RETURN]]);
    assert_eq!(run(&program, &[0x100, 0x200, 0x300, 0x108]), ["a 2 1", "a;b 1 1", "a;b;c 1 1"]);
    // Nobody has called b: it takes the place of a.
    assert_eq!(run(&self::program(&[&[RETURN], &[PLAIN]]), &[0x100, 0x200]), ["a 1 1", "b 1 1"]);
}

#[test]
fn code_without_a_symbol_belongs_to_the_function_that_jumps_there() {
    let mut program = program(&[&[PLAIN, CALL], &[PLAIN, RETURN]]);
    for slot in &mut program[2..] {
        slot.function = None;
    }
    assert_eq!(run(&program, &[0x100, 0x200, 0x100]), ["a 3 1"]);
    // A function that is called has its address as name.
    let pcs = [0x100, 0x104, 0x200, 0x204, 0x108];
    program.push(Slot { pc: 0x108, function: Some(0), ..Slot::default() });
    assert_eq!(run(&program, &pcs), ["a 3 1", "a;0x00000200 2 1"]);
}

#[test]
fn spans_are_between_functions() {
    let program = program(&[&[BEGIN, CALL, END, PLAIN], &[PLAIN, RETURN]]);
    let pcs = [0x100, 0x104, 0x200, 0x204, 0x108, 0x10c];
    assert_eq!(run(&program, &pcs), ["a 2 1", "a;span 2 1", "a;span;b 2 1"]);
}

#[test]
fn spans_may_end_in_another_function_or_not_at_all() {
    // b ends the span of a, as a function that drops it would.
    let ends = program(&[&[BEGIN, CALL, PLAIN], &[END, RETURN]]);
    let pcs = [0x100, 0x104, 0x200, 0x204, 0x108];
    assert_eq!(run(&ends, &pcs), ["a 2 1", "a;span 1 1", "a;span;b 2 1"]);
    // b returns while its span is open.
    let open = program(&[&[CALL, END], &[BEGIN, RETURN]]);
    assert_eq!(run(&open, &[0x100, 0x200, 0x204, 0x104]), ["a 2 1", "a;b 1 1", "a;b;span 1 1"]);
}

#[test]
fn endless_calls_do_not_fill_memory() {
    let program = program(&[&[CALL]]);
    let slot = program[0];
    let mut stack = ShadowStack::new(Letters(InlinedFunctions::default()), &slot);
    for _ in 0..2 * MAX_HEIGHT {
        stack.step(&slot, slot.pc, Counts::default(), String::new);
        assert!(stack.entries.len() <= MAX_HEIGHT);
    }
    assert!(stack.into_tree().nodes().len() < 1000);
}
