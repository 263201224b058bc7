//! The command `prove`.

use std::path::Path;

use crate::cli::args::{PlanArg, ProveArgs};
use crate::cli::guest_output::GuestOutput;
use crate::cli::outcome::{Failure, print, warn_of_cpu, warn_of_unread};
use crate::cli::outputs::Outputs;
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::sdk::{ProveOptions, Sdk, encode_key};
use crate::stark::StarkEngine;

use super::{Guest, with_engine};

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &ProveArgs) -> Result<u8, Failure> {
    warn_of_cpu();
    match (args.segment, &args.dir) {
        (Some(segment), Some(folder)) => {
            with_engine!(args.proof.engine, prove_segment::<VC>(source, args, folder, segment))
        }
        _ => with_engine!(args.proof.engine, prove::<VC>(source, args)),
    }
}

fn prove<E: StarkEngine, VC: CliConfig>(source: &MachineSource<VC>, args: &ProveArgs) -> Result<u8, Failure> {
    let outputs = Outputs::new(args.output.as_ref(), args.vk_out.as_ref(), args.dir.as_deref())?;
    outputs.differ_from_guest(&args.guest)?;
    if let PlanArg::File(plan) = &args.proof.plan {
        outputs.differ_from(plan)?;
    }
    let (guest, inputs) = Guest::with_inputs(source, &args.guest)?;
    let guest = guest.segmented(&args.segmentation);
    // A package has been built by now.
    outputs.differ_from(guest.program.path())?;
    let sdk = Sdk::<E, _>::new(guest.executor(&args.guest), args.proof.security.preset());
    let plan = args.proof.plan.read()?;
    let options = ProveOptions { check: args.debug, jobs: args.jobs, folder: args.dir.as_deref(), plan };
    let spinner = Reporter::new(args.progress.mode, sdk.control());
    let output = GuestOutput::new(args.json, &spinner);
    let result = sdk.prove(&guest.program, output.streams(inputs), options, &spinner);
    drop(spinner);
    let printed = output.finish();
    let (proven, key) = result?;
    outputs.write(proven.proof_file, || encode_key(key.verifying_key()))?;
    printed?;
    warn_of_unread(proven.report.unread_inputs);
    print(&proven.report, args.json)?;
    Ok(0)
}

fn prove_segment<E: StarkEngine, VC: CliConfig>(
    source: &MachineSource<VC>,
    args: &ProveArgs,
    folder: &Path,
    segment: usize,
) -> Result<u8, Failure> {
    let (guest, _) = Guest::with_inputs(source, &args.guest)?;
    let guest = guest.segmented(&args.segmentation);
    let sdk = Sdk::<E, _>::new(guest.executor(&args.guest), args.proof.security.preset());
    let spinner = Reporter::new(args.progress.mode, sdk.control());
    let report = sdk.prove_segment(&guest.program, folder, segment, &spinner);
    drop(spinner);
    print(&report?, args.json)?;
    Ok(0)
}
