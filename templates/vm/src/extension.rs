//! An extension with one instruction. An extension with functions for guest programs is a crate
//! of its own, which `cargo chipwright new --extension NAME` makes.

use serde::{Deserialize, Serialize};
use vm_sdk::prelude::*;

/// `brev rd, rs1`: the bits in reverse order.
#[instruction(
    adapter = Rv32Unary,
    columns = BrevCols,
    encode(custom0, funct3 = 6, imm = 0),
    computed(write(0))
)]
pub struct Brev;

/// The operand.
#[columns]
pub struct BrevCols<T> {
    #[read(0)]
    x: Bits<T>,
}

#[instruction]
impl Core for Brev {
    fn execute(&self, x: u32) -> u32 {
        x.reverse_bits()
    }

    fn write<B: CoreBuilder>(&self, cols: &BrevCols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
        // Soundness: operands that are read as bits are proven boolean, and 16 bits make a number
        // below 2^16.
        [16, 0].map(|low| {
            cols.x[low..low + 16]
                .iter()
                .fold(B::Expr::ZERO, |sum, bit| sum * F::TWO + *bit)
        })
    }
}

/// The extension.
#[vm_extension(instructions(Brev))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct BitReversal;
