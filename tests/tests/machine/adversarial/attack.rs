//! A program with a *site* for each attack, and a language to forge its traces.
//!
//! A forgery must be refused for the reason that is its point, not because the attacker was careless. Hence every
//! site's operands and results are overwritten right behind it: whatever a forged row reads or writes, the attacker can
//! make the overwriting row receive it ([`Attack::result`] and friends), so that all buses balance. Jumps and branches
//! have the same two instructions on both paths. Lookup counts are recomputed. And each test names *all* the guards that
//! it expects to refuse the traces, see [`Attack::refused_by`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use vm_core::arch::testing::{ChipTest, VmChipTestBuilder};
use vm_core::stark::{AirRef, F};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::model::asm;

use crate::conformance::link;
use crate::support::{BASE, Engine};

/// The field's order.
pub(super) const P: i64 = 15 * (1 << 27) + 1;

/// An integer as a field element.
pub(super) fn f(value: i64) -> F {
    F::new(value.rem_euclid(P) as u32)
}

/// 2^−bits.
pub(super) fn inv_pow2(bits: u32) -> F {
    f(P - ((P - 1) >> bits))
}

/// Both cells of a word.
pub(super) fn cells(word: u32) -> [F; 2] {
    [f(i64::from(word & 0xffff)), f(i64::from(word >> 16))]
}

/// Offset of the word behind `x9`, where hints go, from the data at `x8`.
const HINTS: i32 = 0x200;

/// Offsets of words that loads and stores use.
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

/// Content of the word that loads of bytes and half-words access; of the others.
pub(super) const BYTES: u32 = 0x8081_ff7e;
pub(super) const OTHER: u32 = 0x1122_3344;

#[derive(Default)]
struct Builder {
    code: Vec<u32>,
    sites: BTreeMap<&'static str, u32>,
    /// Words of the input vector, in the order in which they are stored.
    hints: Vec<u32>,
}

impl Builder {
    fn pc(&self) -> u32 {
        BASE + 4 * self.code.len() as u32
    }

    fn site(&mut self, name: &'static str, word: u32) {
        assert_eq!(self.sites.insert(name, self.pc()), None, "{name}");
        self.code.push(word);
    }

    /// `x5 = f(x6, x7)`, then x5, x6 and x7 are overwritten, at the three pcs behind.
    fn alu(&mut self, name: &'static str, x: u32, c: u32, word: u32) {
        self.code.extend(asm::li(6, x));
        self.code.extend(asm::li(7, c));
        self.site(name, word);
        self.code.extend([5, 6, 7].map(|register| asm::lui(register, 0x7_7777)));
    }

    /// `x6 = f(x6, x7)`, then x6 and x7 are overwritten, at the two pcs behind.
    fn in_place(&mut self, name: &'static str, x: u32, c: u32, word: u32) {
        self.code.extend(asm::li(6, x));
        self.code.extend(asm::li(7, c));
        self.site(name, word);
        self.code.extend([6, 7].map(|register| asm::lui(register, 0x7_7777)));
    }

    /// Both paths behind a branch or jump at the pc before: F at +4 and +8, T at +12 and +16. They do the same and meet
    /// at +20.
    fn paths(&mut self) {
        let path = [asm::addi(11, 0, 1), asm::beq(0, 0, 12), asm::addi(11, 0, 1), asm::beq(0, 0, 4)];
        self.code.extend(path);
    }

    /// Compares x6 and x7; the target is T. Both are overwritten at +20 and +24.
    fn branch(&mut self, name: &'static str, x: u32, c: u32, branch: fn(u32, u32, i32) -> u32) {
        self.code.extend(asm::li(6, x));
        self.code.extend(asm::li(7, c));
        self.site(name, branch(6, 7, 12));
        self.paths();
        self.code.extend([6, 7].map(|register| asm::lui(register, 0x7_7777)));
    }

    /// x6 becomes a hint: stored at −8, loaded at −4. The caller overwrites x6 and the word (with [`Self::unfeed`]).
    fn fed(&mut self, name: &'static str, hint: u32, word: u32) {
        self.code.extend([asm::hintstorew(9), asm::lw(6, 9, 0)]);
        self.hints.push(hint);
        self.site(name, word);
    }

