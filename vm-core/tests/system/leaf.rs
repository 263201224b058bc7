//! The leaf AIR: the boundary of the memory argument.

use std::sync::Arc;

use p3_field::{Field, PrimeCharacteristicRing};
use vm_core::arch::LEAF_DOMAIN;
use vm_core::machine::VirtualMachine;
use vm_core::stark::{F, ShapeError, StarkEngine};

use crate::fixture::{
    ADD, Builder, Engine, LEAF, LOG_LEAVES, NODE, Test, boolean, caught_by_bus, caught_by_constraint,
    caught_by_messages, change_final_cell, copy_row, f, fixture, hash_leaf, leaf_row, padding_row, propagate,
    propagate_initial, read_array, refused_shape, setting, write, write_array,
};
use crate::machine::{ToyVm, add, store, terminate};

/// Text of the constraint that a valid leaf either is public or has a space other than that of the public values.
const DISTANCE: &str = "(space - 2)*space_inverse - (valid - is_public)";

/// Returns the texts of the constraints that keep cell `i` and limb `i` of the hash of a clean leaf.
fn kept_if_clean(i: usize) -> [String; 2] {
    ["", "_hash"].map(|of| {
        let last = if of.is_empty() { format!("final_[{i}]") } else { format!("final{of}[{i}]") };
        format!("(1 - dirty)*(initial{of}[{i}] - {last})")
    })
}

/// Returns the texts of the constraints that keep the hash of a clean leaf.
fn hash_kept_if_clean() -> impl Iterator<Item = String> {
    (0..8).map(|i| kept_if_clean(i)[1].clone())
}

#[test]
fn system_memory_airs_are_required() {
    // Without leaves and nodes, nothing would tie memory to the roots.
    for air in [LEAF, NODE] {
        let mut test = fixture();
        test.input_mut(air).unwrap().traces.clear();
        assert_eq!(refused_shape(&test), ShapeError::MissingAir { air: air.into() });
    }
}

#[test]
fn system_leaf_padding_rows_are_silent() {
    // A padding row sends public values of its own, or queries a hash.
    let mut test = fixture();
    let row = padding_row(&mut test, LEAF, "valid");
    write(&mut test, LEAF, row, &[("is_public", F::ONE), ("space", F::TWO)]);
    caught_by_constraint(test, LEAF, &["is_public*(1 - valid)", DISTANCE]);
    let mut test = fixture();
    let row = padding_row(&mut test, LEAF, "valid");
    write(&mut test, LEAF, row, &[("dirty", F::ONE)]);
    caught_by_constraint(test, LEAF, &["dirty*(1 - valid)"]);
}

#[test]
fn system_leaf_flags_are_booleans() {
    // A copy of a row with valid = −1 cancels all messages of the row, so the leaf would vanish from the proof.
    let mut test = fixture();
    let (from, to) = (leaf_row(&test, 0, 0), padding_row(&mut test, LEAF, "valid"));
    copy_row(&mut test, LEAF, from, to);
    write(&mut test, LEAF, to, &[("valid", -F::ONE)]);
    caught_by_constraint(test, LEAF, &[&boolean("valid"), DISTANCE]);
    // Flags with values other than 0 and 1, such as a row that counts twice.
    let counts_twice = ["dirty*(1 - valid)", "is_public*(1 - valid)", DISTANCE].map(str::to_owned);
    for (column, value, others) in [
        ("valid", F::TWO, counts_twice.to_vec()),
        // The store changes the first word of the leaf.
        ("dirty", F::TWO, (0..2).map(|i| kept_if_clean(i)[0].clone()).chain(hash_kept_if_clean()).collect()),
        ("is_public", -F::ONE, vec![DISTANCE.to_owned()]),
    ] {
        let mut test = fixture();
        let row = leaf_row(&test, 2, 0);
        write(&mut test, LEAF, row, &[(column, value)]);
        caught_by_constraint(test, LEAF, &[vec![boolean(column)], others].concat());
    }
}

