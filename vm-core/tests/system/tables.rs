//! Lookup tables: the prover chooses multiplicities, but tables only provide true tuples, and every query is matched.

use p3_field::PrimeCharacteristicRing;
use vm_core::machine::VmVerificationError;
use vm_core::stark::{F, ShapeError, VerifyError};

use crate::fixture::{
    ADD, POSEIDON2, Test, XOR, caught_by_bus, change_final_cell, f, fixture, refused_shape, refused_statement, setting,
    write,
};
use crate::machine::add;

fn unbalanced(test: &Test) {
    let error = refused_statement(test);
    assert!(matches!(error, VmVerificationError::Stark { source: VerifyError::BusImbalance, .. }), "{error}");
}

#[test]
fn system_multiplicities_are_the_number_of_queries() {
    let slots = ["multiplicity[0]", "multiplicity[1]"];
    for (air, column) in [
        ("Program", "multiplicity"),
        ("Range", slots[0]),
        ("Range", slots[1]),
        ("Bitwise", slots[0]),
        (POSEIDON2, "multiplicity"),
    ] {
        // One query too many, one query too few, and one query moved to another row.
        for change in [F::ONE, -F::ONE] {
            let mut test = fixture();
            test.tamper(air, 0, 1, column, |x| x + change).unwrap();
            unbalanced(&test);
        }
        let mut test = fixture();
        let used = test.rows_where(air, 0, column, |x| x != F::ZERO).unwrap();
        test.tamper(air, 0, used[0], column, |x| x - F::ONE).unwrap();
        test.tamper(air, 0, used[0] + 1, column, |x| x + F::ONE).unwrap();
        unbalanced(&test);
    }
}

#[test]
fn system_tables_occur_once_and_always() {
    for air in ["Program", "Range", "Bitwise"] {
        let mut test = fixture();
        let input = test.input_mut(air).unwrap();
        input.traces.push(input.traces[0].clone());
        let expected = ShapeError::TooManyInstances { air: air.into(), max: 1, got: 2 };
        assert_eq!(refused_shape(&test), expected, "a second instance would not be tied to the preprocessed columns");
    }
    for air in ["Program", "Range", "Bitwise", POSEIDON2] {
        let mut test = fixture();
        test.input_mut(air).unwrap().traces.clear();
        assert_eq!(refused_shape(&test), ShapeError::MissingAir { air: air.into() });
    }
}

#[test]
fn system_tables_have_the_height_of_their_content() {
    let mut test = fixture();
    let trace = &mut test.input_mut("Bitwise").unwrap().traces[0];
    trace.values.truncate(trace.values.len() / 2);
    let expected = ShapeError::FixedHeight { air: "Bitwise".into(), expected: 16, got: 15 };
    assert_eq!(refused_shape(&test), expected);
}

#[test]
fn system_written_cells_are_in_the_range_table() {
    // The low cell of the sum is 0x2345 + 7 = 0x234c. With a carry of 1, it is 0x234c − 2^16, and the high cell is
    // greater by 1. Everything after the addition is consistent with these cells.
    let mut test: Test = setting().instructions(0, [add(12, 4, 5)]).build().unwrap();
    let low = f(0x234c) - f(1 << 16);
    write(&mut test, ADD, 0, &[("y[0]", low), ("y[1]", F::TWO)]);
    change_final_cell(&mut test, 0, 3, 0, low);
    change_final_cell(&mut test, 0, 3, 1, F::TWO);
    caught_by_bus(test, "range");
}

#[test]
fn system_exclusive_or_is_in_the_table() {
    // 0x55 ^ 0x0f is 0x5a, not 0x5b. The final memory contains the wrong result.
    let mut test = fixture();
    write(&mut test, XOR, 0, &[("bytes[2]", f(0x5b))]);
    change_final_cell(&mut test, 0, 2, 4, f(0x5b));
    caught_by_bus(test, "bitwise");
}

#[test]
fn system_every_row_of_poseidon2_is_a_permutation() {
    // A used row or a padding row provides a wrong compression. The constraints hold on both, as no selector gates
    // them.
    let columns = fixture().air(POSEIDON2).unwrap().width();
    let output = columns - 1 - 16;
    for used in [true, false] {
        let mut test = fixture();
        let rows = test.rows_where(POSEIDON2, 0, "multiplicity", |x| (x != F::ZERO) == used).unwrap();
        test.tamper(POSEIDON2, 0, rows[0], output, |x| x + F::ONE).unwrap();
        // The multiplicities are not recomputed, because that would also fill the trace anew.
        let report = test.debug();
        let index = test.air_index(POSEIDON2).unwrap();
        assert!(report.failures.iter().all(|failure| failure.air == index), "{report}");
        let error = refused_statement(&test);
        let VmVerificationError::Stark { source: VerifyError::Constraints { air }, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(air, POSEIDON2);
    }
}
