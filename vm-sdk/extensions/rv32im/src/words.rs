//! Words of guest programs that are no declared instruction, and the routine that serves `ecall`.
//!
//! Every other word belongs to an instruction, whose declaration encodes it and whose adapter takes the operands from
//! it.

mod absent;

use vm_core::arch::authoring::{Encoding, WordDecoder};
use vm_core::instructions::{Instruction, LocalOpcode, PC_STEP, Region, SystemOpcode, VmOpcode};

use crate::adapters::operands::ShiftAmount;
use crate::instructions::*;
use crate::opcodes::{SCRATCH, SINK, register};
use crate::phantom::UNKNOWN_SYSCALL;
use crate::support::limbs;

pub use absent::describe_absent;

/// The word of `ecall`. A program that contains it needs [`ecall_region`].
pub const ECALL: u32 = 0x0000_0073;
/// Exit code of `unimp`.
pub const UNIMP_EXIT_CODE: u32 = 2;
/// Start of the routine that `ecall` jumps to: the first program counter after user memory.
pub const ECALL_PC: u32 = 1 << 29;
/// Number of the only supported system call, Linux's `exit`. It ends the run with the low byte of `a0`.
pub const EXIT_SYSCALL: u32 = 93;

/// Returns the decoders of the words that are no declared instruction.
pub fn words() -> [WordDecoder; 6] {
    [
        // A fence does nothing: there is one hart and no device, so all memory accesses are already in order. The
        // specification requires the reserved fields `fm`, `rd` and `rs1` to be ignored.
        decoder("fence", 0x0000_707f, 0x0000_000f, Some(AddImm::ADDI.global_opcode()), |_, _| [SINK, 0, 0, 0, 0, 0, 0]),
        // Orders stores before the fetches of later instructions. Code does not change, so there is nothing to order.
        decoder("fence.i", 0x0000_707f, 0x0000_100f, Some(AddImm::ADDI.global_opcode()), |_, _| {
            [SINK, 0, 0, 0, 0, 0, 0]
        }),
        decoder("ecall", u32::MAX, ECALL, Some(Constant::JAL.global_opcode()), |_, pc| {
            let [low, high] = limbs(pc.wrapping_add(PC_STEP));
            [SINK, low, high, ECALL_PC, 0, 0, 0]
        }),
        decoder("ebreak", u32::MAX, 0x0010_0073, None, |_, _| [0; 7]),
        // Assemblers write `unimp` as `csrrw x0, cycle, x0`.
        decoder("unimp", u32::MAX, 0xc000_1073, Some(SystemOpcode::TERMINATE.global_opcode()), |_, _| {
            [UNIMP_EXIT_CODE, 0, 0, 0, 0, 0, 0]
        }),
        // Bit 31 is fixed: a negative immediate is no exit code, since neither a process status nor a field element can
        // represent it.
        decoder("terminate", 0x8000_707f, 0x0000_000b, Some(SystemOpcode::TERMINATE.global_opcode()), |word, _| {
            [word >> 20, 0, 0, 0, 0, 0, 0]
        }),
    ]
}

type Operands = fn(word: u32, pc: u32) -> [u32; 7];

const fn decoder(
    name: &'static str,
    mask: u32,
    value: u32,
    opcode: Option<VmOpcode>,
    operands: Operands,
) -> WordDecoder {
    WordDecoder { name, encoding: Encoding::new(mask, value), opcode, operands, discriminant: None }
}

/// Returns the routine that `ecall` jumps to. It ends the run if `a7` is [`EXIT_SYSCALL`]. Otherwise it ends in a phantom
/// instruction whose execution is an error. It keeps no state and never returns, so any number of `ecall`s can share it.
pub fn ecall_region() -> Region {
    const A0: u32 = register(10);
    const A7: u32 = register(17);
    const PROLOGUE: u32 = 5;
    const STATUSES: u32 = 0x100;
    let [low, high] = limbs(ECALL_PC + PROLOGUE * PC_STEP);
    let unknown = ECALL_PC + (PROLOGUE + STATUSES) * PC_STEP;
    // `slli` by 2, since an instruction of the table takes 4 bytes: cells are cut at bit 16 − 2.
    let [c, d, e, f] = ShiftAmount::operands(14, 0);
    let mut instructions = vec![
        Instruction::new(AddImm::ADDI, [SCRATCH, register(0), EXIT_SYSCALL, 0]),
        Instruction::new(BranchEqual::BNE, [A7, SCRATCH, unknown]),
        Instruction::new(BitwiseImm::ANDI, [SCRATCH, A0, 0xff, 0, 0]),
        Instruction::new(ShiftImm::SLLI, [SCRATCH, SCRATCH, c, d, e, f]),
        Instruction::new(Jalr::JALR, [SINK, SCRATCH, low, high, low, high]),
    ];
    instructions.extend((0..STATUSES).map(|code| Instruction::new(SystemOpcode::TERMINATE, [code])));
    // Soundness: a prover can execute this instruction, but there is none after it, so such a run does not terminate.
    instructions.push(Instruction::new(SystemOpcode::PHANTOM, [A7, SINK, UNKNOWN_SYSCALL.into()]));
    Region { base: ECALL_PC, instructions: instructions.into_iter().map(Some).collect() }
}

#[cfg(test)]
mod tests;
