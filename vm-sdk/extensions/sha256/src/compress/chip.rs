//! Counts compressions and fills their rows.

use std::borrow::BorrowMut;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use vm_sdk::arch::{
    BuildChip, Chip, ChipTraces, ChipUsageGetter, GenerationError, LookupTable, SplitRule, TraceContext,
    VmInventoryBuilder, VmInventoryError,
};
use vm_sdk::p3::field::{PrimeCharacteristicRing, PrimeField32};
use vm_sdk::p3::matrix::dense::RowMajorMatrix;
use vm_sdk::parallel::*;
use vm_sdk::primitives::width_of;
use vm_sdk::stark::{AirRef, Bus, F, MIN_LOG_HEIGHT};

use crate::Sha256;
use crate::spec::{Block, State, compress};

use super::SHA256_COMPRESS_BUS;
use super::air::{CompressAir, CompressCols};

/// Name of the AIR.
pub(crate) const NAME: &str = "Sha256Compress";

/// Log2 of the number of ordinary rows that cost as much as one row of this chip. An instance also has proportionally
/// more openings, which cost proof bytes. The heights of instances weigh both with this factor.
const LOG_ROW_COST: usize = 3;

/// Chip of the table of compressions: every query of a true statement is answered, and each queried statement has a
/// row.
#[derive(Debug, Default)]
pub struct CompressChip {
    counts: Mutex<BTreeMap<(State, Block), u32>>,
}

/// Returns the words with these 16-bit limbs, if they are 16-bit.
fn words<const N: usize>(limbs: &[F]) -> Option<[u32; N]> {
    let mut out = [0; N];
    for (word, limbs) in out.iter_mut().zip(limbs.chunks_exact(2)) {
        let [low, high] = [limbs[0], limbs[1]].map(|limb| limb.as_canonical_u32());
        if low > 0xFFFF || high > 0xFFFF {
            return None;
        }
        *word = low | high << 16;
    }
    Some(out)
}

impl LookupTable for CompressChip {
    fn bus(&self) -> Bus {
        SHA256_COMPRESS_BUS
    }

    fn record(&self, key: &[F], count: u32) -> bool {
        if key.len() != SHA256_COMPRESS_BUS.arity {
            return false;
        }
        let (Some(state), Some(block), Some(out)) = (words(&key[..16]), words(&key[16..48]), words(&key[48..])) else {
            return false;
        };
        if compress(&state, &block) != out {
            return false;
        }
        if count > 0 {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            *counts.entry((state, block)).or_insert(0) += count;
        }
        true
    }

    fn complete(&self, key: &[F]) -> Option<Vec<F>> {
        let (state, block) = (words(key.get(..16)?)?, words(key.get(16..48)?)?);
        let limbs = compress(&state, &block).into_iter().flat_map(|word| [word & 0xFFFF, word >> 16]).map(F::from_u32);
        Some(key[..48].iter().copied().chain(limbs).collect())
    }
}

impl ChipUsageGetter for CompressChip {
    fn air_name(&self) -> String {
        NAME.to_owned()
    }
    fn current_trace_height(&self) -> usize {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
    fn trace_width(&self) -> usize {
        width_of::<CompressCols<u8>>()
    }
}

impl Chip for CompressChip {
    fn air(&self) -> AirRef {
        Arc::new(CompressAir)
    }

    fn generate_traces(&mut self, ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let counts = std::mem::take(self.counts.get_mut().unwrap_or_else(PoisonError::into_inner));
        if counts.is_empty() {
            return Ok(ChipTraces::default());
        }
        let rows: Vec<_> = counts.into_iter().collect();
        let width = self.trace_width();
        let split = SplitRule { max_log_height: ctx.split.max_log_height + LOG_ROW_COST, ..ctx.split };
        let heights = split.heights(rows.len() << LOG_ROW_COST);
        let heights = heights.into_iter().map(|height| (height >> LOG_ROW_COST).max(1 << MIN_LOG_HEIGHT));
        ChipTraces::by_instance(ctx, &self.air_name(), &rows, heights, |rows, height| {
            let mut values = F::zero_vec(height * width);
            values.par_chunks_exact_mut(width).enumerate().for_each(|(i, row)| {
                let cols: &mut CompressCols<F> = row.borrow_mut();
                // Padding rows are true statements that no row queries.
                match rows.get(i) {
                    Some(((state, block), count)) => cols.fill(state, block, *count),
                    None => cols.fill(&State::default(), &Block::default(), 0),
                }
            });
            Ok(RowMajorMatrix::new(values, width))
        })
    }

    fn as_lookup_table(&self) -> Option<&dyn LookupTable> {
        Some(self)
    }
}

impl BuildChip<Sha256> for CompressChip {
    fn build(_: &Sha256, _: &VmInventoryBuilder<'_>) -> Result<Self, VmInventoryError> {
        Ok(Self::default())
    }
}
