//! Honest runs: all modes agree, digests equal the reference's, and proofs verify.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_sdk::arch::testing::{ModesReport, TestError, VmChipTestBuilder};
use vm_sdk::arch::{ExecutionError, VmExecutionError};
use vm_sdk::instructions::Instruction;
use vm_sdk::stark::{SecurityPreset, SymbolicAir};
use vm_sdk::system::memory::{MAIN_SPACE, MemoryError};
use vm_sha256::SHA256;

use crate::support::{COMPRESS, DIGEST, Engine, HASH, MESSAGE, Machine, bytes, digest, hash, hash_at, place, sha256};

fn digest_in(modes: &ModesReport, pointer: u32) -> Vec<u8> {
    let word = |i: u32| modes.memory.get(&(MAIN_SPACE, pointer + 4 * i)).copied().unwrap_or(0);
    (0..8).flat_map(|i| word(i).to_le_bytes()).collect()
}

#[test]
fn every_short_length_is_hashed_in_all_modes() {
    for len in 0..=300 {
        let message = bytes(len as u32, len);
        let modes = hash(&message).run().unwrap();
        assert_eq!(digest_in(&modes, DIGEST), digest(&message), "{len} bytes");
        let rows = modes.metered.executors.iter().find(|(air, _)| air == HASH).unwrap().1;
        assert_eq!(rows, (len + 8) / 64 + 1);
    }
}

#[test]
fn long_messages_are_hashed_at_any_aligned_place() {
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..20 {
        let message = bytes(rng.random(), rng.random_range(300..20_000));
        let (pointer, to) = (4 * rng.random_range(0..1u32 << 26), 4 * rng.random_range(0..1u32 << 26));
        let modes = hash_at(to, pointer, &message).run().unwrap();
        assert_eq!(digest_in(&modes, to), digest(&message), "{} bytes at {pointer:#x}", message.len());
    }
}

#[test]
fn messages_around_the_borders_of_blocks_are_proven() {
    for len in [0, 1, 2, 3, 4, 55, 56, 57, 59, 60, 63, 64, 65, 119, 120, 128, 130] {
        let message = bytes(7, len);
        let test = hash(&message).build::<Engine>().unwrap_or_else(|error| panic!("{len} bytes: {error}"));
        assert_eq!(digest_in(test.modes(), DIGEST), digest(&message));
        test.prove_and_verify().unwrap_or_else(|error| panic!("{len} bytes: {error}"));
    }
}

#[test]
fn several_instructions_share_memory_and_registers() {
    // Each call hashes the digest of the call before, in place; the last hashes all digests, with one register for two
    // operands.
    let message = bytes(1, 100);
    let builder = VmChipTestBuilder::new(Machine::default())
        .register(5, MESSAGE)
        .register(6, 100)
        .register(7, 32)
        .register(8, DIGEST)
        .instructions(0x400, [sha256(8, 5, 6), sha256(8, 8, 7), sha256(5, 8, 7), sha256(0, 7, 7), sha256(0, 0, 0)]);
    let test = place(builder, MESSAGE, &message).build::<Engine>().unwrap();
    let twice = digest(&digest(&message));
    assert_eq!(digest_in(test.modes(), DIGEST), twice);
    assert_eq!(digest_in(test.modes(), MESSAGE), digest(&twice));
    assert_eq!(digest_in(test.modes(), 0), digest(&[]));
    test.prove_and_verify().unwrap();
    // A compression that occurs several times has one row.
    let same = VmChipTestBuilder::new(Machine::default())
        .register(5, DIGEST)
        .instructions(0, vec![sha256(5, 0, 0); 5])
        .build::<Engine>()
        .unwrap();
    let rows = |air: &str| same.usage().iter().find(|usage| usage.air == air).unwrap().rows;
    assert_eq!((rows(HASH), rows(COMPRESS)), (5, 1));
    same.prove_and_verify().unwrap();
}

#[test]
fn empty_messages_have_any_pointer_and_messages_reach_the_end_of_memory() {
    for pointer in [1, 2, 0x2000_0000, 0x7800_0001, u32::MAX] {
        let test = hash_at(DIGEST, pointer, &[]).build::<Engine>().unwrap();
        assert_eq!(digest_in(test.modes(), DIGEST), digest(&[]));
        test.prove_and_verify().unwrap();
    }
    for len in [60, 61, 64, 66] {
        let message = bytes(3, len);
        let pointer = (1 << 29) - 4 * (len as u32).div_ceil(4);
        // The digest replaces the last words of the message.
        let test = hash_at((1 << 29) - 32, pointer, &message).build::<Engine>().unwrap();
        assert_eq!(digest_in(test.modes(), (1 << 29) - 32), digest(&message));
        test.prove_and_verify().unwrap();
    }
}

