//! Corner cases of the model. Expected values come from the specification's tables or were computed by hand.

use super::alu::compute;
use super::decode::Op;
use super::image::Segment;
use super::memory::MEMORY_END;
use super::*;

const BASE: u32 = 0x0020_0800;

/// Returns a machine with `words` at [`BASE`], where it starts.
fn machine(words: &[u32]) -> Model {
    let bytes = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Model::new(BASE, &[Segment { address: BASE, bytes, executable: true }])
}

/// Runs `words` until they end or trap. `regs` has initial values of registers as pairs of number and value.
fn run(words: &[u32], regs: &[(usize, u32)]) -> Outcome {
    let mut model = machine(words);
    for &(number, value) in regs {
        model.regs[number] = value;
    }
    model.run(vec![], 1000)
}

/// Returns `x3` after the single instruction `word`, with `x1 = a` and `x2 = b`.
fn result(word: u32, a: u32, b: u32) -> u32 {
    let outcome = run(&[word, asm::terminate(0)], &[(1, a), (2, b), (3, 0x5555_5555)]);
    assert_eq!(outcome.exit, Exit::Code(0));
    outcome.regs[3]
}

const MIN: u32 = 0x8000_0000;
const NEG_1: u32 = u32::MAX;

#[test]
fn division_by_zero_gives_all_ones_and_the_dividend() {
    for a in [0, 1, 17, MIN, NEG_1] {
        assert_eq!(result(asm::div(3, 1, 2), a, 0), NEG_1);
        assert_eq!(result(asm::divu(3, 1, 2), a, 0), u32::MAX);
        assert_eq!(result(asm::rem(3, 1, 2), a, 0), a);
        assert_eq!(result(asm::remu(3, 1, 2), a, 0), a);
    }
}

#[test]
fn signed_division_overflow_gives_the_dividend_and_zero() {
    assert_eq!(result(asm::div(3, 1, 2), MIN, NEG_1), MIN);
    assert_eq!(result(asm::rem(3, 1, 2), MIN, NEG_1), 0);
    assert_eq!(result(asm::divu(3, 1, 2), MIN, NEG_1), 0);
    assert_eq!(result(asm::remu(3, 1, 2), MIN, NEG_1), MIN);
}

#[test]
fn signed_division_rounds_to_zero_and_the_remainder_has_the_sign_of_the_dividend() {
    for (a, b, quotient, remainder) in [(7, 2, 3, 1), (-7, 2, -3, -1), (7, -2, -3, 1), (-7, -2, 3, -1)] {
        let (a, b): (i32, i32) = (a, b);
        assert_eq!(result(asm::div(3, 1, 2), a as u32, b as u32) as i32, quotient);
        assert_eq!(result(asm::rem(3, 1, 2), a as u32, b as u32) as i32, remainder);
    }
}

#[test]
fn high_products_respect_the_signs_of_their_operands() {
    // (a, b, mul, mulh, mulhsu, mulhu)
    for (a, b, low, high, high_su, high_u) in [
        (NEG_1, NEG_1, 1, 0, NEG_1, 0xffff_fffe),
        (MIN, MIN, 0, 0x4000_0000, 0xc000_0000, 0x4000_0000),
        (MIN, NEG_1, MIN, 0, MIN, 0x7fff_ffff),
        (NEG_1, MIN, MIN, 0, NEG_1, 0x7fff_ffff),
        (2, NEG_1, 0xffff_fffe, NEG_1, 1, 1),
        (NEG_1, 2, 0xffff_fffe, NEG_1, NEG_1, 1),
        (0x7fff_ffff, 0x7fff_ffff, 1, 0x3fff_ffff, 0x3fff_ffff, 0x3fff_ffff),
    ] {
        assert_eq!(result(asm::mul(3, 1, 2), a, b), low, "mul {a:#x} {b:#x}");
        assert_eq!(result(asm::mulh(3, 1, 2), a, b), high, "mulh {a:#x} {b:#x}");
        assert_eq!(result(asm::mulhsu(3, 1, 2), a, b), high_su, "mulhsu {a:#x} {b:#x}");
        assert_eq!(result(asm::mulhu(3, 1, 2), a, b), high_u, "mulhu {a:#x} {b:#x}");
    }
}

