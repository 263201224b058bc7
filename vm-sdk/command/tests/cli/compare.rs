//! `cargo chipwright compare`.

use super::packages::{build_and_run, can_build, named_package};
use super::*;

/// A guest that compiles for both, with this main function.
fn guest_package(scratch: &Scratch, name: &str, manifest: &str, main: &str) -> String {
    let attribute = "#![cfg_attr(target_arch = \"riscv32\", no_std, no_main)]\n";
    named_package(scratch, name, manifest, &format!("{attribute}vm_guest::entry!(main);\n{main}"))
}

/// Writes input vectors of runs to a folder, one file each, and returns its path.
fn inputs<'a>(scratch: &Scratch, runs: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    std::fs::create_dir(scratch.path("inputs")).unwrap();
    for (name, bytes) in runs {
        scratch.write(&format!("inputs/{name}"), bytes);
    }
    scratch.arg("inputs")
}

/// Truncates a number if `usize` has 32 bits.
const TRUNCATES: &str = r#"
fn main() {
    let (bytes, step): (u64, u64) = vm_guest::io::read();
    let blocks = bytes as usize / 64;
    vm_guest::println!("step {step}");
    vm_guest::println!("{blocks} blocks");
    vm_guest::io::commit_bytes(&(blocks as u64).to_be_bytes());
}
"#;

#[test]
fn the_size_of_usize_shows_in_the_first_difference() {
    if !can_build("the_size_of_usize_shows_in_the_first_difference") {
        return;
    }
    let scratch = Scratch::new();
    let package = guest_package(&scratch, "truncates", "", TRUNCATES);
    // 2^33 and 640, as postcard encodes them.
    let large = [0x80, 0x80, 0x80, 0x80, 0x20, 2];
    let folder = inputs(&scratch, [("small", &[0x80, 5, 1][..]), ("large", &large)]);
    let error = "the runs of 1 of 2 inputs differ; input large: public values differ at byte 4: 0x08 on this computer, \
        0x00 on the machine";
    let text = build_and_run(["compare", &package, "--inputs", &folder]);
    assert_eq!(
        text.assert_failure(1, error).stdout,
        "large  differ  public values differ at byte 4: 0x08 on this computer, 0x00 on the machine\n       \
        \x20       output differs in line 2: \"134217728 blocks\\n\" on this computer, \"0 blocks\\n\" on the machine\n\
        small  agree   exit code 0\n2 inputs, 1 with runs that differ\n"
    );
    let json = build_and_run(["compare", &package, "--inputs", &folder, "--input", "800501", "--json"]);
    let json = json.assert_failure(1, "1 of 3 inputs").json();
    assert_eq!((&json["package"], &json["different"]), (&"truncates".into(), &1.into()), "{json}");
    assert_eq!(json["error_class"], "difference");
    assert!(json["error"].as_str().unwrap().starts_with("the runs of 1 of 3 inputs differ; input large: "), "{json}");
    let [given, large, small] = json["runs"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!(
        (&given["input"], &large["input"], &small["input"]),
        (&"--input".into(), &"large".into(), &"small".into())
    );
    assert_eq!((&given["differences"], &small["differences"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    assert_eq!(large["differences"].as_array().unwrap().len(), 2, "{json}");
    assert_eq!(large["computer"]["output"], "step 2\n134217728 blocks\n");
    assert_eq!(large["machine"]["output"], "step 2\n0 blocks\n");
    assert_eq!(small["machine"], small["computer"]);
    assert!(small["machine"]["public_values"].as_str().unwrap().starts_with("000000000000000a00"), "{json}");

    build_and_run(["compare", &package, "--input", "800501"]).assert_success();
}

/// Ends in the way that the input selects.
const ENDS: &str = r#"
struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        vm_guest::println!("dropped");
    }
}

fn main() -> Result<(), &'static str> {
    let way: u8 = vm_guest::io::read();
    vm_guest::println!("way {way}");
    vm_guest::io::commit(&way);
    let loud = Loud;
    match way {
        0 => {}
        1 => return Err("refused"),
        2 => vm_guest::exit(7),
        3 => panic!("way {way} is a panic"),
        4 => vm_guest::io::commit(&[0u8; 5][way as usize + 2..].len()),
        5 => vm_guest::io::commit(&vm_guest::io::read_vec()),
        _ => vm_guest::io::commit_bytes(&[way; 33]),
    }
    drop(loud);
    Ok(())
}
"#;

#[test]
fn runs_that_end_in_the_same_way_agree() {
    if !can_build("runs_that_end_in_the_same_way_agree") {
        return;
    }
    let scratch = Scratch::new();
    let ways: Vec<(String, [u8; 1])> = (0..=6).map(|way| (format!("way-{way}"), [way])).collect();
    let folder = inputs(&scratch, ways.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])));
    // Without unwinding, a panic hook must end the run, and with it, nothing may be dropped.
    for panic in ["abort", "unwind"] {
        let package = guest_package(&scratch, "ends", &format!("[profile.release]\npanic = {panic:?}"), ENDS);
        let json = build_and_run(["compare", &package, "--inputs", &folder, "--json"]).assert_success().json();
        let runs = json["runs"].as_array().unwrap();
        assert!(runs.iter().all(|run| run["differences"] == Value::Array(vec![])), "{json}");
        let run = |way: usize| (&runs[way]["computer"]["exit_code"], runs[way]["computer"]["output"].as_str().unwrap());
        assert_eq!(run(0), (&0.into(), "way 0\ndropped\n"));
        assert_eq!(run(1), (&1.into(), "way 1\ndropped\nerror: refused\n"));
        assert_eq!(run(2), (&7.into(), "way 2\n"));
        assert_eq!(run(3), (&1.into(), "way 3\npanicked at src/main.rs:21:14:\nway 3 is a panic\n"));
        assert_eq!(run(4).0, &1);
        assert!(run(4).1.starts_with("way 4\npanicked at src/main.rs:22:"), "{json}");
        assert_eq!(run(5), (&Value::Null, "way 5\n"));
        assert_eq!(runs[5]["machine"]["error"], "the guest requests input vector 1, but only 1 were given");
        assert_eq!(run(6), (&Value::Null, "way 6\n"));
        assert_eq!(runs[6]["machine"]["error"], "public value at byte 32 is out of bounds: the machine has 32 bytes");
    }
}

