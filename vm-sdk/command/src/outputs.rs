//! Where a proof and its verifying key are written.

use std::path::{Path, PathBuf};

use vm_sdk::error::SdkError;
use vm_sdk::files::{Destination, PendingFiles};
use vm_sdk::input::InputArg;
use vm_sdk::run_folder::RunFolder;

use crate::args::GuestArgs;
use crate::outcome::Failure;

const PROOF: &str = "-o";
const KEY: &str = "--vk-out";

/// Destinations of a proof and its verifying key, which were checked before work.
pub(crate) struct Outputs {
    proof: Option<Destination>,
    key: Option<Destination>,
}

impl Outputs {
    /// Checks that the files can be written, that they are two files, and that neither is standard output or a file of the
    /// run's folder.
    pub(crate) fn new(proof: Option<&PathBuf>, key: Option<&PathBuf>, folder: Option<&Path>) -> Result<Self, Failure> {
        let open = |path: Option<&PathBuf>| path.map(|path| Destination::new(path)).transpose();
        let outputs = Self { proof: open(proof)?, key: open(key)? };
        for (option, destination) in outputs.iter() {
            if destination.is(Path::new("/dev/stdout")) {
                return Err(Failure::Conflict(option, "standard output".to_owned()));
            }
            if folder.is_some_and(|folder| RunFolder::owns(folder, destination.path())) {
                return Err(Failure::Conflict(option, "a file of the run's folder".to_owned()));
            }
            destination.check()?;
        }
        match (&outputs.proof, key) {
            (Some(proof), Some(key)) if proof.is(key) => {
                Err(Failure::Conflict(PROOF, format!("{KEY}, {}", key.display())))
            }
            _ => Ok(outputs),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&'static str, &Destination)> {
        let outputs = [(PROOF, &self.proof), (KEY, &self.key)];
        outputs.into_iter().filter_map(|(option, destination)| Some((option, destination.as_ref()?)))
    }

    /// Checks that no output is a file that is read.
    pub(crate) fn differ_from(&self, read: &Path) -> Result<(), Failure> {
        match self.iter().find(|(_, destination)| destination.is(read)) {
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
        let mut files = PendingFiles::new();
        if let Some(destination) = self.proof {
            files.write(destination, proof)?;
        }
        if let Some(destination) = self.key {
            files.write(destination, key()?)?;
        }
        Ok(files.commit()?)
    }
}
