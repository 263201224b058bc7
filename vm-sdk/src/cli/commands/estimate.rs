//! The command `estimate`.

use crate::cli::args::ProofRunArgs;
use crate::cli::outcome::{Failure, print, warn_of_cpu, warn_of_unread};
use crate::cli::{CliConfig, MachineSource};
use crate::stark::StarkEngine;

use super::{ProofRun, shown, with_engine};

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &ProofRunArgs) -> Result<u8, Failure> {
    warn_of_cpu();
    with_engine!(args.proof.engine, estimate::<VC>(source, args))
}

fn estimate<E: StarkEngine, VC: CliConfig>(source: &MachineSource<VC>, args: &ProofRunArgs) -> Result<u8, Failure> {
    let ProofRun::<E, VC> { program, inputs, sdk } = args.read(source)?;
    let plan = args.proof.plan.read()?;
    let (report, printed) = shown(args.json, &args.progress, sdk.control(), inputs, |streams, progress| {
        sdk.estimate(&program, streams, &plan, progress)
    })?;
    printed?;
    warn_of_unread(report.unread_inputs);
    print(&report, args.json)?;
    Ok(0)
}
