//! Segmentation: where a run is cut.

use std::fmt;
use std::sync::Arc;

use super::chip::largest_height;

/// Decides, from the rows counted so far, whether the current segment must end.
pub trait SegmentationStrategy: fmt::Debug + Send + Sync {
    /// `trace_heights[i]` rows and `trace_cells[i]` cells of the AIR `air_names[i]`, without padding: the AIRs whose
    /// rows depend on the run, in the order of the machine's key. Cells are those that a proof commits to: a row has
    /// one per main column, and four per lookup column and for their accumulator.
    fn should_segment(&self, air_names: &[String], trace_heights: &[usize], trace_cells: &[usize]) -> bool;

    /// A strategy that cuts earlier, for when a segment turns out to be infeasible.
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy>;

    /// Instructions between two questions: a segment is a multiple of it, but for the last one.
    fn check_interval(&self) -> u64 {
        4096
    }
}

/// Cuts when one chip, the sum of all chips or the memory that the proof takes grows beyond a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultSegmentationStrategy {
    /// Rows of one AIR.
    pub max_height: usize,
    /// Committed cells of one AIR.
    pub max_cells_per_chip: usize,
    /// Committed cells of all AIRs.
    pub max_cells: usize,
    /// Bytes that proving the segment takes, as estimated by [`estimated_memory`].
    pub max_memory: usize,
}

/// Bytes that a proof takes whatever the segment: code, keys, committed tables.
const BASE_MEMORY: usize = 160 << 20;
/// Bytes per committed cell: the cell with a blow-up of two, its share of Merkle trees and of the quotient.
const BYTES_PER_CELL: usize = 11;
/// Bytes per committed cell of the largest instance on top: what is held of one instance at a time, while its quotient
/// is computed.
const BYTES_PER_LARGEST_CELL: usize = 22;

/// Rows that may be added before the strategy is asked again.
const LOOK_AHEAD: usize = 2 * 4096;

/// Estimated peak memory, in bytes, of proving a segment with these rows and committed cells per AIR.
///
/// The constants are fitted to resident sets of programs from 0.5 to 6.5 million instructions, of which few or many
/// chips have most rows, and rounded up: later segments find less room between what the allocator kept of earlier ones.
pub fn estimated_memory(trace_heights: &[usize], trace_cells: &[usize]) -> usize {
    // Looking ahead: at a power of two, an instance becomes twice as large at once. What that is of few rows is no
    // matter.
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
        // What every proof takes does not become less.
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
