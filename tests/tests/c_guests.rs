//! Guests in C: the template builds and runs, and every function of the library computes what it should.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use vm_bigint::{Bigint, U256};
use vm_core::arch::{ExitStatus, SystemConfig};
use vm_core::machine::{ExecutionReport, VmExecutor};
use vm_derive::VmConfig;
use vm_keccak256::{Keccak256, keccak256};
use vm_rv32im::Rv32im;
use vm_sdk::transpiler::load_elf;
use vm_sha256::Sha256 as Sha256Extension;
use vm_templates::{NewPackage, SdkSource, Template};
use vm_tests::tools::skip_without;

/// The extensions of the command's machine that need no parameters.
#[derive(Clone, Debug, Default, VmConfig)]
struct Machine {
    #[system]
    system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
    #[extension]
    keccak256: Keccak256,
    #[extension]
    sha256: Sha256Extension,
    #[extension]
    bigint: Bigint,
}

/// Returns whether the tools of the template's Makefile are installed. If not, prints that the test is skipped.
fn has_tools() -> bool {
    for (tool, package) in [("riscv64-unknown-elf-gcc", "gcc-riscv64-unknown-elf"), ("make", "make")] {
        let mut version = Command::new(tool);
        version.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if version.status().is_err() {
            skip_without(tool, &format!("apt-get install {package}"));
            return false;
        }
    }
    true
}

/// A package made from the template.
struct Package {
    /// Removed at the end of the test.
    _parent: TempDir,
    folder: PathBuf,
}

impl Package {
    fn new() -> Self {
        let parent = tempfile::tempdir().unwrap();
        let package = NewPackage {
            template: Template::GuestC,
            name: "c-guest".to_owned(),
            parent: parent.path().to_owned(),
            sdk: SdkSource::Registry,
        };
        let folder = package.create().unwrap();
        Self { _parent: parent, folder }
    }

    /// Builds the package with this optimisation, where warnings are errors, and returns the executable.
    fn build(&self, optimisation: &str) -> Vec<u8> {
        let flags = format!("CFLAGS={optimisation} -g -Wall -Wextra -Werror");
        let mut make = Command::new("make");
        // Options of an outer `make`.
        make.args(["--always-make", &flags]).env_remove("MAKEFLAGS").current_dir(&self.folder);
        let output = make.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{optimisation}: {}", String::from_utf8_lossy(&output.stderr));
        fs::read(self.folder.join("c-guest.elf")).unwrap()
    }
}

fn run(elf: &[u8], inputs: &[&[u8]]) -> ExecutionReport {
    let machine = Machine::default();
    let exe = load_elf(elf, &machine).unwrap();
    let inputs: Vec<Vec<u8>> = inputs.iter().map(|input| input.to_vec()).collect();
    VmExecutor::new(machine).execute(&exe, inputs).unwrap()
}

/// Runs a program that must fail with a message of the library.
#[track_caller]
fn assert_fails(elf: &[u8], inputs: &[&[u8]], message: &str) {
    let report = run(elf, inputs);
    assert_eq!(report.exit, ExitStatus::Terminated(1));
    assert_eq!(String::from_utf8(report.printed).unwrap(), message);
}

#[test]
fn the_template_computes_fibonacci_numbers() {
    if !has_tools() {
        return;
    }
    let elf = Package::new().build("-O2");
    for n in [0u32, 1, 2, 300, 1000] {
        let (mut this, mut next) = (U256::ZERO, U256::from(1u32));
        for _ in 0..n {
            (this, next) = (next, this + next);
        }
        let report = run(&elf, &[&n.to_le_bytes()]);
        assert_eq!(report.exit, ExitStatus::Terminated(0), "{n}");
        assert_eq!(report.public_values, this.to_le_bytes(), "{n}");
    }
    assert_fails(&elf, &[&[1, 2]], "vm_read_u32: the input vector does not have four bytes\n");
    assert_fails(&elf, &[&1_000_001u32.to_le_bytes()], "n is too large\n");
}

/// Returns what `library.c` prints.
fn library_output(message: &[u8], x: U256, y: U256, amount: u32, bytes: &[u8; 5]) -> Vec<u8> {
    let mut output = bytes.to_vec();
    let numbers = [x + y, x - y, x * y, x ^ y, x | y, x & y];
    output.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    let shifted = [x << amount, x >> amount, x.arithmetic_shr(amount)];
    output.extend(shifted.iter().flat_map(|number| number.to_le_bytes()));
    output.extend([x < y, y < x, x.signed_lt(y), y.signed_lt(x), x == y, true].map(u8::from));
    output.extend((x * x).to_le_bytes());
    output.extend(U256::from(0x0123_4567_89ab_cdefu64).to_le_bytes());
    for start in 0..=message.len().min(3) {
        output.extend(keccak256(&message[start..]));
        output.extend(Sha256::digest(&message[start..]));
    }
    output.extend(Sha256::digest(message));
    output.extend(b"done\n");
    output
}

#[test]
fn every_function_of_the_library_works() {
    if !has_tools() {
        return;
    }
    let package = Package::new();
    fs::write(package.folder.join("main.c"), include_str!("c_guests/library.c")).unwrap();
    let positive = U256::from_le_bytes([0x35; 32]);
    let negative = U256::from_le_bytes(std::array::from_fn(|i| 0xc0 + i as u8));
    let message: Vec<u8> = (0..301u32).map(|i| (i * i) as u8).collect();
    for optimisation in ["-O0", "-O2", "-Os"] {
        let elf = package.build(optimisation);
        for (len, x, y, amount) in [
            (0, positive, negative, 0),
            (2, negative, positive, 77),
            (150, negative, negative, 256),
            (301, U256::ZERO, U256::MAX, 255),
        ] {
            let (message, operands) = (&message[..len], [x.to_le_bytes(), y.to_le_bytes()].concat());
            let report = run(&elf, &[message, &operands, &u32::to_le_bytes(amount), b"bytes"]);
            assert_eq!(report.exit, ExitStatus::Terminated(0), "{optimisation}, {len} bytes");
            assert_eq!(report.unread_inputs, 0);
            assert_eq!(report.public_values, keccak256(message), "{optimisation}, {len} bytes");
            let expected = library_output(message, x, y, amount, b"bytes");
            assert_eq!(report.printed, expected, "{optimisation}, {len} bytes");
        }
        assert_fails(&elf, &[&[], &[0; 71]], "vm_read: the input vector is longer than the buffer\n");
    }
}

#[test]
fn the_book_shows_the_program_of_the_template() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/c-guests.md");
    let book = fs::read_to_string(book).unwrap();
    let (_, program) = Template::GuestC.files().iter().find(|(path, _)| *path == "main.c").unwrap();
    assert!(book.contains(&format!("```c\n{program}```\n")), "main.c of the template is not in docs/c-guests.md");
}
