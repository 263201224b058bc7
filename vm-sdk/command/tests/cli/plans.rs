//! Fused blocks: plans, and proofs with them.

use vm_sdk::arch::fusion::{FusionPlan, MAX_PATHS};
use vm_sdk::fused::PlanFile;
use vm_sdk::stark::BabyBearWhirBlake3Engine;
use vm_sdk::stark::codec::{self, FileKind, MAX_FILE_LEN};

use super::*;

const ENGINE: &str = "--engine=whir-blake3";
const INPUT: [&str; 2] = ["--input", "u32:20000"];

/// Writes a plan for `fibonacci(20000)`.
fn plan(scratch: &Scratch) -> (String, Value) {
    let path = scratch.arg("plan");
    let report = vm(["plan", &guest("fibonacci"), INPUT[0], INPUT[1], "-o", &path, "--json"]).assert_success().json();
    (path, report)
}

/// Proves `fibonacci(20000)` with a plan. Returns the report.
fn prove(plan: &str, more: &[&str]) -> Value {
    let elf = guest("fibonacci");
    let arguments = ["prove", &elf, INPUT[0], INPUT[1], ENGINE, "--plan", plan, "--json"];
    vm(arguments.iter().chain(more)).assert_success().json()
}

#[test]
fn a_plan_makes_proofs_of_the_same_statement() {
    let scratch = Scratch::new();
    let (path, report) = plan(&scratch);
    let executed = report["fused_instructions"].as_u64().unwrap();
    assert!(executed * 10 > report["instructions"].as_u64().unwrap() * 9, "{report}");
    let (proof, key) = (scratch.arg("proof"), scratch.arg("key"));
    let fused = prove(&path, &["-o", &proof, "--vk-out", &key]);
    let plain = prove("off", &[]);
    // What was counted for the plan is what the proof has.
    assert_eq!(fused["fused_instructions"], executed);
    assert_eq!(plain["fused_instructions"], 0);
    for same in ["exe_commitment", "public_values", "instructions", "exit_code"] {
        assert_eq!(fused[same], plain[same], "{same}");
    }
    assert_eq!(plain["trusted_commitment"], plain["exe_commitment"]);
    assert_ne!(fused["trusted_commitment"], fused["exe_commitment"]);
    let cells = |report: &Value| report["main_cells"].as_u64().unwrap() + report["messages"].as_u64().unwrap();
    assert!(cells(&fused) * 2 < cells(&plain), "{} {}", cells(&fused), cells(&plain));

    // The program is enough to verify: the plan is in the proof.
    for trust in [["--vk", &key], ["--elf", &guest("fibonacci")]] {
        let verified = vm(["verify", &proof, trust[0], trust[1], "--json"]).assert_success().json();
        assert_eq!(verified["exe_commitment"], plain["exe_commitment"]);
    }
    vm(["verify", &proof, "--elf", &guest("tiny")]).assert_failure(2, "it was made for another program");
}

#[test]
fn long_runs_are_fused_unless_that_is_switched_off() {
    let scratch = Scratch::new();
    let (proof, key) = (scratch.arg("proof"), scratch.arg("key"));
    let files = ["-o", &proof, "--vk-out", &key];
    let long = ["prove", &guest("fibonacci"), "--input", "u32:60000", ENGINE, "--json"];
    let long = vm(long.iter().chain(&files));
    let long = long.assert_success().json();
    assert!(long["fused_instructions"].as_u64().unwrap() > 250_000, "{long}");
    let short = vm(["prove", &guest("fibonacci"), "--input", "u32:10", ENGINE, "--json"]).assert_success().json();
    assert_eq!(short["fused_instructions"], 0);
    assert_eq!(short["exe_commitment"], long["exe_commitment"]);

    // Another plan, or none, in the place of that of the key.
    let name = "baby-bear-whir-blake3";
    let bytes = std::fs::read(&proof).unwrap();
    type Proof = vm_sdk::arch::ContinuationProof<BabyBearWhirBlake3Engine>;
    let (header, honest) = codec::decode::<Proof>(FileKind::ContinuationProof, name, &bytes, MAX_FILE_LEN).unwrap();
    let mut altered = honest;
    let alter = |proof: &Proof| {
        let bytes = codec::encode(FileKind::ContinuationProof, name, &header.preset, proof).unwrap();
        vm(["verify", &scratch.write("altered", &bytes), "--elf", &guest("fibonacci")])
    };
    alter(&altered).assert_success();
    let with_key = || vm(["verify", &scratch.arg("altered"), "--vk", &key]);
    with_key().assert_success();
    let mut plan = FusionPlan::decode(&altered.plan).unwrap();
    plan.paths[0].steps.pop().unwrap();
    altered.plan = plan.encode();
    alter(&altered).assert_failure(1, "was proven for another program or machine");
    // The key that proved it refuses another plan, too, so that no byte of a proof is free.
    with_key().assert_failure(1, "the proof shows another plan of fused blocks");
    altered.plan = Vec::new();
    alter(&altered).assert_failure(1, "was proven for another program or machine");
    altered.plan = vec![1, 2, 3];
    alter(&altered).assert_failure(2, "the plan is malformed");
}

