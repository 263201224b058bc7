//! Shifts cut both cells of a word at the same bit. A cell times more than 2^14 would overflow the field, but its two
//! parts, shifted separately, fit into cells again.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::CoreBuilder;
use vm_core::stark::F;
use vm_derive::AlignedBorrow;

use crate::support::{CELL_BITS, cells, limbs};

/// A word with its cells cut at bit k: `x[i] = high[i]·2^k + low[i]`.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct SplitCols<T> {
    /// Cells of the word; bound by the memory bus.
    pub x: [T; 2],
    /// The 16 − k upper bits of each cell; range-checked.
    pub high: [T; 2],
    /// The k lower bits of each cell; range-checked.
    pub low: [T; 2],
}

/// Where a word is cut and, if needed, its top bit.
pub(crate) struct Cut<E> {
    /// k, of degree 1; at most 16, or at most 15 with `has_sign`.
    pub(crate) bits: E,
    /// 2^k, of degree 2 at most.
    pub(crate) power: E,
    /// Boolean: whether bit 31 of the word is needed.
    pub(crate) has_sign: E,
    /// Bit 31 times 2^(16 − k) with `has_sign`, else 0; of degree 1.
    pub(crate) sign_weight: E,
}

/// Proves that a word is cut as given.
pub(crate) fn eval_cut<B: CoreBuilder>(builder: &mut B, split: &SplitCols<B::Var>, cut: Cut<B::Expr>) {
    let Cut { bits, power, has_sign, sign_weight } = cut;
    for i in 0..2 {
        builder.assert_eq(split.x[i], split.high[i] * power.clone() + split.low[i]);
    }
    // Soundness: the parts have k and 16 − k bits, so the cut of a cell is unique. With `has_sign`, the upper part
    // without its top bit has 15 − k bits, which determines that bit, too.
    let rest_bits = B::Expr::from_usize(CELL_BITS) - bits.clone();
    let top = -sign_weight.halve() + split.high[1];
    builder.range_by(split.low[0], bits.clone());
    builder.range_by(split.low[1], bits);
    builder.range_by(split.high[0], rest_bits.clone());
    builder.range_by(top, rest_bits - has_sign);
}

impl SplitCols<F> {
    /// Fills the columns with `word`, cut at bit `bits`.
    #[inline(always)]
    pub(crate) fn fill(&mut self, word: u32, bits: u32) {
        let [x0, x1] = limbs(word);
        let mask = !u32::MAX.unbounded_shl(bits);
        self.x = cells(word);
        self.high = [x0, x1].map(|x| F::from_u32(x.unbounded_shr(bits)));
        self.low = [x0, x1].map(|x| F::from_u32(x & mask));
    }
}
