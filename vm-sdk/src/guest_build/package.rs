//! The binary targets of a package, from `cargo metadata`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{GuestBuildError, cargo, command_name};

/// A guest package.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: String,
    bins: Vec<String>,
    default_run: Option<String>,
    /// Folder of its workspace.
    workspace: PathBuf,
}

/// The part of the output of `cargo metadata` that is read.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<PackageData>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct PackageData {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<TargetData>,
    default_run: Option<String>,
}

#[derive(Deserialize)]
struct TargetData {
    name: String,
    kind: Vec<String>,
}

impl Package {
    /// Reads the package whose manifest is in `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self, GuestBuildError> {
        let manifest = folder.join("Cargo.toml").canonicalize();
        let manifest = manifest.map_err(|source| GuestBuildError::NotAPackage { folder: folder.to_owned(), source })?;
        let mut command = cargo(folder);
        command.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(&manifest);
        let output =
            command.output().map_err(|source| GuestBuildError::Start { program: command_name(&command), source })?;
        let refused = |message: String| GuestBuildError::Manifest { folder: folder.to_owned(), message };
        if !output.status.success() {
            return Err(refused(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        let metadata: Metadata = serde_json::from_slice(&output.stdout)
            .map_err(|error| refused(format!("`cargo metadata` gives unusable output: {error}")))?;
        let is_ours = |package: &PackageData| package.manifest_path.canonicalize().is_ok_and(|path| path == manifest);
        match metadata.packages.iter().find(|package| is_ours(package)) {
            Some(package) => Ok(Self::new(package, metadata.workspace_root)),
            None => Err(GuestBuildError::Workspace {
                folder: folder.to_owned(),
                members: metadata.packages.into_iter().map(|package| package.name).collect(),
            }),
        }
    }

    fn new(data: &PackageData, workspace: PathBuf) -> Self {
        let bins = data.targets.iter().filter(|target| target.kind.iter().any(|kind| kind == "bin"));
        Self {
            name: data.name.clone(),
            bins: bins.map(|target| target.name.clone()).collect(),
            default_run: data.default_run.clone(),
            workspace,
        }
    }

    /// Checks that there is a lock file.
    pub(super) fn check_lock_file(&self) -> Result<(), GuestBuildError> {
        let path = self.workspace.join("Cargo.lock");
        if path.is_file() { Ok(()) } else { Err(GuestBuildError::LockFileMissing { path }) }
    }

    /// Returns the binary target to build.
    pub(super) fn choose_bin<'a>(&'a self, wanted: Option<&'a str>) -> Result<&'a str, GuestBuildError> {
        let package = || self.name.clone();
        match (wanted.or(self.default_run.as_deref()), self.bins.as_slice()) {
            (_, []) => Err(GuestBuildError::NoBinary { package: package() }),
            (Some(bin), bins) if bins.iter().any(|name| name == bin) => Ok(bin),
            (Some(bin), bins) => {
                Err(GuestBuildError::UnknownBinary { package: package(), bin: bin.to_owned(), bins: bins.to_vec() })
            }
            (None, [bin]) => Ok(bin),
            (None, bins) => Err(GuestBuildError::SeveralBinaries { package: package(), bins: bins.to_vec() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(bins: &[&str], default_run: Option<&str>) -> Package {
        Package {
            name: "p".into(),
            bins: bins.iter().map(|bin| bin.to_string()).collect(),
            default_run: default_run.map(str::to_owned),
            workspace: PathBuf::new(),
        }
    }

    #[test]
    fn the_only_the_default_or_the_wanted_binary_is_built() {
        assert_eq!(package(&["a"], None).choose_bin(None).unwrap(), "a");
        assert_eq!(package(&["a", "b"], Some("b")).choose_bin(None).unwrap(), "b");
        assert_eq!(package(&["a", "b"], Some("b")).choose_bin(Some("a")).unwrap(), "a");
        let choose = |bins: &[&str], wanted| package(bins, None).choose_bin(wanted).map(|_| ()).unwrap_err();
        assert!(matches!(choose(&[], Some("a")), GuestBuildError::NoBinary { .. }));
        assert!(matches!(choose(&["a", "b"], None), GuestBuildError::SeveralBinaries { .. }));
        let error = choose(&["a", "b"], Some("c"));
        assert!(error.to_string().ends_with(r#"has no binary target "c"; it has: a, b"#), "{error}");
    }
}
