//! Comparison of a guest's runs: natively on this computer, and on the machine.
//!
//! A guest package is built for both ([`build_natively`](crate::guest_build::build_natively)) and gets the same input vectors.
//! Runs agree if they end in the same way, with the same public values, and have printed the same. They can differ because
//! `usize` has another size, because code depends on the architecture or on random bytes, or because a compiler has a fault.

mod native;

use std::fmt::{self, Display};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Serialize, Serializer};
use thiserror::Error;
use vm_core::arch::{ExecutionError, VmConfig};
use vm_core::machine::VmExecutor;

use crate::error::SdkError;
use crate::input::RunInput;
use crate::program::GuestProgram;
use crate::report::{GuestOutput, HexBytes, counted, grouped};
use crate::sdk;

pub use native::NativeProgram;

/// Why runs cannot be compared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompareError {
    /// The machine cannot run the program.
    #[error(transparent)]
    Sdk(#[from] SdkError),
    /// The program for this computer cannot be started.
    #[error("cannot run {}: {source}", path.display())]
    Start {
        /// The program.
        path: PathBuf,
        /// Why it cannot be started.
        source: io::Error,
    },
    /// The program for this computer does not report its run.
    #[error(
        "{} ended without a report of its run ({status}); a guest that can be compared names its main function with \
         vm_guest::entry! of chipwright-guest {}",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    NoReport {
        /// The program.
        path: PathBuf,
        /// How it ended.
        status: String,
    },
}

/// How a run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// The guest ends itself. A panic has exit code 1.
    Exit(u32),
    /// The run is ended by an error, such as a request for an input vector that does not exist.
    Error(String),
}

impl Display for RunEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => write!(f, "exit code {code}"),
            Self::Error(message) => write!(f, "the error {message:?}"),
        }
    }
}

/// What a run leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RunResult {
    /// How it ends.
    #[serde(flatten, serialize_with = "serialize_end")]
    pub end: RunEnd,
    /// All public values. Absent if the run is ended by an error.
    pub public_values: Option<HexBytes>,
    /// What the guest printed.
    #[serde(flatten)]
    pub output: GuestOutput,
}

fn serialize_end<S: Serializer>(end: &RunEnd, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct End<'a> {
        exit_code: Option<u32>,
        error: Option<&'a str>,
    }
    let end = match end {
        RunEnd::Exit(code) => End { exit_code: Some(*code), error: None },
        RunEnd::Error(message) => End { exit_code: None, error: Some(message) },
    };
    end.serialize(serializer)
}

/// The first place where two runs differ in one respect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The runs end in different ways.
    End {
        /// On this computer.
        computer: RunEnd,
        /// On the machine.
        machine: RunEnd,
    },
    /// The public values differ.
    PublicValues {
        /// Index of the first byte that differs.
        byte: usize,
        /// The byte on this computer.
        computer: u8,
        /// The byte on the machine.
        machine: u8,
    },
    /// The printed output differs.
    Output {
        /// Number of the first line that differs, counted from 1.
        line: usize,
        /// The line on this computer, or none if the output ends before.
        computer: Option<String>,
        /// The line on the machine, or none.
        machine: Option<String>,
    },
}

impl Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End { computer, machine } => {
                write!(f, "ends differ: {computer} on this computer, {machine} on the machine")
            }
            Self::PublicValues { byte, computer, machine } => write!(
                f,
                "public values differ at byte {byte}: {computer:#04x} on this computer, {machine:#04x} on the machine"
            ),
            Self::Output { line, computer, machine } => {
                let (computer, machine) = excerpts(computer.as_deref(), machine.as_deref());
                write!(f, "output differs in line {line}: {computer} on this computer, {machine} on the machine")
            }
        }
    }
}

impl Serialize for Difference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Characters of a line that are shown before and after the first one that differs.
const EXCERPT: (usize, usize) = (20, 60);

