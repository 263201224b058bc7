//! Backtraces of failed guests, and stacks that overflow.

use super::packages::{build_and_run, can_build, named_package};
use super::*;

/// Fails in the way that the first number of the input selects. The second number is an argument.
const FAILS: &str = r#"#![no_std]
#![no_main]
extern crate alloc;

use alloc::vec::Vec;
use core::hint::black_box;

vm_guest::entry!(main);

fn main() -> Result<(), &'static str> {
    let (way, n): (u32, u32) = vm_guest::io::read();
    let result = match way {
        0 => return Err("an error"),
        1 => leave(n),
        2 => parse(n),
        3 => depth(n),
        4 => large_frame(n),
        _ => trap(n),
    };
    vm_guest::io::commit(&result);
    Ok(())
}

#[inline(never)]
fn leave(code: u32) -> u32 {
    vm_guest::exit(code as u8)
}

#[inline(never)]
fn parse(n: u32) -> u32 {
    let list: Vec<u32> = black_box((0..n).collect());
    element(&list, n) + 1
}

#[inline(always)]
fn element(list: &[u32], n: u32) -> u32 {
    list[n as usize]
}

#[inline(never)]
fn depth(n: u32) -> u32 {
    let block = black_box([n; 250]);
    if n == 0 { 0 } else { block[7] - n + depth(n - 1) + 1 }
}

#[inline(never)]
fn large_frame(n: u32) -> u32 {
    let mut block = [0u8; 5 << 20];
    black_box(&mut block)[n as usize] = 1;
    block.iter().map(|byte| u32::from(*byte)).sum()
}

#[inline(never)]
fn trap(n: u32) -> u32 {
    unsafe { core::arch::asm!("unimp") };
    n
}
"#;

const LINES: &str = "[profile.release]\ndebug = \"line-tables-only\"";

/// Creates a package of this name with these lines in its manifest.
fn fails(scratch: &Scratch, name: &str, manifest: &str) -> String {
    named_package(scratch, name, manifest, FAILS)
}

/// Returns the lines of the backtrace.
fn backtrace(outcome: &Outcome) -> Vec<&str> {
    let lines = outcome.stderr.lines().skip_while(|line| *line != "backtrace (innermost call first):");
    lines.skip(1).collect()
}

#[test]
fn panics_have_a_backtrace_with_inlined_functions_and_lines() {
    if !can_build("panics_have_a_backtrace_with_inlined_functions_and_lines") {
        return;
    }
    let scratch = Scratch::new();
    let package = fails(&scratch, "panics", LINES);
    let expected =
        ["   0: element at src/main.rs:37", "   1: panics::parse at src/main.rs:32", "   2: main at src/main.rs:15"];
    let run = ["run", &package, "--input", "0203"];
    let outcome = build_and_run(run);
    outcome.assert_failure(1, "error: the guest ended with exit code 1\n");
    assert_eq!(backtrace(&outcome), expected, "{}", outcome.stderr);
    // The message appears once, although the guest runs again.
    let message = "panicked at src/main.rs:37:5:\nindex out of bounds: the len is 3 but the index is 3\n";
    assert_eq!(outcome.stdout.matches(message).count(), 1, "{}", outcome.stdout);

    let folder = scratch.arg("folder");
    for (command, more) in [("prove", &["--engine", "blake3"][..]), ("segment", &["--dir", &folder])] {
        let outcome = build_and_run([&[command, &package, "--input", "0203"], more].concat());
        outcome.assert_failure(1, "error: the guest ended with exit code 1; only successful runs are proven\n");
        assert_eq!(backtrace(&outcome), expected, "{command}: {}", outcome.stderr);
        assert_eq!(outcome.stdout, message, "{command}");
    }

    let json = build_and_run(run.iter().chain(&["--json"])).json();
    let prove = ["prove", &package, "--input", "0203", "--json", "--engine", "blake3"];
    let calls = serde_json::json!([
        { "function": "element", "file": "src/main.rs", "line": 37 },
        { "function": "panics::parse", "file": "src/main.rs", "line": 32 },
        { "function": "main", "file": "src/main.rs", "line": 15 },
    ]);
    assert_eq!(json["backtrace"], calls, "{json}");
    assert_eq!(build_and_run(prove).json()["backtrace"], calls);
}

#[test]
fn aborts_have_a_backtrace_and_exits_have_none() {
    if !can_build("aborts_have_a_backtrace_and_exits_have_none") {
        return;
    }
    let scratch = Scratch::new();
    let package = fails(&scratch, "exits", LINES);
    let abort = build_and_run(["run", &package, "--input", "0500"]);
    abort.assert_failure(1, "exit code 2");
    assert_eq!(backtrace(&abort), ["   0: exits::trap at src/main.rs:55", "   1: main at src/main.rs:18"]);
    // An error that the main function returns, and an exit.
    for (input, code) in [("0000", 1), ("0107", 7)] {
        let outcome = build_and_run(["run", &package, "--input", input, "--json"]);
        outcome.assert_failure(1, &format!("exit code {code}\n"));
        assert!(!outcome.stderr.contains("backtrace"), "{}", outcome.stderr);
        assert_eq!(outcome.json().get("backtrace"), None);
    }
}

