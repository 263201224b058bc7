//! A guest that uses the guest library: typed input and public values on host and guest, printing, errors and panics.

use serde::{Deserialize, Serialize};
use vm_sdk::io::{Inputs, PublicValues};

use super::*;

/// First input of `rust_io`. The second input is bytes.
#[derive(Serialize)]
struct Task {
    name: &'static str,
    amounts: Vec<u32>,
    limit: Option<u64>,
    panic: bool,
}

/// First value that `rust_io` commits. The bytes and the sum of the amounts follow.
#[derive(Debug, PartialEq, Deserialize)]
struct Summary {
    largest: Option<u32>,
    name_length: u16,
}

fn task() -> Task {
    Task { name: "Größe", amounts: vec![70_000, u32::MAX], limit: None, panic: false }
}

/// Writes the inputs to files and returns the arguments that name them.
fn input_arguments(scratch: &Scratch, task: &Task, bytes: &[u8]) -> Vec<String> {
    let vectors = Inputs::new().write(task).unwrap().write_bytes(bytes).into_vectors();
    let argument = |(index, vector): (usize, &Vec<u8>)| {
        let file = scratch.write(&format!("input-{index}"), vector);
        ["--input".to_owned(), format!("@{file}")]
    };
    vectors.iter().enumerate().flat_map(argument).collect()
}

fn run(command: &str, task: &Task, bytes: &[u8], more: &[&str]) -> Outcome {
    let scratch = Scratch::new();
    let mut arguments = vec![command.to_owned(), guest("rust_io")];
    arguments.extend(input_arguments(&scratch, task, bytes));
    arguments.extend(more.iter().map(|argument| argument.to_string()));
    vm(arguments)
}

fn assert_values(json: &Value) {
    let mut values = PublicValues::new(hex::decode(json["public_values"].as_str().unwrap()).unwrap());
    assert_eq!(values.read::<Summary>().unwrap(), Summary { largest: Some(u32::MAX), name_length: 7 });
    assert_eq!(values.read_bytes(3).unwrap(), [0xfe, 0xff, 0]);
    assert_eq!(values.read::<u64>().unwrap(), 70_000 + u64::from(u32::MAX));
    assert!(values.remaining().iter().all(|byte| *byte == 0));
    // Reading beyond the public values is an error.
    assert!(values.read_bytes(33).is_err());
}

#[test]
fn values_go_in_and_come_out_of_run_proof_and_verification() {
    let bytes = [0xfe, 0xff, 0];
    let json = run("run", &task(), &bytes, &["--json"]).assert_success().json();
    assert_values(&json);
    assert_eq!(json["output"], "Größe: 70000 4294967295\n");

    let scratch = Scratch::new();
    let proof = scratch.arg("proof");
    let proven = run("prove", &task(), &bytes, &["--json", "--engine", "blake3", "-o", &proof]);
    assert_values(&proven.assert_success().json());
    let verified = vm(["verify", &proof, "--elf", &guest("rust_io"), "--json"]);
    assert_values(&verified.assert_success().json());
}

#[test]
fn panics_reach_the_user_with_their_place() {
    let task = Task { panic: true, ..task() };
    let outcome = run("run", &task, &[], &[]);
    outcome.assert_failure(1, "the guest ended with exit code 1");
    assert!(
        outcome.stdout.starts_with("Größe: 70000 4294967295\npanicked at rust_io/src/main.rs:"),
        "{}",
        outcome.stdout
    );
    assert!(outcome.stdout.contains(":\npanic on demand of Größe\n"), "{}", outcome.stdout);

    let scratch = Scratch::new();
    let outcome = run("prove", &task, &[], &["--engine", "blake3", "-o", &scratch.arg("proof")]);
    outcome.assert_failure(1, "the guest ended with exit code 1; only successful runs are proven");
    assert!(outcome.stdout.contains("panic on demand of Größe"), "{}", outcome.stdout);
    assert!(scratch.files().is_empty());
}

#[test]
fn errors_of_the_main_function_and_bad_input_reach_the_user() {
    let outcome = run("run", &Task { limit: Some(10), ..task() }, &[], &[]);
    assert!(outcome.assert_failure(1, "exit code 1").stdout.contains("error: 4295037295 is more than 10\n"));

    let outcome = vm(["run", &guest("rust_io"), "--input", "056162"]);
    let message = "input vector 0 (3 bytes) is no postcard encoding of rust_io::Task: ";
    assert!(outcome.assert_failure(1, "exit code 1").stdout.contains(message), "{}", outcome.stdout);

    vm(["run", &guest("rust_io")]).assert_failure(1, "requests input vector 0, but only 0 were given");
}

#[test]
fn too_many_public_values_are_an_error_that_names_their_number() {
    run("run", &task(), &[1; 40], &[])
        .assert_failure(1, "public value at byte 32 is out of bounds: the machine has 32");
}
