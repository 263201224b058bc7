//! The program that is attacked: its sites with their operands and the instructions that overwrite them.

use std::collections::BTreeMap;

use vm_tests::model::asm;

use crate::support::BASE;

/// Offset of the word for hints, at the pointer in `x9`, from the data, at the pointer in `x8`.
const HINTS: i32 = 0x200;

/// Offsets, from the data at `x8`, of the words that loads and stores access.
pub(super) mod words {
    pub(crate) const LW: i32 = 0x40;
    pub(crate) const LB: i32 = 0x50;
    pub(crate) const LBU: i32 = 0x60;
    pub(crate) const LH: i32 = 0x70;
    pub(crate) const SW: i32 = 0x80;
    pub(crate) const SB: i32 = 0x90;
    pub(crate) const SH: i32 = 0xa0;
    pub(crate) const POINTED: i32 = 0xb0;
}

/// Contents of the words that loads of bytes and half-words access.
pub(super) const BYTES: u32 = 0x8081_ff7e;
/// Contents of all other words of the data.
pub(super) const OTHER: u32 = 0x1122_3344;

/// Collects the instructions, the sites and the input of the program.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) code: Vec<u32>,
    /// Program counters by name.
    pub(super) sites: BTreeMap<&'static str, u32>,
    /// Words of the input vector, in the order in which the program stores them.
    pub(super) hints: Vec<u32>,
}

impl Builder {
    /// Returns the program counter of the next instruction.
    fn pc(&self) -> u32 {
        BASE + 4 * self.code.len() as u32
    }

    /// Adds an instruction that is a site.
    fn site(&mut self, name: &'static str, word: u32) {
        assert_eq!(self.sites.insert(name, self.pc()), None, "{name}");
        self.code.push(word);
    }

    /// Adds the site `x5 = f(x6, x7)`. The three instructions after it overwrite x5, x6 and x7.
    fn alu(&mut self, name: &'static str, x: u32, c: u32, word: u32) {
        self.code.extend(asm::li(6, x));
        self.code.extend(asm::li(7, c));
        self.site(name, word);
        self.code.extend([5, 6, 7].map(|register| asm::lui(register, 0x7_7777)));
    }

    /// Adds the site `x6 = f(x6, x7)`. The two instructions after it overwrite x6 and x7.
    fn in_place(&mut self, name: &'static str, x: u32, c: u32, word: u32) {
        self.code.extend(asm::li(6, x));
        self.code.extend(asm::li(7, c));
        self.site(name, word);
        self.code.extend([6, 7].map(|register| asm::lui(register, 0x7_7777)));
    }

    /// Adds both paths of the branch or jump right before: F at +4 and +8, T at +12 and +16, relative to its pc. Both
    /// paths consist of the same two instructions and meet at +20.
    fn paths(&mut self) {
        let path = [asm::addi(11, 0, 1), asm::beq(0, 0, 12), asm::addi(11, 0, 1), asm::beq(0, 0, 4)];
        self.code.extend(path);
    }

    /// Adds a branch that compares x6 and x7 and has the target T. They are overwritten at +20 and +24.
    fn branch(&mut self, name: &'static str, x: u32, c: u32, branch: fn(u32, u32, i32) -> u32) {
        self.code.extend(asm::li(6, x));
        self.code.extend(asm::li(7, c));
        self.site(name, branch(6, 7, 12));
        self.paths();
        self.code.extend([6, 7].map(|register| asm::lui(register, 0x7_7777)));
    }

    /// Adds a *fed* site, one whose operand x6 is a hint: it is stored at −8 and loaded at −4. The caller overwrites x6
    /// and the word that holds the hint, with [`Self::unfeed`].
    fn fed(&mut self, name: &'static str, hint: u32, word: u32) {
        self.code.extend([asm::hintstorew(9), asm::lw(6, 9, 0)]);
        self.hints.push(hint);
        self.site(name, word);
    }

    /// Overwrites x6 and the word that holds the hint.
    fn unfeed(&mut self) {
        self.code.extend([asm::lui(6, 0x7_7777), asm::sw(0, 9, 0)]);
    }
}

