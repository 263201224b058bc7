//! Backtraces: the calls that had not ended when a guest failed.
//!
//! Runs keep no record of calls. If a run fails, it is executed once more, which gives the same run, and its calls are followed as for
//! a profile. Runs that succeed cost nothing more.

use std::fmt;

use serde::Serialize;

#[cfg(feature = "prover")]
mod follow;

#[cfg(feature = "prover")]
pub(crate) use follow::{backtrace, with_backtrace};

/// Calls that had not ended when a guest failed, the innermost first.
///
/// The functions that handle a panic, and those that call the main function, are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Backtrace {
    calls: Vec<OpenCall>,
}

/// A call that has not ended, or a function that the compiler has inlined there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenCall {
    /// Name of the function as in the source, or the address of one without a name. Of inlined functions, files with line
    /// tables only have the name without the path. Where calls in the middle are left out, their number.
    pub function: String,
    /// Source file of the line, if it is known.
    pub file: Option<String>,
    /// Line of the next call, or of the failure, if it is known.
    pub line: Option<u32>,
}

impl Backtrace {
    /// Returns the calls, the innermost first.
    pub fn calls(&self) -> &[OpenCall] {
        &self.calls
    }
}

impl fmt::Display for Backtrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "backtrace (innermost call first):")?;
        for (index, OpenCall { function, file, line }) in self.calls.iter().enumerate() {
            write!(f, "\n{index:>4}: {function}")?;
            if let (Some(file), Some(line)) = (file, line) {
                write!(f, " at {file}:{line}")?;
            }
        }
        Ok(())
    }
}
