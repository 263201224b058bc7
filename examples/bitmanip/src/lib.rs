//! Bit manipulation: some instructions of RISC-V's Zbb extension, with their standard encodings. A compiler that is
//! given `-march=rv32im_zbb` emits them.
//!
//! This is a complete extension. Each instruction consists of its declaration, its columns, and an impl of [`Core`]
//! with the semantics, the witness and the constraints. `docs/extensions.md` walks through this file.
#![cfg_attr(target_arch = "riscv32", no_std)]

use vm_sdk::prelude::*;

/// Rotations by the low five bits of the second operand.
#[instruction(adapter = Rv32Alu, columns = RotateCols)]
pub enum Rotate {
    /// `rol rd, rs1, rs2`: rotates `x` left.
    #[encode(op, funct3 = 1, funct7 = 0x30)]
    #[guest(fn rol(x: u32, amount: u32) -> u32)]
    Rol,
    /// `ror rd, rs1, rs2`: rotates `x` right.
    #[encode(op, funct3 = 5, funct7 = 0x30)]
    #[guest(fn ror(x: u32, amount: u32) -> u32)]
    Ror,
}

/// Columns of a rotation left by `16·swap + k`, where `bit[k]` is 1.
#[columns]
pub struct RotateCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    amount: Word<T>,
    #[write(0, proven)]
    y: Word<T>,
    #[one_hot]
    bit: [T; 16],
    #[bool]
    swap: T,
    /// Each cell of x is `high·2^(16 − k) + low`.
    high: [T; 2],
    low: [T; 2],
}

#[instruction]
impl Core for Rotate {
    fn execute(&self, [x, amount]: [u32; 2]) -> u32 {
        match self {
            Self::Rol => x.rotate_left(amount & 31),
            Self::Ror => x.rotate_right(amount & 31),
        }
    }

    fn witness(&self, io: &Io<Self>, cols: &mut RotateCols<F>) {
        let [x, amount] = io.reads;
        let left = if matches!(self, Self::Rol) { amount & 31 } else { amount.wrapping_neg() & 31 };
        let k = left % 16;
        cols.bit[k as usize] = F::ONE;
        cols.swap = F::from_u32(left / 16);
        for (i, cell) in [x & 0xFFFF, x >> 16].into_iter().enumerate() {
            cols.high[i] = F::from_u32(cell >> (16 - k));
            cols.low[i] = F::from_u32(cell & ((1 << (16 - k)) - 1));
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &RotateCols<B::Var>) {
        let sum = |weight: &dyn Fn(usize) -> u32| {
            (0..16).fold(B::Expr::ZERO, |sum, k| sum + cols.bit[k] * B::Expr::from_u32(weight(k)))
        };
        let (k, power, co_power) = (sum(&|k| k as u32), sum(&|k| 1 << k), sum(&|k| 1 << (16 - k)));
        let left = k.clone() + cols.swap * F::from_u32(16);
        // amount = ±left modulo 32. Soundness: both sides are below 2^17, so the quotient in the field is the one over
        // the integers.
        let rest = left.clone() * (b.flag(Self::Ror as usize) - b.flag(Self::Rol as usize)) + cols.amount[0];
        b.range(rest * F::from_u32(32).inverse(), 12);
        for i in 0..2 {
            b.assert_eq(cols.x[i], co_power.clone() * cols.high[i] + cols.low[i]);
            b.range_by(cols.high[i], k.clone());
            b.range_by(cols.low[i], b.is_valid() * F::from_u32(16) - k.clone());
        }
        // The low part of each cell moves up and joins the high part of the other cell.
        let rotated = [0, 1].map(|i| power.clone() * cols.low[i] + cols.high[1 - i]);
        for i in 0..2 {
            let other = rotated[1 - i].clone();
            b.assert_eq(cols.y[i], (other - rotated[i].clone()) * cols.swap + rotated[i].clone());
        }
    }
}

/// `cpop rd, rs1`: counts the bits that are set.
#[instruction(
    adapter = Rv32Unary,
    columns = CpopCols,
    encode(op_imm, funct3 = 1, imm = 0x602),
    guest(fn cpop(x: u32) -> u32),
    computed(write(0))
)]
pub struct Cpop;

/// Bits of the operand.
#[columns]
pub struct CpopCols<T> {
    #[read(0)]
    x: Bits<T>,
}

#[instruction]
impl Core for Cpop {
    fn execute(&self, x: u32) -> u32 {
        x.count_ones()
    }

    fn write<B: CoreBuilder>(&self, cols: &CpopCols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
        // Soundness: a sum of 32 booleans is below 2^16.
        [cols.x.iter().fold(B::Expr::ZERO, |sum, bit| sum + *bit), B::Expr::ZERO]
    }
}

/// `clz rd, rs1`: counts the zeros above the highest bit that is set; 32 for zero.
#[instruction(
    adapter = Rv32Unary,
    columns = ClzCols,
    encode(op_imm, funct3 = 1, imm = 0x600),
    guest(fn clz(x: u32) -> u32),
    computed(write(0))
)]
pub struct Clz;

/// Bits of the operand, and the number of leading zeros in unary.
#[columns]
pub struct ClzCols<T> {
    #[read(0)]
    x: Bits<T>,
    #[one_hot]
    zeros: [T; 33],
}

#[instruction]
impl Core for Clz {
    fn execute(&self, x: u32) -> u32 {
        x.leading_zeros()
    }

    fn witness(&self, io: &Io<Self>, cols: &mut ClzCols<F>) {
        cols.zeros[io.writes as usize] = F::ONE;
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &ClzCols<B::Var>) {
        let mut above = B::Expr::ZERO;
        for zeros in 0..=32 {
            // Soundness: that many bits from the top are zero, and the next one, if there is one, is not.
            b.when(cols.zeros[zeros]).assert_zero(above.clone());
            if zeros < 32 {
                b.when(cols.zeros[zeros]).assert_one(cols.x[31 - zeros]);
                above += cols.x[31 - zeros].into();
            }
        }
    }

    fn write<B: CoreBuilder>(&self, cols: &ClzCols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
        let count = cols.zeros.iter().enumerate();
        let count = count.fold(B::Expr::ZERO, |sum, (zeros, flag)| sum + *flag * B::Expr::from_usize(zeros));
        [count, B::Expr::ZERO]
    }
}

/// `rev8 rd, rs1`: reverses the order of the bytes.
#[instruction(
    adapter = Rv32Unary,
    columns = Rev8Cols,
    encode(op_imm, funct3 = 5, imm = 0x698),
    guest(fn rev8(x: u32) -> u32),
    computed(write(0))
)]
pub struct Rev8;

/// Bytes of the operand. Bytes that are read are range-checked by the framework.
#[columns]
pub struct Rev8Cols<T> {
    #[read(0)]
    x: Bytes<T>,
}

#[instruction]
impl Core for Rev8 {
    fn execute(&self, x: u32) -> u32 {
        x.swap_bytes()
    }

    fn write<B: CoreBuilder>(&self, cols: &Rev8Cols<B::Var>, _: usize, _: usize) -> [B::Expr; 2] {
        let [x0, x1, x2, x3] = cols.x;
        [x2 * F::from_u32(256) + x3, x0 * F::from_u32(256) + x1]
    }
}

/// The bit manipulation extension.
#[vm_extension(instructions(Rotate, Cpop, Clz, Rev8))]
#[derive(Clone, Copy, Debug, Default)]
pub struct Bitmanip;
