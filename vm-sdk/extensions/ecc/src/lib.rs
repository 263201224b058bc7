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
pub use extension::Ecc;
pub use vm_modular::{Residue, words_of_hex};

#[cfg(not(target_arch = "riscv32"))]
mod extension {
    use serde::{Deserialize, Serialize};
    use vm_modular::{Listed, listed};
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
            AddPoints256 in self.listed(8).map(AddPoints),
            AddPoints384 in self.listed(12).map(AddPoints),
            DoublePoint256 in self.listed(8).map(DoublePoint),
            DoublePoint384 in self.listed(12).map(DoublePoint),
            SetupCurve256 in self.listed(8).map(SetupCurve),
            SetupCurve384 in self.listed(12).map(SetupCurve),
        ),
        lookups(BytePairs: BytePairsTable),
        tests = crate::tests::extension(),
    )]
    #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Ecc {
        /// The curves: at most sixteen.
        pub curves: Vec<Curve>,
    }

    impl Ecc {
        /// Returns the curves whose coordinates have so many words.
        fn listed(&self, words: usize) -> impl Iterator<Item = Listed<Curve>> + '_ {
            listed(&self.curves, move |curve| curve.modulus().num_words() == words)
        }
    }
}

#[cfg(test)]
mod tests;
