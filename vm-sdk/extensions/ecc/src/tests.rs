//! The extension of the generated tests, and forgeries that they do not find.

use p3_field::PrimeCharacteristicRing;
use vm_modular::columns::{byte_cells, word_cells};
use vm_modular::number::{Number, words};
use vm_sdk::arch::authoring::{Limbs, mark_highest_difference};
use vm_sdk::arch::testing::{ChipTest, ExtensionVm, VmChipTestBuilder};
use vm_sdk::arch::{MAIN_SPACE, SystemConfig, SystemPort};
use vm_sdk::prelude::*;
use vm_sdk::stark::BabyBearBlake3Engine;

use crate::Ecc;
use crate::curve::{Curve, Sum};
use crate::point::{AddCols, DoubleCols, LineCols, bytes, cells};
use crate::setup::SetupCols;

/// P-256, whose coefficient `a` is not zero, and the curve of BLS12-381.
pub(crate) fn extension() -> Ecc {
    let curves = [
        (
            "0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
            "0xffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
        ),
        ("0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", "0"),
    ];
    let curve = |(modulus, a): &(&str, &str)| {
        Curve::new(modulus.parse().unwrap(), vm_modular::number::parse(a).unwrap()).unwrap()
    };
    Ecc { curves: curves.iter().map(curve).collect() }
}

type Add = AddCols<F, 8, 33, 31>;
type Double = DoubleCols<F, 8, 33, 31, 63>;
type Line = LineCols<F, 8, 33, 31>;
type Test = ChipTest<BabyBearBlake3Engine, ExtensionVm<Ecc>>;

/// Returns the curve P-256, and the residue of a small number.
fn p256() -> (Curve, impl Fn(i32) -> Number) {
    let curve = extension().curves[0];
    let p = curve.modulus().value();
    (curve, move |number: i32| if number < 0 { p - Number::from(-number) } else { Number::from(number) })
}

/// Executes an instruction on points, with registers 5, 6 and 7.
fn test(kind: u32, rs2: u32, points: [[Number; 2]; 2]) -> Test {
    let config = ExtensionVm { system: SystemConfig::default(), extension: extension() };
    let inventory = config.create_inventory(SystemPort::default()).unwrap();
    let word = kind << 25 | rs2 << 20 | 6 << 15 | 1 << 12 | 5 << 7 | 0x2B;
    let instruction = inventory.decoders().iter().find_map(|decoder| decoder.decode(word, 0x1000)).unwrap();
    let mut builder = VmChipTestBuilder::new(config).register(5, 0x1000).register(6, 0x2000).register(7, 0x3000);
    for (pointer, point) in [0x2000, 0x3000].into_iter().zip(points) {
        for (i, word) in point.into_iter().flat_map(words::<8>).enumerate() {
            builder = builder.word(MAIN_SPACE, pointer + 4 * i as u32, word);
        }
    }
    builder.instructions(0x1000, [instruction]).build().unwrap()
}

/// Fills a line whose slope and third point are given, as far as its own relations go.
fn fill(line: &mut Line, curve: &Curve, Sum { slope, point: [x3, y3] }: Sum, points: [Limbs<F>; 3]) {
    let limits = curve.modulus().words::<8>();
    (line.slope, line.x3, line.y3) = (byte_cells(slope), byte_cells(x3), word_cells(y3));
    let [x, y] = line.relations(points);
    x.fill_multiple(&limits, &mut line.x_quotient, &mut line.x_carry);
    y.fill_multiple(&limits, &mut line.y_quotient, &mut line.y_carry);
    for (coordinate, marks) in [(x3, &mut line.x_differs), (y3, &mut line.y_differs)] {
        *marks = [[F::ZERO; 2]; 8];
        mark_highest_difference(&words::<8>(coordinate), &limits, marks.as_flattened_mut());
    }
}