#[test]
fn system_clean_leaves_keep_their_content() {
    // A leaf is written, but its dirty flag is 0. Its final cells would not be hashed.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 3);
    write(&mut test, LEAF, row, &[("dirty", F::ZERO)]);
    // The program writes the first three words of the leaf.
    let cells = (0..6).map(|i| kept_if_clean(i)[0].clone());
    caught_by_constraint(test, LEAF, &cells.chain(hash_kept_if_clean()).collect::<Vec<_>>());
    // A clean leaf has a final hash that differs from the initial one.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 1);
    test.tamper(LEAF, 0, row, "final_hash[7]", |x| x + F::ONE).unwrap();
    caught_by_constraint(test, LEAF, &kept_if_clean(7)[1..]);
}

#[test]
fn system_clean_leaves_keep_every_cell() {
    // The only instruction changes one cell of leaf 3, in each run another one. The forged row says that the leaf is
    // clean and keeps its old hash, and the tree is that of the memory before the run: the write is lost. Memory,
    // hashes and tree balance, so the equation of this cell is the only one that rejects the forgery.
    for cell in 0..8 {
        let word = cell / 2;
        let sum = 0x0001_2345 + 7;
        let before = if cell % 2 == 0 { sum ^ 0x00ff } else { sum ^ 0x00ff_0000 };
        let program = [add(12 + word as u32, 4, 5)];
        let mut test: Test = setting().register(12 + word, before).instructions(0, program).build().unwrap();
        let row = leaf_row(&test, 0, 3);
        let [before, after] = ["initial", "final_"].map(|column| read_array::<8>(&test, LEAF, row, column));
        let changed: Vec<usize> = (0..8).filter(|&i| before[i] != after[i]).collect();
        assert_eq!(changed, [cell]);
        let hash = read_array(&test, LEAF, row, "initial_hash");
        write(&mut test, LEAF, row, &[("dirty", F::ZERO)]);
        write_array(&mut test, LEAF, row, "final_hash", &hash);
        propagate(&mut test, 3, &hash);
        caught_by_constraint(test, LEAF, &kept_if_clean(cell)[..1]);
    }
}

#[test]
fn system_clean_leaves_keep_every_limb_of_their_hash() {
    // No instruction writes leaf 0, and its row is clean. Its final hash differs in one limb, and so do all hashes
    // above it. Nobody hashes the final content of a clean leaf, so the tree could get any hash, and with it any
    // content.
    for limb in 0..8 {
        let mut test = fixture();
        let row = leaf_row(&test, 0, 0);
        let mut hash = read_array(&test, LEAF, row, "initial_hash");
        hash[limb] += F::ONE;
        write_array(&mut test, LEAF, row, "final_hash", &hash);
        propagate(&mut test, 0, &hash);
        caught_by_constraint(test, LEAF, &kept_if_clean(limb)[1..]);
    }
}

#[test]
fn system_every_limb_of_a_leafs_hash_is_computed() {
    // A dirty leaf has a final hash with one changed limb, and all hashes above it agree with that. The compression of
    // its cells has another result. A leaf's query is the only message that binds the limb to the cells.
    for limb in 0..8 {
        let mut test = fixture();
        let row = leaf_row(&test, 0, 3);
        let cells: [F; 8] = read_array(&test, LEAF, row, "final_");
        let honest = read_array(&test, LEAF, row, "final_hash");
        let mut hash = honest;
        hash[limb] += F::ONE;
        write_array(&mut test, LEAF, row, "final_hash", &hash);
        propagate(&mut test, 3, &hash);
        // The Poseidon2 AIR answers with the true hash.
        let [query, answer] = [hash, honest].map(|hash| [cells, LEAF_DOMAIN, hash].concat());
        caught_by_messages(test, "compress", &[(query, 1), (answer, -1)]);
    }
    // The same for the initial hash. The attacker also changes the initial root, and the verifier's key has another
    // one; but the proof itself must already fail.
    for limb in 0..8 {
        let mut test = fixture();
        let row = leaf_row(&test, 0, 3);
        let cells: [F; 8] = read_array(&test, LEAF, row, "initial");
        let honest = read_array(&test, LEAF, row, "initial_hash");
        let mut hash = honest;
        hash[limb] += F::ONE;
        write_array(&mut test, LEAF, row, "initial_hash", &hash);
        propagate_initial(&mut test, 3, &hash);
        let [query, answer] = [hash, honest].map(|hash| [cells, LEAF_DOMAIN, hash].concat());
        caught_by_messages(test, "compress", &[(query, 1), (answer, -1)]);
    }
}

