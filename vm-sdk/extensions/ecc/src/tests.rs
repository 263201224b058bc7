//! The extension of the generated tests.

use crate::Ecc;
use crate::curve::Curve;

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
