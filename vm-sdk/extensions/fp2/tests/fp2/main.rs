//! Execution and proofs of arithmetic in quadratic extensions, compared with the definitions.

use ruint::Uint;
use vm_fp2::Fp2;
use vm_modular::modulus::Modulus;
use vm_modular::number::words;
use vm_sdk::arch::testing::{ExtensionVm, TestError, VmChipTestBuilder};
use vm_sdk::arch::{MAIN_SPACE, SystemConfig, SystemPort};
use vm_sdk::instructions::Instruction;
use vm_sdk::prelude::*;
use vm_sdk::stark::BabyBearBlake3Engine;

type Wide = Uint<832, 13>;
type Builder = VmChipTestBuilder<ExtensionVm<Fp2>>;
type Element = [Wide; 2];

/// The fields of BN254 and BLS12-381, with the number of words of a coefficient.
const MODULI: [(&str, u32); 2] = [
    ("0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 8),
    ("0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 12),
];
const PC: u32 = 0x1000;
/// Pointers to the operands and to the result.
const X: u32 = 0x2000;
const Y: u32 = 0x3000;
const R: u32 = 0x4000;

fn wide(modulus: usize) -> Wide {
    Wide::from_str_radix(&MODULI[modulus].0[2..], 16).unwrap()
}

/// Returns the program `rd = x5, rs1 = x6` of one instruction on elements of a field.
fn program(modulus: usize, kind: u32, rs2: u32, [x, y]: [Element; 2]) -> Builder {
    let extension = Fp2::new(MODULI.iter().map(|(text, _)| text.parse().unwrap()).collect()).unwrap();
    let mut builder = VmChipTestBuilder::new(ExtensionVm { system: SystemConfig::default(), extension });
    let inventory = builder.config().create_inventory(SystemPort::default()).unwrap();
    let word = (8 * modulus as u32 + kind) << 25 | rs2 << 20 | 6 << 15 | 2 << 12 | 5 << 7 | 0x2B;
    let instruction: Instruction = inventory.decoders().iter().find_map(|decoder| decoder.decode(word, PC)).unwrap();
    let size = MODULI[modulus].1;
    for (pointer, element) in [(X, x), (Y, y)] {
        for (coefficient, first) in element.into_iter().zip([0, size]) {
            for (i, word) in (first..first + size).zip(words::<12>(coefficient.wrapping_to())) {
                builder = builder.word(MAIN_SPACE, pointer + 4 * i, word);
            }
        }
    }
    builder.register(5, R).register(6, X).register(7, Y).instructions(PC, [instruction])
}

/// Returns the element at the pointer to the result.
fn result(modulus: usize, builder: &Builder) -> Result<Element, TestError> {
    let memory = builder.run()?.memory;
    let size = MODULI[modulus].1;
    let word = |i: u32| memory.get(&(MAIN_SPACE, R + 4 * i)).copied().unwrap_or(0);
    let coefficient =
        |first: u32| (first..first + size).rev().fold(Wide::ZERO, |number, i| (number << 32) + Wide::from(word(i)));
    Ok([coefficient(0), coefficient(size)])
}

/// Returns the product by its definition.
fn product(p: Wide, [a, b]: Element, [c, d]: Element) -> Element {
    [(a * c + (p - b * d % p)) % p, (a * d + b * c) % p]
}

fn elements(modulus: usize) -> Vec<Element> {
    let (p, one) = (wide(modulus), Wide::ONE);
    let largest = (one << (32 * MODULI[modulus].1 as usize)) - one;
    let numbers = [Wide::ZERO, one, p - one, p, largest, p / Wide::from(3)];
    (0..12).map(|i| [numbers[i % 6], numbers[(i * 5 + i / 6) % 6]]).collect()
}

#[test]
fn results_are_those_of_the_definitions() {
    for modulus in 0..MODULI.len() {
        let p = wide(modulus);
        for x in elements(modulus) {
            for y in elements(modulus) {
                let run = |kind: u32| result(modulus, &program(modulus, kind, 7, [x, y]));
                assert_eq!(run(0).unwrap(), [0, 1].map(|i| (x[i] + y[i]) % p));
                assert_eq!(run(1).unwrap(), [0, 1].map(|i| (x[i] + p - y[i] % p) % p));
                assert_eq!(run(2).unwrap(), product(p, x, y));
                match run(3) {
                    Ok(quotient) => {
                        assert!(quotient.iter().all(|coefficient| *coefficient < p));
                        assert_eq!(product(p, quotient, y), x.map(|coefficient| coefficient % p));
                    }
                    Err(error) => {
                        assert!(y.iter().all(|coefficient| (*coefficient % p).is_zero()), "{error}");
                        assert!(error.to_string().contains("divcomplex divides by zero, modulo 0x"), "{error}");
                    }
                }
            }
        }
    }
}

#[test]
fn each_instruction_is_proven() {
    for modulus in 0..MODULI.len() {
        let p = wide(modulus);
        let operands = [[Wide::from(3), p - Wide::ONE], [Wide::ZERO, Wide::from(7)]];
        for kind in 0..4 {
            let test = program(modulus, kind, 7, operands).build::<BabyBearBlake3Engine>().unwrap();
            test.prove_and_verify().unwrap();
        }
        for chip in 0..2 {
            let setup = program(modulus, 4, chip, [[p, Wide::from(5)]; 2]);
            setup.build::<BabyBearBlake3Engine>().unwrap().prove_and_verify().unwrap();
            let other = program(modulus, 4, chip, [[p - Wide::ONE, p]; 2]).run().unwrap_err().to_string();
            assert!(other.contains(&format!("the program's modulus number {modulus} is 0x")), "{other}");
        }
    }
}

#[test]
fn minus_one_is_not_a_square() {
    // The order of BN254 is 1 modulo 4.
    let order: Modulus = "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001".parse().unwrap();
    let error = Fp2::new(vec![order]).unwrap_err().to_string();
    assert!(error.starts_with("u² + 1 has roots modulo 0x30644e72"), "{error}");
}