    fn unfeed(&mut self) {
        self.code.extend([asm::lui(6, 0x7_7777), asm::sw(0, 9, 0)]);
    }
}

/// The program, its sites and its input, for data at a page.
fn program(page: u32) -> Builder {
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

    // Both words that a store could hit are accessed before, and overwritten at +4 and +8; x7 at +12.
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

type Test = ChipTest<Engine, Rv32imVm>;

struct Honest {
    test: Test,
    sites: BTreeMap<&'static str, u32>,
    /// AIR and row by pc; every instruction is executed once.
    rows: BTreeMap<u32, (String, usize)>,
}

/// The honest traces, made once.
fn honest() -> &'static Honest {
    static HONEST: OnceLock<Honest> = OnceLock::new();
    HONEST.get_or_init(|| {
        let mut data = vec![0; 0x400];
        for at in (0..data.len()).step_by(4) {
            let word = if (words::LB..words::LH + 16).contains(&(at as i32)) { BYTES } else { OTHER };
            data[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        let elf = link(&data, |page| program(page).code);
        let page = vm_tests::model::data_address(&program(0).code, BASE) >> 12;
        let Builder { code, sites, hints } = program(page);

        let exe = load_elf(&elf).unwrap();
        let input: Vec<u8> = hints.iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut builder = VmChipTestBuilder::new(Rv32imVm::default()).pc_start(exe.pc_start).input(input);
        for (pc, instruction) in exe.program.iter() {
            builder = builder.instruction(pc, *instruction);
        }
        for (&(space, pointer), &word) in &exe.init_memory {
            builder = builder.word(space, pointer, word);
        }
        let test: Test = builder.build().unwrap();

        let pcs: BTreeMap<String, u32> = (0..code.len() as u32)
            .map(|i| f(i64::from(BASE + 4 * i)).to_string())
            .zip((0..).map(|i| BASE + 4 * i))
            .collect();
        let mut rows = BTreeMap::new();
        for air in executors(&test) {
            let name = air.name();
            let column = air.column_names().iter().position(|column| column.ends_with("from_state.pc")).unwrap();
            let Ok(trace) = test.trace(&name, 0) else { continue };
            for (row, values) in trace.values.chunks(trace.width).enumerate() {
                if let Some(&pc) = pcs.get(&values[column].to_string()) {
                    assert_eq!(rows.insert(pc, (name.clone(), row)), None, "{pc:#x} is executed twice");
                }
            }
        }
        Honest { test, sites, rows }
    })
}

/// AIRs of instructions.
fn executors(test: &Test) -> Vec<AirRef> {
    let executes = |air: &&AirRef| air.column_names().iter().any(|column| column.ends_with("from_state.pc"));
    test.air_set().airs.iter().filter(executes).cloned().collect()
}

/// Names of the AIRs of instructions.
pub(super) fn executor_names() -> Vec<String> {
    executors(&honest().test).iter().map(|air| air.name()).collect()
}

/// Forged traces in the making. Places are a site and a number of instructions behind (or before) it.
pub(super) struct Attack {
    test: Test,
}

/// A row, by AIR and index.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) air: String,
    pub(super) row: usize,
}

impl Attack {
    /// The honest traces.
    pub(super) fn new() -> Self {
        Self { test: honest().test.fork() }
    }

    /// Program counter of a place.
    pub(super) fn pc(site: &str, behind: i32) -> u32 {
        let pc = honest().sites.get(site).unwrap_or_else(|| panic!("no site {site}"));
        pc.wrapping_add_signed(4 * behind)
    }

    /// The row of a place.
    pub(super) fn row(site: &str, behind: i32) -> Row {
        let pc = Self::pc(site, behind);
        let (air, row) = honest().rows.get(&pc).unwrap_or_else(|| panic!("{site} {behind:+} is not executed"));
        Row { air: air.clone(), row: *row }
    }

    /// Full name of a column: adapters and cores put a prefix before theirs.
    fn column(&self, row: &Row, column: &str) -> String {
        let names = self.test.air(&row.air).unwrap().column_names();
        let prefixed = ["", "core.", "adapter."].map(|prefix| format!("{prefix}{column}"));
        let found = prefixed.into_iter().find(|name| names.contains(name));
        found.unwrap_or_else(|| panic!("{} has no column {column}; it has {names:?}", row.air))
    }

    pub(super) fn get_in(&self, row: &Row, column: &str) -> F {
        self.test.cell(&row.air, 0, row.row, self.column(row, column)).unwrap()
    }

    pub(super) fn set_in(&mut self, row: &Row, column: &str, value: F) -> &mut Self {
        let column = self.column(row, column);
        self.test.tamper(&row.air, 0, row.row, column, |_| value).unwrap();
        self
    }

    /// A cell of a site's row.
    pub(super) fn get(&self, site: &str, column: &str) -> F {
        self.get_in(&Self::row(site, 0), column)
    }

    /// Sets a cell of a site's row.
    pub(super) fn set(&mut self, site: &str, column: &str, value: impl Into<F>) -> &mut Self {
        self.set_in(&Self::row(site, 0), column, value.into())
    }

    /// Adds to a cell of a site's row.
    pub(super) fn add(&mut self, site: &str, column: &str, change: F) -> &mut Self {
        let value = self.get(site, column) + change;
        self.set(site, column, value)
    }

    /// Sets a pair of cells of a site's row.
    pub(super) fn set_pair(&mut self, site: &str, column: &str, [low, high]: [F; 2]) -> &mut Self {
        self.set(site, &format!("{column}[0]"), low).set(site, &format!("{column}[1]"), high)
    }

    /// A pair of cells of a site's row.
    pub(super) fn pair(&self, site: &str, column: &str) -> [F; 2] {
        [0, 1].map(|i| self.get(site, &format!("{column}[{i}]")))
    }

    /// What the instruction `behind` a site overwrites.
    pub(super) fn overwritten(&mut self, site: &str, behind: i32, [low, high]: [F; 2]) -> &mut Self {
        let row = Self::row(site, behind);
        // A store has the word before in its core, everything else in its adapter.
        let column = if row.air == "StoreWord" { "prev" } else { "write.prev_data" };
        self.set_in(&row, &format!("{column}[0]"), low).set_in(&row, &format!("{column}[1]"), high)
    }

    /// Since when the word has held it that the instruction `behind` a site overwrites.
    pub(super) fn overwritten_since(&mut self, site: &str, behind: i32, time: F) -> &mut Self {
        let row = Self::row(site, behind);
        let column = if row.air == "StoreWord" { "write_prev_timestamp" } else { "write.prev_timestamp" };
        self.set_in(&row, column, time)
    }

    /// Claims another result, in the columns `y`, and makes the next instruction overwrite it.
    pub(super) fn result(&mut self, site: &str, y: [F; 2]) -> &mut Self {
        self.set_pair(site, "y", y).overwritten(site, 1, y)
    }

    /// All columns of the core from another site's row of the same AIR: the honest witness of what that site does.
    pub(super) fn borrow_core(&mut self, site: &str, donor: &str) -> &mut Self {
        let (row, donor) = (Self::row(site, 0), Self::row(donor, 0));
        assert_eq!(row.air, donor.air);
        for column in self.test.air(&row.air).unwrap().column_names() {
            if column.starts_with("core.") {
                let value = self.get_in(&donor, &column);
                self.set_in(&row, &column, value);
            }
        }
        self
    }

    /// [`Self::borrow_core`], with the result in the columns `y`.
    pub(super) fn borrow(&mut self, site: &str, donor: &str) -> &mut Self {
        self.borrow_core(site, donor);
        let y = self.pair(site, "y");
        self.overwritten(site, 1, y)
    }

    /// Reads a value that nobody wrote: the row receives what it sends itself, in the access with number `access` of a
    /// site whose column for the time of the previous access is `column`. The row `behind` that overwrites the word then
    /// follows on the access before.
    pub(super) fn read_own_send(&mut self, site: &str, access: i64, column: &str, behind: i32) -> &mut Self {
        let before = self.get(site, column);
        let now = self.get(site, "from_state.timestamp") + f(access);
        self.set(site, column, now).overwritten_since(site, behind, before)
    }

    /// Sends a fed site (see [`Builder::fed`]) another hint; `behind` is where x6 is overwritten, followed by the hint's
    /// word.
    pub(super) fn feed(&mut self, site: &str, behind: i32, hint: [F; 2]) -> &mut Self {
        let (store, load) = (Self::row(site, -2), Self::row(site, -1));
        for (i, value) in hint.into_iter().enumerate() {
            self.set_in(&store, &format!("data[{i}]"), value).set_in(&load, &format!("word[{i}]"), value);
        }
        self.overwritten(site, behind, hint).overwritten(site, behind + 1, hint)
    }

    /// Takes the other path behind a branch or jump, whose next pc is changed already.
    pub(super) fn take(&mut self, site: &str, target: bool) -> &mut Self {
        let (from, to) = if target { (1, 3) } else { (3, 1) };
        for step in 0..2 {
            let row = Self::row(site, from + step);
            self.set_in(&row, "from_state.pc", f(i64::from(Self::pc(site, to + step))));
        }
        self
    }

    /// Branches to T or not.
    pub(super) fn branch(&mut self, site: &str, taken: bool) -> &mut Self {
        let to_pc = Self::pc(site, if taken { 3 } else { 1 });
        self.set(site, "to_pc", f(i64::from(to_pc))).take(site, taken)
    }

    /// A padding row of an AIR; makes the trace taller if there is none. Rows handed out are switched on by the caller.
    pub(super) fn padding_row(&mut self, air: &str) -> Row {
        let is_padding = |values: &[F]| values.iter().all(|&value| value == f(0));
        let trace = self.test.trace_mut(air, 0).unwrap();
        let width = trace.width;
        if let Some(row) = trace.values.chunks(width).position(is_padding) {
            return Row { air: air.to_owned(), row };
        }
        let row = trace.values.len() / width;
        trace.values.resize(2 * row * width, f(0));
        Row { air: air.to_owned(), row }
    }

    /// The first row of an AIR that is an instruction.
    pub(super) fn first_row(&self, air: &str) -> Row {
        let (_, row) = honest().rows.values().filter(|(name, _)| name == air).min().unwrap();
        Row { air: air.to_owned(), row: *row }
    }

    /// Copies a row over another one.
    pub(super) fn copy_row(&mut self, from: &Row, to: &Row) -> &mut Self {
        let values = self.test.row_mut(&from.air, 0, from.row).unwrap().to_vec();
        self.test.row_mut(&to.air, 0, to.row).unwrap().copy_from_slice(&values);
        self
    }

    /// Multiplies the selectors of a row.
    pub(super) fn scale_selectors(&mut self, row: &Row, factor: F) -> &mut Self {
        let selectors = self.test.air(&row.air).unwrap().selectors();
        let values = self.test.row_mut(&row.air, 0, row.row).unwrap();
        for selector in selectors {
            values[selector] *= factor;
        }
        self
    }

    /// What is wrong with the traces, with all lookups counted anew: `AIR: constraint`, or the name of a bus that does
    /// not balance (for a bus with a table: that is asked for what the table does not have).
    pub(super) fn guards(&mut self) -> BTreeSet<String> {
        self.test.recount_lookups().unwrap();
        let report = self.test.debug();
        assert!(report.problems.is_empty(), "{report}");
        let failures = report.failures.iter().map(|failure| format!("{}: constraint", report.airs[failure.air]));
        failures.chain(report.imbalances.iter().map(|message| message.bus.clone())).collect()
    }

    /// The traces are what the guards named refuse, and nothing else; and the real verifier refuses a proof of them.
    #[track_caller]
    pub(super) fn refused_by(&mut self, expected: &[&str]) {
        let guards = self.guards();
        let expected: BTreeSet<String> = expected.iter().map(|guard| (*guard).to_owned()).collect();
        assert_eq!(guards, expected, "\n{}", self.test.debug());
        assert!(self.test.is_rejected(), "the verifier accepts what {guards:?} refuse");
    }

    /// The traces are refused by this guard, and perhaps by others.
    #[track_caller]
    pub(super) fn refused_also_by(&mut self, guard: &str) {
        let guards = self.guards();
        assert!(guards.contains(guard), "{guard} is not among {guards:?}");
        assert!(self.test.is_rejected(), "the verifier accepts what {guards:?} refuse");
    }

    /// The verifier accepts.
    #[track_caller]
    pub(super) fn accepted(&mut self) {
        assert_eq!(self.guards(), BTreeSet::new(), "\n{}", self.test.debug());
        self.test.attempt().unwrap();
    }
}
