//! Lookup table of all pairs of bytes: one query proves that two values are bytes.
//!
//! The content is not preprocessed but proven, so a proof without queries has no such table.

use std::borrow::{Borrow, BorrowMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use vm_derive::AlignedBorrow;

use crate::arch::{
    BYTE_PAIRS_BUS, BuildChip, Chip, ChipTraces, ChipUsageGetter, GenerationError, LookupTable, TraceContext,
    VmInventoryBuilder, VmInventoryError,
};
use crate::parallel::*;
use crate::stark::{AirRef, Bus, F, Instances, MachineAir, VmAirBuilder};

use super::columns::{names_of, width_of};

const NAME: &str = "BytePairs";
const LOG_HEIGHT: usize = 16;

/// Columns of [`BytePairsAir`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct BytePairsCols<T> {
    /// High byte of the row's number. Determined by the row before.
    pub x: T,
    /// Low byte of the row's number. Determined by the row before.
    pub y: T,
    /// Number of queries; the bus determines it.
    pub multiplicity: T,
}

/// AIR of the table: row `256·x + y` has the pair (x, y).
#[derive(Clone, Copy, Debug)]
pub struct BytePairsAir;

impl BaseAir<F> for BytePairsAir {
    fn width(&self) -> usize {
        width_of::<BytePairsCols<u8>>()
    }
}

impl MachineAir for BytePairsAir {
    fn name(&self) -> String {
        NAME.to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<BytePairsCols<u8>>()
    }
    fn instances(&self) -> Instances {
        Instances::Single
    }
    fn fixed_log_height(&self) -> Option<usize> {
        Some(LOG_HEIGHT)
    }
}

impl<AB: VmAirBuilder> Air<AB> for BytePairsAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let cols: &BytePairsCols<AB::Var> = main.current_slice().borrow();
        let next: &BytePairsCols<AB::Var> = main.next_slice().borrow();
        let last = AB::Expr::from_u8(255);

        // Soundness: x grows from 0 to 255 by steps of one, and only after y = 255, when y becomes 0. In all other steps y grows
        // by one. So y takes the values 0 to 255 for every x before the last one, and 2^8 of the 2^16 rows are left for the
        // last one.
        builder.when_first_row().assert_zero(cols.x);
        builder.when_first_row().assert_zero(cols.y);
        builder.when_last_row().assert_eq(cols.x, last.clone());
        let step: AB::Expr = next.x - cols.x;
        builder.when_transition().assert_bool(step.clone());
        builder.when_transition().assert_zero(step.clone() * (last - cols.y));
        builder.when_transition().assert_eq(next.y, (AB::Expr::ONE - step) * (cols.y + AB::Expr::ONE));
        BYTE_PAIRS_BUS.provide(builder, [cols.x, cols.y], cols.multiplicity);
    }
}

/// Lookup table on [`BYTE_PAIRS_BUS`]. A proof in which no row queries it has no rows of it.
pub struct BytePairsTable {
    counts: Vec<AtomicU32>,
    is_used: AtomicBool,
}

impl Default for BytePairsTable {
    fn default() -> Self {
        let counts = (0..1usize << LOG_HEIGHT).map(|_| AtomicU32::new(0)).collect();
        Self { counts, is_used: AtomicBool::new(false) }
    }
}

impl LookupTable for BytePairsTable {
    fn bus(&self) -> Bus {
        BYTE_PAIRS_BUS
    }

    #[inline]
    fn record(&self, key: &[F], count: u32) -> bool {
        let (x, y) = (key[0].as_canonical_u32(), key[1].as_canonical_u32());
        if x > 255 || y > 255 {
            return false;
        }
        if count > 0 {
            self.counts[(x << 8 | y) as usize].fetch_add(count, Ordering::Relaxed);
            self.is_used.store(true, Ordering::Relaxed);
        }
        true
    }
}

impl ChipUsageGetter for BytePairsTable {
    fn air_name(&self) -> String {
        NAME.to_owned()
    }
    /// The greatest height; plans of runs do not know whether a segment queries the table.
    fn current_trace_height(&self) -> usize {
        self.counts.len()
    }
    fn trace_width(&self) -> usize {
        width_of::<BytePairsCols<u8>>()
    }
}

impl Chip for BytePairsTable {
    fn air(&self) -> AirRef {
        Arc::new(BytePairsAir)
    }

    fn generate_traces(&mut self, _ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        if !std::mem::take(self.is_used.get_mut()) {
            return Ok(ChipTraces::default());
        }
        let width = self.trace_width();
        let mut values = F::zero_vec(self.counts.len() * width);
        values.par_chunks_exact_mut(width).zip(&mut self.counts).enumerate().for_each(|(row, (cells, count))| {
            let cols: &mut BytePairsCols<F> = cells.borrow_mut();
            cols.x = F::from_usize(row >> 8);
            cols.y = F::from_usize(row & 255);
            cols.multiplicity = F::from_u32(std::mem::take(count.get_mut()));
        });
        Ok(ChipTraces { traces: vec![RowMajorMatrix::new(values, width)], public_values: Vec::new() })
    }

    fn as_lookup_table(&self) -> Option<&dyn LookupTable> {
        Some(self)
    }
}

impl<Ext> BuildChip<Ext> for BytePairsTable {
    fn build(_extension: &Ext, _builder: &VmInventoryBuilder<'_>) -> Result<Self, VmInventoryError> {
        Ok(Self::default())
    }
}
