//! Builds guest packages: from a folder with a `Cargo.toml` to an executable for the machine.
//!
//! Cargo does the work, and its messages go to standard error. The environment chooses the compiler:
//!
//! - normally it is stable Rust with the target [`TARGET`] installed;
//! - [`RUSTC_VARIABLE`] names a compiler with the library sources beside it, for which `core` and `alloc` are compiled,
//!   too; [`LINKER_VARIABLE`] names the linker to use with it.

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

/// The target of guests.
pub const TARGET: &str = "riscv32im-unknown-none-elf";

/// What of a package is built, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// The binary target; not needed if there is only one, or if the package has a `default-run`.
    pub bin: Option<String>,
    /// Features to activate.
    pub features: Vec<String>,
}

/// An executable that was built.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct BuiltGuest {
    /// The executable.
    pub elf: PathBuf,
    /// Name of the package.
    pub package: String,
    /// Name of the binary target.
    pub bin: String,
}

/// Whether a path is to be built rather than read.
pub fn is_package(path: &Path) -> bool {
    path.is_dir()
}

/// Builds the guest package in `folder`, optimised.
///
/// Atomics become plain accesses (a guest has one thread, and the target no compare-and-swap), and panic messages do not
/// name folders of this machine, so that the same sources and compiler give the same executable. Flags of the package's
/// own `.cargo/config.toml` for this target apply, too; `RUSTFLAGS` of the environment do not: they are the host's.
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

/// Cargo in the folder of a package, where it finds the package's configuration. The same cargo as the caller's, if that
/// is one.
fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

fn command_name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// The path that cargo's messages give for a binary target.
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

    // Lines of other kinds have other fields, or are no objects at all when a build script prints them.
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
