//! The refresh AIR: renews the timestamp of a word whose previous access is too long ago.

use std::borrow::Borrow;
#[cfg(feature = "prover")]
use std::borrow::BorrowMut;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use vm_derive::AlignedBorrow;

use crate::arch::{MEMORY_BUS, MemoryConfig, RANGE_BUS};
#[cfg(feature = "prover")]
use crate::arch::{Refresh, cells_of};
use crate::primitives::{names_of, width_of};
use crate::stark::{F, MachineAir, VmAirBuilder};

/// Columns of the refresh AIR. A row is one refresh.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct RefreshCols<T> {
    /// Boolean. 1 on rows that hold a refresh.
    pub valid: T,
    /// Address space. Received and sent unchanged.
    pub space: T,
    /// Byte pointer of the word. Received and sent unchanged.
    pub pointer: T,
    /// Cells of the word. Received and sent unchanged.
    pub data: [T; 2],
    /// New timestamp: low 16 bits and high bits. Range-checked.
    pub to: [T; 2],
    /// New timestamp − old timestamp − 1: low 16 bits and high bits. Range-checked. The old timestamp has no column; it
    /// is an expression of `to` and `gap`.
    pub gap: [T; 2],
}

/// The refresh AIR.
///
/// Soundness (M5): a row proves two facts, and both are needed: the new timestamp is below the end of the clock, and
/// the old timestamp is less than the new one. The rows are not tied to the execution bus. Without the bound on the new
/// timestamp, a cycle of refreshes could wrap around the field and justify any value.
#[derive(Clone, Debug)]
pub struct RefreshAir {
    high_bits: usize,
}

impl RefreshAir {
    /// Creates the AIR for a memory configuration.
    pub fn new(config: &MemoryConfig) -> Self {
        Self { high_bits: config.clk_max_bits - 16 }
    }
}

impl BaseAir<F> for RefreshAir {
    fn width(&self) -> usize {
        width_of::<RefreshCols<u8>>()
    }
}

impl MachineAir for RefreshAir {
    fn name(&self) -> String {
        "MemoryRefresh".to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<RefreshCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder> Air<AB> for RefreshAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local: &RefreshCols<AB::Var> = main.current_slice().borrow();
        let limb = AB::Expr::from_u32(1 << 16);
        builder.assert_bool(local.valid);
        for [low, high] in [local.to, local.gap] {
            RANGE_BUS.query(builder, [low.into(), AB::Expr::from_u8(16)], local.valid);
            RANGE_BUS.query(builder, [high.into(), AB::Expr::from_usize(self.high_bits)], local.valid);
        }
        let to: AB::Expr = local.to[1] * limb.clone() + local.to[0];
        let gap: AB::Expr = local.gap[1] * limb + local.gap[0];
        let from = to.clone() - gap - AB::Expr::ONE;
        let message = |timestamp: AB::Expr| {
            [local.space.into(), local.pointer.into(), local.data[0].into(), local.data[1].into(), timestamp]
        };
        MEMORY_BUS.receive(builder, message(from), local.valid);
        MEMORY_BUS.send(builder, message(to), local.valid);
    }
}

/// Fills the row of a refresh.
#[cfg(feature = "prover")]
pub(super) fn fill_refresh(refresh: &Refresh, as_offset: u32, row: &mut [F]) {
    let cols: &mut RefreshCols<F> = row.borrow_mut();
    let split = |x: u32| [F::from_u32(x & 0xffff), F::from_u32(x >> 16)];
    cols.valid = F::ONE;
    cols.space = F::from_u32(refresh.space + as_offset);
    cols.pointer = F::from_u32(refresh.word * 4);
    cols.data = cells_of(refresh.value);
    cols.to = split(refresh.to);
    cols.gap = split(refresh.to - refresh.from - 1);
}
