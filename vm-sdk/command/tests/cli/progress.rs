//! Progress as lines of JSON, and estimates.

use super::segments::{CUTS, FAST, INPUT, long_run};
use super::*;

/// Returns the events on standard error.
fn events(outcome: &Outcome) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    outcome.stderr.lines().filter(|line| line.starts_with('{')).map(line).collect()
}

/// Returns the names of events, each with its phase or segment.
fn summary(events: &[Value]) -> Vec<String> {
    let describe = |event: &Value| {
        let detail = [&event["phase"], &event["segment"]].into_iter().find(|value| !value.is_null());
        let detail = detail.map(|value| format!(" {value}").replace('"', "")).unwrap_or_default();
        format!("{}{detail}", event["event"].as_str().unwrap())
    };
    // How often these come depends on the speed of the computer.
    events.iter().map(describe).filter(|event| event != "running").collect()
}

#[test]
fn progress_is_a_line_of_json_per_event() {
    let outcome = vm(long_run("prove", &guest("fibonacci"), &["--progress", "json", "--json"]));
    let json = outcome.assert_success().json();
    let (events, segments) = (events(&outcome), json["segments"].as_u64().unwrap());
    let phases = ["phase choosing blocks", "phase committing to the program", "phase running", "planned"];
    let mut expected = phases.map(str::to_owned).to_vec();
    expected.extend((0..segments).flat_map(|i| [format!("segment_begun {i}"), format!("segment_proven {i}")]));
    expected.push("phase verifying".to_owned());
    assert_eq!(summary(&events), expected);
    let planned = events.iter().find(|event| event["event"] == "planned").unwrap();
    assert_eq!((&planned["instructions"], &planned["segments"]), (&json["instructions"], &json["segments"]));
    let proven = events.iter().filter(|event| event["event"] == "segment_proven");
    assert_eq!(proven.map(|event| event["instructions"].as_u64().unwrap()).sum::<u64>(), json["instructions"]);
    let times: Vec<f64> = events.iter().map(|event| event["elapsed_seconds"].as_f64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn a_long_run_says_every_second_how_far_it_is() {
    let endless = ["run", &guest("print_loop"), "--max-instructions", "50000000", "--progress", "json", "--json"];
    let outcome = vm(endless);
    let events = events(outcome.assert_failure(1, "did not terminate within 50000000 instructions"));
    assert_eq!(summary(&events), ["phase running"]);
    let executed: Vec<u64> = events[1..].iter().map(|event| event["instructions"].as_u64().unwrap()).collect();
    // The run is executed again for its backtrace.
    assert!(executed.is_sorted() && executed.iter().all(|n| (1..=100_000_000).contains(n)), "{executed:?}");
}

#[test]
fn without_a_terminal_progress_is_not_shown() {
    for progress in ["auto", "off"] {
        let outcome = vm(["run", &guest("tiny"), "--progress", progress]);
        assert_eq!(outcome.assert_success().stderr, "", "{progress}");
    }
    vm(["run", &guest("tiny"), "--progress", "xml"]).assert_failure(2, "invalid value 'xml'");
}

/// Everything but the time can be compared: it depends on what else the computer does.
#[test]
fn estimates_are_close_to_the_proof() {
    let elf = guest("fibonacci");
    for engine in ["blake3", "whir-blake3"] {
        let options = [&[&elf[..]], &INPUT[..], &CUTS, &["--engine", engine], &FAST[2..], &["--json"]].concat();
        let [estimate, proof] = ["estimate", "prove"].map(|command| {
            let outcome = vm([&[command], &options[..]].concat());
            outcome.assert_success().json()
        });
        for key in ["instructions", "segments", "security_bits", "security_regime", "security_preset", "engine"] {
            assert_eq!(estimate[key], proof[key], "{engine}: {key}");
        }
        let ratio = |key: &str| estimate[key].as_f64().unwrap() / proof[key].as_f64().unwrap();
        println!("{engine}: {:.3} of the length", ratio("proof_bytes"));
        assert!((0.9..1.1).contains(&ratio("proof_bytes")), "{engine}: {}", ratio("proof_bytes"));
        assert!(estimate["memory_bytes"].as_u64().unwrap() <= 270 << 20, "{estimate}");
        assert!(estimate["prove_cpu_seconds"].as_f64().unwrap() > 0.0, "{estimate}");
    }
}

/// All of a short run is the sample.
#[test]
fn short_runs_and_failing_guests_have_estimates_and_errors() {
    let outcome = vm([&["estimate", &guest("tiny")[..]], &FAST[..]].concat());
    let text = &outcome.assert_success().stdout;
    assert!(text.contains("segments       1\n") && text.contains("MiB that are available"), "{text}");
    let outcome = vm([&["estimate", &guest("exit_code")[..]], &FAST[..]].concat());
    outcome.assert_failure(1, "the guest ended with exit code 7");
}
