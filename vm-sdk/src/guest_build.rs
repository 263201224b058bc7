//! Builds guest packages: from a folder with a `Cargo.toml` to an executable for the machine.
//!
//! Cargo compiles the package; its messages go to standard error. The compiler is chosen as follows:
//!
//! - by default, the installed stable Rust with the target [`TARGET`];
//! - if the environment variable [`RUSTC_VARIABLE`] is set, the compiler that it names. That compiler has the library
//!   sources, from which `core` and `alloc` are compiled as well. [`LINKER_VARIABLE`] names the linker to use with it.

mod copy;
mod error;
mod package;
mod reproduction;
mod sources;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use vm_core::arch::InitFileGenerator;

pub use error::GuestBuildError;
pub use reproduction::ExecutableDifference;
pub use toolchain::{GuestToolchain, LINKER_VARIABLE, RUSTC_VARIABLE};

use copy::SourceCopy;
use package::Package;
use sources::Sources;
use toolchain::HostToolchain;

/// Target triple of guest programs.
pub const TARGET: &str = "riscv32im-unknown-none-elf";

/// Options of a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// Binary target to build. May be absent if there is only one, or if the package has a `default-run`.
    pub bin: Option<String>,
    /// Features to activate.
    pub features: Vec<String>,
    /// Fail if `Cargo.lock` is missing or does not fit the manifests, rather than write it.
    pub locked: bool,
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
    /// Folders of sources, with their names in the executable's debug information and panic messages.
    #[serde(skip)]
    pub sources: Vec<(PathBuf, String)>,
}

/// Returns whether a path is the folder of a package to build, rather than an executable to read.
pub fn is_package(path: &Path) -> bool {
    path.is_dir()
}

/// Builds the guest package in `folder`, optimised.
///
/// Atomic accesses are compiled to plain ones, because a guest has one thread and the target has no compare-and-swap. Flags for
/// this target in the package's own `.cargo/config.toml` apply. `RUSTFLAGS` of the environment does not, because it is meant
/// for the host.
///
/// The same sources, `Cargo.lock` and compiler give the same executable wherever they are ([`check_for`]): folders of this computer
/// have other names in it ([`BuiltGuest::sources`]), and names of symbols do not depend on them.
///
/// # Errors
///
/// - [`GuestBuildError::NotAPackage`], [`GuestBuildError::Manifest`] or [`GuestBuildError::Workspace`] if the folder does
///   not contain a package;
/// - [`GuestBuildError::NoBinary`], [`GuestBuildError::SeveralBinaries`] or [`GuestBuildError::UnknownBinary`] if the
///   package and the options do not determine a binary target;
/// - [`GuestBuildError::TargetMissing`] and others if no compiler for guests is found;
/// - [`GuestBuildError::LockFileMissing`] or [`GuestBuildError::Dependencies`] if the dependencies cannot be determined;
/// - [`GuestBuildError::Failed`] if the package does not compile.
pub fn build(folder: &Path, options: &BuildOptions) -> Result<BuiltGuest, GuestBuildError> {
    Build { folder, options, target_folder: None }.for_machine()
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
    write_init_file(folder, config)?;
    build(folder, options)
}

/// Builds the guest package in `folder` for a machine, then builds it again from a copy of its sources in another folder, and
/// checks that both executables are equal. `Cargo.lock` is used as it is.
///
/// The copy has the package's workspace, and at the same relative places the workspaces of path dependencies. Files that git
/// ignores are left out.
///
/// # Errors
///
/// - [`GuestBuildError::NotReproducible`] if the executables differ;
/// - [`GuestBuildError::LockFileIgnored`] or [`GuestBuildError::Copy`] if the sources cannot be copied;
/// - all errors of [`build_for`].
pub fn check_for<C: InitFileGenerator>(
    folder: &Path,
    options: &BuildOptions,
    config: &C,
) -> Result<BuiltGuest, GuestBuildError> {
    let options = &BuildOptions { locked: true, ..options.clone() };
    let built = build_for(folder, options, config)?;
    let copy = SourceCopy::new(folder, &Sources::find(folder, true, None)?)?;
    write_init_file(copy.package(), config)?;
    let again = Build { folder: copy.package(), options, target_folder: Some(&copy.target()) }.for_machine()?;
    let read = |elf: &Path| fs::read(elf).map_err(|source| GuestBuildError::Copy { path: elf.to_owned(), source });
    match reproduction::first_difference(&read(&built.elf)?, &read(&again.elf)?) {
        None => Ok(built),
        Some(difference) => Err(GuestBuildError::NotReproducible { package: built.package, difference }),
    }
}

