//! The command `estimate`.

use crate::cli::args::EstimateArgs;
use crate::cli::guest_output::GuestOutput;
use crate::cli::outcome::{Failure, print, warn_of_cpu, warn_of_unread};
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::sdk::Sdk;
use crate::stark::StarkEngine;

use super::{Guest, with_engine};

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &EstimateArgs) -> Result<u8, Failure> {
    warn_of_cpu();
    with_engine!(args.proof.engine, estimate::<VC>(source, args))
}

fn estimate<E: StarkEngine, VC: CliConfig>(source: &MachineSource<VC>, args: &EstimateArgs) -> Result<u8, Failure> {
    let (guest, inputs) = Guest::with_inputs(source, &args.guest)?;
    let guest = guest.segmented(&args.segmentation);
    let sdk = Sdk::<E, _>::new(guest.executor(&args.guest), args.proof.security.preset());
    let plan = args.proof.plan.read()?;
    let spinner = Reporter::new(args.progress.mode, sdk.control());
    let output = GuestOutput::new(args.json, &spinner);
    let report = sdk.estimate(&guest.program, output.streams(inputs), &plan, &spinner);
    drop(spinner);
    let printed = output.finish();
    let report = report?;
    printed?;
    warn_of_unread(report.unread_inputs);
    print(&report, args.json)?;
    Ok(0)
}
