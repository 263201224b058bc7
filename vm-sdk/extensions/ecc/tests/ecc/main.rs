//! Execution and proofs of additions and doublings, compared with multiples of generators that others have computed.

mod guest;

use vm_ecc::Ecc;
use vm_ecc::curve::Curve;
use vm_modular::number::{Number, parse, words};
use vm_sdk::arch::testing::{ExtensionVm, TestError, VmChipTestBuilder};
use vm_sdk::arch::{MAIN_SPACE, SystemConfig, SystemPort};
use vm_sdk::instructions::Instruction;
use vm_sdk::prelude::*;
use vm_sdk::stark::BabyBearBlake3Engine;

type Builder = VmChipTestBuilder<ExtensionVm<Ecc>>;

const PC: u32 = 0x1000;
/// Pointers to the operands and to the result.
const P: u32 = 0x2000;
const Q: u32 = 0x3000;
const R: u32 = 0x4000;

/// A curve: modulus, `a`, and the coordinates of G and 2·G and 3·G.
struct Known {
    modulus: &'static str,
    a: &'static str,
    points: [[&'static str; 2]; 3],
}

/// secp256k1 (SEC 2, section 2.4.1) and P-256 (FIPS 186-4, D.1.2.3).
const CURVES: [Known; 2] = [
    Known {
        modulus: "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
        a: "0",
        points: [
            [
                "0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
                "0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
            ],
            [
                "0xc6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5",
                "0x1ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a",
            ],
            [
                "0xf9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9",
                "0x388f7b0f632de8140fe337e62a37f3566500a99934c2231b6cb9fd7584b8e672",
            ],
        ],
    },
    Known {
        modulus: "0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        a: "0xffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
        points: [
            [
                "0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
                "0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
            ],
            [
                "0x7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978",
                "0x07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1",
            ],
            [
                "0x5ecbe4d1a6330a44c8f7ef951d4bf165e6c6b721efada985fb41661bc6e7fd6c",
                "0x8734640c4998ff7e374b06ce1a64a2ecd82ab036384fb83d9a79b127a27d5032",
            ],
        ],
    },
];

fn point(curve: usize, multiple: usize) -> [Number; 2] {
    CURVES[curve].points[multiple - 1].map(|coordinate| parse(coordinate).unwrap())
}

/// Returns a machine with both curves, and the program `rd = x5, rs1 = x6` of one instruction.
fn program(funct7: u32, rs2: u32, [p, q]: [[Number; 2]; 2]) -> Builder {
    let curve = |known: &Known| Curve::new(known.modulus.parse().unwrap(), parse(known.a).unwrap()).unwrap();
    let extension = Ecc { curves: CURVES.iter().map(curve).collect() };
    let mut builder = VmChipTestBuilder::new(ExtensionVm { system: SystemConfig::default(), extension });
    let inventory = builder.config().create_inventory(SystemPort::default()).unwrap();
    let word = funct7 << 25 | rs2 << 20 | 6 << 15 | 1 << 12 | 5 << 7 | 0x2B;
    let instruction: Instruction = inventory.decoders().iter().find_map(|decoder| decoder.decode(word, PC)).unwrap();
    for (pointer, [x, y]) in [(P, p), (Q, q)] {
        let words = words::<8>(x).into_iter().chain(words::<8>(y));
        for (i, word) in (0..).zip(words) {
            builder = builder.word(MAIN_SPACE, pointer + 4 * i, word);
        }
    }
    builder.register(5, R).register(6, P).register(7, Q).instructions(PC, [instruction])
}

fn result(builder: &Builder) -> Result<[Number; 2], TestError> {
    let memory = builder.run()?.memory;
    let word = |i: u32| memory.get(&(MAIN_SPACE, R + 4 * i)).copied().unwrap_or(0);
    let coordinate =
        |first: u32| vm_modular::number::number(&std::array::from_fn::<u32, 8, _>(|i| word(first + i as u32)));
    Ok([coordinate(0), coordinate(8)])
}

#[test]
fn multiples_of_the_generators_are_those_of_others() {
    for curve in 0..2 {
        let funct7 = 8 * curve as u32;
        let [g, g2, g3] = [1, 2, 3].map(|multiple| point(curve, multiple));
        for [p, q] in [[g, g2], [g2, g]] {
            let add = program(funct7, 7, [p, q]);
            assert_eq!(result(&add).unwrap(), g3);
            add.build::<BabyBearBlake3Engine>().unwrap().prove_and_verify().unwrap();
        }
        let double = program(funct7 + 1, 0, [g, g]);
        assert_eq!(result(&double).unwrap(), g2);
        double.build::<BabyBearBlake3Engine>().unwrap().prove_and_verify().unwrap();
    }
}

#[test]
fn special_cases_are_errors() {
    let g = point(0, 1);
    let error = program(0, 7, [g, g]).run().unwrap_err().to_string();
    assert!(error.contains("adds points of curve number 0 with equal x-coordinates"), "{error}");
    let error = program(1, 0, [[g[0], Number::ZERO]; 2]).run().unwrap_err().to_string();
    assert!(error.contains("whose y-coordinate is zero"), "{error}");
}

#[test]
fn setup_compares_the_curve() {
    let parameters = |curve: usize| [CURVES[curve].modulus, CURVES[curve].a].map(|text| parse(text).unwrap());
    for curve in 0..2 {
        let funct7 = 8 * curve as u32 + 2;
        let [modulus, a] = parameters(curve);
        // For additions, the second operand is ignored.
        for (rs2, operand) in [(0, [modulus, a]), (7, [modulus, a]), (7, [modulus, Number::from(5)])] {
            let setup = program(funct7, rs2, [operand, operand]);
            setup.build::<BabyBearBlake3Engine>().unwrap().prove_and_verify().unwrap();
        }
        for (rs2, operand) in [(0, [modulus, a + Number::ONE]), (0, [modulus - Number::ONE, a]), (7, [a, a])] {
            let error = program(funct7, rs2, [operand, operand]).run().unwrap_err().to_string();
            assert!(error.contains(&format!("the program's curve number {curve} has the modulus 0x")), "{error}");
        }
    }
}

#[test]
fn instructions_with_other_operands_are_refused() {
    let [modulus, a] = [CURVES[0].modulus, CURVES[0].a].map(|text| parse(text).unwrap());
    let setup = program(2, 7, [[modulus, a]; 2]);
    let inventory = setup.config().create_inventory(SystemPort::default()).unwrap();
    let word = 2 << 25 | 7 << 20 | 6 << 15 | 1 << 12 | 5 << 7 | 0x2B;
    let instruction = inventory.decoders().iter().find_map(|decoder| decoder.decode(word, PC)).unwrap();
    assert!(inventory.executor_for(&instruction).is_some());
    // Operand c is the flag of additions, d is zero.
    for other in [Instruction { c: 2, ..instruction }, Instruction { d: 1, ..instruction }] {
        assert_eq!(inventory.executor_for(&other), None, "{other:?}");
    }
}

#[test]
fn coefficients_are_below_the_modulus() {
    let modulus = CURVES[0].modulus.parse().unwrap();
    let error = Curve::new(modulus, parse(CURVES[0].modulus).unwrap()).unwrap_err().to_string();
    assert!(error.starts_with("the coefficient a of a curve is below the modulus 0x"), "{error}");
}
