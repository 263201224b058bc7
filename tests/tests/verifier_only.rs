//! Dependencies of builds without the feature `prover`, which verify proofs, and of builds for guests.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use vm_sdk::arch::{ContinuationProof, HexDigest, StoredVmVerifyingKey, SystemConfig, VmExecutor};
use vm_sdk::config::Rv32imVm;
use vm_sdk::p3::field::{PrimeCharacteristicRing, PrimeField32};
use vm_sdk::program::GuestProgram;
use vm_sdk::report::RunReport;
use vm_sdk::sdk::{ProveOptions, Sdk, Silent, encode_key};
use vm_sdk::stark::codec::{self, FileKind, MAX_FILE_LEN};
use vm_sdk::stark::{BabyBearPoseidon2Engine, BabyBearWhirPoseidon2Engine, F, SecurityPreset, StarkEngine};
use vm_tests::tools::skip_without;

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
    for package in [
        "chipwright-bitmanip",
        "chipwright-memcpy",
        "chipwright-bigint",
        "chipwright-modular",
        "chipwright-keccak256",
        "chipwright-sha256",
    ] {
        assert!(dependencies(package, &[]).contains("chipwright-core"), "missing on the host");
        let guest = dependencies(package, &["--target", "riscv32im-unknown-none-elf"]);
        let others: BTreeSet<&str> = guest.difference(&macros).map(String::as_str).collect();
        assert_eq!(others, BTreeSet::from([package, "chipwright-sdk"]));
    }
}

/// Packages that verifiers and extensions depend on.
const LIBRARIES: [&str; 12] = [
    "chipwright-core",
    "chipwright-sdk",
    "chipwright-rv32im",
    "chipwright-bigint",
    "chipwright-modular",
    "chipwright-fp2",
    "chipwright-ecc",
    "chipwright-pairing",
    "chipwright-keccak256",
    "chipwright-sha256",
    "chipwright-bitmanip",
    "chipwright-memcpy",
];

#[test]
fn a_verifier_does_not_depend_on_what_proving_needs() {
    for package in LIBRARIES {
        let found = dependencies_among(&NOT_FOR_VERIFIERS, package, &["--no-default-features"]);
        assert_eq!(found, [""; 0], "{package}");
    }
    let machine = ["chipwright-core", "chipwright-derive", "chipwright-sdk", "chipwright-rv32im"];
    let all = [&NOT_FOR_VERIFIERS[..], &machine].concat();
    assert_eq!(dependencies_among(&all, "chipwright-example-verifier", &[]), [""; 0]);
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

/// A proof of a run of `fibonacci.elf`, and forgeries of it.
struct Case {
    commitment: String,
    public_values: Vec<u8>,
    key: Vec<u8>,
    proof: Vec<u8>,
    /// Name, key, proof and the error of the verifier.
    forgeries: Vec<(&'static str, Vec<u8>, Vec<u8>, &'static str)>,
}

impl Case {
    fn new<E: StarkEngine>() -> Self {
        let elf = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/elf/fibonacci.elf");
        let program = GuestProgram::read(Path::new(elf)).unwrap();
        let machine = Rv32imVm { system: SystemConfig::default().with_continuations(), ..Rv32imVm::default() };
        let sdk = Sdk::<E>::new(VmExecutor::new(machine), SecurityPreset::default());
        let inputs = vec![12u32.to_le_bytes().to_vec()];
        let (proven, key) = sdk.prove(&program, inputs, ProveOptions::default(), &Silent).unwrap();
        let preset = SecurityPreset::default().name();
        let proof = |forge: &dyn Fn(&mut ContinuationProof<E>)| {
            let (_, mut proof) =
                codec::decode(FileKind::ContinuationProof, E::name(), &proven.proof_file, MAX_FILE_LEN).unwrap();
            forge(&mut proof);
            codec::encode(FileKind::ContinuationProof, E::name(), preset, &proof).unwrap()
        };
        let key_file = |forge: &dyn Fn(&mut StoredVmVerifyingKey<E, Rv32imVm>)| {
            let mut stored = key.verifying_key().to_stored();
            forge(&mut stored);
            codec::encode(FileKind::VerifyingKey, E::name(), preset, &stored).unwrap()
        };
        let connector = key.verifying_key().stark().air_index("Connector").unwrap();
        let (honest_key, honest_proof) = (encode_key(key.verifying_key()).unwrap(), proven.proof_file.clone());
        assert_eq!((&key_file(&|_| ()), &proof(&|_| ())), (&honest_key, &honest_proof));
        let proofs: [(_, Vec<u8>, _); 3] = [
            ("public values", proof(&|p| p.public_values.public_values[0] ^= 1), "their path leads to another root"),
            ("end", proof(&|p| p.segments[0].stark.public_values[connector][1] += F::ONE), "segment 0: "),
            ("segments", proof(&|p| p.segments.clear()), "the proof has no segments"),
        ];
        let other_program = "expected program";
        // Modulo p, the numbers are the same.
        let order = u64::from(F::ORDER_U32);
        let keys: [(_, Vec<u8>, _); 6] = [
            ("space of public values", key_file(&|key| key.layout.public_values_space += order), other_program),
            ("equal entry point", key_file(&|key| key.exe.pc_start += F::ORDER_U32), other_program),
            ("entry point", key_file(&|key| key.exe.pc_start += 4), other_program),
            ("number of public values", key_file(&|key| key.layout.num_public_values -= 16), other_program),
            ("limits", key_file(&|key| key.stark.body.limits.max_log_height -= 1), other_program),
            ("circuits", key_file(&|key| key.stark.circuits.swap(1, 2)), "does not contain the circuit of AIR"),
        ];
        let of_proofs = proofs.map(|(what, proof, error)| (what, honest_key.clone(), proof, error));
        let of_keys = keys.map(|(what, key, error)| (what, key, honest_proof.clone(), error));
        Self {
            commitment: HexDigest::from(key.exe_commitment()).to_string(),
            public_values: proven.report.public_values.0,
            key: honest_key,
            proof: honest_proof,
            forgeries: of_proofs.into_iter().chain(of_keys).collect(),
        }
    }
}

/// Commitment of a program that does not exist.
fn other_program() -> String {
    HexDigest::from([F::TWO; 8]).to_string()
}

#[test]
fn a_verifier_without_the_machine_verifies() {
    fn check<E: StarkEngine>() {
        let case = Case::new::<E>();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("verifier_only_{}", E::name()));
        std::fs::create_dir_all(&folder).unwrap();
        // Cargo builds only this package, so the features of provers are disabled.
        let verify = |commitment: &str, key: &[u8], proof: &[u8]| {
            let [key_file, proof_file] = ["key", "proof"].map(|name| folder.join(name).to_str().unwrap().to_owned());
            std::fs::write(&key_file, key).unwrap();
            std::fs::write(&proof_file, proof).unwrap();
            cargo(&["run", "--quiet", "-p", "chipwright-example-verifier", "--", commitment, &key_file, &proof_file])
        };
        let output = verify(&case.commitment, &case.key, &case.proof);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), format!("public values: {:02x?}\n", case.public_values));
        let refused = |what: &str, output: Output, error: &str| {
            assert_eq!(output.status.code(), Some(1), "{what}");
            assert!(text(&output.stderr).contains(error), "{what}: {}", text(&output.stderr));
        };
        for (what, key, proof, error) in &case.forgeries {
            refused(what, verify(&case.commitment, key, proof), error);
        }
        refused("program", verify(&other_program(), &case.key, &case.proof), "expected program");
    }
    check::<BabyBearPoseidon2Engine>();
    check::<BabyBearWhirPoseidon2Engine>();
}