/// Returns the parts of two lines around the first difference, quoted.
fn excerpts(first: Option<&str>, second: Option<&str>) -> (String, String) {
    let (a, b) = (first.unwrap_or_default(), second.unwrap_or_default());
    let common = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let start = common.saturating_sub(EXCERPT.0);
    let excerpt = |line: Option<&str>| {
        let Some(line) = line else { return "nothing".to_owned() };
        let mut rest = line.chars().skip(start);
        let shown: String = rest.by_ref().take(common - start + EXCERPT.1).collect();
        let (before, after) = (if start > 0 { "…" } else { "" }, if rest.next().is_some() { "…" } else { "" });
        format!("{before}{shown:?}{after}")
    };
    (excerpt(first), excerpt(second))
}

/// The runs of one input.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Name of the input.
    pub input: String,
    /// The run on this computer.
    pub computer: RunResult,
    /// The run on the machine.
    pub machine: RunResult,
    /// Where the runs differ first, for each respect in which they do. Empty if they agree.
    pub differences: Vec<Difference>,
}

/// Runs a program on this computer and on the machine with the same input. Native runs that take much longer than those on the
/// machine are ended.
///
/// # Errors
///
/// - [`CompareError::Sdk`] if the machine cannot be built or cannot load the program;
/// - [`CompareError::Start`] or [`CompareError::NoReport`] if the native program does not run as a guest.
pub fn compare<VC: VmConfig>(
    native: &NativeProgram,
    executor: &VmExecutor<VC>,
    program: &GuestProgram,
    input: RunInput,
) -> Result<Comparison, CompareError> {
    let num_public_values = executor.config().system().num_public_values;
    let watch = Instant::now();
    let machine = match sdk::run(executor, program, input.vectors.clone(), false) {
        Ok(report) => RunResult {
            end: RunEnd::Exit(report.exit_code),
            public_values: Some(report.public_values),
            output: report.output,
        },
        Err(SdkError::Execution { error, context, output, .. }) => RunResult {
            end: RunEnd::Error(refusal(&error).unwrap_or_else(|| format!("{error}{context}"))),
            public_values: None,
            output: GuestOutput(output),
        },
        Err(error) => return Err(error.into()),
    };
    let limit = Duration::from_secs(60) + 10 * watch.elapsed();
    let computer = native.run(&input.vectors, num_public_values, limit)?;
    let differences = differences(&computer, &machine);
    Ok(Comparison { input: input.name, computer, machine, differences })
}

/// Returns the message of an error that a native run has, too. It does not contain the program counter.
fn refusal(error: &ExecutionError) -> Option<String> {
    match error {
        ExecutionError::EndOfInputStream { index, available, .. } => {
            Some(format!("the guest requests input vector {index}, but only {available} were given"))
        }
        ExecutionError::PublicValueIndexOutOfBounds { index, num_public_values, .. } => {
            Some(format!("public value at byte {index} is out of bounds: the machine has {num_public_values} bytes"))
        }
        _ => None,
    }
}

fn differences(computer: &RunResult, machine: &RunResult) -> Vec<Difference> {
    let mut differences = Vec::new();
    if computer.end != machine.end {
        differences.push(Difference::End { computer: computer.end.clone(), machine: machine.end.clone() });
    }
    if let (Some(HexBytes(computer)), Some(HexBytes(machine))) = (&computer.public_values, &machine.public_values) {
        let pairs = computer.iter().zip(machine).enumerate();
        let first = pairs.map(|(byte, (a, b))| (byte, *a, *b)).find(|(_, a, b)| a != b);
        differences.extend(first.map(|(byte, computer, machine)| Difference::PublicValues { byte, computer, machine }));
    }
    let (computer, machine) = (&computer.output.0, &machine.output.0);
    if computer != machine {
        let lines = |bytes: &[u8]| -> Vec<String> {
            bytes
                .split_inclusive(|byte| *byte == b'\n')
                .map(|line| String::from_utf8_lossy(line).into_owned())
                .collect()
        };
        let (computer, machine) = (lines(computer), lines(machine));
        let line = computer.iter().zip(&machine).take_while(|(a, b)| a == b).count();
        let (computer, machine) = (computer.get(line).cloned(), machine.get(line).cloned());
        differences.push(Difference::Output { line: line + 1, computer, machine });
    }
    differences
}

