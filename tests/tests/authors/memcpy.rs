//! The constraints that the framework makes for every multi-row instruction, on rows of `memcpy`, which has no others.
//!
//! Rows are forged so that a single constraint rejects them: without it, the real verifier would accept. The environment
//! matches all messages of the forged rows. So that no constraint is forgotten, the tests compare those that reject a
//! forgery with those that the AIR has.

use std::collections::BTreeSet;

use vm_memcpy::CopyMemory;
use vm_sdk::arch::testing::{MockEnvironment, Rejection};
use vm_sdk::arch::{ChipTraces, SYSTEM_BUSES};
use vm_sdk::p3::matrix::dense::RowMajorMatrix;
use vm_sdk::prelude::*;
use vm_sdk::primitives::RangeTable;
use vm_sdk::stark::{AirRef, BabyBearBlake3Engine, SymbolicAir, VerifyError};
use vm_sdk::system::memory::MAIN_SPACE;

use crate::{Builder, PC, Test, instruction, program};

const AIR: &str = "Memcpy";
/// Pointers to the destination and the source.
const POINTERS: [u32; 2] = [0x2000, 0x1000];
/// Ticks of a row: three registers, a read, a write.
const TICKS: u32 = 5;

fn word(index: u32) -> u32 {
    0x1111_0001u32.wrapping_mul(index + 1)
}

/// Returns a program that copies these numbers of words, one after the other, from the same source to the same
/// destination.
fn copies(lengths: &[u32]) -> Builder<CopyMemory> {
    let mut test = program(CopyMemory).register(5, POINTERS[0]).register(6, POINTERS[1]);
    for i in 0..lengths.iter().copied().max().unwrap_or(0) {
        test = test.word(MAIN_SPACE, POINTERS[1] + 4 * i, word(i));
    }
    // Registers 8 to 15 hold the lengths.
    let registers = lengths.iter().enumerate().map(|(i, length)| (8 + i % 8, *length));
    test = registers.clone().fold(test, |test, (register, length)| test.register(register, length));
    test.instructions(PC, registers.map(|(register, _)| instruction([5, 6, register as u32])))
}

fn build(lengths: &[u32]) -> Test<CopyMemory> {
    copies(lengths).build().unwrap()
}

#[test]
fn words_are_copied_and_proven_for_every_length() {
    for length in [0, 1, 2, 7] {
        let test = build(&[length]);
        test.prove_and_verify().unwrap();
        let copied = |i: u32| test.modes().memory.get(&(MAIN_SPACE, POINTERS[0] + 4 * i)).copied();
        for i in 0..8 {
            assert_eq!(copied(i), (i < length).then(|| word(i)), "{length} words, word {i}");
        }
    }
}

/// A source and a destination that overlap: words are copied in ascending order, so earlier copies are read again.
#[test]
fn copies_may_overlap() {
    let test = copies(&[4]).register(5, POINTERS[1] + 4).build::<BabyBearBlake3Engine>().unwrap();
    test.prove_and_verify().unwrap();
    for i in 0..5 {
        assert_eq!(test.modes().memory[&(MAIN_SPACE, POINTERS[1] + 4 * i)], word(0));
    }
}

#[test]
fn contents_of_registers_that_are_too_large_fail() {
    for (register, content) in [(5, 1 << 29), (6, 1 << 29), (8, 1 << 27), (8, 0x7800_0001)] {
        let error = copies(&[1]).register(register, content).run().unwrap_err().to_string();
        let operand = [5, 6, 8].iter().position(|other| *other == register).unwrap();
        let expected = format!("Memcpy: the register of operand {operand} holds {content:#x}, and the limit is 2^");
        assert!(error.contains(&expected), "{error}");
    }
}

/// Rows of copies, to be forged.
struct Rows {
    air: AirRef,
    names: Vec<String>,
    rows: Vec<Vec<F>>,
}

/// The rows of a copy of three words, of none and of one, in this order.
const FIRST: usize = 0;
const MIDDLE: usize = 1;
const LAST: usize = 2;
const NONE: usize = 3;
const ONE: usize = 4;
/// Height of a trace.
const HEIGHT: usize = 8;

impl Rows {
    fn honest() -> Self {
        let test = build(&[3, 0, 1]);
        let (air, trace) = (test.air(AIR).unwrap().clone(), test.trace(AIR, 0).unwrap().clone());
        let rows = trace.values.chunks_exact(trace.width).map(<[F]>::to_vec).collect();
        Self { names: air.column_names(), air, rows }
    }

    /// Puts the honest rows into another order and fills up with padding.
    fn order(&mut self, rows: &[Option<usize>]) -> &mut Self {
        let padding = vec![F::ZERO; self.names.len()];
        let ordered = rows.iter().map(|row| row.map_or_else(|| padding.clone(), |row| self.rows[row].clone()));
        let mut ordered: Vec<Vec<F>> = ordered.collect();
        ordered.resize(HEIGHT, padding);
        self.rows = ordered;
        self
    }

