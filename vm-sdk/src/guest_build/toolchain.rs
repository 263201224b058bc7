//! The compiler for guest programs.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::sources::Sources;
use super::{GuestBuildError, TARGET};

/// Environment variable that names a compiler with library sources, for systems without an installed target.
pub const RUSTC_VARIABLE: &str = "VM_GUEST_RUSTC";

/// Environment variable that names the linker to use with [`RUSTC_VARIABLE`]. It is taken for lld if its file name contains
/// `lld`, and for GNU ld for RISC-V otherwise.
pub const LINKER_VARIABLE: &str = "VM_GUEST_LINKER";

/// Linkers to look for if [`LINKER_VARIABLE`] is not set.
const LINKERS: [&str; 2] = ["riscv64-unknown-elf-ld", "ld.lld"];

/// A compiler that can build guest programs.
#[derive(Clone, Debug)]
pub struct GuestToolchain {
    sysroot: PathBuf,
    library: Option<LibrarySources>,
}

/// Tools for compiling `core` and `alloc` from their sources.
#[derive(Clone, Debug)]
struct LibrarySources {
    rustc: OsString,
    linker: PathBuf,
}

impl GuestToolchain {
    /// Finds the compiler for packages in `folder`, which may have a toolchain file.
    ///
    /// # Errors
    ///
    /// - [`GuestBuildError::Start`] or [`GuestBuildError::Compiler`] if the compiler cannot be run;
    /// - [`GuestBuildError::TargetMissing`] if the compiler does not have the target of guests;
    /// - [`GuestBuildError::SourcesMissing`] or [`GuestBuildError::LinkerMissing`] if [`RUSTC_VARIABLE`] is set, but
    ///   library sources or a linker are missing.
    pub fn find(folder: &Path) -> Result<Self, GuestBuildError> {
        match program(RUSTC_VARIABLE) {
            Some(rustc) => Self::with_sources(rustc, folder),
            None => Self::with_target(default_rustc(), folder),
        }
    }

    fn with_target(rustc: OsString, folder: &Path) -> Result<Self, GuestBuildError> {
        let libraries = ask(&rustc, folder, &["--print", "target-libdir", "--target", TARGET])?;
        if !Path::new(&libraries).is_dir() {
            return Err(GuestBuildError::TargetMissing { rustc: rustc.to_string_lossy().into_owned() });
        }
        Ok(Self { sysroot: ask(&rustc, folder, &["--print", "sysroot"])?.into(), library: None })
    }

    fn with_sources(rustc: OsString, folder: &Path) -> Result<Self, GuestBuildError> {
        let sysroot = PathBuf::from(ask(&rustc, folder, &["--print", "sysroot"])?);
        // Cargo needs the lock file of the standard library.
        let lock_file = library_sources(&sysroot).join("library/Cargo.lock");
        if !lock_file.is_file() {
            let rustc = rustc.to_string_lossy().into_owned();
            return Err(GuestBuildError::SourcesMissing { rustc, missing: lock_file });
        }
        let linker = match program(LINKER_VARIABLE) {
            Some(linker) => linker.into(),
            None => find_linker(env::var_os("PATH").unwrap_or_default())?,
        };
        Ok(Self { sysroot, library: Some(LibrarySources { rustc, linker }) })
    }

    /// Configures a `cargo build` command to use this compiler.
    pub(super) fn apply(&self, command: &mut Command, sources: &Sources) -> Result<(), GuestBuildError> {
        let mut flags = vec!["-Cpasses=lower-atomic".to_owned()];
        flags.extend(remap(command, &self.sysroot, sources)?);
        if let Some(LibrarySources { rustc, linker }) = &self.library {
            // Compiling the standard library is an unstable option, which this variable enables in any compiler.
            command.env("RUSTC", rustc).env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=core,alloc");
            flags.extend(linker_flags(linker));
        }
        set_flags(command, TARGET, &flags);
        Ok(())
    }
}

/// The compiler for this computer, which is that of cargo.
#[derive(Clone, Debug)]
pub(super) struct HostToolchain {
    target: String,
    sysroot: PathBuf,
}

impl HostToolchain {
    /// Finds the compiler for packages in `folder`, which may have a toolchain file.
    pub(super) fn find(folder: &Path) -> Result<Self, GuestBuildError> {
        let rustc = default_rustc();
        let version = ask(&rustc, folder, &["-vV"])?;
        let target = version.lines().find_map(|line| line.strip_prefix("host: "));
        let target = target.ok_or_else(|| GuestBuildError::Compiler {
            rustc: rustc.to_string_lossy().into_owned(),
            message: "`rustc -vV` does not say for which host it compiles".to_owned(),
        })?;
        Ok(Self { target: target.to_owned(), sysroot: ask(&rustc, folder, &["--print", "sysroot"])?.into() })
    }

