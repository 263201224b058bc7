//! Proving keys of programs, and the prover of runs.

mod continuation;
mod error;
mod key;
mod vm;

pub use continuation::{ProvenContinuation, ProvenSegment, ReadySegment, SegmentSink};
pub use error::{SetupError, VmProveError};
pub use key::VmProvingKey;
pub use vm::{PhaseSeconds, ProvenRun, VirtualMachine};
