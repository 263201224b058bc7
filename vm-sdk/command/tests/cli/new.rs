//! New packages from templates. `tests/tests/templates.rs` checks that they compile and pass their tests.

use super::*;

/// Runs `cargo-chipwright new` for a package in the scratch folder.
fn new(scratch: &Scratch, arguments: &[&str]) -> Outcome {
    vm([&["new", "--dir", &scratch.arg("")], arguments].concat())
}

#[test]
fn packages_appear_whole() {
    let scratch = Scratch::new();
    for kind in ["extension", "vm", "guest"] {
        let outcome = new(&scratch, &[&format!("--{kind}"), kind]);
        let path = PathBuf::from(outcome.assert_success().stdout.trim_end());
        let manifest = std::fs::read_to_string(path.join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("name = \"{kind}\"")) && manifest.contains("path = "), "{manifest}");
        assert!(!manifest.contains("{{") && !manifest.contains("{%"), "{manifest}");
        assert!(path.join("README.md").is_file() && path.join(".gitignore").is_file());
        assert!(!path.join("cargo-generate.toml").exists());
    }
    let json = new(&scratch, &["--json", "My_Guest"]).assert_success().json();
    assert_eq!(json["template"], "guest");
    assert_eq!(scratch.files(), ["My_Guest", "extension", "guest", "vm"]);
}

#[test]
fn packages_in_c_contain_the_library() {
    let scratch = Scratch::new();
    let json = new(&scratch, &["--json", "--guest-c", "in-c"]).assert_success().json();
    assert_eq!(json["template"], "guest-c");
    let package = scratch.path("in-c");
    assert_eq!(files_in(&package), [".gitignore", "Makefile", "README.md", "main.c", "vm"]);
    let makefile = std::fs::read_to_string(package.join("Makefile")).unwrap();
    assert!(makefile.contains("\nin-c.elf: "), "{makefile}");
    for file in ["link.ld", "start.S", "vm.c", "vm.h"] {
        assert!(package.join("vm").join(file).is_file(), "{file}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("taken")).unwrap();
    new(&scratch, &["--vm", "taken"]).assert_failure(2, "taken exists");
    assert_eq!(files_in(&scratch.path("taken")), [""; 0]);
}

#[test]
fn failures_leave_nothing_behind() {
    let scratch = Scratch::new();
    new(&scratch, &["match"]).assert_failure(2, "keyword");
    new(&scratch, &["../up"]).assert_failure(2, "start with a letter");
    new(&scratch, &["a", "--sdk", "/nowhere"]).assert_failure(2, "no vm-sdk/Cargo.toml");
    assert_eq!(scratch.files(), [""; 0]);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    vm(["new", "a", "--dir", "/nowhere/at/all"]).assert_failure(2, "/nowhere/at/all");
}
