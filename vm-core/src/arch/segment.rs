//! Segmentation: decides where a run is cut into segments.

use std::fmt;
use std::sync::Arc;

use super::chip::largest_height;

/// Strategy that decides where segments end.
pub trait SegmentationStrategy: fmt::Debug + Send + Sync {
    /// Returns whether the current segment must end, given the rows counted so far.
    ///
    /// `trace_heights[i]` and `trace_cells[i]` are the numbers of rows and cells of the AIR `air_names[i]`, without
    /// padding. The AIRs are those whose rows depend on the run, in the order of the machine's key. The cells are those
    /// that a proof commits to: each row has one per main column, four per lookup column, and four for the accumulator
    /// of the lookup columns.
    fn should_segment(&self, air_names: &[String], trace_heights: &[usize], trace_cells: &[usize]) -> bool;

    /// Returns a strategy that ends segments earlier. It is used when a segment turns out to exceed the key's limits.
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy>;

    /// Returns the number of instructions between two calls of [`Self::should_segment`]. The number of instructions of
    /// a segment is a multiple of it, except for the last segment. Shorter intervals are used only for a segment that
    /// must be counted again with a stricter strategy.
    fn check_interval(&self) -> u64 {
        4096
    }
}

/// Strategy that ends a segment when one AIR, the sum of all AIRs, or the memory for proving exceeds a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultSegmentationStrategy {
    /// Largest number of rows of one AIR, without padding.
    pub max_height: usize,
    /// Largest number of committed cells of one AIR, without padding.
    pub max_cells_per_chip: usize,
    /// Largest number of committed cells of all AIRs, without padding.
    pub max_cells: usize,
    /// Largest amount of memory for proving the segment, in bytes, as estimated by [`estimated_memory`].
    pub max_memory: usize,
}

/// Bytes that proving takes independently of the segment: code, keys, committed tables.
const BASE_MEMORY: usize = 160 << 20;
/// Bytes per committed cell: the cell itself with a blow-up of 2, and its shares of the Merkle trees and the quotient.
const BYTES_PER_CELL: usize = 11;
/// Additional bytes per committed cell of the largest instance: the data that is held for one instance at a time, while
/// its quotient is computed.
const BYTES_PER_LARGEST_CELL: usize = 22;

/// Number of rows by which an AIR may grow before the strategy is called again.
const LOOK_AHEAD: usize = 2 * 4096;

/// Returns the estimated peak memory, in bytes, of proving a segment with these rows and committed cells per AIR.
///
/// The constants are fitted to measured resident set sizes of programs with 0.5 to 6.5 million instructions; in some of
/// them a few chips have most of the rows, in others the rows are spread over many chips. They are rounded up, because
/// memory that the allocator keeps from earlier segments leaves less room for later ones.
pub fn estimated_memory(trace_heights: &[usize], trace_cells: &[usize]) -> usize {
    // Look ahead, since the height of an instance doubles at once when the rows exceed a power of two. The look-ahead
    // is at most an eighth of the rows: small traces need little memory in any case.
    let height = |rows: usize| largest_height(rows, LOOK_AHEAD.min(rows / 8));
    let largest = |(rows, cells): (&usize, &usize)| cells / rows.max(&1) * height(*rows);
    let largest = trace_heights.iter().zip(trace_cells).map(largest).max().unwrap_or(0);
    BASE_MEMORY + trace_cells.iter().sum::<usize>() * BYTES_PER_CELL + largest * BYTES_PER_LARGEST_CELL
}

impl Default for DefaultSegmentationStrategy {
    fn default() -> Self {
        Self { max_height: 1 << 22, max_cells_per_chip: 320 << 20, max_cells: 1 << 30, max_memory: 3 << 30 }
    }
}

impl SegmentationStrategy for DefaultSegmentationStrategy {
    fn should_segment(&self, _air_names: &[String], trace_heights: &[usize], trace_cells: &[usize]) -> bool {
        trace_heights.iter().any(|&rows| rows > self.max_height)
            || trace_cells.iter().any(|&cells| cells > self.max_cells_per_chip)
            || trace_cells.iter().sum::<usize>() > self.max_cells
            || estimated_memory(trace_heights, trace_cells) > self.max_memory
    }

    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy> {
        let half = |limit: usize| (limit / 2).max(1);
        // Only the part that depends on the segment is halved.
        let max_memory = self.max_memory - self.max_memory.saturating_sub(BASE_MEMORY) / 2;
        Arc::new(Self {
            max_height: half(self.max_height),
            max_cells_per_chip: half(self.max_cells_per_chip),
            max_cells: half(self.max_cells),
            max_memory,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_cuts() {
        let roomy = DefaultSegmentationStrategy::default();
        let names = ["a".to_owned(), "b".to_owned()];
        let (heights, cells) = ([1000, 10], [20_000, 100]);
        assert!(!roomy.should_segment(&names, &heights, &cells));
        for strict in [
            DefaultSegmentationStrategy { max_height: 999, ..roomy.clone() },
            DefaultSegmentationStrategy { max_cells_per_chip: 19_999, ..roomy.clone() },
            DefaultSegmentationStrategy { max_cells: 20_099, ..roomy.clone() },
            DefaultSegmentationStrategy { max_memory: estimated_memory(&heights, &cells) - 1, ..roomy.clone() },
        ] {
            assert!(strict.should_segment(&names, &heights, &cells), "{strict:?}");
        }
    }

    #[test]
    fn stricter_strategies_cut_earlier_until_everything_is_cut() {
        let mut strategy: Arc<dyn SegmentationStrategy> = Arc::new(DefaultSegmentationStrategy::default());
        let names = ["a".to_owned()];
        for _ in 0..40 {
            strategy = strategy.stricter_strategy();
        }
        assert!(strategy.should_segment(&names, &[2], &[2]));
    }
}
