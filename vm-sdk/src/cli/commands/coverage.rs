//! The command `coverage`.

use crate::cli::args::CoverageArgs;
use crate::cli::guest_output::GuestOutput;
use crate::cli::outcome::{Failure, finish};
use crate::cli::outputs::Outputs;
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::coverage;

use super::Guest;

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &CoverageArgs) -> Result<u8, Failure> {
    let outputs = Outputs::new(args.output.as_ref(), None, None)?;
    outputs.differ_from_guest(&args.guest)?;
    let (guest, inputs) = Guest::with_inputs(source, &args.guest)?;
    outputs.differ_from(guest.program.path())?;
    let spinner = Reporter::showing("running");
    let output = GuestOutput::new(args.json, &spinner);
    let coverage =
        coverage::coverage(&guest.executor(&args.guest), &guest.program, output.streams(inputs), &args.under);
    drop(spinner);
    let printed = output.finish();
    let coverage = coverage?;
    outputs.write_each(|_| Ok(coverage.lcov().into_bytes()))?;
    let report = coverage.report();
    finish(printed, &report, args.json, report.unread_inputs, report.exit_code)
}
