//! Leaves of the memory tree: the boundary of the memory argument.

use std::sync::Arc;

use p3_field::{Field, PrimeCharacteristicRing};
use vm_core::machine::VirtualMachine;
use vm_core::stark::{F, ShapeError, StarkEngine};

use crate::fixture::{
    ADD, Builder, Engine, LEAF, LOG_LEAVES, NODE, Test, caught_by_bus, caught_by_constraint, change_final_cell,
    copy_row, f, fixture, hash_leaf, leaf_row, padding_row, read_array, refused_shape, setting, write, write_array,
};
use crate::machine::{ToyVm, add, store, terminate};

#[test]
fn system_memory_airs_are_required() {
    // Without leaves and nodes nothing would tie memory to the roots.
    for air in [LEAF, NODE] {
        let mut test = fixture();
        test.input_mut(air).unwrap().traces.clear();
        assert_eq!(refused_shape(&test), ShapeError::MissingAir { air: air.into() });
    }
}

#[test]
fn system_leaf_padding_rows_are_silent() {
    // A padding row that shows public values of its own, or asks for a hash.
    let mut test = fixture();
    let row = padding_row(&mut test, LEAF, "valid");
    write(&mut test, LEAF, row, &[("is_public", F::ONE), ("space", F::TWO)]);
    caught_by_constraint(test, LEAF, "is_public");
    let mut test = fixture();
    let row = padding_row(&mut test, LEAF, "valid");
    write(&mut test, LEAF, row, &[("dirty", F::ONE)]);
    caught_by_constraint(test, LEAF, "dirty");
}

#[test]
fn system_leaf_flags_are_booleans() {
    // valid = −1 on a copy of a row takes back everything that the row says: the leaf would vanish from the proof.
    let mut test = fixture();
    let (from, to) = (leaf_row(&test, 0, 0), padding_row(&mut test, LEAF, "valid"));
    copy_row(&mut test, LEAF, from, to);
    write(&mut test, LEAF, to, &[("valid", -F::ONE)]);
    caught_by_constraint(test, LEAF, "valid");
    // A count of two for one row, and half-dirty content.
    for (column, value) in [("valid", F::TWO), ("dirty", F::TWO), ("is_public", -F::ONE)] {
        let mut test = fixture();
        let row = leaf_row(&test, 2, 0);
        write(&mut test, LEAF, row, &[(column, value)]);
        caught_by_constraint(test, LEAF, column);
    }
}

#[test]
fn system_clean_leaves_keep_their_content() {
    // A written leaf without the dirty flag: its final cells would not be hashed.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 3);
    write(&mut test, LEAF, row, &[("dirty", F::ZERO)]);
    caught_by_constraint(test, LEAF, "final_");
    // A clean leaf with another final hash.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 1);
    test.tamper(LEAF, 0, row, "final_hash[7]", |x| x + F::ONE).unwrap();
    caught_by_constraint(test, LEAF, "final_hash");
}

#[test]
fn system_initial_cells_are_those_under_the_root() {
    // A cell that no instruction accesses, changed at the start and at the end alike: the hash is wrong.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 0);
    for column in ["initial[3]", "final_[3]"] {
        write(&mut test, LEAF, row, &[(column, f(1))]);
    }
    caught_by_bus(test, "compress");
    // With the right hash of the wrong cells: the parent expects another one.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 0);
    for column in ["initial[3]", "final_[3]"] {
        write(&mut test, LEAF, row, &[(column, f(1))]);
    }
    let hash = hash_leaf(&read_array(&test, LEAF, row, "initial"));
    write_array(&mut test, LEAF, row, "initial_hash", &hash);
    write_array(&mut test, LEAF, row, "final_hash", &hash);
    caught_by_bus(test, "merkle");
}

#[test]
fn system_final_cells_are_those_of_the_last_access() {
    // The tree continues with a value that nobody wrote, with right hashes up to the public root.
    let mut test = fixture();
    change_final_cell(&mut test, 0, 3, 0, f(0x9999));
    caught_by_bus(test, "memory");
}

/// Shows that a space (0-based) is not the public values'.
fn away(space: F) -> F {
    (space - F::TWO).inverse()
}

