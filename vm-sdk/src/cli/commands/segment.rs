//! The command `segment`.

use crate::cli::args::SegmentArgs;
use crate::cli::guest_output::GuestOutput;
use crate::cli::outcome::{Failure, print, warn_of_unread};
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::sdk::Sdk;
use crate::stark::StarkEngine;

use super::{Guest, with_engine};

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &SegmentArgs) -> Result<u8, Failure> {
    with_engine!(args.proof.engine, segment::<VC>(source, args))
}

fn segment<E: StarkEngine, VC: CliConfig>(source: &MachineSource<VC>, args: &SegmentArgs) -> Result<u8, Failure> {
    let (guest, inputs) = Guest::with_inputs(source, &args.guest)?;
    let guest = guest.segmented(&args.segmentation);
    let sdk = Sdk::<E, _>::new(guest.executor(&args.guest), args.proof.security.preset());
    let plan = args.proof.plan.read()?;
    let spinner = Reporter::new(args.progress.mode, sdk.control());
    let output = GuestOutput::new(args.json, &spinner);
    let manifest = sdk.segment(&guest.program, output.streams(inputs), &plan, &args.dir, &spinner);
    drop(spinner);
    let printed = output.finish();
    let report = manifest?.report();
    printed?;
    warn_of_unread(report.unread_inputs);
    print(&report, args.json)?;
    Ok(0)
}
