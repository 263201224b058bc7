//! slt256 and sltu256.

#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::arch::authoring::{Reads, Samples};
use vm_sdk::prelude::*;
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::rv32::Rv32Heap;

use crate::FUNCT3;
#[cfg(not(target_arch = "riscv32"))]
use crate::{host, words};

/// Comparisons. The result is 1 or 0 as a number of 256 bits.
#[instruction(adapter = Rv32Heap<2, 8, 8>, columns = LessThan256Cols, computed(write(0)))]
#[derive(PartialEq, Eq)]
pub enum LessThan256 {
    /// `[rd] = 1` if `[rs1] < [rs2]` in two's complement, else 0.
    #[encode(custom0, funct3 = FUNCT3, funct7 = 0x08)]
    #[guest(unsafe fn slt256(to: *mut [u32; 8], x: *const [u32; 8], y: *const [u32; 8]), host = host::slt256)]
    Slt256,
    /// `[rd] = 1` if `[rs1] < [rs2]`, else 0.
    #[encode(custom0, funct3 = FUNCT3, funct7 = 0x09)]
    #[guest(unsafe fn sltu256(to: *mut [u32; 8], x: *const [u32; 8], y: *const [u32; 8]), host = host::sltu256)]
    Sltu256,
}

/// Columns of [`LessThan256`]. The highest cell in which the operands differ is number `4·i + j`, where `row[i]` and
/// `column[j]` are 1. If the operands are equal, all of these columns are 0.
#[columns]
pub struct LessThan256Cols<T> {
    /// Cells of the first operand; bound by the memory bus.
    #[read(0)]
    pub x: [Word<T>; 8],
    /// Cells of the second operand; bound by the memory bus.
    #[read(1)]
    pub y: [Word<T>; 8],
    /// Marks the quarter of the highest difference; boolean, and determined by the cells that differ.
    #[bool]
    pub row: [T; 4],
    /// Marks its place in the quarter; like `row`.
    #[bool]
    pub column: [T; 4],
    /// `y − x` in that cell; determined by the marks.
    pub distance: T,
    /// The result; boolean, and determined by the sign of the distance.
    #[bool]
    pub less: T,
    /// Bit 255 of the first operand in a signed comparison, else 0; boolean, and determined by a range check.
    #[bool]
    pub x_sign: T,
    /// Bit 255 of the second operand in a signed comparison, else 0; like `x_sign`.
    #[bool]
    pub y_sign: T,
}

/// 2^16.
#[cfg(not(target_arch = "riscv32"))]
const CELL: u32 = 1 << 16;

#[instruction]
impl Core for LessThan256 {
    fn execute(&self, [x, y]: [[u32; 8]; 2]) -> [u32; 8] {
        let differ = *self == Self::Slt256 && words::is_negative(x) != words::is_negative(y);
        [u32::from(words::is_less(x, y) != differ), 0, 0, 0, 0, 0, 0, 0]
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some(words::sample_pair(samples))
    }

    fn witness(&self, io: &Io<Self>, cols: &mut LessThan256Cols<F>) {
        let [x, y] = io.reads;
        let sign = |number| u32::from(*self == Self::Slt256 && words::is_negative(number));
        cols.less = F::from_u32(io.writes[0]);
        cols.x_sign = F::from_u32(sign(x));
        cols.y_sign = F::from_u32(sign(y));
        let cells = [words::cells(x), words::cells(y)];
        if let Some(highest) = (0..16).rfind(|i| cells[0][*i] != cells[1][*i]) {
            cols.row[highest / 4] = F::ONE;
            cols.column[highest % 4] = F::ONE;
            let sign = |number| if highest == 15 { F::from_u32(sign(number) * CELL) } else { F::ZERO };
            cols.distance = F::from_u32(cells[1][highest]) - sign(y) - F::from_u32(cells[0][highest]) + sign(x);
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &LessThan256Cols<B::Var>) {
        let is_signed = b.flag(Self::Slt256 as usize);
        let mut cells = [&cols.x, &cols.y]
            .map(|number| number.as_flattened().iter().map(|cell| (*cell).into()).collect::<Vec<B::Expr>>());
        for (cells, sign) in cells.iter_mut().zip([cols.x_sign, cols.y_sign]) {
            // Soundness: in a signed comparison, the cell plus 2^15 minus 2^16·sign is in range only if the sign is the
            // cell's top bit. In an unsigned one, the cell minus 2^16·sign is in range only if the sign is 0.
            cells[15] -= sign * B::Expr::from_u32(CELL);
            b.range(cells[15].clone() + is_signed.clone() * B::Expr::from_u32(CELL / 2), 16);
        }
        let sum = |marks: &[B::Var; 4]| marks.iter().fold(B::Expr::ZERO, |sum, mark| sum + *mark);
        // Soundness: marks are boolean. So there is one in `row` and one in `column`, which mark one cell, or there is none.
        let marked = sum(&cols.row);
        b.assert_bool(marked.clone());
        b.assert_eq(marked.clone(), sum(&cols.column));
        let mut unmarked = b.is_valid();
        let mut distance = B::Expr::ZERO;
        for i in (0..16).rev() {
            let mark = cols.row[i / 4] * cols.column[i % 4];
            unmarked -= mark.clone();
            let difference = cells[1][i].clone() - cells[0][i].clone();
            // Soundness: the operands agree above the mark, and everywhere if there is none.
            b.assert_zero(unmarked.clone() * difference.clone());
            distance += mark * difference;
        }
        b.assert_eq(cols.distance, distance);
        // Soundness: the distance lies strictly between −2^16 and 2^16. What is checked is `distance − 1` if less and marked,
        // `distance + 2^16` if marked only, and otherwise −less·(2^16 + 1). So a distance above 0 needs less = 1, one below 0
        // needs less = 0, none fits a mark where the operands agree, and equal operands need less = 0.
        b.range(cols.distance + (marked - cols.less) * B::Expr::from_u32(CELL) - cols.less, 16);
    }

    fn write<B: CoreBuilder>(&self, cols: &LessThan256Cols<B::Var>, _: usize, word: usize) -> [B::Expr; 2] {
        [if word == 0 { cols.less.into() } else { B::Expr::ZERO }, B::Expr::ZERO]
    }
}
