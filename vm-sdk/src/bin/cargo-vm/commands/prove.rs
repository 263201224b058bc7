//! `cargo vm prove`.

use vm_core::stark::{BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, StarkEngine};
use vm_sdk::files::PendingFiles;
use vm_sdk::sdk::{Sdk, encode_key};

use crate::args::{Engine, ProveArgs};
use crate::outcome::{Failure, print, print_guest_output};
use crate::progress::Spinner;

use super::{machine, read_guest};

pub(crate) fn run(args: &ProveArgs) -> Result<u8, Failure> {
    match args.engine {
        Engine::Poseidon2 => prove::<BabyBearPoseidon2Engine>(args),
        Engine::Keccak => prove::<BabyBearKeccakEngine>(args),
        Engine::Blake3 => prove::<BabyBearBlake3Engine>(args),
    }
}

fn prove<E: StarkEngine>(args: &ProveArgs) -> Result<u8, Failure> {
    let (program, inputs) = read_guest(&args.guest)?;
    let spinner = Spinner::new();
    let (proven, key) =
        Sdk::<E>::new(machine(), args.security.preset()).prove(&program, inputs, args.debug, &spinner)?;
    drop(spinner);
    // Both files or none: they appear when everything else has succeeded.
    let mut files = PendingFiles::new();
    if let Some(path) = &args.output {
        files.write(path, &proven.proof_file)?;
    }
    if let Some(path) = &args.vk_out {
        files.write(path, &encode_key(key.verifying_key())?)?;
    }
    files.commit()?;
    print_guest_output(&proven.report.output, args.json)?;
    print(&proven.report, args.json)?;
    Ok(0)
}
