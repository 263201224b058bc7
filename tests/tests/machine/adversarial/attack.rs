//! A program with a *site* for each attack, and a language to forge its traces.
//!
//! A forgery must be refused for the reason that is its point, not because the attacker was careless. Hence every
//! site's operands and results are overwritten right behind it: whatever a forged row reads or writes, the attacker can
//! make the overwriting row receive it ([`Attack::result`] and friends), so that all buses balance. Jumps and branches
//! have the same two instructions on both paths. Lookup counts are recomputed. And each test names *all* the guards that
//! it expects to refuse the traces, see [`Attack::refused_by`].

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
    pub(super) fn pc(site: &str, after: i32) -> u32 {
        let pc = honest().sites.get(site).unwrap_or_else(|| panic!("no site {site}"));
        pc.wrapping_add_signed(4 * after)
    }

    /// The row of a place.
    pub(super) fn row(site: &str, after: i32) -> Row {
        let pc = Self::pc(site, after);
        let (air, row) = honest().rows.get(&pc).unwrap_or_else(|| panic!("{site} {after:+} is not executed"));
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
    pub(super) fn overwritten(&mut self, site: &str, after: i32, [low, high]: [F; 2]) -> &mut Self {
        let row = Self::row(site, after);
        // A store has the word before in its core, everything else in its adapter.
        let column = if row.air == "StoreWord" { "prev" } else { "write.prev_data" };
        self.set_in(&row, &format!("{column}[0]"), low).set_in(&row, &format!("{column}[1]"), high)
    }

    /// Since when the word has held it that the instruction `behind` a site overwrites.
    pub(super) fn overwritten_since(&mut self, site: &str, after: i32, time: F) -> &mut Self {
        let row = Self::row(site, after);
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
    pub(super) fn read_own_send(&mut self, site: &str, access: i64, column: &str, after: i32) -> &mut Self {
        let before = self.get(site, column);
        let now = self.get(site, "from_state.timestamp") + f(access);
        self.set(site, column, now).overwritten_since(site, after, before)
    }

    /// Sends a fed site (see [`Builder`]) another hint; `behind` is where x6 is overwritten, followed by the hint's
    /// word.
    pub(super) fn feed(&mut self, site: &str, after: i32, hint: [F; 2]) -> &mut Self {
        let (store, load) = (Self::row(site, -2), Self::row(site, -1));
        for (i, value) in hint.into_iter().enumerate() {
            self.set_in(&store, &format!("data[{i}]"), value).set_in(&load, &format!("word[{i}]"), value);
        }
        self.overwritten(site, after, hint).overwritten(site, after + 1, hint)
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
