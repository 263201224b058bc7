//! The modes of execution: pure, metered and preflight runs, and those under a debugger (see
//! [`ExecutionMode`](super::ExecutionMode)).

mod metered;
mod preflight;
mod pure;
#[cfg(feature = "prover")]
mod watched;
mod wide_log;

pub use metered::{AdapterRows, MemoryRows, Metered, WrittenNodes};
pub use preflight::{FirstTouch, OfflineMemory, Refresh};
pub use pure::Pure;
#[cfg(feature = "prover")]
pub use watched::{Watched, WatchedAccess};
pub use wide_log::WideLog;
#[cfg(feature = "prover")]
pub(crate) use wide_log::WideRecord;
