//! Sweeps of every system AIR: no mutation survives without a reason, and every constraint and lookup is needed.

use vm_core::arch::SYSTEM_BUSES;
use vm_core::machine::testing::{Allowed, Indirect, Sweep, check_coverage, check_survivors};
use vm_core::stark::list_air;

use crate::fixture::{
    ACCESS, ADD, CONNECTOR, LEAF, NODE, PHANTOM, POSEIDON2, PUBLIC_VALUES, REFRESH, Test, XOR, fixture, long_fixture,
    padding_row,
};

/// Sweeps the traces of an AIR in the fixture.
fn swept(air: &str) -> Sweep {
    swept_in(fixture(), air)
}

/// Sweeps the traces of an AIR. If they have no padding row, some are added.
fn swept_in(mut test: Test, air: &str) -> Sweep {
    if let Some(&selector) = test.air(air).unwrap().selectors().first() {
        let column = test.air(air).unwrap().column_names()[selector].clone();
        padding_row(&mut test, air, &column);
    }
    let sweep = test.sweep(air).unwrap();
    assert!(sweep.mutations > 0, "{air} has no trace in the fixture");
    sweep
}

/// Checks that only allowed mutations survive, and that every constraint and query is the only check that rejects some
/// mutation, unless it is listed in `indirect`.
fn check(sweep: &Sweep, allowed: &[Allowed], indirect: &[Indirect]) {
    check_survivors(&sweep.survivors, allowed).unwrap();
    check_coverage(&sweep.coverage, indirect).unwrap_or_else(|error| panic!("{error}"));
}

const RAISED: &str = "setting the flag on unchanged content only queries the hash of the same content once more";

#[test]
fn system_connector_has_no_free_column() {
    // The column equals a public value, so a change of the column alone violates that constraint as well.
    let boolean = Indirect::Constraint(0, "system_is_terminate_is_a_boolean_and_the_public_one");
    check(&swept(CONNECTOR), &[], &[boolean]);
}

#[test]
fn system_leaf_has_no_free_column() {
    // The constraints on the distance to the public values' space also relate the flags and the space, so they reject
    // many changes of a single cell as well.
    let indirect = [
        Indirect::Constraint(0, "system_leaf_flags_are_booleans"),
        Indirect::Constraint(2, "system_leaf_flags_are_booleans"),
        Indirect::Constraint(3, "system_leaf_padding_rows_are_silent"),
        Indirect::Constraint(4, "system_leaf_padding_rows_are_silent"),
        Indirect::Query(0, "system_a_space_that_does_not_exist_has_no_leaf"),
    ];
    let allowed = [Allowed::column(LEAF, "dirty", RAISED)];
    check(&swept(LEAF), &allowed, &indirect);
    // With continuations, a range check takes the place of the public-values AIR.
    let sweep = swept_in(crate::leaf::revealing_at_32(48), LEAF);
    check_survivors(&sweep.survivors, &allowed).unwrap();
}

#[test]
fn system_node_has_no_free_column() {
    // If a dirty node has an untouched child, a change of a single cell of its hash also makes the hash of the node
    // wrong.
    let reason = "system_nothing_changes_below_an_untouched_child";
    let changes = [14, 32].into_iter().flat_map(|first| (first..first + 16).step_by(2));
    let mut indirect: Vec<Indirect> = changes.map(|i| Indirect::Constraint(i, reason)).collect();
    indirect.push(Indirect::Constraint(0, "system_nodes_are_not_taken_back"));
    indirect.push(Indirect::Constraint(
        2,
        "a dirty padding row queries a hash; nothing else fails only if the hash is correct",
    ));
    check(&swept(NODE), &[Allowed::column(NODE, "dirty", RAISED)], &indirect);
}

#[test]
fn system_refresh_has_no_free_column() {
    check(&long_fixture().sweep(REFRESH).unwrap(), &[], &[]);
}

#[test]
fn system_phantom_has_no_free_column() {
    check(&swept(PHANTOM), &[], &[]);
}

#[test]
fn system_public_values_have_no_free_column() {
    check(&swept(PUBLIC_VALUES), &[], &[]);
}

#[test]
fn system_poseidon2_has_no_free_column() {
    check(&swept(POSEIDON2), &[], &[Indirect::AllConstraints("system_every_row_of_poseidon2_is_a_permutation")]);
}

#[test]
fn system_tables_have_no_free_column() {
    for table in ["Program", "Range", "Bitwise"] {
        check(&swept(table), &[], &[]);
    }
}

#[test]
fn system_toy_instructions_have_no_free_column() {
    check(&swept(ADD), &[], &[]);
    check(&swept(XOR), &[], &[]);
    let both = Indirect::Constraint(2, "if both flags are set, the opcode is a sum that the program does not contain");
    check(&swept(ACCESS), &[], &[both]);
}

/// Compares the constraints and messages of the system AIRs with listings. If a lookup is removed from an AIR, it is
/// also removed from the multiplicities, so no proof fails, but this test does. After an intended change, run it with
/// `UPDATE_LISTINGS=1` and read the diff.
#[test]
fn system_airs_say_what_they_are_known_to_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/system/listings");
    let update = std::env::var_os("UPDATE_LISTINGS").is_some();
    let check = |name: &str, listing: String| {
        let file = folder.join(format!("{name}.txt"));
        if update {
            std::fs::write(&file, &listing).unwrap();
        }
        let known = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            known == listing,
            "the listing of {name} has changed (if intended, set UPDATE_LISTINGS=1); it is now\n{listing}"
        );
    };
    for air in ["Program", CONNECTOR, PUBLIC_VALUES, LEAF, NODE, REFRESH, PHANTOM, "Range", "Bitwise", ADD] {
        check(air, list_air(fixture().air(air).unwrap(), &SYSTEM_BUSES));
    }
    let leaf = crate::leaf::revealing_at_32(48);
    check("MemoryLeafWithContinuations", list_air(leaf.air(LEAF).unwrap(), &SYSTEM_BUSES));
}
