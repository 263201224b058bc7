//! Why a guest package cannot be built.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use vm_core::arch::INIT_FILE;

use super::{LINKER_VARIABLE, RUSTC_VARIABLE, TARGET};

/// A package that was not built: what is wrong, where, and what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GuestBuildError {
    /// No `Cargo.toml`.
    #[error(
        "{}: not a guest package: cannot read {}: {source}; give an ELF file or the folder of a package",
        folder.display(),
        folder.join("Cargo.toml").display()
    )]
    NotAPackage {
        /// The folder.
        folder: PathBuf,
        /// Why its `Cargo.toml` cannot be read.
        source: io::Error,
    },
    /// Cargo refuses the manifest.
    #[error("{}: not a guest package: {message}", folder.display())]
    Manifest {
        /// The folder.
        folder: PathBuf,
        /// What cargo says about it.
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
    /// No program in the package.
    #[error("package {package} has no binary target; a guest has its entry function in src/main.rs")]
    NoBinary {
        /// The package.
        package: String,
    },
    /// It is not said which program.
    #[error("package {package} has several binary targets; choose one with --bin: {}", bins.join(", "))]
    SeveralBinaries {
        /// The package.
        package: String,
        /// Its binary targets.
        bins: Vec<String>,
    },
    /// A program that is not there.
    #[error("package {package} has no binary target {bin:?}; it has: {}", bins.join(", "))]
    UnknownBinary {
        /// The package.
        package: String,
        /// The wanted target.
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
    /// Cargo or the compiler does not start.
    #[error("cannot run {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The compiler does not answer a question.
    #[error("{rustc} does not work: {message}")]
    Compiler {
        /// The compiler.
        rustc: String,
        /// What it says.
        message: String,
    },
    /// The compiler has no libraries for guests.
    #[error(
        "the target {TARGET} is not installed for {rustc}: run `rustup target add {TARGET}`, or, where rustup cannot \
         download it, set {RUSTC_VARIABLE} to a compiler with library sources (docs/guests.md)"
    )]
    TargetMissing {
        /// The compiler.
        rustc: String,
    },
    /// The compiler of [`RUSTC_VARIABLE`] has no library sources.
    #[error(
        "the compiler {rustc} that {RUSTC_VARIABLE} names has no library sources: {} is missing; install them (Debian: \
         rust-web-src beside rustc-web), or unset the variable",
        missing.display()
    )]
    SourcesMissing {
        /// The compiler.
        rustc: String,
        /// What is not there.
        missing: PathBuf,
    },
    /// There is no linker for the compiler of [`RUSTC_VARIABLE`].
    #[error(
        "no linker for {RUSTC_VARIABLE}: none of {} is in PATH; install one (Debian: binutils-riscv64-unknown-elf or lld), \
         or set {LINKER_VARIABLE}",
        tried.join(", ")
    )]
    LinkerMissing {
        /// The names that were tried.
        tried: Vec<String>,
    },
    /// Cargo or the compiler reported errors.
    #[error("package {package} in {} does not build; the messages of cargo are above", folder.display())]
    Failed {
        /// The package.
        package: String,
        /// Its folder.
        folder: PathBuf,
    },
    /// Cargo succeeded without naming the executable.
    #[error("cargo built package {package}, but named no executable for its target {bin}; please report this")]
    NoExecutable {
        /// The package.
        package: String,
        /// The binary target.
        bin: String,
    },
}
