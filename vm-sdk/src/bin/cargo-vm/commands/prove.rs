//! `cargo vm prove`.

use vm_core::stark::{BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, StarkEngine};
use vm_sdk::error::SdkError;
use vm_sdk::files::{PendingFiles, check_destination};
use vm_sdk::sdk::{Sdk, encode_key};

use crate::args::{Engine, ProveArgs};
use crate::outcome::{Failure, print, print_guest_output};
use crate::progress::Spinner;

use super::{executor, machine, read_guest};

pub(crate) fn run(args: &ProveArgs) -> Result<u8, Failure> {
    match args.engine {
        Engine::Poseidon2 => prove::<BabyBearPoseidon2Engine>(args),
        Engine::Keccak => prove::<BabyBearKeccakEngine>(args),
        Engine::Blake3 => prove::<BabyBearBlake3Engine>(args),
    }
}

fn prove<E: StarkEngine>(args: &ProveArgs) -> Result<u8, Failure> {
    let (program, inputs) = read_guest(&args.guest)?;
    for path in args.output.iter().chain(&args.vk_out) {
        check_destination(path)?;
    }
    let sdk = Sdk::<E>::new(executor(machine(), &args.guest), args.security.preset());
    let spinner = Spinner::new();
    let result = sdk.prove(&program, inputs, args.debug, &spinner);
    drop(spinner);
    if let Err(SdkError::ExitCode { output, .. }) = &result {
        print_guest_output(output, args.json)?;
    }
    let (proven, key) = result?;
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
