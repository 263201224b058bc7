//! Tests of the `cargo-chipwright` command: results, errors and exit codes. Also checks that failures leave no files.

mod backtraces;
mod bad_input;
mod compare;
mod coverage;
#[cfg(all(target_arch = "x86_64", target_feature = "avx"))]
mod cpu;
mod crates;
mod debug;
mod guest_failures;
mod guest_library;
mod guest_output;
mod inspect;
mod machines;
mod new;
mod outputs;
mod packages;
mod plans;
mod profile;
mod progress;
mod prove_verify;
mod resume;
mod run;
mod segments;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Exit code and output of one invocation.
struct Outcome {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Outcome {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let code = output.status.code().expect("no signal");
        Self { code, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Returns the JSON object on standard output, which must be the only one.
    fn json(&self) -> Value {
        let mut values = serde_json::Deserializer::from_str(&self.stdout).into_iter::<Value>();
        let value = values.next().unwrap_or_else(|| panic!("no object; stderr: {}", self.stderr)).unwrap();
        assert!(values.next().is_none(), "more than one object: {}", self.stdout);
        assert!(value.is_object());
        value
    }

    #[track_caller]
    fn assert_success(&self) -> &Self {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    /// Checks the exit code and a part of the message, and that the command did not panic.
    #[track_caller]
    fn assert_failure(&self, code: i32, message: &str) -> &Self {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(message), "expected {message:?} in: {}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }
}

/// Runs `cargo-chipwright` with these arguments.
fn vm<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Outcome {
    vm_in(&[], arguments)
}

/// Runs `cargo-chipwright` with these arguments in an environment with these variables.
fn vm_in<S: AsRef<OsStr>>(variables: &[(&str, &str)], arguments: impl IntoIterator<Item = S>) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-chipwright"))
        .args(arguments)
        .env_remove("RUST_LOG")
        .envs(variables.iter().copied())
        .output();
    Outcome::of(output.expect("the command starts"))
}

/// Runs `cargo-chipwright` with arguments that are separated by spaces.
fn vm_words(arguments: &str) -> Outcome {
    vm(arguments.split_whitespace())
}

/// Environment variable that makes tests fail if a tool is not installed. The gate sets it.
const REQUIRE_VARIABLE: &str = "CHIPWRIGHT_REQUIRE_TOOLS";

/// Returns whether a tool is installed. If not, prints that `test` is skipped, or fails if it must not be.
fn has_tool(tool: &str, remedy: &str, test: &str) -> bool {
    let is_there = Command::new(tool).arg("--version").output().is_ok();
    if !is_there {
        assert!(
            std::env::var_os(REQUIRE_VARIABLE).is_none(),
            "{REQUIRE_VARIABLE} is set: {test}: no {tool} ({remedy})"
        );
        println!("skipped: {test} (no {tool}; {remedy})");
    }
    is_there
}

/// Returns the path of a guest executable.
fn guest(name: &str) -> String {
    format!("{}/../../tests/fixtures/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"))
}

/// A folder that is removed at the end of the test.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Returns a path in the folder as an argument.
    fn arg(&self, name: &str) -> String {
        self.path(name).into_os_string().into_string().unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.arg(name)
    }

    /// Returns the names of all files, including hidden ones.
    fn files(&self) -> Vec<String> {
        files_in(self.0.path())
    }
}

fn files_in(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
