//! Public values of a run in segments. The verifier only accepts them with a valid path to the root of the final
//! memory.

use vm_core::machine::VmVerificationError as Refused;
use vm_core::machine::{PublicValuesError, UserPublicValuesProof};
use vm_core::stark::codec::{CodecError, FileKind, decode_body};
use vm_sdk::p3::field::{PrimeCharacteristicRing, PrimeField32};
use vm_sdk::stark::F;

use super::support::{RunProof, copy, made, verify};

/// Returns the error of the honest proof after `change` of the public values or their path.
fn refused(change: impl FnOnce(&mut UserPublicValuesProof)) -> PublicValuesError {
    let made = made();
    let mut proof = copy(&made.run.proof);
    change(&mut proof.public_values);
    match verify(&made.key, &proof).expect_err("the public values are not those of the final memory") {
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
    // The missing or added bytes are zero, so these values have the honest root. Only the check of the length refuses
    // them.
    assert_eq!(made().run.proof.public_values.public_values[31], 0);
    assert_eq!(refused(|proof| proof.public_values.truncate(31)), length(31));
    assert_eq!(refused(|proof| proof.public_values.push(0)), length(33));
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

/// The public values and the path of another run are valid on their own, but their root is not the final root of the
/// last segment.
#[test]
fn the_root_is_that_of_the_last_segment() {
    let other = copy(&made().other.proof).public_values;
    assert_eq!(refused(|proof| *proof = other), PublicValuesError::Root);
}

/// Lengths and field elements have one encoding each. Decoding refuses any other encoding, and trailing or missing
/// bytes, before anything is verified.
#[test]
fn values_and_path_have_one_encoding() {
    let made = made();
    let honest = postcard::to_stdvec(&made.run.proof).unwrap();
    let shown = postcard::to_stdvec(&made.run.proof.public_values).unwrap();
    // The encoding has the length of the values, the values, the number of siblings and their field elements. Then comes the
    // length of the plan of fused blocks, 0.
    let end = honest.len() - 1;
    let (at, limbs) = (end - shown.len(), end - 64);
    assert_eq!((honest[at], honest[limbs - 1], limbs), (32, 2, at + 34));
    let read = |forge: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = honest.clone();
        forge(&mut bytes);
        decode_body::<RunProof>(FileKind::ContinuationProof, &bytes)
            .map(|proof| verify(&made.key, &proof).unwrap().public_values)
    };
    assert_eq!(read(&|_| ()), Ok(made.run.plan.report.public_values.clone()));
    for length in [at, limbs - 1] {
        let longer = read(&|bytes| drop(bytes.splice(length..=length, [bytes[length] | 0x80, 0])));
        assert_eq!(longer, Err(CodecError::NonCanonical));
    }
    for limb in 0..16 {
        let range = limbs + 4 * limb..limbs + 4 * limb + 4;
        let error = read(&|bytes| {
            let value = u32::from_le_bytes(bytes[range.clone()].try_into().unwrap());
            bytes[range.clone()].copy_from_slice(&(value + F::ORDER_U32).to_le_bytes());
        });
        assert!(matches!(error, Err(CodecError::Body(_))), "{limb}");
    }
    assert_eq!(read(&|bytes| bytes.push(0)), Err(CodecError::Trailing { extra: 1 }));
    assert!(matches!(read(&|bytes| bytes.truncate(bytes.len() - 1)), Err(CodecError::Body(_))));
}