/// Environment variable that names a compiler with the sources of the standard library.
const RUSTC_VARIABLE: &str = "CHIPWRIGHT_SOURCES_RUSTC";

/// Builds the verifier as a guest. The proof backend needs a target with compare-and-swap, of which no toolchain has
/// compiled libraries; atomic accesses are then compiled to plain ones, so the code is that of RV32IM.
fn guest_verifier(rustc: &str) -> GuestProgram {
    let print = |what: &str| {
        let output = Command::new("rustc").args(["--print", what]).output().unwrap();
        text(&output.stdout).trim().to_owned()
    };
    let linker = format!("{}/lib/rustlib/{}/bin/rust-lld", print("sysroot"), print("host-tuple"));
    let flags = format!("-Cpasses=lower-atomic -Clinker={linker} -Clinker-flavor=ld.lld -Clink-arg=-Tvm-guest.x");
    let target = "riscv32im-risc0-zkvm-elf";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("examples/verifier/guest");
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join("verifier_guest");
    let output = Command::new(env!("CARGO"))
        .current_dir(&folder)
        .args(["build", "--release", "--locked", "--target", target])
        .args(["-Zbuild-std=core,alloc", "-Zbuild-std-features=compiler-builtins-mem"])
        .env("RUSTC", rustc)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", flags)
        .env("CARGO_TARGET_DIR", &built)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    GuestProgram::read(&built.join(target).join("release/verifier_guest")).unwrap()
}

#[test]
fn a_guest_verifies() {
    let Ok(rustc) = std::env::var(RUSTC_VARIABLE) else {
        return skip_without("a compiler with library sources", &format!("set {RUSTC_VARIABLE}"));
    };
    let guest = guest_verifier(&rustc);
    let case = Case::new::<BabyBearWhirPoseidon2Engine>();
    let executor = VmExecutor::new(Rv32imVm::default());
    let run = |commitment: &str, key: &[u8], proof: &[u8]| {
        let inputs = vec![hex::decode(commitment).unwrap(), key.to_vec(), proof.to_vec()];
        vm_sdk::sdk::run(&executor, &guest, inputs, false).unwrap()
    };
    let report = run(&case.commitment, &case.key, &case.proof);
    println!("{} instructions", report.instructions);
    assert_eq!((report.exit_code, report.public_values.0), (0, case.public_values.clone()));
    let refused = |what: &str, report: RunReport, error: &str| {
        let printed = text(&report.output.0);
        assert!(report.exit_code == 1 && printed.contains(error), "{what}: {printed}");
    };
    for (what, key, proof, error) in &case.forgeries {
        refused(what, run(&case.commitment, key, proof), error);
    }
    refused("program", run(&other_program(), &case.key, &case.proof), "expected program");
}
