//! A proof of a program that executes every instruction of the extension on corner cases.

use std::collections::BTreeMap;

use vm_core::arch::VmConfig;
use vm_core::machine::{VmChipComplex, VmExecutor};
use vm_sdk::config::Rv32imVm;
use vm_sdk::transpiler::load_elf;
use vm_tests::model::asm;

use super::{BRANCHES, IMMEDIATE_OPS, LOADS, REGISTER_OPS, SHIFT_IMMEDIATE_OPS, STORES, bytes, link};
use crate::support::{against_model, machine};

/// Corner cases of words, cells, signs and divisions.
const PAIRS: [[u32; 2]; 12] = [
    [0, 0],
    [u32::MAX, u32::MAX],
    [0x8000_0000, u32::MAX],
    [0x7fff_ffff, 0x8000_0000],
    [0x8000_0000, 0x7fff_ffff],
    [1, 0],
    [0x1_0000, 0xffff],
    [0xffff_0000, 0x1_0001],
    [0x89ab_cdef, 16],
    [0x89ab_cdef, 15],
    [0xfedc_ba98, 31],
    [7, 0xffff_fffd],
];

/// Returns a program with all instructions. It reveals a checksum of all results.
fn program(page: u32) -> Vec<u32> {
    let mut code = asm::Assembler::default();
    // x5 holds the result, x6 and x7 the operands, x8 the pointer to the data, x9 the counter, and x12 the checksum.
    let mix = || [asm::slli(13, 12, 5), asm::srli(14, 12, 27), asm::or(12, 13, 14), asm::xor(12, 12, 5)];
    code.extend([asm::lui(8, page), asm::addi(9, 0, PAIRS.len() as i32), asm::hintinput()]);
    code.label("pair").extend([asm::lw(6, 8, 0), asm::lw(7, 8, 4)]);
    for (_, op) in REGISTER_OPS {
        code.push(op(5, 6, 7)).extend(mix());
    }
    for (_, op) in IMMEDIATE_OPS {
        for imm in [-2048, -1, 2047] {
            code.push(op(5, 6, imm)).extend(mix());
        }
    }
    for (_, op) in SHIFT_IMMEDIATE_OPS {
        for amount in [0, 1, 15, 16, 31] {
            code.push(op(5, 6, amount)).extend(mix());
        }
    }
    for (_, branch) in BRANCHES {
        code.extend([asm::addi(5, 0, 0), branch(6, 7, 8), asm::addi(5, 0, 1)]).extend(mix());
        code.extend([asm::addi(5, 0, 0), branch(6, 6, 8), asm::addi(5, 0, 1)]).extend(mix());
    }
    code.extend([asm::addi(8, 8, 8), asm::addi(9, 9, -1), asm::beq(9, 0, 8)]);
    code.jump_to("pair", |offset| asm::jal(0, offset));

    // x8 now points after the pairs: loads read before it, stores write after it. Both use all alignments.
    for (_, load, width) in LOADS {
        for at in (-8..0).step_by(width as usize) {
            code.push(load(5, 8, at)).extend(mix());
        }
    }
    for (_, store, width) in STORES {
        for at in (0..8).step_by(width as usize) {
            code.extend([store(12, 8, at), asm::lw(5, 8, at & !3)]).extend(mix());
        }
    }
    code.extend([asm::lui(5, 0xf_ffff)]).extend(mix()).extend([asm::lui(5, 0)]).extend(mix());
    code.extend([asm::auipc(5, 0xf_ffff)]).extend(mix()).extend([asm::auipc(5, 0)]).extend(mix());
    for lsb in [0, 1] {
        code.extend([asm::auipc(5, 0), asm::jalr(5, 5, 12 + lsb), asm::terminate(1)]).extend(mix());
    }
    // Hints: first the input's length with HINT_STOREW and two words with HINT_BUFFER, then the same for the next
    // words.
    code.extend([asm::fence(), asm::hintstorew(8), asm::addi(15, 0, 2), asm::hintbuffer(8, 15)]);
    code.extend([asm::lw(5, 8, 4)]).extend(mix()).extend([asm::hintstorew(8), asm::hintbuffer(8, 15)]);
    code.extend([asm::lw(5, 8, 0)]).extend(mix());
    code.extend([asm::reveal(0, 12, 0), asm::reveal(0, 5, 28), asm::printstr(8, 0)]);
    code.extend([asm::addi(10, 0, 0), asm::addi(17, 0, 93), asm::ecall()]);
    code.finish()
}

#[test]
fn every_instruction_is_proven_with_operands_at_the_edges() {
    let elf = link(&bytes(PAIRS.into_iter().flatten()), program);
    let inputs = vec![bytes([1, 2, 3, 0xffff_ffff, 0x8000_7fff])];
    let (agreed, outcome) = against_model(&elf, &inputs, "all instructions");
    assert_eq!(agreed.exit_code(), Some(0));

    // Every opcode of the machine is executed at least twice.
    let mut config = Rv32imVm::default();
    config.system_mut().profiling = true;
    let exe = load_elf(&elf, &Rv32imVm::default()).unwrap();
    let report = VmExecutor::new(config.clone()).execute(&exe, inputs.clone()).unwrap();
    let counts: BTreeMap<&str, u64> =
        report.profile.opcodes.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    let complex = VmChipComplex::new(&config).unwrap();
    for (opcode, _) in complex.inventory.opcodes() {
        let name = complex.opcode_name(opcode);
        assert!(counts.get(name.as_str()).is_some_and(|&count| count >= 2), "{name}: {:?}", counts.get(name.as_str()));
    }
    assert_eq!(complex.inventory.opcodes().count(), 18 + 9 + 6 + 8 + 4 + 1 + 2);

    let vm = machine();
    let key = vm.setup(exe).unwrap();
    let proven = vm.prove(&key, inputs).unwrap();
    let run = key.verifying_key().verify(&key.exe_commitment(), &proven.proof).unwrap();
    assert_eq!(run.public_values, outcome.public_values);
    assert_ne!(outcome.public_values[..4], [0; 4]);
}
