//! Encoded proofs are decoded strictly, and no corruption of a proof is accepted.

use std::panic;
use std::sync::Arc;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::forgery::{ENGINE, KEY};
use super::toys::{Counter, honest};
use crate::codec::{CodecError, FileKind, decode, decode_body, decode_list, encode, peek};
use crate::{
    AirProofInput, AirSet, BabyBearPoseidon2Engine, F, KeygenLimits, Poseidon2Config, Proof, SecurityPreset,
    StarkEngine, VerifyError,
};

type P = Proof<Poseidon2Config>;

fn file() -> Vec<u8> {
    let proof = ENGINE.prove(&KEY, honest()).unwrap();
    encode(FileKind::Proof, BabyBearPoseidon2Engine::name(), ENGINE.preset().name(), &proof).unwrap()
}

fn read(bytes: &[u8]) -> Result<P, CodecError> {
    decode(FileKind::Proof, BabyBearPoseidon2Engine::name(), bytes, 1 << 24).map(|(_, p)| p)
}

#[test]
fn stark_files_decode_strictly() {
    let bytes = file();
    let header = peek(&bytes).unwrap();
    assert_eq!((header.kind, header.preset.as_str()), (FileKind::Proof, "conjectured100"));
    assert_eq!(ENGINE.verify(KEY.verifying_key(), &read(&bytes).unwrap()), Ok(()));

    let error = |bytes: &[u8]| read(bytes).map(drop).unwrap_err();
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(error(&longer), CodecError::Trailing { extra: 1 });
    for len in [0, 7, 10, 11, 40, bytes.len() / 2, bytes.len() - 1] {
        assert!(matches!(error(&bytes[..len]), CodecError::Truncated { .. }), "{len}");
    }
    let with = |at: usize, byte: u8| {
        let mut b = bytes.clone();
        b[at] = byte;
        b
    };
    assert_eq!(error(&with(0, b'x')), CodecError::Magic);
    assert_eq!(error(&with(8, 1)), CodecError::Version { expected: 2, got: 1 });
    assert_eq!(error(&with(10, 99)), CodecError::UnknownKind(99));
    assert_eq!(error(&with(10, 3)), CodecError::Kind { expected: FileKind::Proof, got: FileKind::VerifyingKey });
    assert!(matches!(error(&with(12, b'x')), CodecError::Engine { .. }));
    assert_eq!(error(&with(bytes.len() - 1, bytes[bytes.len() - 1] ^ 1)), CodecError::Checksum);
    assert_eq!(error(&with(100, bytes[100] ^ 1)), CodecError::Checksum);
    let short = decode::<P>(FileKind::Proof, BabyBearPoseidon2Engine::name(), &bytes, 100).map(drop);
    assert_eq!(short, Err(CodecError::TooLong { max: 100, got: bytes.len() }));
}

#[test]
fn stark_bodies_are_not_longer_than_their_lists_may_be() {
    let (kind, engine) = (FileKind::RunPlan, BabyBearPoseidon2Engine::name());
    let bytes = encode(kind, engine, "", &vec![7u8; 5]).unwrap();
    let decoded = |max_element: usize| {
        let max_body = |elements| 1 + max_element * elements;
        decode_list::<Vec<u8>>(kind, engine, &bytes, bytes.len(), max_body).map(|(_, list)| list)
    };
    assert_eq!(decoded(1), Ok(vec![7; 5]));
    assert_eq!(decoded(0), Err(CodecError::TooLong { max: 1, got: 6 }));
}

#[test]
fn stark_bodies_have_one_encoding() {
    // The integer 1 in two bytes instead of one.
    assert_eq!(decode_body::<Vec<u32>>(FileKind::RunPlan, &[1, 0x81, 0x00]), Err(CodecError::NonCanonical));
    assert_eq!(decode_body::<Vec<u32>>(FileKind::RunPlan, &[1, 0x01]), Ok(vec![1]));
    assert_eq!(decode_body::<Vec<u32>>(FileKind::RunPlan, &[1, 1, 1]), Err(CodecError::Trailing { extra: 1 }));
    // The length 2^63 does not make the decoder allocate memory.
    let bomb = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    assert!(matches!(decode_body::<Vec<Vec<u64>>>(FileKind::RunPlan, &bomb), Err(CodecError::Body(_))));
    // Field elements at or above the characteristic are rejected.
    assert!(decode_body::<F>(FileKind::Proof, &F::ORDER_U32.to_le_bytes()).is_err());
    assert!(decode_body::<F>(FileKind::Proof, &(F::ORDER_U32 - 1).to_le_bytes()).is_ok());
}

