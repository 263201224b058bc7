//! `cargo chipwright run`.

use vm_sdk::sdk;

use crate::args::{Mode, RunArgs};
use crate::guest_output::GuestOutput;
use crate::outcome::{FAILED, Failure, note, print, warn_of_unread};
use crate::progress::Spinner;

use super::Guest;

pub(crate) fn run(args: &RunArgs) -> Result<u8, Failure> {
    let (guest, inputs) = Guest::with_inputs(&args.guest)?;
    let mut guest = guest.segmented(&args.segmentation);
    guest.machine.system.profiling = args.profile;
    let spinner = Spinner::showing("running");
    let output = GuestOutput::new(args.json, &spinner);
    let report =
        sdk::run(&guest.executor(&args.guest), &guest.program, output.streams(inputs), args.mode == Mode::Metered);
    drop(spinner);
    let printed = output.finish();
    let report = report?;
    let shown = printed.and_then(|()| print(&report, args.json));
    warn_of_unread(report.unread_inputs);
    if report.exit_code != 0 {
        note(&format!("error: the guest ended with exit code {}", report.exit_code));
        return Ok(FAILED);
    }
    shown?;
    Ok(0)
}
