//! The extension of the generated tests, and forgeries that they do not find.

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use vm_sdk::arch::authoring::mark_highest_difference;
use vm_sdk::arch::testing::{ChipTest, ExtensionVm, VmChipTestBuilder};
use vm_sdk::arch::{MAIN_SPACE, SystemConfig, SystemPort};
use vm_sdk::prelude::*;
use vm_sdk::stark::BabyBearBlake3Engine;

use crate::Modular;
use crate::arithmetic::{DivCols, DivMod, ProductCols, Sum, SumCols, SumMod, product};
use crate::columns::{byte_cells, word_cells};
use crate::compare::{EqualCols, SetupCols};
use crate::listed;
use crate::modulus::Modulus;
use crate::number::{Number, words};

/// Its double has 256 bits as well, so every result could be claimed without being reduced.
const BN254: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
const BLS12_381: &str =
    "0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";

/// The fields of BN254 and BLS12-381.
pub(crate) fn extension() -> Modular {
    Modular { moduli: [BN254, BLS12_381].map(|modulus| modulus.parse().unwrap()).to_vec() }
}

/// Executes an instruction on two numbers, with registers 5, 6 and 7, on a machine with the extension.
fn test(kind: u32, rs2: u32, [x, y]: [Number; 2]) -> ChipTest<BabyBearBlake3Engine, ExtensionVm<Modular>> {
    let config = ExtensionVm { system: SystemConfig::default(), extension: extension() };
    let inventory = config.create_inventory(SystemPort::default()).unwrap();
    let word = kind << 25 | rs2 << 20 | 6 << 15 | 5 << 7 | 0x2B;
    let instruction = inventory.decoders().iter().find_map(|decoder| decoder.decode(word, 0x1000)).unwrap();
    let mut builder = VmChipTestBuilder::new(config).register(5, 0x1000).register(6, 0x2000).register(7, 0x3000);
    for (pointer, number) in [(0x2000, x), (0x3000, y)] {
        for (i, word) in words::<8>(number).into_iter().enumerate() {
            builder = builder.word(MAIN_SPACE, pointer + 4 * i as u32, word);
        }
    }
    builder.instructions(0x1000, [instruction]).build().unwrap()
}

fn modulus() -> (Number, [u32; 8]) {
    let modulus: Modulus = BN254.parse().unwrap();
    (modulus.value(), modulus.words())
}

fn small(number: u64) -> Number {
    Number::from(number)
}

/// Forged: the result is greater by the modulus. Only the bound of the result refuses it.
#[test]
fn sums_are_reduced() {
    let test = test(0, 7, [small(1), small(1)]);
    test.alone_with("AddMod[0]", |_: &mut SumCols<F, 8, 15>| {})
        .unwrap()
        .prove_and_verify::<BabyBearBlake3Engine>()
        .unwrap();
    let forged = test
        .alone_with("AddMod[0]", |cols: &mut SumCols<F, 8, 15>| {
            let (p, limits) = modulus();
            cols.r = word_cells(p + small(2));
            let sum =
                SumMod::<8, 15> { modulus: listed(&extension().moduli, |_| true).next().unwrap(), operation: Sum::Add };
            sum.relation(cols).fill_multiple(&limits, &mut cols.quotient, &mut cols.carry);
            mark_highest_difference(&words::<8>(p + small(2)), &limits, cols.differs.as_flattened_mut());
        })
        .unwrap();
    forged.assert_refused_by::<BabyBearBlake3Engine>(&["core.differs"]);
}

/// Forged: the result is greater by the modulus. Only the bound of the result refuses it.
#[test]
fn products_are_reduced() {
    let test = test(2, 7, [small(1), small(2)]);
    let forged = test
        .alone_with("MulMod[0]", |cols: &mut ProductCols<F, 8, 33, 31>| {
            let (p, limits) = modulus();
            cols.r = word_cells(p + small(2));
            product(cols).fill_multiple(&limits, &mut cols.quotient, &mut cols.carry);
            mark_highest_difference(&words::<8>(p + small(2)), &limits, cols.differs.as_flattened_mut());
        })
        .unwrap();
    forged.assert_refused_by::<BabyBearBlake3Engine>(&["core.differs"]);
}

/// Forged: two cells of the result are wrong, such that the carries absorb it in the field, but not as integers. Only the
/// ranges of the carries refuse it.
#[test]
fn products_are_those_of_integers() {
    let test = test(2, 7, [small(1), small(2)]);
    let forged = test
        .alone_with("MulMod[0]", |cols: &mut ProductCols<F, 8, 33, 31>| {
            let shift = F::from_u32(1 << 16).inverse();
            // low·2^−192 + high = 0 for two numbers of 16 bits.
            let high = |low: u32| (-(F::from_u32(low) * shift.exp_u64(12))).as_canonical_u32();
            let low = (1..0xFFFE).find(|low| (1..0xFFFF).contains(&high(*low))).unwrap();
            cols.r[0][0] += F::from_u32(low);
            cols.r[6][0] += F::from_u32(high(low));
            let mut carry = -F::from_u32(low);
            for column in &mut cols.carry[..12] {
                carry *= shift;
                *column += carry;
            }
            let cells: Vec<u32> = cols.r.as_flattened().iter().map(|cell| cell.as_canonical_u32()).collect();
            let result: Vec<u32> = cells.chunks(2).map(|cells| cells[0] | cells[1] << 16).collect();
            cols.differs = [[F::ZERO; 2]; 8];
            mark_highest_difference(&result, &modulus().1, cols.differs.as_flattened_mut());
        })
        .unwrap();
    forged.assert_refused_by::<BabyBearBlake3Engine>(&["range(core.carry"]);
}

