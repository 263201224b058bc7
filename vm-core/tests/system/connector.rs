//! The connector: start, end and exit code of a run.

use p3_field::{Field, PrimeCharacteristicRing};
use vm_core::machine::VmVerificationError;
use vm_core::stark::{F, ShapeError};

use crate::fixture::{
    ACCESS, ADD, Builder, CONNECTOR, LEAF, PHANTOM, Test, XOR, boolean, builder, caught_by_bus, caught_by_constraint,
    f, fixture, keys, refused_shape, refused_statement, setting, write,
};
use crate::machine::{ToyVm, add, nop};

/// Sets the public value of the connector with this index.
fn set_public(test: &mut Test, index: usize, value: F) {
    test.input_mut(CONNECTOR).unwrap().public_values[index] = value;
}

#[test]
fn system_connector_occurs_once() {
    // A second connector would start a second thread of execution, with its own memory roots.
    let mut test = fixture();
    let input = test.input_mut(CONNECTOR).unwrap();
    input.traces.push(input.traces[0].clone());
    let expected = ShapeError::TooManyInstances { air: CONNECTOR.into(), max: 1, got: 2 };
    assert_eq!(refused_shape(&test), expected);

    // Without a connector, nothing would tie the run to its public values.
    let mut test = fixture();
    test.input_mut(CONNECTOR).unwrap().traces.clear();
    assert_eq!(refused_shape(&test), ShapeError::MissingAir { air: CONNECTOR.into() });
}

#[test]
fn system_connector_has_one_row() {
    // Two rows would send two initial states and two messages for a root.
    let mut test = fixture();
    let trace = &mut test.input_mut(CONNECTOR).unwrap().traces[0];
    trace.values.extend(trace.values.clone());
    let expected = ShapeError::TooTall { air: CONNECTOR.into(), max: 0, got: 1 };
    assert_eq!(refused_shape(&test), expected);
}

#[test]
fn system_time_starts_at_one() {
    // The whole run is moved one tick into the future: every access, every instruction and the end. Only the start
    // cannot be moved, because it is a constant.
    let mut test = fixture();
    let shift = |test: &mut Test, air: &str, columns: &[&str], selector: &[&str]| {
        let height = test.trace(air, 0).unwrap().values.len() / test.trace(air, 0).unwrap().width;
        for row in 0..height {
            if selector.iter().all(|column| test.cell(air, 0, row, *column).unwrap() == F::ZERO) {
                continue;
            }
            for column in columns {
                test.tamper(air, 0, row, *column, |x| x + F::ONE).unwrap();
            }
        }
    };
    let steps = ["from.timestamp", "read_prev[0]", "read_prev[1]", "write_aux.prev_timestamp"];
    shift(&mut test, ADD, &steps, &["is_valid"]);
    shift(&mut test, XOR, &steps, &["is_valid"]);
    shift(&mut test, ACCESS, &steps, &["is_store", "is_load"]);
    shift(&mut test, PHANTOM, &["from.timestamp"], &["is_valid"]);
    shift(&mut test, CONNECTOR, &["end_low"], &[]);
    let times: Vec<String> =
        (0..4).flat_map(|word| [format!("initial_timestamps[{word}]"), format!("final_timestamps[{word}]")]).collect();
    let times: Vec<&str> = times.iter().map(String::as_str).collect();
    shift(&mut test, LEAF, &times, &["valid"]);
    caught_by_bus(test, "execution");
}

#[test]
fn system_final_time_is_bounded() {
    // The same final time in limbs that are out of range: the low limb is greater by 2^16, the high limb less by 1.
    let mut test = fixture();
    test.tamper(CONNECTOR, 0, 0, "end_low", |x| x + f(1 << 16)).unwrap();
    test.tamper(CONNECTOR, 0, 0, "end_high", |x| x - F::ONE).unwrap();
    caught_by_bus(test, "range");
    // The final time is only correct modulo p, as if the clock had wrapped around the field.
    let mut test = fixture();
    let end = test.cell(CONNECTOR, 0, 0, "end_low").unwrap();
    write(&mut test, CONNECTOR, 0, &[("end_low", F::ZERO), ("end_high", end * f(1 << 16).inverse())]);
    caught_by_bus(test, "range");
}

#[test]
fn system_a_run_longer_than_the_clock_is_refused() {
    // An honest run of 2^17 + 3 ticks on a machine with an 18-bit clock, under the keys of a machine with a 17-bit
    // clock. The two machines differ only in the range check of the final time.
    let long = |clk_max_bits| {
        Builder::new(ToyVm::new(clk_max_bits)).instructions(0, std::iter::repeat_n(nop(), (1 << 17) + 2))
    };
    assert!(long(17).run().is_err(), "the interpreter stops when the clock is full");
    let honest: Test = long(18).build().unwrap();
    let short: Test = Builder::new(ToyVm::new(17)).instructions(0, [nop()]).build().unwrap();
    let key = short.vm().setup(long(17).exe().unwrap()).unwrap();
    let test = honest.under(short.vm(), &key.into()).unwrap();
    caught_by_bus(test, "range");
    honest.prove_and_verify().unwrap();
}

