//! The extension of the generated tests.

use crate::Fp2;

/// The fields of BN254 and BLS12-381.
pub(crate) fn extension() -> Fp2 {
    let moduli = [
        "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47",
        "0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
    ];
    Fp2::new(moduli.iter().map(|modulus| modulus.parse().unwrap()).collect()).unwrap()
}
