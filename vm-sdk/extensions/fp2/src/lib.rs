//! Arithmetic in the quadratic extensions `Fp[u]/(u² + 1)` of prime fields as an extension of the machine.
//!
//! A machine has a list of up to sixteen primes, with 3 modulo 4 so that −1 is not a square, and each has its own circuits. The
//! registers of an instruction hold pointers to elements: the coefficients of 1 and u, with 8 or 12 words each, lowest first.
//! Prime number `i` of the list has these instructions, with opcode 0x2b (custom-1), R format and funct3 = 2:
//!
//! | instruction | funct7 | | columns | messages |
//! |---|---|---|---|---|
//! | `addcomplex`, `subcomplex` | 8·i, 8·i + 1 | `[rd] = [rs1] ± [rs2]` | 175 | 84 |
//! | `mulcomplex` | 8·i + 2 | `[rd] = [rs1]·[rs2]` | 335 | 212 |
//! | `divcomplex` | 8·i + 3 | `[rd] = [rs1] / [rs2]`; fails if `[rs2]` is zero | 432 | 244 |
//! | `setup` | 8·i + 4 | fails unless the first coefficient of `[rs1]` is the prime; writes zeros to `[rd]` | 43 | 13 |
//!
//! Columns and messages are those of 256 bits; each execution is one row. Coefficients of results are below the prime; those of
//! operands need not be. The destination may overlap the operands. In programs, [`Complex`] has these instructions as operators,
//! and [`complex_fields!`] names the fields.
#![cfg_attr(target_arch = "riscv32", no_std)]

#[cfg(not(target_arch = "riscv32"))]
pub mod arithmetic;
mod complex;
#[cfg(not(target_arch = "riscv32"))]
pub mod element;

pub use complex::{Complex, ComplexConst, setup};
#[cfg(not(target_arch = "riscv32"))]
pub use extension::{Fp2, Fp2Error};

#[cfg(not(target_arch = "riscv32"))]
mod extension {
    use serde::{Deserialize, Serialize};
    use thiserror::Error;
    use vm_modular::modulus::Modulus;
    use vm_modular::{Listed, listed};
    use vm_sdk::primitives::BytePairsTable;
    use vm_sdk::vm_extension;

    use vm_modular::arithmetic::Sum;

    use crate::arithmetic::{DivComplex, MulComplex, SetupComplex, SumComplex};

    // Equations of two limbs where their sums stay below the characteristic of the field, else of one.
    type SumComplex256 = SumComplex<8, 16, 15>;
    type SumComplex384 = SumComplex<12, 24, 23>;
    type MulComplex256 = MulComplex<8, 16, 33, 31>;
    type MulComplex384 = MulComplex<12, 24, 49, 95>;
    type DivComplex256 = DivComplex<8, 16, 33, 31, 31>;
    type DivComplex384 = DivComplex<12, 24, 49, 95, 47>;
    type SetupComplex256 = SetupComplex<8, 16>;
    type SetupComplex384 = SetupComplex<12, 24>;

    /// The instructions of a list of primes.
    #[vm_extension(
        instructions(
            SumComplex256 in self.sums(8),
            SumComplex384 in self.sums(12),
            MulComplex256 in self.listed(8).map(MulComplex),
            MulComplex384 in self.listed(12).map(MulComplex),
            DivComplex256 in self.listed(8).map(DivComplex),
            DivComplex384 in self.listed(12).map(DivComplex),
            SetupComplex256 in self.setups(8),
            SetupComplex384 in self.setups(12),
        ),
        lookups(BytePairs: BytePairsTable),
        tests = crate::tests::extension(),
    )]
    #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(try_from = "Vec<Modulus>", into = "Vec<Modulus>")]
    pub struct Fp2 {
        moduli: Vec<Modulus>,
    }

    /// Reason for which moduli are not those of an [`Fp2`].
    #[derive(Clone, Debug, PartialEq, Eq, Error)]
    #[error("u² + 1 has roots modulo {0}, or it is not a prime: expected a prime that is 3 modulo 4")]
    pub struct Fp2Error(pub Modulus);

    impl Fp2 {
        /// Checks a list of primes.
        ///
        /// # Errors
        /// [`Fp2Error`] if one is not 3 modulo 4. Nothing checks that they are prime.
        pub fn new(moduli: Vec<Modulus>) -> Result<Self, Fp2Error> {
            moduli.iter().try_for_each(|modulus| Self::check(*modulus).map(|_| ()))?;
            Ok(Self { moduli })
        }

        /// Returns a modulus, unless −1 is a square modulo it.
        pub(crate) fn check(modulus: Modulus) -> Result<Modulus, Fp2Error> {
            if modulus.value().bit(1) { Ok(modulus) } else { Err(Fp2Error(modulus)) }
        }

        /// Returns the primes.
        pub fn moduli(&self) -> &[Modulus] {
            &self.moduli
        }

        /// Returns the primes whose numbers have so many words.
        fn listed(&self, words: usize) -> impl Iterator<Item = Listed<Modulus>> + '_ {
            listed(&self.moduli, move |modulus| modulus.num_words() == words)
        }

        fn sums<const W: usize, const P: usize, const K: usize>(
            &self,
            words: usize,
        ) -> impl Iterator<Item = SumComplex<W, P, K>> + '_ {
            let operations = [Sum::Add, Sum::Sub];
            self.listed(words).flat_map(move |modulus| operations.map(|operation| SumComplex { modulus, operation }))
        }

        fn setups<const W: usize, const P: usize>(
            &self,
            words: usize,
        ) -> impl Iterator<Item = SetupComplex<W, P>> + '_ {
            self.listed(words).flat_map(|modulus| [0, 1].map(|chip| SetupComplex { modulus, chip }))
        }
    }

    impl TryFrom<Vec<Modulus>> for Fp2 {
        type Error = Fp2Error;

        fn try_from(moduli: Vec<Modulus>) -> Result<Self, Fp2Error> {
            Self::new(moduli)
        }
    }

    impl From<Fp2> for Vec<Modulus> {
        fn from(fp2: Fp2) -> Self {
            fp2.moduli
        }
    }
}

#[cfg(test)]
mod tests;
