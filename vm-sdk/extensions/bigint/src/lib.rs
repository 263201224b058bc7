//! Integers of 256 bits as instructions of the machine.
//!
//! Registers hold pointers, which are multiples of 4, to numbers of 32 bytes in main memory, lowest byte first. The opcode of all
//! instructions is custom-0 (0x0b). Those of R format, with funct3 = 5, compute `[rd] = f([rs1], [rs2])`. The result may overlap
//! the operands.
//!
//! | funct7 | instruction | result |
//! |---|---|---|
//! | 0x00 | `add256` | sum modulo 2^256 |
//! | 0x01 | `sub256` | difference modulo 2^256 |
//! | 0x02 | `xor256` | exclusive or |
//! | 0x03 | `or256` | or |
//! | 0x04 | `and256` | and |
//! | 0x05 | `sll256` | left shift by the low eight bits of `[rs2]` |
//! | 0x06 | `srl256` | right shift by the low eight bits of `[rs2]` |
//! | 0x07 | `sra256` | the same; the sign bit enters from above |
//! | 0x08 | `slt256` | 1 if `[rs1] < [rs2]` in two's complement, else 0 |
//! | 0x09 | `sltu256` | 1 if `[rs1] < [rs2]`, else 0 |
//! | 0x10 | `mul256` | product modulo 2^256 |
//!
//! The instruction of B format with funct3 = 6, `beq256`, branches if `[rs1] = [rs2]`.
//!
//! Programs need not call the instructions themselves: the operators of [`U256`] are these instructions.
//!
//! # Errors of execution
//!
//! A run fails at an instruction with a pointer that is not a multiple of 4, or with a number that extends beyond user memory.
//! Shifts read only the lowest word of `[rs2]`.
//!
//! # Costs
//!
//! Each instruction is one row of its AIR. A proof has only the AIRs that the program uses.
//!
//! | AIR | instructions | columns | messages |
//! |---|---|---|---|
//! | `AddSub256` | add256, sub256 | 64 | 34 |
//! | `Bitwise256` | xor256, or256, and256 | 113 | 50 |
//! | `ShiftLeft256` | sll256 | 83 | 53 |
//! | `ShiftRight256` | srl256, sra256 | 85 | 54 |
//! | `LessThan256` | slt256, sltu256 | 60 | 21 |
//! | `Mul256` | mul256 | 111 | 82 |
//! | `BranchEqual256` | beq256 | 54 | 13 |
//!
//! Accesses of eight words add rows to the machine's AIRs of wide accesses: one for each number that is read or written.
//! `Bitwise256` queries the table of bytes, and `Mul256` that of pairs of bytes. The others query only the table of ranges.
#![cfg_attr(target_arch = "riscv32", no_std)]

mod adapters;
mod add_sub;
mod bitwise;
mod branch;
#[cfg(not(target_arch = "riscv32"))]
mod host;
mod less_than;
mod mul;
mod number;
mod shift;
#[cfg(not(target_arch = "riscv32"))]
mod words;

#[cfg(not(target_arch = "riscv32"))]
use serde::{Deserialize, Serialize};
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::primitives::{BitwiseTable, BytePairsTable};
use vm_sdk::vm_extension;

#[cfg(not(target_arch = "riscv32"))]
pub use adapters::{Branch256Adapter, Shift256Adapter};
pub use add_sub::*;
pub use bitwise::*;
pub use branch::*;
pub use less_than::*;
pub use mul::*;
pub use number::U256;
pub use shift::*;

/// The field funct3 of the instructions of R format.
const FUNCT3: u32 = 5;

/// The instructions on integers of 256 bits.
#[vm_extension(
    instructions(AddSub256, Bitwise256, Sll256, ShiftRight256, LessThan256, Mul256, Beq256),
    lookups(Bytes: BitwiseTable, BytePairs: BytePairsTable)
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bigint;
