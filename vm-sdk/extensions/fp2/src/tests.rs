//! The extension of the generated tests, and a forgery that they cannot try: their programs do not divide by zero.

use std::borrow::BorrowMut;

use p3_field::PrimeCharacteristicRing;
use vm_modular::modulus::Modulus;
use vm_sdk::arch::testing::{ChipTest, ExtensionVm, MockEnvironment, VmChipTestBuilder};
use vm_sdk::arch::{Chip, ChipTraces, MAIN_SPACE, SystemConfig, SystemPort};
use vm_sdk::prelude::*;
use vm_sdk::primitives::{BytePairsTable, RangeTable};
use vm_sdk::stark::BabyBearBlake3Engine;

use crate::Fp2;
use crate::arithmetic::{DivCols, DivComplex};

const BN254: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";

/// The fields of BN254 and BLS12-381.
pub(crate) fn extension() -> Fp2 {
    let moduli =
        [BN254, "0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"];
    Fp2::new(moduli.iter().map(|modulus| modulus.parse().unwrap()).collect()).unwrap()
}

#[test]
fn zero_is_not_divided_by_zero() {
    let config = ExtensionVm { system: SystemConfig::default(), extension: extension() };
    let inventory = config.create_inventory(SystemPort::default()).unwrap();
    let word = 3 << 25 | 7 << 20 | 6 << 15 | 2 << 12 | 5 << 7 | 0x2B;
    let divide = inventory.decoders().iter().find_map(|decoder| decoder.decode(word, 0x1000)).unwrap();
    let builder = VmChipTestBuilder::new(config).register(5, 0x1000).register(6, 0x2000).register(7, 0x3000);
    // Zero divided by u.
    let builder = builder.word(MAIN_SPACE, 0x3020, 1).instructions(0x1000, [divide]);
    let test: ChipTest<BabyBearBlake3Engine, _> = builder.build().unwrap();
    let air = test.air("DivComplex[0]").unwrap().clone();
    let environment = |change: &dyn Fn(&mut DivCols<F, 8, 16, 33, 31, 31>)| {
        let mut trace = test.trace("DivComplex[0]", 0).unwrap().clone();
        let columns = size_of::<DivCols<u8, 8, 16, 33, 31, 31>>();
        let (first, width) = (trace.width - columns, trace.width);
        change(trace.values[first..width].borrow_mut());
        let tables: Vec<Box<dyn Chip>> = vec![Box::new(RangeTable::default()), Box::new(BytePairsTable::default())];
        let traces = ChipTraces { traces: vec![trace], public_values: Vec::new() };
        MockEnvironment::new(air.clone(), traces, &test.air_set().buses, tables).unwrap()
    };
    environment(&|_| {}).prove_and_verify::<BabyBearBlake3Engine>().unwrap();
    // (7 + 5·u)·0 = 0, but zero has no inverse.
    let forged = environment(&|cols| {
        let modulus: [u32; 8] = BN254.parse::<Modulus>().unwrap().words();
        cols.y[8][0] = F::ZERO;
        (cols.r[0][0], cols.r[8][0]) = (F::from_u8(7), F::from_u8(5));
        let ([real, imaginary], inverse) = DivComplex::<8, 16, 33, 31, 31>::relations(cols, F::ONE);
        for (i, relation) in [real, imaginary].into_iter().enumerate() {
            relation.fill_multiple(&modulus, &mut cols.quotient[i], &mut cols.carry[i]);
        }
        inverse.fill_multiple(&modulus, &mut cols.inverse_quotient, &mut cols.inverse_carry);
    });
    let report = forged.debug();
    assert!(report.problems.is_empty(), "{report}");
    assert!(!report.labels.is_empty() && report.labels.values().all(|text| text.contains("core.inverse")), "{report}");
    assert!(forged.attempt::<BabyBearBlake3Engine>().unwrap().is_err());
}
