//! Guest packages, which the command builds and then treats like executables. Tests that compile guests are skipped, with
//! a message, on computers that cannot compile them, and fail there if [`REQUIRE_VARIABLE`] is set.

use vm_sdk::arch::{INIT_FILE, InitFileGenerator};
use vm_sdk::config::Rv32imVm;
use vm_sdk::guest_build::{self, BuildOptions, GuestBuildError, GuestToolchain, RUSTC_VARIABLE, TARGET};

use super::*;

/// Target folder of the guests that tests build. They share it, so that dependencies are compiled once.
pub(super) const TARGET_DIR: (&str, &str) = ("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/guests"));

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/rust")
}

fn rust_io() -> String {
    fixtures().join("rust_io").into_os_string().into_string().unwrap()
}

/// Environment variable that makes tests fail if the target of guests is not installed. The gate sets it.
const REQUIRE_VARIABLE: &str = "CHIPWRIGHT_REQUIRE_TOOLS";

/// Returns whether this computer can compile guests. If not, prints that `test` is skipped, or fails if it must not be.
pub(super) fn can_build(test: &str) -> bool {
    match GuestToolchain::find(&fixtures()) {
        Ok(_) => true,
        Err(error @ GuestBuildError::TargetMissing { .. }) => {
            assert!(std::env::var_os(REQUIRE_VARIABLE).is_none(), "{REQUIRE_VARIABLE} is set: {test}: {error}");
            println!("skipped: {test} ({error})");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

pub(super) fn build_and_run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Outcome {
    vm_in(&[TARGET_DIR], arguments)
}

/// Creates a package in a scratch folder and returns its path. It depends on the guest library only, with the versions
/// of the fixtures' lock file.
fn package(scratch: &Scratch, manifest: &str, main: &str) -> String {
    named_package(scratch, "scratch", manifest, main)
}

/// Same as [`package`], with a name of its own: other tests write executables into the same target folder at the same time.
pub(super) fn named_package(scratch: &Scratch, name: &str, manifest: &str, main: &str) -> String {
    let folder = scratch.path("package");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest");
    let manifest = format!(
        "[package]\nname = {name:?}\nedition = \"2024\"\n{manifest}\n[workspace]\n[dependencies]\nvm-guest = {{ package = \"chipwright-guest\", path = {library:?} }}\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.join("src/main.rs"), main).unwrap();
    std::fs::copy(fixtures().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder.into_os_string().into_string().unwrap()
}

const SQUARE: &str = "#![no_std]\n#![no_main]\n#![forbid(unsafe_code)]\nvm_guest::entry!(main);\nfn main() {\n    \
    let x: u32 = vm_guest::io::read();\n    vm_guest::println!(\"{x} squared\");\n    \
    vm_guest::io::commit_bytes(&x.pow(2).to_le_bytes());\n}\n";

fn assert_squares(outcome: &Outcome) {
    let json = outcome.assert_success().json();
    assert!(json["public_values"].as_str().unwrap().starts_with("31000000"), "{json}");
    assert_eq!(json["output"], "7 squared\n");
}

#[test]
fn a_package_needs_nothing_but_the_guest_library() {
    if !can_build("a_package_needs_nothing_but_the_guest_library") {
        return;
    }
    let scratch = Scratch::new();
    let package = package(&scratch, "", SQUARE);
    assert_squares(&build_and_run(["run", &package, "--input", "07", "--json"]));

    let built = build_and_run(["build", &package, "--json"]).assert_success().json();
    assert_eq!((&built["package"], &built["bin"]), (&"scratch".into(), &"scratch".into()));
    let path = build_and_run(["build", &package]);
    assert_eq!(path.assert_success().stdout.trim(), built["elf"].as_str().unwrap());
    assert_squares(&vm(["run", path.stdout.trim(), "--input", "07", "--json"]));
    // The linker script of the guest library determines the address of the program.
    let shown = vm(["inspect", path.stdout.trim(), "--json"]).assert_success().json();
    assert_eq!(shown["entry"], 0x0020_0800);
}

/// Counts, and then loads the word at the address in the input.
const LOADS: &str = "#![no_std]\n#![no_main]\nvm_guest::entry!(main);\nfn main() {\n    \
    let address: u32 = vm_guest::io::read();\n    let mut sum = 0u32;\n    for i in 0..5000 {\n        \
    sum = core::hint::black_box(sum ^ i);\n    }\n    let word: u32;\n    unsafe {\n        \
    core::arch::asm!(\"lw {}, 0({})\", out(reg) word, in(reg) address)\n    };\n    \
    vm_guest::io::commit(&(sum ^ word));\n}\n";

#[test]
fn errors_and_listings_name_the_source_line() {
    if !can_build("errors_and_listings_name_the_source_line") {
        return;
    }
    let scratch = Scratch::new();
    let package = package(&scratch, "[profile.release]\ndebug = \"line-tables-only\"", LOADS);
    let failed = build_and_run(["run", &package, "--input", "02"]);
    failed.assert_failure(1, "src/main.rs:12");
    let plan = scratch.arg("plan");
    let listed = build_and_run(["plan", &package, "--input", "04", "-o", &plan]).assert_success().stdout.clone();
    assert!(listed.contains("src/main.rs:8"), "{listed}");
    let same = build_and_run(["inspect", &package, "--plan", &plan]).assert_success().stdout.clone();
    assert_eq!(same, listed);
}

/// Has two spans, of which one is in an inlined function.
const SPANS: &str = "#![no_std]\n#![no_main]\n#![forbid(unsafe_code)]\nvm_guest::entry!(main);\nfn main() {\n    \
    let n: u32 = vm_guest::io::read();\n    let sum = {\n        let _span = vm_guest::span!(\"outer\");\n        \
    add(n)\n    };\n    if n > 9 {\n        vm_guest::exit(3);\n    }\n    \
    vm_guest::io::commit(&sum);\n}\n#[inline(always)]\nfn add(n: u32) -> u32 {\n    \
    let _span = vm_guest::span!(\"inner\");\n    let mut sum = 0u32;\n    for i in 0..n {\n        \
    sum = core::hint::black_box(sum ^ i);\n    }\n    sum\n}\n";

#[test]
fn profiles_have_spans_and_coverage_has_the_files_of_the_package() {
    if !can_build("profiles_have_spans_and_coverage_has_the_files_of_the_package") {
        return;
    }
    let scratch = Scratch::new();
    let package = named_package(&scratch, "spans", "[profile.release]\ndebug = \"line-tables-only\"", SPANS);
    let report = build_and_run(["profile", &package, "--input", "05", "--json"]).assert_success().json();
    let functions = report["functions"].as_array().unwrap();
    let caller = |name: &str| {
        let function = functions.iter().find(|function| function["name"] == name).unwrap_or_else(|| panic!("{report}"));
        assert_eq!((&function["kind"], &function["calls"]), (&"span".into(), &1.into()), "{report}");
        function["callers"][0]["name"].as_str().unwrap().to_owned()
    };
    assert!(caller("outer").ends_with("main"), "{report}");
    assert_eq!(caller("inner"), "add", "{report}");
    let lines = report["lines"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["file"] == "src/main.rs" && line["line"] == 21), "{lines:?}");

    let path = scratch.arg("lcov.info");
    let covered = build_and_run(["coverage", &package, "--input", "05", "-o", &path, "--json"]).assert_success().json();
    let files: Vec<_> = covered["files"].as_array().unwrap().iter().map(|file| file["file"].clone()).collect();
    assert_eq!(files, ["src/main.rs"], "{covered}");
    let lcov = std::fs::read_to_string(&path).unwrap();
    // Lines 6, 9, 12 and 14 consist of calls that are inlined.
    for line in ["DA:6,1", "DA:9,1", "DA:11,1", "DA:12,0", "DA:14,1", "DA:21,5"] {
        assert!(lcov.lines().any(|other| other == line), "{line}: {lcov}");
    }
    let all = build_and_run(["coverage", &package, "--input", "05", "--under", "/", "--json"]).assert_success().json();
    let files = all["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap());
    assert!(files.clone().any(|file| file == "/dependencies/chipwright-guest-0.1.0/src/io.rs"), "{all}");
    assert!(files.clone().all(|file| file.starts_with('/')), "{all}");
}

#[test]
fn plain_cargo_builds_the_same_layout() {
    let test = "plain_cargo_builds_the_same_layout";
    if std::env::var_os(RUSTC_VARIABLE).is_some() {
        println!("skipped: {test} ({RUSTC_VARIABLE} is set)");
        return;
    }
    if !can_build(test) {
        return;
    }
    let scratch = Scratch::new();
    let package = package(&scratch, "", SQUARE);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--target", TARGET]).current_dir(&package);
    for host_flags in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        cargo.env_remove(host_flags);
    }
    let output = cargo.env(TARGET_DIR.0, scratch.path("target")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let elf = scratch.arg(&format!("target/{TARGET}/release/scratch"));
    assert_squares(&vm(["run", &elf, "--input", "07", "--json"]));
    assert_eq!(vm(["inspect", &elf, "--json"]).assert_success().json()["entry"], 0x0020_0800);
}

#[test]
fn packages_stand_for_their_executables_in_every_command() {
    if !can_build("packages_stand_for_their_executables_in_every_command") {
        return;
    }
    let (package, scratch) = (rust_io(), Scratch::new());
    // A task without name and amounts, and no bytes.
    let inputs = ["--input", "00000000", "--input", ""];
    let run = |more: &[&str]| build_and_run([&["run", &package, "--json"], &inputs[..], more].concat());
    let plain = run(&[]).assert_success().json();
    assert_eq!(plain["output"], ":\n");
    let verbose = run(&["--features", "verbose"]).assert_success().json();
    assert_eq!(verbose["output"], ":\n0 bytes: []\n");

    let proof = scratch.arg("proof");
    let prove = [&["prove", &package, "--engine", "blake3", "-o", &proof, "--json"], &inputs[..]].concat();
    let proven = build_and_run(prove).assert_success().json();
    assert_eq!(proven["instructions"], plain["instructions"]);
    let verify = ["verify", &proof, "--elf", &package];
    build_and_run(verify).assert_success();
    build_and_run(verify.into_iter().chain(["--features", "verbose"])).assert_failure(1, "for another program");

    let shown = build_and_run(["inspect", &package, "--json"]).assert_success().json();
    assert_eq!((&shown["kind"], &shown["entry"]), (&"executable".into(), &0x0020_0800.into()));
}

fn portable_crates() -> PathBuf {
    fixtures().join("portable_crates")
}

#[test]
fn crates_with_atomics_and_randomness_work_as_the_book_says() {
    if !can_build("crates_with_atomics_and_randomness_work_as_the_book_says") {
        return;
    }
    let package = portable_crates().into_os_string().into_string().unwrap();
    let json = build_and_run(["run", &package, "--input", "0a0b", "--json"]).assert_success().json();
    // The number of references, and the input.
    assert!(json["public_values"].as_str().unwrap().starts_with("020a0b00"), "{json}");
}

#[test]
fn the_book_shows_the_crates_as_the_guest_uses_them() {
    let read = |path: PathBuf| std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let book = read(fixtures().join("../../../docs/guests.md"));
    let (_, section) = book.split_once("\n## Crates that need atomics or randomness\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let blocks: Vec<_> = section.split("```").skip(1).step_by(2).collect();
    assert_eq!(blocks.len(), 4);
    for block in blocks {
        // After the language, the first line names the file.
        let mut lines = block.lines().skip(1);
        let file = lines.next().unwrap().trim_start_matches(['#', '/', ' ']);
        let shown = lines.collect::<Vec<_>>().join("\n");
        assert!(read(portable_crates().join(file)).contains(&shown), "{file} does not contain: {shown}");
    }
}

/// A machine that generates code for its guest programs.
struct Modulus(u32);

impl InitFileGenerator for Modulus {
    fn generate_init_file_contents(&self) -> Option<String> {
        Some(format!("pub const MODULUS: u32 = {};\n", self.0))
    }
}

#[test]
fn code_that_the_machine_generates_is_part_of_the_guest() {
    let scratch = Scratch::new();
    let main = "#![cfg_attr(target_arch = \"riscv32\", no_std, no_main)]\nvm_guest::init!();\n\
        vm_guest::entry!(main);\nfn main() {\n    vm_guest::io::commit_bytes(&MODULUS.to_le_bytes());\n}\n";
    let package = package(&scratch, "", main);
    std::fs::copy(fixtures().join("../../../Cargo.lock"), scratch.path("package/Cargo.lock")).unwrap();
    let file = scratch.path("package").join(INIT_FILE);
    let build = |modulus| guest_build::build_for(Path::new(&package), &BuildOptions::default(), &Modulus(modulus));

    // The file is written even if this computer cannot compile guests.
    let built = build(98);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "pub const MODULUS: u32 = 98;\n");
    let built = match built {
        Err(GuestBuildError::TargetMissing { .. }) => None,
        built => Some(built.unwrap().elf),
    };
    if built.is_some() {
        let elf = build(0x0102).unwrap().elf.into_os_string().into_string().unwrap();
        let json = vm(["run", &elf, "--json"]).assert_success().json();
        assert!(json["public_values"].as_str().unwrap().starts_with("02010000"), "{json}");
    }
    // The guest also compiles for the host.
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["check", "--offline"]).current_dir(&package).env(TARGET_DIR.0, TARGET_DIR.1);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // A file that already has this content is not written, so that cargo does not compile the package again.
    Modulus(97).write_to_init_file(&scratch.path("package"), None).unwrap();
    let written = std::fs::metadata(&file).unwrap().modified().unwrap();
    assert!(Modulus(97).write_to_init_file(&scratch.path("package"), None).unwrap());
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), written);
}

#[test]
fn nothing_is_written_without_generated_code_or_without_a_package() {
    let scratch = Scratch::new();
    let error = guest_build::build_for(&scratch.path(""), &BuildOptions::default(), &Modulus(97)).unwrap_err();
    assert!(matches!(error, GuestBuildError::NotAPackage { .. }), "{error}");
    assert_eq!(scratch.files(), [""; 0]);
    // The command's machine generates no code for its guests.
    assert!(!Rv32imVm::default().write_to_init_file(&scratch.path(""), None).unwrap());
    assert_eq!(scratch.files(), [""; 0]);
}

#[test]
fn packages_that_do_not_compile_are_bad_input() {
    if !can_build("packages_that_do_not_compile_are_bad_input") {
        return;
    }
    let scratch = Scratch::new();
    let package = package(&scratch, "", &SQUARE.replace("x.pow(2)", "x.pow(y)"));
    for command in ["build", "run", "inspect"] {
        let outcome = build_and_run([command, &package, "--json"]);
        outcome.assert_failure(2, "package scratch in ").assert_failure(2, "cannot find value `y`");
        assert_eq!(outcome.json()["error_class"], "input");
    }
    build_and_run(["build", &package, "--features", "none"]).assert_failure(2, "does not build");
}

#[test]
fn folders_that_are_no_guest_packages_are_explained() {
    let scratch = Scratch::new();
    let empty = scratch.arg("");
    for command in ["build", "run", "prove", "inspect"] {
        vm([command, &empty]).assert_failure(2, "not a guest package: cannot read");
    }
    let workspace = fixtures().into_os_string().into_string().unwrap();
    vm(["build", &workspace]).assert_failure(2, "a workspace without a package of its own; give the folder of one of");

    let package = package(&scratch, "", SQUARE);
    let source = scratch.path("package/src");
    let manifest = std::fs::read_to_string(scratch.path("package/Cargo.toml")).unwrap();
    std::fs::create_dir(source.join("bin")).unwrap();
    std::fs::write(source.join("bin/other.rs"), SQUARE).unwrap();
    vm(["run", &package]).assert_failure(2, "several binary targets; choose one with --bin: ");
    vm(["run", &package, "--bin", "third"]).assert_failure(2, r#"no binary target "third"; it has: "#);
    std::fs::remove_dir_all(source.join("bin")).unwrap();
    std::fs::rename(source.join("main.rs"), source.join("lib.rs")).unwrap();
    vm(["run", &package]).assert_failure(2, "package scratch has no binary target");
    std::fs::write(scratch.path("package/Cargo.toml"), manifest.replace("2024", "1066")).unwrap();
    vm(["run", &package]).assert_failure(2, "not a guest package: error: failed to parse manifest");

    vm(["run", &guest("tiny"), "--bin", "tiny"]).assert_failure(2, "--bin and --features are for folders");
    vm(["verify", "proof", "--vk", "key", "--features", "x"]).assert_failure(2, "cannot be used with");
    vm(["inspect", "--airs", "--bin", "x"]).assert_failure(2, "cannot be used with");
}

#[cfg(unix)]
#[test]
fn compilers_that_cannot_build_guests_are_explained() {
    use std::os::unix::fs::PermissionsExt;

    let scratch = Scratch::new();
    // A compiler without libraries: it prints the path of a missing folder, whatever its arguments are.
    let rustc = scratch.write("rustc", format!("#!/bin/sh\necho {}/nothing\n", scratch.arg("")).as_bytes());
    std::fs::set_permissions(&rustc, std::fs::Permissions::from_mode(0o755)).unwrap();
    let package = package(&scratch, "", SQUARE);
    let outcome = vm_in(&[("RUSTC", &rustc), (RUSTC_VARIABLE, "")], ["run", &package, "--json"]);
    outcome.assert_failure(2, "rustup target add riscv32im-unknown-none-elf").assert_failure(2, RUSTC_VARIABLE);
    assert_eq!(outcome.json()["error_class"], "input");
    vm_in(&[(RUSTC_VARIABLE, &rustc)], ["build", &package]).assert_failure(2, "has no library sources: ");
    let missing = scratch.arg("no-rustc");
    vm_in(&[(RUSTC_VARIABLE, &missing)], ["build", &package]).assert_failure(2, &format!("cannot run {missing}"));
}

/// A workspace folder `name` with a guest, which has a path dependency outside of it, beside the workspace of that dependency.
/// Returns the folder of the guest.
fn workspace_with_shared_package(scratch: &Scratch, name: &str, main: &str) -> String {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest").canonicalize().unwrap();
    let folder = scratch.path(name);
    let write = |file: &str, text: &str| {
        let path = folder.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"shared\"]\nexclude = [\"guest\"]\n[workspace.package]\nedition = \"2024\"\n",
    );
    write("shared/Cargo.toml", "[package]\nname = \"shared\"\nedition.workspace = true\n");
    // Functions of `core` for types of this package are instantiated in both packages, in an order that depends on symbols.
    write(
        "shared/src/lib.rs",
        "#![no_std]\nextern crate alloc;\nuse alloc::{format, string::String};\n\
         #[derive(Debug)]\npub struct Item(pub u8, pub u64);\n\
         pub fn show(items: &[Item]) -> String {\n    assert!(items.len() < 9, \"too many\");\n    \
         format!(\"{:?} {:?}\", items, items.first())\n}\n",
    );
    write(
        "guest/Cargo.toml",
        &format!(
            "[package]\nname = \"reproduced\"\nedition = \"2024\"\n[workspace]\n[profile.release]\n\
             debug = \"line-tables-only\"\n[dependencies]\nshared = {{ path = \"../shared\" }}\n\
             vm-guest = {{ package = \"chipwright-guest\", path = {library:?} }}\n"
        ),
    );
    write("guest/src/main.rs", main);
    std::fs::copy(fixtures().join("Cargo.lock"), folder.join("guest/Cargo.lock")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    let updated =
        cargo.args(["update", "--workspace", "--offline"]).current_dir(folder.join("guest")).output().unwrap();
    assert!(updated.status.success(), "{}", String::from_utf8_lossy(&updated.stderr));
    folder.join("guest").into_os_string().into_string().unwrap()
}

const SHOWS: &str = "#![no_std]\n#![no_main]\nextern crate alloc;\nuse shared::Item;\nvm_guest::entry!(main);\nfn main() {\n    \
    let bytes = vm_guest::io::read_vec();\n    \
    let items: alloc::vec::Vec<Item> = bytes.iter().map(|byte| Item(*byte, 1 << (byte % 64))).collect();\n    \
    vm_guest::println!(\"{} {:?} {:?}\", shared::show(&items), items.last(), (&bytes, &items));\n}\n";

#[test]
fn executables_do_not_depend_on_folders() {
    if !can_build("executables_do_not_depend_on_folders") {
        return;
    }
    let scratch = Scratch::new();
    let build = |name: &str| {
        let package = workspace_with_shared_package(&scratch, name, SHOWS);
        let target = scratch.arg(&format!("results/of/{name}"));
        let built = vm_in(&[("CARGO_TARGET_DIR", &target)], ["build", &package, "--json"]).assert_success().json();
        (package, std::fs::read(built["elf"].as_str().unwrap()).unwrap())
    };
    let (package, first) = build("first");
    let (_, second) = build("another/folder");
    assert!(first == second, "two folders give different executables");
    let text = String::from_utf8_lossy(&first);
    assert!(!text.contains(&scratch.arg("")), "the executable contains the folder");
    for name in ["/workspace", "/dependencies/shared-0.0.0", "/dependencies/chipwright-guest-0.1.0", "/cargo/registry"]
    {
        assert!(text.contains(name), "{name}");
    }

    let checked = build_and_run(["build", &package, "--check", "--json"]).assert_success().json();
    assert_eq!(checked["reproducible"], true);
    assert!(std::fs::read(checked["elf"].as_str().unwrap()).unwrap() == first);
    let checked = build_and_run(["build", &package, "--check"]);
    assert_eq!(checked.assert_success().stdout.lines().count(), 1);
    assert!(checked.stderr.contains("reproducible: a copy of the sources"), "{}", checked.stderr);
}

#[test]
fn dependence_on_the_folder_is_found() {
    if !can_build("dependence_on_the_folder_is_found") {
        return;
    }
    let scratch = Scratch::new();
    let prints = SHOWS
        .replace("vm_guest::println!(", "vm_guest::println!(env!(\"CARGO_MANIFEST_DIR\"));\n    vm_guest::println!(");
    let package = workspace_with_shared_package(&scratch, "first", &prints);
    let outcome = build_and_run(["build", &package, "--check", "--json"]);
    outcome.assert_failure(1, "package reproduced is not reproducible: its executable and the one from a copy");
    outcome.assert_failure(1, "the program that is loaded differs, and so does its commitment");
    let json = outcome.json();
    assert_eq!((&json["reproducible"], &json["error_class"]), (&false.into(), &"difference".into()));
    assert_eq!(json["difference"]["program_differs"], true, "{json}");
    let section = json["difference"]["section"].as_str().unwrap();
    assert!([".text", ".rodata"].contains(&section), "{json}");
}

#[test]
fn reproducible_builds_need_the_lock_file() {
    if !can_build("reproducible_builds_need_the_lock_file") {
        return;
    }
    let scratch = Scratch::new();
    let package = named_package(&scratch, "unlocked", "", SQUARE);
    let check = || build_and_run(["build", &package, "--check"]);
    // That of the fixtures has other packages.
    check().assert_failure(2, "the dependencies of the package in ").assert_failure(2, "cargo update --workspace");
    let lock_file = scratch.path("package/Cargo.lock");
    std::fs::remove_file(&lock_file).unwrap();
    check().assert_failure(2, "package/Cargo.lock is missing").assert_failure(2, "cargo generate-lockfile");
    assert!(!lock_file.exists(), "the lock file was written");
    std::fs::copy(fixtures().join("Cargo.lock"), &lock_file).unwrap();
    build_and_run(["build", &package]).assert_success();
    check().assert_success();

    if has_tool("git", "install git", "reproducible_builds_need_the_lock_file") {
        let git = Command::new("git").arg("init").current_dir(&package).output().unwrap();
        assert!(git.status.success());
        scratch.write("package/.gitignore", b"Cargo.lock\n");
        check().assert_failure(2, "package/Cargo.lock, so others have no such file");
    }
}
