//! The commands.

mod build;
mod compare;
mod coverage;
mod debug;
mod estimate;
mod inspect;
mod merge;
mod plan;
mod profile;
mod prove;
mod run;
mod segment;
mod verify;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::arch::{DefaultSegmentationStrategy, RunControl, Streams, VmExecutor};
use crate::cli::args::{Command, GuestArgs, MachineArgs, PackageArgs, ProgressArgs, ProofRunArgs, SegmentationArgs};
use crate::cli::guest_output::GuestOutput;
use crate::cli::outcome::Failure;
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::error::SdkError;
use crate::guest_build;
use crate::program::GuestProgram;
use crate::sdk::Sdk;
use crate::stark::StarkEngine;
use crate::transpiler::Transpiler;

impl Command {
    /// Runs the command and returns the exit code.
    pub(crate) fn run<VC: CliConfig>(&self, source: &MachineSource<VC>) -> Result<u8, Failure> {
        match self {
            Self::Build(args) => build::run(source, args),
            Self::Run(args) => run::run(source, args),
            Self::Compare(args) => compare::run(source, args),
            Self::Debug(args) => debug::run(source, args),
            Self::Prove(args) => prove::run(source, args),
            Self::Estimate(args) => estimate::run(source, args),
            Self::Segment(args) => segment::run(source, args),
            Self::Merge(args) => merge::run::<VC>(args),
            Self::Verify(args) => verify::run(source, args),
            Self::Profile(args) => profile::run(source, args),
            Self::Coverage(args) => coverage::run(source, args),
            Self::Plan(args) => plan::run(source, args),
            Self::Inspect(args) => inspect::run(source, args),
        }
    }
}

/// An executable.
struct Executable<'a> {
    path: Cow<'a, Path>,
    /// Folders of sources with their names in the executable, if it has been built now.
    sources: Vec<(PathBuf, String)>,
}

/// Returns the executable for a path: the file itself, or the executable of the guest package in that folder, which is built
/// for the machine.
fn built<'a, VC: CliConfig>(path: &'a Path, package: &PackageArgs, machine: &VC) -> Result<Executable<'a>, Failure> {
    if guest_build::is_package(path) {
        let built = guest_build::build_for(path, &package.options(), machine).map_err(Failure::Build)?;
        return Ok(Executable { path: built.elf.into(), sources: built.sources });
    }
    if package.bin.is_some() || !package.features.is_empty() {
        return Err(Failure::NotBuilt(path.to_owned()));
    }
    Ok(Executable { path: path.into(), sources: Vec::new() })
}

/// A guest program, and the machine without the extensions of which it has no instruction.
struct Guest<VC> {
    program: GuestProgram,
    machine: VC,
    /// Folders of sources with their names in the executable, if it has been built now.
    sources: Vec<(PathBuf, String)>,
}

impl<VC: CliConfig> Guest<VC> {
    /// Reads a program. Builds it if it is a guest package.
    fn read(
        source: &MachineSource<VC>,
        path: &Path,
        package: &PackageArgs,
        machine: &MachineArgs,
    ) -> Result<Self, Failure> {
        let machine = source.machine(machine)?;
        let Executable { path, sources } = built(path, package, &machine)?;
        let image = GuestProgram::read_image(&path)?;
        let machine = (source.for_program)(&machine, &image)?;
        let program = GuestProgram::of_image(&path, image, &Transpiler::for_machine(&machine)?)?;
        Ok(Self { program, machine, sources })
    }

    /// Reads the program and the input vectors of the command line.
    fn with_inputs(source: &MachineSource<VC>, args: &GuestArgs) -> Result<(Self, Vec<Vec<u8>>), Failure> {
        let inputs = args.input.iter().map(|input| input.read()).collect::<Result<_, _>>()?;
        Ok((Self::read(source, &args.elf, &args.package, &args.machine)?, inputs))
    }

    /// Selects the segmentation of the command line. Keys do not depend on it.
    fn segmented(mut self, segmentation: &SegmentationArgs) -> Self {
        if let Some(mebibytes) = segmentation.segment_memory {
            let max_memory = mebibytes as usize * (1 << 20);
            let strategy = DefaultSegmentationStrategy { max_memory, ..DefaultSegmentationStrategy::default() };
            self.machine.system_mut().segmentation_strategy = Arc::new(strategy);
        }
        self
    }

    /// Returns an executor with the limits of the command line.
    fn executor(&self, args: &GuestArgs) -> VmExecutor<VC> {
        let executor = VmExecutor::new(self.machine.clone());
        match args.max_instructions {
            Some(limit) => executor.with_max_instructions(limit),
            None => executor,
        }
    }
}

impl ProofRunArgs {
    /// Reads the program and its input vectors, and returns them with what proves runs of it.
    fn read<E: StarkEngine, VC: CliConfig>(&self, source: &MachineSource<VC>) -> Result<ProofRun<E, VC>, Failure> {
        let (guest, inputs) = Guest::with_inputs(source, &self.guest)?;
        let guest = guest.segmented(&self.segmentation);
        let sdk = Sdk::new(guest.executor(&self.guest), self.proof.security.preset());
        Ok(ProofRun { program: guest.program, inputs, sdk })
    }
}

/// A program with its input vectors, and what proves its runs.
struct ProofRun<E, VC> {
    program: GuestProgram,
    inputs: Vec<Vec<u8>>,
    sdk: Sdk<E, VC>,
}

/// Does work that runs a guest with these input vectors, and shows its progress and what the guest prints. Returns the result,
/// and whether everything could be printed.
fn shown<T>(
    json: bool,
    progress: &ProgressArgs,
    control: &RunControl,
    inputs: Vec<Vec<u8>>,
    work: impl FnOnce(Streams, &Reporter) -> Result<T, SdkError>,
) -> Result<(T, Result<(), Failure>), Failure> {
    let reporter = Reporter::new(progress.mode, control);
    let output = GuestOutput::new(json, &reporter);
    let result = work(output.streams(inputs), &reporter);
    drop(reporter);
    let printed = output.finish();
    Ok((result?, printed))
}

/// Calls a function with the engine that the command line selects.
macro_rules! with_engine {
    ($engine:expr, $function:ident::<$vc:ident>($($argument:expr),*)) => {{
        use crate::cli::args::Engine;
        use crate::stark;
        match $engine {
            Engine::Poseidon2 => $function::<stark::BabyBearPoseidon2Engine, $vc>($($argument),*),
            Engine::Keccak => $function::<stark::BabyBearKeccakEngine, $vc>($($argument),*),
            Engine::Blake3 => $function::<stark::BabyBearBlake3Engine, $vc>($($argument),*),
            Engine::WhirPoseidon2 => $function::<stark::BabyBearWhirPoseidon2Engine, $vc>($($argument),*),
            Engine::WhirKeccak => $function::<stark::BabyBearWhirKeccakEngine, $vc>($($argument),*),
            Engine::WhirBlake3 => $function::<stark::BabyBearWhirBlake3Engine, $vc>($($argument),*),
        }
    }};
}
use with_engine;

/// Calls a function with the engine in the header of a file.
macro_rules! with_engine_of {
    ($header:expr, $path:expr, $function:ident::<$vc:ident>($($argument:expr),*)) => {
        match crate::cli::args::Engine::of_file(&$header.engine) {
            Some(engine) => crate::cli::commands::with_engine!(engine, $function::<$vc>($($argument),*)),
            None => {
                let engine = $header.engine.clone();
                Err(crate::error::SdkError::UnknownEngine { path: $path.to_owned(), engine }.into())
            }
        }
    };
}
use with_engine_of;