#[test]
fn system_initial_cells_are_those_under_the_root() {
    // A cell that no instruction accesses is changed, both at the start and at the end. The hash is wrong.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 0);
    for column in ["initial[3]", "final_[3]"] {
        write(&mut test, LEAF, row, &[(column, f(1))]);
    }
    caught_by_bus(test, "compress");
    // The hash is recomputed from the changed cells. The parent has another hash.
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
    // The final tree contains a value that no instruction wrote, with correct hashes up to the public root.
    let mut test = fixture();
    change_final_cell(&mut test, 0, 3, 0, f(0x9999));
    caught_by_bus(test, "memory");
}

/// Returns the value of `space_inverse` for a space (0-based) other than that of the public values.
fn away(space: F) -> F {
    (space - F::TWO).inverse()
}

#[test]
fn system_a_leaf_has_one_address() {
    // The label is an expression of the address. First, other limbs of the same leaf index.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 0);
    write(&mut test, LEAF, row, &[("leaf_low", f(1 << 16)), ("leaf_high", -F::ONE)]);
    caught_by_bus(test, "range");
    // The same label with another address: the next space, and a leaf index that is less by the size of a space. No
    // instruction accesses the leaf, so no other bus detects that its words have another address.
    let mut test = fixture();
    let row = leaf_row(&test, 0, 0);
    write(
        &mut test,
        LEAF,
        row,
        &[("space", F::ONE), ("space_inverse", away(F::ONE)), ("leaf_high", -f(1 << (LOG_LEAVES - 16)))],
    );
    caught_by_bus(test, "range");
    // The space before the first one, and a leaf index after its last leaf.
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
    // Address space 5 on a machine with four address spaces. The tree has no place for it, even if the labels matched
    // up to a node below the root.
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
    // The same leaf occurs twice, so a word would have two sources. Its words are not accessed, so the memory bus
    // balances. The tree sends only one message for the label.
    let mut test = fixture();
    let (from, to) = (leaf_row(&test, 0, 0), padding_row(&mut test, LEAF, "valid"));
    copy_row(&mut test, LEAF, from, to);
    caught_by_bus(test, "merkle");
    // A second parent sends the message for the copy: a padding row of the node AIR with a touched child.
    let mut test = fixture();
    let (from, to) = (leaf_row(&test, 0, 0), padding_row(&mut test, LEAF, "valid"));
    copy_row(&mut test, LEAF, from, to);
    let hash = read_array::<8>(&test, LEAF, to, "initial_hash");
    let parent = padding_row(&mut test, NODE, "valid");
    write(&mut test, NODE, parent, &[("touched[0]", F::ONE), ("height", F::ONE)]);
    write_array(&mut test, NODE, parent, "initial_children[0]", &hash);
    write_array(&mut test, NODE, parent, "final_children[0]", &hash);
    caught_by_constraint(test, NODE, &["touched[0]*(1 - valid)"]);
}

#[test]
fn system_accesses_look_back_in_time() {
    // r4 is read once, at time 1. The boundary may send a word at any time, but the read proves that this time is
    // earlier than its own. If the word was sent at the time of the read, the read could receive its own send, and its
    // value would be free.
    let reader = |test: &Test| test.rows_where(ADD, 0, "from.timestamp", |x| x == F::ONE).unwrap()[0];
    let mut test = fixture();
    let (row, leaf) = (reader(&test), leaf_row(&test, 0, 1));
    write(&mut test, ADD, row, &[("read_prev[0]", F::ONE)]);
    write(&mut test, LEAF, leaf, &[("initial_timestamps[0]", F::ONE)]);
    caught_by_bus(test, "range");
    // A free value: the read receives its own send, the boundary receives its own send, and the addition has another
    // operand. The program has no other instruction, and everything after the read is consistent with that operand.
    let mut test: Test = setting().instructions(0, [add(12, 4, 5)]).build().unwrap();
    let leaf = leaf_row(&test, 0, 1);
    write(&mut test, ADD, 0, &[("read_prev[0]", F::ONE), ("x[0][0]", f(0x2346)), ("y[0]", f(0x234d))]);
    write(&mut test, LEAF, leaf, &[("initial_timestamps[0]", F::ZERO), ("final_timestamps[0]", F::ZERO)]);
    change_final_cell(&mut test, 0, 3, 0, f(0x234d));
    caught_by_bus(test, "range");
}

