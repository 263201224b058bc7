//! What guests print: live, complete, and whatever happens to the streams of the command.
#![cfg(unix)]

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use super::*;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-chipwright"));
    command.args(arguments).env_remove("RUST_LOG");
    command
}

#[test]
fn output_is_live() {
    for name in ["run", "prove"] {
        let mut child = command(&[name, &guest("print_loop")]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "tick");
        assert!(child.try_wait().unwrap().is_none(), "{name}: the guest prints without end");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn output_is_kept_when_the_run_fails() {
    for name in ["run", "prove"] {
        let trap = [name, &guest("print_then_trap")];
        let outcome = vm(trap);
        outcome.assert_failure(1, "the word 0xffffffff");
        assert_eq!(outcome.stdout, "before\nno newline\n", "the last line is ended");
        let json = vm(trap.iter().chain(&["--json"])).assert_failure(1, "").json();
        assert_eq!(json["output"], "before\nno newline");

        let code = [name, &guest("print_then_exit3")];
        let outcome = vm(code);
        assert!(outcome.assert_failure(1, "exit code 3").stdout.starts_with("why\n"), "{}", outcome.stdout);
        let json = vm(code.iter().chain(&["--json"])).assert_failure(1, "").json();
        assert_eq!((&json["output"], &json["exit_code"]), (&"why\n".into(), &3.into()));

        let endless = [name, &guest("print_loop"), "--max-instructions", "100000"];
        let outcome = vm(endless);
        assert!(
            outcome.assert_failure(1, "did not terminate").stdout.starts_with("tick\ntick\n"),
            "{}",
            outcome.stdout
        );
        let json = vm(endless.iter().chain(&["--json"])).assert_failure(1, "").json();
        assert_eq!(json["output"].as_str().unwrap().len(), outcome.stdout.len(), "{json}");
    }
}

/// With `--json`, the output is part of an object, which an interrupted run would not print.
#[test]
fn output_is_kept_when_the_run_is_interrupted() {
    let arguments = ["--default-signal", env!("CARGO_BIN_EXE_cargo-chipwright"), "run", &guest("print_loop"), "--json"];
    let child = Command::new("env").args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.signal(), Some(2));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["error"], &json["error_class"]), (&"interrupted by SIGINT".into(), &"interrupted".into()));
    assert!(json["output"].as_str().unwrap().starts_with("tick\ntick\n"));
}

/// A proof executes the guest several times, but it prints once.
#[test]
fn output_appears_once() {
    let scratch = Scratch::new();
    let arguments =
        ["prove", &guest("print"), "--input", "u32:42", "--engine", "blake3", "--security", "conjectured100"];
    let outcome = vm(arguments.iter().chain(&["--debug", "-o", &scratch.arg("proof")]));
    assert_eq!(outcome.assert_success().stdout.matches("Grüße").count(), 1, "{}", outcome.stdout);
    assert!(outcome.stdout.contains("checked        1 segment, "), "{}", outcome.stdout);
    let json = vm(["run", &guest("print"), "--input", "u32:42", "--mode", "metered", "--json"]).assert_success().json();
    assert_eq!(json["output"], "Grüße from the guest: 42\n");
}

#[test]
fn bytes_that_are_no_text_are_kept() {
    let output = command(&["run", &guest("print_bytes")]).output().unwrap();
    assert!(output.stdout.starts_with(b"ab\xff\x1b[31mc\n"), "{:?}", output.stdout);
    let json = vm(["run", &guest("print_bytes"), "--json"]).assert_success().json();
    assert_eq!(
        (&json["output"], &json["output_hex"]),
        (&"ab\u{fffd}\u{1b}[31mc\n".into(), &"6162ff1b5b33316d630a".into())
    );
}

