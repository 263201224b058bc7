//! `cargo chipwright inspect`.

use super::*;

#[test]
fn executables_are_described() {
    let outcome = vm_words(&format!("inspect {}", guest("sha256")));
    assert!(outcome.assert_success().stdout.starts_with("RV32IM executable, entry point 0x200800"));
    assert!(outcome.stdout.contains("r-x"), "{}", outcome.stdout);

    let json = vm_words(&format!("inspect {} --json", guest("unknown_insn"))).assert_success().json();
    assert_eq!(json["kind"], "executable");
    assert_eq!(json["undecodable_words"], 1);
    assert_eq!(json["entry"], 0x0020_0800);
}

#[test]
fn code_is_listed_with_the_words_that_are_none() {
    let outcome = vm_words(&format!("inspect {} --code", guest("unknown_insn")));
    assert!(outcome.assert_success().stdout.contains("ffffffff  —"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("  00200800  "), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("terminate 0"), "{}", outcome.stdout);
}

#[test]
fn the_machine_s_airs_are_listed() {
    let outcome = vm_words("inspect --airs");
    for part in ["air Program:", "air AddSub:", "constraint 0", "message 0", "bus "] {
        assert!(outcome.assert_success().stdout.contains(part), "{part}");
    }
    let json = vm_words("inspect --airs --json").assert_success().json();
    assert!(json["airs"].as_array().unwrap().len() > 20);
    assert!(json["buses"].as_array().unwrap().len() >= 5);
}

#[test]
fn proofs_and_keys_are_described() {
    let scratch = Scratch::new();
    let (proof, key) = (scratch.arg("proof"), scratch.arg("key"));
    vm(["prove", &guest("tiny"), "--engine", "blake3", "-o", &proof, "--vk-out", &key]).assert_success();

    let shown = vm(["inspect", &proof, "--json"]).assert_success().json();
    assert_eq!((&shown["kind"], &shown["security_preset"]), (&"continuation proof".into(), &"provable100".into()));
    assert_eq!(shown["segments"].as_array().unwrap().len(), 1);
    assert!(shown["public_values"].as_str().unwrap().len() == 64, "{shown}");
    let shown = &shown["segments"][0];
    let airs = shown["airs"].as_array().unwrap();
    assert!(airs.iter().any(|air| air["name"] == "BranchEqual" && air["log_heights"][0] == 7), "{shown}");

    let shown_key = vm(["inspect", &key, "--json"]).assert_success().json();
    assert_eq!(shown_key["kind"], "verifying key");
    assert_eq!(shown_key["key_digest"], shown["key_digest"]);
    assert!(shown_key["security"]["bits"].as_f64().unwrap() >= 100.0);
    for path in [&proof, &key] {
        let text = vm(["inspect", path]);
        assert!(text.assert_success().stdout.contains(shown["key_digest"].as_str().unwrap()));
    }
}

#[test]
fn other_files_are_refused() {
    let scratch = Scratch::new();
    let path = scratch.write("text", b"hello");
    vm(["inspect", &path]).assert_failure(2, "not an ELF file");
    let path = scratch.write("cut", b"vm-core\n\x01");
    vm(["inspect", &path]).assert_failure(2, "truncated");
}
