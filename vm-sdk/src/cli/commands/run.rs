//! The command `run`.

use crate::cli::args::{Mode, RunArgs};
use crate::cli::outcome::{Failure, finish, note_backtrace};
use crate::cli::{CliConfig, MachineSource};
use crate::sdk::{self, Progress};

use super::{Guest, shown};

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &RunArgs) -> Result<u8, Failure> {
    let (guest, inputs) = Guest::with_inputs(source, &args.guest)?;
    let guest = guest.segmented(&args.segmentation);
    let executor = guest.executor(&args.guest);
    let (report, printed) = shown(args.json, &args.progress, executor.control(), inputs, |streams, progress| {
        progress.phase("running");
        sdk::run(&executor, &guest.program, streams, args.mode == Mode::Metered)
    })?;
    let code = finish(printed, &report, args.json, report.unread_inputs, report.exit_code)?;
    note_backtrace(report.backtrace.as_ref());
    Ok(code)
}
