//! The command `plan`.

use crate::cli::args::PlanArgs;
use crate::cli::outcome::{Failure, print};
use crate::cli::outputs::Outputs;
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::fused::{PlanFile, instruction_texts};

use super::Guest;

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &PlanArgs) -> Result<u8, Failure> {
    let outputs = Outputs::new(Some(&args.output), None, None)?;
    outputs.differ_from_guest(&args.guest)?;
    let (guest, inputs) = Guest::with_inputs(source, &args.guest)?;
    let (program, machine) = (&guest.program, &guest.machine);
    outputs.differ_from(program.path())?;
    let spinner = Reporter::showing("choosing blocks");
    let chosen = PlanFile::choose(&guest.executor(&args.guest), program, inputs, args.budget.budget());
    drop(spinner);
    let chosen = chosen?;
    let report = chosen.report(&args.output, machine, instruction_texts(program))?;
    outputs.write(chosen.encode()?, || Ok(Vec::new()))?;
    print(&report, args.json)?;
    Ok(0)
}
