//! Limits of heights, instances and degrees.

#[cfg(feature = "std")]
use p3_field::PrimeField64;
use serde::{Deserialize, Serialize};

#[cfg(feature = "std")]
use crate::air::F;

/// Largest constraint degree that a blowup of 2 supports.
pub const MAX_DEGREE: usize = 3;

/// log2 of the height that traces should have at least. The multilinear backend opens 2^5 neighbouring cells together,
/// so it cannot commit to lower ones. It pads them if it can.
pub const MIN_LOG_HEIGHT: usize = 5;

/// Returns log2 of the greatest height with which rows of this weight weigh less than p together.
#[cfg(feature = "std")]
pub(crate) fn max_log_height_of(weight: u64) -> usize {
    ((F::ORDER_U64 - 1) / weight.max(1)).checked_ilog2().unwrap_or(0) as usize
}

/// Limits that a key sets on every proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeygenLimits {
    /// log2 of the maximum height of an instance.
    pub max_log_height: usize,
    /// Maximum number of instances of one repeatable AIR.
    pub max_instances_per_air: usize,
    /// Maximum number of instances of all AIRs together.
    pub max_total_instances: usize,
}

impl Default for KeygenLimits {
    fn default() -> Self {
        Self { max_log_height: 22, max_instances_per_air: 8, max_total_instances: 96 }
    }
}
