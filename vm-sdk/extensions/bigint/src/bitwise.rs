//! xor256, or256 and and256.

#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::arch::authoring::{Reads, Samples};
use vm_sdk::prelude::*;
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::rv32::Rv32Heap;

use crate::FUNCT3;
#[cfg(not(target_arch = "riscv32"))]
use crate::{host, words};

/// Bitwise functions: `x | y = (x + y + (x ^ y)) / 2` and `x & y = (x + y − (x ^ y)) / 2`.
#[instruction(adapter = Rv32Heap<2, 8, 8>, columns = Bitwise256Cols, computed(write(0)))]
#[derive(PartialEq, Eq)]
pub enum Bitwise256 {
    /// `[rd] = [rs1] ^ [rs2]`.
    #[encode(custom0, funct3 = FUNCT3, funct7 = 0x02)]
    #[guest(unsafe fn xor256(to: *mut [u32; 8], x: *const [u32; 8], y: *const [u32; 8]), host = host::xor256)]
    Xor256,
    /// `[rd] = [rs1] | [rs2]`.
    #[encode(custom0, funct3 = FUNCT3, funct7 = 0x03)]
    #[guest(unsafe fn or256(to: *mut [u32; 8], x: *const [u32; 8], y: *const [u32; 8]), host = host::or256)]
    Or256,
    /// `[rd] = [rs1] & [rs2]`.
    #[encode(custom0, funct3 = FUNCT3, funct7 = 0x04)]
    #[guest(unsafe fn and256(to: *mut [u32; 8], x: *const [u32; 8], y: *const [u32; 8]), host = host::and256)]
    And256,
}

/// Columns of [`Bitwise256`]. The result needs none: it is an expression of the others.
#[columns]
pub struct Bitwise256Cols<T> {
    /// Bytes of the first operand; bound by the memory bus and the bitwise lookup.
    #[read(0, proven)]
    pub x: [Bytes<T>; 8],
    /// Bytes of the second operand; like `x`.
    #[read(1, proven)]
    pub y: [Bytes<T>; 8],
    /// Bytes of `x ^ y`; bound by the bitwise lookup.
    pub xor: [Bytes<T>; 8],
    /// Selector of xor256 rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(Bitwise256::Xor256)]
    pub is_xor: T,
    /// Selector of or256 rows; like `is_xor`.
    #[opcode(Bitwise256::Or256)]
    pub is_or: T,
    /// Selector of and256 rows; like `is_xor`.
    #[opcode(Bitwise256::And256)]
    pub is_and: T,
}

#[instruction]
impl Core for Bitwise256 {
    fn execute(&self, [x, y]: [[u32; 8]; 2]) -> [u32; 8] {
        std::array::from_fn(|i| match self {
            Self::Xor256 => x[i] ^ y[i],
            Self::Or256 => x[i] | y[i],
            Self::And256 => x[i] & y[i],
        })
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some(words::sample_pair(samples))
    }

    fn witness(&self, io: &Io<Self>, cols: &mut Bitwise256Cols<F>) {
        let [x, y] = io.reads;
        cols.xor = std::array::from_fn(|i| (x[i] ^ y[i]).to_le_bytes().map(F::from_u8));
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &Bitwise256Cols<B::Var>) {
        // Soundness: the table contains bytes only, so the split of each cell that is read is unique, and the third byte is
        // the exclusive or.
        for ((x, y), xor) in cols.x.as_flattened().iter().zip(cols.y.as_flattened()).zip(cols.xor.as_flattened()) {
            b.xor(*x, *y, *xor);
        }
    }

    fn write<B: CoreBuilder>(&self, cols: &Bitwise256Cols<B::Var>, _: usize, word: usize) -> [B::Expr; 2] {
        let half = F::TWO.inverse();
        // Soundness: each cell is the bitwise function of two cells, so it is below 2^16 without a check of its own.
        [0, 1].map(|cell| {
            let value = |bytes: &[Bytes<B::Var>; 8]| {
                let [low, high] = [0, 1].map(|i| bytes[word][2 * cell + i]);
                high * B::Expr::from_u32(1 << 8) + low
            };
            let (sum, xor) = (value(&cols.x) + value(&cols.y), value(&cols.xor));
            xor.clone() * cols.is_xor
                + (sum.clone() + xor.clone()) * half * cols.is_or
                + (sum - xor) * half * cols.is_and
        })
    }
}
