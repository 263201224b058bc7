//! The commands.

pub(crate) mod build;
pub(crate) mod inspect;
pub(crate) mod new;
pub(crate) mod prove;
pub(crate) mod run;
pub(crate) mod verify;

use std::borrow::Cow;
use std::path::Path;

use vm_core::arch::VmExecutor;
use vm_sdk::config::Rv32imVm;
use vm_sdk::guest_build;
use vm_sdk::program::GuestProgram;

use crate::args::{GuestArgs, PackageArgs};
use crate::outcome::Failure;

/// The machine of this command.
fn machine() -> Rv32imVm {
    Rv32imVm::default()
}

/// Executes on `machine` within the limits of the command line.
fn executor(machine: Rv32imVm, args: &GuestArgs) -> VmExecutor<Rv32imVm> {
    let executor = VmExecutor::new(machine);
    match args.max_instructions {
        Some(limit) => executor.with_max_instructions(limit),
        None => executor,
    }
}

/// The file that a path means: itself, or the executable of the guest package in that folder, built now.
fn built<'a>(path: &'a Path, package: &PackageArgs) -> Result<Cow<'a, Path>, Failure> {
    if guest_build::is_package(path) {
        return Ok(guest_build::build(path, &package.options()).map_err(Failure::Build)?.elf.into());
    }
    if package.bin.is_some() || !package.features.is_empty() {
        return Err(Failure::NotBuilt(path.to_owned()));
    }
    Ok(path.into())
}

/// Reads a program, which may have to be built, and its input vectors.
fn read_guest(args: &GuestArgs) -> Result<(GuestProgram, Vec<Vec<u8>>), Failure> {
    let inputs = args.input.iter().map(|input| input.read()).collect::<Result<_, _>>()?;
    Ok((GuestProgram::read(&built(&args.elf, &args.package)?)?, inputs))
}

/// Calls a function with the engine that a file names.
macro_rules! with_engine_of {
    ($header:expr, $path:expr, $function:ident($($argument:expr),*)) => {{
        use vm_core::stark::{BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, StarkEngine};
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
