//! Honest runs: results are those of another library, proofs verify, and bad pointers are errors.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use ruint::aliases::U256;
use vm_sdk::arch::testing::TestError;
use vm_sdk::arch::{ExecutionError, VmExecutionError};
use vm_sdk::stark::SymbolicAir;
use vm_sdk::system::memory::{MAIN_SPACE, MemoryError};

use crate::support::{Engine, FUNCTIONS, POINTERS, b_word, edges, number_in, place, program, r_word};

/// Pairs of numbers: edges with each other, and random ones.
fn pairs() -> Vec<[U256; 2]> {
    let (edges, mut rng) = (edges(), StdRng::seed_from_u64(1));
    let mut random = || U256::from_limbs(rng.random());
    let mut pairs: Vec<_> = edges.iter().flat_map(|x| edges.iter().map(|y| [*x, *y])).collect();
    for (i, edge) in edges.iter().enumerate() {
        let number = random();
        pairs.extend([[number, random()], [number, *edge], [number, number], [number, U256::from(8 * i)]]);
    }
    pairs
}

/// The words of all instructions that write a number, with the result at register 1.
fn all_functions() -> Vec<u32> {
    FUNCTIONS.iter().map(|(_, funct7, _)| r_word(*funct7, [1, 2, 3])).collect()
}

#[test]
fn results_are_those_of_another_library() {
    let [to, ..] = POINTERS;
    for (name, funct7, function) in FUNCTIONS {
        let word = r_word(funct7, [1, 2, 3]);
        for [x, y] in pairs() {
            let modes = program(&[word], x, y).run().unwrap();
            assert_eq!(number_in(&modes, to), function(x, y), "{name} {x:#x} {y:#x}");
        }
    }
}

#[test]
fn every_amount_shifts_and_only_its_low_byte_counts() {
    let [to, ..] = POINTERS;
    let x =
        U256::from_limbs([0x8123_4567_89AB_CDEF, 0x0F1E_2D3C_4B5A_6978, 0xFFFF_0000_FFFF_0001, 0xC000_0000_0000_0003]);
    for (name, funct7, function) in &FUNCTIONS[5..8] {
        for amount in 0..256 {
            for above in [U256::ZERO, U256::ONE, U256::MAX >> 8_usize] {
                let y = above << 8_usize | U256::from(amount);
                let modes = program(&[r_word(*funct7, [1, 2, 3])], x, y).run().unwrap();
                let result = number_in(&modes, to);
                assert_eq!(result, function(x, y), "{name} {amount}");
                assert_eq!(result, function(x, U256::from(amount)), "{name} {amount}");
            }
        }
    }
}

#[test]
fn a_branch_is_taken_exactly_if_the_numbers_are_equal() {
    let [to, ..] = POINTERS;
    // If equal, the addition is skipped.
    let words = [b_word([2, 3], 8), r_word(0, [1, 2, 3]), r_word(0x10, [2, 2, 3])];
    for [x, y] in pairs() {
        let modes = program(&words, x, y).run().unwrap();
        let sum = if x == y { U256::ZERO } else { x.wrapping_add(y) };
        assert_eq!(number_in(&modes, to), sum, "{x:#x} {y:#x}");
    }
    let number = U256::from_limbs([1, 2, 3, 4]);
    for bit in 0..256 {
        let other = number ^ U256::ONE << bit;
        let modes = program(&words, number, other).run().unwrap();
        assert_eq!(number_in(&modes, to), number.wrapping_add(other), "{bit}");
    }
}

#[test]
fn all_instructions_are_proven() {
    let [to, at_x, at_y] = POINTERS;
    for [x, y] in [
        [U256::from_limbs([1, 2, 3, 1 << 63]), U256::MAX - U256::from(200)],
        [U256::MAX, U256::MAX],
        [U256::ZERO, U256::from(255)],
    ] {
        // Each result is added to x, and a branch decides whether once more.
        let mut words = Vec::new();
        for word in all_functions() {
            words.extend([word, r_word(0, [2, 2, 1]), b_word([2, 3], 8), r_word(0, [2, 2, 1])]);
        }
        let test = program(&words, x, y).build::<Engine>().unwrap();
        let (mut sum, mut result) = (x, U256::ZERO);
        for (_, _, function) in FUNCTIONS {
            result = function(sum, y);
            sum = sum.wrapping_add(result);
            if sum != y {
                sum = sum.wrapping_add(result);
            }
        }
        assert_eq!([to, at_x, at_y].map(|pointer| number_in(test.modes(), pointer)), [result, sum, y]);
        test.prove_and_verify().unwrap();
    }
}

