//! `cargo chipwright merge`.

use vm_sdk::config::Rv32imVm;
use vm_sdk::files::{PendingFiles, check_destination};
use vm_sdk::run_folder::RunFolder;
use vm_sdk::sdk::{encode_key, merge_folder};
use vm_sdk::stark::StarkEngine;

use crate::args::MergeArgs;
use crate::outcome::{Failure, print};

use super::with_engine_of;

pub(crate) fn run(args: &MergeArgs) -> Result<u8, Failure> {
    let (plan, header) = RunFolder::header(&args.dir)?;
    with_engine_of!(header, plan, merge(args))
}

fn merge<E: StarkEngine>(args: &MergeArgs) -> Result<u8, Failure> {
    for path in std::iter::once(&args.output).chain(&args.vk_out) {
        check_destination(path)?;
    }
    let (proven, key) = merge_folder::<E, Rv32imVm>(&args.dir)?;
    let mut files = PendingFiles::new();
    files.write(&args.output, &proven.proof_file)?;
    if let Some(path) = &args.vk_out {
        files.write(path, &encode_key(&key)?)?;
    }
    files.commit()?;
    print(&proven.report, args.json)?;
    Ok(0)
}
