//! Wrong usage and unusable executables: exit code 2, a message that explains what to do, and no files.

use super::*;

#[test]
fn usage_errors_have_exit_code_2() {
    let elf = guest("tiny");
    for arguments in [
        vec![],
        vec!["frobnicate"],
        vec!["run"],
        vec!["run", &elf, "--no-such-option"],
        vec!["run", &elf, "--mode", "fast"],
        vec!["prove", &elf, "--engine", "md5"],
        vec!["prove", &elf, "--security", "128"],
        vec!["verify", "proof"],
        vec!["verify", "proof", "--vk", "a", "--elf", "b"],
        vec!["inspect"],
        vec!["inspect", &elf, "--airs"],
        vec!["run", &elf, "--input", "abc"],
        vec!["run", &elf, "--input", "@"],
        vec!["run", &elf, "--input", "u32:4294967296"],
    ] {
        let outcome = vm(&arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {}", outcome.stderr);
        assert!(!outcome.stderr.is_empty() && outcome.stdout.is_empty(), "{arguments:?}");
    }
    assert_eq!(vm(["--help"]).code, 0);
    assert_eq!(vm(["chipwright", "--version"]).code, 0);
}

#[test]
fn numbers_that_are_no_bytes_get_advice() {
    let outcome = vm(["run", &guest("tiny"), "--input", "100"]);
    outcome.assert_failure(2, "for the number 100, write u32:100");
    let help = vm(["run", "--help"]).stdout;
    assert!(help.contains("@FILE") && help.contains("u32:1000"), "{help}");
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let scratch = Scratch::new();
    let missing = scratch.arg("missing");
    vm(["run", &missing]).assert_failure(2, &missing);
    vm(["run", &guest("tiny"), "--input", &format!("@{missing}")]).assert_failure(2, &missing);
    vm(["verify", &missing, "--elf", &guest("tiny")]).assert_failure(2, &missing);
    vm(["run", &scratch.arg("")]).assert_failure(2, "cannot read");
}

#[test]
fn unusable_executables_are_explained() {
    let valid = std::fs::read(guest("tiny")).unwrap();
    let patched = |offset: usize, bytes: &[u8]| {
        let mut file = valid.clone();
        file[offset..offset + bytes.len()].copy_from_slice(bytes);
        file
    };
    // The table of program headers starts at offset 52. The first entry of type PT_LOAD is that of the code.
    let code = (0..usize::from(valid[44])).map(|i| 52 + 32 * i).find(|at| valid[*at] == 1).unwrap();
    let scratch = Scratch::new();
    for (name, bytes, message) in [
        ("empty", vec![], "not an ELF file"),
        ("script", b"#!/bin/sh\n".to_vec(), "not an ELF file"),
        ("header", valid[..40].to_vec(), "truncated ELF file: the file header"),
        ("headers", valid[..60].to_vec(), "truncated ELF file: program header 0"),
        ("segment", valid[..0x810].to_vec(), "truncated ELF file: segment"),
        ("64-bit", patched(4, &[2]), "64-bit ELF file"),
        ("big-endian", patched(5, &[2]), "big-endian ELF file"),
        ("x86-64", patched(18, &[62, 0]), "machine 62 (x86-64), not for RISC-V"),
        ("object", patched(16, &[1, 0]), "relocatable object file"),
        ("shared", patched(16, &[3, 0]), "position-independent"),
        ("compressed", patched(24, &[2]), "is compressed (16-bit instructions)"),
        ("entry", patched(24, &[0, 0, 0, 0]), "entry point 0x0 is missing"),
        ("entry-inside", patched(24, &[1]), "is not a multiple of 4"),
        ("beyond", patched(code + 8, &[0, 0, 0, 0x20]), "beyond user memory"),
    ] {
        let path = scratch.write(name, &bytes);
        for command in ["run", "prove", "inspect"] {
            vm([command, &path]).assert_failure(2, message);
        }
        vm(["prove", &path, "-o", &scratch.arg("proof")]).assert_failure(2, &path);
        let json = vm(["run", &path, "--json"]).assert_failure(2, message).json();
        assert_eq!(json["error_class"], "input");
        std::fs::remove_file(path).unwrap();
    }
    assert!(scratch.files().is_empty(), "{:?}", scratch.files());
}

#[test]
fn audits_need_a_package_and_well_formed_reasons() {
    let scratch = Scratch::new();
    vm(["audit", &scratch.arg("")]).assert_failure(2, "there is no");
    std::fs::write(scratch.path("Cargo.toml"), "[package]\nname = \"empty\"\n").unwrap();
    std::fs::write(scratch.path("audit.txt"), "    a reason\n").unwrap();
    vm(["audit", &scratch.arg("")]).assert_failure(2, "audit.txt: line 1: a reason without a check before it");
    // The package has no target, so cargo fails.
    std::fs::write(scratch.path("audit.txt"), "# no reasons\n").unwrap();
    vm(["audit", &scratch.arg("")]).assert_failure(1, "fail; they must pass first");
}