#[test]
fn operands_and_results_may_be_the_same_or_overlap() {
    let [to, at_x, at_y] = POINTERS;
    let [x, y] = [U256::MAX - U256::from_limbs([77, 1 << 40, 5, 1 << 63]), U256::from(1000)];
    let mut words = Vec::new();
    for (name, funct7, function) in FUNCTIONS {
        // [rd, rs1, rs2], where the result is, and what it is.
        for (registers, to, result) in [
            ([2, 2, 3], at_x, function(x, y)),
            ([3, 2, 3], at_y, function(x, y)),
            ([2, 2, 2], at_x, function(x, x)),
            ([1, 2, 2], to, function(x, x)),
        ] {
            let word = r_word(funct7, registers);
            let modes = program(&[word], x, y).run().unwrap();
            assert_eq!(number_in(&modes, to), result, "{name} {registers:?}");
            words.push(word);
        }
        // The result begins in the middle of the first operand.
        let word = r_word(funct7, [4, 2, 3]);
        let modes = program(&[word], x, y).register(4, at_x + 16).run().unwrap();
        assert_eq!(number_in(&modes, at_x + 16), function(x, y), "{name}");
        words.push(word);
    }
    let all = program(&words, x, y).register(4, at_x + 16);
    all.build::<Engine>().unwrap().prove_and_verify().unwrap();
}

#[test]
fn bad_pointers_are_typed_errors() {
    let error = |word: u32, register: usize, pointer: u32| match program(&[word], U256::ONE, U256::ONE)
        .register(register, pointer)
        .run()
    {
        Err(TestError::Execution(VmExecutionError::Execution(error))) => error.error,
        other => panic!("{other:?}"),
    };
    let memory = |source| ExecutionError::Memory { pc: 0, source };
    for word in all_functions().into_iter().chain([b_word([2, 3], 8)]) {
        let is_branch = word >> 12 & 7 == 6;
        let is_shift = !is_branch && (5..8).contains(&(word >> 25));
        for register in if is_branch { 2..4 } else { 1..4 } {
            for offset in 1..4 {
                let misaligned = MemoryError::Misaligned { pointer: 0x1000 + offset, width: 4 };
                assert_eq!(error(word, register, 0x1000 + offset), memory(misaligned), "{word:#x} {register}");
            }
            // Of an amount, only the first word is read.
            let last = (1 << 29) - if is_shift && register == 3 { 4 } else { 32 };
            assert!(program(&[word], U256::ONE, U256::ONE).register(register, last).run().is_ok());
            let ExecutionError::Memory { pc: 0, source } = error(word, register, last + 4) else { panic!("{word:#x}") };
            assert!(matches!(source, MemoryError::OutOfRange { space: MAIN_SPACE, .. }), "{source}");
        }
    }
}

#[test]
fn costs_are_as_documented() {
    let test = place(program(&all_functions(), U256::ONE, U256::ONE), 0, U256::ONE).build::<Engine>().unwrap();
    let table = include_str!("../../src/lib.rs").lines().filter_map(|line| line.strip_prefix("//! | `"));
    let (mut documented, mut counted) = (Vec::new(), Vec::new());
    for line in table.filter(|line| line.contains('`')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let name = cells[0].trim_matches('`');
        let air = test.air(name).unwrap();
        documented.push((name, cells[2].to_owned(), cells[3].to_owned()));
        counted.push((name, air.width().to_string(), SymbolicAir::record(&**air).messages.len().to_string()));
    }
    assert_eq!((documented.len(), counted), (7, documented));
}