/// LLVM 19 to 22 compiles the product to `x` for RV32 with M, because the low word of the constant is −2^k with k ≥ 2.
const MISCOMPILED: &str = r#"
fn main() {
    let x: u64 = vm_guest::io::read();
    vm_guest::io::commit_bytes(&low_product(x).to_le_bytes());
}

#[inline(never)]
fn low_product(x: u64) -> u64 {
    x.wrapping_mul(0xffff_fff0) & 0xffff_ffff
}
"#;

#[test]
fn a_fault_of_the_compiler_is_found() {
    if !can_build("a_fault_of_the_compiler_is_found") {
        return;
    }
    let scratch = Scratch::new();
    let package = guest_package(&scratch, "miscompiled", "", MISCOMPILED);
    let outcome = build_and_run(["compare", &package, "--input", "03", "--json"]);
    let run = &outcome.json()["runs"][0];
    assert!(run["computer"]["public_values"].as_str().unwrap().starts_with("d0ffffff00"), "{run}");
    if outcome.code == 0 {
        println!("this compiler does not have the fault");
        assert_eq!(run["machine"], run["computer"]);
        return;
    }
    outcome.assert_failure(1, "public values differ at byte 0: 0xd0 on this computer, 0x03 on the machine");
    // With a constant that the compiler does not see, the product is right.
    let avoided = MISCOMPILED.replace("0xffff_fff0", "core::hint::black_box(0xffff_fff0)");
    let package = guest_package(&scratch, "miscompiled", "", &avoided);
    build_and_run(["compare", &package, "--input", "03"]).assert_success();
}

#[test]
fn what_cannot_be_compared_is_explained() {
    let scratch = Scratch::new();
    let refused = vm(["compare", &guest("tiny"), "--json"]);
    refused.assert_failure(2, "tiny.elf is not a folder; `compare` builds a guest package twice");
    assert_eq!(refused.json()["error_class"], "input");
    let folder = inputs(&scratch, []);
    let package = guest_package(&scratch, "truncates", "", TRUNCATES);
    vm(["compare", &package, "--inputs", &folder]).assert_failure(2, "inputs has no inputs; each file in it");
    vm(["compare", &package, "--inputs", &scratch.arg("none")]).assert_failure(2, "cannot read the folder ");
    if !can_build("what_cannot_be_compared_is_explained") {
        return;
    }
    let main = "#![no_std]\n#![no_main]\nvm_guest::entry!(main);\nfn main() {}\n";
    let package = named_package(&scratch, "machine-only", "", main);
    let advice = "begins with #![cfg_attr(target_arch = \"riscv32\", no_std, no_main)]";
    build_and_run(["compare", &package])
        .assert_failure(2, "does not build for this computer")
        .assert_failure(2, advice);
    // The machine calls this function by its name, but nothing calls it on this computer.
    let main = "#![cfg_attr(target_arch = \"riscv32\", no_std, no_main)]\n#[cfg(target_arch = \"riscv32\")]\n\
        vm_guest::entry!(main);\nfn main() {\n    let _ = vm_guest::io::read_vec;\n}\n";
    let package = named_package(&scratch, "without-entry", "", main);
    build_and_run(["compare", &package])
        .assert_failure(2, "ended without a report of its run (exit status: 0); a guest");
}
