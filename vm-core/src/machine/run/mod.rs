//! Runs of programs: execution, planning of segments, and records for traces.

mod control;
mod executor;
mod memory;
mod metering;
mod plan;
mod report;
mod runner;
mod saved_state;
mod segment;
mod state;
mod stepper;
mod steps;

pub use control::RunControl;
pub use executor::{VmExecutionError, VmExecutor};
pub use metering::MeteredAirs;
pub use plan::{AirLimits, RowLimits, RunPlan, SegmentPlan};
pub use report::{ExecutionProfile, ExecutionReport, MeteredReport};
pub use runner::SegmentRunner;
pub use saved_state::SavedState;
pub use segment::{ClosedSegment, ClosedSegmentOf, ExecutionSegment, SegmentOf};
pub use state::{FinalState, RunState};
pub use stepper::{StepOutcome, Stepper};
pub use steps::{RowCost, Step};
