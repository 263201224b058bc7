//! The command `merge`.

use crate::cli::CliConfig;
use crate::cli::args::MergeArgs;
use crate::cli::outcome::{Failure, print};
use crate::cli::outputs::Outputs;
use crate::cli::progress::Reporter;
use crate::run_folder::RunFolder;
use crate::sdk::{encode_key, merge_folder};
use crate::stark::StarkEngine;

use super::with_engine_of;

pub(crate) fn run<VC: CliConfig>(args: &MergeArgs) -> Result<u8, Failure> {
    let (plan, header) = RunFolder::header(&args.dir)?;
    with_engine_of!(header, plan, merge::<VC>(args))
}

fn merge<E: StarkEngine, VC: CliConfig>(args: &MergeArgs) -> Result<u8, Failure> {
    let outputs = Outputs::new(Some(&args.output), args.vk_out.as_ref(), Some(&args.dir))?;
    let spinner = Reporter::showing("verifying the proofs of the segments");
    let merged = merge_folder::<E, VC>(&args.dir);
    drop(spinner);
    let (proven, key) = merged?;
    outputs.write(proven.proof_file, || encode_key(&key))?;
    print(&proven.report, args.json)?;
    Ok(0)
}
