//! Coverage: which source lines a run has executed, for tools that read the format of lcov.
//!
//! Lines come from the line table of the executable. Code that the compiler has removed is not in it, such as functions that
//! nothing calls and branches that cannot be taken.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write};
use std::path::Path;

use serde::Serialize;
use vm_core::arch::{Streams, VmConfig};
use vm_core::machine::VmExecutor;

use crate::error::SdkError;
use crate::program::GuestProgram;
use crate::report::{GuestOutput, grouped};
use crate::sdk::execution_error;

/// Which lines and functions of the program a run has executed.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Number of executed instructions.
    pub instructions: u64,
    /// Exit code of the guest.
    pub exit_code: u32,
    /// What the guest printed.
    pub output: Vec<u8>,
    /// Number of input vectors that the guest did not read.
    pub unread_inputs: usize,
    /// Source files by their paths in the line table.
    pub files: BTreeMap<String, FileCoverage>,
}

/// Lines and functions of a source file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// Number of executions of each line that has code.
    pub lines: BTreeMap<u32, u64>,
    /// Line and number of calls of each function that has a symbol, by name. Functions that are inlined everywhere have none.
    pub functions: BTreeMap<String, (u32, u64)>,
}

/// Runs a program and counts the executions of its source lines. `under` selects files: those whose path in the line table is
/// in one of these folders, where `.` stands for all relative paths. Compilers give relative paths to the files of the package
/// that is compiled.
///
/// The count of a line is the largest number of executions of one of its instructions. A compiler spreads the code of a line over
/// several places and interleaves it with other lines, so a sum would count one pass several times. The first instruction alone
/// would not do: a loop may go on in the middle of a line.
///
/// # Errors
///
/// - [`SdkError::NoSourceLines`] if the executable has no line table;
/// - [`SdkError::NoSourceFiles`] if no file is selected;
/// - [`SdkError::Execution`] if the guest fails;
/// - [`SdkError::Machine`] or [`SdkError::Start`] if the machine cannot be built or cannot load the program.
pub fn coverage<VC: VmConfig>(
    executor: &VmExecutor<VC>,
    program: &GuestProgram,
    streams: impl Into<Streams>,
    under: &[impl AsRef<Path>],
) -> Result<Coverage, SdkError> {
    let image = program.image();
    if image.lines.starts().next().is_none() {
        return Err(SdkError::NoSourceLines { path: program.path().to_owned() });
    }
    let is_selected = |file: &str| under.iter().any(|folder| is_under(Path::new(file), folder.as_ref()));
    let starts =
        || image.lines.starts().filter(|(pc, file, _)| program.exe().program.get(*pc).is_some() && is_selected(file));
    if starts().next().is_none() {
        let under = under.iter().map(|folder| folder.as_ref().display().to_string()).collect();
        let example = image.lines.starts().next().map(|(_, file, _)| file.to_owned()).unwrap_or_default();
        return Err(SdkError::NoSourceFiles { path: program.path().to_owned(), under, example });
    }
    let executor = executor.clone().with_profiling();
    let execution = executor.execute(program.exe(), streams).map_err(|error| execution_error(program, error))?;
    let executions: BTreeMap<u32, u64> = execution.profile.pcs.into_iter().collect();
    let count = |pc: u32| executions.get(&pc).copied().unwrap_or(0);
    let mut files: BTreeMap<String, FileCoverage> = BTreeMap::new();
    let mut add = |file: &str, line: u32, count: u64| {
        let executions = files.entry(file.to_owned()).or_default().lines.entry(line).or_default();
        *executions = count.max(*executions);
    };
    // Lines that were not executed, and lines without an instruction of their own: heads of functions, and inlined calls.
    starts().for_each(|(pc, file, line)| add(file, line, count(pc)));
    for (&pc, &count) in &executions {
        if let Some((file, line)) = image.lines.find(pc).filter(|(file, _)| is_selected(file)) {
            add(file, line, count);
        }
    }
    // Of several lines at an address, the first one is that of the function's name.
    let mut places: HashMap<u32, (&str, u32)> = HashMap::new();
    for (pc, file, line) in starts() {
        places.entry(pc).or_insert((file, line));
    }
    for symbol in image.symbols.iter() {
        let Some(&(file, line)) = places.get(&symbol.address) else { continue };
        let Some(file) = files.get_mut(file) else { continue };
        let function = file.functions.entry(symbol.demangled()).or_insert((line, 0));
        *function = (line.min(function.0), function.1 + count(symbol.address));
    }
    Ok(Coverage {
        instructions: execution.instructions,
        exit_code: execution.exit.code(),
        output: execution.printed,
        unread_inputs: execution.unread_inputs,
        files,
    })
}

fn is_under(file: &Path, folder: &Path) -> bool {
    if folder == Path::new(".") { file.is_relative() } else { file.starts_with(folder) }
}

impl Coverage {
    /// Returns the contents of a file in the format of lcov.
    pub fn lcov(&self) -> String {
        let mut text = String::new();
        for (path, file) in &self.files {
            // Writing to a string does not fail.
            let _ = file.write_lcov(path, &mut text);
        }
        text
    }

