//! `cargo chipwright plan`.

use vm_sdk::fused::{PlanFile, instruction_texts};

use crate::args::PlanArgs;
use crate::outcome::{Failure, print};
use crate::outputs::Outputs;
use crate::progress::Spinner;

use super::Guest;

pub(crate) fn run(args: &PlanArgs) -> Result<u8, Failure> {
    let outputs = Outputs::new(Some(&args.output), None, None)?;
    outputs.differ_from_guest(&args.guest)?;
    let (guest, inputs) = Guest::with_inputs(&args.guest)?;
    let (program, machine) = (&guest.program, &guest.machine);
    outputs.differ_from(program.path())?;
    let spinner = Spinner::showing("choosing blocks");
    let chosen = PlanFile::choose(&guest.executor(&args.guest), program, inputs, args.budget.budget());
    drop(spinner);
    let chosen = chosen?;
    let report = chosen.report(&args.output, machine, instruction_texts(program))?;
    outputs.write(chosen.encode()?, || Ok(Vec::new()))?;
    print(&report, args.json)?;
    Ok(0)
}