    fn cell(&mut self, row: usize, column: &str) -> &mut F {
        let index = self.names.iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}"));
        &mut self.rows[row][index]
    }

    fn set(&mut self, row: usize, column: &str, value: u32) -> &mut Self {
        *self.cell(row, column) = F::from_u32(value);
        self
    }

    fn add(&mut self, row: usize, column: &str, difference: i32) -> &mut Self {
        *self.cell(row, column) += F::from_i32(difference);
        self
    }

    /// Makes the row one that copies nothing.
    fn idle(&mut self, row: usize) -> &mut Self {
        ["is_active", "core.word[0]", "core.word[1]"].into_iter().fold(self, |rows, column| rows.set(row, column, 0))
    }

    fn environment(&self) -> MockEnvironment {
        let trace = RowMajorMatrix::new(self.rows.concat(), self.names.len());
        let traces = ChipTraces { traces: vec![trace], public_values: Vec::new() };
        let mut environment =
            MockEnvironment::new(self.air.clone(), traces, &SYSTEM_BUSES, vec![Box::new(RangeTable::default())])
                .unwrap();
        assert_eq!(environment.recount_lookups().unwrap(), []);
        environment
    }

    /// Returns the constraints that reject the rows. Nothing else does, and the real verifier rejects a proof.
    fn rejected_by(&self) -> BTreeSet<String> {
        let environment = self.environment();
        let report = environment.debug();
        assert!(report.problems.is_empty() && report.imbalances.is_empty(), "{report}");
        let outcome = environment.attempt::<BabyBearBlake3Engine>().unwrap();
        assert!(matches!(outcome, Err(Rejection::Backend(VerifyError::Constraints { .. }))), "{outcome:?}: {report}");
        report.labels.into_values().collect()
    }
}

#[test]
fn each_constraint_of_the_framework_rejects_a_forgery_alone() {
    Rows::honest().environment().prove_and_verify::<BabyBearBlake3Engine>().unwrap();
    type Forge = fn(&mut Rows) -> &mut Rows;
    let forgeries: [(&str, Forge); 17] = [
        // A row that continues nothing: its numbers are free, because no register is read.
        ("is_transition*(is_valid' - is_first' - (is_valid - is_last))", |rows| rows.set(ONE, "is_first", 0)),
        ("is_first*(is_valid - is_first)", |rows| rows.set(FIRST, "is_first", 0)),
        // The execution is cut off at the end of the trace: the other words are not copied.
        ("is_last*(is_valid - is_last)", |rows| {
            rows.order(&[Some(NONE), Some(ONE), None, None, None, None, None, Some(FIRST)])
        }),
        // The next row executes another instruction.
        ("is_transition*(is_valid - is_last)*(from_state.pc'", |rows| rows.add(MIDDLE, "from_state.pc", 4)),
        // The next row is a step of another execution.
        ("is_transition*(is_valid - is_last)*(from_state.timestamp'", |rows| {
            rows.add(MIDDLE, "from_state.timestamp", 1)
        }),
        // The number of copies of a row is 2.
        ("is_active*(is_active - 1)", |rows| rows.set(NONE, "is_active", 2).set(NONE, "core.left[0]", 2)),
        // A padding row copies a word.
        ("is_active*(is_valid - 1)", |rows| rows.set(5, "is_active", 1)),
        // There is one row more than words.
        ("(is_valid - is_first)*(is_active - 1)", |rows| {
            let rows = rows.order(&[Some(FIRST), Some(MIDDLE), Some(LAST), Some(LAST), Some(NONE), Some(ONE)]);
            let rows = rows.set(LAST, "is_last", 0).idle(3).add(3, "from_state.timestamp", TICKS as i32);
            rows.add(3, "core.to[0]", 4).add(3, "core.from[0]", 4).add(3, "core.left[0]", -1)
        }),
        // The first word is not copied.
        ("(is_valid - is_last)*(is_active - 1)", |rows| rows.idle(FIRST)),
        // The copy ends early.
        ("is_last*(core.left[0] + core.left[1]*2^16 - is_active)", |rows| {
            rows.order(&[Some(FIRST), Some(MIDDLE), Some(NONE), Some(ONE)]).set(MIDDLE, "is_last", 1)
        }),
        // The same number in other cells.
        ("(is_valid - is_first)*core.to[1]", |rows| {
            rows.add(MIDDLE, "core.to[0]", -(1 << 16)).add(MIDDLE, "core.to[1]", 1)
        }),
        ("(is_valid - is_first)*core.from[1]", |rows| {
            rows.add(MIDDLE, "core.from[0]", -(1 << 16)).add(MIDDLE, "core.from[1]", 1)
        }),
        ("(is_valid - is_first)*core.left[1]", |rows| {
            rows.add(MIDDLE, "core.left[0]", -(1 << 16)).add(MIDDLE, "core.left[1]", 1)
        }),
        // A word is copied to another place, or from another place, or the count is wrong.
        ("is_transition*(is_valid - is_last)*(core.to[0]'", |rows| rows.add(MIDDLE, "core.to[0]", 4)),
        ("is_transition*(is_valid - is_last)*(core.from[0]'", |rows| rows.add(MIDDLE, "core.from[0]", 4)),
        ("is_transition*(is_valid - is_last)*(core.left[0]'", |rows| rows.add(MIDDLE, "core.left[0]", 1)),
        // A word that is not read.
        ("(1 - is_active)*core.word[0]", |rows| rows.set(NONE, "core.word[0]", 1)),
    ];
    let mut needed = BTreeSet::new();
    for (start, forge) in forgeries {
        let mut rows = Rows::honest();
        let failed = forge(&mut rows).rejected_by();
        assert!(failed.len() == 1 && failed.iter().all(|text| text.starts_with(start)), "{start}: {failed:?}");
        needed.extend(failed);
    }
    let mut rows = Rows::honest();
    needed.extend(rows.set(NONE, "core.word[1]", 1).rejected_by());

    let honest = Rows::honest();
    let symbolic = SymbolicAir::record(&*honest.air);
    // Each of the other five follows from the rest by induction over the rows: a flag without `is_valid` would have to be
    // followed by another one, up to the end of the trace. They are there because setup refuses multiplicities that
    // are not boolean, and accesses that do not imply the step of execution, by constraints of their own.
    let others = ["is_valid*(is_valid - 1)", "is_first*(is_first - 1)", "is_last*(is_last - 1)"];
    let others = [&others[..], &["is_first*(is_valid - 1)", "is_last*(is_valid - 1)"]].concat();
    assert!(needed.iter().all(|text| others.iter().all(|other| !text.starts_with(other))), "{needed:#?}");
    assert_eq!(needed.len() + others.len(), symbolic.constraints.len(), "{needed:#?}");
}