#[test]
fn system_a_leaf_has_one_address() {
    // The label is an expression of the address. Other limbs of the same leaf index:
    let mut test = fixture();
    let row = leaf_row(&test, 0, 0);
    write(&mut test, LEAF, row, &[("leaf_low", f(1 << 16)), ("leaf_high", -F::ONE)]);
    caught_by_bus(test, "range");
    // The same label as another address: one space further, and as many leaves back. No instruction accesses the leaf,
    // so no other bus could notice that its words appear at another address.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 0);
    write(
        &mut test,
        LEAF,
        row,
        &[("space", F::ONE), ("space_inverse", away(F::ONE)), ("leaf_high", -f(1 << (LOG_LEAVES - 16)))],
    );
    caught_by_bus(test, "range");
    // The space below the first one, and the leaf index beyond its last.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 0);
    write(
        &mut test,
        LEAF,
        row,
        &[("space", -F::ONE), ("space_inverse", away(-F::ONE)), ("leaf_high", f(1 << (LOG_LEAVES - 16)))],
    );
    caught_by_bus(test, "range");
}

#[test]
fn system_a_space_that_does_not_exist_has_no_leaf() {
    // Address space 5 on a machine with four: also with matching labels up to a node below the root there is no place.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 0);
    write(&mut test, LEAF, row, &[("space", f(4)), ("space_inverse", away(f(4)))]);
    test.recount_lookups().unwrap();
    let report = test.debug();
    assert!(report.imbalances.iter().any(|message| message.bus == "range"), "{report}");
    assert!(test.is_rejected());
}

#[test]
fn system_a_leaf_occurs_once() {
    // The same leaf twice: a word would have two sources. Its words are not accessed, so memory balances; the tree has
    // one message for the label.
    let mut test = fixture();
    let (from, to) = (leaf_row(&test, 0, 0), padding_row(&mut test, LEAF, "valid"));
    copy_row(&mut test, LEAF, from, to);
    caught_by_bus(test, "merkle");
    // A rogue parent pays for the second one: a padding row of the nodes with a touched child.
    let mut test = fixture();
    let (from, to) = (leaf_row(&test, 0, 0), padding_row(&mut test, LEAF, "valid"));
    copy_row(&mut test, LEAF, from, to);
    let hash = read_array::<8>(&test, LEAF, to, "initial_hash");
    let parent = padding_row(&mut test, NODE, "valid");
    write(&mut test, NODE, parent, &[("touched[0]", F::ONE), ("height", F::ONE)]);
    write_array(&mut test, NODE, parent, "initial_children[0]", &hash);
    write_array(&mut test, NODE, parent, "final_children[0]", &hash);
    caught_by_constraint(test, NODE, "touched[0]");
}

#[test]
fn system_accesses_look_back_in_time() {
    // r4 is read once, at time 1. The boundary may send a word at any time, but the reader proves that it is earlier:
    // sent at the time of the read, the read would receive what it sends, and its value would be free.
    let reader = |test: &Test| test.rows_where(ADD, 0, "from.timestamp", |x| x == F::ONE).unwrap()[0];
    let mut test = fixture();
    let (row, leaf) = (reader(&test), leaf_row(&test, 0, 1));
    write(&mut test, ADD, row, &[("read_prev[0]", F::ONE)]);
    write(&mut test, LEAF, leaf, &[("initial_timestamps[0]", F::ONE)]);
    caught_by_bus(test, "range");
    // The free value: the read answers itself, so does the boundary, and the run goes on with the sum of another operand.
    // A run whose only instruction is the addition, with everything behind it consistent.
    let mut test: Test = setting().instructions(0, [add(12, 4, 5)]).build().unwrap();
    let leaf = leaf_row(&test, 0, 1);
    write(&mut test, ADD, 0, &[("read_prev[0]", F::ONE), ("x[0][0]", f(0x2346)), ("y[0]", f(0x234d))]);
    write(&mut test, LEAF, leaf, &[("initial_timestamps[0]", F::ZERO), ("final_timestamps[0]", F::ZERO)]);
    change_final_cell(&mut test, 0, 3, 0, f(0x234d));
    caught_by_bus(test, "range");
}

#[test]
fn system_the_boundary_may_send_a_word_at_any_earlier_time() {
    // Not a forgery: the time of the boundary's send is the prover's choice, within the gap of the first access.
    let mut test = fixture();
    let (row, leaf) = (test.rows_where(ADD, 0, "from.timestamp", |x| x == F::ONE).unwrap()[0], leaf_row(&test, 0, 1));
    let earlier = -f((1 << 16) - 1);
    write(&mut test, ADD, row, &[("read_prev[0]", earlier)]);
    write(&mut test, LEAF, leaf, &[("initial_timestamps[0]", earlier)]);
    test.recount_lookups().unwrap();
    test.prove_and_verify().unwrap();
    // One tick more is too far.
    let (leaf_column, prev) = ("initial_timestamps[0]", earlier - F::ONE);
    write(&mut test, ADD, row, &[("read_prev[0]", prev)]);
    write(&mut test, LEAF, leaf, &[(leaf_column, prev)]);
    caught_by_bus(test, "range");
}

