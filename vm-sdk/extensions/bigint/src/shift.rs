//! sll256, srl256 and sra256.
//!
//! The amount is `16·q + r`. The number is first shifted by q cells. Then each cell is cut in two parts: for a left shift, the
//! upper r bits move to the cell above; for a right shift, the lower r bits move to the cell below. The parts of a cell,
//! shifted, fit into cells again, so the result needs no range check.

#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::arch::authoring::{Reads, Samples};
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::macros::AlignedBorrow;
use vm_sdk::prelude::*;

use crate::FUNCT3;
#[cfg(not(target_arch = "riscv32"))]
use crate::adapters::Shift256Adapter;
#[cfg(not(target_arch = "riscv32"))]
use crate::{host, words};

/// `[rd] = [rs1] << amount`, where the amount is the low eight bits of `[rs2]`.
#[instruction(
    adapter = Shift256Adapter,
    columns = ShiftLeft256Cols,
    name = "ShiftLeft256",
    encode(custom0, funct3 = FUNCT3, funct7 = 0x05),
    guest(unsafe fn sll256(to: *mut [u32; 8], x: *const [u32; 8], amount: *const [u32; 8]), host = host::sll256),
    computed(write(0))
)]
#[derive(PartialEq, Eq)]
pub struct Sll256;

/// Right shifts.
#[instruction(adapter = Shift256Adapter, columns = ShiftRight256Cols, computed(write(0)))]
#[derive(PartialEq, Eq)]
pub enum ShiftRight256 {
    /// `[rd] = [rs1] >> amount`, where the amount is the low eight bits of `[rs2]`.
    #[encode(custom0, funct3 = FUNCT3, funct7 = 0x06)]
    #[guest(unsafe fn srl256(to: *mut [u32; 8], x: *const [u32; 8], amount: *const [u32; 8]), host = host::srl256)]
    Srl256,
    /// `[rd] = [rs1] >> amount` in two's complement, where the amount is the low eight bits of `[rs2]`.
    #[encode(custom0, funct3 = FUNCT3, funct7 = 0x07)]
    #[guest(unsafe fn sra256(to: *mut [u32; 8], x: *const [u32; 8], amount: *const [u32; 8]), host = host::sra256)]
    Sra256,
}

/// The number, shifted by q cells, with each cell cut at bit k: `cell[i] = high[i]·2^k + low[i]`. For a left shift, k is
/// 16 − r, else r.
#[cfg(not(target_arch = "riscv32"))]
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct CutCols<T> {
    /// The 16 − k upper bits of each cell; range-checked.
    pub high: [T; 16],
    /// The k lower bits of each cell; range-checked.
    pub low: [T; 16],
    /// 2^(16 − k), which moves the lower parts up; determined by the digits of the amount.
    pub factor: T,
}

/// Columns of [`Sll256`].
#[columns]
pub struct ShiftLeft256Cols<T> {
    /// Cells of the number; bound by the memory bus.
    #[read(0)]
    pub x: [Word<T>; 8],
    /// Cells of the lowest word of the amount; bound by the memory bus.
    #[read(1)]
    pub amount: Word<T>,
    /// Digits of the amount to the base 4, lowest first: `digit0[i]` is 1 if the digit is i. Determined by the range check of
    /// the rest of the amount.
    #[one_hot]
    pub digit0: [T; 4],
    /// See `digit0`.
    #[one_hot]
    pub digit1: [T; 4],
    /// See `digit0`.
    #[one_hot]
    pub digit2: [T; 4],
    /// See `digit0`.
    #[one_hot]
    pub digit3: [T; 4],
    /// The cells, cut.
    pub cut: CutCols<T>,
}

/// Columns of [`ShiftRight256`].
#[columns]
pub struct ShiftRight256Cols<T> {
    /// Cells of the number; bound by the memory bus.
    #[read(0)]
    pub x: [Word<T>; 8],
    /// Cells of the lowest word of the amount; bound by the memory bus.
    #[read(1)]
    pub amount: Word<T>,
    /// Digits of the amount to the base 4, lowest first: `digit0[i]` is 1 if the digit is i. Determined by the range check of
    /// the rest of the amount.
    #[one_hot]
    pub digit0: [T; 4],
    /// See `digit0`.
    #[one_hot]
    pub digit1: [T; 4],
    /// See `digit0`.
    #[one_hot]
    pub digit2: [T; 4],
    /// See `digit0`.
    #[one_hot]
    pub digit3: [T; 4],
    /// The cells, cut.
    pub cut: CutCols<T>,
    /// Bit 255 of the number in an arithmetic shift, else 0; boolean, and determined by a range check.
    #[bool]
    pub sign: T,
    /// Selector of srl256 rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(ShiftRight256::Srl256)]
    pub is_srl: T,
    /// Selector of sra256 rows; like `is_srl`.
    #[opcode(ShiftRight256::Sra256)]
    pub is_sra: T,
}