/// The same on the real machine: rows of two copies change places, so that the second word of one belongs to the other.
#[test]
fn rows_of_two_executions_cannot_be_mixed() {
    let mut test = build(&[2, 2]);
    let trace = test.trace_mut(AIR, 0).unwrap();
    let width = trace.width;
    let (first, second) = trace.values.split_at_mut(2 * width);
    first[width..].swap_with_slice(&mut second[width..2 * width]);
    let report = test.debug();
    assert!(report.problems.is_empty() && report.imbalances.is_empty(), "{report}");
    let failed: Vec<&String> = report.labels.values().collect();
    let [pc, time] = &failed[..] else { panic!("{report}") };
    assert!(pc.starts_with("is_transition*(is_valid - is_last)*(from_state.pc'"), "{pc}");
    assert!(time.starts_with("is_transition*(is_valid - is_last)*(from_state.timestamp'"), "{time}");
    assert!(matches!(test.attempt(), Err(Rejection::Verifier(_))));
}

/// Number of words of a copy of which there are many.
const LENGTH: u32 = 300;

/// Returns copies with 9,000 rows, which one trace of 2^14 rows or two smaller ones can hold.
fn many() -> Test<CopyMemory> {
    build(&[LENGTH; 30])
}

#[test]
fn copies_are_proven_in_several_instances() {
    let test = many();
    let heights: Vec<usize> =
        test.input(AIR).unwrap().traces.iter().map(|trace| trace.values.len() / trace.width).collect();
    assert_eq!(heights, [8192, 2048]);
    let usage = test.usage().iter().find(|usage| usage.air == AIR).unwrap();
    assert_eq!((usage.rows, usage.padded_rows, usage.instances), (9000, 8192 + 2048, 2));
    // No execution is split: each trace starts and ends as if it were the only one.
    for instance in 0..2 {
        assert_eq!(test.cell(AIR, instance, 0, "is_first").unwrap(), F::ONE);
        let starts = test.rows_where(AIR, instance, "is_first", |flag| flag == F::ONE).unwrap();
        let ends = test.rows_where(AIR, instance, "is_last", |flag| flag == F::ONE).unwrap();
        assert_eq!(starts.len(), ends.len());
    }
    test.prove_and_verify().unwrap();
}

/// The last rows of the first trace are padding, since another copy does not fit. A prover moves the rows of the next
/// copy there. All messages stay the same, but the copy is cut in two.
#[test]
fn an_execution_cannot_be_split_between_instances() {
    let mut test = many();
    let free = 8192 % LENGTH as usize;
    let width = test.trace(AIR, 0).unwrap().width;
    let trace = test.trace_mut(AIR, 1).unwrap();
    let moved = trace.values[..free * width].to_vec();
    trace.values.copy_within(free * width.., 0);
    let end = trace.values.len() - free * width;
    trace.values[end..].fill(F::ZERO);
    let trace = test.trace_mut(AIR, 0).unwrap();
    let end = trace.values.len() - free * width;
    trace.values[end..].copy_from_slice(&moved);
    let report = test.debug();
    assert!(report.problems.is_empty() && report.imbalances.is_empty(), "{report}");
    let failed: Vec<&String> = report.labels.values().collect();
    let [start, end] = &failed[..] else { panic!("{report}") };
    assert!(start.starts_with("is_first*(is_valid - is_first)") && end.starts_with("is_last*(is_valid - is_last)"));
    assert!(matches!(test.attempt(), Err(Rejection::Verifier(_))));
}
