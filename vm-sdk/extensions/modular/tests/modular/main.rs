//! Execution, encodings and proofs of modular arithmetic, compared with arithmetic on wide integers.

use ruint::Uint;
use vm_modular::Modular;
use vm_modular::number::words;
use vm_sdk::arch::testing::{ExtensionVm, TestError, VmChipTestBuilder};
use vm_sdk::arch::{MAIN_SPACE, REGISTER_SPACE, SystemConfig, SystemPort, VmInventoryError, VmVerificationError};
use vm_sdk::instructions::Instruction;
use vm_sdk::prelude::*;
use vm_sdk::stark::BabyBearBlake3Engine;

type Wide = Uint<832, 13>;
type Builder = VmChipTestBuilder<ExtensionVm<Modular>>;

/// The field and the order of secp256k1, and the field of BLS12-381.
const MODULI: [&str; 3] = [
    "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
    "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    "0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
];
/// Pointers to the operands and to the result.
const X: u32 = 0x2000;
const Y: u32 = 0x3000;
const R: u32 = 0x4000;
const PC: u32 = 0x1000;

fn builder(moduli: &[&str]) -> Builder {
    let extension = Modular { moduli: moduli.iter().map(|modulus| modulus.parse().unwrap()).collect() };
    VmChipTestBuilder::new(ExtensionVm { system: SystemConfig::default(), extension })
}

/// Returns the instruction `rd = x5, rs1 = x6, rs2 = x7`.
fn decode(builder: &Builder, funct7: u32) -> Option<Instruction> {
    decode_to(builder, funct7, 5)
}

/// Decodes the word with a destination.
fn decode_to(builder: &Builder, funct7: u32, rd: u32) -> Option<Instruction> {
    let word = funct7 << 25 | 7 << 20 | 6 << 15 | rd << 7 | 0x2B;
    let inventory = builder.config().create_inventory(SystemPort::default()).unwrap();
    inventory.decoders().iter().find_map(|decoder| decoder.decode(word, PC))
}

fn wide(modulus: usize) -> Wide {
    Wide::from_str_radix(&MODULI[modulus][2..], 16).unwrap()
}

/// Returns a program that executes instructions on two numbers.
fn program(moduli: &[&str], funct7: &[u32], [x, y]: [Wide; 2]) -> Builder {
    let mut builder = builder(moduli).register(5, R).register(6, X).register(7, Y);
    let instructions: Vec<Instruction> = funct7.iter().map(|funct7| decode(&builder, *funct7).unwrap()).collect();
    for (pointer, number) in [(X, x), (Y, y)] {
        for (i, word) in words::<12>(number.wrapping_to()).into_iter().enumerate() {
            builder = builder.word(MAIN_SPACE, pointer + 4 * i as u32, word);
        }
    }
    builder.instructions(PC, instructions)
}

/// Returns the number at the pointer to the result.
fn result(builder: &Builder) -> Result<Wide, TestError> {
    let memory = builder.run()?.memory;
    let word = |i: u32| memory.get(&(MAIN_SPACE, R + 4 * i)).copied().unwrap_or(0);
    Ok((0..12).rev().fold(Wide::ZERO, |number, i| (number << 32) + Wide::from(word(i))))
}

/// Numbers at the limits, for a modulus.
fn operands(modulus: usize) -> Vec<Wide> {
    let (p, one) = (wide(modulus), Wide::ONE);
    let largest = (one << if modulus == 2 { 384 } else { 256 }) - one;
    vec![Wide::ZERO, one, Wide::from(2), p - one, p, p + one, largest, largest / Wide::from(3), p / Wide::from(7)]
}

#[test]
fn results_are_those_of_wide_integers() {
    for modulus in 0..MODULI.len() {
        let p = wide(modulus);
        for x in operands(modulus) {
            for y in operands(modulus) {
                let run = |kind: u32| result(&program(&MODULI, &[8 * modulus as u32 + kind], [x, y]));
                assert_eq!(run(0).unwrap(), (x + y) % p, "{x} + {y}");
                assert_eq!(run(1).unwrap(), (x + p - y % p) % p, "{x} - {y}");
                assert_eq!(run(2).unwrap(), x * y % p, "{x} * {y}");
                match run(3) {
                    Ok(quotient) => assert_eq!((quotient < p, quotient * y % p), (true, x % p), "{x} / {y}"),
                    Err(error) => {
                        assert!((y % p).is_zero(), "{x} / {y}: {error}");
                        assert!(error.to_string().contains("has no inverse modulo 0x"), "{error}");
                    }
                }
            }
        }
    }
}

