//! Runs of programs: execution, planning of segments, and records for traces.

mod executor;
mod memory;
mod metering;
mod plan;
mod program;
mod report;
mod runner;
mod saved_state;
mod segment;
mod state;

pub use executor::{VmExecutionError, VmExecutor};
pub use metering::MeteredAirs;
pub use plan::{AirLimits, RowLimits, RunPlan, SegmentPlan};
pub use program::CachedProgram;
pub use report::{ExecutionProfile, ExecutionReport, MeteredReport};
pub use runner::SegmentRunner;
pub use saved_state::SavedState;
pub use segment::{ClosedSegment, ClosedSegmentOf, ExecutionSegment, SegmentOf};
pub use state::{FinalState, RunState};
