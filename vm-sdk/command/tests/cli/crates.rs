//! Crates that guests use: they compute on the machine what they compute natively. And the features of the guest library for them.

use super::packages::{TARGET_DIR, build_and_run, can_build, named_package};
use super::*;

/// Returns the target of this computer.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// Returns the names of the crates and the public values that the native program computes.
fn native(folder: &Path) -> Vec<(String, String)> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--release", "--locked", "--target", &host()]).current_dir(folder);
    let output = cargo.env(TARGET_DIR.0, TARGET_DIR.1).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.split_once(' ').unwrap()).map(|(name, values)| (name.into(), values.into())).collect()
}

#[test]
fn crates_compute_on_the_machine_what_they_compute_natively() {
    if !can_build("crates_compute_on_the_machine_what_they_compute_natively") {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/crates");
    let (native, package) = (native(&folder), folder.to_str().unwrap());
    assert_eq!(native.len(), 12);
    for features in [&[][..], &["--features", "free-heap"]] {
        let build = build_and_run([&["build", package], features].concat());
        let elf = build.assert_success().stdout.trim();
        for (name, values) in &native {
            let json = vm(["run", elf, "--json", "--input", &hex::encode(name)]).assert_success().json();
            assert_eq!(json["public_values"], **values, "{name} {features:?}");
        }
    }
    // The book has a row for each crate, with the version of the lock file.
    let book = std::fs::read_to_string(folder.join("../../../docs/guests.md")).unwrap();
    let lock = std::fs::read_to_string(folder.join("Cargo.lock")).unwrap();
    for (name, _) in &native {
        let (_, row) = book.split_once(&format!("\n| `{name}` | ")).unwrap_or_else(|| panic!("no row for {name}"));
        let (version, _) = row.split_once(' ').unwrap();
        assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")), "{name} {version}");
    }
}

/// Allocates blocks of a size. Each is freed after the next one has been allocated, so none of them is the newest then.
const BLOCKS: &str = "#![no_std]\n#![no_main]\nextern crate alloc;\nuse alloc::vec::Vec;\nvm_guest::entry!(main);\n\
    fn main() {\n    let (count, size): (u32, u32) = vm_guest::io::read();\n    let mut last: Vec<u8> = Vec::new();\n    \
    for i in 0..count {\n        let mut next = core::hint::black_box(Vec::with_capacity(size as usize));\n        \
    next.push(i as u8);\n        last = next;\n    }\n    vm_guest::io::commit(&last[0]);\n}\n";

#[test]
fn a_heap_that_frees_needs_memory_for_blocks_in_use_only() {
    if !can_build("a_heap_that_frees_needs_memory_for_blocks_in_use_only") {
        return;
    }
    let scratch = Scratch::new();
    let features = "[features]\nfree-heap = [\"vm-guest/free-heap\"]";
    let package = named_package(&scratch, "blocks", features, BLOCKS);
    // 600 blocks of 1 MiB, of which two are in use, where memory has 512 MiB.
    let run = ["run", &package, "--input", "d804808040"];
    let failed = build_and_run(run);
    failed.assert_failure(1, "exit code 1");
    assert!(failed.stdout.contains("memory allocation of 1048576 bytes failed"), "{}", failed.stdout);
    let json = build_and_run(run.iter().chain(&["--features", "free-heap", "--json"])).assert_success().json();
    assert!(json["public_values"].as_str().unwrap().starts_with("5700"), "{json}");
}
