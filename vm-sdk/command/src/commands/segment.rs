//! `cargo chipwright segment`.

use vm_sdk::sdk::Sdk;
use vm_sdk::stark::StarkEngine;

use crate::args::SegmentArgs;
use crate::guest_output::GuestOutput;
use crate::outcome::{Failure, print, warn_of_unread};
use crate::progress::Spinner;

use super::{Guest, with_engine};

pub(crate) fn run(args: &SegmentArgs) -> Result<u8, Failure> {
    with_engine!(args.proof.engine, segment(args))
}

fn segment<E: StarkEngine>(args: &SegmentArgs) -> Result<u8, Failure> {
    let (guest, inputs) = Guest::with_inputs(&args.guest)?;
    let guest = guest.segmented(&args.segmentation);
    let sdk = Sdk::<E, _>::new(guest.executor(&args.guest), args.proof.security.preset());
    let plan = args.proof.plan.read()?;
    let spinner = Spinner::new();
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
