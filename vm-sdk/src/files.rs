//! Files that are written whole or not at all.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

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

/// Makes a folder, unless it is there. Its parent must exist.
pub fn create_folder(path: &Path) -> Result<(), FileError> {
    match std::fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other.map_err(|source| FileError::new("create", path, source)),
    }
}

/// Contents of a file of at most `max_len` bytes.
pub fn read(path: &Path, max_len: u64) -> Result<Vec<u8>, FileError> {
    let attempt = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(max_len.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > max_len {
            return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {max_len} bytes")));
        }
        Ok(bytes)
    };
    attempt().map_err(|source| FileError { action: "read", path: path.to_owned(), source })
}

/// Finds out early that a file cannot be written: its directory must exist.
pub fn check_destination(path: &Path) -> Result<(), FileError> {
    let attempt = || {
        if path.is_dir() {
            return Err(io::Error::from(ErrorKind::IsADirectory));
        }
        if !directory_of(path).metadata()?.is_dir() {
            return Err(io::Error::from(ErrorKind::NotADirectory));
        }
        Ok(())
    };
    attempt().map_err(|source| FileError { action: "write", path: path.to_owned(), source })
}

/// The directory that a file is in.
fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Files that appear together under their names, after all of them are on the disk. Dropping it before leaves nothing.
#[derive(Debug, Default)]
pub struct PendingFiles {
    files: Vec<(NamedTempFile, PathBuf)>,
}

impl PendingFiles {
    /// Nothing to write yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a file beside its destination.
    pub fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
        let attempt = || {
            let mut file = create_in(directory_of(path))?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        match attempt() {
            Ok(file) => {
                self.files.push((file, path.to_owned()));
                Ok(())
            }
            Err(source) => Err(FileError { action: "write", path: path.to_owned(), source }),
        }
    }

    /// Gives the files their names, replacing existing ones.
    pub fn commit(self) -> Result<(), FileError> {
        for (file, path) in self.files {
            if let Err(error) = file.persist(&path) {
                return Err(FileError { action: "write", path, source: error.error });
            }
        }
        Ok(())
    }
}

/// A temporary file with the permissions of an ordinary new file (the crate's default is private to the user).
fn create_in(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cargo-vm-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The process's umask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

#[cfg(test)]
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
        pending.write(&a, b"new").unwrap();
        pending.write(&b, b"b").unwrap();
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
        assert!(check_destination(&file).is_ok() && check_destination(Path::new("new")).is_ok());
        for impossible in [directory.path(), &file.join("below"), &directory.path().join("missing/x")] {
            assert!(check_destination(impossible).is_err(), "{}", impossible.display());
        }
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
        pending.write(&directory.path().join("a"), b"a").unwrap();
        let error = pending.write(&directory.path().join("missing/b"), b"b").unwrap_err();
        assert!(error.to_string().contains("missing/b"), "{error}");
        drop(pending);
        assert!(names(directory.path()).is_empty());
    }
}
