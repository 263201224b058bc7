//! Results of commands: exit codes, output and error reports.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use crate::backtrace::Backtrace;
use crate::cli::DescriptionError;
use crate::compare::CompareError;
use crate::cpu::Vectors;
use crate::error::{ErrorClass, SdkError};
use crate::guest_build::GuestBuildError;
use crate::report::{GuestOutput, counted};

/// Exit code of failed guests and of proofs that do not verify.
pub const FAILED: u8 = 1;
/// Exit code of bad usage and bad input.
const BAD_INPUT: u8 = 2;

/// Why a command failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// A program could not be run or proven, a proof not verified, or a file not read.
    Sdk(SdkError),
    /// A guest package could not be built.
    Build(GuestBuildError),
    /// A file does not describe a machine.
    Machine(PathBuf, DescriptionError),
    /// Runs could not be compared.
    Compare(Box<CompareError>),
    /// The path is not the folder of a guest package.
    NoPackage(PathBuf),
    /// The command has one machine, without a description.
    NoDescriptions,
    /// Standard output cannot be written.
    Output(io::Error),
    /// Options for a build are given with an executable.
    NotBuilt(PathBuf),
    /// Verification has no trusted key or program.
    NoTrust,
    /// A flame graph cannot be drawn.
    FlameGraph(io::Error),
    /// An output is also something else: the option of the output, and what it also is.
    Conflict(&'static str, String),
    /// A failure of a command that is not one of the common ones.
    Other(ErrorClass, String),
}

impl<T: Into<SdkError>> From<T> for Failure {
    fn from(error: T) -> Self {
        Self::Sdk(error.into())
    }
}

impl From<CompareError> for Failure {
    fn from(error: CompareError) -> Self {
        match error {
            CompareError::Sdk(error) => Self::Sdk(error),
            other => Self::Compare(Box::new(other)),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sdk(error) => error.fmt(f),
            Self::Build(error) => error.fmt(f),
            Self::Compare(error) => error.fmt(f),
            Self::NoPackage(path) => {
                write!(
                    f,
                    "{} is not a folder; `compare` builds a guest package twice, so give its folder",
                    path.display()
                )
            }
            Self::Machine(path, error) => write!(f, "{} does not describe a machine: {error}", path.display()),
            Self::NoDescriptions => write!(f, "this command has one machine; --machine is for `cargo chipwright`"),
            Self::NotBuilt(path) => {
                write!(f, "--bin and --features are for folders of guest packages; {} is not a folder", path.display())
            }
            Self::Output(error) => write!(f, "cannot write to standard output: {error}"),
            Self::FlameGraph(error) => write!(f, "cannot draw the flame graph: {error}"),
            Self::NoTrust => write!(f, "no verifying key: give --vk or --elf"),
            Self::Other(_, reason) => f.write_str(reason),
            Self::Conflict(option, other) => {
                write!(f, "{option} is the same file as {other}; choose another path")
            }
        }
    }
}

impl Failure {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Sdk(error) => error.class(),
            Self::Build(GuestBuildError::NoExecutable { .. }) | Self::Output(_) | Self::FlameGraph(_) => {
                ErrorClass::Internal
            }
            Self::Build(GuestBuildError::NotReproducible { .. }) => ErrorClass::Difference,
            Self::Other(class, _) => *class,
            Self::Machine(..)
            | Self::NoDescriptions
            | Self::Build(_)
            | Self::Compare(_)
            | Self::NoPackage(_)
            | Self::NotBuilt(_)
            | Self::NoTrust
            | Self::Conflict(..) => ErrorClass::Input,
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self.class() {
            ErrorClass::Input => BAD_INPUT,
            ErrorClass::Guest
            | ErrorClass::Verification
            | ErrorClass::Difference
            | ErrorClass::Interrupted
            | ErrorClass::Internal => FAILED,
        }
    }

    /// Returns the object that is printed in place of the result.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let output = if let Self::Sdk(error) = self { error.output() } else { None };
        let mut object = error_object(&self.to_string(), self.class().name(), output);
        if let Self::Sdk(error) = self
            && let Some(backtrace) = error.backtrace()
        {
            object["backtrace"] = serde_json::to_value(backtrace).unwrap_or_default();
        }
        if let Self::Sdk(SdkError::ExitCode { code, .. }) = self {
            object["exit_code"] = (*code).into();
        }
        if let Self::Build(GuestBuildError::NotReproducible { difference, .. }) = self {
            object["reproducible"] = false.into();
            object["difference"] = serde_json::json!(difference);
        }
        object
    }
}

/// Returns the object that describes an error, with what the guest had printed.
pub(crate) fn error_object(error: &str, class: &str, output: Option<&[u8]>) -> serde_json::Value {
    #[derive(Serialize)]
    struct Object<'a> {
        error: &'a str,
        error_class: &'a str,
        #[serde(flatten)]
        output: Option<GuestOutput>,
    }
    let output = output.map(|bytes| GuestOutput(bytes.to_vec()));
    serde_json::to_value(Object { error, error_class: class, output }).unwrap_or_default()
}

/// Prints a result as text or as one JSON object.
pub(crate) fn print<R: Serialize + fmt::Display>(report: &R, json: bool) -> Result<(), Failure> {
    if json {
        let value = serde_json::to_value(report).map_err(|error| Failure::Output(error.into()))?;
        print_json(&value)
    } else {
        print_text(&report.to_string())
    }
}

/// Prints the result of a run, after what the guest has printed (`printed`). Returns the exit code: a run whose guest has
/// another exit code than 0 has failed.
pub(crate) fn finish<R: Serialize + fmt::Display>(
    printed: Result<(), Failure>,
    report: &R,
    json: bool,
    unread_inputs: usize,
    exit_code: u32,
) -> Result<u8, Failure> {
    let shown = printed.and_then(|()| print(report, json));
    warn_of_unread(unread_inputs);
    if exit_code != 0 {
        note(&format!("error: the guest ended with exit code {exit_code}"));
        return Ok(FAILED);
    }
    shown?;
    Ok(0)
}

/// Prints one JSON object.
///
/// # Errors
/// [`Failure::Output`], as [`print_text`].
pub fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    print_text(&format!("{value}\n"))
}

/// Prints text. A closed pipe is not an error: the reader has seen enough.
///
/// # Errors
/// [`Failure::Output`] if standard output cannot be written.
pub fn print_text(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}

/// Prints a line to standard error. A failure is ignored, because there is no other place to report it.
pub fn note(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Prints the backtrace of a failed guest to standard error.
pub(crate) fn note_backtrace(backtrace: Option<&Backtrace>) {
    if let Some(backtrace) = backtrace {
        note(&backtrace.to_string());
    }
}

/// Warns of input vectors that the guest did not read.
pub(crate) fn warn_of_unread(inputs: usize) {
    if inputs > 0 {
        note(&format!("warning: the guest did not read the last {}", counted(inputs, "input vector")));
    }
}

/// Warns if this command was compiled for less than the CPU has, before it proves.
pub(crate) fn warn_of_cpu() {
    if let Some(advice) = Vectors::here().advice() {
        note(&format!("warning: {advice}"));
    }
}
