//! A copy of a package's sources in another folder.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::GuestBuildError;
use super::sources::{Sources, workspace_of};
use crate::files;

/// A temporary folder with copies of a package's workspace and of the workspaces of its path dependencies. They are at the same
/// places relative to each other, so relative paths lead to the copies.
pub(super) struct SourceCopy {
    folder: files::TemporaryFolder,
    package: PathBuf,
}

impl SourceCopy {
    /// Copies the sources of the package in `folder`, without files that git ignores and without build results.
    pub(super) fn new(folder: &Path, sources: &Sources) -> Result<Self, GuestBuildError> {
        let mut roots = BTreeSet::from([sources.workspace().to_owned()]);
        for package in sources.outside() {
            if !roots.iter().any(|root| package.starts_with(root)) {
                roots.insert(workspace_of(package)?);
            }
        }
        let failed = |path: &Path, source| GuestBuildError::Copy { path: path.to_owned(), source };
        let outer = |root: &&PathBuf| !roots.iter().any(|other| *root != other && root.starts_with(other));
        let roots: Vec<&PathBuf> = roots.iter().filter(outer).collect();
        let common = common_folder(&roots);
        let temporary = files::TemporaryFolder::new().map_err(|source| failed(&std::env::temp_dir(), source))?;
        let place = |path: &Path| temporary.path().join("sources").join(path.strip_prefix(&common).unwrap_or(path));
        for root in roots {
            copy_root(root, &place(root)).map_err(|(path, source)| failed(&path, source))?;
        }
        let original = folder.canonicalize().map_err(|source| failed(folder, source))?;
        let package = place(&original);
        let lock_file = sources.workspace().join("Cargo.lock");
        if !place(&lock_file).is_file() {
            return Err(GuestBuildError::LockFileIgnored { path: lock_file });
        }
        Ok(Self { folder: temporary, package })
    }

    /// Returns the folder of the package.
    pub(super) fn package(&self) -> &Path {
        &self.package
    }

    /// Returns the folder for build results.
    pub(super) fn target(&self) -> PathBuf {
        self.folder.path().join("build-results")
    }
}

/// Returns the innermost folder that contains all others.
fn common_folder(folders: &[&PathBuf]) -> PathBuf {
    let mut common = folders.first().map(|folder| folder.to_path_buf()).unwrap_or_default();
    while !folders.iter().all(|folder| folder.starts_with(&common)) && common.pop() {}
    common
}

/// An error, with the path where it occurred.
type At<T> = Result<T, (PathBuf, io::Error)>;

fn copy_root(from: &Path, to: &Path) -> At<()> {
    match git_files(from) {
        Some(paths) => paths.iter().try_for_each(|path| match from.join(path) {
            // Removed, but not committed yet.
            source if !source.exists() => Ok(()),
            // A submodule.
            source if source.is_dir() => copy_folder(&source, &to.join(path)),
            source => copy_file(&source, &to.join(path)),
        }),
        None => copy_folder(from, to),
    }
}

/// Returns the files of a folder that git does not ignore. Returns nothing if the folder is not in a repository, or ignored itself.
fn git_files(folder: &Path) -> Option<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let names = output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let paths: Vec<PathBuf> = names.map(|name| String::from_utf8_lossy(name).into_owned().into()).collect();
    (output.status.success() && paths.iter().any(|path| path == Path::new("Cargo.toml"))).then_some(paths)
}

/// Copies a folder, without target folders, which cargo marks as caches, and without the data of git.
fn copy_folder(from: &Path, to: &Path) -> At<()> {
    let at = |source| (from.to_owned(), source);
    if from.join("CACHEDIR.TAG").exists() {
        return Ok(());
    }
    for entry in fs::read_dir(from).map_err(at)? {
        let name = entry.map_err(at)?.file_name();
        let source = from.join(&name);
        if name == ".git" || !source.exists() {
            continue;
        }
        let copy = if source.is_dir() { copy_folder } else { copy_file };
        copy(&source, &to.join(&name))?;
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> At<()> {
    let copy = || {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        fs::copy(from, to).map(|_| ())
    };
    copy().map_err(|source| (from.to_owned(), source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_folder_contains_all() {
        let common = |folders: &[&str]| {
            let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
            common_folder(&folders.iter().collect::<Vec<_>>())
        };
        assert_eq!(common(&["/a/b"]), Path::new("/a/b"));
        assert_eq!(common(&["/a/b/c", "/a/bb/c"]), Path::new("/a"));
        assert_eq!(common(&["/a", "/b"]), Path::new("/"));
    }

    #[test]
    fn build_results_and_ignored_files_are_not_copied() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        for file in ["Cargo.toml", "src/main.rs", "notes", "target/CACHEDIR.TAG", "target/x", "deep/other/CACHEDIR.TAG"]
        {
            fs::create_dir_all(from.join(file).parent().unwrap()).unwrap();
            fs::write(from.join(file), file).unwrap();
        }
        copy_root(&from, &to).unwrap();
        let has = |file: &str| to.join(file).exists();
        assert!(has("Cargo.toml") && has("src/main.rs") && has("notes"));
        assert!(!has("target") && !has("deep/other/CACHEDIR.TAG"));
        if !Command::new("git").arg("init").current_dir(&from).output().is_ok_and(|output| output.status.success()) {
            println!("skipped: files that git ignores (no git)");
            return;
        }
        fs::write(from.join(".gitignore"), "notes\n/target\n/deep\n").unwrap();
        let second = folder.path().join("second");
        copy_root(&from, &second).unwrap();
        assert!(second.join("src/main.rs").exists() && second.join(".gitignore").exists());
        assert!(!second.join("notes").exists() && !second.join("target").exists() && !second.join(".git").exists());
        // Whatever git ignores as a whole has no list of files.
        assert_eq!(git_files(&from.join("deep")), None);
    }
}
