//! Writing files: regular ones are replaced as a whole, devices and pipes are written directly.

use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{NamedTempFile, TempDir};

use super::FileError;

/// Temporary files of this process; some may have been renamed or removed already. Locked while files appear under their
/// names, so that an interruption comes before or after.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn temporary() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Proof that this process writes no more files.
pub struct Finished {
    _lock: MutexGuard<'static, Vec<PathBuf>>,
}

/// Removes all temporary files, before a signal ends the process. Until the returned value is dropped, other threads
/// wait before they create or rename a file.
pub fn remove_temporary_files() -> Finished {
    let mut lock = temporary();
    for path in lock.drain(..) {
        // Renamed files are no longer there.
        let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    }
    Finished { _lock: lock }
}

/// A folder that is removed when the value is dropped, or when [`remove_temporary_files`] is called.
pub(crate) struct TemporaryFolder {
    _folder: TempDir,
    path: PathBuf,
}

impl TemporaryFolder {
    pub(crate) fn new() -> io::Result<Self> {
        let mut list = temporary();
        let folder = tempfile::Builder::new().prefix("chipwright-").tempdir()?;
        // Without symbolic links, because compilers resolve them.
        let path = folder.path().canonicalize()?;
        list.push(path.clone());
        Ok(Self { _folder: folder, path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Returns the directory that contains a file.
pub(crate) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A place to write a file to.
#[derive(Debug)]
pub struct Destination {
    /// Path as given.
    path: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    /// A regular file, or none yet.
    File {
        /// Path after following symbolic links.
        path: PathBuf,
        present: Option<Metadata>,
    },
    /// A device, a pipe or the like, opened for writing.
    Stream { file: File, metadata: Metadata },
}

impl Destination {
    /// Finds out what is at `path`. Symbolic links are followed: the file that they name is written, and the links stay.
    /// A pipe without a reader is waited for.
    ///
    /// # Errors
    ///
    /// A [`FileError`] if the path is a directory, the directory that contains it does not exist, or the file or device
    /// must not be written. A file without write permission is not replaced, not even by the superuser.
    pub fn new(path: &Path) -> Result<Self, FileError> {
        let target = Target::new(path).map_err(|source| FileError::new("write", path, source))?;
        Ok(Self { path: path.to_owned(), target })
    }

    /// Returns the path as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Checks, before long work, that the file can be created, by creating and removing a temporary one beside it.
    ///
    /// # Errors
    ///
    /// A [`FileError`] if it cannot.
    pub fn check(&self) -> Result<(), FileError> {
        let Target::File { path, .. } = &self.target else { return Ok(()) };
        try_creating_in(directory_of(path)).map_err(|source| FileError::new("write", &self.path, source))
    }

    /// Returns whether writing would change the file at `other`, or would be mixed with what is written there. Two uses
    /// of one device, such as `/dev/null`, do not disturb each other.
    pub fn is(&self, other: &Path) -> bool {
        match &self.target {
            Target::File { present: Some(present), .. } => {
                other.metadata().is_ok_and(|other| same_file(present, &other))
            }
            // Opens nothing: an input may be a pipe, for which that would wait.
            Target::File { path, present: None } => {
                !other.exists() && follow_links(other).is_ok_and(|other| absolute(path) == absolute(&other))
            }
            Target::Stream { metadata, .. } => {
                is_pipe(metadata) && other.metadata().is_ok_and(|other| same_file(metadata, &other))
            }
        }
    }
}

impl Target {
    fn new(path: &Path) -> io::Result<Self> {
        let present = match path.metadata() {
            Ok(found) if found.is_dir() => return Err(ErrorKind::IsADirectory.into()),
            Ok(found) if !found.is_file() => {
                let file = OpenOptions::new().write(true).open(path)?;
                return Ok(Self::Stream { metadata: file.metadata()?, file });
            }
            Ok(found) if found.permissions().readonly() => {
                return Err(io::Error::new(ErrorKind::PermissionDenied, "the file is read-only"));
            }
            Ok(found) => {
                // Opening changes nothing, but says whether this user may write the file.
                OpenOptions::new().append(true).open(path)?;
                Some(found)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let path = follow_links(path)?;
        if !directory_of(&path).metadata()?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        Ok(Self::File { path, present })
    }
}

/// Follows symbolic links, also one to a file that does not exist.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // As many as Linux follows.
    for _ in 0..40 {
        match path.symlink_metadata() {
            Ok(found) if found.is_symlink() => path = directory_of(&path).join(path.read_link()?),
            _ => return Ok(path),
        }
    }
    Err(io::Error::new(ErrorKind::InvalidInput, "too many symbolic links"))
}

/// Returns the path of a file that does not exist, with the real path of its directory.
fn absolute(path: &Path) -> Option<PathBuf> {
    Some(directory_of(path).canonicalize().ok()?.join(path.file_name()?))
}

fn same_file(a: &Metadata, b: &Metadata) -> bool {
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

fn is_pipe(metadata: &Metadata) -> bool {
    metadata.file_type().is_fifo()
}

/// Files that appear under their names together, after all of them have been written to disk. If it is dropped without
/// [`Self::commit`], no file appears.
#[derive(Debug, Default)]
pub struct PendingFiles {
    files: Vec<(NamedTempFile, PathBuf)>,
    streams: Vec<(File, PathBuf, Vec<u8>)>,
}

impl PendingFiles {
    /// Returns an empty set of files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a file under a temporary name in the directory of its destination. The file gets the permissions and, if
    /// possible, the owner of the file that it replaces. What goes to a device or a pipe is written by
    /// [`Self::commit`].
    ///
    /// # Errors
    ///
    /// A [`FileError`] if the file cannot be created or written.
    pub fn write(&mut self, destination: Destination, bytes: Vec<u8>) -> Result<(), FileError> {
        let Destination { path: given, target } = destination;
        match target {
            Target::Stream { file, .. } => self.streams.push((file, given, bytes)),
            Target::File { path, present } => {
                let attempt = || {
                    let mut file = create_in(directory_of(&path))?;
                    file.write_all(&bytes)?;
                    if let Some(present) = &present {
                        copy_permissions(file.as_file(), present)?;
                    }
                    file.as_file().sync_all()?;
                    Ok(file)
                };
                // The error's own text also names the temporary file.
                let file =
                    attempt().map_err(|error: io::Error| FileError::new("write", &given, error.kind().into()))?;
                self.files.push((file, path));
            }
        }
        Ok(())
    }

    /// Writes to devices and pipes, then renames the files to their paths, replacing existing files.
    ///
    /// # Errors
    ///
    /// A [`FileError`] for the first file that cannot be written or renamed. Files before it have been renamed, later
    /// ones are removed.
    pub fn commit(self) -> Result<(), FileError> {
        for (mut file, path, bytes) in self.streams {
            let attempt = file.write_all(&bytes).and_then(|()| file.flush());
            attempt.map_err(|source| FileError::new("write", &path, source))?;
        }
        let _uninterrupted = temporary();
        for (file, path) in self.files {
            if let Err(error) = file.persist(&path) {
                return Err(FileError::new("write", &path, error.error));
            }
        }
        Ok(())
    }
}

/// Checks, before long work, that `path` is a folder or can become one, and that files can be created there.
///
/// # Errors
///
/// A [`FileError`] if the path is something else than a folder, if neither the path nor its parent exists, or if no file
/// can be created.
pub fn check_folder(path: &Path) -> Result<(), FileError> {
    let attempt = || match path.metadata() {
        Ok(found) if found.is_dir() => try_creating_in(path),
        Ok(_) => Err(ErrorKind::NotADirectory.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => match directory_of(path) {
            parent if parent.metadata()?.is_dir() => try_creating_in(parent),
            _ => Err(ErrorKind::NotADirectory.into()),
        },
        Err(error) => Err(error),
    };
    attempt().map_err(|source| FileError::new("use the folder", path, source))
}

/// Creates a temporary file in a directory and removes it.
fn try_creating_in(directory: &Path) -> io::Result<()> {
    create_in(directory).map(drop).map_err(|error| {
        let message = format!("no file can be created in {}: {}", directory.display(), error.kind());
        io::Error::new(error.kind(), message)
    })
}

/// Creates a temporary file with the permissions of an ordinary new file. `tempfile`'s default is private to the user.
fn create_in(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cargo-chipwright-");
    // The process's umask still applies.
    builder.permissions(Permissions::from_mode(0o666));
    let mut list = temporary();
    let file = builder.tempfile_in(directory)?;
    list.push(file.path().to_owned());
    Ok(file)
}

fn copy_permissions(file: &File, from: &Metadata) -> io::Result<()> {
    // Only the superuser may give a file away. The permissions come last, since a change of the owner can reset them.
    let _ = std::os::unix::fs::fchown(file, Some(from.uid()), Some(from.gid()));
    file.set_permissions(from.permissions())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn put(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
        let mut pending = PendingFiles::new();
        pending.write(Destination::new(path)?, bytes.to_vec())?;
        pending.commit()
    }

    #[test]
    fn links_stay_and_their_files_are_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::create_dir(path("below")).unwrap();
        std::fs::write(path("below/file"), "old").unwrap();
        symlink("below/file", path("link")).unwrap();
        symlink("link", path("link2")).unwrap();
        symlink("below/new", path("dangling")).unwrap();
        put(&path("link2"), b"new").unwrap();
        put(&path("dangling"), b"made").unwrap();
        for link in ["link", "link2", "dangling"] {
            assert!(path(link).symlink_metadata().unwrap().is_symlink(), "{link}");
        }
        assert_eq!(std::fs::read(path("below/file")).unwrap(), b"new");
        assert_eq!(std::fs::read(path("below/new")).unwrap(), b"made");
        symlink("round", path("round")).unwrap();
        assert!(put(&path("round"), b"").is_err());
    }

    #[test]
    fn permissions_are_kept_and_respected() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        put(&file, b"new").unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        // Not even the superuser, as which tests may run, replaces a read-only file.
        std::fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
        let error = Destination::new(&file).unwrap_err();
        assert!(error.to_string().contains("read-only"), "{error}");
        assert_eq!(std::fs::read(&file).unwrap(), b"new");
    }

    #[test]
    fn devices_and_pipes_stay_what_they_are() {
        for (device, works) in [("/dev/null", true), ("/dev/full", false)] {
            let destination = Destination::new(Path::new(device)).unwrap();
            // Checked before anything is written: a mistake must not replace the device.
            assert!(matches!(destination.target, Target::Stream { .. }));
            let mut pending = PendingFiles::new();
            pending.write(destination, b"lost".to_vec()).unwrap();
            assert_eq!(pending.commit().is_ok(), works, "{device}");
        }

        let directory = tempfile::tempdir().unwrap();
        let fifo = directory.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        assert!(!Destination::new(&directory.path().join("new")).unwrap().is(&fifo), "a pipe is not opened");
        let reader = std::thread::spawn({
            let fifo = fifo.clone();
            move || std::fs::read(fifo).unwrap()
        });
        let destination = Destination::new(&fifo).unwrap();
        assert!(destination.is(&fifo) && !destination.is(Path::new("/dev/null")));
        let mut pending = PendingFiles::new();
        pending.write(destination, b"bytes".to_vec()).unwrap();
        pending.commit().unwrap();
        assert_eq!(reader.join().unwrap(), b"bytes");
        assert!(is_pipe(&fifo.metadata().unwrap()));
    }

    #[test]
    fn a_file_is_recognised_under_its_other_names() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("file"), "").unwrap();
        std::fs::hard_link(path("file"), path("other")).unwrap();
        symlink(path("file"), path("link")).unwrap();
        symlink(path("new"), path("to_new")).unwrap();
        let is = |a: &str, b: &str| Destination::new(&path(a)).unwrap().is(&path(b));
        assert!(is("file", "file") && is("file", "other") && is("link", "file") && is("file", "link"));
        assert!(is("new", "new") && is("new", "to_new") && is("to_new", "./new"));
        assert!(!is("file", "new") && !is("new", "file") && !is("new", "newer"));
        let null = Destination::new(Path::new("/dev/null")).unwrap();
        assert!(!null.is(Path::new("/dev/null")), "a device may be given twice");
    }
}
