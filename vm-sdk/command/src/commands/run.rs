//! `cargo chipwright run`.

use vm_sdk::sdk;

use crate::args::{Mode, RunArgs};
use crate::guest_output::GuestOutput;
use crate::outcome::{Failure, finish};
use crate::progress::Spinner;

use super::Guest;

pub(crate) fn run(args: &RunArgs) -> Result<u8, Failure> {
    let (guest, inputs) = Guest::with_inputs(&args.guest)?;
    let guest = guest.segmented(&args.segmentation);
    let spinner = Spinner::showing("running");
    let output = GuestOutput::new(args.json, &spinner);
    let report =
        sdk::run(&guest.executor(&args.guest), &guest.program, output.streams(inputs), args.mode == Mode::Metered);
    drop(spinner);
    let printed = output.finish();
    let report = report?;
    finish(printed, &report, args.json, report.unread_inputs, report.exit_code)
}