/// Compares with 128-bit arithmetic, for all pairs of boundary values.
#[test]
fn products_and_quotients_agree_with_wide_arithmetic() {
    let values = [0, 1, 2, 3, 0x7fff_fffe, 0x7fff_ffff, MIN, MIN + 1, 0xdead_beef, NEG_1 - 1, NEG_1];
    for (a, b) in values.into_iter().flat_map(|a| values.map(|b| (a, b))) {
        let (sa, sb, ua, ub) = (i128::from(a as i32), i128::from(b as i32), i128::from(a), i128::from(b));
        assert_eq!(compute(Op::Mul, a, b), (ua * ub) as u32);
        assert_eq!(compute(Op::Mulh, a, b), (sa * sb).div_euclid(1 << 32) as u32);
        assert_eq!(compute(Op::Mulhsu, a, b), (sa * ub).div_euclid(1 << 32) as u32);
        assert_eq!(compute(Op::Mulhu, a, b), (ua * ub).div_euclid(1 << 32) as u32);
        // The specification's identity dividend = divisor * quotient + remainder also holds in the special cases.
        let product = |quotient: u32| b.wrapping_mul(quotient);
        assert_eq!(product(compute(Op::Div, a, b)).wrapping_add(compute(Op::Rem, a, b)), a);
        assert_eq!(product(compute(Op::Divu, a, b)).wrapping_add(compute(Op::Remu, a, b)), a);
    }
}

#[test]
fn shifts_use_five_bits_and_sra_copies_the_sign() {
    assert_eq!(result(asm::sll(3, 1, 2), 1, 31), MIN);
    assert_eq!(result(asm::sll(3, 1, 2), 1, 32), 1);
    assert_eq!(result(asm::srl(3, 1, 2), MIN, 0xffff_ffe1), 0x4000_0000);
    assert_eq!(result(asm::sra(3, 1, 2), MIN, 31), NEG_1);
    assert_eq!(result(asm::sra(3, 1, 2), MIN, 33), 0xc000_0000);
    assert_eq!(result(asm::sra(3, 1, 2), 0x7fff_ffff, 30), 1);
    assert_eq!(result(asm::srai(3, 1, 4), 0xf000_0000, 0), 0xff00_0000);
    assert_eq!(result(asm::srli(3, 1, 4), 0xf000_0000, 0), 0x0f00_0000);
    assert_eq!(result(asm::slli(3, 1, 0), 0xf000_000f, 0), 0xf000_000f);
}

#[test]
fn comparisons_are_signed_or_not() {
    assert_eq!(result(asm::slt(3, 1, 2), MIN, 0), 1);
    assert_eq!(result(asm::sltu(3, 1, 2), MIN, 0), 0);
    assert_eq!(result(asm::slti(3, 1, -1), MIN, 0), 1);
    // The immediate is sign-extended, and then compared as an unsigned number.
    assert_eq!(result(asm::sltiu(3, 1, -1), 0xffff_fffe, 0), 1);
    assert_eq!(result(asm::sltiu(3, 1, 1), 0, 0), 1);
    assert_eq!(result(asm::slt(3, 1, 2), 5, 5), 0);
}

#[test]
fn immediates_are_sign_extended() {
    assert_eq!(result(asm::addi(3, 1, -2048), 0, 0), 0xffff_f800);
    assert_eq!(result(asm::xori(3, 1, -1), 0x0f0f_0f0f, 0), 0xf0f0_f0f0);
    assert_eq!(result(asm::andi(3, 1, -16), 0xabcd_ef01, 0), 0xabcd_ef00);
    assert_eq!(result(asm::ori(3, 1, 2047), 0, 0), 2047);
    assert_eq!(result(asm::lui(3, 0xfffff), 0, 0), 0xffff_f000);
    assert_eq!(result(asm::auipc(3, 0xfffff), 0, 0), BASE - 4096);
}

#[test]
fn li_builds_every_kind_of_constant() {
    for value in [0, 1, 2047, 2048, 0x800, 0xfff, 0x1000, 0x7fff_ffff, MIN, 0xffff_f7ff, 0xffff_f800, NEG_1] {
        let program = [asm::li(3, value), vec![asm::terminate(0)]].concat();
        assert_eq!(run(&program, &[]).regs[3], value);
    }
}

