//! The extension of the generated tests, and a forgery that they cannot try: their programs do not divide by zero.

use std::borrow::BorrowMut;

use p3_field::PrimeCharacteristicRing;
use vm_sdk::arch::testing::{ChipTest, ExtensionVm, MockEnvironment, VmChipTestBuilder};
use vm_sdk::arch::{Chip, ChipTraces, MAIN_SPACE, SystemConfig};
use vm_sdk::instructions::Instruction;
use vm_sdk::primitives::{BytePairsTable, RangeTable};
use vm_sdk::stark::{BabyBearBlake3Engine, F};

use crate::Modular;
use crate::arithmetic::{DivCols, DivMod};
use crate::modulus::Modulus;

const SECP256K1: &str = "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
const BLS12_381: &str =
    "0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";

/// The field of secp256k1, and that of BLS12-381.
pub(crate) fn extension() -> Modular {
    Modular { moduli: [SECP256K1, BLS12_381].map(|modulus| modulus.parse().unwrap()).to_vec() }
}

/// Returns the instruction with this name on registers 5, 6 and 7, of the machine with the extension.
fn instruction(builder: &VmChipTestBuilder<ExtensionVm<Modular>>, funct7: u32) -> Instruction {
    use vm_sdk::prelude::*;
    let word = funct7 << 25 | 7 << 20 | 6 << 15 | 5 << 7 | 0x2B;
    let inventory = builder.config().create_inventory(vm_sdk::arch::SystemPort::default()).unwrap();
    inventory.decoders().iter().find_map(|decoder| decoder.decode(word, 0x1000)).unwrap()
}

#[test]
fn zero_is_not_divided_by_zero() {
    let config = ExtensionVm { system: SystemConfig::default(), extension: extension() };
    let builder = VmChipTestBuilder::new(config);
    let divide = instruction(&builder, 3);
    let builder = builder.register(5, 0x1000).register(6, 0x2000).register(7, 0x3000);
    let builder = builder.word(MAIN_SPACE, 0x3000, 1).instructions(0x1000, [divide]);
    // Zero divided by one.
    let test: ChipTest<BabyBearBlake3Engine, _> = builder.build().unwrap();
    let air = test.air("DivMod[0]").unwrap().clone();
    let environment = |change: &dyn Fn(&mut DivCols<F, 8, 33, 31>)| {
        let mut trace = test.trace("DivMod[0]", 0).unwrap().clone();
        let columns = size_of::<DivCols<u8, 8, 33, 31>>();
        let (first, width) = (trace.width - columns, trace.width);
        change(trace.values[first..width].borrow_mut());
        let tables: Vec<Box<dyn Chip>> = vec![Box::new(RangeTable::default()), Box::new(BytePairsTable::default())];
        let traces = ChipTraces { traces: vec![trace], public_values: Vec::new() };
        MockEnvironment::new(air.clone(), traces, &test.air_set().buses, tables).unwrap()
    };
    environment(&|_| {}).prove_and_verify::<BabyBearBlake3Engine>().unwrap();
    // 7·0 = 0, but zero has no inverse.
    let forged = environment(&|cols| {
        let modulus: [u32; 8] = SECP256K1.parse::<Modulus>().unwrap().words();
        cols.y[0][0] = F::ZERO;
        cols.r[0][0] = F::from_u8(7);
        let [quotient, inverse] = DivMod::<8, 33, 31>::relations(cols, F::ONE);
        quotient.fill_multiple(&modulus, &mut cols.quotient, &mut cols.carry);
        inverse.fill_multiple(&modulus, &mut cols.inverse_quotient, &mut cols.inverse_carry);
    });
    let report = forged.debug();
    assert!(report.problems.is_empty(), "{report}");
    assert!(!report.labels.is_empty() && report.labels.values().all(|text| text.contains("core.inverse")), "{report}");
    assert!(forged.attempt::<BabyBearBlake3Engine>().unwrap().is_err());
}

#[test]
fn moduli_are_checked() {
    let error = |text: &str| text.parse::<Modulus>().unwrap_err().to_string();
    assert!(error("0x").contains("expected a decimal number"), "{}", error("0x"));
    assert_eq!(error("15"), "a modulus has 253 to 256 or 381 to 384 bits, but 15 has 4");
    let even = SECP256K1.replace("c2f", "c2e");
    assert!(error(&even).ends_with("is even"), "{}", error(&even));
    let modulus: Modulus = SECP256K1.parse().unwrap();
    assert_eq!((modulus.to_string().as_str(), modulus.num_words()), (SECP256K1, 8));
    assert_eq!(BLS12_381.parse::<Modulus>().unwrap().num_words(), 12);
}

#[test]
fn square_roots_are_found_for_primes_of_all_forms() {
    use crate::number::Number;
    // p = 3 modulo 4, and p − 1 with many factors of two: the orders of BLS12-381 and BN254.
    for text in [
        SECP256K1,
        "0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001",
        "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001",
    ] {
        // The first has 255 bits.
        let modulus: Modulus = text.parse().unwrap();
        let non_residue = modulus.non_residue();
        assert_eq!(modulus.square_root(non_residue), None);
        for number in (0u64..20).map(Number::from) {
            let square = modulus.mul(number, number);
            let root = modulus.square_root(square).unwrap();
            assert_eq!(modulus.mul(root, root), square);
            if !number.is_zero() {
                assert_eq!(modulus.square_root(modulus.mul(square, non_residue)), None);
            }
        }
    }
}
