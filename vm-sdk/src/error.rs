//! Errors of the SDK, classified by their cause.

use std::path::PathBuf;

use thiserror::Error;
use vm_core::arch::ExecutionError;
use vm_core::machine::fusion::FusionError;
#[cfg(feature = "prover")]
use vm_core::machine::{SetupError, VmExecutionError, VmProveError};
use vm_core::machine::{VmKeyError, VmVerificationError};
use vm_core::stark::codec::CodecError;
#[cfg(feature = "prover")]
use vm_core::stark::debug::DebugReport;

use crate::backtrace::Backtrace;
use crate::elf::ElfError;
use crate::files::FileError;
use crate::input::InputError;
#[cfg(feature = "prover")]
use crate::run_folder::RunFolderError;

/// Cause of an error, which determines the exit code of the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// The given files or options cannot be used.
    Input,
    /// The guest failed.
    Guest,
    /// A proof does not verify.
    Verification,
    /// Somebody ended the work.
    Interrupted,
    /// Results that should be equal differ.
    Difference,
    /// This software has a bug, or the system failed.
    Internal,
}

impl ErrorClass {
    /// Returns the name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Guest => "guest",
            Self::Verification => "verification",
            Self::Interrupted => "interrupted",
            Self::Difference => "difference",
            Self::Internal => "internal",
        }
    }
}

/// Why a program could not be run or proven, or a proof not verified.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SdkError {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// An input vector cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The executable cannot be loaded.
    #[error("{}: {source}", path.display())]
    Elf {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ElfError,
    },
    /// A proof or key file does not decode.
    #[error("{}: {source}", path.display())]
    Codec {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: CodecError,
    },
    /// A proof or key cannot be encoded.
    #[error("cannot encode the {what}: {source}")]
    Encode {
        /// The value to encode.
        what: &'static str,
        /// Why it cannot be encoded.
        source: CodecError,
    },
    /// The file names an unknown engine.
    #[error("{}: made by unknown engine {engine:?}; this program has poseidon2, keccak and blake3, each also with whir-", path.display())]
    UnknownEngine {
        /// The file.
        path: PathBuf,
        /// Name of the engine.
        engine: String,
    },
    /// The proof file has another security preset than the key.
    #[error("{}: the proof was made with security preset {got:?}, but {expected:?} is required", path.display())]
    PresetMismatch {
        /// The proof file.
        path: PathBuf,
        /// Preset of the key.
        expected: &'static str,
        /// Preset in the proof's header.
        got: String,
    },
    /// A verifying key file is inconsistent.
    #[error("{}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: VmKeyError,
    },
    /// The machine cannot be built.
    #[error("cannot build the machine: {0}")]
    Machine(#[from] vm_core::arch::VmInventoryError),
    /// The keys cannot be made.
    #[cfg(feature = "prover")]
    #[error("cannot make the keys of the program: {0}")]
    Setup(SetupError),
    /// A plan of fused blocks is refused.
    #[error("{}: {source}", path.display())]
    Plan {
        /// The file with the plan.
        path: PathBuf,
        /// Why.
        source: FusionError,
    },
    /// The executable has no line table.
    #[error(
        "{}: there is no line table, so lines are not known; build it again with debug = \"line-tables-only\" in \
         [profile.release] of Cargo.toml, or in C with -g",
        path.display()
    )]
    NoSourceLines {
        /// The executable.
        path: PathBuf,
    },
    /// No source file of the executable is in the given folders.
    #[error(
        "{}: no source file of the line table is under {}; it has, for example, {example}; give other folders with --under",
        path.display(),
        under.join(" or ")
    )]
    NoSourceFiles {
        /// The executable.
        path: PathBuf,
        /// The given folders.
        under: Vec<String>,
        /// A file of the line table.
        example: String,
    },
    /// The guest failed while running.
    #[error("the guest failed: {error}{context}")]
    Execution {
        /// What happened.
        error: Box<ExecutionError>,
        /// Place in the program and explanation; may be empty.
        context: String,
        /// What the guest had printed.
        output: Vec<u8>,
        /// The calls that had not ended, if they have been followed.
        backtrace: Option<Backtrace>,
    },
    /// The run could not start.
    #[cfg(feature = "prover")]
    #[error("cannot run the program: {0}")]
    Start(VmExecutionError),
    /// The guest ended with an exit code other than 0.
    #[error("the guest ended with exit code {code}; only successful runs are proven")]
    ExitCode {
        /// Exit code.
        code: u32,
        /// What the guest printed.
        output: Vec<u8>,
        /// The calls that had not ended, if the guest panicked or aborted.
        backtrace: Option<Backtrace>,
    },
    /// The prover failed.
    #[cfg(feature = "prover")]
    #[error("cannot prove the run: {0}")]
    Prove(VmProveError),
    /// The run or its proof was cancelled ([`RunControl::cancel`](vm_core::machine::RunControl::cancel)).
    #[error("cancelled")]
    Cancelled {
        /// What the guest had printed, if it was running.
        output: Vec<u8>,
    },
    /// The process may not use as much memory as proving needs.
    #[error(
        "proving a segment takes about {} MiB of memory, but this process may use {} MiB of address space (ulimit -v); \
         raise that limit or lower --segment-memory",
        needed >> 20,
        limit >> 20
    )]
    AddressSpace {
        /// Estimated memory, in bytes.
        needed: u64,
        /// Limit, in bytes.
        limit: u64,
    },
    /// This computer has less memory than proving needs.
    #[error(
        "proving a segment takes about {} MiB of memory, but this computer or container has {} MiB; give \
         --segment-memory {} or less",
        needed >> 20,
        total >> 20,
        segment_memory(*total)
    )]
    Memory {
        /// Estimated memory, in bytes.
        needed: u64,
        /// Memory with swap space, in bytes.
        total: u64,
    },
    /// The traces violate constraints.
    #[cfg(feature = "prover")]
    #[error("the traces are wrong, please report this:\n{0}")]
    Debug(Box<DebugReport>),
    /// The new proof does not verify.
    #[error("the new proof does not verify, please report this: {0}")]
    SelfCheck(VmVerificationError),
    /// The folder of a run cannot be used.
    #[cfg(feature = "prover")]
    #[error("{}: {source}", path.display())]
    RunFolder {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<RunFolderError>,
    },
    /// No debugger can connect to this address.
    #[cfg(feature = "debugger")]
    #[error("cannot listen on {address}: {source}; choose another address, such as 127.0.0.1:0 for any free port")]
    Listen {
        /// The address, as it was given.
        address: String,
        /// What is wrong with it.
        source: std::io::Error,
    },
    /// The connection to the debugger failed.
    #[cfg(feature = "debugger")]
    #[error("the connection to the debugger failed: {0}")]
    DebugConnection(std::io::Error),
    /// The debugger sent something that is not of gdb's remote protocol.
    #[cfg(feature = "debugger")]
    #[error("the debugger does not follow gdb's remote protocol: {0}; connect with `target remote` in gdb")]
    DebugProtocol(String),
    /// A proof does not verify.
    #[error("the proof is not valid: {0}")]
    Verification(#[from] VmVerificationError),
}

