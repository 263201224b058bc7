//! The commands of `cargo chipwright`, for any machine.
//!
//! A package with a machine gets `build`, `run`, `prove`, `verify`, `profile`, `debug` and all others by a `main` of one line
//! (`cargo chipwright new --vm` makes such a package):
//!
//! ```no_run
//! use serde::{Deserialize, Serialize};
//! use vm_sdk::prelude::*;
//!
//! #[derive(Clone, Debug, Default, Serialize, Deserialize, VmConfig)]
//! pub struct Machine {
//!     #[system]
//!     pub system: SystemConfig,
//!     #[extension]
//!     pub rv32im: Rv32im,
//! }
//!
//! impl vm_sdk::arch::InitFileGenerator for Machine {}
//!
//! fn main() -> std::process::ExitCode {
//!     vm_sdk::cli::<Machine>()
//! }
//! ```
//!
//! Standard output has only results (with `--json`, exactly one object). Progress and errors go to standard error. Exit codes: 0
//! for success; 1 if the guest fails or the proof does not verify; 2 for usage errors and bad input.

mod args;
mod commands;
mod guest_output;
mod outcome;
mod outputs;
mod progress;
mod signals;

use std::error::Error;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::arch::{InitFileGenerator, VmConfig, VmInventoryError};
use crate::elf::ElfImage;

pub use outcome::{FAILED, Failure, note, print_json, print_text};

use outcome::note_backtrace;

use args::{Command, MachineArgs};

/// What commands need of a machine: files of keys contain it, and it generates the file that its guests include.
pub trait CliConfig: VmConfig + InitFileGenerator + Serialize + DeserializeOwned {}

impl<VC: VmConfig + InitFileGenerator + Serialize + DeserializeOwned> CliConfig for VC {}

/// Why a file does not describe a machine.
pub type DescriptionError = Box<dyn Error + Send + Sync>;

/// Reads the description of a machine.
pub type Describe<VC> = fn(&[u8]) -> Result<VC, DescriptionError>;

/// Where commands get their machine.
#[derive(Clone, Copy)]
pub struct MachineSource<VC> {
    /// Returns the machine if the command line does not describe one.
    pub default: fn() -> VC,
    /// Reads a description (`--machine FILE`). If absent, there is no such option.
    pub describe: Option<Describe<VC>>,
    /// Returns the machine for a program, for example without extensions of which it has no instruction. Must depend on the
    /// machine and the program only: provers and verifiers must get the same one.
    pub for_program: fn(&VC, &ElfImage) -> Result<VC, VmInventoryError>,
    /// Returns other machines to which a proof may belong: `inspect` looks for names of AIRs there, which proofs do not have.
    pub variants: fn(&VC) -> Vec<VC>,
}

/// Size limit of descriptions of machines.
const MAX_DESCRIPTION_LEN: u64 = 1 << 20;

impl<VC: CliConfig> MachineSource<VC> {
    /// Returns the source that always has the same machine.
    pub const fn new(machine: fn() -> VC) -> Self {
        Self {
            default: machine,
            describe: None,
            for_program: |machine, _| Ok(machine.clone()),
            variants: |_| Vec::new(),
        }
    }

    /// Returns the machine that the command line describes, or else the default one. It has continuations, so programs may be
    /// of any length.
    fn machine(&self, args: &MachineArgs) -> Result<VC, Failure> {
        let mut machine = match (&args.machine, self.describe) {
            (Some(path), Some(describe)) => {
                let description = crate::files::read(path, MAX_DESCRIPTION_LEN)?;
                describe(&description).map_err(|error| Failure::Machine(path.clone(), error))?
            }
            (Some(_), None) => return Err(Failure::NoDescriptions),
            (None, _) => (self.default)(),
        };
        let system = machine.system_mut();
        *system = system.clone().with_continuations();
        Ok(machine)
    }
}

/// The command line of a machine without descriptions.
#[derive(Parser)]
#[command(version, about = "Run programs of this machine and prove their runs")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// A command that is the same for all machines, as a group of subcommands for a parser of `clap`.
pub struct CommonCommand(Box<Command>);

impl CommonCommand {
    /// Returns whether the result is printed as one JSON object.
    pub fn json(&self) -> bool {
        self.0.json()
    }

    /// Runs the command and returns the exit code.
    ///
    /// # Errors
    /// Returns a [`Failure`] if there is no result.
    pub fn run<VC: CliConfig>(&self, machine: &MachineSource<VC>) -> Result<u8, Failure> {
        self.0.run(machine)
    }
}

impl FromArgMatches for CommonCommand {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Command::from_arg_matches(matches).map(|command| Self(Box::new(command)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl Subcommand for CommonCommand {
    fn augment_subcommands(command: clap::Command) -> clap::Command {
        Command::augment_subcommands(command)
    }

    fn augment_subcommands_for_update(command: clap::Command) -> clap::Command {
        Command::augment_subcommands_for_update(command)
    }

    fn has_subcommand(name: &str) -> bool {
        Command::has_subcommand(name)
    }
}

/// The whole command of a machine: reads the command line, runs it, and returns the exit code. `vm_sdk::cli` is another name of
/// this function. It must be the first call in `main`, because of [`cpu::require`](crate::cpu::require).
pub fn main<VC: CliConfig + Default>() -> ExitCode {
    crate::cpu::require();
    run(&MachineSource::<VC>::new(VC::default))
}

#[inline(never)]
fn run<VC: CliConfig>(machine: &MachineSource<VC>) -> ExitCode {
    // There is no description, so no option for it.
    let hidden = |arg: clap::Arg| if arg.get_id() == "machine" { arg.hide(true) } else { arg };
    let matches = Cli::command().mut_subcommands(|command| command.mut_args(hidden)).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    execute(cli.command.json(), || cli.command.run(machine))
}

/// Runs a command of the command line, with signals handled and `RUST_LOG` respected, and reports its failure. With `json`, the
/// failure is also the object on standard output.
pub fn execute(json: bool, command: impl FnOnce() -> Result<u8, Failure>) -> ExitCode {
    signals::handle();
    // The parts of the prover are spans: `RUST_LOG=info` shows the time that each of them takes.
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::from_default_env()).with_writer(std::io::stderr);
    log.with_span_events(FmtSpan::CLOSE).log_internal_errors(false).init();
    match command() {
        Ok(code) => code.into(),
        Err(failure) => report(&failure, json),
    }
}

/// Reports a failure. The exit code stays the same if nothing can be written.
fn report(failure: &Failure, json: bool) -> ExitCode {
    note(&format!("error: {failure}"));
    if let Failure::Sdk(error) = failure {
        note_backtrace(error.backtrace());
    }
    if json {
        let _ = print_json(&failure.to_json());
    }
    failure.exit_code().into()
}