#[test]
fn loads_extend_and_stores_truncate() {
    let at = 0x1000;
    let program = |word| {
        let setup = [asm::lui(1, 1), asm::sw(2, 1, 0), word, asm::terminate(0)];
        run(&setup, &[(2, 0x8091_a2b3)]).regs[3]
    };
    assert_eq!(program(asm::lb(3, 1, 0)), 0xffff_ffb3);
    assert_eq!(program(asm::lbu(3, 1, 1)), 0xa2);
    assert_eq!(program(asm::lh(3, 1, 2)), 0xffff_8091);
    assert_eq!(program(asm::lhu(3, 1, 0)), 0xa2b3);
    assert_eq!(program(asm::lw(3, 1, 0)), 0x8091_a2b3);

    let mut model = machine(&[asm::sb(2, 1, 3), asm::sh(2, 1, 4), asm::sw(2, 1, -4), asm::terminate(0)]);
    (model.regs[1], model.regs[2]) = (at, 0x1122_3344);
    assert_eq!(model.run(vec![], 10).exit, Exit::Code(0));
    let expected = vec![(at - 4, 0x1122_3344), (at, 0x4400_0000), (at + 4, 0x3344)];
    let data = |words: Vec<(u32, u32)>| words.into_iter().filter(|&(address, _)| address < BASE).collect::<Vec<_>>();
    assert_eq!(data(model.memory.nonzero_words()), expected);
}

#[test]
fn misaligned_accesses_trap_without_effect() {
    for (word, size) in [
        (asm::lh(3, 1, 1), 2),
        (asm::lhu(3, 1, 1), 2),
        (asm::lw(3, 1, 1), 4),
        (asm::lw(3, 1, 2), 4),
        (asm::lw(0, 1, 3), 4),
        (asm::sh(2, 1, 1), 2),
        (asm::sw(2, 1, 2), 4),
    ] {
        let address = 0x1000 + (word >> 20) % 4 * u32::from(word & 0x7f == 3);
        let outcome = run(&[word], &[(1, 0x1000), (2, 1), (3, 9)]);
        let Exit::Trap(Trap::MisalignedAccess { address: found, size: found_size }) = outcome.exit else {
            panic!("{word:#010x} did not trap: {outcome:?}")
        };
        assert_eq!((found & !3, found_size), (0x1000, size));
        assert!(word & 0x7f != 3 || found == address);
        assert_eq!((outcome.pc, outcome.instret, outcome.regs[3]), (BASE, 0, 9));
    }
}

#[test]
fn memory_ends_at_2_to_the_29() {
    let last = MEMORY_END - 4;
    assert_eq!(run(&[asm::sw(1, 1, 0), asm::lw(3, 1, 0), asm::terminate(0)], &[(1, last)]).regs[3], last);
    for word in [asm::lb(3, 1, 4), asm::lw(3, 1, 4), asm::sw(2, 1, 4), asm::sb(2, 1, 4)] {
        let exit = run(&[word], &[(1, last)]).exit;
        assert!(matches!(exit, Exit::Trap(Trap::OutOfMemory { address: MEMORY_END, .. })), "{exit:?}");
    }
    // Addresses wrap around: -4 is the last word of the address space.
    let exit = run(&[asm::lw(3, 0, -4)], &[]).exit;
    assert_eq!(exit, Exit::Trap(Trap::OutOfMemory { address: 0xffff_fffc, size: 4 }));
    assert_eq!(result(asm::lw(3, 1, 4), 0xffff_fffc, 0), 0);
}

#[test]
fn x0_stays_zero() {
    let words = [asm::addi(0, 0, 5), asm::lui(0, 1), asm::lw(0, 1, 0), asm::jal(0, 4), asm::auipc(0, 0)];
    let outcome = run(&[words.as_slice(), &[asm::add(3, 0, 0), asm::terminate(0)]].concat(), &[(1, BASE), (3, 1)]);
    assert_eq!((outcome.exit, outcome.regs[0], outcome.regs[3]), (Exit::Code(0), 0, 0));
}

