//! Where files are written: proofs, verifying keys, plans and profiles.

use std::path::{Path, PathBuf};

use crate::cli::args::GuestArgs;
use crate::cli::outcome::Failure;
use crate::error::SdkError;
use crate::files::{Destination, PendingFiles};
use crate::input::InputArg;
use crate::run_folder::RunFolder;

const PROOF: &str = "-o";
const KEY: &str = "--vk-out";

/// Destinations of files, which were checked before work, with their options.
pub(crate) struct Outputs(Vec<(&'static str, Destination)>);

impl Outputs {
    /// Checks the destinations of a proof and its verifying key.
    pub(crate) fn new(proof: Option<&PathBuf>, key: Option<&PathBuf>, folder: Option<&Path>) -> Result<Self, Failure> {
        Self::of([(PROOF, proof), (KEY, key)], folder)
    }

    /// Checks that the files can be written, that no two are the same, and that none is standard output or a file of the run's
    /// folder.
    pub(crate) fn of<'a>(
        paths: impl IntoIterator<Item = (&'static str, Option<&'a PathBuf>)>,
        folder: Option<&Path>,
    ) -> Result<Self, Failure> {
        let mut outputs: Vec<(&'static str, Destination)> = Vec::new();
        for (option, path) in paths {
            let Some(path) = path else { continue };
            let destination = Destination::new(path)?;
            if destination.is(Path::new("/dev/stdout")) {
                return Err(Failure::Conflict(option, "standard output".to_owned()));
            }
            if folder.is_some_and(|folder| RunFolder::owns(folder, destination.path())) {
                return Err(Failure::Conflict(option, "a file of the run's folder".to_owned()));
            }
            destination.check()?;
            if let Some((first, _)) = outputs.iter().find(|(_, other)| other.is(path)) {
                return Err(Failure::Conflict(first, format!("{option}, {}", path.display())));
            }
            outputs.push((option, destination));
        }
        Ok(Self(outputs))
    }

    /// Checks that no output is a file that is read.
    pub(crate) fn differ_from(&self, read: &Path) -> Result<(), Failure> {
        match self.0.iter().find(|(_, destination)| destination.is(read)) {
            Some((option, _)) => Err(Failure::Conflict(option, format!("the input {}", read.display()))),
            None => Ok(()),
        }
    }

    /// Checks that no output is the guest or its input.
    pub(crate) fn differ_from_guest(&self, args: &GuestArgs) -> Result<(), Failure> {
        self.differ_from(&args.elf)?;
        args.input.iter().try_for_each(|input| match input {
            InputArg::File(path) => self.differ_from(path),
            InputArg::Bytes(_) => Ok(()),
        })
    }

    /// Writes both files or none: they appear when everything else has succeeded.
    pub(crate) fn write(self, proof: Vec<u8>, key: impl FnOnce() -> Result<Vec<u8>, SdkError>) -> Result<(), Failure> {
        let (mut proof, mut key) = (Some(proof), Some(key));
        self.write_each(|option| match option {
            PROOF => Ok(proof.take().unwrap_or_default()),
            _ => Ok(key.take().map_or_else(|| Ok(Vec::new()), |key| key())?),
        })
    }

    /// Writes all files or none. `contents` is called once per file, with its option.
    pub(crate) fn write_each(
        self,
        mut contents: impl FnMut(&'static str) -> Result<Vec<u8>, Failure>,
    ) -> Result<(), Failure> {
        let mut files = PendingFiles::new();
        for (option, destination) in self.0 {
            files.write(destination, contents(option)?)?;
        }
        Ok(files.commit()?)
    }
}