/// Forgeries of a sum: each coordinate greater by the modulus, and another line through the first point; and what refuses
/// them. `other` is the line.
fn forgeries(curve: &Curve, honest: Sum, other: Sum) -> [(Sum, &'static str); 3] {
    let p = curve.modulus().value();
    let [x3, y3] = honest.point;
    [
        (Sum { point: [x3 + p, y3], ..honest }, "core.line.x_differs"),
        (Sum { point: [x3, y3 + p], ..honest }, "core.line.y_differs"),
        (other, "core.slope_"),
    ]
}

/// Forged: a coordinate of the sum is greater by the modulus, or the line has another slope. Each is refused by one check.
#[test]
fn sums_of_points_are_determined() {
    let (curve, number) = p256();
    // λ = 1. The points need not be on the curve.
    let points = [[number(1), number(-10)], [number(-5), number(-16)]];
    let honest = curve.add(points[0], points[1]).unwrap();
    assert_eq!((honest.slope, honest.point), (number(1), [number(5), number(6)]));
    // λ = 2: x3 = 4 − 1 + 5 and y3 = 2·(1 − x3) + 10.
    let other = Sum { slope: number(2), point: [number(8), number(-4)] };
    let test = test(0, 7, points);
    test.alone_with("AddPoints[0]", |_: &mut Add| {}).unwrap().prove_and_verify::<BabyBearBlake3Engine>().unwrap();
    for (sum, check) in forgeries(&curve, honest, other) {
        let forged = test
            .alone_with("AddPoints[0]", |cols: &mut Add| {
                let points = [bytes(&cols.x1), bytes(&cols.x2), cells(&cols.y1)];
                fill(&mut cols.line, &curve, sum, points);
            })
            .unwrap();
        forged.assert_refused_by::<BabyBearBlake3Engine>(&[check]);
    }
}

/// Forged: a coordinate of the double is greater by the modulus, or the line is no tangent. Each is refused by one check.
#[test]
fn doubles_of_points_are_determined() {
    let (curve, number) = p256();
    // λ = −1, since 3·9 − 3 = 24.
    let point = [number(-3), number(-12)];
    let honest = curve.double(point).unwrap();
    assert_eq!((honest.slope, honest.point), (number(-1), [number(7), number(22)]));
    // λ = 2: x3 = 4 + 6 and y3 = 2·(−3 − x3) + 12.
    let other = Sum { slope: number(2), point: [number(10), number(-14)] };
    let test = test(1, 0, [point, [number(0); 2]]);
    test.alone_with("DoublePoint[0]", |_: &mut Double| {}).unwrap().prove_and_verify::<BabyBearBlake3Engine>().unwrap();
    for (sum, check) in forgeries(&curve, honest, other) {
        let forged = test
            .alone_with("DoublePoint[0]", |cols: &mut Double| {
                let points = [bytes(&cols.x), bytes(&cols.x), bytes(&cols.y)];
                fill(&mut cols.line, &curve, sum, points);
            })
            .unwrap();
        forged.assert_refused_by::<BabyBearBlake3Engine>(&[check]);
    }
}

/// Forged: a program sets up another curve. Only the constraint of the cell that differs refuses it; the coefficient does not
/// matter for additions.
#[test]
fn set_up_compares_every_cell() {
    let (curve, number) = p256();
    for (rs2, compared) in [(0, 32), (1, 16)] {
        let test = test(2, rs2, [[curve.modulus().value(), curve.a()], [number(0); 2]]);
        for cell in 0..32 {
            let forged = test
                .alone_with("SetupCurve[0]", |cols: &mut SetupCols<F, 16>| {
                    cols.block.as_flattened_mut()[cell] += F::ONE;
                })
                .unwrap();
            if cell < compared {
                let column = format!("core.block[{}][{}]", cell / 2, cell % 2);
                forged.assert_refused_by::<BabyBearBlake3Engine>(&[&column]);
            } else {
                assert!(forged.debug().is_ok(), "{}", forged.debug());
            }
        }
    }
}
