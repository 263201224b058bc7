//! Errors of guest builds.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use vm_core::arch::INIT_FILE;

use super::{ExecutableDifference, LINKER_VARIABLE, RUSTC_VARIABLE, TARGET};

/// Why a guest package cannot be built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GuestBuildError {
    /// There is no readable `Cargo.toml`.
    #[error(
        "{}: not a guest package: cannot read {}: {source}; give an ELF file or the folder of a package",
        folder.display(),
        folder.join("Cargo.toml").display()
    )]
    NotAPackage {
        /// The folder.
        folder: PathBuf,
        /// Why the `Cargo.toml` cannot be read.
        source: io::Error,
    },
    /// Cargo rejects the manifest.
    #[error("{}: not a guest package: {message}", folder.display())]
    Manifest {
        /// The folder.
        folder: PathBuf,
        /// Message of cargo.
        message: String,
    },
    /// A workspace without a package at its root.
    #[error("{}: a workspace without a package of its own; give the folder of one of its members: {}", folder.display(), members.join(", "))]
    Workspace {
        /// The folder.
        folder: PathBuf,
        /// Names of its packages.
        members: Vec<String>,
    },
    /// The package has no binary target.
    #[error("package {package} has no binary target; a guest has its entry function in src/main.rs")]
    NoBinary {
        /// The package.
        package: String,
    },
    /// The package has several binary targets, and none was chosen.
    #[error("package {package} has several binary targets; choose one with --bin: {}", bins.join(", "))]
    SeveralBinaries {
        /// The package.
        package: String,
        /// Its binary targets.
        bins: Vec<String>,
    },
    /// The package does not have the chosen binary target.
    #[error("package {package} has no binary target {bin:?}; it has: {}", bins.join(", "))]
    UnknownBinary {
        /// The package.
        package: String,
        /// The chosen target.
        bin: String,
        /// Its binary targets.
        bins: Vec<String>,
    },
    /// The file that the machine generates for the guest cannot be written.
    #[error("cannot write {}: {source}", folder.join(INIT_FILE).display())]
    InitFile {
        /// Folder of the package.
        folder: PathBuf,
        /// Why the file cannot be written.
        source: io::Error,
    },
    /// Cargo or the compiler cannot be started.
    #[error("cannot run {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why it cannot be started.
        source: io::Error,
    },
    /// The compiler does not report its configuration.
    #[error("{rustc} does not work: {message}")]
    Compiler {
        /// The compiler.
        rustc: String,
        /// Message of the compiler.
        message: String,
    },
    /// The compiler does not have the target of guests.
    #[error(
        "the target {TARGET} is not installed for {rustc}: run `rustup target add {TARGET}`, or, where rustup cannot \
         download it, set {RUSTC_VARIABLE} to a compiler with library sources (docs/guests.md)"
    )]
    TargetMissing {
        /// The compiler.
        rustc: String,
    },
    /// The compiler that [`RUSTC_VARIABLE`] names has no library sources.
    #[error(
        "the compiler {rustc} that {RUSTC_VARIABLE} names has no library sources: {} is missing; install them (Debian: \
         rust-web-src beside rustc-web), or unset the variable",
        missing.display()
    )]
    SourcesMissing {
        /// The compiler.
        rustc: String,
        /// The missing file.
        missing: PathBuf,
    },
    /// No linker was found for the compiler that [`RUSTC_VARIABLE`] names.
    #[error(
        "no linker for {RUSTC_VARIABLE}: none of {} is in PATH; install one (Debian: binutils-riscv64-unknown-elf or lld), \
         or set {LINKER_VARIABLE}",
        tried.join(", ")
    )]
    LinkerMissing {
        /// Names of the linkers that were looked for.
        tried: Vec<String>,
    },
    /// The dependencies of the package cannot be determined.
    #[error(
        "the dependencies of the package in {} cannot be determined; see the messages of cargo above. If Cargo.lock needs an \
         update, run `cargo update --workspace` there and commit the file",
        folder.display()
    )]
    Dependencies {
        /// Folder of the package.
        folder: PathBuf,
    },
    /// A reproducible build needs a lock file.
    #[error(
        "{} is missing, so the versions of dependencies are not fixed; run `cargo generate-lockfile` in that folder and commit \
         the file",
        path.display()
    )]
    LockFileMissing {
        /// The missing file.
        path: PathBuf,
    },
    /// Git ignores the lock file.
    #[error("git ignores {}, so others have no such file; remove it from .gitignore and commit the file", path.display())]
    LockFileIgnored {
        /// The lock file.
        path: PathBuf,
    },
    /// The script through which cargo calls the compiler cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Wrapper {
        /// The script.
        path: PathBuf,
        /// Why it cannot be written.
        source: io::Error,
    },
    /// The sources cannot be copied.
    #[error("cannot build {} from a copy: {source}", path.display())]
    Copy {
        /// The file or folder.
        path: PathBuf,
        /// Why it cannot be copied.
        source: io::Error,
    },
    /// The executable depends on the folders in which it is built.
    #[error("package {package} is not reproducible: {difference}")]
    NotReproducible {
        /// The package.
        package: String,
        /// Where the executables differ first.
        difference: ExecutableDifference,
    },
    /// The package does not compile.
    #[error("package {package} in {} does not build; see the messages of cargo above", folder.display())]
    Failed {
        /// The package.
        package: String,
        /// Its folder.
        folder: PathBuf,
    },
    /// The package does not compile for this computer.
    #[error(
        "package {package} in {} does not build for this computer; see the messages of cargo above. A guest that compiles for \
         both begins with #![cfg_attr(target_arch = \"riscv32\", no_std, no_main)] in place of #![no_std] and #![no_main]",
        folder.display()
    )]
    FailedNatively {
        /// The package.
        package: String,
        /// Its folder.
        folder: PathBuf,
    },
    /// Cargo succeeded but did not report the executable.
    #[error("cargo built package {package}, but reported no executable for its target {bin}; please report this")]
    NoExecutable {
        /// The package.
        package: String,
        /// The binary target.
        bin: String,
    },
}
