//! The curves.

use core::marker::PhantomData;

use vm_fp2::{Complex, ComplexConst};
use vm_modular::{ModulusConst, Residue, words_of_hex};

/// Families of curves. They differ in the Miller loop, and in the sextic twist that the second group is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Barreto and Naehrig: the loop is over 6x + 2 and two more lines, and the twist is y² = x³ + b/ξ.
    Bn,
    /// Barreto, Lynn and Scott, with a negative x: the loop is over −x, and the twist is y² = x³ + b·ξ.
    Bls,
}

/// A curve y² = x³ + b over a prime field Fp, with a pairing to Fp12 = Fp2\[w\]/(w⁶ − ξ).
///
/// The first group consists of the points of the curve with order r, and the second one of those of its sextic twist over Fp2.
pub trait Pairing<const WORDS: usize>: Copy + 'static {
    /// Fp2, as a field of the machine.
    type Field2: ComplexConst<WORDS>;
    /// Number of the curve in the instruction.
    const NUMBER: u32;
    /// Family of the curve.
    const FAMILY: Family;
    /// Coefficient b.
    const B: u32;
    /// ξ.
    const XI: Complex<Self::Field2, WORDS>;
    /// ξ^((p − 1)/6): the p-th power of w is this multiple of w.
    const FROBENIUS: Complex<Self::Field2, WORDS>;
    /// Digits of the length of the Miller loop, highest first. The first one is 1.
    const LOOP: &'static [i8];
    /// Absolute value of x, the parameter of the curve.
    const X: u64;
    /// Third root of unity by which the first group is told from other points; `None` if the curve has no other points.
    const BETA: Option<Residue<<Self::Field2 as ComplexConst<WORDS>>::Field, WORDS>>;
    /// (p⁴ − p² + 1)/r: words, lowest first.
    const HARD_EXPONENT: &'static [u32];
}

/// Checks at compile time that a field of the machine is the one of a curve.
const fn is_modulus<X: ComplexConst<WORDS>, const WORDS: usize>(text: &str) -> bool {
    let (modulus, expected) = (<X::Field as ModulusConst<WORDS>>::MODULUS, words_of_hex::<WORDS>(text));
    let mut i = 0;
    while i < WORDS {
        if modulus[i] != expected[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// BN254, the curve of Ethereum's precompiled contracts (EIP-196, EIP-197). `X` is Fp2.
#[derive(Clone, Copy, Debug)]
pub struct Bn254<X>(PhantomData<X>);

/// The prime of [`Bn254`].
pub(crate) const BN254_PRIME: &str = "0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";

impl<X: ComplexConst<8>> Pairing<8> for Bn254<X> {
    type Field2 = X;
    const NUMBER: u32 = 0;
    const FAMILY: Family = Family::Bn;
    const B: u32 = 3;
    const XI: Complex<X, 8> = {
        assert!(is_modulus::<X, 8>(BN254_PRIME), "the field is not that of BN254");
        Complex::new(Residue::from_reduced(words_of_hex("0x9")), Residue::ONE)
    };
    const FROBENIUS: Complex<X, 8> = Complex::new(
        Residue::from_reduced(words_of_hex("0x1284b71c2865a7dfe8b99fdd76e68b605c521e08292f2176d60b35dadcc9e470")),
        Residue::from_reduced(words_of_hex("0x246996f3b4fae7e6a6327cfe12150b8e747992778eeec7e5ca5cf05f80f362ac")),
    );
    /// 6x + 2 as a sum and difference of few powers of two: its non-adjacent form.
    const LOOP: &'static [i8] = &[
        1, 0, -1, 0, 1, 0, 0, 0, -1, 0, -1, 0, 0, 0, -1, 0, 1, 0, -1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 0, -1, 0, 1, 0, 0,
        -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, -1, 0, -1, 0, 0, 1, 0, 0, 0, -1, 0, 0, -1, 0, 1, 0, 1, 0, 0, 0,
    ];
    const X: u64 = 0x44e9_92b4_4a69_09f1;
    const BETA: Option<Residue<X::Field, 8>> = None;
    const HARD_EXPONENT: &'static [u32] = &words_of_hex::<24>(
        "0x1baaa710b0759ad331ec15183177faf6c0eb522d5b122784e529a5861876f6b3b1b1355d189227d79581e16f3fd90c66b887d56d5095f23a\
         aa441e3954bcf8adcc7b44c87cdbacff1154e7e1da014fd5abf5cc4f49c36d4e81bb482ccdf42b1",
    );
}

/// BLS12-381 (EIP-2537). `X` is Fp2.
#[derive(Clone, Copy, Debug)]
pub struct Bls12381<X>(PhantomData<X>);

/// The prime of [`Bls12381`].
pub(crate) const BLS12_381_PRIME: &str =
    "0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";

impl<X: ComplexConst<12>> Pairing<12> for Bls12381<X> {
    type Field2 = X;
    const NUMBER: u32 = 1;
    const FAMILY: Family = Family::Bls;
    const B: u32 = 4;
    const XI: Complex<X, 12> = {
        assert!(is_modulus::<X, 12>(BLS12_381_PRIME), "the field is not that of BLS12-381");
        Complex::new(Residue::ONE, Residue::ONE)
    };
    const FROBENIUS: Complex<X, 12> = Complex::new(
        Residue::from_reduced(words_of_hex(
            "0x1904d3bf02bb0667c231beb4202c0d1f0fd603fd3cbd5f4f7b2443d784bab9c4f67ea53d63e7813d8d0775ed92235fb8",
        )),
        Residue::from_reduced(words_of_hex(
            "0x00fc3e2b36c4e03288e9e902231f9fb854a14787b6c7b36fec0c8ec971f63c5f282d5ac14d6c7ec22cf78a126ddc4af3",
        )),
    );
    /// −x in binary.
    const LOOP: &'static [i8] = &[
        1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    const X: u64 = 0xd201_0000_0001_0000;
    const BETA: Option<Residue<X::Field, 12>> = Some(Residue::from_reduced(words_of_hex(
        "0x5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe",
    )));
    const HARD_EXPONENT: &'static [u32] = &words_of_hex::<40>(
        "0xf686b3d807d01c0bd38c3195c899ed3cde88eeb996ca394506632528d6a9a2f230063cf081517f68f7764c28b6f8ae5a72bce8d63cb9f827\
         eca0ba621315b2076995003fc77a17988f8761bdc51dc2378b9039096d1b767f17fcbde783765915c97f36c6f18212ed0b283ed237db421d16\
         0aeb6a1e79983774940996754c8c71a2629b0dea236905ce937335d5b68fa9912aae208ccf1e516c3f438e3ba79",
    );
}
