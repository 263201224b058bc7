//! Pointers into memory: `rs1 + immediate` modulo 2^32.
//!
//! The pointer in the message on the memory bus is the *integer* `rs1 + immediate − offset − 2^32·wraps`. It is proven
//! to lie in a window smaller than p, so no other integer has the same field element. That it is aligned and below 2^29
//! needs no constraint: only the memory boundary is a source of words, it has exactly the aligned pointers below 2^29,
//! and accesses to any other pointer cannot balance, since each of them receives an older message than it sends.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::RANGE_BUS;
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::support::{CELL, limbs, word};

/// Bits of a pointer's high cell, which give the window: 2^14 · 2^16 = 2^30 < p.
pub(crate) use vm_core::arch::authoring::POINTER_HIGH_BITS as HIGH_BITS;

/// Columns of a pointer.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct AddressCols<T> {
    /// Cells of rs1; bound by the memory bus.
    pub base: [T; 2],
    /// Limbs of the immediate; fixed by the program lookup.
    pub imm: [T; 2],
    /// 1 if the sum is at least 2^32; boolean, and determined by the range check of the high cell.
    pub wraps: T,
}

impl<T: Copy> AddressCols<T> {
    /// Constrains the columns and returns the byte pointer of the aligned word. `offset` is the pointer modulo 4, which
    /// the caller proves to be in 0..4. The caller proves that `is_valid` is boolean.
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
        builder.assert_bool(self.wraps);
        // Soundness: b1 + i1 is in 0..2^17, and high + 1 is in 0..2^14 for at most one value of wraps. (high is −1 if
        // the carry of b0 + i0, which needs no column, makes the sum wrap.) Hence the pointer is an integer between
        // −2^16 − 3 and 2^30 + 2^17, a window smaller than p (M1). Without the check, p + 3 with immediate −3 would be
        // word 0.
        let high = b1 + i1 - self.wraps.into() * CELL;
        RANGE_BUS.query(builder, [high.clone() + AB::Expr::ONE, AB::Expr::from_usize(HIGH_BITS)], is_valid);
        b0 + i0 - offset + high * CELL
    }
}

impl AddressCols<F> {
    /// Fills the columns from rs1 and the limbs of the immediate.
    #[inline(always)]
    pub(crate) fn fill(&mut self, base: u32, imm: [u32; 2]) {
        let [low, high] = imm;
        self.base = limbs(base).map(F::from_u32);
        self.imm = imm.map(F::from_u32);
        self.wraps = F::from_bool(base.checked_add(word(low, high)).is_none());
    }
}

/// Returns `base + immediate` modulo 2^32.
#[inline(always)]
pub(crate) const fn pointer(base: u32, [low, high]: [u32; 2]) -> u32 {
    base.wrapping_add(word(low, high))
}

/// Returns the pointer modulo 4, from its bits; zero if there are none.
///
/// Soundness: the two bits are boolean, so the offset is in 0..4. Only with the offset that makes the word's pointer
/// aligned does the word have a source on the memory bus.
pub(crate) fn eval_offset<AB: VmAirBuilder>(builder: &mut AB, bits: Option<[AB::Expr; 2]>) -> AB::Expr {
    let Some([low, high]) = bits else { return AB::Expr::ZERO };
    builder.assert_bool(low.clone());
    builder.assert_bool(high.clone());
    low + high.double()
}
