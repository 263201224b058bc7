//! A REVEAL beyond the end of the public values.

use vm_core::arch::SystemConfig;
use vm_core::machine::VirtualMachine;
use vm_core::machine::testing::{ChipTest, VmChipTestBuilder};
use vm_core::stark::{F, SecurityPreset, StarkEngine};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::model::{asm, elf_of};

use crate::support::{BASE, Engine};

type Test = ChipTest<Engine, Rv32imVm>;

/// Builds the traces of a program that reveals a word at byte `index`. The machine has `bytes` bytes of public values.
fn build(bytes: usize, index: u32) -> Test {
    let config = Rv32imVm { system: SystemConfig::default().with_public_values(bytes), ..Rv32imVm::default() };
    let code = [asm::li(6, index), vec![asm::reveal(6, 6, 0), asm::terminate(0)]].concat();
    let exe = load_elf(&elf_of(&code, &[], BASE), &Rv32imVm::default()).unwrap();
    let mut builder = VmChipTestBuilder::new(config).pc_start(exe.pc_start);
    for (pc, instruction) in exe.program.iter() {
        builder = builder.instruction(pc, *instruction);
    }
    for (&(space, pointer), &word) in &exe.init_memory {
        builder = builder.word(space, pointer, word);
    }
    builder.build().unwrap()
}

/// Forged: the program reveals a word at byte 32, which a machine with 32 bytes of public values refuses to execute.
/// The traces come from a machine with 48 bytes and are presented as those of the smaller machine. `PublicValues` has
/// the traces of an honest run of that machine, and the leaf of bytes 32 to 47 is no longer marked as public. The
/// prover or the verifier must refuse: every leaf of the public values' space must be public, and the smaller machine
/// has only two such leaves.
#[test]
fn a_reveal_beyond_the_public_values_has_no_proof() {
    let (larger, smaller) = (build(48, 32), build(32, 0));
    let config = Rv32imVm::default();
    let vm = std::sync::Arc::new(VirtualMachine::new(Engine::new(SecurityPreset::Conjectured100), config));
    let key = std::sync::Arc::new(vm.setup(larger.key().exe().clone()).unwrap());
    let mut forged = larger.under(&vm, &key).unwrap();
    *forged.input_mut("PublicValues").unwrap() = smaller.input("PublicValues").unwrap().clone();
    for row in forged.rows_where("MemoryLeaf", 0, "is_public", |value| value == F::new(1)).unwrap() {
        if forged.cell("MemoryLeaf", 0, row, "leaf_low").unwrap() == F::new(2) {
            forged.tamper("MemoryLeaf", 0, row, "is_public", |_| F::new(0)).unwrap();
        }
    }
    forged.recount_lookups().unwrap();
    assert!(forged.is_rejected(), "a run that the machine refuses to execute was proven");
}
