//! The modes of execution (see [`ExecutionMode`](super::ExecutionMode)).

mod metered;
mod preflight;
mod pure;
mod wide_log;

pub use metered::{AdapterRows, MemoryRows, Metered, WrittenNodes};
pub use preflight::{FirstTouch, OfflineMemory, Refresh};
pub use pure::Pure;
pub use wide_log::WideLog;
#[cfg(feature = "prover")]
pub(crate) use wide_log::WideRecord;
