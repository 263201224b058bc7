//! Public values: REVEAL beyond their end.

use vm_core::arch::SystemConfig;
use vm_core::machine::VirtualMachine;
use vm_core::machine::testing::{ChipTest, VmChipTestBuilder};
use vm_core::stark::{F, SecurityPreset, StarkEngine};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::model::{asm, elf_of};

use crate::support::{BASE, Engine};

type Test = ChipTest<Engine, Rv32imVm>;

fn build(bytes: usize, index: u32) -> Test {
    let config = Rv32imVm { system: SystemConfig::default().with_public_values(bytes), ..Rv32imVm::default() };
    let code = [asm::li(6, index), vec![asm::reveal(6, 6, 0), asm::terminate(0)]].concat();
    let exe = load_elf(&elf_of(&code, &[], BASE)).unwrap();
    let mut builder = VmChipTestBuilder::new(config).pc_start(exe.pc_start);
    for (pc, instruction) in exe.program.iter() {
        builder = builder.instruction(pc, *instruction);
    }
    for (&(space, pointer), &word) in &exe.init_memory {
        builder = builder.word(space, pointer, word);
    }
    builder.build().unwrap()
}

/// The program reveals at byte 32. A machine with 32 public values refuses to run it; the run of a machine with 48 is
/// presented as one, with the leaf of the third 16 bytes no longer public.
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
    assert!(forged.is_rejected(), "the run is proven that the machine refuses");
}