#[test]
fn inputs_that_the_guest_does_not_read_are_reported() {
    let one = ["run", &guest("fibonacci"), "-i", "u32:10"];
    assert!(vm(one).assert_success().stderr.is_empty());
    let three: Vec<_> = one.into_iter().chain(["-i", "01", "-i", ""]).collect();
    let outcome = vm(&three);
    assert!(outcome.assert_success().stderr.contains("warning: the guest did not read the last 2 input vectors"));
    let json = vm(three.into_iter().chain(["--json"])).assert_success().json();
    assert_eq!(json["unread_inputs"], 2);
}

/// What cannot be written is an error, never a panic, and does not change the exit code of a failure.
#[test]
fn streams_that_cannot_be_written() {
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = |name: &str, more: &[&str], stdout: Stdio, stderr: Stdio| {
        let elf = guest(name);
        let arguments: Vec<&str> = ["run", elf.as_str()].into_iter().chain(more.iter().copied()).collect();
        let output = command(&arguments).stdout(stdout).stderr(stderr).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for more in [&[][..], &["--json"]] {
        let (code, stderr) = run("print_then_exit3", more, full().into(), Stdio::piped());
        assert_eq!(code, Some(1), "{stderr}");
        assert!(stderr.contains("exit code 3") && !stderr.contains("panicked"), "{stderr}");
        assert_eq!(run("print_then_exit3", more, full().into(), full().into()).0, Some(1));
        assert_eq!(run("print_then_trap", more, full().into(), full().into()).0, Some(1));
        assert_eq!(run("print_then_trap", more, Stdio::null(), closed_pipe()).0, Some(1));
        assert_eq!(run("entry_amo", more, full().into(), full().into()).0, Some(2));

        let (code, stderr) = run("tiny", more, full().into(), Stdio::piped());
        assert!(code == Some(1) && stderr.contains("cannot write to standard output"), "{stderr}");
        // The reader of a closed pipe has seen enough.
        for name in ["tiny", "print_bytes"] {
            assert_eq!(run(name, more, closed_pipe(), Stdio::piped()), (Some(0), String::new()), "{name}");
        }
    }
    // A log that cannot be written.
    let elf = guest("tiny");
    let arguments = ["prove", &elf, "--engine", "blake3", "--security", "conjectured100"];
    let logged = |stderr: Stdio| command(&arguments).env("RUST_LOG", "info").stderr(stderr).output().unwrap();
    assert!(!logged(Stdio::piped()).stderr.is_empty());
    assert_eq!(logged(full().into()).status.code(), Some(0));
}

/// A pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// Runs the command on a terminal and returns what the terminal gets.
#[cfg(target_os = "linux")]
fn on_terminal(arguments: &[&str], no_color: &str) -> String {
    let line = [&[env!("CARGO_BIN_EXE_cargo-chipwright")], arguments].concat().join(" ");
    // `script` belongs to util-linux.
    let mut script = Command::new("script");
    let output = script.args(["-qec", &line, "/dev/null"]).env("NO_COLOR", no_color).stdin(Stdio::null()).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn terminals_show_progress_and_only_the_text_of_the_guest() {
    let shown = on_terminal(&["run", &guest("fibonacci"), "--input", "u32:20000000"], "1");
    assert!(shown.contains("running") && shown.contains("exit code      0"), "{shown}");
    assert!(!shown.contains("\x1b[3") && !shown.contains("\x1b[0m"), "colours: {shown:?}");
    let shown = on_terminal(&["run", &guest("print_bytes")], "");
    assert!(shown.contains("ab\\xff\\x1b[31mc\r\n"), "{shown:?}");
}

/// Without a terminal, there is no progress.
#[test]
fn progress_is_for_terminals() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let arguments = ["run", &guest("fibonacci"), "--input", "u32:1000000"];
    let status = command(&arguments).stdout(Stdio::null()).stderr(File::create(log.path()).unwrap()).status().unwrap();
    assert!(status.success());
    assert_eq!(std::fs::read_to_string(log.path()).unwrap(), "");
}