    /// Returns the target triple of this computer.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// Configures a `cargo build` command to use this compiler. Panic messages have the same paths as on the machine.
    pub(super) fn apply(&self, command: &mut Command, sources: &Sources) -> Result<(), GuestBuildError> {
        let flags = remap(command, &self.sysroot, sources)?;
        set_flags(command, &self.target, &flags);
        Ok(())
    }
}

fn default_rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// Adds flags for a target to those of the package's configuration.
fn set_flags(command: &mut Command, target: &str, flags: &[String]) {
    // These variables would replace the flags.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    // A JSON array of strings is also valid TOML.
    command.arg("--config").arg(format!("target.{target}.rustflags={}", serde_json::json!(flags)));
}

/// Replaces folders of this computer in panic messages and debug information of all packages in folders. Returns the flags for
/// all packages, which do so in those of registries.
fn remap(command: &mut Command, sysroot: &Path, sources: &Sources) -> Result<Vec<String>, GuestBuildError> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let mut folders = vec![(library_sources(sysroot), "/rust".to_owned()), sources.build_results()];
    folders.extend(home.map(|home| (home, "/cargo".to_owned())));
    let mut flags = remap_flags(&mut folders);
    folders.extend(sources.names());
    flags.extend(sources.wrap(command, &remap_flags(&mut folders))?);
    Ok(flags)
}

fn remap_flags(folders: &mut [(PathBuf, String)]) -> Vec<String> {
    // The last flag that fits counts, so inner folders come after outer ones.
    folders.sort_by_key(|(folder, _)| folder.components().count());
    folders.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).collect()
}

/// Returns the program that an environment variable names. Relative paths are made absolute, because cargo runs in another
/// folder.
fn program(variable: &str) -> Option<OsString> {
    let name = env::var_os(variable).filter(|name| !name.is_empty())?;
    let is_path = Path::new(&name).components().count() > 1;
    let absolute = is_path.then(|| std::path::absolute(&name).ok()).flatten();
    Some(absolute.map_or(name, PathBuf::into_os_string))
}

fn library_sources(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib/src/rust")
}

/// Runs the compiler and returns its standard output without surrounding white space.
fn ask(rustc: &OsString, folder: &Path, arguments: &[&str]) -> Result<String, GuestBuildError> {
    let name = || rustc.to_string_lossy().into_owned();
    let output = Command::new(rustc).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.map_err(|source| GuestBuildError::Start { program: name(), source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(GuestBuildError::Compiler { rustc: name(), message })
}

fn find_linker(path: OsString) -> Result<PathBuf, GuestBuildError> {
    let folders: Vec<_> = env::split_paths(&path).collect();
    let candidates = LINKERS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates
        .into_iter()
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| GuestBuildError::LinkerMissing { tried: LINKERS.map(str::to_owned).to_vec() })
}

fn linker_flags(linker: &Path) -> Vec<String> {
    let mut flags = vec![format!("-Clinker={}", linker.display())];
    let is_lld = linker.file_name().is_some_and(|name| name.to_string_lossy().contains("lld"));
    let more: &[&str] = if is_lld {
        &["-Clinker-flavor=ld.lld"]
    } else {
        // The default emulation of GNU ld may be the 64-bit one, and it does not take the layout from a library.
        &["-Clinker-flavor=ld", "-Clink-arg=-melf32lriscv", "-Clink-arg=-Tvm-guest.x"]
    };
    flags.extend(more.iter().map(|flag| flag.to_string()));
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linkers_are_found_in_the_path_and_used_in_their_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = || folder.path().as_os_str().to_owned();
        let error = find_linker(path()).unwrap_err();
        assert!(error.to_string().contains("riscv64-unknown-elf-ld, ld.lld is in PATH"), "{error}");
        for name in ["ld.lld", "riscv64-unknown-elf-ld"] {
            std::fs::write(folder.path().join(name), "").unwrap();
            assert_eq!(find_linker(path()).unwrap(), folder.path().join(name));
        }
        assert!(linker_flags(Path::new("/x/riscv64-unknown-elf-ld")).contains(&"-Clink-arg=-melf32lriscv".to_owned()));
        assert_eq!(linker_flags(Path::new("/lld/rust-lld")), ["-Clinker=/lld/rust-lld", "-Clinker-flavor=ld.lld"]);
    }

    #[test]
    fn compilers_that_do_not_work_are_explained() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("rustc").into_os_string();
        let error = GuestToolchain::with_target(missing, folder.path()).unwrap_err();
        assert!(matches!(error, GuestBuildError::Start { .. }), "{error}");
        let error = ask(&"rustc".into(), folder.path(), &["--print", "no-such-thing"]).unwrap_err();
        assert!(error.to_string().starts_with("rustc does not work: error: "), "{error}");
    }
}
