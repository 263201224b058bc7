//! Dependencies of builds without the feature `prover`, which verify proofs, and of builds for guests.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use vm_sdk::arch::{HexDigest, SystemConfig, VmExecutor};
use vm_sdk::config::Rv32imVm;
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::program::GuestProgram;
use vm_sdk::sdk::{ProveOptions, Sdk, Silent, encode_key};
use vm_sdk::stark::codec::{self, FileKind};
use vm_sdk::stark::{BabyBearPoseidon2Engine as Engine, F, SecurityPreset, StarkEngine};

fn cargo(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()).stdin(Stdio::null());
    command.args(["--locked", "--color=never"]).args(arguments);
    // Variables that the outer cargo has set for this test must not reach the inner one.
    for (variable, _) in std::env::vars_os() {
        let name = variable.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_PRIMARY_PACKAGE" {
            command.env_remove(&variable);
        }
    }
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap());
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Packages that only execution and proving need.
const NOT_FOR_VERIFIERS: [&str; 7] =
    ["crossbeam-utils", "getrandom", "rayon", "rayon-core", "rustix", "serde_json", "tempfile"];

/// Packages that only the command needs.
const NOT_FOR_DEPENDENTS: [&str; 6] =
    ["chipwright-templates", "clap", "indicatif", "liquid", "mimalloc", "tracing-subscriber"];

/// Returns the names of the packages on which `package` depends, including its own.
fn dependencies(package: &str, options: &[&str]) -> BTreeSet<String> {
    let tree = ["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--package", package];
    let output = cargo(&[&tree, options].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// Returns the packages among `names` on which `package` depends on any target.
fn dependencies_among<'a>(names: &[&'a str], package: &str, features: &[&str]) -> Vec<&'a str> {
    let all = dependencies(package, &[&["--target", "all"], features].concat());
    names.iter().copied().filter(|name| all.contains(*name)).collect()
}

/// For guests, an extension consists of its functions and depends only on the macros that declare them.
#[test]
fn guests_depend_on_nothing_of_the_proving_stack() {
    let macros = dependencies("chipwright-derive", &[]);
    for package in ["chipwright-bitmanip", "chipwright-keccak256", "chipwright-sha256"] {
        assert!(dependencies(package, &[]).contains("chipwright-core"), "missing on the host");
        let guest = dependencies(package, &["--target", "riscv32im-unknown-none-elf"]);
        let others: BTreeSet<&str> = guest.difference(&macros).map(String::as_str).collect();
        assert_eq!(others, BTreeSet::from([package, "chipwright-sdk"]));
    }
}

/// Packages that verifiers and extensions depend on.
const LIBRARIES: [&str; 6] = [
    "chipwright-core",
    "chipwright-sdk",
    "chipwright-rv32im",
    "chipwright-keccak256",
    "chipwright-sha256",
    "chipwright-bitmanip",
];

#[test]
fn a_verifier_does_not_depend_on_what_proving_needs() {
    for package in LIBRARIES {
        let found = dependencies_among(&NOT_FOR_VERIFIERS, package, &["--no-default-features"]);
        assert_eq!(found, [""; 0], "{package}");
    }
    assert_eq!(dependencies_among(&NOT_FOR_VERIFIERS, "chipwright-example-verifier", &[]), [""; 0]);
    // Proves that all names in the list are names of packages.
    assert_eq!(dependencies_among(&NOT_FOR_VERIFIERS, "chipwright-sdk", &[]), NOT_FOR_VERIFIERS);
}

#[test]
fn an_extension_does_not_depend_on_what_the_command_needs() {
    for package in LIBRARIES {
        assert_eq!(dependencies_among(&NOT_FOR_DEPENDENTS, package, &[]), [""; 0], "{package}");
    }
    assert_eq!(dependencies_among(&NOT_FOR_DEPENDENTS, "cargo-chipwright", &[]), NOT_FOR_DEPENDENTS);
}

#[test]
fn a_verifier_verifies() {
    let elf = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/elf/fibonacci.elf");
    let program = GuestProgram::read(Path::new(elf)).unwrap();
    let machine = Rv32imVm { system: SystemConfig::default().with_continuations(), ..Rv32imVm::default() };
    let sdk = Sdk::<Engine>::new(VmExecutor::new(machine), SecurityPreset::default());
    let inputs = vec![12u32.to_le_bytes().to_vec()];
    let (proven, key) = sdk.prove(&program, inputs, ProveOptions::default(), &Silent).unwrap();

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verifier_only");
    std::fs::create_dir_all(&folder).unwrap();
    let [key_file, proof_file, forged_file] = ["key", "proof", "forged"].map(|name| folder.join(name));
    std::fs::write(&key_file, encode_key(key.verifying_key()).unwrap()).unwrap();
    std::fs::write(&proof_file, &proven.proof_file).unwrap();
    let mut forged = proven.proof;
    forged.public_values.public_values[0] ^= 1;
    let forged = codec::encode(FileKind::ContinuationProof, Engine::name(), SecurityPreset::default().name(), &forged);
    std::fs::write(&forged_file, forged.unwrap()).unwrap();

    // Cargo builds only this package, so the feature `prover` is disabled.
    let verify = |commitment: &str, proof: &Path| {
        let [key, proof] = [&key_file, proof].map(|path: &Path| path.to_str().unwrap());
        cargo(&["run", "--quiet", "--package", "chipwright-example-verifier", "--", commitment, key, proof])
    };
    let commitment = HexDigest::from(key.exe_commitment()).to_string();
    let output = verify(&commitment, &proof_file);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), format!("public values: {:02x?}\n", proven.report.public_values.0));
    let other = HexDigest::from([F::TWO; 8]).to_string();
    for (commitment, proof, error) in
        [(&commitment, &forged_file, "PublicValues(Root)"), (&other, &proof_file, "ExeCommitmentMismatch")]
    {
        let output = verify(commitment, proof);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(error), "{}", text(&output.stderr));
    }
}