#[test]
fn jal_links_and_jalr_clears_the_lowest_bit() {
    let outcome = run(&[asm::jal(1, 8), asm::terminate(1), asm::terminate(2)], &[]);
    assert_eq!((outcome.exit, outcome.regs[1], outcome.pc), (Exit::Code(2), BASE + 4, BASE + 8));
    // Register and immediate are both odd; the lowest bit of their sum is cleared. With rd = rs1, the old value of the
    // register is used.
    let words = [asm::jalr(1, 1, 1), asm::terminate(1), asm::terminate(2)];
    let outcome = run(&words, &[(1, BASE + 8)]);
    assert_eq!((outcome.exit, outcome.regs[1]), (Exit::Code(2), BASE + 4));
    let outcome = run(&words, &[(1, BASE + 7)]);
    assert_eq!((outcome.exit, outcome.regs[1]), (Exit::Code(2), BASE + 4));
}

#[test]
fn misaligned_jump_targets_trap_before_linking() {
    for (word, target) in [(asm::jal(3, 6), BASE + 6), (asm::jalr(3, 1, 3), 0x1002), (asm::beq(0, 0, 2), BASE + 2)] {
        let outcome = run(&[word], &[(1, 0x1000), (3, 9)]);
        assert_eq!(outcome.exit, Exit::Trap(Trap::MisalignedJump { target }));
        assert_eq!((outcome.pc, outcome.regs[3]), (BASE, 9));
    }
    // The target of a branch that is not taken may be misaligned.
    assert_eq!(run(&[asm::bne(0, 0, 2), asm::terminate(0)], &[]).exit, Exit::Code(0));
}

#[test]
fn branches_compare_as_their_names_say() {
    let taken =
        |word, a, b| run(&[word, asm::terminate(0), asm::terminate(1)], &[(1, a), (2, b)]).exit == Exit::Code(1);
    let branches = [asm::beq, asm::bne, asm::blt, asm::bge, asm::bltu, asm::bgeu].map(|branch| branch(1, 2, 8));
    for (a, b, expected) in [
        (1, 1, [true, false, false, true, false, true]),
        (1, 2, [false, true, true, false, true, false]),
        (NEG_1, 1, [false, true, true, false, false, true]),
        (MIN, 0x7fff_ffff, [false, true, true, false, false, true]),
        (0, MIN, [false, true, false, true, true, false]),
    ] {
        assert_eq!(branches.map(|branch| taken(branch, a, b)), expected, "{a:#x} {b:#x}");
    }
}

#[test]
fn branches_and_jumps_reach_backwards() {
    let mut code = asm::Assembler::default();
    code.jump_to("start", |offset| asm::jal(0, offset)).label("end").push(asm::terminate(9)).label("start");
    code.push(asm::addi(1, 1, 1)).push(asm::slti(2, 1, 10));
    code.jump_to("start", |offset| asm::bne(2, 0, offset)).jump_to("end", |offset| asm::jal(0, offset));
    let outcome = run(&code.finish(), &[]);
    assert_eq!((outcome.exit, outcome.regs[1], outcome.instret), (Exit::Code(9), 10, 1 + 30 + 2));
}

#[test]
fn leaving_the_program_traps() {
    for program in [vec![asm::nop()], vec![asm::jal(0, -4)], vec![asm::jalr(0, 0, 0)]] {
        assert_eq!(run(&program, &[]).exit, Exit::Trap(Trap::PcOutOfProgram));
    }
    let data = Segment { address: BASE, bytes: asm::nop().to_le_bytes().to_vec(), executable: false };
    assert_eq!(Model::new(BASE, &[data]).run(vec![], 1).exit, Exit::Trap(Trap::PcOutOfProgram));
}

#[test]
fn the_program_is_fixed_while_its_memory_is_not() {
    let words = [asm::sw(0, 1, 8), asm::lw(3, 1, 8), asm::terminate(5)];
    let outcome = run(&words, &[(1, BASE), (3, 1)]);
    assert_eq!((outcome.exit, outcome.regs[3]), (Exit::Code(5), 0));
}

