//! An extension with one instruction, declared in place. An extension that guest programs call by its functions is a
//! crate of its own: `cargo chipwright new --extension NAME`.

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
        // Soundness: what is read as bits is proven boolean, and 16 of them make a number below 2^16.
        [16, 0].map(|low| {
            cols.x[low..low + 16]
                .iter()
                .fold(B::Expr::ZERO, |sum, bit| sum * F::TWO + *bit)
        })
    }
}

/// The extension.
#[vm_extension(instructions(Brev))]
#[derive(Clone, Copy, Debug, Default)]
pub struct BitReversal;
