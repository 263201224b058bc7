//! Writing files atomically.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{FileError, directory_of};

/// Checks, before long work, that a file can be written to `path`: its directory exists, and `path` is not a directory.
///
/// # Errors
///
/// A [`FileError`] if one of these conditions does not hold.
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

/// Files that appear under their names together, after all of them have been written to disk. If it is dropped without
/// [`Self::commit`], no file appears.
#[derive(Debug, Default)]
pub struct PendingFiles {
    files: Vec<(NamedTempFile, PathBuf)>,
}

impl PendingFiles {
    /// Returns an empty set of files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a file under a temporary name in the directory of `path`.
    ///
    /// # Errors
    ///
    /// A [`FileError`] if the file cannot be created or written.
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

    /// Renames the files to their paths, replacing existing files.
    ///
    /// # Errors
    ///
    /// A [`FileError`] for the first file that cannot be renamed. Files before it have been renamed, later ones are removed.
    pub fn commit(self) -> Result<(), FileError> {
        for (file, path) in self.files {
            if let Err(error) = file.persist(&path) {
                return Err(FileError { action: "write", path, source: error.error });
            }
        }
        Ok(())
    }
}

/// Creates a temporary file with the permissions of an ordinary new file. `tempfile`'s default is private to the user.
fn create_in(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cargo-chipwright-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The process's umask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}