/// Builds the guest package in `folder` for this computer, optimised, where it runs natively
/// ([`compare`](crate::compare)). It must compile there, with `main` as an ordinary main function.
///
/// # Errors
///
/// As [`build`], and [`GuestBuildError::FailedNatively`] in place of [`GuestBuildError::Failed`].
pub fn build_natively(folder: &Path, options: &BuildOptions) -> Result<BuiltGuest, GuestBuildError> {
    Build { folder, options, target_folder: None }.for_this_computer()
}

fn write_init_file<C: InitFileGenerator>(folder: &Path, config: &C) -> Result<(), GuestBuildError> {
    // Without a manifest, this is not a package, and nothing is written into the folder.
    Package::read(folder)?;
    let written = config.write_to_init_file(folder, None);
    written.map(|_| ()).map_err(|source| GuestBuildError::InitFile { folder: folder.to_owned(), source })
}

/// A build of a package.
struct Build<'a> {
    folder: &'a Path,
    options: &'a BuildOptions,
    /// Folder for build results, if it is not cargo's.
    target_folder: Option<&'a Path>,
}

impl Build<'_> {
    fn for_machine(&self) -> Result<BuiltGuest, GuestBuildError> {
        let package = Package::read(self.folder)?;
        package.choose_bin(self.options.bin.as_deref())?;
        let toolchain = GuestToolchain::find(self.folder)?;
        let sources = self.sources(&package)?;
        let mut command = self.command(TARGET);
        toolchain.apply(&mut command, &sources)?;
        self.run(command, package, &sources)
    }

    fn for_this_computer(&self) -> Result<BuiltGuest, GuestBuildError> {
        let package = Package::read(self.folder)?;
        let toolchain = HostToolchain::find(self.folder)?;
        let sources = self.sources(&package)?;
        let mut command = self.command(toolchain.target());
        toolchain.apply(&mut command, &sources)?;
        self.run(command, package, &sources).map_err(|error| match error {
            GuestBuildError::Failed { package, folder } => GuestBuildError::FailedNatively { package, folder },
            other => other,
        })
    }

    fn sources(&self, package: &Package) -> Result<Sources, GuestBuildError> {
        if self.options.locked {
            package.check_lock_file()?;
        }
        Sources::find(self.folder, self.options.locked, self.target_folder)
    }

    /// Returns a `cargo build` command for a target.
    fn command(&self, target: &str) -> Command {
        let mut command = cargo(self.folder);
        command.args(["build", "--release", "--target", target, "--message-format", "json-render-diagnostics"]);
        if self.options.locked {
            command.arg("--locked");
        }
        if let Some(folder) = self.target_folder {
            command.arg("--target-dir").arg(folder);
        }
        if !self.options.features.is_empty() {
            command.args(["--features", &self.options.features.join(",")]);
        }
        command
    }

    fn run(&self, mut command: Command, package: Package, sources: &Sources) -> Result<BuiltGuest, GuestBuildError> {
        let bin = package.choose_bin(self.options.bin.as_deref())?;
        let output = command.args(["--bin", bin]).stderr(Stdio::inherit()).output();
        let output = output.map_err(|source| GuestBuildError::Start { program: command_name(&command), source })?;
        if !output.status.success() {
            return Err(GuestBuildError::Failed { package: package.name.clone(), folder: self.folder.to_owned() });
        }
        let elf = executable(&output.stdout, bin)
            .ok_or_else(|| GuestBuildError::NoExecutable { package: package.name.clone(), bin: bin.to_owned() })?;
        Ok(BuiltGuest { elf, bin: bin.to_owned(), package: package.name, sources: sources.names() })
    }
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