#[test]
fn words_that_were_not_accessed_for_long_are_refreshed() {
    // In between, 2500 empty messages of one row each: more than 2^16 ticks. They share one compression.
    let others = std::iter::repeat_n(sha256(13, 0, 0), 2500);
    let instructions = std::iter::once(sha256(10, 11, 12)).chain(others).chain([sha256(10, 11, 12)]);
    let builder = VmChipTestBuilder::new(Machine::default())
        .register(10, DIGEST)
        .register(11, MESSAGE)
        .register(12, 70)
        .register(13, 0x2_0000)
        .instructions(0, instructions);
    let message = bytes(9, 70);
    let test = place(builder, MESSAGE, &message).build::<Engine>().unwrap();
    assert_eq!(digest_in(test.modes(), DIGEST), digest(&message));
    let refreshed = test.usage().iter().find(|usage| usage.air == "MemoryRefresh").unwrap().rows;
    // Registers, words of the message and of the digest.
    assert_eq!(refreshed, 3 + 18 + 8);
    test.prove_and_verify().unwrap();
}

#[test]
fn bad_pointers_and_lengths_are_typed_errors() {
    let error = |digest: u32, pointer: u32, len: u32| {
        let builder = hash_at(digest, pointer & !3, &[1; 16]).register(11, pointer).register(12, len);
        match builder.run() {
            Err(TestError::Execution(VmExecutionError::Execution(error))) => error.error,
            other => panic!("{other:?}"),
        }
    };
    let memory = |source| ExecutionError::Memory { pc: 0, source };
    let misaligned = |pointer| memory(MemoryError::Misaligned { pointer, width: 4 });
    let out_of_range = |pointer| memory(MemoryError::OutOfRange { space: MAIN_SPACE, pointer, size: 1 << 29 });
    for offset in 1..4 {
        assert_eq!(error(DIGEST, MESSAGE + offset, 1), misaligned(MESSAGE + offset));
        assert_eq!(error(DIGEST + offset, MESSAGE, 1), misaligned(DIGEST + offset));
        assert_eq!(error(DIGEST + offset, MESSAGE, 0), misaligned(DIGEST + offset));
    }
    assert_eq!(error(1 << 29, MESSAGE, 5), out_of_range(1 << 29));
    assert_eq!(error((1 << 29) - 28, MESSAGE, 5), out_of_range(1 << 29));
    assert_eq!(error(0xFFFF_FFF0, MESSAGE, 5), out_of_range(0xFFFF_FFF0));
    assert_eq!(error(DIGEST, (1 << 29) - 16, 17), out_of_range(1 << 29));
    assert_eq!(error(DIGEST, (1 << 29) - 16, u32::MAX), out_of_range(0xFFFF_FFFC));
    assert!(matches!(error(DIGEST, 0, 1 << 29), ExecutionError::Fail { pc: 0, .. }));
}

#[test]
fn operands_that_are_no_registers_are_not_served() {
    for operands in [[2, 4, 8], [4, 2, 8], [4, 8, 4 * 4096]] {
        let instruction = Instruction::new(SHA256, operands);
        let run = VmChipTestBuilder::new(Machine::default()).instruction(0, instruction).run();
        match run {
            Err(TestError::Execution(VmExecutionError::Execution(error))) => {
                assert!(matches!(error.error, ExecutionError::DisabledOperation { pc: 0, .. }), "{error}");
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Returns the number of main columns, and of committed columns of the lookups: 4 per packed column and 4 for the sum.
fn cost(air: &str) -> (usize, usize) {
    let test = hash(b"abc").build::<Engine>().unwrap();
    let air = test.air(air).unwrap();
    let symbolic = SymbolicAir::record(&**air);
    let mut per_bus = std::collections::BTreeMap::<&str, (usize, usize)>::new();
    for message in &symbolic.messages {
        let linear = message.fields.iter().all(|field| field.degree_multiple() <= 1);
        let (pairs, alone) = per_bus.entry(&message.bus).or_default();
        *if linear { pairs } else { alone } += 1;
        assert!(linear || message.bus == "sha256_compress");
    }
    let columns: usize = per_bus.values().map(|(pairs, alone)| pairs.div_ceil(2) + alone).sum();
    (air.width(), 4 * (columns + 1))
}

#[test]
fn costs_are_as_documented() {
    assert_eq!(cost(HASH), (168, 260));
    assert_eq!(cost(COMPRESS), (6756, 8));
}

#[test]
fn a_few_kilobytes_are_proven_with_provable_security() {
    let message = bytes(11, 4096);
    let test = hash(&message).preset(SecurityPreset::Provable100).build::<Engine>().unwrap();
    assert_eq!(digest_in(test.modes(), DIGEST), digest(&message));
    for air in [HASH, COMPRESS] {
        assert_eq!(test.usage().iter().find(|usage| usage.air == air).unwrap().rows, 65);
    }
    test.prove_and_verify().unwrap();
}
