//! Public values of a run in segments: the path in the final memory tree is the only thing that shows them.

use vm_core::arch::VmVerificationError as Refused;
use vm_core::system::public_values_proof::{PublicValuesError, UserPublicValuesProof};
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::stark::F;

use super::support::{copy, made, verify};

/// The error for the honest proof with other public values or another path.
fn refused(change: impl FnOnce(&mut UserPublicValuesProof)) -> PublicValuesError {
    let made = made();
    let mut proof = copy(&made.run.proof);
    change(&mut proof.public_values);
    match verify(&made.key, &proof).expect_err("it does not show the final memory") {
        Refused::PublicValues(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn no_byte_can_be_changed() {
    for byte in 0..32 {
        for bit in [1, 0x80] {
            assert_eq!(refused(|proof| proof.public_values[byte] ^= bit), PublicValuesError::Root, "{byte}");
        }
    }
}

#[test]
fn the_number_of_bytes_is_the_machine_s() {
    let length = |got| PublicValuesError::Length { expected: 32, got };
    assert_eq!(refused(|proof| proof.public_values.truncate(16)), length(16));
    assert_eq!(refused(|proof| proof.public_values.clear()), length(0));
    assert_eq!(refused(|proof| proof.public_values.extend([0; 16])), length(48));
}

#[test]
fn no_sibling_can_be_changed() {
    for (level, limb) in (0..2).flat_map(|level| (0..8).map(move |limb| (level, limb))) {
        assert_eq!(refused(|proof| proof.siblings[level][limb] += F::ONE), PublicValuesError::Root);
    }
    assert_eq!(refused(|proof| proof.siblings.swap(0, 1)), PublicValuesError::Root);
}

#[test]
fn the_length_of_the_path_is_the_machine_s() {
    let path = |got| PublicValuesError::PathLength { expected: 2, got };
    assert_eq!(refused(|proof| proof.siblings.clear()), path(0));
    assert_eq!(refused(|proof| proof.siblings.truncate(1)), path(1));
    assert_eq!(refused(|proof| proof.siblings.insert(0, Default::default())), path(3));
}

/// The values of another run, with their own valid path.
#[test]
fn the_root_is_that_of_the_last_segment() {
    let other = copy(&made().other.proof).public_values;
    assert_eq!(refused(|proof| *proof = other), PublicValuesError::Root);
}
