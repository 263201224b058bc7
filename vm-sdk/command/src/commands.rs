//! The commands.

pub(crate) mod audit;
pub(crate) mod build;
pub(crate) mod coverage;
pub(crate) mod debug;
pub(crate) mod inspect;
pub(crate) mod merge;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod profile;
pub(crate) mod prove;
pub(crate) mod run;
pub(crate) mod segment;
pub(crate) mod verify;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use vm_machine::StandardVm;
use vm_sdk::arch::{DefaultSegmentationStrategy, VmExecutor};
use vm_sdk::guest_build;
use vm_sdk::program::GuestProgram;
use vm_sdk::transpiler::Transpiler;

use crate::args::{GuestArgs, MachineArgs, PackageArgs, SegmentationArgs};
use crate::outcome::Failure;

/// Size limit of descriptions of machines.
const MAX_DESCRIPTION_LEN: u64 = 1 << 20;

/// Returns the machine that the command line describes, or else the default one. It has continuations, so programs may be of
/// any length.
fn machine(args: &MachineArgs) -> Result<StandardVm, Failure> {
    let mut machine = match &args.machine {
        Some(path) => {
            let description = vm_sdk::files::read(path, MAX_DESCRIPTION_LEN)?;
            StandardVm::from_bytes(&description).map_err(|error| Failure::Machine(path.clone(), error))?
        }
        None => StandardVm::default(),
    };
    machine.system = machine.system.with_continuations();
    Ok(machine)
}

/// Returns the executable for a path: the file itself, or the executable of the guest package in that folder, which is built.
fn built<'a>(path: &'a Path, package: &PackageArgs) -> Result<Cow<'a, Path>, Failure> {
    if guest_build::is_package(path) {
        let built = guest_build::build_for(path, &package.options(), &StandardVm::default());
        return Ok(built.map_err(Failure::Build)?.elf.into());
    }
    if package.bin.is_some() || !package.features.is_empty() {
        return Err(Failure::NotBuilt(path.to_owned()));
    }
    Ok(path.into())
}

/// A guest program, and the machine without the extensions of which it has no instruction.
struct Guest {
    program: GuestProgram,
    machine: StandardVm,
}

impl Guest {
    /// Reads a program. Builds it if it is a guest package.
    fn read(path: &Path, package: &PackageArgs, machine: &MachineArgs) -> Result<Self, Failure> {
        let machine = self::machine(machine)?;
        let path = built(path, package)?;
        let image = GuestProgram::read_image(&path)?;
        let machine = machine.for_program(&image)?;
        let program = GuestProgram::of_image(&path, image, &Transpiler::for_machine(&machine)?)?;
        Ok(Self { program, machine })
    }

    /// Reads the program and the input vectors of the command line.
    fn with_inputs(args: &GuestArgs) -> Result<(Self, Vec<Vec<u8>>), Failure> {
        let inputs = args.input.iter().map(|input| input.read()).collect::<Result<_, _>>()?;
        Ok((Self::read(&args.elf, &args.package, &args.machine)?, inputs))
    }

    /// Selects the segmentation of the command line. Keys do not depend on it.
    fn segmented(mut self, segmentation: &SegmentationArgs) -> Self {
        if let Some(mebibytes) = segmentation.segment_memory {
            let max_memory = mebibytes as usize * (1 << 20);
            let strategy = DefaultSegmentationStrategy { max_memory, ..DefaultSegmentationStrategy::default() };
            self.machine.system.segmentation_strategy = Arc::new(strategy);
        }
        self
    }

    /// Returns an executor with the limits of the command line.
    fn executor(&self, args: &GuestArgs) -> VmExecutor<StandardVm> {
        let executor = VmExecutor::new(self.machine.clone());
        match args.max_instructions {
            Some(limit) => executor.with_max_instructions(limit),
            None => executor,
        }
    }
}

/// Calls a function with the engine that the command line selects.
macro_rules! with_engine {
    ($engine:expr, $function:ident($($argument:expr),*)) => {{
        use crate::args::Engine;
        use vm_sdk::stark;
        match $engine {
            Engine::Poseidon2 => $function::<stark::BabyBearPoseidon2Engine>($($argument),*),
            Engine::Keccak => $function::<stark::BabyBearKeccakEngine>($($argument),*),
            Engine::Blake3 => $function::<stark::BabyBearBlake3Engine>($($argument),*),
            Engine::WhirPoseidon2 => $function::<stark::BabyBearWhirPoseidon2Engine>($($argument),*),
            Engine::WhirKeccak => $function::<stark::BabyBearWhirKeccakEngine>($($argument),*),
            Engine::WhirBlake3 => $function::<stark::BabyBearWhirBlake3Engine>($($argument),*),
        }
    }};
}
use with_engine;

/// Calls a function with the engine in the header of a file.
macro_rules! with_engine_of {
    ($header:expr, $path:expr, $function:ident($($argument:expr),*)) => {
        match crate::args::Engine::of_file(&$header.engine) {
            Some(engine) => crate::commands::with_engine!(engine, $function($($argument),*)),
            None => {
                let engine = $header.engine.clone();
                Err(vm_sdk::error::SdkError::UnknownEngine { path: $path.to_owned(), engine }.into())
            }
        }
    };
}
use with_engine_of;
