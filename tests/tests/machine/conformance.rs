//! Comparison of every RV32IM instruction with the reference model, on random operands and corner cases.
//!
//! There are few programs with many cases each. A program writes all its results to memory. All of memory, all
//! registers, the pc and the exit code are compared, in all modes.

mod fuzz;
mod proven;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_core::arch::ExecutionError;
use vm_rv32im::words::ECALL_PC;
use vm_sdk::config::Rv32imVm;
use vm_tests::model::{Exit, asm, data_address, elf_of};

use crate::support::{Agreed, BASE, against_model};

/// Minimum number of cases per instruction.
const CASES: usize = 240;

/// Corner cases of words: values around the limits of bytes, cells and signs.
pub(crate) const CORNERS: [u32; 20] = [
    0,
    1,
    2,
    3,
    31,
    32,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0001,
    0xffff_0000,
    0xffff_7fff,
    0xffff_fffe,
    0xffff_ffff,
];

/// Corner cases of 12-bit immediates.
const IMM_CORNERS: [i32; 12] = [0, 1, 2, 31, 255, 256, 2047, -1, -2, -256, -2047, -2048];

/// Name and encoder of an instruction with three register fields. (For shifts, the third field is the amount.)
type RegisterOp = (&'static str, fn(u32, u32, u32) -> u32);

/// Instructions with two source registers.
pub(crate) const REGISTER_OPS: [RegisterOp; 18] = [
    ("add", asm::add),
    ("sub", asm::sub),
    ("sll", asm::sll),
    ("slt", asm::slt),
    ("sltu", asm::sltu),
    ("xor", asm::xor),
    ("srl", asm::srl),
    ("sra", asm::sra),
    ("or", asm::or),
    ("and", asm::and),
    ("mul", asm::mul),
    ("mulh", asm::mulh),
    ("mulhsu", asm::mulhsu),
    ("mulhu", asm::mulhu),
    ("div", asm::div),
    ("divu", asm::divu),
    ("rem", asm::rem),
    ("remu", asm::remu),
];

/// Encoder of an instruction with two registers and an immediate.
pub(crate) type Encode = fn(u32, u32, i32) -> u32;

/// Instructions with a 12-bit immediate, shifts excluded.
pub(crate) const IMMEDIATE_OPS: [(&str, Encode); 6] = [
    ("addi", asm::addi),
    ("slti", asm::slti),
    ("sltiu", asm::sltiu),
    ("xori", asm::xori),
    ("ori", asm::ori),
    ("andi", asm::andi),
];

/// Shifts by a constant.
pub(crate) const SHIFT_IMMEDIATE_OPS: [RegisterOp; 3] = [("slli", asm::slli), ("srli", asm::srli), ("srai", asm::srai)];

/// Branches.
pub(crate) const BRANCHES: [(&str, Encode); 6] = [
    ("beq", asm::beq),
    ("bne", asm::bne),
    ("blt", asm::blt),
    ("bge", asm::bge),
    ("bltu", asm::bltu),
    ("bgeu", asm::bgeu),
];

/// Loads with their widths in bytes.
pub(crate) const LOADS: [(&str, Encode, i32); 5] =
    [("lb", asm::lb, 1), ("lbu", asm::lbu, 1), ("lh", asm::lh, 2), ("lhu", asm::lhu, 2), ("lw", asm::lw, 4)];

/// Stores with their widths in bytes.
pub(crate) const STORES: [(&str, Encode, i32); 3] = [("sb", asm::sb, 1), ("sh", asm::sh, 2), ("sw", asm::sw, 4)];

/// Returns pairs of operands: all pairs of corner cases, then random pairs of random magnitude.
fn pairs(rng: &mut StdRng) -> Vec<[u32; 2]> {
    let corners = CORNERS.into_iter().flat_map(|x| CORNERS.map(|c| [x, c]));
    let mut pairs: Vec<_> = corners.collect();
    for _ in 0..CASES {
        let (x, c): (u32, u32) = rng.random();
        // With operands of different magnitudes, divisions and comparisons have more than one outcome.
        pairs.push([x, c >> rng.random_range(0..32)]);
        pairs.push([x >> rng.random_range(0..32), x]);
    }
    pairs
}

/// Returns words as little-endian bytes.
fn bytes(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Assembles a program and links it with its data. `program` receives the page number of the data.
pub(crate) fn link(data: &[u8], program: impl Fn(u32) -> Vec<u32>) -> Vec<u8> {
    // The address of the data depends on the length of the code only, and the length does not depend on the page.
    let words = program(0);
    let page = data_address(&words, BASE) >> 12;
    let words = program(page);
    assert_eq!(page, data_address(&words, BASE) >> 12);
    elf_of(&words, data, BASE)
}

/// Page where the results begin: far after the code and the data, so it is zero at the start.
const RESULTS_PAGE: u32 = 0x800;

/// Runs a program and asserts that it exits with code 0 after writing exactly `results` words of results.
fn check(elf: &[u8], results: usize, what: &str) -> Agreed {
    let (agreed, outcome) = against_model(elf, &[], what);
    assert_eq!(agreed.exit_code(), Some(0), "{what}");
    let run = agreed.result.as_ref().expect("a run with an exit code succeeded");
    assert_eq!((run.instructions, run.state.pc), (outcome.instret, outcome.pc), "{what}: instructions and pc");
    // x10 points to the next result, so it shows that the program executed all its cases.
    assert_eq!(agreed.register(10), (RESULTS_PAGE << 12) + 4 * results as u32, "{what}: number of results");
    agreed
}

/// Returns instructions that append `x5` to the results.
fn result() -> [u32; 2] {
    [asm::sw(5, 10, 0), asm::addi(10, 10, 4)]
}

#[test]
fn register_register_instructions() {
    let pairs = pairs(&mut StdRng::seed_from_u64(1));
    let elf = link(&bytes(pairs.iter().flatten().copied()), |page| {
        let mut code = asm::Assembler::default();
        code.extend([asm::lui(8, page), asm::lui(10, RESULTS_PAGE)]).extend(asm::li(9, pairs.len() as u32));
        code.label("pair").extend([asm::lw(6, 8, 0), asm::lw(7, 8, 4)]);
        for (_, op) in REGISTER_OPS {
            code.push(op(5, 6, 7)).extend(result());
        }
        // Forms with rd = rs1, with rd = rs2, and with all three registers the same.
        for (_, op) in REGISTER_OPS {
            code.extend([asm::addi(5, 6, 0), op(5, 5, 7)]).extend(result());
            code.extend([asm::addi(5, 7, 0), op(5, 6, 5)]).extend(result());
            code.extend([asm::addi(5, 7, 0), op(5, 5, 5)]).extend(result());
        }
        code.extend([asm::addi(8, 8, 8), asm::addi(9, 9, -1)]).push(asm::beq(9, 0, 8));
        code.jump_to("pair", |offset| asm::jal(0, offset)).push(asm::terminate(0));
        code.finish()
    });
    check(&elf, pairs.len() * 4 * REGISTER_OPS.len(), "register-register");
}

#[test]
fn immediate_and_upper_immediate_instructions() {
    let rng = &mut StdRng::seed_from_u64(2);
    let mut code = vec![asm::lui(10, RESULTS_PAGE)];
    let mut results = 0;
    let mut case = |x: u32, instruction: u32| {
        code.extend(asm::li(6, x));
        code.push(instruction);
        code.extend(result());
        results += 1;
    };
    for (_, op) in IMMEDIATE_OPS {
        for i in 0..CASES {
            let x = if i % 3 == 0 { rng.random() } else { CORNERS[i % CORNERS.len()] };
            let imm = if i % 2 == 0 { IMM_CORNERS[i / 2 % IMM_CORNERS.len()] } else { rng.random_range(-2048..2048) };
            case(x, op(5, 6, imm));
        }
        // Operands near the immediate, for comparisons.
        for imm in IMM_CORNERS {
            for near in [-1, 0, 1] {
                case(imm.wrapping_add(near) as u32, op(5, 6, imm));
            }
        }
    }
    for (_, op) in SHIFT_IMMEDIATE_OPS {
        for amount in 0..32 {
            for x in [0, 1, 0x8000, 0x1_0000, 0x7fff_ffff, 0x8000_0000, u32::MAX, 0x89ab_cdef, rng.random()] {
                case(x, op(5, 6, amount));
            }
        }
    }
    for i in 0..CASES {
        let corners = [0, 1, 0x7_ffff, 0x8_0000, 0xf_ffff, 0xf, 0x1_0000];
        let imm = if i < corners.len() { corners[i] } else { rng.random_range(0..1 << 20) };
        case(0, asm::lui(5, imm));
        case(0, asm::auipc(5, imm));
    }
    code.push(asm::terminate(0));
    check(&elf_of(&code, &[], BASE), results, "immediates");
}

#[test]
fn branches_taken_and_not() {
    let pairs = pairs(&mut StdRng::seed_from_u64(3));
    let elf = link(&bytes(pairs.iter().flatten().copied()), |page| {
        let mut code = asm::Assembler::default();
        code.extend([asm::lui(8, page), asm::lui(10, RESULTS_PAGE)]).extend(asm::li(9, pairs.len() as u32));
        code.label("pair").extend([asm::lw(6, 8, 0), asm::lw(7, 8, 4), asm::addi(5, 0, 0)]);
        for (i, (_, branch)) in BRANCHES.into_iter().enumerate() {
            // Branch forward over one instruction, the same with equal operands, and a branch to the next instruction,
            // which has no effect.
            code.extend([branch(6, 7, 8), asm::addi(5, 5, 1 << i)]);
            code.extend([branch(6, 6, 8), asm::addi(5, 5, 64)]);
            code.push(branch(7, 6, 4));
            // Branch backward, to an instruction that is followed by a jump out.
            let names = [format!("back {i}"), format!("out {i}"), format!("test {i}")];
            let [back, out, test] = names.clone();
            code.jump_to(&test, |offset| asm::jal(0, offset));
            code.label(&back).push(asm::addi(5, 5, 128)).jump_to(&out, |offset| asm::jal(0, offset));
            code.label(&test).jump_to(&back, move |offset| branch(6, 7, offset)).label(&out);
        }
        code.extend(result()).extend([asm::addi(8, 8, 8), asm::addi(9, 9, -1)]).push(asm::beq(9, 0, 8));
        code.jump_to("pair", |offset| asm::jal(0, offset)).push(asm::terminate(0));
        code.finish()
    });
    check(&elf, pairs.len(), "branches");
}

#[test]
fn jumps_forward_and_backward_with_any_link_register() {
    let rng = &mut StdRng::seed_from_u64(4);
    let mut code = vec![asm::lui(10, RESULTS_PAGE)];
    for i in 0..CASES {
        let gap = rng.random_range(0..8);
        // JAL forward over instructions that must not be executed.
        code.push(asm::jal(5, 4 * (gap + 1)));
        code.extend((0..gap).map(|_| asm::terminate(1)));
        code.extend(result());
        // JAL backward. The first JAL skips a block, the last one jumps back to it, and the block ends with a jump out.
        code.extend([asm::jal(0, 16), asm::sw(5, 10, 0), asm::addi(10, 10, 4), asm::jal(0, 8), asm::jal(5, -12)]);
        // JALR over `gap` instructions. The lowest bit of its target is cleared, and rd may be the base register.
        let (imm, lsb) = (rng.random_range(-1000..1000), i as i32 % 2);
        let link = [5, 6][i / 2 % 2];
        code.extend([asm::auipc(6, 0), asm::addi(6, 6, 4 * (gap + 3) - imm + lsb), asm::jalr(link, 6, imm)]);
        code.extend((0..gap).map(|_| asm::terminate(2)));
        code.extend([asm::sw(link, 10, 0), asm::addi(10, 10, 4)]);
    }
    code.push(asm::terminate(0));
    check(&elf_of(&code, &[], BASE), 3 * CASES, "jumps");
}

#[test]
fn loads_of_all_widths_at_all_alignments() {
    let rng = &mut StdRng::seed_from_u64(5);
    let data: Vec<u8> = (0..256)
        .map(|_| if rng.random() { rng.random() } else { [0x7f, 0x80, 0, 0xff][rng.random_range(0..4)] })
        .collect();
    let cases: Vec<(Encode, i32, i32)> = LOADS
        .into_iter()
        .flat_map(|(_, load, width)| (0..CASES as i32).map(move |i| (load, width, i)))
        .map(|(load, width, i)| (load, (i * width) % 256, rng.random_range(-2048..2048 - 256)))
        .collect();
    let elf = link(&data, |page| {
        let mut code = vec![asm::lui(8, page), asm::lui(10, RESULTS_PAGE)];
        for &(load, at, imm) in &cases {
            // Base and immediate alone are rarely aligned. There are carries and borrows between cells.
            let [up, down] = [at - imm, imm];
            code.extend(asm::li(7, up as u32));
            code.extend([asm::add(7, 7, 8), load(5, 7, down)]);
            code.extend(result());
        }
        code.extend([asm::lw(8, 8, 0), asm::terminate(0)]);
        code
    });
    check(&elf, cases.len(), "loads");
}

#[test]
fn stores_of_all_widths_at_all_alignments() {
    let rng = &mut StdRng::seed_from_u64(6);
    let data: Vec<u8> = (0..256).map(|_| rng.random()).collect();
    let cases: Vec<(Encode, i32, i32, u32)> = STORES
        .into_iter()
        .flat_map(|(_, store, width)| (0..CASES as i32).map(move |i| (store, width, i)))
        .map(|(store, width, i)| {
            let value = if i % 4 == 0 { CORNERS[i as usize % 20] } else { rng.random() };
            (store, (i * 5 * width) % 256, rng.random_range(-2048..2048 - 256), value)
        })
        .collect();
    let elf = link(&data, |page| {
        let mut code = vec![asm::lui(8, page), asm::lui(10, RESULTS_PAGE)];
        for &(store, at, imm, value) in &cases {
            code.extend(asm::li(7, (at - imm) as u32));
            code.extend(asm::li(6, value));
            // Read the whole word after each store: its other bytes must not change.
            code.extend([asm::add(7, 7, 8), store(6, 7, imm), asm::lw(5, 8, at & !3)]);
            code.extend(result());
        }
        // A store of its own base register.
        code.extend([asm::sw(8, 8, 0), asm::terminate(0)]);
        code
    });
    check(&elf, cases.len(), "stores");
}

/// `x0` reads as zero after a write by any instruction, and as an operand of any instruction.
#[test]
fn x0_stays_zero() {
    let elf = link(&bytes(CORNERS), |page| {
        let mut code = vec![asm::lui(8, page), asm::lui(10, RESULTS_PAGE)];
        code.extend(asm::li(6, 0xffff_fff7));
        code.extend(asm::li(7, 3));
        // Checks that x0 is still zero: as the operand of a store, an addition, a branch and an immediate instruction.
        let check = |code: &mut Vec<u32>| {
            code.extend([asm::sw(0, 10, 0), asm::addi(10, 10, 4), asm::add(5, 0, 0)]);
            code.extend(result());
            code.extend([asm::bne(0, 11, 8), asm::xori(5, 0, 0x55)]);
            code.extend(result());
        };
        for (_, op) in REGISTER_OPS {
            code.push(op(0, 6, 7));
            check(&mut code);
            code.push(op(5, 0, 7));
            code.extend(result());
            code.push(op(5, 6, 0));
            code.extend(result());
            code.push(op(0, 0, 0));
        }
        for (_, op) in IMMEDIATE_OPS {
            code.push(op(0, 6, 0x123));
            check(&mut code);
            code.push(op(5, 0, -5));
            code.extend(result());
        }
        for (_, op) in SHIFT_IMMEDIATE_OPS {
            code.push(op(0, 6, 7));
            check(&mut code);
        }
        for (_, load, _) in LOADS {
            code.push(load(0, 8, 76));
            check(&mut code);
        }
        code.extend([asm::lui(0, 0x12345), asm::auipc(0, 0x12345)]);
        check(&mut code);
        code.push(asm::jal(0, 4));
        check(&mut code);
        code.extend([asm::auipc(5, 0), asm::jalr(0, 5, 8)]);
        check(&mut code);
        code.push(asm::fence());
        check(&mut code);
        // x0 as a base: low addresses are memory like any other.
        code.extend([asm::sw(6, 0, 16), asm::lw(5, 0, 16)]);
        code.extend(result());
        code.push(asm::terminate(0));
        code
    });
    let (agreed, _) = against_model(&elf, &[], "x0");
    assert_eq!((agreed.exit_code(), agreed.register(0)), (Some(0), 0));
    assert_eq!(agreed.image.get(&(2, 16)), Some(&0xffff_fff7));
}

/// Returns a program that jumps to `target`. It contains an `ecall` after the jump, which is not executed, so the routine
/// of `ecall` is part of the program.
fn jump_to(target: u32, a0: u32, a7: u32) -> Vec<u32> {
    let registers = [asm::li(10, a0), asm::li(17, a7), asm::li(5, target)].concat();
    [registers, vec![asm::jalr(0, 5, 0), asm::ecall(), asm::terminate(9)]].concat()
}

/// A guest can jump into the routine of `ecall`, past its checks. That is part of the machine's definition: whatever the
/// entry, the jump ends the run with some exit code, or with the error of an unknown system call. The guest could have
/// done the same with a `terminate` of its own. Memory and public values do not change.
#[test]
fn a_jump_into_the_ecall_routine_is_an_exit() {
    const STATUSES: u32 = ECALL_PC + 5 * 4;
    const UNKNOWN: u32 = STATUSES + 256 * 4;
    let config = Rv32imVm::default();
    let run = |code: &[u32]| {
        let exe = vm_sdk::transpiler::load_elf(&elf_of(code, &[], BASE), &config).unwrap();
        crate::support::all_modes(&config, &exe, &[], "jump into the routine of ecall")
    };
    let exit = |target, a0, a7| {
        let agreed = run(&jump_to(target, a0, a7));
        assert_eq!(agreed.public_values(), [0; 32]);
        // Main memory holds the code of the program, and nothing else.
        let code = (BASE..).step_by(4).zip(jump_to(target, a0, a7)).collect::<Vec<_>>();
        assert_eq!(agreed.main_memory(), code);
        agreed.exit_code()
    };
    // The first entry is that of `ecall` itself.
    assert_eq!(exit(ECALL_PC, 0x1_0207, 93), Some(7));
    // After the first entry, the scratch register is still 0. So 0 is taken for the number of the system call.
    assert_eq!(exit(ECALL_PC + 4, 0x1_0207, 0), Some(7));
    // After the check of the number, every number is taken for that of `exit`.
    assert_eq!(exit(ECALL_PC + 8, 0x1_0207, 64), Some(7));
    // After the status is read, it is 0, as the scratch register.
    assert_eq!(exit(ECALL_PC + 12, 7, 64), Some(0));
    assert_eq!(exit(ECALL_PC + 16, 7, 64), Some(0));
    // Each of the last 256 instructions ends the run with its own code.
    for code in [0, 1, 7, 128, 254, 255] {
        assert_eq!(exit(STATUSES + 4 * code, 3, 64), Some(code));
    }
    // The instruction after them fails, also for the number of `exit`, and nothing follows it.
    for (target, a7) in [(ECALL_PC, 64), (ECALL_PC + 4, 93), (UNKNOWN, 93)] {
        let code = jump_to(target, 0, a7);
        let message = format!("unknown system call: a7 is {a7}, and the machine has only exit (93)");
        let pc = BASE + 4 * (code.len() as u32 - 3);
        assert_eq!(run(&code).result, Err(ExecutionError::Fail { pc, message }), "{target:#x}");
    }
    let is_missing =
        |code: &[u32], target| matches!(run(code).result, Err(ExecutionError::PcNotFound { pc, .. }) if pc == target);
    assert!(is_missing(&jump_to(UNKNOWN + 4, 0, 93), UNKNOWN + 4));
    // A program without `ecall` has no such routine.
    let mut code = jump_to(STATUSES, 0, 93);
    code.retain(|word| *word != asm::ecall());
    assert!(is_missing(&code, STATUSES));
}

/// Tests the ways to end a program: `terminate`, whose exit code is the immediate, the exit system call, whose exit
/// code is the low byte of `a0`, and `unimp`.
#[test]
fn programs_end_with_their_exit_code() {
    for code in [0, 1, 2, 255, 256, 2047] {
        let (agreed, outcome) = against_model(&elf_of(&[asm::terminate(code)], &[], BASE), &[], "terminate");
        assert_eq!((agreed.exit_code(), outcome.instret), (Some(code as u32), 1));
    }
    for status in [0, 1, 42, 255, 256, 0x1_02ff, u32::MAX] {
        let code = [asm::li(10, status), asm::li(17, 93), vec![asm::ecall()]].concat();
        let (agreed, _) = against_model(&elf_of(&code, &[], BASE), &[], "exit");
        assert_eq!(agreed.exit_code(), Some(status & 0xff));
    }
    let (agreed, _) = against_model(&elf_of(&[asm::fence(), asm::unimp()], &[], BASE), &[], "unimp");
    assert_eq!(agreed.exit_code(), Some(2));
    // Other system calls trap, with the place of the call.
    let code = [asm::li(17, 64), vec![asm::ecall(), asm::terminate(0)]].concat();
    let exe = vm_sdk::transpiler::load_elf(&elf_of(&code, &[], BASE), &Rv32imVm::default()).unwrap();
    let agreed = crate::support::all_modes(&vm_sdk::config::Rv32imVm::default(), &exe, &[], "write");
    let message = "unknown system call: a7 is 64, and the machine has only exit (93)".to_owned();
    let pc = BASE + 4 * (code.len() as u32 - 2);
    assert_eq!(agreed.result, Err(ExecutionError::Fail { pc, message }));
    let outcome = vm_tests::model::Model::from_elf(&elf_of(&code, &[], BASE)).unwrap().run(vec![], 100);
    assert!(matches!(outcome.exit, Exit::Trap(_)));
}
