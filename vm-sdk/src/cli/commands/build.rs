//! The command `build`.

use crate::cli::args::BuildArgs;
use crate::cli::outcome::{Failure, note, print_json, print_text};
use crate::cli::{CliConfig, MachineSource};
use crate::guest_build;

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &BuildArgs) -> Result<u8, Failure> {
    let (options, machine) = (args.package.options(), (source.default)());
    let build = if args.check { guest_build::check_for } else { guest_build::build_for };
    let built = build(&args.package_dir, &options, &machine).map_err(Failure::Build)?;
    if args.json {
        let mut object = serde_json::json!(built);
        if args.check {
            object["reproducible"] = true.into();
        }
        return print_json(&object).map(|()| 0);
    }
    print_text(&format!("{}\n", built.elf.display()))?;
    if args.check {
        note("reproducible: a copy of the sources in another folder gives the same executable");
    }
    Ok(0)
}
