//! `cargo chipwright merge`.

use vm_machine::StandardVm;
use vm_sdk::run_folder::RunFolder;
use vm_sdk::sdk::{encode_key, merge_folder};
use vm_sdk::stark::StarkEngine;

use crate::args::MergeArgs;
use crate::outcome::{Failure, print};
use crate::outputs::Outputs;
use crate::progress::Spinner;

use super::with_engine_of;

pub(crate) fn run(args: &MergeArgs) -> Result<u8, Failure> {
    let (plan, header) = RunFolder::header(&args.dir)?;
    with_engine_of!(header, plan, merge(args))
}

fn merge<E: StarkEngine>(args: &MergeArgs) -> Result<u8, Failure> {
    let outputs = Outputs::new(Some(&args.output), args.vk_out.as_ref(), Some(&args.dir))?;
    let spinner = Spinner::showing("verifying the proofs of the segments");
    let merged = merge_folder::<E, StandardVm>(&args.dir);
    drop(spinner);
    let (proven, key) = merged?;
    outputs.write(proven.proof_file, || encode_key(&key))?;
    print(&proven.report, args.json)?;
    Ok(0)
}
