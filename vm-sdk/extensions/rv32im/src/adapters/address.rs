//! Pointers into main memory: `rs1 + immediate` modulo 2^32, proven below 2^29.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::RANGE_BUS;
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::support::{CELL, CELL_BITS, CELL_INV, limbs, word};

/// Bits of the word index within the low cell of a pointer.
pub(crate) const WORD_BITS: usize = CELL_BITS - 2;
/// Bits of the high cell of a pointer below 2^29.
pub(crate) const HIGH_BITS: usize = 13;

/// Columns of a pointer.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct AddressCols<T> {
    /// Cells of rs1; memory bus.
    pub base: [T; 2],
    /// Limbs of the immediate; program lookup.
    pub imm: [T; 2],
    /// Low cell of the pointer without its two lowest bits, divided by four; range-checked, fixed by the carry.
    pub word: T,
    /// High cell of the pointer; range-checked, fixed by the carry.
    pub high: T,
}

impl<T: Copy> AddressCols<T> {
    /// Constrains the columns and returns the byte pointer of the aligned word. `offset` is the pointer modulo four,
    /// which the caller proves to be in 0..4. `is_valid` is proven boolean by the caller.
    pub(crate) fn eval<AB: VmAirBuilder<Var = T>>(
        &self,
        builder: &mut AB,
        offset: AB::Expr,
        is_valid: AB::Expr,
    ) -> AB::Expr
    where
        T: Into<AB::Expr>,
    {
        let [b0, b1] = self.base.map(Into::<AB::Expr>::into);
        let [i0, i1] = self.imm.map(Into::<AB::Expr>::into);
        let low = self.word.into() * AB::Expr::from_u32(4);
        let carry0 = (b0 + i0 - low.clone() - offset) * CELL_INV;
        let carry1 = (b1 + i1 + carry0.clone() - self.high) * CELL_INV;
        builder.assert_bool(carry0);
        builder.assert_bool(carry1);
        // Soundness: low cell below 2^16 and high cell below 2^13 make the carries, and so the pointer, unique, and
        // the pointer smaller than 2^29: it cannot wrap around the field.
        RANGE_BUS.query(builder, [self.word.into(), AB::Expr::from_usize(WORD_BITS)], is_valid.clone());
        RANGE_BUS.query(builder, [self.high.into(), AB::Expr::from_usize(HIGH_BITS)], is_valid);
        low + self.high.into() * CELL
    }
}

impl AddressCols<F> {
    /// Fills the columns from rs1 and the limbs of the immediate.
    #[inline(always)]
    pub(crate) fn fill(&mut self, base: u32, imm: [u32; 2]) {
        let [low, high] = limbs(pointer(base, imm));
        self.base = limbs(base).map(F::from_u32);
        self.imm = imm.map(F::from_u32);
        self.word = F::from_u32(low / 4);
        self.high = F::from_u32(high);
    }
}

/// `base + immediate` modulo 2^32.
#[inline(always)]
pub(crate) const fn pointer(base: u32, [low, high]: [u32; 2]) -> u32 {
    base.wrapping_add(word(low, high))
}
