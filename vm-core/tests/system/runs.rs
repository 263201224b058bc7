//! Honest runs: all modes agree, and the proofs verify.

use vm_core::arch::ExitStatus;

use crate::fixture::{ADD, LEAF, NODE, POINTER, REFRESH, builder, f, fixture, leaf_row, long_fixture, setting};
use crate::machine::terminate;

#[test]
fn system_runs_are_proven_and_verified() {
    let test = fixture();
    let verified = test.prove_and_verify().unwrap();
    let modes = test.modes();
    assert_eq!(modes.run.exit, ExitStatus::Terminated(0));
    assert_eq!(modes.run.registers[14], 2 * 0x0001_234c);
    assert_eq!(verified.public_values[..4], 0x0001_234c_u32.to_le_bytes());
    assert_eq!(verified.public_values, modes.run.public_values);
    assert_eq!(modes.memory.get(&(2, POINTER)), Some(&0x0001_234c));
    assert!(verified.security.bits >= 100.0);
}

#[test]
fn system_traces_hold_first_touches_dirty_and_clean_leaves() {
    let test = fixture();
    // r4 to r7 are only read; r12 to r15 are written. The words of a leaf are touched at different times.
    let (clean, dirty) = (leaf_row(&test, 0, 1), leaf_row(&test, 0, 3));
    assert_eq!(test.cell(LEAF, 0, clean, "dirty").unwrap(), f(0));
    assert_eq!(test.cell(LEAF, 0, dirty, "dirty").unwrap(), f(1));
    // The boundary sends a word one tick before its first access. The first access of all is that of r4, at time 1.
    assert_eq!(test.cell(LEAF, 0, clean, "initial_timestamps[0]").unwrap(), f(0));
    assert_eq!(test.cell(LEAF, 0, clean, "initial_timestamps[1]").unwrap(), f(1));
    // The leaves of the public values are in the proof even if they are not touched.
    assert_eq!(test.cell(LEAF, 0, leaf_row(&test, 2, 0), "is_public").unwrap(), f(1));
    assert_eq!(test.cell(LEAF, 0, leaf_row(&test, 2, 1), "is_public").unwrap(), f(1));
    assert_eq!(test.rows_where(NODE, 0, "valid", |x| x == f(1)).unwrap().len(), test.modes().metered.memory.nodes);
}

#[test]
fn system_a_run_without_any_instruction_is_proven() {
    let test: crate::fixture::Test = setting().instruction(0, terminate(0)).build().unwrap();
    test.prove_and_verify().unwrap();
    assert!(test.input(ADD).unwrap().traces.is_empty(), "AIRs without rows are not in the proof");
}

#[test]
fn system_words_are_refreshed_over_long_gaps() {
    let test = long_fixture();
    let verified = test.prove_and_verify().unwrap();
    assert_eq!(verified.public_values, [0; 32]);
    let refreshes = test.modes().metered.memory.refreshes;
    assert_eq!(test.rows_where(REFRESH, 0, "valid", |x| x == f(1)).unwrap().len(), refreshes);
    let pointers: Vec<_> = (0..refreshes).map(|row| test.cell(REFRESH, 0, row, "pointer").unwrap()).collect();
    assert_eq!(pointers, [4 * 6, POINTER, 4 * 12].map(f), "in order of time");
}

#[test]
fn system_several_instances_of_an_air_are_proven_together() {
    // The rows of repeatable AIRs may be distributed over instances in any way.
    let mut test = fixture();
    let trace = test.trace(ADD, 0).unwrap().clone();
    let (first, second) = trace.values.split_at(trace.width);
    let matrix = |values: &[_]| p3_matrix::dense::RowMajorMatrix::new(values.to_vec(), trace.width);
    let (second, padding) = second.split_at(trace.width);
    assert!(second.iter().any(|x| *x != f(0)) && padding.iter().all(|x| *x == f(0)), "the fixture adds twice");
    test.input_mut(ADD).unwrap().traces = vec![matrix(first), matrix(second)];
    test.prove_and_verify().unwrap();
}

#[test]
fn system_modes_agree_on_a_run_that_fails_in_none() {
    let modes = builder().run().unwrap();
    assert_eq!(modes.metered.executors.iter().map(|(_, rows)| rows).sum::<usize>(), 6);
    // Four leaves of registers, one of main memory and two of public values.
    assert_eq!(modes.metered.memory.leaves, 7);
}
