//! The hint: a witness that a product of pairings is 1. A program checks it, so nothing depends on it.

use std::array;

use vm_fp2::{Complex, ComplexConst};
use vm_modular::{ModulusConst, Residue, words_of_hex};
use vm_sdk::arch::{ExecutionResult, PhantomContext, PhantomSubExecutor};
use vm_sdk::phantom;

use crate::curve::{BLS12_381_PRIME, BN254_PRIME, Bls12381, Bn254, Pairing};
use crate::fp12::Fp12;
use crate::point::{G1, G2};
use crate::witness::witness;

/// The curves that have a hint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// BN254.
    Bn254,
    /// BLS12-381.
    Bls12381,
}

impl Curve {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 2] = [Self::Bn254, Self::Bls12381];
}

/// Replaces the hint stream by two elements of Fp12, of six elements of Fp2 each, of two numbers each, lowest bytes first.
///
/// `[rs1]` and `[rs2]` are two words each: a pointer to points, and how many there are. Points are two coordinates, which are
/// numbers for the first group and elements of Fp2 for the second one. If the product of the pairings is 1, the elements are a
/// residue witness c and a scaling factor s with f·s = c^λ, where f is the product of the Miller functions. λ is
/// 6x + 2 + p − p² + p³ for BN254 and p − x for BLS12-381. Otherwise, and if a point is in none of the groups, they are some
/// elements that are not zero.
#[phantom(
    discriminant = 0x70 + self.0 as u16,
    encode(custom1, funct3 = 3, funct7 = 16 * self.0 as u32, rd = 0)
)]
#[derive(Clone, Copy, Debug)]
pub struct HintFinalExp(pub Curve);

impl PhantomSubExecutor for HintFinalExp {
    fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        let [p, q] = context.registers()?;
        let ([p, len], [q, other_len]) = (context.words(p)?, context.words(q)?);
        if len != other_len {
            return Err(
                context.fail(format!("a pairing takes a point of each group, not {len} and {other_len} points"))
            );
        }
        let hint = match self.0 {
            Curve::Bn254 => hint::<Bn254<Bn254Complex>, 8>(context, [p, q], len)?,
            Curve::Bls12381 => hint::<Bls12381<Bls12381Complex>, 12>(context, [p, q], len)?,
        };
        context.set_hint(hint);
        Ok(())
    }
}

/// Defines the fields on the host, where their numbers in the machine do not matter.
macro_rules! fields {
    ($($(#[$meta:meta])* $name:ident, $complex:ident: $words:literal = $prime:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum $name {}

        impl ModulusConst<$words> for $name {
            const NUMBER: u32 = 0;
            const MODULUS: [u32; $words] = words_of_hex($prime);
        }

        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum $complex {}

        impl ComplexConst<$words> for $complex {
            type Field = $name;
            const NUMBER: u32 = 0;
        }
    )+};
}

fields! {
    /// Field of BN254.
    Bn254Field, Bn254Complex: 8 = BN254_PRIME;
    /// Field of BLS12-381.
    Bls12381Field, Bls12381Complex: 12 = BLS12_381_PRIME;
}

fn hint<P: Pairing<WORDS>, const WORDS: usize>(
    context: &PhantomContext<'_>,
    [p, q]: [u32; 2],
    len: u32,
) -> ExecutionResult<Vec<u8>> {
    let points: Option<Vec<_>> = residues::<P, WORDS>(context, p, len, 2)?
        .chunks(2)
        .zip(residues::<P, WORDS>(context, q, len, 4)?.chunks(4))
        .map(|(p, q)| {
            let q = [Complex::new(q[0], q[1]), Complex::new(q[2], q[3])];
            let is_infinity = (p[0].is_zero() && p[1].is_zero(), q[0].is_zero() && q[1].is_zero());
            let p = if is_infinity.0 { G1::IDENTITY } else { G1::<P, WORDS>::new(p[0], p[1])? };
            let q = if is_infinity.1 { G2::IDENTITY } else { G2::<P, WORDS>::new(q[0], q[1])? };
            Some((p, q))
        })
        .collect();
    let elements = match points {
        Some(points) => {
            let (p, q): (Vec<_>, Vec<_>) = points.into_iter().unzip();
            witness(&p, &q)
        }
        // Outside of the groups, the loop could divide by zero.
        None => [Fp12::ONE; 2],
    };
    let numbers = elements.iter().flat_map(|element| element.coefficients).flat_map(|number| [number.re, number.im]);
    Ok(numbers.flat_map(|number| number.to_words()).flat_map(u32::to_le_bytes).collect())
}

type Field<P, const WORDS: usize> = <<P as Pairing<WORDS>>::Field2 as ComplexConst<WORDS>>::Field;

/// Reads the numbers of several points, each with so many numbers.
fn residues<P: Pairing<WORDS>, const WORDS: usize>(
    context: &PhantomContext<'_>,
    pointer: u32,
    points: u32,
    numbers: u32,
) -> ExecutionResult<Vec<Residue<Field<P, WORDS>, WORDS>>> {
    let bytes = points.saturating_mul(numbers * 4 * WORDS as u32);
    let bytes = context.bytes(pointer, bytes)?;
    let word = |bytes: &[u8]| u32::from_le_bytes(array::from_fn(|i| bytes[i]));
    let number = |bytes: &[u8]| Residue::from_words(array::from_fn(|i| word(&bytes[4 * i..])));
    Ok(bytes.chunks_exact(4 * WORDS).map(number).collect())
}
