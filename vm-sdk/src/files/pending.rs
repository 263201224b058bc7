//! Writing.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{FileError, directory_of};

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
    builder.prefix(".cargo-chipwright-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The process's umask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}