/// The run of a machine with continuations and `public` bytes of public values that stores a zero at byte 32 of them.
pub(crate) fn revealing_at_32(public: usize) -> Test {
    let mut machine = ToyVm::new(29);
    machine.system = machine.system.with_continuations().with_public_values(public);
    let run = Builder::new(machine).register(7, 32).instructions(0, [store(13, 7, 3), terminate(0)]);
    run.build().unwrap()
}

/// On machines with continuations no chip receives the public values, so the leaf itself says that it is one of them. The
/// forged run reveals a zero beyond them: the tree is the one of a run that reveals nothing, and only the leaf tells.
#[test]
fn system_a_leaf_beyond_the_public_values_has_no_place() {
    let larger = revealing_at_32(48);
    larger.prove_and_verify().unwrap();
    let with = |public: usize| {
        let mut machine = larger.vm().config().clone();
        machine.system = machine.system.with_public_values(public);
        let vm = Arc::new(VirtualMachine::new(Engine::new(larger.vm().engine.preset()), machine));
        let key = Arc::new(vm.setup(larger.key().exe().clone()).unwrap());
        larger.under(&vm, &key).unwrap()
    };
    let forged = || with(32);
    caught_by_bus(forged(), "range");
    // As a leaf of its space that is not public, or as one of a space that it is not in.
    let mut test = forged();
    let row = leaf_row(&test, 2, 2);
    write(&mut test, LEAF, row, &[("is_public", F::ZERO)]);
    caught_by_constraint(test, LEAF, "space_inverse");
    let mut test = forged();
    write(&mut test, LEAF, row, &[("is_public", F::ZERO), ("space_inverse", F::ONE)]);
    caught_by_constraint(test, LEAF, "space_inverse");
    // A machine without public values has no such leaf at all.
    caught_by_constraint(with(0), LEAF, "is_public");
    let mut test = with(0);
    write(&mut test, LEAF, row, &[("is_public", F::ZERO)]);
    caught_by_constraint(test, LEAF, "space_inverse");
    let mut test = with(0);
    write(&mut test, LEAF, row, &[("is_public", F::ZERO), ("space_inverse", F::ONE)]);
    caught_by_constraint(test, LEAF, "space_inverse");
    // Nor has it a place in the space before, behind its last leaf, with the label of this one.
    for public in [0, 32] {
        let mut test = with(public);
        let before = [("space", F::ONE), ("space_inverse", away(F::ONE)), ("leaf_high", f(1 << (LOG_LEAVES - 16)))];
        write(&mut test, LEAF, row, &before);
        write(&mut test, LEAF, row, &[("is_public", F::ZERO)]);
        test.recount_lookups().unwrap();
        let report = test.debug();
        assert!(report.failures.is_empty() && report.imbalances.iter().any(|m| m.bus == "range"), "{report}");
        assert!(test.is_rejected());
    }
    // The one of a machine that has it cannot be shown to be elsewhere as well.
    let mut test = revealing_at_32(48);
    write(&mut test, LEAF, row, &[("space_inverse", F::ONE)]);
    caught_by_constraint(test, LEAF, "space_inverse");
    // Any other leaf can be public as little as this one can not be.
    let mut test = forged();
    let other = leaf_row(&test, 0, 0);
    write(&mut test, LEAF, row, &[("leaf_low", F::ONE)]);
    write(&mut test, LEAF, other, &[("is_public", F::ONE), ("space_inverse", F::ZERO)]);
    test.recount_lookups().unwrap();
    assert!(test.debug().failures.iter().any(|failure| test.air_index(LEAF).is_ok_and(|leaf| leaf == failure.air)));
    assert!(test.is_rejected());
}

/// The last leaf that a machine has is in range, for numbers of leaves that are no powers of two as well.
#[test]
fn system_all_public_values_are_in_range_with_continuations() {
    for public in [48, 4096] {
        let run = revealing_at_32(public).prove_and_verify().unwrap();
        assert_eq!(run.public_values, vec![0; public]);
    }
}
