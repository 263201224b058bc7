//! Errors of setup and of the prover.

use thiserror::Error;

use crate::arch::GenerationError;
use crate::machine::VmExecutionError;
use crate::machine::audit::MachineError;
use crate::machine::fusion::FusionError;
use crate::stark::{KeyLoadError, KeygenError, ProveError};

/// Reason for which setup made no keys.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The machine cannot be built, or the executable is malformed.
    #[error(transparent)]
    Vm(#[from] VmExecutionError),
    /// An AIR breaks a rule of the program, the execution or memory, or uses a bus of others.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// The backend's key generation refuses the machine.
    #[error(transparent)]
    Keygen(#[from] KeygenError),
    /// The plan of fused blocks is refused.
    #[error(transparent)]
    Plan(#[from] FusionError),
    /// The key without the fused blocks cannot be derived.
    #[error(transparent)]
    PlainKey(#[from] KeyLoadError),
}

/// Reason for which no proof was made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmProveError {
    /// The run failed.
    #[error(transparent)]
    Vm(#[from] VmExecutionError),
    /// The guest terminated with an exit code other than 0. Only successful runs can be proven.
    #[error("the guest ended with exit code {code}; only successful runs are proven")]
    GuestFailed {
        /// Exit code.
        code: u32,
        /// What the guest printed.
        printed: Vec<u8>,
    },
    /// The configuration has continuations enabled, so [`VirtualMachine::prove_continuation`] makes its proofs.
    ///
    /// [`VirtualMachine::prove_continuation`]: crate::machine::VirtualMachine::prove_continuation
    #[error("this machine has continuations enabled; a single-segment proof needs a configuration without them")]
    ContinuationsEnabled,
    /// The configuration has continuations disabled, so [`VirtualMachine::prove`] makes its proofs.
    ///
    /// [`VirtualMachine::prove`]: crate::machine::VirtualMachine::prove
    #[error("this machine has continuations disabled; a proof of several segments needs `with_continuations`")]
    ContinuationsDisabled,
    /// The run was cancelled ([`RunControl::cancel`](crate::machine::RunControl::cancel)) while its proof was made.
    #[error("the proof was cancelled")]
    Cancelled,
    /// Trace generation failed.
    #[error(transparent)]
    Generation(#[from] GenerationError),
    /// The proof backend refused the traces.
    #[error(transparent)]
    Prove(#[from] ProveError),
}

impl VmProveError {
    /// Returns whether the run or its proof was cancelled.
    pub fn is_cancelled(&self) -> bool {
        match self {
            Self::Cancelled => true,
            Self::Vm(error) => error.is_cancelled(),
            _ => false,
        }
    }
}