#[test]
fn system_the_boundary_may_send_a_word_at_any_earlier_time() {
    // This is not a forgery: the prover may choose the time of the boundary's send, within the gap of the first access.
    let mut test = fixture();
    let (row, leaf) = (test.rows_where(ADD, 0, "from.timestamp", |x| x == F::ONE).unwrap()[0], leaf_row(&test, 0, 1));
    let earlier = -f((1 << 16) - 1);
    write(&mut test, ADD, row, &[("read_prev[0]", earlier)]);
    write(&mut test, LEAF, leaf, &[("initial_timestamps[0]", earlier)]);
    test.recount_lookups().unwrap();
    test.prove_and_verify().unwrap();
    // One tick earlier is too early.
    let (leaf_column, prev) = ("initial_timestamps[0]", earlier - F::ONE);
    write(&mut test, ADD, row, &[("read_prev[0]", prev)]);
    write(&mut test, LEAF, leaf, &[(leaf_column, prev)]);
    caught_by_bus(test, "range");
}

/// A run on a machine with continuations and `public` bytes of public values. It stores a zero at byte 32 of the public
/// values.
pub(crate) fn revealing_at_32(public: usize) -> Test {
    let mut machine = ToyVm::new(29);
    machine.system = machine.system.with_continuations().with_public_values(public);
    let run = Builder::new(machine).register(7, 32).instructions(0, [store(13, 7, 3), terminate(0)]);
    run.build().unwrap()
}

/// On machines with continuations, no AIR receives the public values, so the leaf AIR itself proves that a leaf is in
/// range. The forged run writes a zero after the public values. Its tree is the same as that of a run that writes
/// nothing there, so only the leaf AIR detects it.
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
    // The leaf claims not to be public, although it is in that space, or claims to be in another space.
    let mut test = forged();
    let row = leaf_row(&test, 2, 2);
    write(&mut test, LEAF, row, &[("is_public", F::ZERO)]);
    caught_by_constraint(test, LEAF, &[DISTANCE]);
    let mut test = forged();
    write(&mut test, LEAF, row, &[("is_public", F::ZERO), ("space_inverse", F::ONE)]);
    caught_by_constraint(test, LEAF, &[DISTANCE]);
    // On a machine without public values, no leaf may be public.
    caught_by_constraint(with(0), LEAF, &["is_public"]);
    let mut test = with(0);
    write(&mut test, LEAF, row, &[("is_public", F::ZERO)]);
    caught_by_constraint(test, LEAF, &[DISTANCE]);
    let mut test = with(0);
    write(&mut test, LEAF, row, &[("is_public", F::ZERO), ("space_inverse", F::ONE)]);
    caught_by_constraint(test, LEAF, &[DISTANCE]);
    // The leaf claims to be in the previous space, after its last leaf, with the same label.
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
    // A public leaf that the machine has cannot also claim to be in another space.
    let mut test = revealing_at_32(48);
    write(&mut test, LEAF, row, &[("space_inverse", F::ONE)]);
    caught_by_constraint(test, LEAF, &["is_public*space_inverse"]);
    // The leaf claims to be one that the machine has, and a leaf of another space claims to be public.
    let mut test = forged();
    let other = leaf_row(&test, 0, 0);
    write(&mut test, LEAF, row, &[("leaf_low", F::ONE)]);
    write(&mut test, LEAF, other, &[("is_public", F::ONE), ("space_inverse", F::ZERO)]);
    test.recount_lookups().unwrap();
    assert!(test.debug().failures.iter().any(|failure| test.air_index(LEAF).is_ok_and(|leaf| leaf == failure.air)));
    assert!(test.is_rejected());
}

/// The last leaf of a machine is in range, even if the number of leaves is not a power of two.
#[test]
fn system_all_public_values_are_in_range_with_continuations() {
    for public in [48, 4096] {
        let run = revealing_at_32(public).prove_and_verify().unwrap();
        assert_eq!(run.public_values, vec![0; public]);
    }
}
