//! The command `prove`.

use std::path::Path;

use crate::cli::args::{PlanArg, ProveArgs};
use crate::cli::outcome::{Failure, print, warn_of_cpu, warn_of_unread};
use crate::cli::outputs::Outputs;
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::sdk::{ProveOptions, encode_key};
use crate::stark::StarkEngine;

use super::{ProofRun, shown, with_engine};

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &ProveArgs) -> Result<u8, Failure> {
    warn_of_cpu();
    match (args.segment, &args.dir) {
        (Some(segment), Some(folder)) => {
            with_engine!(args.run.proof.engine, prove_segment::<VC>(source, args, folder, segment))
        }
        _ => with_engine!(args.run.proof.engine, prove::<VC>(source, args)),
    }
}

fn prove<E: StarkEngine, VC: CliConfig>(source: &MachineSource<VC>, args: &ProveArgs) -> Result<u8, Failure> {
    let outputs = Outputs::new(args.output.as_ref(), args.vk_out.as_ref(), args.dir.as_deref())?;
    outputs.differ_from_guest(&args.run.guest)?;
    if let PlanArg::File(plan) = &args.run.proof.plan {
        outputs.differ_from(plan)?;
    }
    let ProofRun::<E, VC> { program, inputs, sdk } = args.run.read(source)?;
    // A package has been built by now.
    outputs.differ_from(program.path())?;
    let plan = args.run.proof.plan.read()?;
    let options = ProveOptions { check: args.debug, jobs: args.jobs, folder: args.dir.as_deref(), plan };
    let (result, printed) = shown(args.run.json, &args.run.progress, sdk.control(), inputs, |streams, progress| {
        sdk.prove(&program, streams, options, progress)
    })?;
    let (proven, key) = result;
    outputs.write(proven.proof_file, || encode_key(key.verifying_key()))?;
    printed?;
    warn_of_unread(proven.report.unread_inputs);
    print(&proven.report, args.run.json)?;
    Ok(0)
}

fn prove_segment<E: StarkEngine, VC: CliConfig>(
    source: &MachineSource<VC>,
    args: &ProveArgs,
    folder: &Path,
    segment: usize,
) -> Result<u8, Failure> {
    let ProofRun::<E, VC> { program, sdk, .. } = args.run.read(source)?;
    let reporter = Reporter::new(args.run.progress.mode, sdk.control());
    let report = sdk.prove_segment(&program, folder, segment, &reporter);
    drop(reporter);
    print(&report?, args.run.json)?;
    Ok(0)
}