/// Builds the program, with its sites and its input, for data at the page with this number.
pub(super) fn program(page: u32) -> Builder {
    let mut b = Builder::default();
    b.code.extend([asm::lui(8, page), asm::addi(9, 8, HINTS), asm::hintinput(), asm::hintstorew(9)]);

    b.alu("add", 0x0001_9000, 0x0002_8000, asm::add(5, 6, 7));
    b.alu("sub", 5, 7, asm::sub(5, 6, 7));
    b.alu("add of sub", 5, 7, asm::add(5, 6, 7));
    for (name, word) in [("and", asm::and(5, 6, 7)), ("or", asm::or(5, 6, 7)), ("xor", asm::xor(5, 6, 7))] {
        b.alu(name, 0x1234_00f3, 0x0ff0_0f35, word);
    }
    for (name, c, word) in [
        ("sll", 36, asm::sll(5, 6, 7)),
        ("srl", 36, asm::srl(5, 6, 7)),
        ("sra", 36, asm::sra(5, 6, 7)),
        ("sra by 5", 5, asm::sra(5, 6, 7)),
        ("sra by 20", 20, asm::sra(5, 6, 7)),
    ] {
        b.alu(name, 0x8001_2345, c, word);
    }
    b.alu("slt", u32::MAX, 1, asm::slt(5, 6, 7));
    b.alu("sltu", u32::MAX, 1, asm::sltu(5, 6, 7));
    b.alu("slt of 1 and 2", 1, 2, asm::slt(5, 6, 7));
    b.alu("mul", 0x1234_5678, 0x9abc_def0, asm::mul(5, 6, 7));
    for (name, word) in [("mulh", asm::mulh(5, 6, 7)), ("mulhsu", asm::mulhsu(5, 6, 7)), ("mulhu", asm::mulhu(5, 6, 7))]
    {
        b.alu(name, 0xffff_fff0, 0x8000_0003, word);
    }
    for (name, word) in [
        ("div", asm::div(5, 6, 7)),
        ("divu", asm::divu(5, 6, 7)),
        ("rem", asm::rem(5, 6, 7)),
        ("remu", asm::remu(5, 6, 7)),
    ] {
        b.alu(name, -7i32 as u32, 2, word);
    }
    b.alu("divu of 100 and 7", 100, 7, asm::divu(5, 6, 7));
    b.alu("divu of 100 and 0", 100, 0, asm::divu(5, 6, 7));
    b.alu("div of least and -1", 0x8000_0000, u32::MAX, asm::div(5, 6, 7));

    b.alu("addi 3", 0x0001_ffff, 0, asm::addi(5, 6, 3));
    b.alu("addi 4", 0x0001_ffff, 0, asm::addi(5, 6, 4));
    b.alu("addi to x0", 0x0001_ffff, 0, asm::addi(0, 6, 3));
    for (name, word) in
        [("xori", asm::xori(5, 6, 0xf5)), ("andi", asm::andi(5, 6, 0xf5)), ("andi -2", asm::andi(5, 6, -2))]
    {
        b.alu(name, 0x1234_00f3, 0, word);
    }
    for (name, word) in [
        ("slli 4", asm::slli(5, 6, 4)),
        ("srli 4", asm::srli(5, 6, 4)),
        ("srli 5", asm::srli(5, 6, 5)),
        ("srli 20", asm::srli(5, 6, 20)),
        ("srai 4", asm::srai(5, 6, 4)),
        ("srai 5", asm::srai(5, 6, 5)),
        ("srai 20", asm::srai(5, 6, 20)),
    ] {
        b.alu(name, 0x8001_2345, 0, word);
    }
    b.alu("srai 4 of positive", 0x4001_2345, 0, asm::srai(5, 6, 4));
    b.alu("slti", u32::MAX, 0, asm::slti(5, 6, 1));
    b.alu("sltiu", u32::MAX, 0, asm::sltiu(5, 6, 1));
    b.alu("slti of 1 and 2", 1, 0, asm::slti(5, 6, 2));
    b.alu("lui", 0, 0, asm::lui(5, 0x12345));

    b.in_place("add in place", 0x0001_9000, 0x0002_8000, asm::add(6, 6, 7));
    b.in_place("sub in place", 5, 7, asm::sub(6, 6, 7));
    b.in_place("add of sub in place", 5, 7, asm::add(6, 6, 7));
    b.in_place("addi 3 in place", 0x0001_ffff, 0, asm::addi(6, 6, 3));
    b.in_place("addi 4 in place", 0x0001_ffff, 0, asm::addi(6, 6, 4));
    for (name, word) in [
        ("and in place", asm::and(6, 6, 7)),
        ("or in place", asm::or(6, 6, 7)),
        ("xor in place", asm::xor(6, 6, 7)),
        ("xori in place", asm::xori(6, 6, 0xf5)),
        ("andi in place", asm::andi(6, 6, 0xf5)),
        ("andi -2 in place", asm::andi(6, 6, -2)),
    ] {
        b.in_place(name, 0x1234_00f3, 0x0ff0_0f35, word);
    }
    for (name, word) in [
        ("slli 4 in place", asm::slli(6, 6, 4)),
        ("srli 4 in place", asm::srli(6, 6, 4)),
        ("srli 5 in place", asm::srli(6, 6, 5)),
        ("srli 20 in place", asm::srli(6, 6, 20)),
    ] {
        b.in_place(name, 0x8001_2345, 0, word);
    }

    b.branch("beq of 1 and 2", 1, 2, asm::beq);
    b.branch("beq of 1 and 1", 1, 1, asm::beq);
    b.branch("bne of 1 and 1", 1, 1, asm::bne);
    b.branch("bne of 1 and 2", 1, 2, asm::bne);
    b.branch("blt of 2 and 1", 2, 1, asm::blt);
    b.branch("blt of 1 and 2", 1, 2, asm::blt);
    b.branch("blt of 1 and -1", 1, u32::MAX, asm::blt);
    b.branch("bltu of 1 and -1", 1, u32::MAX, asm::bltu);
    b.branch("bge of 1 and 2", 1, 2, asm::bge);
    b.site("jal", asm::jal(5, 12));
    b.paths();
    b.code.push(asm::lui(5, 0x7_7777));

    let jump_target = b.pc() + 8 + 12;
    b.fed("jalr", jump_target, asm::jalr(5, 6, 0));
    b.paths();
    b.code.push(asm::lui(5, 0x7_7777));
    b.unfeed();

    let load = |b: &mut Builder, name, offset, word| {
        b.site(name, word);
        b.code.extend([asm::lui(5, 0x7_7777), asm::sw(0, 8, offset)]);
    };
    load(&mut b, "lw", words::LW, asm::lw(5, 8, words::LW));
    load(&mut b, "lb", words::LB, asm::lb(5, 8, words::LB + 1));
    load(&mut b, "lbu", words::LBU, asm::lbu(5, 8, words::LBU + 1));
    load(&mut b, "lh", words::LH, asm::lh(5, 8, words::LH + 2));
    b.fed("lw of hint", (page << 12) + words::POINTED as u32, asm::lw(5, 6, 0));
    b.code.push(asm::lui(5, 0x7_7777));
    b.unfeed();
    b.fed("lh of hint", (page << 12) + words::POINTED as u32, asm::lh(5, 6, 0));
    b.code.push(asm::lui(5, 0x7_7777));
    b.unfeed();

    // The two words that a forged store could hit are accessed before the store, and overwritten at +4 and +8. x7 is
    // overwritten at +12.
    let store = |b: &mut Builder, name, offset, word| {
        b.code.extend([asm::lw(5, 8, offset), asm::lw(5, 8, offset + 4)]);
        b.code.extend(asm::li(7, 0x89ab_cdef));
        b.site(name, word);
        b.code.extend([asm::sw(0, 8, offset), asm::sw(0, 8, offset + 4), asm::lui(7, 0x7_7777)]);
    };
    store(&mut b, "sw", words::SW, asm::sw(7, 8, words::SW));
    store(&mut b, "sb", words::SB, asm::sb(7, 8, words::SB + 2));
    store(&mut b, "sh", words::SH, asm::sh(7, 8, words::SH + 2));
    b.fed("sw to hint", (page << 12) + words::POINTED as u32, asm::sw(0, 6, 0));
    b.unfeed();

    b.fed("hint", 0x1234_5678, asm::addi(5, 6, 1));
    b.code.push(asm::lui(5, 0x7_7777));
    b.unfeed();
    b.site("hintstorew", asm::hintstorew(9));
    b.hints.push(0x1234_5678);
    b.code.push(asm::sw(0, 9, 0));
    b.fed("hintstorew to hint", (page << 12) + words::POINTED as u32, asm::hintstorew(6));
    b.hints.push(0x1234_5678);
    b.unfeed();
    b.code.extend([asm::sw(0, 9, 4), asm::sw(0, 9, 0), asm::addi(10, 0, 1)]);
    b.site("hintbuffer", asm::hintbuffer(9, 10));
    b.hints.push(0x1234_5678);
    b.code.extend([asm::sw(0, 9, 0), asm::sw(0, 9, 4), asm::lui(10, 0x7_7777)]);
    b.code.extend([asm::reveal(0, 8, 0), asm::terminate(0)]);
    b
}
