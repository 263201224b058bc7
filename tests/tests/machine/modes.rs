//! All modes of execution agree, and the counts of a metered run are the rows that a proof needs.

use vm_core::arch::{SystemConfig, VmConfig};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::fixtures::{self, Expected};
use vm_tests::model::{asm, elf_of};

use crate::support::{BASE, against_model, all_modes, machine};

/// Every fixture, including those that fail, ends in the same state in all modes and in the model. The expected outcome
/// comes from neither of them.
#[test]
fn every_fixture_ends_in_the_same_state_in_all_modes_and_in_the_model() {
    for fixture in fixtures::all() {
        let (agreed, _) = against_model(fixture.elf, &fixture.inputs, &fixture.name);
        match &fixture.expected {
            Expected::Exit { code, public_values, printed } => {
                assert_eq!(agreed.exit_code(), Some(*code), "{}", fixture.name);
                assert_eq!(&agreed.public_values(), public_values, "{}", fixture.name);
                assert_eq!(agreed.printed, printed.as_bytes(), "{}", fixture.name);
            }
            Expected::Error(_) => assert!(agreed.result.is_err(), "{}", fixture.name),
        }
    }
}

/// Returns a program whose words are not accessed for much longer than 2^16 ticks. In each of `rounds` rounds, it
/// writes `words` words of memory and most registers, executes a loop of 2 · `turns` instructions that access none of
/// them, and then reads all of them.
fn long_gaps(words: u32, turns: u32, rounds: u32) -> Vec<u8> {
    let mut code = asm::Assembler::default();
    code.extend([asm::lui(8, 0x300)]).extend(asm::li(31, rounds));
    for register in 9..29 {
        code.extend(asm::li(register, 0x1111 * register));
    }
    code.label("round");
    for word in 0..words {
        // Each word is in a leaf of its own, so that there are many leaves and nodes, too.
        code.push(asm::sw(9 + word % 20, 8, (32 * word) as i32));
    }
    code.extend(asm::li(30, turns)).label("wait");
    code.push(asm::addi(30, 30, -1)).jump_to("wait", |offset| asm::bne(30, 0, offset));
    for word in 0..words {
        code.extend([asm::lw(29, 8, (32 * word) as i32), asm::add(7, 7, 29)]);
    }
    for register in 9..29 {
        code.push(asm::add(7, 7, register));
    }
    code.push(asm::addi(31, 31, -1)).jump_to("round", |offset| asm::bne(31, 0, offset));
    code.extend([asm::reveal(0, 7, 0), asm::terminate(0)]);
    elf_of(&code.finish(), &[], BASE)
}

/// A gap of 2^16 ticks needs no refresh, and a gap of 2^16 + 1 ticks does, in all modes and in proofs.
#[test]
fn the_longest_gap_without_a_refresh_is_two_to_the_sixteen() {
    for extra in 5..10 {
        // x5 is written at time 2. The two instructions of `li` take two ticks (the second one is in place), each
        // iteration takes three, and each `lui` takes one. REVEAL reads x5 with its second access.
        let turns = 21_842;
        let gap = (3 + 2 + 3 * turns + extra + 1) - 2;
        let mut code = asm::Assembler::default();
        code.push(asm::addi(5, 0, 77)).extend(asm::li(30, turns)).label("wait");
        code.push(asm::addi(30, 30, -1)).jump_to("wait", |offset| asm::bne(30, 0, offset));
        code.extend((0..extra).map(|_| asm::lui(6, 1)));
        code.extend([asm::reveal(0, 5, 0), asm::terminate(0)]);
        let elf = elf_of(&code.finish(), &[], BASE);
        let (agreed, _) = against_model(&elf, &[], &format!("a gap of {gap} ticks"));
        assert_eq!(agreed.memory_rows.refreshes, usize::from(gap > 1 << 16), "a gap of {gap} ticks");
        if [1 << 16, (1 << 16) + 1].contains(&gap) {
            let vm = machine();
            let key = vm.setup(load_elf(&elf, &Rv32imVm::default()).unwrap()).unwrap();
            let proven = vm.prove(&key, vec![]).unwrap();
            let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
            assert_eq!(run.public_values[..4], 77u32.to_le_bytes());
        }
    }
}

#[test]
fn words_that_rest_for_long_are_refreshed_and_proven() {
    let elf = long_gaps(24, 40_000, 2);
    let (agreed, _) = against_model(&elf, &[], "long gaps");
    // In each of the two rounds, the 24 words, the 20 registers and a few more (x7, x8, x31 …) are refreshed.
    assert!(agreed.memory_rows.refreshes > 80, "{:?}", agreed.memory_rows);
    let vm = machine();
    let key = vm.setup(load_elf(&elf, &Rv32imVm::default()).unwrap()).unwrap();
    let proven = vm.prove(&key, vec![]).unwrap();
    let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
    assert_eq!(run.public_values, agreed.public_values());
}

/// The modes also agree on a machine with other sizes of memory, clock and public values.
#[test]
fn modes_agree_on_machines_of_other_dimensions() {
    let mut small = Rv32imVm { system: SystemConfig::default().with_public_values(64), ..Rv32imVm::default() };
    small.system_mut().memory_config.pointer_max_bits = 23;
    small.system_mut().memory_config.as_height = 3;
    small.system_mut().memory_config.clk_max_bits = 24;
    for fixture in [fixtures::tiny(), fixtures::subword(&[7; 40]), fixtures::rust_sha2(b"abc")] {
        let exe = load_elf(fixture.elf, &Rv32imVm::default()).unwrap();
        let agreed = all_modes(&small, &exe, &fixture.inputs, &fixture.name);
        assert_eq!(agreed.exit_code(), Some(0));
    }
}
