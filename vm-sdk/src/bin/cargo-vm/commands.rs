//! The commands.

pub(crate) mod inspect;
pub(crate) mod prove;
pub(crate) mod run;
pub(crate) mod verify;

use vm_core::arch::VmExecutor;
use vm_sdk::config::Rv32imVm;
use vm_sdk::error::SdkError;
use vm_sdk::program::GuestProgram;

use crate::args::GuestArgs;

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

/// Reads a program and its input vectors.
fn read_guest(args: &GuestArgs) -> Result<(GuestProgram, Vec<Vec<u8>>), SdkError> {
    let inputs = args.input.iter().map(|input| input.read()).collect::<Result<_, _>>()?;
    Ok((GuestProgram::read(&args.elf)?, inputs))
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
