//! Addition and doubling on elliptic curves as an extension of the machine.
//!
//! A machine has a list of up to sixteen [curves](curve::Curve) in short Weierstrass form, and each has its own circuits. The
//! registers of an instruction hold pointers to affine points: x and y, with 8 or 12 words each, lowest first. Curve number
//! `c` of the list has these instructions, with opcode 0x2b (custom-1), R format and funct3 = 1:
//!
//! | instruction | funct7 | | columns | messages |
//! |---|---|---|---|---|
//! | `sw_add_ne` | 8·c | `[rd] = [rs1] + [rs2]`; fails if the x-coordinates are equal | 415 | 244 |
//! | `sw_double` | 8·c + 1 | `[rd] = 2·[rs1]`, rs2 = x0; fails if the y-coordinate is zero | 411 | 271 |
//! | `setup` | 8·c + 2 | fails unless `[rs1]` is the modulus and, if rs2 is x0, the coefficient `a` after it; writes zeros | 45 | 13 |
//!
//! Columns and messages are those of 256 bits; each execution is one row. Coordinates of results are below the modulus. The instructions do not check that a point is on the curve, and have no point at
//! infinity: that is for programs, and [`Point`] does it. Its sums are complete, and [`curves!`] names the curves.
#![cfg_attr(target_arch = "riscv32", no_std)]

mod affine;
#[cfg(not(target_arch = "riscv32"))]
pub mod curve;
#[cfg(not(target_arch = "riscv32"))]
pub mod point;
#[cfg(not(target_arch = "riscv32"))]
pub mod setup;

pub use affine::{CurveConst, Point, setup};
#[cfg(not(target_arch = "riscv32"))]
pub use extension::{Ecc, Listed};
pub use vm_modular::{Residue, words_of_hex};

#[cfg(not(target_arch = "riscv32"))]
mod extension {
    use serde::{Deserialize, Serialize};
    use vm_sdk::arch::authoring::Samples;
    use vm_sdk::primitives::BytePairsTable;
    use vm_sdk::vm_extension;

    use crate::curve::Curve;
    use crate::point::{AddPoints, DoublePoint};
    use crate::setup::SetupCurve;

    // Equations of two limbs where their sums stay below the characteristic of the field, else of one; then some carries have
    // two columns.
    type AddPoints256 = AddPoints<8, 16, 33, 31>;
    type AddPoints384 = AddPoints<12, 24, 49, 95>;
    type DoublePoint256 = DoublePoint<8, 16, 33, 31, 63>;
    type DoublePoint384 = DoublePoint<12, 24, 49, 95, 106>;
    type SetupCurve256 = SetupCurve<8, 16>;
    type SetupCurve384 = SetupCurve<12, 24>;

    /// The instructions of a list of curves.
    #[vm_extension(
        instructions(
            AddPoints256 in self.of_len(8).map(AddPoints),
            AddPoints384 in self.of_len(12).map(AddPoints),
            DoublePoint256 in self.of_len(8).map(DoublePoint),
            DoublePoint384 in self.of_len(12).map(DoublePoint),
            SetupCurve256 in self.of_len(8).map(SetupCurve),
            SetupCurve384 in self.of_len(12).map(SetupCurve),
        ),
        lookups(BytePairs: BytePairsTable),
        tests = crate::tests::extension(),
    )]
    #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Ecc {
        /// The curves: at most sixteen.
        pub curves: Vec<Curve>,
    }

    /// A curve with its number in the list.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Listed {
        /// Number in the list, from 0.
        pub number: u32,
        /// The curve.
        pub value: Curve,
    }

    impl Ecc {
        /// Returns the curves whose coordinates have so many words.
        fn of_len(&self, words: usize) -> impl Iterator<Item = Listed> + '_ {
            let listed = (0..).zip(&self.curves).map(|(number, value)| Listed { number, value: *value });
            listed.filter(move |listed| listed.value.modulus().num_words() == words)
        }
    }

    impl Listed {
        /// Returns the name of an AIR for this curve.
        pub(crate) fn air_name(&self, operation: &str) -> String {
            format!("{operation}[{}]", self.number)
        }

        /// Returns the field funct7 of an operation on this curve.
        pub(crate) fn funct7(&self, operation: u32) -> u32 {
            8 * self.number + operation
        }

        /// Samples the words of a point of the curve, or of another one with the same `a`. Some coordinates are not reduced.
        pub(crate) fn sample<const W: usize, const P: usize>(&self, samples: &mut Samples) -> [u32; P] {
            let (modulus, small) = (self.value.modulus().words::<W>(), samples.below(3));
            let mut point = std::array::from_fn(|_| samples.word());
            match samples.below(6) {
                0 => point[..W].copy_from_slice(&modulus),
                1 => point = [u32::MAX; P],
                2 => point.iter_mut().enumerate().for_each(|(i, word)| *word = if i % W == 0 { small } else { 0 }),
                _ => {}
            }
            point
        }
    }
}

#[cfg(test)]
mod tests;
