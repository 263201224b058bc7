//! Segmentation: where a run is cut.

use std::fmt;
use std::sync::Arc;

/// Decides, from the rows counted so far, whether the current segment must end.
pub trait SegmentationStrategy: fmt::Debug + Send + Sync {
    /// `trace_heights[i]` rows and `trace_cells[i]` main cells of the AIR `air_names[i]`, without padding.
    fn should_segment(&self, air_names: &[String], trace_heights: &[usize], trace_cells: &[usize]) -> bool;

    /// A strategy that cuts earlier, for when a segment turns out to be infeasible.
    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy>;
}

/// Cuts when one chip or the sum of all chips grows beyond a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultSegmentationStrategy {
    /// Rows of one AIR.
    pub max_height: usize,
    /// Main cells of one AIR.
    pub max_cells_per_chip: usize,
    /// Main cells of all AIRs.
    pub max_cells: usize,
}

impl Default for DefaultSegmentationStrategy {
    fn default() -> Self {
        Self { max_height: 1 << 22, max_cells_per_chip: 120 << 20, max_cells: 400 << 20 }
    }
}

impl SegmentationStrategy for DefaultSegmentationStrategy {
    fn should_segment(&self, _air_names: &[String], trace_heights: &[usize], trace_cells: &[usize]) -> bool {
        trace_heights.iter().any(|&rows| rows > self.max_height)
            || trace_cells.iter().any(|&cells| cells > self.max_cells_per_chip)
            || trace_cells.iter().sum::<usize>() > self.max_cells
    }

    fn stricter_strategy(&self) -> Arc<dyn SegmentationStrategy> {
        Arc::new(Self {
            max_height: (self.max_height / 2).max(1),
            max_cells_per_chip: (self.max_cells_per_chip / 2).max(1),
            max_cells: (self.max_cells / 2).max(1),
        })
    }
}
