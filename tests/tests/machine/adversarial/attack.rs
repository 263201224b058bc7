//! A program with a *site* for each attack, and helpers that forge its traces.
//!
//! A forgery must be refused for the reason that the test is about, not because the attacker overlooked something.
//! - Right after every site, its operands and results are overwritten. Whatever a forged row reads or writes, the
//!   attacker can make the overwriting row receive it ([`Attack::result`] and similar methods), so that all buses
//!   balance.
//! - Jumps and branches have the same two instructions on both paths.
//! - The multiplicities of lookup tables are recomputed.
//!
//! Each test names *all* guards that it expects to refuse the traces; see [`Attack::refused_by`]. A guard is the
//! constraints of an AIR or a bus.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use vm_core::machine::testing::{ChipTest, VmChipTestBuilder};
use vm_core::stark::{AirRef, F};
use vm_sdk::config::Rv32imVm;
use vm_sdk::p3::field::PrimeField32;
use vm_sdk::transpiler::load_elf;

use super::program::{BYTES, Builder, OTHER, program, words};
use crate::conformance::link;
use crate::support::{BASE, Engine};

/// Returns an integer as a field element.
pub(super) fn f(value: i64) -> F {
    F::new(value.rem_euclid(i64::from(F::ORDER_U32)) as u32)
}

type Test = ChipTest<Engine, Rv32imVm>;

/// The honest run.
struct Honest {
    test: Test,
    /// Program counters by site.
    sites: BTreeMap<&'static str, u32>,
    /// AIR and row index by pc. Every instruction is executed at most once.
    rows: BTreeMap<u32, (String, usize)>,
}

/// Returns the honest run, which is made once.
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

        let exe = load_elf(&elf, &Rv32imVm::default()).unwrap();
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

/// Returns the AIRs of instructions: those with a pc column.
fn executors(test: &Test) -> Vec<AirRef> {
    let executes = |air: &&AirRef| air.column_names().iter().any(|column| column.ends_with("from_state.pc"));
    test.air_set().airs.iter().filter(executes).cloned().collect()
}

/// Returns the names of the AIRs of instructions.
pub(super) fn executor_names() -> Vec<String> {
    executors(&honest().test).iter().map(|air| air.name()).collect()
}

/// Traces that are being forged, starting from the honest ones.
///
/// A row is given by a site and by `after`, the number of instructions after the site (negative: before it).
pub(super) struct Attack {
    test: Test,
}

/// A row of a trace, by AIR and index. All AIRs of instructions have one instance here.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) air: String,
    pub(super) row: usize,
}

impl Attack {
    /// Starts from the honest traces.
    pub(super) fn new() -> Self {
        Self { test: honest().test.fork() }
    }

    /// Returns the program counter of the instruction `after` instructions after a site.
    pub(super) fn pc(site: &str, after: i32) -> u32 {
        let pc = honest().sites.get(site).unwrap_or_else(|| panic!("no site {site}"));
        pc.wrapping_add_signed(4 * after)
    }

    /// Returns the row of the instruction `after` instructions after a site.
    pub(super) fn row(site: &str, after: i32) -> Row {
        let pc = Self::pc(site, after);
        let (air, row) = honest().rows.get(&pc).unwrap_or_else(|| panic!("{site} {after:+} is not executed"));
        Row { air: air.clone(), row: *row }
    }

    /// Returns the full name of a column, which may have the prefix of the core or the adapter.
    fn column(&self, row: &Row, column: &str) -> String {
        let names = self.test.air(&row.air).unwrap().column_names();
        let prefixed = ["", "core.", "adapter."].map(|prefix| format!("{prefix}{column}"));
        let found = prefixed.into_iter().find(|name| names.contains(name));
        found.unwrap_or_else(|| panic!("{} has no column {column}; it has {names:?}", row.air))
    }

    /// Returns the trace cell in a column of any row.
    pub(super) fn get_in(&self, row: &Row, column: &str) -> F {
        self.test.cell(&row.air, 0, row.row, self.column(row, column)).unwrap()
    }

