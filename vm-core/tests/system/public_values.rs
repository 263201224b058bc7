//! User public values of machines without continuations.

use p3_field::PrimeCharacteristicRing;
use vm_core::stark::{F, ShapeError};
use vm_verifier::public_value_bytes;

use crate::fixture::{
    LEAF, PUBLIC_VALUES, caught_by_bus, caught_by_constraint, f, fixture, leaf_row, refused_shape, write,
};

#[test]
fn system_public_values_are_the_cells_of_their_row() {
    let mut test = fixture();
    test.input_mut(PUBLIC_VALUES).unwrap().public_values[0] += F::ONE;
    caught_by_constraint(test, PUBLIC_VALUES, &["cell[0] - public[0]"]);
}

#[test]
fn system_public_values_are_the_final_content_of_their_space() {
    // The row and the public value agree, but the leaf has another content.
    let mut test = fixture();
    test.input_mut(PUBLIC_VALUES).unwrap().public_values[9] = f(77);
    write(&mut test, PUBLIC_VALUES, 0, &[("cell[9]", f(77))]);
    caught_by_bus(test, "public_values");
    // The leaf does not send its content at all.
    let mut test = fixture();
    let row = leaf_row(&test, 2, 1);
    write(&mut test, LEAF, row, &[("is_public", F::ZERO)]);
    // Two checks reject it: the public-values AIR receives a message that is not sent, and the distance of the space
    // to itself has no inverse.
    assert!(test.is_rejected());
    // A leaf of another space sends its content instead: leaf 0 of the registers in place of leaf 0 of the public
    // values.
    let mut test = fixture();
    let (honest, other) = (leaf_row(&test, 2, 0), leaf_row(&test, 0, 0));
    write(&mut test, LEAF, honest, &[("is_public", F::ZERO)]);
    write(&mut test, LEAF, other, &[("is_public", F::ONE)]);
    for i in 0..8 {
        let cell = test.cell(LEAF, 0, other, format!("final_[{i}]")).unwrap();
        test.input_mut(PUBLIC_VALUES).unwrap().public_values[i] = cell;
        test.tamper(PUBLIC_VALUES, 0, 0, i, |_| cell).unwrap();
    }
    // The two rows violate the three constraints that tie the flag to the space.
    let constraints =
        ["is_public*(space - 2)", "(space - 2)*space_inverse - (valid - is_public)", "is_public*space_inverse"];
    caught_by_constraint(test, LEAF, &constraints);
}

#[test]
fn system_public_values_air_occurs_once_with_one_row() {
    let mut test = fixture();
    let input = test.input_mut(PUBLIC_VALUES).unwrap();
    input.traces.push(input.traces[0].clone());
    let expected = ShapeError::TooManyInstances { air: PUBLIC_VALUES.into(), max: 1, got: 2 };
    assert_eq!(refused_shape(&test), expected);

    let mut test = fixture();
    test.input_mut(PUBLIC_VALUES).unwrap().traces.clear();
    assert_eq!(refused_shape(&test), ShapeError::MissingAir { air: PUBLIC_VALUES.into() });

    let mut test = fixture();
    let trace = &mut test.input_mut(PUBLIC_VALUES).unwrap().traces[0];
    trace.values.extend(trace.values.clone());
    let expected = ShapeError::TooTall { air: PUBLIC_VALUES.into(), max: 0, got: 1 };
    assert_eq!(refused_shape(&test), expected);
}

#[test]
fn system_public_values_have_their_length() {
    for change in [-1, 1] {
        let mut test = fixture();
        let values = &mut test.input_mut(PUBLIC_VALUES).unwrap().public_values;
        let got = (values.len() as i32 + change) as usize;
        values.resize(got, F::ZERO);
        let expected = ShapeError::PublicValues { air: PUBLIC_VALUES.into(), expected: 16, got };
        assert_eq!(refused_shape(&test), expected);
    }
}

#[test]
fn system_public_values_that_are_no_cells_are_refused() {
    // No honest memory contains such a cell, but the verifier does not rely on that.
    assert_eq!(public_value_bytes(&[f(0x0201), f(0xffff)]), Some(vec![1, 2, 255, 255]));
    assert_eq!(public_value_bytes(&[f(1), f(1 << 16)]), None);
    assert_eq!(public_value_bytes(&[-F::ONE]), None);
}
