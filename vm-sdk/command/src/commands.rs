//! The commands.

pub(crate) mod build;
pub(crate) mod inspect;
pub(crate) mod merge;
pub(crate) mod new;
pub(crate) mod prove;
pub(crate) mod run;
pub(crate) mod segment;
pub(crate) mod verify;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vm_sdk::arch::{DefaultSegmentationStrategy, SystemConfig, VmExecutor};
use vm_sdk::config::Rv32imVm;
use vm_sdk::files::{Destination, PendingFiles};
use vm_sdk::guest_build;
use vm_sdk::input::InputArg;
use vm_sdk::program::GuestProgram;
use vm_sdk::run_folder::RunFolder;

use crate::args::{GuestArgs, PackageArgs, SegmentationArgs};
use crate::outcome::Failure;

/// Returns the machine of this command. It has continuations, so programs may be of any length.
fn machine() -> Rv32imVm {
    Rv32imVm { system: SystemConfig::default().with_continuations(), ..Rv32imVm::default() }
}

/// Returns the machine with the segmentation that the command line selects. Keys do not depend on it.
fn machine_with(segmentation: &SegmentationArgs) -> Rv32imVm {
    let mut machine = machine();
    if let Some(mebibytes) = segmentation.segment_memory {
        let max_memory = mebibytes as usize * (1 << 20);
        let strategy = DefaultSegmentationStrategy { max_memory, ..DefaultSegmentationStrategy::default() };
        machine.system.segmentation_strategy = Arc::new(strategy);
    }
    machine
}

/// Returns an executor with the limits of the command line.
fn executor(machine: Rv32imVm, args: &GuestArgs) -> VmExecutor<Rv32imVm> {
    let executor = VmExecutor::new(machine);
    match args.max_instructions {
        Some(limit) => executor.with_max_instructions(limit),
        None => executor,
    }
}

/// Returns the executable for a path: the file itself, or the executable of the guest package in that folder, which is built.
fn built<'a>(path: &'a Path, package: &PackageArgs) -> Result<Cow<'a, Path>, Failure> {
    if guest_build::is_package(path) {
        return Ok(guest_build::build_for(path, &package.options(), &machine()).map_err(Failure::Build)?.elf.into());
    }
    if package.bin.is_some() || !package.features.is_empty() {
        return Err(Failure::NotBuilt(path.to_owned()));
    }
    Ok(path.into())
}

/// Reads a program and its input vectors. Builds the program if it is a guest package.
fn read_guest(args: &GuestArgs) -> Result<(GuestProgram, Vec<Vec<u8>>), Failure> {
    let inputs = args.input.iter().map(|input| input.read()).collect::<Result<_, _>>()?;
    Ok((GuestProgram::read(&built(&args.elf, &args.package)?)?, inputs))
}

/// Where a proof and its verifying key go.
struct Outputs {
    proof: Option<Destination>,
    key: Option<Destination>,
}

const PROOF: &str = "-o";
const KEY: &str = "--vk-out";

impl Outputs {
    /// Checks, before work, that the files can be written, and that nothing else is lost or mixed up by that.
    fn new(proof: Option<&PathBuf>, key: Option<&PathBuf>, folder: Option<&Path>) -> Result<Self, Failure> {
        let open = |path: Option<&PathBuf>| path.map(|path| Destination::new(path)).transpose();
        let outputs = Self { proof: open(proof)?, key: open(key)? };
        for (option, path, destination) in
            [(PROOF, proof, &outputs.proof), (KEY, key, &outputs.key)].into_iter().filter_map(present)
        {
            if destination.is(Path::new("/dev/stdout")) {
                return Err(Failure::Conflict(option, "standard output".to_owned()));
            }
            let own = |folder: &Path| {
                let name = path.file_name().is_some_and(|name| name.to_str().is_some_and(RunFolder::is_own));
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                name && matches!((parent.canonicalize(), folder.canonicalize()), (Ok(a), Ok(b)) if a == b)
            };
            if folder.is_some_and(own) {
                return Err(Failure::Conflict(option, "a file of the run's folder".to_owned()));
            }
            destination.check()?;
        }
        if let (Some(proof), Some(key)) = (&outputs.proof, key)
            && proof.is(key)
        {
            return Err(Failure::Conflict(PROOF, format!("{KEY}, {}", key.display())));
        }
        Ok(outputs)
    }

    /// Checks that no file that is read would be replaced.
    fn keep(&self, read: &Path) -> Result<(), Failure> {
        for (option, destination) in [(PROOF, &self.proof), (KEY, &self.key)] {
            if destination.as_ref().is_some_and(|destination| destination.is(read)) {
                return Err(Failure::Conflict(option, format!("the input {}", read.display())));
            }
        }
        Ok(())
    }

    /// Checks that the files of a guest would not be replaced.
    fn keep_guest(&self, args: &GuestArgs) -> Result<(), Failure> {
        self.keep(&args.elf)?;
        args.input.iter().try_for_each(|input| match input {
            InputArg::File(path) => self.keep(path),
            InputArg::Bytes(_) => Ok(()),
        })
    }

    /// Writes both files or none: they appear when everything else has succeeded.
    fn write(
        self,
        proof: Vec<u8>,
        key: impl FnOnce() -> Result<Vec<u8>, vm_sdk::error::SdkError>,
    ) -> Result<(), Failure> {
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

/// Returns an output that the command line has.
fn present<'a>(
    (option, path, destination): (&'static str, Option<&'a PathBuf>, &'a Option<Destination>),
) -> Option<(&'static str, &'a PathBuf, &'a Destination)> {
    Some((option, path?, destination.as_ref()?))
}

/// Calls a function with the engine that the command line selects.
macro_rules! with_engine {
    ($engine:expr, $function:ident($($argument:expr),*)) => {{
        use vm_sdk::stark::{BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine};
        match $engine {
            crate::args::Engine::Poseidon2 => $function::<BabyBearPoseidon2Engine>($($argument),*),
            crate::args::Engine::Keccak => $function::<BabyBearKeccakEngine>($($argument),*),
            crate::args::Engine::Blake3 => $function::<BabyBearBlake3Engine>($($argument),*),
        }
    }};
}
use with_engine;

/// Calls a function with the engine in the header of a file.
macro_rules! with_engine_of {
    ($header:expr, $path:expr, $function:ident($($argument:expr),*)) => {{
        use vm_sdk::stark::{BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, StarkEngine};
        let engine: &str = &$header.engine;
        if engine == BabyBearPoseidon2Engine::name() {
            $function::<BabyBearPoseidon2Engine>($($argument),*)
        } else if engine == BabyBearKeccakEngine::name() {
            $function::<BabyBearKeccakEngine>($($argument),*)
        } else if engine == BabyBearBlake3Engine::name() {
            $function::<BabyBearBlake3Engine>($($argument),*)
        } else {
            Err(vm_sdk::error::SdkError::UnknownEngine { path: $path.to_owned(), engine: engine.to_owned() }.into())
        }
    }};
}
use with_engine_of;