#[test]
fn segments_are_proven_with_the_plan_of_their_folder() {
    let scratch = Scratch::new();
    let (plan, _) = plan(&scratch);
    let (elf, folder, proof) = (guest("fibonacci"), scratch.arg("run"), scratch.arg("proof"));
    let segment = ["segment", &elf, INPUT[0], INPUT[1], ENGINE, "--plan", &plan, "--dir", &folder];
    vm(segment).assert_success();
    vm(["prove", &elf, ENGINE, "--dir", &folder, "--segment", "0"]).assert_success();
    vm(["merge", &folder, "-o", &proof]).assert_success();
    vm(["verify", &proof, "--elf", &elf]).assert_success();
    // The run continues with the same plan only.
    let resume = |plan: &str| vm(["prove", &elf, INPUT[0], INPUT[1], ENGINE, "--plan", plan, "--dir", &folder]);
    resume(&plan).assert_success();
    resume("off").assert_failure(2, "it belongs to another run");
}

#[test]
fn blocks_are_listed() {
    let scratch = Scratch::new();
    let (path, report) = plan(&scratch);
    let blocks = report["blocks"].as_array().unwrap();
    assert!(!blocks.is_empty());
    let listed = vm(["inspect", &path]).assert_success().stdout.clone();
    let with_code = vm(["inspect", &guest("fibonacci"), "--plan", &path]).assert_success().stdout.clone();
    for block in blocks {
        let start = format!("block {:#x}: ", block["pc"].as_u64().unwrap());
        assert!(listed.contains(&start) && with_code.contains(&start), "{start} {listed}");
    }
    // Assembly text, if the executable is at hand, or else names of opcodes.
    assert!(with_code.contains("  addi "), "{with_code}");
    assert!(!listed.contains("  addi "), "{listed}");
}

#[test]
fn unusable_plans_are_refused() {
    let scratch = Scratch::new();
    let (path, _) = plan(&scratch);
    let prove = |elf: &str, plan: &str| vm(["prove", &guest(elf), ENGINE, "--plan", plan]);
    prove("tiny", &path).assert_failure(2, "it was made for another program");
    prove("tiny", &scratch.arg("missing")).assert_failure(2, "cannot read");
    let bytes = std::fs::read(&path).unwrap();
    prove("fibonacci", &scratch.write("cut", &bytes[..bytes.len() - 9])).assert_failure(2, "truncated");
    prove("fibonacci", &guest("tiny")).assert_failure(2, "magic");

    let honest = PlanFile::read(Path::new(&path)).unwrap();
    let refused = |altered: PlanFile, message: &str| {
        let path = scratch.write("altered", &altered.encode().unwrap());
        prove("fibonacci", &path).assert_failure(2, message);
        vm(["inspect", &path]).assert_failure(2, message);
    };
    let mut altered = honest.clone();
    altered.executions.pop();
    refused(altered, "the plan is malformed");
    let mut altered = honest.clone();
    let first = altered.plan.paths[0].clone();
    altered.plan.paths.push(first);
    altered.executions.push(0);
    refused(altered, "another path of the same length starts at pc");
    let mut altered = honest.clone();
    altered.plan.paths = vec![honest.plan.paths[0].clone(); MAX_PATHS + 1];
    altered.executions = vec![0; MAX_PATHS + 1];
    refused(altered, "1025 paths, the limit is 1024");
    let mut altered = honest;
    altered.plan.paths[0].steps.truncate(1);
    refused(altered, "fewer than two instructions");
}

#[test]
fn a_plan_replaces_no_input() {
    let scratch = Scratch::new();
    let (path, _) = plan(&scratch);
    let elf = guest("fibonacci");
    vm(["plan", &elf, "-o", &elf]).assert_failure(2, "-o is the same file as");
    vm(["prove", &elf, "--plan", &path, "-o", &path]).assert_failure(2, "-o is the same file as");
    // A run that fails leaves the old plan.
    let before = std::fs::read(&path).unwrap();
    vm(["plan", &elf, "-o", &path]).assert_failure(1, "the guest failed");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