#[test]
fn undecodable_words_trap_only_when_executed() {
    assert_eq!(run(&[asm::jal(0, 8), 0, asm::terminate(0)], &[]).exit, Exit::Code(0));
    for word in [0, u32::MAX, 0x0010_0073 /* ebreak */, asm::terminate(-1), asm::keccak256(1, 2, 3)] {
        assert_eq!(run(&[word], &[]).exit, Exit::Trap(Trap::IllegalInstruction { word }));
    }
}

#[test]
fn the_three_ways_to_end() {
    for code in [0, 1, 7, 255, 2047] {
        assert_eq!(run(&[asm::terminate(code)], &[]).exit, Exit::Code(code as u32));
    }
    assert_eq!(run(&[asm::ecall()], &[(A7, SYSCALL_EXIT), (A0, 0x1_0203)]).exit, Exit::Code(3));
    assert_eq!(run(&[asm::ecall()], &[(A7, 64)]).exit, Exit::Trap(Trap::UnknownSyscall { number: 64 }));
    let outcome = run(&[asm::fence(), asm::unimp()], &[]);
    assert_eq!((outcome.exit, outcome.pc, outcome.instret), (Exit::Code(2), BASE + 4, 2));
}

#[test]
fn the_step_limit_stops_and_running_can_go_on() {
    let mut model = machine(&[asm::addi(1, 1, 1), asm::addi(1, 1, 1), asm::terminate(0)]);
    let outcome = model.run(vec![], 1);
    assert_eq!((outcome.exit, outcome.pc, outcome.regs[1]), (Exit::StepLimit, BASE + 4, 1));
    let outcome = model.run(vec![], 2);
    assert_eq!((outcome.exit, outcome.instret, outcome.regs[1]), (Exit::Code(0), 3, 2));
}

#[test]
fn hints_are_a_length_and_padded_bytes() {
    let words = [asm::hintinput(), asm::hintstorew(1), asm::addi(2, 1, 4), asm::addi(3, 0, 2), asm::hintbuffer(2, 3)];
    let mut model = machine(&[words.as_slice(), &[asm::hintstorew(1)]].concat());
    model.regs[1] = 0x1000;
    let outcome = model.run(vec![vec![1, 2, 3, 4, 5], vec![9]], 100);
    // The hint stream ends with the padding, so it is empty at the sixth instruction.
    assert_eq!(outcome.exit, Exit::Trap(Trap::HintStreamTooShort { wanted: 4, available: 0 }));
    assert_eq!(model.memory.read_bytes(0x1000, 12), [5, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0]);
    assert_eq!(model.inputs, [vec![9]]);
}

#[test]
fn hintinput_replaces_what_is_left() {
    let mut model = machine(&[asm::hintinput(), asm::hintinput(), asm::hintstorew(1), asm::hintinput()]);
    let outcome = model.run(vec![vec![1; 4], vec![2; 8]], 100);
    assert_eq!(outcome.exit, Exit::Trap(Trap::NoInput));
    assert_eq!(model.memory.read(0, 4), 8);
}

#[test]
fn hint_stores_check_length_alignment_and_bounds() {
    let exit = |words: u32, address: u32| {
        let mut model = machine(&[asm::hintinput(), asm::hintbuffer(1, 2)]);
        (model.regs[1], model.regs[2]) = (address, words);
        model.run(vec![vec![7; 8]], 2).exit
    };
    assert_eq!(exit(3, 0x1000), Exit::StepLimit);
    assert_eq!(exit(0, 0x1000), Exit::Trap(Trap::EmptyHintBuffer));
    assert_eq!(exit(4, 0x1000), Exit::Trap(Trap::HintStreamTooShort { wanted: 16, available: 12 }));
    assert_eq!(exit(1, 0x1002), Exit::Trap(Trap::MisalignedAccess { address: 0x1002, size: 4 }));
    assert_eq!(exit(3, MEMORY_END - 8), Exit::Trap(Trap::OutOfMemory { address: MEMORY_END - 8, size: 12 }));
    assert_eq!(exit(u32::MAX, 0), Exit::Trap(Trap::OutOfMemory { address: 0, size: 4 * u64::from(u32::MAX) }));
}

