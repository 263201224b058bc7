//! Why no key or proof could be made.

use thiserror::Error;

use crate::arch::GenerationError;
use crate::machine::VmExecutionError;
use crate::machine::audit::MachineError;
use crate::stark::{KeygenError, ProveError};

/// Why no keys could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The machine or the executable is not usable.
    #[error(transparent)]
    Vm(#[from] VmExecutionError),
    /// An AIR may not take part in execution.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// Key generation refused the machine.
    #[error(transparent)]
    Keygen(#[from] KeygenError),
}

/// Why no proof could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmProveError {
    /// The run failed.
    #[error(transparent)]
    Vm(#[from] VmExecutionError),
    /// The guest ended with a non-zero exit code: there is nothing to prove.
    #[error("the guest ended with exit code {code}; only successful runs are proven")]
    GuestFailed {
        /// Exit code.
        code: u32,
    },
    /// The configuration enables continuations: its proofs are made by [`VirtualMachine::prove_continuation`].
    #[error("this machine has continuations enabled; a single-segment proof needs a configuration without them")]
    ContinuationsEnabled,
    /// The configuration has no continuations: its proofs are made by [`VirtualMachine::prove`].
    #[error("this machine has continuations disabled; a proof of several segments needs `with_continuations`")]
    ContinuationsDisabled,
    /// No traces could be generated.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// The backend refused the traces.
    #[error(transparent)]
    Prove(#[from] ProveError),
}