#[test]
fn without_line_tables_a_backtrace_has_the_names_of_symbols() {
    if !can_build("without_line_tables_a_backtrace_has_the_names_of_symbols") {
        return;
    }
    let scratch = Scratch::new();
    let package = fails(&scratch, "names", "");
    let outcome = build_and_run(["run", &package, "--input", "0203"]);
    assert_eq!(backtrace(&outcome), ["   0: names::parse"], "{}", outcome.stderr);
    let json = build_and_run(["run", &package, "--input", "0203", "--json"]).json();
    let call = serde_json::json!({ "function": "names::parse", "file": null, "line": null });
    assert_eq!(json["backtrace"][0], call, "{json}");
}

#[test]
fn a_stack_overflow_is_an_error_that_says_how_to_get_a_larger_stack() {
    if !can_build("a_stack_overflow_is_an_error_that_says_how_to_get_a_larger_stack") {
        return;
    }
    let scratch = Scratch::new();
    let package = fails(&scratch, "overflows", LINES);
    // The depth is 10 000.
    let recursion = ["run", &package, "--input", "03904e", "--json"];
    let outcome = build_and_run(recursion);
    outcome.assert_failure(1, "in overflows::depth+0x");
    outcome.assert_failure(1, "src/main.rs:4");
    outcome.assert_failure(1, " bytes more than the stack has (2 098 176); for a larger stack, pass");
    let calls = backtrace(&outcome);
    assert_eq!(calls.len(), 25, "{calls:?}");
    assert!(calls[16].starts_with("  16: (") && calls[16].ends_with(" more calls)"), "{calls:?}");
    assert_eq!(calls[24], "  24: main at src/main.rs:16");

    // A frame that is larger than the stack, of which the guest uses both ends.
    let frame = ["run", &package, "--input", "0403", "--json"];
    build_and_run(frame).assert_failure(1, "pass --defsym=__stack_size=0x800000 to the linker");

    std::fs::create_dir(Path::new(&package).join(".cargo")).unwrap();
    let flags = "[target.riscv32im-unknown-none-elf]\nrustflags = [\"-Clink-arg=--defsym=__stack_size=0x2000000\"]\n";
    std::fs::write(Path::new(&package).join(".cargo/config.toml"), flags).unwrap();
    let json = build_and_run(recursion).assert_success().json();
    assert!(json["public_values"].as_str().unwrap().starts_with("904e00"), "{json}");
    build_and_run(frame).assert_success();
    // The program starts after the stack.
    assert_eq!(build_and_run(["inspect", &package, "--json"]).json()["entry"], 0x0200_0400);
}

/// Fails with a message, or calls itself.
const C_FAILS: &str = r#"#include "vm.h"

static __attribute__((noinline)) uint32_t depth(uint32_t n) {
    volatile uint32_t block[250];
    block[n % 250] = n;
    return n == 0 ? 0 : depth(n - 1) + block[n % 250];
}

static __attribute__((noinline)) void check(uint32_t n) {
    if (n > 50000) vm_fail("n is too large");
}

int main(void) {
    uint32_t n = vm_read_u32();
    check(n);
    n = depth(n);
    vm_commit(&n, sizeof n);
    return 0;
}
"#;

#[test]
fn guests_in_c_have_backtraces_and_larger_stacks_too() {
    let test = "guests_in_c_have_backtraces_and_larger_stacks_too";
    if !has_tool("riscv64-unknown-elf-gcc", "apt-get install gcc-riscv64-unknown-elf", test)
        || !has_tool("make", "apt-get install make", test)
    {
        return;
    }
    let scratch = Scratch::new();
    let mut new = Command::new(env!("CARGO_BIN_EXE_cargo-chipwright"));
    assert!(new.args(["new", "--guest-c", "deep"]).current_dir(scratch.path("")).output().unwrap().status.success());
    let folder = scratch.path("deep");
    std::fs::write(folder.join("main.c"), C_FAILS).unwrap();
    let make = |flags: &str| {
        let mut make = Command::new("make");
        make.args(["--always-make", &format!("CFLAGS=-O2 -g {flags}")]).env_remove("MAKEFLAGS").current_dir(&folder);
        let output = make.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let elf = scratch.arg("deep/deep.elf");
    make("");
    let outcome = vm(["run", &elf, "--input", "u32:50001"]);
    outcome.assert_failure(1, "exit code 1");
    assert_eq!(backtrace(&outcome), ["   0: check at main.c:10", "   1: main at main.c:15"], "{}", outcome.stderr);
    let deep = ["run", &elf, "--input", "u32:10000"];
    let overflow = vm(deep);
    overflow
        .assert_failure(1, "in depth+0x")
        .assert_failure(1, "for a larger stack, pass --defsym=__stack_size=0x400000");
    make("-Wl,--defsym=__stack_size=0x1000000");
    vm(deep).assert_success();
}
