//! `cargo chipwright run` on guests that succeed.

use super::*;

#[test]
fn results_are_printed_for_people() {
    let outcome = vm_words(&format!("run {}", guest("tiny")));
    outcome.assert_success();
    assert!(outcome.stdout.contains("instructions   596"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("exit code      0"), "{}", outcome.stdout);
}

#[test]
fn json_is_one_object_with_the_results() {
    let json = vm_words(&format!("run {} --json", guest("tiny"))).assert_success().json();
    assert_eq!(json["instructions"], 596);
    assert_eq!(json["exit_code"], 0);
    assert_eq!(json["public_values"].as_str().unwrap().len(), 64);
    assert_eq!(json["segments"], Value::Null);
}

#[test]
fn metered_mode_counts_segments_and_rows() {
    let json = vm_words(&format!("run {} --json --mode metered", guest("tiny"))).assert_success().json();
    assert_eq!(json["segments"], 1);
    let rows: u64 = json["chips"].as_array().unwrap().iter().map(|chip| chip["rows"].as_u64().unwrap()).sum();
    assert!(rows >= 595, "{json}");
}

#[test]
fn cargo_s_extra_argument_is_accepted() {
    assert_eq!(
        vm_words(&format!("chipwright run {} --json", guest("tiny"))).assert_success().json()["instructions"],
        596
    );
}

#[test]
fn inputs_arrive_in_all_notations_and_in_order() {
    let scratch = Scratch::new();
    let file = scratch.write("input", &10u32.to_le_bytes());
    for input in ["u32:10", "u32:0xa", "0a000000", "0x0A000000", &format!("@{file}")] {
        let json = vm(["run", &guest("fibonacci"), "--input", input, "--json"]).assert_success().json();
        assert!(json["public_values"].as_str().unwrap().starts_with("37000000"), "{input}: {json}");
    }
    // The first vector selects the instruction that reads the second one.
    let json = vm(["run", &guest("misaligned"), "-i", "0500000000000000", "-i", "", "--json"]);
    assert!(json.assert_success().json()["public_values"].as_str().unwrap().starts_with("00000000"));
}

#[test]
fn guests_print_to_standard_output_or_into_the_object() {
    let arguments = ["run", &guest("print"), "--input", "u32:42"];
    let outcome = vm(arguments);
    assert!(outcome.assert_success().stdout.starts_with("Grüße from the guest: 42\n"), "{}", outcome.stdout);
    let json = vm(arguments.into_iter().chain(["--json"])).assert_success().json();
    assert_eq!(json["output"], "Grüße from the guest: 42\n");
}

#[test]
fn the_exit_system_call_ends_a_run() {
    let run = |status: &str| vm(["run", &guest("exit_ecall"), "--input", status, "--json"]);
    let json = run("u32:0").assert_success().json();
    assert!(json["public_values"].as_str().unwrap().starts_with("ffffffff"), "{json}");
    // Only the low byte counts, as on Linux.
    run("u32:0x100").assert_success();
}