    /// Sets the trace cell in a column of any row.
    pub(super) fn set_in(&mut self, row: &Row, column: &str, value: F) -> &mut Self {
        let column = self.column(row, column);
        self.test.tamper(&row.air, 0, row.row, column, |_| value).unwrap();
        self
    }

    /// Returns a trace cell of a site's row.
    pub(super) fn get(&self, site: &str, column: &str) -> F {
        self.get_in(&Self::row(site, 0), column)
    }

    /// Sets a trace cell of a site's row.
    pub(super) fn set(&mut self, site: &str, column: &str, value: impl Into<F>) -> &mut Self {
        self.set_in(&Self::row(site, 0), column, value.into())
    }

    /// Adds to a trace cell of a site's row.
    pub(super) fn add(&mut self, site: &str, column: &str, change: F) -> &mut Self {
        let value = self.get(site, column) + change;
        self.set(site, column, value)
    }

    /// Sets the columns `column[0]` and `column[1]` of a site's row.
    pub(super) fn set_pair(&mut self, site: &str, column: &str, [low, high]: [F; 2]) -> &mut Self {
        self.set(site, &format!("{column}[0]"), low).set(site, &format!("{column}[1]"), high)
    }

    /// Returns the columns `column[0]` and `column[1]` of a site's row.
    pub(super) fn pair(&self, site: &str, column: &str) -> [F; 2] {
        [0, 1].map(|i| self.get(site, &format!("{column}[{i}]")))
    }

    /// Sets the word that the instruction `after` instructions after a site claims to overwrite.
    pub(super) fn overwritten(&mut self, site: &str, after: i32, [low, high]: [F; 2]) -> &mut Self {
        let row = Self::row(site, after);
        // StoreWord has the previous word in its core; all other AIRs have it in their adapter.
        let column = if row.air == "StoreWord" { "prev" } else { "write.prev_data" };
        self.set_in(&row, &format!("{column}[0]"), low).set_in(&row, &format!("{column}[1]"), high)
    }

    /// Sets the time of the previous access to the word that the instruction `after` instructions after a site
    /// overwrites.
    pub(super) fn overwritten_since(&mut self, site: &str, after: i32, time: F) -> &mut Self {
        let row = Self::row(site, after);
        let column = if row.air == "StoreWord" { "write_prev_timestamp" } else { "write.prev_timestamp" };
        self.set_in(&row, column, time)
    }

    /// Claims another result, in the columns `y`, and makes the next instruction receive and overwrite it.
    pub(super) fn result(&mut self, site: &str, y: [F; 2]) -> &mut Self {
        self.set_pair(site, "y", y).overwritten(site, 1, y)
    }

    /// Copies all columns of the core from another site's row of the same AIR: the honest witness of what that site
    /// does.
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

    /// Does what [`Self::borrow_core`] does, and makes the next instruction overwrite the copied result, `y`.
    pub(super) fn borrow(&mut self, site: &str, donor: &str) -> &mut Self {
        self.borrow_core(site, donor);
        let y = self.pair(site, "y");
        self.overwritten(site, 1, y)
    }

    /// Makes a site's row read a value that was never written: the row receives the message that it sends itself.
    ///
    /// `access` is the index of the access within the instruction, and `column` holds the time of the previous access.
    /// The row `after` instructions after the site, which overwrites the word, then receives the message of the access
    /// before the site.
    pub(super) fn read_own_send(&mut self, site: &str, access: i64, column: &str, after: i32) -> &mut Self {
        let before = self.get(site, column);
        let now = self.get(site, "from_state.timestamp") + f(access);
        self.set(site, column, now).overwritten_since(site, after, before)
    }

    /// Gives a fed site (see [`Builder`]) another hint. The instruction `after` instructions after the site overwrites
    /// x6, and the next one overwrites the word in memory that holds the hint.
    pub(super) fn feed(&mut self, site: &str, after: i32, hint: [F; 2]) -> &mut Self {
        let (store, load) = (Self::row(site, -2), Self::row(site, -1));
        for (i, value) in hint.into_iter().enumerate() {
            self.set_in(&store, &format!("data[{i}]"), value).set_in(&load, &format!("word[{i}]"), value);
        }
        self.overwritten(site, after, hint).overwritten(site, after + 1, hint)
    }

