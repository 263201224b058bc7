//! The command `run`.

use crate::cli::args::{Mode, RunArgs};
use crate::cli::guest_output::GuestOutput;
use crate::cli::outcome::{Failure, finish, note_backtrace};
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::sdk::{self, Progress};

use super::Guest;

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &RunArgs) -> Result<u8, Failure> {
    let (guest, inputs) = Guest::with_inputs(source, &args.guest)?;
    let guest = guest.segmented(&args.segmentation);
    let executor = guest.executor(&args.guest);
    let spinner = Reporter::new(args.progress.mode, executor.control());
    spinner.phase("running");
    let output = GuestOutput::new(args.json, &spinner);
    let report = sdk::run(&executor, &guest.program, output.streams(inputs), args.mode == Mode::Metered);
    drop(spinner);
    let printed = output.finish();
    let report = report?;
    let code = finish(printed, &report, args.json, report.unread_inputs, report.exit_code)?;
    note_backtrace(report.backtrace.as_ref());
    Ok(code)
}
