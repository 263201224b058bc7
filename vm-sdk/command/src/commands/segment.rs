//! `cargo chipwright segment`.

use vm_sdk::error::SdkError;
use vm_sdk::sdk::Sdk;
use vm_sdk::stark::StarkEngine;

use crate::args::SegmentArgs;
use crate::outcome::{Failure, print, print_guest_output};
use crate::progress::Spinner;

use super::{executor, machine_with, read_guest, with_engine};

pub(crate) fn run(args: &SegmentArgs) -> Result<u8, Failure> {
    with_engine!(args.proof.engine, segment(args))
}

fn segment<E: StarkEngine>(args: &SegmentArgs) -> Result<u8, Failure> {
    let (program, inputs) = read_guest(&args.guest)?;
    let machine = machine_with(&args.segmentation);
    let sdk = Sdk::<E>::new(executor(machine, &args.guest), args.proof.security.preset());
    let spinner = Spinner::new();
    let manifest = sdk.segment(&program, inputs, &args.dir, &spinner);
    drop(spinner);
    if let Err(SdkError::ExitCode { output, .. }) = &manifest {
        print_guest_output(output, args.json)?;
    }
    let report = manifest?.report();
    print_guest_output(&report.output, args.json)?;
    print(&report, args.json)?;
    Ok(0)
}