#[test]
fn equality_is_decided_for_numbers_below_the_modulus() {
    for modulus in 0..MODULI.len() {
        let p = wide(modulus);
        for x in operands(modulus) {
            for y in operands(modulus) {
                match program(&MODULI, &[8 * modulus as u32 + 4], [x, y]).run() {
                    Ok(report) => {
                        assert!(x < p && y < p);
                        let equal = report.memory.get(&(REGISTER_SPACE, 20)).copied().unwrap_or(0);
                        assert_eq!(equal, u32::from(x == y), "{x} = {y}");
                    }
                    Err(error) => {
                        assert!(x >= p || y >= p, "{error}");
                        assert!(error.to_string().contains("is not below the modulus 0x"), "{error}");
                    }
                }
            }
        }
    }
}

#[test]
fn setup_compares_the_modulus() {
    for modulus in 0..MODULI.len() {
        let funct7 = 8 * modulus as u32 + 5;
        // The register rs2 is x7 in these words, which stands for no chip.
        assert!(decode(&builder(&MODULI), funct7).is_none());
        let builder = builder(&MODULI);
        let inventory = builder.config().create_inventory(SystemPort::default()).unwrap();
        for chip in 0..3 {
            let word = funct7 << 25 | chip << 20 | 6 << 15 | 5 << 7 | 0x2B;
            let setup = inventory.decoders().iter().find_map(|decoder| decoder.decode(word, PC)).unwrap();
            let run = |number: Wide| {
                let mut builder = builder.clone().register(5, R).register(6, X);
                for (i, word) in words::<12>(number.wrapping_to()).into_iter().enumerate() {
                    builder = builder.word(MAIN_SPACE, X + 4 * i as u32, word);
                }
                builder.instructions(PC, [setup]).run().map(|_| ())
            };
            run(wide(modulus)).unwrap();
            let error = run(wide(modulus) - Wide::ONE).unwrap_err().to_string();
            assert!(error.contains(&format!("the program's modulus number {modulus} is 0x")), "{error}");
            assert!(error.contains("in the order of the program"), "{error}");
        }
    }
}

#[test]
fn a_program_with_all_instructions_is_proven() {
    let all: Vec<u32> = (0..3).flat_map(|modulus| [0, 1, 2, 3, 4].map(|kind| 8 * modulus + kind)).collect();
    // Comparison writes the register of the pointer, so it is the last one.
    let order = |funct7: &u32| (funct7 % 8 == 4, *funct7);
    let mut all = all;
    all.sort_by_key(order);
    all.truncate(13);
    let test = program(&MODULI, &all, [Wide::from(6), Wide::from(7)]);
    test.build::<BabyBearBlake3Engine>().unwrap().prove_and_verify().unwrap();
}

#[test]
fn words_name_the_modulus() {
    let one = builder(&MODULI[..1]);
    let known = |rd: u32| (0..128).filter(|funct7| decode_to(&one, *funct7, rd).is_some()).collect::<Vec<u32>>();
    assert_eq!(known(5), [0, 1, 2, 3, 4]);
    // Hints write no register.
    assert_eq!(known(0), [0, 1, 2, 3, 4, 6, 7]);
}

#[test]
fn a_machine_has_at_most_sixteen_moduli() {
    let inventory =
        |count: usize| builder(&vec![MODULI[0]; count]).config().create_inventory(SystemPort::default()).err();
    assert_eq!(inventory(16), None);
    let error = inventory(17).unwrap();
    assert!(matches!(error, VmInventoryError::EncodingField { field: "funct7", .. }), "{error}");
}

/// Forged: the proof of a product modulo the field is presented under the key of a machine whose modulus is the order. The
/// verifier refuses it, because the proof names another key, and still does so when that name is replaced.
#[test]
fn keys_are_bound_to_the_moduli() {
    let program = |modulus: &str| program(&[modulus], &[2], [Wide::ONE; 2]);
    let [field, order] =
        [MODULI[0], MODULI[1]].map(|modulus| program(modulus).build::<BabyBearBlake3Engine>().unwrap());
    let key = order.key().verifying_key();
    assert_ne!(field.key().exe_commitment(), key.exe_commitment());
    let mut proof = field.prove().unwrap();
    let error = key.verify(&key.exe_commitment(), &proof).unwrap_err();
    assert!(matches!(error, VmVerificationError::ProgramCommitMismatch { .. }), "{error}");
    proof.key_digest = key.digest();
    let error = key.verify(&key.exe_commitment(), &proof).unwrap_err();
    assert!(!matches!(error, VmVerificationError::ProgramCommitMismatch { .. }), "{error}");
}
