//! The node AIR: inner nodes of the memory tree.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use vm_core::arch::LEAF_DOMAIN;
use vm_core::stark::F;

use crate::fixture::{
    CONNECTOR, LEAF, NODE, Test, boolean, caught_by_bus, caught_by_constraint, compress, copy_row, f, fixture,
    leaf_row, padding_row, propagate, read_array, write, write_array,
};

/// Returns the row of the root.
fn root(test: &Test) -> usize {
    test.rows_where(NODE, 0, "height", |x| x == f(22)).unwrap()[0]
}

/// Returns a dirty row of height 1 with exactly one touched child, and the index of the untouched child.
fn lonely_parent(test: &Test) -> (usize, usize) {
    let rows = test.rows_where(NODE, 0, "height", |x| x == F::ONE).unwrap();
    let touched = |row, side| test.cell(NODE, 0, row, format!("touched[{side}]").as_str()).unwrap();
    let row = rows
        .into_iter()
        .find(|&row| test.cell(NODE, 0, row, "dirty").unwrap() == F::ONE && touched(row, 0) + touched(row, 1) == F::ONE)
        .expect("the fixture has such a node");
    (row, usize::from(touched(row, 0) == F::ONE))
}

/// Returns the texts of the constraints that a flag of 0 switches on: the children on these sides, and the hash of the
/// node if `own_hash` is set, are the same at the start and at the end.
fn kept(flag: &str, sides: &[usize], own_hash: bool) -> Vec<String> {
    let equal = |name: String| format!("(1 - {flag})*(initial_{name} - final_{name})");
    let children = sides.iter().flat_map(|side| (0..8).map(move |i| format!("children[{side}][{i}]")));
    let hash = (0..8).filter(|_| own_hash).map(|i| format!("hash[{i}]"));
    children.chain(hash).map(equal).collect()
}

/// Returns the texts of the constraints that a flag implies `valid`.
fn implied_by_valid() -> Vec<String> {
    ["dirty", "touched[0]", "touched[1]"].map(|flag| format!("{flag}*(1 - valid)")).to_vec()
}

#[test]
fn system_node_padding_rows_are_no_parents() {
    for column in ["touched[0]", "touched[1]", "dirty"] {
        let mut test = fixture();
        let row = padding_row(&mut test, NODE, "valid");
        write(&mut test, NODE, row, &[(column, F::ONE)]);
        caught_by_constraint(test, NODE, &[format!("{column}*(1 - valid)")]);
    }
}

#[test]
fn system_node_flags_are_booleans() {
    // Both children of the root are touched and change, so with another value of a flag the equations that the flag
    // switches off fail as well.
    for (column, value, others) in [
        ("valid", F::TWO, implied_by_valid()),
        ("dirty", F::TWO, kept("dirty", &[0, 1], true)),
        ("touched[0]", -F::ONE, kept("touched[0]", &[0], false)),
        ("touched[1]", F::TWO, kept("touched[1]", &[1], false)),
    ] {
        let mut test = fixture();
        let row = root(&test);
        write(&mut test, NODE, row, &[(column, value)]);
        caught_by_constraint(test, NODE, &[vec![boolean(column)], others].concat());
    }
    // A row cancels the messages of another one.
    let mut test = fixture();
    let (from, to) = (root(&test), padding_row(&mut test, NODE, "valid"));
    copy_row(&mut test, NODE, from, to);
    write(&mut test, NODE, to, &[("valid", -F::ONE)]);
    caught_by_constraint(test, NODE, &[vec![boolean("valid")], implied_by_valid()].concat());
}

#[test]
fn system_nodes_are_not_taken_back() {
    // A leaf occurs twice, and a node row with valid = −1 sends the message that the copy receives. The row has no
    // touched children. Its own hash is that of the leaf, so it cancels the hash query of the copy. All buses balance.
    let mut test = fixture();
    let (from, to) = (leaf_row(&test, 0, 0), padding_row(&mut test, LEAF, "valid"));
    copy_row(&mut test, LEAF, from, to);
    let row = padding_row(&mut test, NODE, "valid");
    write(&mut test, NODE, row, &[("valid", -F::ONE)]);
    let cells = read_array::<8>(&test, LEAF, to, "initial");
    let hash = read_array::<8>(&test, LEAF, to, "initial_hash");
    for state in ["initial", "final"] {
        write_array(&mut test, NODE, row, &format!("{state}_children[0]"), &cells);
        write_array(&mut test, NODE, row, &format!("{state}_children[1]"), &LEAF_DOMAIN);
        write_array(&mut test, NODE, row, &format!("{state}_hash"), &hash);
    }
    test.recount_lookups().unwrap();
    assert!(test.debug().imbalances.is_empty());
    caught_by_constraint(test, NODE, &[boolean("valid")]);
}

