//! `cargo chipwright`: makes packages, builds and runs RV32IM programs, proves runs, verifies proofs, and inspects files.
//!
//! Standard output has only results (with `--json`, exactly one object). Progress and errors go to standard error.
//! Exit codes: 0 for success; 1 if the guest fails or the proof does not verify; 2 for usage errors and bad input.

mod args;
mod commands;
mod guest_output;
mod outcome;
mod outputs;
mod progress;
mod signals;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use args::{Cli, Command};
use outcome::Failure;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
    signals::handle();
    // The parts of the prover are spans: `RUST_LOG=info` shows the time that each of them takes.
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::from_default_env()).with_writer(std::io::stderr);
    log.with_span_events(FmtSpan::CLOSE).log_internal_errors(false).init();
    let json = cli.command.json();
    let result = match cli.command {
        Command::New(args) => commands::new::run(&args),
        Command::Build(args) => commands::build::run(&args),
        Command::Run(args) => commands::run::run(&args),
        Command::Debug(args) => commands::debug::run(&args),
        Command::Prove(args) => commands::prove::run(&args),
        Command::Segment(args) => commands::segment::run(&args),
        Command::Merge(args) => commands::merge::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Profile(args) => commands::profile::run(&args),
        Command::Coverage(args) => commands::coverage::run(&args),
        Command::Plan(args) => commands::plan::run(&args),
        Command::Inspect(args) => commands::inspect::run(&args),
        Command::Audit(args) => commands::audit::run(&args),
    };
    match result {
        Ok(code) => code.into(),
        Err(failure) => report(&failure, json),
    }
}

/// Reports a failure. With `--json`, it is also the object on standard output. The exit code stays the same if nothing can
/// be written.
fn report(failure: &Failure, json: bool) -> ExitCode {
    outcome::note(&format!("error: {failure}"));
    if json {
        let _ = outcome::print_json(&failure.to_json());
    }
    failure.exit_code().into()
}