/// Digits of an amount to the base 4, one-hot.
#[cfg(not(target_arch = "riscv32"))]
type Digits<'a, T> = [&'a [T; 4]; 4];

/// Returns the sum of the weights of the digits that are set.
#[cfg(not(target_arch = "riscv32"))]
fn weighted<B: CoreBuilder>(digit: &[B::Var; 4], weights: [u32; 4]) -> B::Expr {
    digit.iter().zip(weights).fold(B::Expr::ZERO, |sum, (mark, weight)| sum + *mark * B::Expr::from_u32(weight))
}

/// Returns an expression that is 1 if the amount has q = `cells`, else 0.
#[cfg(not(target_arch = "riscv32"))]
fn moved_by<B: CoreBuilder>([_, _, low, high]: &Digits<'_, B::Var>, cells: usize) -> B::Expr {
    low[cells % 4] * high[cells / 4]
}

/// Proves that the digits are those of the amount, and that `cells`, the number after the shift by q cells, is cut as the
/// columns say.
#[cfg(not(target_arch = "riscv32"))]
fn eval_cut<B: CoreBuilder>(
    b: &mut B,
    amount: B::Var,
    digits: &Digits<'_, B::Var>,
    cells: &[B::Expr; 16],
    cut: &CutCols<B::Var>,
    is_left: bool,
) {
    let r = weighted::<B>(digits[0], [0, 1, 2, 3]) + weighted::<B>(digits[1], [0, 4, 8, 12]);
    let whole = weighted::<B>(digits[2], [0, 16, 32, 48]) + weighted::<B>(digits[3], [0, 64, 128, 192]) + r.clone();
    // Soundness: the digits are below 256 and the rest is a multiple of 256 below 2^16, so they are the low byte of the
    // amount's low cell, which is below 2^16.
    b.range((-whole + amount) * F::from_u32(256).inverse(), 8);

    // 2^r and 2^(16 − r).
    let power = weighted::<B>(digits[0], [1, 2, 4, 8]) * weighted::<B>(digits[1], [1, 1 << 4, 1 << 8, 1 << 12]);
    let co_power = weighted::<B>(digits[0], [16, 8, 4, 2]) * weighted::<B>(digits[1], [1 << 12, 1 << 8, 1 << 4, 1]);
    let co_r = b.is_valid() * B::Expr::from_u32(16) - r.clone();
    let (scale, factor, low_bits, high_bits) =
        if is_left { (co_power, power, co_r, r) } else { (power, co_power, r, co_r) };
    b.assert_eq(cut.factor, factor);
    for ((cell, high), low) in cells.iter().zip(cut.high).zip(cut.low) {
        // Soundness: the parts have 16 − k and k bits and the cell is below 2^16, so the cut is unique.
        b.assert_eq(scale.clone() * high + low, cell.clone());
        b.range_by(high, high_bits.clone());
        b.range_by(low, low_bits.clone());
    }
}

/// Sets the marks of the digits of an amount.
#[cfg(not(target_arch = "riscv32"))]
fn fill_digits(amount: u32, digits: [&mut [F; 4]; 4]) {
    for (i, digit) in digits.into_iter().enumerate() {
        digit[(amount >> (2 * i) & 3) as usize] = F::ONE;
    }
}

#[cfg(not(target_arch = "riscv32"))]
impl CutCols<F> {
    /// Cuts the cells of a number at bit `k`.
    fn fill(&mut self, number: words::Number, k: u32) {
        let cells = words::cells(number);
        self.high = cells.map(|cell| F::from_u32(cell >> k));
        self.low = cells.map(|cell| F::from_u32(cell & ((1 << k) - 1)));
        self.factor = F::from_u32(1 << (16 - k));
    }
}

/// Returns the low eight bits.
#[cfg(not(target_arch = "riscv32"))]
const fn low_byte(word: u32) -> u8 {
    word as u8
}

/// Returns a number, and a word for an amount whose low byte is often at the limits of cells.
#[cfg(not(target_arch = "riscv32"))]
fn sample(samples: &mut Samples) -> (words::Number, [u32; 1]) {
    const EDGES: [u32; 9] = [0, 1, 15, 16, 17, 63, 128, 240, 255];
    let edge = EDGES[samples.below(EDGES.len() as u32) as usize];
    let amount = if samples.below(4) == 0 { samples.below(256) } else { edge };
    (words::sample(samples), [samples.word() & !0xFF | amount])
}