/// Forged: the result is greater by the modulus. Only the bound of the result refuses it.
#[test]
fn quotients_are_reduced() {
    let test = test(3, 7, [small(2), small(1)]);
    let forged = test
        .alone_with("DivMod[0]", |cols: &mut DivCols<F, 8, 33, 31>| {
            let (p, limits) = modulus();
            cols.r = byte_cells(p + small(2));
            let [quotient, _] = DivMod::<8, 33, 31>::relations(cols, F::ONE);
            quotient.fill_multiple(&limits, &mut cols.quotient, &mut cols.carry);
            mark_highest_difference(&words::<8>(p + small(2)), &limits, cols.differs.as_flattened_mut());
        })
        .unwrap();
    forged.assert_refused_by::<BabyBearBlake3Engine>(&["core.differs"]);
}

/// Forged: 7·0 = 0, but zero has no inverse. Only the relation of the inverse refuses it.
#[test]
fn zero_is_not_divided_by_zero() {
    // Zero divided by one.
    let test = test(3, 7, [small(0), small(1)]);
    test.alone_with("DivMod[0]", |_: &mut DivCols<F, 8, 33, 31>| {})
        .unwrap()
        .prove_and_verify::<BabyBearBlake3Engine>()
        .unwrap();
    let forged = test
        .alone_with("DivMod[0]", |cols: &mut DivCols<F, 8, 33, 31>| {
            let (_, limits) = modulus();
            cols.y[0][0] = F::ZERO;
            cols.r[0][0] = F::from_u8(7);
            let [quotient, inverse] = DivMod::<8, 33, 31>::relations(cols, F::ONE);
            quotient.fill_multiple(&limits, &mut cols.quotient, &mut cols.carry);
            inverse.fill_multiple(&limits, &mut cols.inverse_quotient, &mut cols.inverse_carry);
        })
        .unwrap();
    forged.assert_refused_by::<BabyBearBlake3Engine>(&["core.inverse"]);
}

/// Forged: equal numbers are said to differ, different ones to be equal, and an operand is not below the modulus.
#[test]
fn comparisons_are_those_of_residues() {
    type Cols = EqualCols<F, 8>;
    let (equal, different) = (test(4, 7, [small(5), small(5)]), test(4, 7, [small(5), small(6)]));
    let forged = equal.alone_with("IsEqualMod[0]", |cols: &mut Cols| cols.equal = F::ZERO).unwrap();
    forged.assert_refused_by::<BabyBearBlake3Engine>(&["core.inverse"]);
    let forged = different
        .alone_with("IsEqualMod[0]", |cols: &mut Cols| {
            cols.equal = F::ONE;
            cols.inverse = [[F::ZERO; 2]; 8];
        })
        .unwrap();
    forged.assert_refused_by::<BabyBearBlake3Engine>(&["core.equal*(core.x[0][0] - core.y[0][0])"]);
    // p + 5 and 5 are equal residues.
    for second in [false, true] {
        let forged = equal
            .alone_with("IsEqualMod[0]", |cols: &mut Cols| {
                let (p, limits) = modulus();
                let other = p + small(5);
                let operand =
                    if second { (&mut cols.y, &mut cols.y_differs) } else { (&mut cols.x, &mut cols.x_differs) };
                *operand.0 = word_cells(other);
                *operand.1 = [[F::ZERO; 2]; 8];
                mark_highest_difference(&words::<8>(other), &limits, operand.1.as_flattened_mut());
                cols.equal = F::ZERO;
                cols.inverse = [[F::ZERO; 2]; 8];
                cols.inverse[7][1] = (cols.x[7][1] - cols.y[7][1]).inverse();
            })
            .unwrap();
        forged.assert_refused_by::<BabyBearBlake3Engine>(&[if second { "core.y_differs" } else { "core.x_differs" }]);
    }
}

/// Forged: a program sets up another modulus. Only the constraint of the cell that differs refuses it.
#[test]
fn set_up_compares_every_cell() {
    for (kind, air) in [(0, "SetupMod0[0]"), (1, "SetupMod1[0]"), (2, "SetupIsEqualMod[0]")] {
        let test = test(5, kind, [modulus().0, small(0)]);
        for cell in 0..16 {
            let forged = test
                .alone_with(air, |cols: &mut SetupCols<F, 8>| {
                    // In place of 0xFFFF, 0xFFFE or 0xFC2F.
                    cols.x.as_flattened_mut()[cell] -= F::ONE;
                })
                .unwrap();
            forged.assert_refused_by::<BabyBearBlake3Engine>(&[&format!("core.x[{}][{}]", cell / 2, cell % 2)]);
        }
    }
}

#[test]
fn moduli_are_checked() {
    let error = |text: &str| text.parse::<Modulus>().unwrap_err().to_string();
    assert!(error("0x").contains("expected a decimal number"), "{}", error("0x"));
    assert_eq!(error("15"), "a modulus has 253 to 256 or 381 to 384 bits, but 15 has 4");
    let even = BN254.replace("fd47", "fd46");
    assert!(error(&even).ends_with("is even"), "{}", error(&even));
    let modulus: Modulus = BN254.parse().unwrap();
    assert_eq!((modulus.to_string().as_str(), modulus.num_words()), (BN254, 8));
    assert_eq!(BLS12_381.parse::<Modulus>().unwrap().num_words(), 12);
}

#[test]
fn square_roots_are_found_for_primes_of_all_forms() {
    use crate::number::Number;
    // p = 3 modulo 4, and p − 1 with many factors of two: the orders of BLS12-381 and BN254.
    for text in [
        BN254,
        "0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001",
        "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001",
    ] {
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
