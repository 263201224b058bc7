//! `cargo chipwright run`.

use vm_sdk::sdk;

use crate::args::{Mode, RunArgs};
use crate::outcome::{FAILED, Failure, print, print_guest_output};

use super::{executor, machine_with, read_guest};

pub(crate) fn run(args: &RunArgs) -> Result<u8, Failure> {
    let (program, inputs) = read_guest(&args.guest)?;
    let mut machine = machine_with(&args.segmentation);
    machine.system.profiling = args.profile;
    let executor = executor(machine, &args.guest);
    let report = sdk::run(&executor, &program, inputs, args.mode == Mode::Metered)?;
    print_guest_output(&report.output, args.json)?;
    print(&report, args.json)?;
    if report.exit_code != 0 {
        eprintln!("error: the guest ended with exit code {}", report.exit_code);
        return Ok(FAILED);
    }
    Ok(0)
}