    /// Moves the two rows after a branch or jump to the other path: from F to T if `target`, else from T to F. The next
    /// pc of the branch or jump itself must be changed separately.
    pub(super) fn take(&mut self, site: &str, target: bool) -> &mut Self {
        let (from, to) = if target { (1, 3) } else { (3, 1) };
        for step in 0..2 {
            let row = Self::row(site, from + step);
            self.set_in(&row, "from_state.pc", f(i64::from(Self::pc(site, to + step))));
        }
        self
    }

    /// Makes a branch continue at T if `taken`, else at F.
    pub(super) fn branch(&mut self, site: &str, taken: bool) -> &mut Self {
        let to_pc = Self::pc(site, if taken { 3 } else { 1 });
        self.set(site, "to_pc", f(i64::from(to_pc))).take(site, taken)
    }

    /// Returns a padding row of an AIR, after doubling the height of the trace if there is none. The next call returns
    /// the same row unless the caller fills it.
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

    /// Returns the first row of an AIR that executes an instruction.
    pub(super) fn first_row(&self, air: &str) -> Row {
        let (_, row) = honest().rows.values().filter(|(name, _)| name == air).min().unwrap();
        Row { air: air.to_owned(), row: *row }
    }

    /// Overwrites the row `to` with a copy of the row `from`.
    pub(super) fn copy_row(&mut self, from: &Row, to: &Row) -> &mut Self {
        let values = self.test.row_mut(&from.air, 0, from.row).unwrap().to_vec();
        self.test.row_mut(&to.air, 0, to.row).unwrap().copy_from_slice(&values);
        self
    }

    /// Multiplies all selectors of a row by a factor.
    pub(super) fn scale_selectors(&mut self, row: &Row, factor: F) -> &mut Self {
        let selectors = self.test.air(&row.air).unwrap().selectors();
        let values = self.test.row_mut(&row.air, 0, row.row).unwrap();
        for selector in selectors {
            values[selector] *= factor;
        }
        self
    }

    /// Recomputes the multiplicities of all lookup tables and returns the guards that refuse the traces: `AIR:
    /// constraint` for an AIR with a failing constraint, or the name of a bus that does not balance. A lookup bus does
    /// not balance if a row queries a tuple that the table does not provide.
    pub(super) fn guards(&mut self) -> BTreeSet<String> {
        self.test.recount_lookups().unwrap();
        let report = self.test.debug();
        assert!(report.problems.is_empty(), "{report}");
        let failures = report.failures.iter().map(|failure| format!("{}: constraint", report.airs[failure.air]));
        failures.chain(report.imbalances.iter().map(|message| message.bus.clone())).collect()
    }

    /// Asserts that exactly the named guards refuse the traces, and that the real prover or verifier refuses them,
    /// too.
    #[track_caller]
    pub(super) fn refused_by(&mut self, expected: &[&str]) {
        let guards = self.guards();
        let expected: BTreeSet<String> = expected.iter().map(|guard| (*guard).to_owned()).collect();
        assert_eq!(guards, expected, "\n{}", self.test.debug());
        assert!(self.test.is_rejected(), "the verifier accepts traces that {guards:?} must refuse");
    }

    /// Asserts that this guard, and perhaps others, refuses the traces, and that the real prover or verifier refuses
    /// them, too.
    #[track_caller]
    pub(super) fn refused_also_by(&mut self, guard: &str) {
        let guards = self.guards();
        assert!(guards.contains(guard), "{guard} is not among {guards:?}");
        assert!(self.test.is_rejected(), "the verifier accepts traces that {guards:?} must refuse");
    }

    /// Asserts that no guard refuses the traces and that the real verifier accepts a proof of them.
    #[track_caller]
    pub(super) fn accepted(&mut self) {
        assert_eq!(self.guards(), BTreeSet::new(), "\n{}", self.test.debug());
        self.test.attempt().unwrap();
    }
}
