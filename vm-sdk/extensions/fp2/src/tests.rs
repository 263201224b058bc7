//! The extension of the generated tests, and forgeries that they do not find.

use p3_field::PrimeCharacteristicRing;
use vm_modular::arithmetic::Sum;
use vm_modular::columns::{byte_cells, word_cells};
use vm_modular::listed;
use vm_modular::modulus::Modulus;
use vm_modular::number::{Number, words};
use vm_sdk::arch::authoring::mark_highest_difference;
use vm_sdk::arch::testing::{ChipTest, ExtensionVm, VmChipTestBuilder};
use vm_sdk::arch::{MAIN_SPACE, SystemConfig, SystemPort};
use vm_sdk::prelude::*;
use vm_sdk::stark::BabyBearBlake3Engine;

use crate::Fp2;
use crate::arithmetic::{DivCols, DivComplex, ProductCols, SumCols, SumComplex, of_bytes, of_cells, products};

const BN254: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";

/// The fields of BN254 and BLS12-381.
pub(crate) fn extension() -> Fp2 {
    let moduli =
        [BN254, "0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"];
    Fp2::new(moduli.iter().map(|modulus| modulus.parse().unwrap()).collect()).unwrap()
}

/// The columns of products and quotients.
type Product = ProductCols<F, 8, 16, 33, 31>;
type Quotient = DivCols<F, 8, 16, 33, 31, 31>;

/// Executes an instruction on two elements with small coefficients, with registers 5, 6 and 7.
fn test(kind: u32, elements: [[u32; 2]; 2]) -> ChipTest<BabyBearBlake3Engine, ExtensionVm<Fp2>> {
    let config = ExtensionVm { system: SystemConfig::default(), extension: extension() };
    let inventory = config.create_inventory(SystemPort::default()).unwrap();
    let word = kind << 25 | 7 << 20 | 6 << 15 | 2 << 12 | 5 << 7 | 0x2B;
    let instruction = inventory.decoders().iter().find_map(|decoder| decoder.decode(word, 0x1000)).unwrap();
    let mut builder = VmChipTestBuilder::new(config).register(5, 0x1000).register(6, 0x2000).register(7, 0x3000);
    for (pointer, [re, im]) in [0x2000, 0x3000].into_iter().zip(elements) {
        builder = builder.word(MAIN_SPACE, pointer, re).word(MAIN_SPACE, pointer + 32, im);
    }
    builder.instructions(0x1000, [instruction]).build().unwrap()
}

fn modulus() -> (Number, [u32; 8]) {
    let modulus: Modulus = BN254.parse().unwrap();
    (modulus.value(), modulus.words())
}

/// Forged: a coefficient of the result is greater by the prime. Only its bound refuses it.
#[test]
fn both_coefficients_are_reduced() {
    let (p, limits) = modulus();
    let forged_number = p + Number::from(2);
    let marks = |cells: &mut [F]| {
        cells.fill(F::ZERO);
        mark_highest_difference(&words::<8>(forged_number), &limits, cells);
    };
    // (1 + u) + (1 + u), (1 + u)·2 and (2 + 2·u)/1 are 2 + 2·u.
    let (sum, product) = (test(0, [[1, 1], [1, 1]]), test(2, [[1, 1], [2, 0]]));
    let quotient = test(3, [[2, 2], [1, 0]]);
    for i in [0, 1] {
        let sum = sum
            .alone_with("AddComplex[0]", |cols: &mut SumCols<F, 8, 16, 15>| {
                cols.r[8 * i..][..8].copy_from_slice(&word_cells::<8>(forged_number));
                let chip =
                    SumComplex { modulus: listed(extension().moduli(), |_| true).next().unwrap(), operation: Sum::Add };
                let relation = chip.relations(cols).into_iter().nth(i).unwrap();
                relation.fill_multiple(&limits, &mut cols.quotient[i], &mut cols.carry[i]);
                marks(cols.differs[i].as_flattened_mut());
            })
            .unwrap();
        let product = product
            .alone_with("MulComplex[0]", |cols: &mut Product| {
                cols.r[8 * i..][..8].copy_from_slice(&word_cells::<8>(forged_number));
                let relations = products(of_bytes(&cols.x), of_bytes(&cols.y), of_cells(&cols.r));
                let relation = relations.into_iter().nth(i).unwrap();
                relation.fill_multiple(&limits, &mut cols.quotient[i], &mut cols.carry[i]);
                marks(cols.differs[i].as_flattened_mut());
            })
            .unwrap();
        let quotient = quotient
            .alone_with("DivComplex[0]", |cols: &mut Quotient| {
                cols.r[8 * i..][..8].copy_from_slice(&byte_cells::<8>(forged_number));
                let (relations, _) = DivComplex::<8, 16, 33, 31, 31>::relations(cols, F::ONE);
                for (i, relation) in relations.into_iter().enumerate() {
                    relation.fill_multiple(&limits, &mut cols.quotient[i], &mut cols.carry[i]);
                }
                marks(cols.differs[i].as_flattened_mut());
            })
            .unwrap();
        for forged in [sum, product, quotient] {
            forged.assert_refused_by::<BabyBearBlake3Engine>(&[&format!("core.differs[{i}]")]);
        }
    }
}

/// Forged: (7 + 5·u)·0 = 0, but zero has no inverse. Only the relation of the inverse refuses it.
#[test]
fn zero_is_not_divided_by_zero() {
    // Zero divided by u.
    let test = test(3, [[0, 0], [0, 1]]);
    test.alone_with("DivComplex[0]", |_: &mut Quotient| {})
        .unwrap()
        .prove_and_verify::<BabyBearBlake3Engine>()
        .unwrap();
    let forged = test
        .alone_with("DivComplex[0]", |cols: &mut Quotient| {
            let (_, limits) = modulus();
            cols.y[8][0] = F::ZERO;
            (cols.r[0][0], cols.r[8][0]) = (F::from_u8(7), F::from_u8(5));
            let (relations, inverse) = DivComplex::<8, 16, 33, 31, 31>::relations(cols, F::ONE);
            for (i, relation) in relations.into_iter().enumerate() {
                relation.fill_multiple(&limits, &mut cols.quotient[i], &mut cols.carry[i]);
            }
            inverse.fill_multiple(&limits, &mut cols.inverse_quotient, &mut cols.inverse_carry);
        })
        .unwrap();
    forged.assert_refused_by::<BabyBearBlake3Engine>(&["core.inverse"]);
}

/// Forged: the coefficient that has an inverse is chosen by a number that is neither 0 nor 1. Only the constraint of the flag refuses it.
#[test]
fn the_coefficient_with_an_inverse_is_one_of_two() {
    // With the flag 2, the combination of the coefficients of 1 + u is 1 as well.
    let test = test(3, [[2, 2], [1, 1]]);
    let forged = test.alone_with("DivComplex[0]", |cols: &mut Quotient| cols.is_imaginary = F::TWO).unwrap();
    forged.assert_refused_by::<BabyBearBlake3Engine>(&["core.is_imaginary*(core.is_imaginary - 1)"]);
}