#[test]
fn system_is_terminate_is_a_boolean_and_the_public_one() {
    let mut test = fixture();
    write(&mut test, CONNECTOR, 0, &[("is_terminate", F::ZERO)]);
    caught_by_constraint(test, CONNECTOR, &["is_terminate - public[3]"]);
    // TERMINATE is queried twice instead of once.
    let mut test = fixture();
    write(&mut test, CONNECTOR, 0, &[("is_terminate", F::TWO)]);
    set_public(&mut test, 3, F::TWO);
    caught_by_constraint(test, CONNECTOR, &[boolean("is_terminate")]);
}

#[test]
fn system_a_run_that_does_not_terminate_is_refused() {
    // With is_terminate = 0, the last instruction is not looked up. The proof is valid, and the exit code is free: this
    // is a valid proof of a suspended segment. Only the verifier knows that a single segment must be the last one.
    let mut test = fixture();
    write(&mut test, CONNECTOR, 0, &[("is_terminate", F::ZERO)]);
    set_public(&mut test, 3, F::ZERO);
    assert!(test.recount_lookups().unwrap().is_empty());
    assert!(test.debug().is_ok());
    let error = refused_statement(&test);
    assert!(matches!(error, VmVerificationError::IsTerminateMismatch { expected: true, got: false, .. }), "{error}");
}

#[test]
fn system_exit_code_is_the_one_of_the_terminate_instruction() {
    let mut test = fixture();
    set_public(&mut test, 2, F::TWO);
    caught_by_bus(test, "program");
}

#[test]
fn system_a_run_ends_at_a_terminate_instruction() {
    // The run claims to end at the instruction before TERMINATE, whose row is removed from the trace. That instruction
    // accesses no memory, so nothing else has to be removed.
    let run = setting().instructions(0, [add(12, 4, 5), nop()]);
    let mut test: Test = run.build().unwrap();
    let pc = test.input(CONNECTOR).unwrap().public_values[1];
    assert_eq!(pc, f(8));
    set_public(&mut test, 1, f(4));
    test.tamper(CONNECTOR, 0, 0, "end_low", |x| x - F::ONE).unwrap();
    let row = test.rows_where(PHANTOM, 0, "is_valid", |x| x == F::ONE).unwrap()[0];
    test.row_mut(PHANTOM, 0, row).unwrap().fill(F::ZERO);
    caught_by_bus(test, "program");
}

#[test]
fn system_initial_pc_is_checked() {
    // The run claims another entry point, which skips the first instruction.
    let mut test = fixture();
    set_public(&mut test, 0, f(4));
    caught_by_bus(test, "execution");
    // An honest run of the same program from another entry point: the proof is valid, but for another statement.
    let other: Test = builder().pc_start(4).build().unwrap();
    let (vm, key) = keys();
    let error = refused_statement(&other.under(&vm, &key).unwrap());
    assert!(matches!(error, VmVerificationError::InitialPcMismatch { expected: 0, got: 4, .. }), "{error}");
}

#[test]
fn system_initial_memory_is_checked() {
    // An honest run of the same program with another initial register.
    let other: Test = builder().register(5, 8).build().unwrap();
    let (vm, key) = keys();
    let error = refused_statement(&other.under(&vm, &key).unwrap());
    assert!(matches!(error, VmVerificationError::InitialMemoryRootMismatch { .. }), "{error}");
    // The public value is replaced by the initial root of the key. The tree of the other memory does not lead to it.
    let mut test = other.under(&vm, &key).unwrap();
    let root = fixture().input(CONNECTOR).unwrap().public_values[4..12].to_vec();
    test.input_mut(CONNECTOR).unwrap().public_values[4..12].copy_from_slice(&root);
    caught_by_bus(test, "merkle");
}

#[test]
fn system_final_root_is_the_root_of_the_tree() {
    let mut test = fixture();
    let old = test.input(CONNECTOR).unwrap().public_values[19];
    set_public(&mut test, 19, old + F::ONE);
    caught_by_bus(test, "merkle");
}

#[test]
fn system_public_values_have_a_fixed_number() {
    let mut test = fixture();
    test.input_mut(CONNECTOR).unwrap().public_values.pop();
    let expected = ShapeError::PublicValues { air: CONNECTOR.into(), expected: 20, got: 19 };
    assert_eq!(refused_shape(&test), expected);
}
