//! Reading files up to a size limit, and writing them: regular files atomically, devices and pipes directly.

#[cfg(feature = "prover")]
mod pending;

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

#[cfg(feature = "prover")]
pub use pending::{Destination, Finished, PendingFiles, check_folder, remove_temporary_files};
#[cfg(feature = "prover")]
pub(crate) use pending::{TemporaryFolder, directory_of};

/// A file that could not be read or written.
#[derive(Debug, Error)]
#[error("cannot {action} {}: {source}", path.display())]
pub struct FileError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl FileError {
    pub(crate) fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self { action, path: path.to_owned(), source }
    }
}

/// Creates a folder unless it exists. Its parent must exist.
///
/// # Errors
///
/// A [`FileError`] if the folder cannot be created.
pub fn create_folder(path: &Path) -> Result<(), FileError> {
    match std::fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other.map_err(|source| FileError::new("create", path, source)),
    }
}

/// Reads a file of at most `max_len` bytes.
///
/// # Errors
///
/// A [`FileError`] if the file cannot be read or is longer.
pub fn read(path: &Path, max_len: u64) -> Result<Vec<u8>, FileError> {
    let attempt = || {
        let file = File::open(path)?;
        // As much as the file has now, so that the list does not grow by doubling. Pipes have no length.
        let len = file.metadata()?.len().min(max_len);
        let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0).saturating_add(1));
        file.take(max_len.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > max_len {
            return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {max_len} bytes")));
        }
        Ok(bytes)
    };
    attempt().map_err(|source| FileError { action: "read", path: path.to_owned(), source })
}

#[cfg(all(test, feature = "prover"))]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_appear_together_and_replace_old_ones() {
        let directory = tempfile::tempdir().unwrap();
        let (a, b) = (directory.path().join("a"), directory.path().join("b"));
        std::fs::write(&a, "old").unwrap();
        let mut pending = PendingFiles::new();
        pending.write(Destination::new(&a).unwrap(), b"new".to_vec()).unwrap();
        pending.write(Destination::new(&b).unwrap(), b"b".to_vec()).unwrap();
        assert_eq!(read(&a, 9).unwrap(), b"old");
        pending.commit().unwrap();
        assert_eq!((read(&a, 9).unwrap(), read(&b, 9).unwrap()), (b"new".to_vec(), b"b".to_vec()));
        assert_eq!(names(directory.path()), ["a", "b"]);
    }

    #[test]
    fn impossible_destinations_are_found_early() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        let check = |path: &Path| Destination::new(path).and_then(|destination| destination.check());
        check(&file).unwrap();
        check(&directory.path().join("new")).unwrap();
        for impossible in [directory.path(), &file.join("below"), &directory.path().join("missing/x")] {
            assert!(check(impossible).is_err(), "{}", impossible.display());
        }
        // The kernel creates no file there for anybody.
        let error = check(Path::new("/proc/new")).unwrap_err();
        assert!(error.to_string().contains("no file can be created in /proc"), "{error}");
        assert_eq!(names(directory.path()), ["file"]);
    }

    #[test]
    fn reading_is_bounded() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [0; 10]).unwrap();
        assert_eq!(read(file.path(), 10).unwrap(), [0; 10]);
        assert!(read(file.path(), 9).unwrap_err().to_string().contains("more than 9 bytes"));
    }

    #[test]
    fn dropped_or_failed_writes_leave_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let mut pending = PendingFiles::new();
        pending.write(Destination::new(&directory.path().join("a")).unwrap(), b"a".to_vec()).unwrap();
        let error = Destination::new(&directory.path().join("missing/b")).unwrap_err();
        assert!(error.to_string().contains("missing/b"), "{error}");
        drop(pending);
        assert!(names(directory.path()).is_empty());
    }
}