#[test]
fn hintrandom_gives_as_many_words_as_asked() {
    let mut model = machine(&[asm::hintrandom(2), asm::hintbuffer(1, 2), asm::hintstorew(1)]);
    (model.regs[1], model.regs[2]) = (0x1000, 5);
    let outcome = model.run(vec![], 10);
    assert_eq!(outcome.exit, Exit::Trap(Trap::HintStreamTooShort { wanted: 4, available: 0 }));
    assert_ne!(model.memory.read(0x1010, 4), model.memory.read(0x100c, 4));
}

#[test]
fn reveal_adds_its_offset_and_checks_the_range() {
    let exit = |base: u32, imm: i32| run(&[asm::reveal(1, 2, imm), asm::terminate(0)], &[(1, base), (2, 0x0403_0201)]);
    assert_eq!(exit(8, 4).public_values[12..16], [1, 2, 3, 4]);
    assert_eq!(exit(8, -8).public_values[..8], [1, 2, 3, 4, 0, 0, 0, 0]);
    assert_eq!(exit(28, 0).exit, Exit::Code(0));
    assert_eq!(exit(28, 4).exit, Exit::Trap(Trap::RevealOutOfRange { offset: 32 }));
    assert_eq!(exit(0, -4).exit, Exit::Trap(Trap::RevealOutOfRange { offset: 0xffff_fffc }));
    assert_eq!(exit(1, 1).exit, Exit::Trap(Trap::MisalignedAccess { address: 2, size: 4 }));
    let mut larger = machine(&[asm::reveal(0, 0, 32), asm::terminate(0)]).with_num_public_values(36);
    assert_eq!(larger.run(vec![], 2).exit, Exit::Code(0));
}

#[test]
fn printstr_prints_utf8_from_any_address() {
    let print = |text: &[u8]| {
        let text = Segment { address: 0x1001, bytes: text.to_vec(), executable: false };
        let mut model = machine(&[asm::printstr(1, 2), asm::printstr(1, 2), asm::terminate(0)]);
        let loaded = Model::new(0, std::slice::from_ref(&text));
        model.memory = loaded.memory;
        (model.regs[1], model.regs[2]) = (0x1001, text.bytes.len() as u32);
        model.run(vec![], 3)
    };
    assert_eq!(print("né".as_bytes()).printed, "néné".as_bytes());
    assert_eq!(print(b"\xff").printed, b"\xff\xff");
}

#[test]
fn elf_files_survive_the_round_trip() {
    let words = [asm::lui(1, 0x201), asm::lw(2, 1, 0), asm::terminate(3)];
    assert_eq!(data_address(&words, BASE), 0x0020_1000);
    let elf = elf_of(&words, &[1, 2, 3, 4, 5], BASE);
    let mut model = Model::from_elf(&elf).unwrap();
    assert_eq!(model.memory.read(0x0020_1004, 4), 5);
    let outcome = model.run(vec![], 10);
    assert_eq!((outcome.exit, outcome.regs[2]), (Exit::Code(3), 0x0403_0201));
}

#[test]
fn broken_elf_files_are_errors() {
    let elf = elf_of(&[asm::nop()], &[1], BASE);
    let load = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = elf.clone();
        change(&mut changed);
        Model::from_elf(&changed).map(|_| ()).unwrap_err()
    };
    assert_eq!(load(&|elf| elf.truncate(4)), LoadError::NotRiscV32("magic, class or byte order"));
    assert_eq!(load(&|elf| elf[4] = 2), LoadError::NotRiscV32("magic, class or byte order"));
    assert_eq!(load(&|elf| elf[16] = 3), LoadError::NotRiscV32("e_type is not ET_EXEC"));
    assert_eq!(load(&|elf| elf[18] = 3), LoadError::NotRiscV32("e_machine is not EM_RISCV"));
    assert_eq!(load(&|elf| elf.truncate(60)), LoadError::Truncated(60));
    assert_eq!(load(&|elf| elf.truncate(elf.len() - 1)), LoadError::Truncated(0x2000));
    let address = 0x3f20_0800;
    assert_eq!(load(&|elf| elf[52 + 11] = 0x3f), LoadError::OutOfMemory { address, size: 4 });
    for length in 0..elf.len() {
        let _ = Model::from_elf(&elf[..length]); // no panic
    }
}
