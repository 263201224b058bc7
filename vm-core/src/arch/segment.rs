//! Segmentation: decides where a run is cut into segments.

use std::fmt;
use std::sync::Arc;

/// Strategy that decides where segments end.
pub trait SegmentationStrategy: fmt::Debug + Send + Sync {
    /// Returns whether the current segment must end, given the rows counted so far.
    ///
    /// `trace_heights[i]` and `trace_cells[i]` are the numbers of rows and cells of the AIR `air_names[i]`, without
    /// padding. The AIRs are those whose rows depend on the run, in the order of the machine's key. The cells are those
    /// that a proof commits to: each row has one per main column. With a univariate engine, it also has four per lookup
    /// column, and four for the accumulator of the lookup columns.
    fn should_segment(&self, air_names: &[String], trace_heights: &[usize], trace_cells: &[usize]) -> bool;

    /// Returns a strategy that ends segments earlier. It is used when a segment turns out to exceed the key's limits.
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy>;

    /// Returns the number of instructions between two calls of [`Self::should_segment`]. The number of instructions of
    /// a segment is a multiple of it, except for the last segment and for segments that were counted again with shorter
    /// intervals. This happens if a segment exceeds the limits of the key, or if the instructions of one interval exceed
    /// [`Self::max_memory`].
    fn check_interval(&self) -> u64 {
        4096
    }

    /// Returns the largest amount of memory, in bytes, that proving one segment may take, or `None` if there is no
    /// limit.
    ///
    /// The planner enforces this limit itself, because only it knows what every segment of a program needs: the program
    /// table, the other fixed tables and the memory of the guest. It cuts a segment before the instruction that exceeds
    /// the limit. If a single instruction exceeds it, or the program does so by itself, the planner returns
    /// [`GenerationError::InstructionTooLarge`](super::GenerationError::InstructionTooLarge) or
    /// [`GenerationError::ProgramTooLarge`](super::GenerationError::ProgramTooLarge).
    fn max_memory(&self) -> Option<usize> {
        None
    }
}

/// Strategy that ends a segment when one AIR, the sum of all AIRs, or the memory for proving reaches a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultSegmentationStrategy {
    /// Largest number of rows of one AIR, without padding.
    pub max_height: usize,
    /// Largest number of committed cells of one AIR, without padding.
    pub max_cells_per_chip: usize,
    /// Largest number of committed cells of all AIRs, without padding.
    pub max_cells: usize,
    /// Largest amount of memory for proving the segment, in bytes. See [`SegmentationStrategy::max_memory`].
    pub max_memory: usize,
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
    }

    /// Halves the limits of rows and cells. The limit of memory stays: lower ones could be too low for the program.
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy> {
        let half = |limit: usize| (limit / 2).max(1);
        Arc::new(Self {
            max_height: half(self.max_height),
            max_cells_per_chip: half(self.max_cells_per_chip),
            max_cells: half(self.max_cells),
            max_memory: self.max_memory,
        })
    }

    fn max_memory(&self) -> Option<usize> {
        Some(self.max_memory)
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