#[instruction]
impl Core for Sll256 {
    fn execute(&self, (x, [amount]): ([u32; 8], [u32; 1])) -> [u32; 8] {
        words::shift_left(x, low_byte(amount))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some(sample(samples))
    }

    fn witness(&self, io: &Io<Self>, cols: &mut ShiftLeft256Cols<F>) {
        let (x, [amount]) = io.reads;
        fill_digits(amount, [&mut cols.digit0, &mut cols.digit1, &mut cols.digit2, &mut cols.digit3]);
        cols.cut.fill(words::shift_left(x, low_byte(amount) & !15), 16 - amount % 16);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &ShiftLeft256Cols<B::Var>) {
        let digits = [&cols.digit0, &cols.digit1, &cols.digit2, &cols.digit3];
        let x = cols.x.as_flattened();
        // Soundness: one of the terms is 1, because each digit is one-hot. So a cell is a cell of x, or zero.
        let cells =
            std::array::from_fn(|i| (0..=i).fold(B::Expr::ZERO, |sum, q| sum + moved_by::<B>(&digits, q) * x[i - q]));
        eval_cut(b, cols.amount[0], &digits, &cells, &cols.cut, true);
    }

    fn write<B: CoreBuilder>(&self, cols: &ShiftLeft256Cols<B::Var>, _: usize, word: usize) -> [B::Expr; 2] {
        let CutCols { high, low, factor } = &cols.cut;
        // Soundness: the lower part has 16 − r bits, and what enters from below has r bits, so the sum is below 2^16.
        [2 * word, 2 * word + 1].map(|i| {
            let below: B::Expr = i.checked_sub(1).map_or(B::Expr::ZERO, |below| high[below].into());
            low[i] * *factor + below
        })
    }
}

#[instruction]
impl Core for ShiftRight256 {
    fn execute(&self, (x, [amount]): ([u32; 8], [u32; 1])) -> [u32; 8] {
        words::shift_right(x, low_byte(amount), self.fill(x))
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some(sample(samples))
    }

    fn witness(&self, io: &Io<Self>, cols: &mut ShiftRight256Cols<F>) {
        let (x, [amount]) = io.reads;
        fill_digits(amount, [&mut cols.digit0, &mut cols.digit1, &mut cols.digit2, &mut cols.digit3]);
        cols.cut.fill(words::shift_right(x, low_byte(amount) & !15, self.fill(x)), amount % 16);
        cols.sign = F::from_bool(self.fill(x) != 0);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &ShiftRight256Cols<B::Var>) {
        let digits = [&cols.digit0, &cols.digit1, &cols.digit2, &cols.digit3];
        let x = cols.x.as_flattened();
        // Soundness: in an arithmetic shift, the highest cell plus 2^15 minus 2^16·sign is in range only if the sign is the
        // top bit. In a logical one, the cell minus 2^16·sign is in range only if the sign is 0.
        b.range(cols.is_sra * B::Expr::from_u32(1 << 15) - cols.sign * B::Expr::from_u32(1 << 16) + x[15], 16);
        // Soundness: one of the terms is 1, because each digit is one-hot. So a cell is a cell of x, or full of sign bits.
        let fill: B::Expr = cols.sign * B::Expr::from_u32(0xFFFF);
        let cells = std::array::from_fn(|i| {
            (0..16).fold(B::Expr::ZERO, |sum, q| {
                let cell = x.get(i + q).map_or_else(|| fill.clone(), |cell| (*cell).into());
                sum + moved_by::<B>(&digits, q) * cell
            })
        });
        eval_cut(b, cols.amount[0], &digits, &cells, &cols.cut, false);
    }

    fn write<B: CoreBuilder>(&self, cols: &ShiftRight256Cols<B::Var>, _: usize, word: usize) -> [B::Expr; 2] {
        let CutCols { high, low, factor } = &cols.cut;
        // Soundness: the upper part has 16 − r bits, and what enters from above is a multiple of 2^(16 − r) below 2^16, so the
        // sum is below 2^16. Into the highest cell enter r bits equal to the sign: sign·(2^r − 1)·2^(16 − r).
        [2 * word, 2 * word + 1].map(|i| match low.get(i + 1) {
            Some(above) => *above * *factor + high[i],
            None => cols.sign * (B::Expr::from_u32(1 << 16) - *factor) + high[i],
        })
    }
}

#[cfg(not(target_arch = "riscv32"))]
impl ShiftRight256 {
    /// Returns the word that enters from above.
    const fn fill(self, x: words::Number) -> u32 {
        match self {
            Self::Sra256 if words::is_negative(x) => u32::MAX,
            _ => 0,
        }
    }
}
