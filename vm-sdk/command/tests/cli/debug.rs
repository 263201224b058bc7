//! `cargo chipwright debug`, with gdb itself where it is installed.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Stdio};

use super::*;

const GDB: &str = "gdb-multiarch";

/// Returns whether gdb is installed. If not, prints that `test` is skipped, or fails if it must not be.
fn has_gdb(test: &str) -> bool {
    has_tool(GDB, "Debian and Ubuntu: apt-get install gdb-multiarch", test)
}

/// The folder to which the debug information of the fixtures refers.
fn fixtures() -> String {
    format!("{}/../../tests/fixtures", env!("CARGO_MANIFEST_DIR"))
}

/// A command that waits for gdb.
struct Server {
    child: Child,
    stderr: BufReader<ChildStderr>,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-chipwright"));
        command.arg("debug").args(arguments).args(["--listen", "127.0.0.1:0"]).env_remove("RUST_LOG");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let command = line.trim_end().strip_prefix("waiting for gdb: ").expect(&line);
        let address = command.split_once(" -ex 'target remote ").expect(command).1.trim_end_matches('\'').to_owned();
        Self { child, stderr, address }
    }

    /// Runs gdb with these commands. Returns what it prints.
    fn gdb(&self, elf: &str, commands: &[&str]) -> String {
        let connect = format!("target remote {}", self.address);
        let settings = ["set pagination off", "set width 0", &connect];
        let mut gdb = Command::new(GDB);
        gdb.args(["-nx", "-batch", "-cd", &fixtures(), elf]);
        settings.iter().chain(commands).for_each(|command| _ = gdb.args(["-ex", command]));
        let output = gdb.output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// Waits for the end. Standard error is without the first line.
    fn finish(mut self) -> Outcome {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut stderr).unwrap();
        Outcome { code: self.child.wait().unwrap().code().expect("no signal"), stdout, stderr }
    }
}

/// Checks that parts occur in this order.
#[track_caller]
fn assert_in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => panic!("expected {part:?} in {rest:?} of:\n{text}"),
        }
    }
}

#[test]
fn gdb_stops_at_breakpoints_and_watchpoints_and_goes_back() {
    if !has_gdb("gdb_stops_at_breakpoints_and_watchpoints_and_goes_back") {
        return;
    }
    let elf = guest("debuggee");
    let server = Server::start(&[&elf, "--input", "u32:3"]);
    let commands = [
        "break square",
        "continue",
        "info registers a0 pc",
        "backtrace",
        "finish",
        "delete",
        "watch total",
        "continue",
        "continue",
        "reverse-continue",
        "print total",
        "reverse-step",
        "reverse-stepi",
        "monitor instructions",
        "delete",
        "tbreak square",
        "continue",
        "reverse-finish",
        "reverse-next",
        "reverse-next",
        "rwatch flags[2]",
        "tbreak vm_reveal",
        "continue",
        "info args",
        "next",
        "print total",
        "continue",
    ];
    let text = server.gdb(&elf, &commands);
    assert_in_order(
        &text,
        &[
            "Breakpoint 1, square (number=1) at debug/debuggee.c:9",
            "a0             0x1",
            "<square+",
            "#0  square (number=1) at debug/debuggee.c:9",
            "in add_squares (count=3) at debug/debuggee.c:",
            "in main () at debug/debuggee.c:",
            "Value returned is $1 = 1",
            "Hardware watchpoint 2: total",
            "Old value = 0",
            "New value = 1",
            "Old value = 1",
            "New value = 5",
            // Undone.
            "Old value = 5",
            "New value = 1",
            "$2 = 1",
            "in print_number (number=0) at debug/debuggee.c:",
            "square (number=3)",
            // Before the call, at the start of its line, and in the line before.
            "in add_squares (count=3) at debug/debuggee.c:26",
            "for (uint32_t i = 1; i <= count; i++) {",
            "vm_reveal (",
            "$3 = 14",
            "exited with code 05]",
        ],
    );
    // gdb prints these to standard error.
    assert!(text.contains("238 instructions have been executed; the next one is at 0x"), "{text}");
    assert!(text.contains("\n1\n4\n"), "{text}");
    let outcome = server.finish();
    outcome.assert_failure(1, "error: the guest ended with exit code 5");
    assert_eq!(outcome.stdout, "1\n4\n9\n");
}

#[test]
fn gdb_shows_why_an_instruction_fails() {
    if !has_gdb("gdb_shows_why_an_instruction_fails") {
        return;
    }
    let elf = guest("print_then_trap");
    let server = Server::start(&[&elf]);
    let commands = ["continue", "info symbol $pc", "reverse-stepi", "info symbol $pc", "continue", "continue"];
    let text = server.gdb(&elf, &commands);
    let signal = "Program received signal SIGILL, Illegal instruction.";
    assert_in_order(
        &text,
        &[signal, "trap in section", "main + ", signal, "Program terminated with signal SIGILL, Illegal instruction."],
    );
    assert_eq!(text.matches("the word 0xffffffff at 0x").count(), 2, "{text}");
    assert_eq!(text.matches("before").count(), 1, "{text}");
    let outcome = server.finish();
    outcome.assert_failure(1, "error: the guest failed: pc 0x");
    assert_eq!(outcome.stdout, "before\nno newline\n");
}

#[test]
fn a_session_may_end_before_the_guest_does() {
    let server = Server::start(&[&guest("print_loop")]);
    // Without gdb: a connection that is closed.
    let mut connection = TcpStream::connect(&server.address).unwrap();
    connection.write_all(b"$c#63").unwrap();
    let mut acknowledged = [0];
    connection.read_exact(&mut acknowledged).unwrap();
    drop(connection);
    assert_eq!(server.finish().assert_success().stderr, "");
}

#[test]
fn what_is_no_debugger_is_refused() {
    let server = Server::start(&[&guest("tiny")]);
    TcpStream::connect(&server.address).unwrap().write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    server.finish().assert_failure(1, "error: the debugger does not follow gdb's remote protocol");
}

#[test]
fn the_address_must_be_free() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let outcome = vm(["debug", &guest("tiny"), "--listen", &address]);
    outcome.assert_failure(2, &format!("error: cannot listen on {address}: "));
    vm(["debug", &guest("tiny"), "--listen", "nowhere"]).assert_failure(2, "cannot listen on nowhere: ");
    vm(["debug", "missing.elf"]).assert_failure(2, "missing.elf");
}

/// As for the other commands, a signal ends the command while it waits.
#[test]
fn waiting_for_a_debugger_can_be_interrupted() {
    use std::os::unix::process::ExitStatusExt;

    let mut server = Server::start(&[&guest("tiny")]);
    assert!(Command::new("sh").args(["-c", &format!("kill -TERM {}", server.child.id())]).status().unwrap().success());
    assert_eq!(server.child.wait().unwrap().signal(), Some(15));
}
