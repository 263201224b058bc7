//! The instructions in a machine: a program from a C compiler is run, proven and verified.

use std::path::Path;

use proptest::prelude::*;
use vm_bitmanip::{Bitmanip, clz, cpop, rev8, rol, ror};
use vm_sdk::arch::VmExecutor;
use vm_sdk::config::Rv32imVm;
use vm_sdk::prelude::*;

/// A machine with RV32IM and bit manipulation.
#[derive(Clone, Debug, Default, VmConfig)]
struct MyVm {
    #[system]
    system: SystemConfig,
    #[extension]
    rv32im: Rv32im,
    #[extension]
    bitmanip: Bitmanip,
}

fn program() -> GuestProgram {
    let elf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/extensions/zbb.elf");
    GuestProgram::read_for(&elf, &MyVm::default()).unwrap()
}

fn input(x: u32, amount: u32) -> Vec<Vec<u8>> {
    vec![[x, amount].iter().flat_map(|word| word.to_le_bytes()).collect()]
}

/// Computes the public values of the guest with the standard library.
fn expected(x: u32, amount: u32) -> Vec<u8> {
    let results = [
        x.rotate_left(amount % 32),
        x.rotate_right(amount % 32),
        x.count_ones(),
        x.leading_zeros(),
        u32::from_be_bytes(x.to_le_bytes()),
    ];
    let mut bytes: Vec<u8> = results.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.resize(32, 0);
    bytes
}

#[test]
fn a_compiled_program_with_zbb_instructions_is_proven() {
    let vm = VirtualMachine::new(BabyBearWhirPoseidon2Engine::new(SecurityPreset::Conjectured100), MyVm::default());
    let key = vm.setup(program().exe().clone()).unwrap();
    let proven = vm.prove(&key, input(0x8123_4567, 0xFFFF_FFF3)).unwrap();
    let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
    assert_eq!(run.public_values, expected(0x8123_4567, 0xFFFF_FFF3));
}

#[test]
fn a_machine_without_the_extension_traps() {
    let elf = program().path().to_owned();
    let program = GuestProgram::read(&elf).unwrap();
    let error = VmExecutor::new(Rv32imVm::default()).execute(program.exe(), input(1, 1)).unwrap_err();
    assert!(error.to_string().contains("there is no instruction"), "{error}");
}

#[test]
fn edges_are_executed_as_by_the_standard_library() {
    let executor = VmExecutor::new(MyVm::default());
    let program = program();
    for x in [0, 1, 0xFFFF, 0x1_0000, 0x8000_0000, u32::MAX] {
        for amount in [0, 1, 15, 16, 17, 31, 32, u32::MAX] {
            let report = executor.execute(program.exe(), input(x, amount)).unwrap();
            assert_eq!(report.public_values, expected(x, amount), "{x:#x} {amount}");
        }
    }
}

proptest! {
    #[test]
    fn guest_functions_on_the_host_are_the_standard_librarys(x: u32, amount: u32) {
        prop_assert_eq!(rol(x, amount), x.rotate_left(amount % 32));
        prop_assert_eq!(ror(x, amount), x.rotate_right(amount % 32));
        prop_assert_eq!((cpop(x), clz(x), rev8(x)), (x.count_ones(), x.leading_zeros(), x.swap_bytes()));
    }
}
