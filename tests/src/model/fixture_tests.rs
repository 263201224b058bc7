//! Runs of every guest program in the model.

use std::path::Path;

use super::*;
use crate::fixtures::{self, Expected, Failure, Fixture};

/// Larger than the number of instructions of any run here.
const MAX_STEPS: u64 = 20_000_000;

fn failure(trap: &Trap) -> Option<Failure> {
    Some(match trap {
        Trap::IllegalInstruction { .. } => Failure::IllegalInstruction,
        Trap::MisalignedAccess { .. } => Failure::Misaligned,
        Trap::PcOutOfProgram => Failure::PcOutOfProgram,
        Trap::NoInput => Failure::NoInput,
        Trap::HintStreamTooShort { .. } => Failure::HintStreamTooShort,
        Trap::RevealOutOfRange { .. } => Failure::PublicValueOutOfRange,
        _ => return None,
    })
}

/// Runs `fixture` and compares the outcome with the expected one.
fn check(fixture: Fixture) -> Outcome {
    let mut model = Model::from_elf(fixture.elf).unwrap().with_num_public_values(fixtures::NUM_PUBLIC_VALUES);
    let outcome = model.run(fixture.inputs.clone(), MAX_STEPS);
    match &fixture.expected {
        Expected::Exit { code, public_values, printed } => {
            assert_eq!(outcome.exit, Exit::Code(*code), "{}", fixture.name);
            assert_eq!(&outcome.public_values, public_values, "{}", fixture.name);
            assert_eq!(outcome.printed, printed.as_bytes(), "{}", fixture.name);
        }
        Expected::Error(expected) => {
            let Exit::Trap(trap) = &outcome.exit else { panic!("{} did not trap: {:?}", fixture.name, outcome.exit) };
            assert_eq!(failure(trap), Some(*expected), "{}: {trap:?}", fixture.name);
        }
    }
    println!("{:>9} instructions  {}", outcome.instret, fixture.name);
    outcome
}

#[test]
fn all_fixtures_do_what_they_must() {
    let mut names = std::collections::HashSet::new();
    for fixture in fixtures::all() {
        assert!(names.insert(fixture.name.clone()), "two fixtures are named {}", fixture.name);
        let outcome = check(fixture);
        assert!(outcome.instret < 250_000, "too many instructions for a default input: {}", outcome.instret);
    }
}

#[test]
fn every_elf_is_in_the_table_and_small() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
    let tabled: Vec<&[u8]> = fixtures::all().iter().map(|fixture| fixture.elf).collect();
    for entry in std::fs::read_dir(folder.join("elf")).unwrap() {
        let path = entry.unwrap().path();
        let elf = std::fs::read(&path).unwrap();
        // The guests in assembly are for tests of error messages. The table has no inputs and results for them.
        let in_assembly = folder.join("asm").join(path.file_stem().unwrap()).with_extension("S").exists();
        assert!(in_assembly || tabled.contains(&elf.as_slice()), "no fixture uses {}", path.display());
        assert!(elf.len() < 200_000, "{} has {} bytes", path.display(), elf.len());
    }
}

#[test]
fn tiny_is_about_600_instructions() {
    let outcome = check(fixtures::tiny());
    assert!((500..700).contains(&outcome.instret), "{}", outcome.instret);
}

#[test]
fn workloads_scale_with_their_parameters() {
    let fibonacci = check(fixtures::fibonacci(100_000)).instret;
    assert!((400_000..800_000).contains(&fibonacci), "{fibonacci}");
    let message = fixtures::pseudo_random_bytes(11, 4096);
    check(fixtures::sha256(&message));
    check(fixtures::rust_sha2(&message));
    check(fixtures::quicksort(&fixtures::pseudo_random_words(12, 2000)));
    check(fixtures::quicksort(&(0..5000).rev().collect::<Vec<_>>()));
}

#[test]
fn division_fixture_agrees_on_many_operands() {
    let words = fixtures::pseudo_random_words(13, 400);
    for w in words.chunks_exact(4) {
        // The shifts vary the magnitudes, so that all paths of the 64-bit division are taken.
        let a = (u64::from(w[0]) << 32 | u64::from(w[1])) >> (w[0] % 64);
        let b = (u64::from(w[2]) << 32 | u64::from(w[3])) >> (w[2] % 64);
        check(fixtures::div64(a, b));
        check(fixtures::div64(a.wrapping_neg(), b));
    }
}