/// Returns the memory for a segment, in MiB, that leaves a quarter to the rest of the system.
fn segment_memory(total: u64) -> u64 {
    (total / 4 * 3) >> 20
}

#[cfg(feature = "prover")]
impl From<VmProveError> for SdkError {
    fn from(error: VmProveError) -> Self {
        match error {
            VmProveError::Vm(VmExecutionError::Execution(failure))
                if matches!(failure.error, ExecutionError::Cancelled { .. }) =>
            {
                Self::Cancelled { output: failure.printed }
            }
            VmProveError::Cancelled => Self::Cancelled { output: Vec::new() },
            error => Self::Prove(error),
        }
    }
}

impl SdkError {
    /// Returns what the guest had printed, if the error ended a run.
    pub fn output(&self) -> Option<&[u8]> {
        match self {
            Self::Execution { output, .. } | Self::ExitCode { output, .. } | Self::Cancelled { output } => Some(output),
            _ => None,
        }
    }

    /// Returns the calls that had not ended, if the error ended a run and they have been followed.
    pub fn backtrace(&self) -> Option<&Backtrace> {
        match self {
            Self::Execution { backtrace, .. } | Self::ExitCode { backtrace, .. } => backtrace.as_ref(),
            _ => None,
        }
    }

    /// Returns the cause of the error.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::File(_)
            | Self::Input(_)
            | Self::Elf { .. }
            | Self::Codec { .. }
            | Self::UnknownEngine { .. }
            | Self::Plan { .. }
            | Self::NoSourceLines { .. }
            | Self::NoSourceFiles { .. }
            | Self::Key { .. } => ErrorClass::Input,
            #[cfg(feature = "prover")]
            Self::Start(_) | Self::Setup(_) | Self::RunFolder { .. } => ErrorClass::Input,
            #[cfg(feature = "debugger")]
            Self::Listen { .. } => ErrorClass::Input,
            #[cfg(feature = "debugger")]
            Self::DebugConnection(_) | Self::DebugProtocol(_) => ErrorClass::Internal,
            Self::AddressSpace { .. } | Self::Memory { .. } => ErrorClass::Internal,
            Self::Cancelled { .. } => ErrorClass::Interrupted,
            Self::Execution { .. } | Self::ExitCode { .. } => ErrorClass::Guest,
            Self::Verification(_) | Self::PresetMismatch { .. } => ErrorClass::Verification,
            // Limits of the configuration: the program is too long for it.
            #[cfg(feature = "prover")]
            Self::Prove(_) => ErrorClass::Guest,
            #[cfg(feature = "prover")]
            Self::Debug(_) => ErrorClass::Internal,
            Self::Encode { .. } | Self::Machine(_) | Self::SelfCheck(_) => ErrorClass::Internal,
        }
    }
}
