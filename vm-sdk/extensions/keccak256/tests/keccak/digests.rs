//! Results of the instruction, without proofs.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_sdk::arch::testing::TestError;
use vm_sdk::arch::{ExecutionError, SystemPort, VmConfig, VmExecutionError};
use vm_sdk::system::memory::{MAIN_SPACE, MemoryError, REGISTER_SPACE};

use crate::support::{Call, HashVm, PC, digest, instruction, memory_at, program, with_operands};

fn assert_digests(calls: &[Call]) {
    let modes = program(calls).run().unwrap();
    for Call { dst, message, .. } in calls {
        assert_eq!(memory_at(&modes.memory, *dst, 32), digest(message), "{} bytes", message.len());
    }
}

#[test]
fn digests_of_all_lengths_up_to_300_are_those_of_the_reference() {
    for len in 0..=300 {
        assert_digests(&[Call::new(0x4000, 0x8000, len)]);
    }
}

#[test]
fn digests_of_random_longer_messages_are_those_of_the_reference() {
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..12 {
        let src = 4 * rng.random_range(0x1000..0x1_0000);
        assert_digests(&[Call::new(0x4_0000, src, rng.random_range(301..20_000))]);
    }
}

#[test]
fn a_message_may_end_where_memory_ends() {
    for len in [1, 4, 135, 136, 137, 271, 272] {
        let src = (1u32 << 29) - (len as u32).next_multiple_of(4);
        assert_digests(&[Call::new(0x4000, src, len)]);
    }
}

#[test]
fn the_digest_may_replace_the_message() {
    for (dst, src) in [(0x8000, 0x8000), (0x8010, 0x8000), (0x7FF0, 0x8000), ((1 << 29) - 32, 0x8000)] {
        assert_digests(&[Call::new(dst, src, 150)]);
    }
}

#[test]
fn the_digest_of_one_call_is_the_message_of_the_next() {
    let first = Call::new(0x4000, 0x8000, 200);
    let second = Call { dst: 0x5000, src: 0x4000, message: digest(&first.message).to_vec() };
    let modes = program(std::slice::from_ref(&first)).run().unwrap();
    assert_eq!(memory_at(&modes.memory, 0x4000, 32), second.message);
    assert_digests(&[first, second]);
}

#[test]
fn an_empty_message_may_be_anywhere() {
    for src in [0, 1, 2, 4, 0x1FFF_FFFF, 1 << 29, 0x7FFF_FFFF, 0x8000_0001, u32::MAX] {
        assert_digests(&[Call { dst: 0x4000, src, message: Vec::new() }]);
    }
}

fn error_of(dst: u32, src: u32, len: u32) -> ExecutionError {
    let words = [(1, dst), (2, src), (3, len)];
    let builder = words
        .into_iter()
        .fold(program(&[Call::new(0x4000, 0x8000, 0)]), |b, (n, value)| b.word(REGISTER_SPACE, 4 * n, value));
    match builder.run().unwrap_err() {
        TestError::Execution(VmExecutionError::Execution(error)) => error.error,
        error => panic!("{error}"),
    }
}

#[test]
fn misaligned_pointers_are_errors() {
    for offset in 1..4 {
        let misaligned =
            |pointer| ExecutionError::Memory { pc: PC, source: MemoryError::Misaligned { pointer, width: 4 } };
        assert_eq!(error_of(0x4000 + offset, 0x8000, 8), misaligned(0x4000 + offset));
        assert_eq!(error_of(0x4000 + offset, 0x8000, 0), misaligned(0x4000 + offset));
        assert_eq!(error_of(0x4000, 0x8000 + offset, 8), misaligned(0x8000 + offset));
        assert_eq!(error_of(0x4000, 0x8000 + offset, 1), misaligned(0x8000 + offset));
    }
}

#[test]
fn messages_and_digests_beyond_memory_are_errors() {
    let out_of_range = |pointer| ExecutionError::Memory {
        pc: PC,
        source: MemoryError::OutOfRange { space: MAIN_SPACE, pointer, size: 1 << 29 },
    };
    let end = 1 << 29;
    assert_eq!(error_of(0x4000, end, 1), out_of_range(end));
    assert_eq!(error_of(0x4000, end - 4, 5), out_of_range(end));
    assert_eq!(error_of(0x4000, end - 136, 137), out_of_range(end));
    assert_eq!(error_of(0x4000, 4, end), out_of_range(end));
    assert_eq!(error_of(0x4000, 0x8000, u32::MAX), out_of_range(!3));
    assert_eq!(error_of(0x4000, 0xFFFF_FFFC, 0x100), out_of_range(!3));
    assert_eq!(error_of(end, 0x8000, 8), out_of_range(end));
    assert_eq!(error_of(end - 28, 0x8000, 8), out_of_range(end));
    assert_eq!(error_of(0xFFFF_FFFC, 0x8000, 0), out_of_range(0xFFFF_FFFC));
}

#[test]
fn the_word_is_decoded_strictly() {
    let word = |funct7: u32, rs2: u32, rs1: u32, funct3: u32, rd: u32, opcode: u32| {
        funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
    };
    let keccak = word(0, 7, 6, 4, 5, 0x0B);
    let expected = instruction(5);
    let inventory = HashVm::default().create_inventory(SystemPort::default()).unwrap();
    let [decoder] = inventory.decoders() else { panic!("one instruction") };
    assert_eq!((decoder.name, decoder.decode(keccak, 0)), ("keccak256", Some(expected)));
    for bit in [0, 1, 2, 3, 4, 5, 6, 12, 13, 14, 25, 26, 27, 28, 29, 30, 31] {
        assert_eq!(decoder.decode(keccak ^ 1 << bit, 0), None, "bit {bit}");
    }
    for bit in (7..12).chain(15..25) {
        assert_ne!(decoder.decode(keccak ^ 1 << bit, 0), Some(expected), "bit {bit}");
        assert!(decoder.decode(keccak ^ 1 << bit, 0).is_some(), "bit {bit}");
    }
}

#[test]
fn only_registers_are_operands() {
    for operands in [[1, 8, 12], [4, 0x1000, 12], [4, 8, 256]] {
        let builder = program(&[]).instruction(PC, with_operands(operands));
        let error = builder.run().unwrap_err();
        assert!(matches!(error, TestError::Execution(_)), "{error}");
    }
}