#[test]
fn system_clean_nodes_keep_their_hashes() {
    // Memory below a node was written, but the dirty flag of the node is 0. The hash of its final children would not be
    // checked.
    let mut test = fixture();
    let row = root(&test);
    write(&mut test, NODE, row, &[("dirty", F::ZERO)]);
    caught_by_constraint(test, NODE, &kept("dirty", &[0, 1], true));
    // A clean node has final children that differ from the initial ones.
    let mut test = fixture();
    let valid = test.rows_where(NODE, 0, "valid", |x| x == F::ONE).unwrap();
    let clean = |row: &&usize| test.cell(NODE, 0, **row, "dirty").unwrap() == F::ZERO;
    let row = *valid.iter().find(clean).expect("r0 to r7 are not written");
    test.tamper(NODE, 0, row, "final_children[0][0]", |x| x + F::ONE).unwrap();
    caught_by_constraint(test, NODE, &kept("dirty", &[0], false)[..1]);
}

#[test]
fn system_nothing_changes_below_an_untouched_child() {
    // A child without a row of its own is replaced, and all hashes up to the public root are recomputed. Memory that
    // the run never touched would change.
    let mut test = fixture();
    let (row, side) = lonely_parent(&test);
    let label = 2 * test.cell(NODE, 0, row, "label").unwrap().as_canonical_u32() + side as u32;
    propagate(&mut test, label, &[f(9); 8]);
    caught_by_constraint(test, NODE, &kept(&format!("touched[{side}]"), &[side], false));
}

#[test]
fn system_hashes_of_nodes_are_compressions() {
    // The initial root is changed, also in the public values. The hash of the root's row is wrong.
    let mut test = fixture();
    let row = root(&test);
    test.tamper(NODE, 0, row, "initial_hash[0]", |x| x + F::ONE).unwrap();
    test.input_mut(CONNECTOR).unwrap().public_values[4] += F::ONE;
    caught_by_bus(test, "compress");
    // The same for the final root.
    let mut test = fixture();
    let row = root(&test);
    test.tamper(NODE, 0, row, "final_hash[0]", |x| x + F::ONE).unwrap();
    test.input_mut(CONNECTOR).unwrap().public_values[12] += F::ONE;
    caught_by_bus(test, "compress");
}

#[test]
fn system_labels_and_heights_descend_from_the_root() {
    // A node has another height or another label. The messages of the tree tie both to the parent.
    for column in ["height", "label"] {
        for row in [root(&fixture()), lonely_parent(&fixture()).0] {
            let mut test = fixture();
            test.tamper(NODE, 0, row, column, |x| x + F::ONE).unwrap();
            caught_by_bus(test, "merkle");
        }
    }
    // The whole tree is moved one level up. The connector sends the root with a constant height, and leaves have height
    // 0.
    let mut test = fixture();
    for row in test.rows_where(NODE, 0, "valid", |x| x == F::ONE).unwrap() {
        test.tamper(NODE, 0, row, "height", |x| x + F::ONE).unwrap();
    }
    caught_by_bus(test, "merkle");
}

#[test]
fn system_there_is_one_root() {
    // A second tree beside the first one. Its root receives a message that no row sends.
    let mut test = fixture();
    let to = padding_row(&mut test, NODE, "valid");
    let children = [[f(1); 8], [f(2); 8]];
    let hash = compress(&children[0], &children[1]);
    write(&mut test, NODE, to, &[("valid", F::ONE), ("height", f(22))]);
    for (side, child) in children.iter().enumerate() {
        write_array(&mut test, NODE, to, &format!("initial_children[{side}]"), child);
        write_array(&mut test, NODE, to, &format!("final_children[{side}]"), child);
    }
    write_array(&mut test, NODE, to, "initial_hash", &hash);
    write_array(&mut test, NODE, to, "final_hash", &hash);
    caught_by_bus(test, "merkle");
}

#[test]
fn system_a_leaf_is_no_node() {
    // The hash of a leaf is the compression of its cells and a constant. If the leaf was taken for a node, its cells
    // would be the left child, which could then be changed. The row is well-formed. But the label of a leaf is received
    // only once, and a chain of nodes below height 0 never ends in a leaf row again, so nothing below it can change.
    let mut test = fixture();
    let row = test.rows_where(LEAF, 0, "valid", |x| x == F::ONE).unwrap()[0];
    let cells = read_array::<8>(&test, LEAF, row, "initial");
    let hash = read_array::<8>(&test, LEAF, row, "initial_hash");
    let to = padding_row(&mut test, NODE, "valid");
    let changed = [f(5); 8];
    write(&mut test, NODE, to, &[("valid", F::ONE), ("dirty", F::ONE), ("touched[0]", F::ONE)]);
    write_array(&mut test, NODE, to, "initial_children[0]", &cells);
    write_array(&mut test, NODE, to, "final_children[0]", &changed);
    for state in ["initial_children[1]", "final_children[1]"] {
        write_array(&mut test, NODE, to, state, &LEAF_DOMAIN);
    }
    write_array(&mut test, NODE, to, "initial_hash", &hash);
    write_array(&mut test, NODE, to, "final_hash", &compress(&changed, &LEAF_DOMAIN));
    caught_by_bus(test, "merkle");
}