#[test]
fn stark_corrupted_proofs_are_refused_without_panic() {
    const TRIES: usize = 4000;
    let proof = ENGINE.prove(&KEY, honest()).unwrap();
    let body = postcard::to_stdvec(&proof).unwrap();
    // Bodies are corrupted and decoded without the checksum, which would detect every corruption.
    silence_contained_panics();
    let mut rng = SmallRng::seed_from_u64(1);
    let (mut decoded, mut panicked) = (0, 0);
    for i in 0..TRIES {
        let mut bytes = body.clone();
        // Counts, lengths and heights are near both ends of the encoding; the middle consists of hashes.
        let at = match i % 4 {
            0 => rng.random_range(0..bytes.len()),
            1 => rng.random_range(0..200),
            2 => bytes.len() - 1 - rng.random_range(0..200),
            _ => rng.random_range(0..4000),
        };
        match i % 5 {
            0 => bytes[at] = bytes[at].wrapping_add(1),
            1 => bytes[at] ^= 1 << rng.random_range(0..8u32),
            2 => bytes[at] = rng.random(),
            3 => drop(bytes.remove(at)),
            _ => bytes.insert(at, rng.random()),
        }
        if bytes == body {
            continue;
        }
        let Ok(corrupted) = decode_body::<P>(FileKind::Proof, &bytes) else { continue };
        decoded += 1;
        match ENGINE.verify(KEY.verifying_key(), &corrupted) {
            Ok(()) => panic!("corruption {i} at byte {at} was accepted"),
            Err(VerifyError::Panicked(_)) => panicked += 1,
            Err(_) => {}
        }
    }
    println!("{TRIES} corruptions: {decoded} decoded, {panicked} panics caught, none accepted");
    assert!(decoded > TRIES / 4, "{decoded} decoded");
}

#[test]
fn stark_no_proof_is_longer_than_its_key_allows() {
    let encoded = |proof: &P| postcard::to_stdvec(proof).unwrap().len();
    let allowed = KEY.vk.max_proof_len();
    let proof = ENGINE.prove(&KEY, honest()).unwrap();
    println!("{} of {allowed} bytes", encoded(&proof));
    assert!(encoded(&proof) <= allowed && allowed < 1 << 23, "{allowed}");
    // The largest proof of a small machine: the counter alone, at the maximum height, so that all terms matter.
    let limits = KeygenLimits { max_log_height: 10, ..KeygenLimits::default() };
    for preset in SecurityPreset::ALL {
        let engine = BabyBearPoseidon2Engine::new(preset);
        let key = engine.keygen(&AirSet::new(vec![Arc::new(Counter)], vec![]), limits).unwrap();
        let column: Vec<F> = (0..1 << 10).map(F::from_u32).collect();
        let public_values = vec![F::ZERO, F::from_u32((1 << 10) - 1)];
        let input = AirProofInput { air: 0, traces: vec![RowMajorMatrix::new_col(column)], public_values };
        let proof = engine.prove(&key, vec![input]).unwrap();
        assert_eq!(engine.verify(key.verifying_key(), &proof), Ok(()));
        let (len, allowed) = (encoded(&proof), key.verifying_key().max_proof_len());
        println!("{preset}: {len} of {allowed} bytes");
        assert!(len <= allowed && allowed <= 20 * len, "{preset}: {len} of {allowed} bytes");
    }
}

#[test]
fn stark_lists_pay_for_their_elements_before_they_are_decoded() {
    let kind = FileKind::Proof;
    let limit = |lists: usize| kind.memory_limit(lists + 4);
    let lists = |number: usize| {
        let mut bytes = postcard::to_stdvec(&number).unwrap();
        bytes.resize(bytes.len() + number, 0);
        bytes
    };
    // 8,000 empty lists of three words take less than the limit for small values, 2^20 of them take more.
    assert_eq!(decode_body::<Vec<Vec<u8>>>(kind, &lists(8000)).unwrap().len(), 8000);
    let bytes = lists(1 << 20);
    assert!(24 << 20 > limit(1 << 20));
    let refused = decode_body::<Vec<Vec<u8>>>(kind, &bytes).map(drop);
    assert_eq!(refused, Err(CodecError::Memory { limit: kind.memory_limit(bytes.len()) }));
    // The same within structs, enums, options, tuples and maps.
    type Nested = (u8, Option<Vec<Result<Vec<u8>, u8>>>);
    let mut bytes = vec![7, 1];
    bytes.extend(postcard::to_stdvec(&20_000usize).unwrap());
    bytes.resize(bytes.len() + 40_000, 0);
    assert!(matches!(decode_body::<Nested>(FileKind::RunPlan, &bytes), Ok((7, Some(list))) if list.len() == 20_000));
    assert!(matches!(decode_body::<Nested>(kind, &bytes), Err(CodecError::Memory { .. })));
    let map: std::collections::BTreeMap<u32, Vec<u8>> = (0..20_000).map(|key| (key, vec![])).collect();
    let bytes = postcard::to_stdvec(&map).unwrap();
    assert_eq!(decode_body::<std::collections::BTreeMap<u32, Vec<u8>>>(FileKind::RunPlan, &bytes), Ok(map.clone()));
    assert!(matches!(
        decode_body::<std::collections::BTreeMap<u32, Vec<u8>>>(kind, &bytes),
        Err(CodecError::Memory { .. })
    ));
    // Lists of bytes and of field elements take as much as they are long, however long they are.
    let bytes = postcard::to_stdvec(&vec![F::ONE; 1 << 20]).unwrap();
    assert_eq!(decode_body::<Vec<F>>(kind, &bytes).unwrap().len(), 1 << 20);
}

/// Hides the messages of panics of the backend, which this test causes on purpose, from the output of all tests.
fn silence_contained_panics() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let from_backend = info.location().is_some_and(|l| l.file().contains("p3-"));
        if !from_backend {
            previous(info);
        }
    }));
}
