//! Builds guest packages: from a folder with a `Cargo.toml` to an executable for the machine.
//!
//! Cargo compiles the package; its messages go to standard error. The compiler is chosen as follows:
//!
//! - by default, the installed stable Rust with the target [`TARGET`];
//! - if the environment variable [`RUSTC_VARIABLE`] is set, the compiler that it names. That compiler has the library
//!   sources, from which `core` and `alloc` are compiled as well. [`LINKER_VARIABLE`] names the linker to use with it.

mod error;
mod package;
mod toolchain;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use vm_core::arch::InitFileGenerator;

pub use error::GuestBuildError;
pub use toolchain::{GuestToolchain, LINKER_VARIABLE, RUSTC_VARIABLE};

use package::Package;

/// Target triple of guest programs.
pub const TARGET: &str = "riscv32im-unknown-none-elf";

/// Options of a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// Binary target to build. May be absent if there is only one, or if the package has a `default-run`.
    pub bin: Option<String>,
    /// Features to activate.
    pub features: Vec<String>,
}

/// Result of a build.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct BuiltGuest {
    /// Path of the executable.
    pub elf: PathBuf,
    /// Name of the package.
    pub package: String,
    /// Name of the binary target.
    pub bin: String,
}

/// Returns whether a path is the folder of a package to build, rather than an executable to read.
pub fn is_package(path: &Path) -> bool {
    path.is_dir()
}

/// Builds the guest package in `folder`, optimised.
///
/// Atomic accesses are compiled to plain ones, because a guest has one thread and the target has no compare-and-swap. Panic
/// messages do not contain folders of this computer, so the same sources and compiler give the same executable. Flags for
/// this target in the package's own `.cargo/config.toml` apply. `RUSTFLAGS` of the environment does not, because it is meant
/// for the host.
///
/// # Errors
///
/// - [`GuestBuildError::NotAPackage`], [`GuestBuildError::Manifest`] or [`GuestBuildError::Workspace`] if the folder does
///   not contain a package;
/// - [`GuestBuildError::NoBinary`], [`GuestBuildError::SeveralBinaries`] or [`GuestBuildError::UnknownBinary`] if the
///   package and the options do not determine a binary target;
/// - [`GuestBuildError::TargetMissing`] and others if no compiler for guests is found;
/// - [`GuestBuildError::Failed`] if the package does not compile.
pub fn build(folder: &Path, options: &BuildOptions) -> Result<BuiltGuest, GuestBuildError> {
    let package = Package::read(folder)?;
    let bin = package.choose_bin(options.bin.as_deref())?;
    let toolchain = GuestToolchain::find(folder)?;

    let mut command = cargo(folder);
    command.args(["build", "--release", "--target", TARGET, "--bin", bin]);
    command.args(["--message-format", "json-render-diagnostics"]);
    if !options.features.is_empty() {
        command.args(["--features", &options.features.join(",")]);
    }
    toolchain.apply(&mut command);
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|source| GuestBuildError::Start { program: command_name(&command), source })?;
    if !output.status.success() {
        return Err(GuestBuildError::Failed { package: package.name.clone(), folder: folder.to_owned() });
    }
    let elf = executable(&output.stdout, bin)
        .ok_or_else(|| GuestBuildError::NoExecutable { package: package.name.clone(), bin: bin.to_owned() })?;
    Ok(BuiltGuest { elf, bin: bin.to_owned(), package: package.name })
}

/// Builds the guest package in `folder` for a machine: writes the file that its configuration generates for guests, if
/// any, and calls [`build`].
///
/// # Errors
///
/// [`GuestBuildError::InitFile`] if the file cannot be written, and all errors of [`build`].
pub fn build_for<C: InitFileGenerator>(
    folder: &Path,
    options: &BuildOptions,
    config: &C,
) -> Result<BuiltGuest, GuestBuildError> {
    // Without a manifest, this is not a package, and nothing is written into the folder.
    Package::read(folder)?;
    let written = config.write_to_init_file(folder, None);
    written.map_err(|source| GuestBuildError::InitFile { folder: folder.to_owned(), source })?;
    build(folder, options)
}

/// Returns a command that runs cargo in the folder of a package, where it finds the package's configuration. If cargo runs
/// this program, the same cargo is used.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

fn command_name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// Returns the path of a binary target's executable according to cargo's messages.
fn executable(messages: &[u8], bin: &str) -> Option<PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        target: Option<Target>,
        executable: Option<PathBuf>,
    }

    #[derive(Deserialize)]
    struct Target {
        name: String,
    }

    // Messages of other kinds have other fields. Lines that a build script prints may not be objects at all.
    let messages =
        messages.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Message>(line).ok());
    let mut ours = messages.filter(|message| message.target.as_ref().is_some_and(|target| target.name == bin));
    ours.find_map(|message| message.executable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_among_other_messages() {
        let messages = br#"{"reason":"compiler-artifact","target":{"name":"guest","kind":["lib"]},"executable":null}
{"reason":"build-script-executed","out_dir":"/x"}
not an object
{"reason":"compiler-artifact","target":{"name":"other","kind":["bin"]},"executable":"/t/other"}
{"reason":"compiler-artifact","target":{"name":"guest","kind":["bin"]},"executable":"/t/guest"}
{"reason":"build-finished","success":true}
"#;
        assert_eq!(executable(messages, "guest").unwrap(), Path::new("/t/guest"));
        assert_eq!(executable(messages, "missing"), None);
    }
}
