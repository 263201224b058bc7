//! The commands.

pub(crate) mod audit;
pub(crate) mod build;
pub(crate) mod inspect;
pub(crate) mod merge;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod prove;
pub(crate) mod run;
pub(crate) mod segment;
pub(crate) mod verify;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use vm_sdk::arch::{DefaultSegmentationStrategy, SystemConfig, VmExecutor};
use vm_sdk::config::Rv32imVm;
use vm_sdk::guest_build;
use vm_sdk::program::GuestProgram;

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
