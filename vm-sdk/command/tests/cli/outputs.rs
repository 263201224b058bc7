//! Where proofs and keys are written: nothing else is lost, and what cannot be written is refused before work.
#![cfg(unix)]

use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::process::Stdio;

use super::*;

/// Arguments that prove a run which reaches a limit: another error appears only if it is found before the run.
fn prove_endless(more: &[&str]) -> Vec<String> {
    let arguments = ["prove", &guest("print_loop"), "--max-instructions", "100000"];
    arguments.iter().chain(more).map(ToString::to_string).collect()
}

/// Arguments that prove a short run.
fn prove(more: &[&str]) -> Vec<String> {
    let arguments = ["prove", &guest("tiny"), "--engine", "blake3", "--security", "conjectured100"];
    arguments.iter().chain(more).map(ToString::to_string).collect()
}

fn verify(proof: &str) -> Outcome {
    vm(["verify", proof, "--elf", &guest("tiny"), "--security", "conjectured100"])
}

#[test]
fn impossible_destinations_are_refused_before_proving() {
    let scratch = Scratch::new();
    let (possible, read_only) = (scratch.arg("proof"), scratch.write("read-only", b"kept"));
    std::fs::set_permissions(&read_only, std::fs::Permissions::from_mode(0o444)).unwrap();
    let missing = scratch.arg("missing/key");
    for (impossible, message) in [
        (missing.as_str(), "No such file"),
        (&scratch.arg("."), "is a directory"),
        (&read_only, "the file is read-only"),
        ("/proc/new", "no file can be created in /proc"),
    ] {
        for more in [["-o", &possible, "--vk-out", impossible], ["--vk-out", &possible, "-o", impossible]] {
            vm(prove_endless(&more)).assert_failure(2, message).assert_failure(2, impossible);
        }
    }
    assert_eq!((scratch.files(), std::fs::read(&read_only).unwrap()), (vec!["read-only".to_owned()], b"kept".to_vec()));
}

#[test]
fn outputs_are_no_other_file() {
    let scratch = Scratch::new();
    let elf = scratch.write("guest.elf", &std::fs::read(guest("print_loop")).unwrap());
    let input = scratch.write("input", b"1234");
    let link = scratch.arg("link");
    symlink(&elf, &link).unwrap();
    let before = scratch.files();
    let at_input = format!("@{input}");
    let proof = scratch.arg("proof");
    for (more, message) in [
        (vec!["-o", &proof, "--vk-out", &proof], "-o is the same file as --vk-out"),
        (vec!["-o", &elf], "-o is the same file as the input"),
        (vec!["-o", &link], "-o is the same file as the input"),
        (vec!["--vk-out", &elf], "--vk-out is the same file as the input"),
        (vec!["--input", &at_input, "-o", &input], "-o is the same file as the input"),
    ] {
        let arguments = ["prove", elf.as_str(), "--max-instructions", "100000"].into_iter().chain(more.iter().copied());
        let outcome = vm(arguments);
        outcome.assert_failure(2, message);
        assert!(outcome.stdout.is_empty() && scratch.files() == before, "{more:?}: {:?}", scratch.files());
    }
    assert_eq!(std::fs::read(&elf).unwrap(), std::fs::read(guest("print_loop")).unwrap());
    // The report would be mixed with the proof.
    let out = std::fs::File::create(scratch.path("out")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-chipwright"));
    let output = command.args(prove_endless(&["-o", &scratch.arg("out")])).stdout(out).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && stderr.contains("-o is the same file as standard output"), "{stderr}");
}

#[test]
fn links_devices_pipes_and_permissions_stay() {
    let scratch = Scratch::new();
    let (file, link) = (scratch.write("file", b"old"), scratch.arg("link"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    symlink("file", &link).unwrap();
    // A pipe stands for all devices: a mistake in the code must not replace one of the system.
    let fifo = scratch.arg("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());

    vm(prove(&["-o", &link])).assert_success();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    verify(&file).assert_success();

    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-chipwright"));
    let mut child = command.args(prove(&["-o", &fifo])).stdout(Stdio::null()).spawn().unwrap();
    let proof = std::fs::read(&fifo).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(std::fs::metadata(&fifo).unwrap().file_type().is_fifo());
    verify(&scratch.write("copy", &proof)).assert_success();

    // The reader goes away before the proof is written.
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-chipwright"));
    command.args(prove(&["-o", &fifo, "--vk-out", &scratch.arg("key")])).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    drop(std::fs::File::open(&fifo).unwrap());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && stderr.contains("Broken pipe"), "{stderr}");
    assert!(!scratch.path("key").exists(), "both files or none");
}

#[test]
fn the_files_of_a_run_are_no_outputs() {
    let scratch = Scratch::new();
    let folder = scratch.arg("run");
    std::fs::create_dir(&folder).unwrap();
    for name in ["run.plan", "program.vk", "segment-00000.proof"] {
        let output = format!("{folder}/{name}");
        vm(prove_endless(&["--dir", &folder, "-o", &output])).assert_failure(2, "a file of the run's folder");
    }
    assert!(files_in(&scratch.path("run")).is_empty());
}

/// A proof that is written to a pipe while its key is in a temporary file.
struct Writing {
    scratch: Scratch,
    child: std::process::Child,
    reader: std::fs::File,
}

impl Writing {
    /// Runs `command` with the arguments of a proof, and waits until it writes. The proof does not fit into the pipe.
    fn start(command: &mut Command) -> Self {
        let scratch = Scratch::new();
        let (fifo, key) = (scratch.arg("fifo"), scratch.arg("key"));
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let mut child = command.args(prove(&["-o", &fifo, "--vk-out", &key])).stdout(Stdio::null()).spawn().unwrap();
        let reader = std::fs::File::open(&fifo).unwrap();
        while !scratch.files().iter().any(|name| name.starts_with(".cargo-chipwright-") && is_long(&scratch, name)) {
            assert!(child.try_wait().unwrap().is_none());
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        Self { scratch, child, reader }
    }

    fn send(&self, signal: &str) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }
}

#[test]
fn a_signal_ends_the_process_and_leaves_no_temporary_file() {
    use std::os::unix::process::ExitStatusExt;
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        // Tests may run with ignored signals, as background jobs do.
        let command = &mut Command::new("env");
        let mut writing = Writing::start(command.args(["--default-signal", env!("CARGO_BIN_EXE_cargo-chipwright")]));
        writing.send(signal);
        assert_eq!(writing.child.wait().unwrap().signal(), Some(number), "{signal}");
        assert_eq!(writing.scratch.files(), ["fifo"]);
    }
}

#[test]
fn ignored_signals_stay_ignored() {
    let command = &mut Command::new("env");
    let mut writing = Writing::start(command.args(["--ignore-signal=HUP", env!("CARGO_BIN_EXE_cargo-chipwright")]));
    writing.send("HUP");
    std::io::copy(&mut writing.reader, &mut std::io::sink()).unwrap();
    assert!(writing.child.wait().unwrap().success());
    assert_eq!(writing.scratch.files(), ["fifo", "key"]);
}

/// Returns whether a file still exists and has contents.
fn is_long(scratch: &Scratch, name: &str) -> bool {
    std::fs::metadata(scratch.path(name)).is_ok_and(|found| found.len() > 0)
}
