//! `cargo chipwright build`.

use vm_machine::StandardVm;
use vm_sdk::guest_build;

use crate::args::BuildArgs;
use crate::outcome::{Failure, print_json, print_text};

pub(crate) fn run(args: &BuildArgs) -> Result<u8, Failure> {
    let options = args.package.options();
    let built = guest_build::build_for(&args.package_dir, &options, &StandardVm::default()).map_err(Failure::Build)?;
    if args.json {
        print_json(&serde_json::json!({ "elf": built.elf, "package": built.package, "bin": built.bin }))?;
    } else {
        print_text(&format!("{}\n", built.elf.display()))?;
    }
    Ok(0)
}
