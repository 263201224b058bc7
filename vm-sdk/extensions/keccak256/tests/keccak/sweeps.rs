//! Mutations of every column, to find those that a cheating prover could change unnoticed.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use vm_keccak256::block::{BLOCK_AIR, BlockCols};
use vm_keccak256::parity::{ParityContent, ParityTable};
use vm_keccak256::permutation::ROUNDS;
use vm_keccak256::rounds::{ROUND_AIR, RoundAir};
use vm_sdk::arch::LookupTable;
use vm_sdk::arch::testing::{Coverage, Survivor, Sweep, sweep};
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::p3::matrix::dense::RowMajorMatrix;
use vm_sdk::primitives::{BitwiseTable, RangeTable};
use vm_sdk::stark::F;

use crate::support::{Call, Test, program};

fn base(name: &str) -> &str {
    name.split(['[', '.']).next().unwrap()
}

/// Returns whether every column was mutated on several rows.
fn is_thorough(sweep: &Sweep, columns: usize) -> bool {
    sweep.mutations > 40 * columns
}

/// Returns the queries that alone reject no mutation, by bus.
fn idle_queries(coverage: &Coverage) -> BTreeSet<(usize, &str)> {
    let idle = coverage.queries.iter().filter(|(.., needed)| !needed);
    idle.map(|(message, bus, _)| (*message, bus.as_str())).collect()
}

#[test]
fn blocks_have_no_free_column_but_those_of_accesses_that_do_not_happen() {
    let lengths = [200, 49, 0, 135, 136];
    let calls: Vec<Call> =
        (0..).zip(lengths).map(|(i, len)| Call::new(0x4000 + 0x40 * i, 0x1_0000 + 0x400 * i, len)).collect();
    let test: Test = program(&calls).build().unwrap();
    let honest = test.trace(BLOCK_AIR, 0).unwrap();
    // Two padding rows on each side, because a sweep uses the values of the row before as candidates.
    let mut values = F::zero_vec(16 * honest.width);
    values[2 * honest.width..][..7 * honest.width].copy_from_slice(&honest.values[..7 * honest.width]);
    let trace = &RowMajorMatrix::new(values, honest.width);
    let (range, bytes) = (RangeTable::default(), BitwiseTable::default());
    let result = sweep(&**test.air(BLOCK_AIR).unwrap(), trace, &[], &[&range, &bytes]);
    assert!(is_thorough(&result, trace.width), "{}", result.mutations);

    // Soundness: these columns occur in messages only, with multiplicity zero on these rows.
    let is_harmless = |Survivor { column, row, .. }: &Survivor| {
        let cols: &BlockCols<F> = trace.values[row * trace.width..(row + 1) * trace.width].borrow();
        let index = || column.split(['[', ']']).nth(1).unwrap().parse::<usize>().unwrap();
        match base(column) {
            "registers_prev" => cols.is_first == F::ZERO,
            "words_prev" => cols.end[..=index()].contains(&F::ONE),
            "tail_prev" => cols.is_last == F::ZERO || cols.end_byte[0] == F::ONE,
            "digest" => cols.is_last == F::ZERO,
            // An empty message may have any pointer, which is in range or not.
            "has_data" => cols.is_first == F::ONE && cols.left == [F::ZERO; 2],
            _ => false,
        }
    };
    let unexpected: Vec<&Survivor> = result.survivors.iter().filter(|s| !is_harmless(s)).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    let known: BTreeSet<&str> = result.survivors.iter().map(|survivor| base(&survivor.column)).collect();
    let expected = ["digest", "has_data", "registers_prev", "tail_prev", "words_prev"];
    assert_eq!(known, BTreeSet::from(expected));
    assert_eq!(idle_queries(&result.coverage), BTreeSet::new());
}

#[test]
fn rounds_have_no_free_column() {
    let test: Test = program(&[Call::new(0x4000, 0x8000, 100)]).build().unwrap();
    let trace = test.trace(ROUND_AIR, 0).unwrap();
    // Rows are independent, so three of them and a padding row represent all.
    let rows = [0, 11, ROUNDS - 1, ROUNDS].into_iter();
    let values = rows.flat_map(|row| trace.values[row * trace.width..(row + 1) * trace.width].to_vec()).collect();
    let trace = RowMajorMatrix::new(values, trace.width);
    let parity = ParityTable::with_content(ParityContent);
    let tables: [&dyn LookupTable; 1] = [&parity];
    let result = sweep(&RoundAir, &trace, &[], &tables);
    assert!(is_thorough(&result, trace.width), "{}", result.mutations);
    assert!(result.survivors.is_empty(), "{:?}", result.survivors);
    // A wrong parity needs other changes as well, see `forgeries::column_parities_are_those_of_the_state`.
    assert!(idle_queries(&result.coverage).iter().all(|(_, bus)| *bus == "keccak_parity"));
}
