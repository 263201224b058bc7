//! The folders from which a package is compiled. What is compiled does not depend on where they are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
#[cfg(unix)]
use vm_core::stark::codec;

use super::{GuestBuildError, TARGET, cargo, command_name};

/// Name of the workspace's folder in executables.
const WORKSPACE: &str = "/workspace";
/// Name of the folder of path dependencies outside of the workspace.
const DEPENDENCIES: &str = "/dependencies";
/// Name of the folder of build results, such as sources that build scripts write.
const BUILD_RESULTS: &str = "/target";

/// A compiler wrapper. Cargo derives the names of symbols from the absolute paths of packages outside of the workspace, and the
/// order of functions in the executable depends on these names. Here they depend on names and versions of packages. No two
/// packages in folders have the same ones, because a lock file could not tell them apart. Further flags for these packages come
/// from a variable, so that flags of other packages do not depend on this one, and a shared target folder has them once.
#[cfg(unix)]
const WRAPPER: &str = r#"#!/bin/sh
case $VM_GUEST_PACKAGES in
*"
$CARGO_MANIFEST_DIR
"*)
    for argument do
        shift
        case $argument in metadata=*) argument=metadata=$CARGO_PKG_NAME-$CARGO_PKG_VERSION ;; esac
        set -- "$@" "$argument"
    done
    set -f
    IFS='
'
    set -- "$@" $VM_GUEST_FLAGS
    ;;
esac
exec ${VM_GUEST_RUSTC_WRAPPER:+"$VM_GUEST_RUSTC_WRAPPER"} "$@"
"#;

/// The workspace of a package, and all packages in folders of this computer that take part in its build.
#[derive(Debug)]
pub(super) struct Sources {
    workspace: PathBuf,
    target: PathBuf,
    packages: Vec<LocalPackage>,
}

/// A package in a folder of this computer.
#[derive(Debug)]
struct LocalPackage {
    folder: PathBuf,
    /// Name and version.
    name: String,
}

/// The part of the output of `cargo metadata` that is read.
#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<PackageData>,
}

#[derive(Deserialize)]
struct PackageData {
    name: String,
    version: String,
    manifest_path: PathBuf,
    /// Registry or repository; absent for folders.
    source: Option<String>,
}

impl Sources {
    /// Finds the sources of the package in `folder`. Writes `Cargo.lock` if it is missing or incomplete, except if it is
    /// `locked`. `target` is the folder of build results, if it is not cargo's.
    pub(super) fn find(folder: &Path, locked: bool, target: Option<&Path>) -> Result<Self, GuestBuildError> {
        let mut command = cargo(folder);
        command.args(["metadata", "--format-version", "1", "--filter-platform", TARGET]);
        if locked {
            command.arg("--locked");
        }
        let metadata = read(command)?.ok_or_else(|| GuestBuildError::Dependencies { folder: folder.to_owned() })?;
        let local = metadata.packages.into_iter().filter(|package| package.source.is_none());
        let packages = local.filter_map(|package| {
            let name = format!("{}-{}", package.name, package.version);
            Some(LocalPackage { folder: package.manifest_path.parent()?.to_owned(), name })
        });
        Ok(Self {
            packages: packages.collect(),
            workspace: metadata.workspace_root,
            target: target.map_or(metadata.target_directory, Path::to_owned),
        })
    }

    /// Returns the folder of the workspace.
    pub(super) fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// Returns the folders of the packages outside of the workspace.
    pub(super) fn outside(&self) -> impl Iterator<Item = &Path> {
        self.packages
            .iter()
            .map(|package| package.folder.as_path())
            .filter(|folder| !folder.starts_with(&self.workspace))
    }

    /// Returns the folders of sources with their names in executables.
    pub(super) fn names(&self) -> Vec<(PathBuf, String)> {
        let outside = self.packages.iter().filter(|package| !package.folder.starts_with(&self.workspace));
        let outside = outside.map(|package| (package.folder.clone(), format!("{DEPENDENCIES}/{}", package.name)));
        outside.chain([(self.workspace.clone(), WORKSPACE.to_owned())]).collect()
    }

    /// Returns the folder of build results with its name in executables.
    pub(super) fn build_results(&self) -> (PathBuf, String) {
        (self.target.clone(), BUILD_RESULTS.to_owned())
    }

    /// Makes a cargo command give the packages symbols that do not depend on their folders, and compile them with these flags.
    /// Returns further flags, which are for all packages.
    #[cfg(unix)]
    pub(super) fn wrap(&self, command: &mut Command, flags: &[String]) -> Result<Vec<String>, GuestBuildError> {
        let wrapper = self.target.join("vm-guest-rustc");
        let written = write_script(&wrapper, WRAPPER);
        written.map_err(|source| GuestBuildError::Wrapper { path: wrapper.clone(), source })?;
        let folders: Vec<_> = self.packages.iter().map(|package| package.folder.display().to_string()).collect();
        command.env("VM_GUEST_PACKAGES", format!("\n{}\n", folders.join("\n")));
        command.env("VM_GUEST_FLAGS", flags.join("\n"));
        if let Some(inner) = std::env::var_os("RUSTC_WRAPPER") {
            command.env("VM_GUEST_RUSTC_WRAPPER", inner);
        }
        command.env("RUSTC_WRAPPER", wrapper);
        // Cargo does not know what the wrapper does, and would use what another one has compiled.
        Ok(vec![format!("--cfg=vm_guest_wrapper=\"{}\"", hex::encode(&codec::blake3(WRAPPER.as_bytes())[..8]))])
    }

    /// Does nothing without a shell: symbols and paths depend on folders.
    #[cfg(not(unix))]
    pub(super) fn wrap(&self, _command: &mut Command, _flags: &[String]) -> Result<Vec<String>, GuestBuildError> {
        Ok(Vec::new())
    }
}

/// Returns the folder of the workspace to which the package in `folder` belongs.
pub(super) fn workspace_of(folder: &Path) -> Result<PathBuf, GuestBuildError> {
    let mut command = cargo(folder);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata = read(command)?.ok_or_else(|| GuestBuildError::Dependencies { folder: folder.to_owned() })?;
    Ok(metadata.workspace_root)
}

/// Runs `cargo metadata`. Returns nothing if it fails; its messages go to standard error.
fn read(mut command: Command) -> Result<Option<Metadata>, GuestBuildError> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|source| GuestBuildError::Start { program: command_name(&command), source })?;
    Ok(if output.status.success() { serde_json::from_slice(&output.stdout).ok() } else { None })
}

/// Writes an executable file, unless it is there already: another build may be using it.
#[cfg(unix)]
fn write_script(path: &Path, text: &str) -> std::io::Result<()> {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    if fs::read(path).is_ok_and(|present| present == text.as_bytes()) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let file = tempfile::NamedTempFile::new_in(folder)?;
    fs::write(file.path(), text)?;
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o755))?;
    // The file must not be open for writing when it is executed.
    file.into_temp_path().persist(path)?;
    Ok(())
}
