//! `cargo chipwright segment`.

use vm_sdk::sdk::Sdk;
use vm_sdk::stark::StarkEngine;

use crate::args::SegmentArgs;
use crate::guest_output::GuestOutput;
use crate::outcome::{Failure, print, warn_of_unread};
use crate::progress::Spinner;

use super::{executor, machine_with, read_guest, with_engine};

pub(crate) fn run(args: &SegmentArgs) -> Result<u8, Failure> {
    with_engine!(args.proof.engine, segment(args))
}

fn segment<E: StarkEngine>(args: &SegmentArgs) -> Result<u8, Failure> {
    let (program, inputs) = read_guest(&args.guest)?;
    let machine = machine_with(&args.segmentation);
    let sdk = Sdk::<E>::new(executor(machine, &args.guest), args.proof.security.preset());
    let plan = args.proof.plan.read()?;
    let spinner = Spinner::new();
    let output = GuestOutput::new(args.json, &spinner);
    let manifest = sdk.segment(&program, output.streams(inputs), &plan, &args.dir, &spinner);
    drop(spinner);
    let printed = output.finish();
    let report = manifest?.report();
    printed?;
    warn_of_unread(report.unread_inputs);
    print(&report, args.json)?;
    Ok(0)
}
