//! What the instructions read and write, where `Rv32Heap` does not fit.

use vm_sdk::adapter;
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::rv32::{Rv32B, Rv32R};

/// `[rd] = f([rs1], [rs2])`, where the second operand is the lowest word of a number. The other words have no effect on the
/// result, so they are not read.
#[adapter(format = Rv32R, read(mem[rs1; 8], mem[rs2; 1]), write(mem[rd; 8]))]
pub struct Shift256Adapter;

/// `if f([rs1], [rs2]) jump to target`, on two numbers.
#[adapter(format = Rv32B, read(mem[rs1; 8], mem[rs2; 8]), branch)]
pub struct Branch256Adapter;
