//! The command `build`.

use crate::cli::args::BuildArgs;
use crate::cli::outcome::{Failure, print_json, print_text};
use crate::cli::{CliConfig, MachineSource};
use crate::guest_build;

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &BuildArgs) -> Result<u8, Failure> {
    let options = args.package.options();
    let built = guest_build::build_for(&args.package_dir, &options, &(source.default)()).map_err(Failure::Build)?;
    if args.json {
        print_json(&serde_json::json!({ "elf": built.elf, "package": built.package, "bin": built.bin }))?;
    } else {
        print_text(&format!("{}\n", built.elf.display()))?;
    }
    Ok(0)
}
