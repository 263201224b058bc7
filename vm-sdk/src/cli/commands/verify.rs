//! The command `verify`.
//!
//! The caller provides what is trusted: a key file, or the program and a security preset. Only the name of the engine is
//! taken from the proof file, to select one of several engines of the same strength.

use std::path::Path;

use crate::arch::{Digest, VmExecutor, VmVerifyingKey};
use crate::cli::args::VerifyArgs;
use crate::cli::outcome::{Failure, print};
use crate::cli::progress::Reporter;
use crate::cli::{CliConfig, MachineSource};
use crate::report::VerifyReport;
use crate::resources::Stopwatch;
use crate::sdk::{self, Progress, ProofFile, Sdk};
use crate::stark::StarkEngine;

use super::{Guest, with_engine_of};

pub(crate) fn run<VC: CliConfig>(source: &MachineSource<VC>, args: &VerifyArgs) -> Result<u8, Failure> {
    let (header, proof) = sdk::read_file(&args.proof)?;
    let report: Result<VerifyReport, Failure> = match (&args.trust.vk, &args.trust.elf) {
        (Some(path), _) => {
            let (header, key) = sdk::read_file(path)?;
            with_engine_of!(header, path, with_key::<VC>(args, path, &key, &proof))
        }
        (None, Some(path)) => with_engine_of!(header, args.proof, with_program::<VC>(source, args, path, &proof)),
        // The option group of the command line requires one of the two.
        (None, None) => Err(Failure::NoTrust),
    };
    print(&report?, args.json)?;
    Ok(0)
}

fn with_key<E: StarkEngine, VC: CliConfig>(
    args: &VerifyArgs,
    path: &Path,
    key: &[u8],
    proof: &[u8],
) -> Result<VerifyReport, Failure> {
    let key: VmVerifyingKey<E, VC> = sdk::decode_key(path, key)?;
    let proof = ProofFile::decode_for(&key, &args.proof, proof)?;
    let _spinner = Reporter::showing("verifying");
    Ok(sdk::verify(&key, &commitment(args, &key), &proof)?)
}

/// Returns the commitment of the trusted program: the one on the command line, or else that of the trusted key or
/// executable.
fn commitment<E: StarkEngine, VC: CliConfig>(args: &VerifyArgs, key: &VmVerifyingKey<E, VC>) -> Digest {
    args.exe_commitment.map_or_else(|| key.exe_commitment(), Digest::from)
}

fn with_program<E: StarkEngine, VC: CliConfig>(
    source: &MachineSource<VC>,
    args: &VerifyArgs,
    path: &Path,
    proof: &[u8],
) -> Result<VerifyReport, Failure> {
    let Guest { program, machine, .. } = Guest::read(source, path, &args.package, &args.machine)?;
    // Soundness: the plan is the prover's advice. Whatever it is, the key is derived from it and from the program.
    let plan = ProofFile::<E>::decode(&args.proof, proof)?.plan()?;
    let spinner = Reporter::showing("committing to the program");
    let watch = Stopwatch::start();
    let sdk = Sdk::<E, _>::new(VmExecutor::new(machine), args.security.unwrap_or_default().preset());
    let key = sdk.setup_fused(&program, plan)?;
    let seconds = watch.cost().seconds;
    spinner.phase("verifying");
    let key = key.verifying_key();
    // Soundness (M38): the key bounds what is verified.
    let proof = ProofFile::decode_for(key, &args.proof, proof)?;
    let mut report = sdk::verify(key, &commitment(args, key), &proof)?;
    report.setup_seconds = Some(seconds);
    Ok(report)
}
