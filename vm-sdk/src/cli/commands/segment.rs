//! The command `segment`.

use crate::cli::args::SegmentArgs;
use crate::cli::outcome::{Failure, print, warn_of_unread};
use crate::cli::{CliConfig, MachineSource};
use crate::stark::StarkEngine;

use super::{ProofRun, shown, with_engine};

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &SegmentArgs) -> Result<u8, Failure> {
    with_engine!(args.run.proof.engine, segment::<VC>(source, args))
}

fn segment<E: StarkEngine, VC: CliConfig>(source: &MachineSource<VC>, args: &SegmentArgs) -> Result<u8, Failure> {
    let ProofRun::<E, VC> { program, inputs, sdk } = args.run.read(source)?;
    let plan = args.run.proof.plan.read()?;
    let (manifest, printed) = shown(args.run.json, &args.run.progress, sdk.control(), inputs, |streams, progress| {
        sdk.segment(&program, streams, &plan, &args.dir, progress)
    })?;
    let report = manifest.report();
    printed?;
    warn_of_unread(report.unread_inputs);
    print(&report, args.run.json)?;
    Ok(0)
}