/// Report of comparisons.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CompareReport {
    /// Name of the package.
    pub package: String,
    /// Name of its binary target.
    pub bin: String,
    /// Number of inputs whose runs differ.
    pub different: usize,
    /// Comparisons in the order of the inputs.
    pub runs: Vec<Comparison>,
}

impl CompareReport {
    /// Returns the report of comparisons of a binary target.
    pub fn new(package: String, bin: String, runs: Vec<Comparison>) -> Self {
        let different = runs.iter().filter(|run| !run.differences.is_empty()).count();
        Self { package, bin, different, runs }
    }

    /// Returns the error that names the first difference, or nothing if all runs agree.
    pub fn error(&self) -> Option<String> {
        let first = self.runs.iter().find(|run| !run.differences.is_empty())?;
        let runs = grouped(self.runs.len() as u64);
        let difference = first.differences.first()?;
        Some(format!("the runs of {} of {runs} inputs differ; input {}: {difference}", self.different, first.input))
    }
}

impl Display for CompareReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.runs.iter().map(|run| run.input.chars().count()).max().unwrap_or(0);
        for run in &self.runs {
            if run.differences.is_empty() {
                writeln!(f, "{:width$}  agree   {}", run.input, run.machine.end)?;
            }
            for (i, difference) in run.differences.iter().enumerate() {
                let (input, word) = if i == 0 { (run.input.as_str(), "differ") } else { ("", "") };
                writeln!(f, "{input:width$}  {word:<6}  {difference}")?;
            }
        }
        writeln!(f, "{}, {} with runs that differ", counted(self.runs.len(), "input"), self.different)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(end: RunEnd, values: &[u8], output: &str) -> RunResult {
        let public_values = matches!(end, RunEnd::Exit(_)).then(|| HexBytes(values.to_vec()));
        RunResult { end, public_values, output: GuestOutput(output.as_bytes().to_vec()) }
    }

    fn texts(computer: &RunResult, machine: &RunResult) -> Vec<String> {
        differences(computer, machine).iter().map(Difference::to_string).collect()
    }

    #[test]
    fn each_respect_has_its_first_difference() {
        let computer = result(RunEnd::Exit(0), &[0, 1, 2, 3], "a\nb\nc\n");
        assert_eq!(texts(&computer, &computer), [""; 0]);
        let machine = result(RunEnd::Exit(1), &[0, 1, 9, 9], "a\nx\ny\n");
        assert_eq!(
            texts(&computer, &machine),
            [
                "ends differ: exit code 0 on this computer, exit code 1 on the machine",
                "public values differ at byte 2: 0x02 on this computer, 0x09 on the machine",
                "output differs in line 2: \"b\\n\" on this computer, \"x\\n\" on the machine",
            ]
        );
        let stopped = result(RunEnd::Error("no".into()), &[], "a\nb\nc\n");
        assert_eq!(
            texts(&computer, &stopped),
            ["ends differ: exit code 0 on this computer, the error \"no\" on the machine"]
        );
        assert_eq!(texts(&stopped, &stopped), [""; 0]);
    }

    #[test]
    fn missing_and_long_lines_are_shown_in_part() {
        let output = |text: &str| result(RunEnd::Exit(0), &[], text);
        assert_eq!(
            texts(&output("a\n"), &output("a\nb")),
            ["output differs in line 2: nothing on this computer, \"b\" on the machine"]
        );
        assert_eq!(
            texts(&output("a"), &output("a\n")),
            ["output differs in line 1: \"a\" on this computer, \"a\\n\" on the machine"]
        );
        let long = |end: &str| format!("{}{end}{}", "é".repeat(100), "z".repeat(100));
        let shown = |end: &str| format!("…\"{}{end}{}\"…", "é".repeat(20), "z".repeat(59));
        assert_eq!(
            texts(&output(&long("1")), &output(&long("2"))),
            [format!("output differs in line 1: {} on this computer, {} on the machine", shown("1"), shown("2"))]
        );
    }
}
