//! `cargo chipwright`: makes packages, builds and runs RV32IM programs, proves runs, verifies proofs, and inspects files.
//!
//! Everything but `new` and `audit` is [`vm_sdk::cli`](mod@vm_sdk::cli), which gives machines of other packages the same
//! commands.

mod args;
mod audit;
mod new;

use std::process::ExitCode;

use clap::Parser;
use vm_machine::StandardVm;
use vm_sdk::cli::{self, MachineSource};

use args::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The machine of RV32IM and the first-party extensions, or of a description.
const MACHINE: MachineSource<StandardVm> = MachineSource {
    default: StandardVm::default,
    describe: Some(|description| Ok(StandardVm::from_bytes(description)?)),
    for_program: StandardVm::for_program,
    variants: |machine| vec![machine.without_extensions()],
};

fn main() -> ExitCode {
    vm_sdk::cpu::require();
    run()
}

#[inline(never)]
fn run() -> ExitCode {
    // Cargo runs `cargo chipwright …` as `cargo-chipwright chipwright …`.
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == "chipwright") {
        arguments.remove(1);
    }
    let cli = Cli::parse_from(arguments);
    cli::execute(cli.command.json(), || match cli.command {
        Command::New(args) => new::run(&args),
        Command::Common(command) => command.run(&MACHINE),
        Command::Audit(args) => audit::run(&args),
    })
}
