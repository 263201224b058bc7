//! Arithmetic modulo numbers of 256 or 384 bits as an extension of the machine.
//!
//! A machine has a list of up to sixteen [moduli](modulus::Modulus), and each has its own circuits. The registers of an
//! instruction hold pointers to numbers of 8 or 12 words, lowest first. Modulus number `i` of the list has these
//! instructions, with opcode 0x2b (custom-1), R format and funct3 = 0:
//!
//! | instruction | funct7 | | columns | messages |
//! |---|---|---|---|---|
//! | `addmod`, `submod` | 8·i, 8·i + 1 | `[rd] = [rs1] ± [rs2]` | 95 | 51 |
//! | `mulmod` | 8·i + 2 | `[rd] = [rs1]·[rs2]` | 175 | 115 |
//! | `divmod` | 8·i + 3 | `[rd] = [rs1] / [rs2]`; fails if `[rs2]` has no inverse | 271 | 163 |
//! | `iseqmod` | 8·i + 4 | `rd = 1` if `[rs1] = [rs2]`, else 0; fails if one is not below the modulus | 96 | 18 |
//! | `setup` | 8·i + 5 | fails unless `[rs1]` is the modulus; writes zeros to `[rd]`, or to rd if rs2 is x2 | 27 | 13, 11 |
//! | `hint_non_qr` | 8·i + 6 | the hint stream becomes a number that is not a square | 0 | 0 |
//! | `hint_sqrt` | 8·i + 7 | the hint stream becomes 1 and a root of `[rs1]`, or 0 and one of `[rs1]` times that number | 0 | 0 |
//!
//! Programs need not call the instructions themselves: the operators of [`Residue`] are these instructions, and [`moduli!`] names
//! the moduli.
//!
//! Columns and messages are those of 256 bits; each execution is one row. Results are below the modulus; operands of arithmetic
//! need not be. The destination may overlap the operands.
#![cfg_attr(target_arch = "riscv32", no_std)]

#[cfg(not(target_arch = "riscv32"))]
pub mod arithmetic;
#[cfg(not(target_arch = "riscv32"))]
pub mod columns;
#[cfg(not(target_arch = "riscv32"))]
pub mod compare;
#[cfg(not(target_arch = "riscv32"))]
pub mod hint;
#[cfg(not(target_arch = "riscv32"))]
mod listed;
#[cfg(not(target_arch = "riscv32"))]
pub mod modulus;
#[cfg(not(target_arch = "riscv32"))]
pub mod number;

mod residue;

#[cfg(not(target_arch = "riscv32"))]
pub use extension::Modular;
#[cfg(not(target_arch = "riscv32"))]
pub use listed::{Listed, listed};
pub use residue::{ModulusConst, Residue, power, setup, words_of_hex};

#[cfg(not(target_arch = "riscv32"))]
mod extension {
    use serde::{Deserialize, Serialize};
    use vm_sdk::arch::authoring::Samples;
    use vm_sdk::primitives::BytePairsTable;
    use vm_sdk::vm_extension;

    use crate::arithmetic::{DivMod, MulMod, Sum, SumMod};
    use crate::compare::{IsEqualMod, SetupIsEqualMod, SetupMod};
    use crate::hint::{HintNonQr, HintSqrt};
    use crate::modulus::Modulus;
    use crate::number::{Number, number, words};
    use crate::{Listed, listed};

    type SumMod256 = SumMod<8, 15>;
    type SumMod384 = SumMod<12, 23>;
    type MulMod256 = MulMod<8, 33, 31>;
    type MulMod384 = MulMod<12, 49, 47>;
    type DivMod256 = DivMod<8, 33, 31>;
    type DivMod384 = DivMod<12, 49, 47>;
    type IsEqualMod256 = IsEqualMod<8>;
    type IsEqualMod384 = IsEqualMod<12>;
    type SetupMod256 = SetupMod<8>;
    type SetupMod384 = SetupMod<12>;
    type SetupIsEqualMod256 = SetupIsEqualMod<8>;
    type SetupIsEqualMod384 = SetupIsEqualMod<12>;

    /// The instructions of a list of moduli.
    #[vm_extension(
        instructions(
            SumMod256 in self.sums(8),
            SumMod384 in self.sums(12),
            MulMod256 in self.listed(8).map(MulMod),
            MulMod384 in self.listed(12).map(MulMod),
            DivMod256 in self.listed(8).map(DivMod),
            DivMod384 in self.listed(12).map(DivMod),
            IsEqualMod256 in self.listed(8).map(IsEqualMod),
            IsEqualMod384 in self.listed(12).map(IsEqualMod),
            SetupMod256 in self.setups(8),
            SetupMod384 in self.setups(12),
            SetupIsEqualMod256 in self.listed(8).map(SetupIsEqualMod),
            SetupIsEqualMod384 in self.listed(12).map(SetupIsEqualMod),
        ),
        lookups(BytePairs: BytePairsTable),
        phantoms(
            HintNonQr in listed(&self.moduli, |_| true).map(HintNonQr),
            HintSqrt in listed(&self.moduli, |_| true).map(HintSqrt),
        ),
        tests = crate::tests::extension(),
    )]
    #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Modular {
        /// The moduli: at most sixteen.
        pub moduli: Vec<Modulus>,
    }

    impl Modular {
        /// Returns the moduli whose numbers have so many words.
        fn listed(&self, words: usize) -> impl Iterator<Item = Listed<Modulus>> + '_ {
            listed(&self.moduli, move |modulus| modulus.num_words() == words)
        }

        fn sums<const W: usize, const K: usize>(&self, words: usize) -> impl Iterator<Item = SumMod<W, K>> + '_ {
            let operations = [Sum::Add, Sum::Sub];
            self.listed(words).flat_map(move |modulus| operations.map(|operation| SumMod { modulus, operation }))
        }

        fn setups<const W: usize>(&self, words: usize) -> impl Iterator<Item = SetupMod<W>> + '_ {
            self.listed(words).flat_map(|modulus| [0, 1].map(|chip| SetupMod { modulus, chip }))
        }
    }

    impl Listed<Modulus> {
        /// Samples an operand. Some are not reduced, some are close to multiples of the modulus, and some have few bits.
        pub fn sample<const N: usize>(&self, samples: &mut Samples) -> [u32; N] {
            let (modulus, small) = (self.value.value(), Number::from(samples.below(3)));
            let any = number(&std::array::from_fn::<u32, N, _>(|_| samples.word()));
            words(match samples.below(7) {
                0 => small,
                1 => modulus - small,
                2 => modulus.wrapping_add(small),
                3 => return [u32::MAX; N],
                4 => any >> samples.below(32 * N as u32),
                _ => any,
            })
        }

        /// Samples an operand. For one half, `of` returns the operand with which the result is a number of few bits.
        pub(crate) fn sample_with<const N: usize>(
            &self,
            samples: &mut Samples,
            of: impl Fn(Number) -> Option<Number>,
        ) -> [u32; N] {
            let any = number(&std::array::from_fn::<u32, N, _>(|_| samples.word())) >> samples.below(32 * N as u32);
            let operand = of(any.reduce_mod(self.value.value())).filter(|_| samples.below(2) == 0);
            operand.map_or_else(|| self.sample(samples), words)
        }

        /// Samples an operand below the modulus.
        pub fn sample_reduced<const N: usize>(&self, samples: &mut Samples) -> [u32; N] {
            words(number(&self.sample::<N>(samples)).reduce_mod(self.value.value()))
        }
    }
}

#[cfg(test)]
mod tests;