    /// Returns the numbers of lines and functions.
    pub fn report(&self) -> CoverageReport {
        let files: Vec<_> = self.files.iter().map(|(path, file)| FileReport::new(path, file)).collect();
        let sum = |number: fn(&FileReport) -> usize| files.iter().map(number).sum();
        CoverageReport {
            exit_code: self.exit_code,
            output: GuestOutput(self.output.clone()),
            unread_inputs: self.unread_inputs,
            instructions: self.instructions,
            lines: sum(|file| file.lines),
            lines_hit: sum(|file| file.lines_hit),
            functions: sum(|file| file.functions),
            functions_hit: sum(|file| file.functions_hit),
            files,
        }
    }
}

impl FileCoverage {
    fn write_lcov(&self, path: &str, text: &mut String) -> fmt::Result {
        writeln!(text, "TN:\nSF:{path}")?;
        for (name, (line, _)) in &self.functions {
            writeln!(text, "FN:{line},{name}")?;
        }
        for (name, (_, calls)) in &self.functions {
            writeln!(text, "FNDA:{calls},{name}")?;
        }
        let FileReport { lines, lines_hit, functions, functions_hit, .. } = FileReport::new(path, self);
        writeln!(text, "FNF:{functions}\nFNH:{functions_hit}")?;
        for (line, executions) in &self.lines {
            writeln!(text, "DA:{line},{executions}")?;
        }
        writeln!(text, "LF:{lines}\nLH:{lines_hit}\nend_of_record")
    }
}

/// Numbers of lines and functions of a source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileReport {
    /// Path of the file in the line table.
    pub file: String,
    /// Number of lines that have code.
    pub lines: usize,
    /// Number of lines that were executed.
    pub lines_hit: usize,
    /// Number of functions that have symbols.
    pub functions: usize,
    /// Number of functions that were called.
    pub functions_hit: usize,
}

impl FileReport {
    fn new(path: &str, file: &FileCoverage) -> Self {
        Self {
            file: path.to_owned(),
            lines: file.lines.len(),
            lines_hit: file.lines.values().filter(|executions| **executions > 0).count(),
            functions: file.functions.len(),
            functions_hit: file.functions.values().filter(|(_, calls)| *calls > 0).count(),
        }
    }
}

/// Numbers of lines and functions of all files.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CoverageReport {
    /// Exit code of the guest.
    pub exit_code: u32,
    /// What the guest printed.
    #[serde(flatten)]
    pub output: GuestOutput,
    /// Number of input vectors that the guest did not read.
    pub unread_inputs: usize,
    /// Number of executed instructions.
    pub instructions: u64,
    /// Number of lines that have code.
    pub lines: usize,
    /// Number of lines that were executed.
    pub lines_hit: usize,
    /// Number of functions that have symbols.
    pub functions: usize,
    /// Number of functions that were called.
    pub functions_hit: usize,
    /// The files, in the order of their paths.
    pub files: Vec<FileReport>,
}

impl fmt::Display for CoverageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |[lines, lines_hit, functions, functions_hit]: [usize; 4], file: &str| {
            let percent = 100.0 * lines_hit as f64 / lines.max(1) as f64;
            let lines = format!("{} of {}", grouped(lines_hit as u64), grouped(lines as u64));
            let functions = format!("{} of {}", grouped(functions_hit as u64), grouped(functions as u64));
            writeln!(f, "{lines:>18} {percent:>6.1} % {functions:>16}  {file}")
        };
        let Self { lines, lines_hit, functions, functions_hit, .. } = *self;
        for file in &self.files {
            row([file.lines, file.lines_hit, file.functions, file.functions_hit], &file.file)?;
        }
        row([lines, lines_hit, functions, functions_hit], "all files")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_files_are_those_of_the_package() {
        let is_under = |file: &str, folder: &str| super::is_under(Path::new(file), Path::new(folder));
        assert!(is_under("src/main.rs", ".") && is_under("src/main.rs", "src"));
        assert!(!is_under("src/main.rs", "sr") && !is_under("/cargo/lib.rs", ".") && !is_under("src/main.rs", "/"));
        assert!(is_under("/cargo/lib.rs", "/") && is_under("/cargo/lib.rs", "/cargo"));
    }

    #[test]
    fn records_have_counts_and_sums() {
        let lines = BTreeMap::from([(3, 7), (4, 0), (9, u64::MAX)]);
        let functions = BTreeMap::from([("f".to_owned(), (3, 1)), ("g".to_owned(), (9, 0))]);
        let file = FileCoverage { lines, functions };
        let coverage = Coverage { files: BTreeMap::from([("src/a.rs".to_owned(), file)]), ..Coverage::default() };
        let expected = "TN:\nSF:src/a.rs\nFN:3,f\nFN:9,g\nFNDA:1,f\nFNDA:0,g\nFNF:2\nFNH:1\n\
                        DA:3,7\nDA:4,0\nDA:9,18446744073709551615\nLF:3\nLH:2\nend_of_record\n";
        assert_eq!(coverage.lcov(), expected);
        let report = coverage.report();
        assert_eq!((report.lines, report.lines_hit, report.functions, report.functions_hit), (3, 2, 2, 1));
        assert!(report.to_string().contains("2 of 3   66.7 %           1 of 2  src/a.rs"), "{report}");
    }
}
