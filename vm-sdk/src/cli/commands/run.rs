//! The command `run`.

use crate::cli::args::{Mode, RunArgs};
use crate::cli::guest_output::GuestOutput;
use crate::cli::outcome::{Failure, finish, note_backtrace};
use crate::cli::progress::Spinner;
use crate::cli::{CliConfig, MachineSource};
use crate::sdk;

use super::Guest;

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &RunArgs) -> Result<u8, Failure> {
    let (guest, inputs) = Guest::with_inputs(source, &args.guest)?;
    let guest = guest.segmented(&args.segmentation);
    let spinner = Spinner::showing("running");
    let output = GuestOutput::new(args.json, &spinner);
    let report =
        sdk::run(&guest.executor(&args.guest), &guest.program, output.streams(inputs), args.mode == Mode::Metered);
    drop(spinner);
    let printed = output.finish();
    let report = report?;
    let code = finish(printed, &report, args.json, report.unread_inputs, report.exit_code)?;
    note_backtrace(report.backtrace.as_ref());
    Ok(code)
}
