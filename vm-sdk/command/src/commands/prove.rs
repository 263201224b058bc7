//! `cargo chipwright prove`.

use std::path::Path;

use vm_sdk::error::SdkError;
use vm_sdk::files::{PendingFiles, check_destination};
use vm_sdk::sdk::{ProveOptions, Sdk, encode_key};
use vm_sdk::stark::StarkEngine;

use crate::args::ProveArgs;
use crate::outcome::{Failure, print, print_guest_output};
use crate::progress::Spinner;

use super::{executor, machine_with, read_guest, with_engine};

pub(crate) fn run(args: &ProveArgs) -> Result<u8, Failure> {
    match (args.segment, &args.dir) {
        (Some(segment), Some(folder)) => with_engine!(args.proof.engine, prove_segment(args, folder, segment)),
        _ => with_engine!(args.proof.engine, prove(args)),
    }
}

fn prove<E: StarkEngine>(args: &ProveArgs) -> Result<u8, Failure> {
    let (program, inputs) = read_guest(&args.guest)?;
    for path in args.output.iter().chain(&args.vk_out) {
        check_destination(path)?;
    }
    let machine = machine_with(&args.segmentation);
    let sdk = Sdk::<E>::new(executor(machine, &args.guest), args.proof.security.preset());
    let spinner = Spinner::new();
    let options = ProveOptions { check: args.debug, jobs: args.jobs, folder: args.dir.as_deref() };
    let result = sdk.prove(&program, inputs, options, &spinner);
    drop(spinner);
    if let Err(SdkError::ExitCode { output, .. }) = &result {
        print_guest_output(output, args.json)?;
    }
    let (proven, key) = result?;
    // Both files or none: they appear when everything else has succeeded.
    let mut files = PendingFiles::new();
    if let Some(path) = &args.output {
        files.write(path, &proven.proof_file)?;
    }
    if let Some(path) = &args.vk_out {
        files.write(path, &encode_key(key.verifying_key())?)?;
    }
    files.commit()?;
    print_guest_output(&proven.report.output, args.json)?;
    print(&proven.report, args.json)?;
    Ok(0)
}

fn prove_segment<E: StarkEngine>(args: &ProveArgs, folder: &Path, segment: usize) -> Result<u8, Failure> {
    let (program, _) = read_guest(&args.guest)?;
    let machine = machine_with(&args.segmentation);
    let sdk = Sdk::<E>::new(executor(machine, &args.guest), args.proof.security.preset());
    let spinner = Spinner::new();
    let report = sdk.prove_segment(&program, folder, segment, &spinner);
    drop(spinner);
    print(&report?, args.json)?;
    Ok(0)
}
