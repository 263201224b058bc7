//! Adapters that are declarations: see [`DeclaredAdapter`](vm_core::arch::authoring::DeclaredAdapter) for what they have in
//! common.

use vm_core::arch::authoring::{AdapterInterface, Block, Branch, Pair, Register};
use vm_derive::adapter;

use super::formats::{Rv32Arithmetic, Rv32B, Rv32R};

/// Adapter for three registers, `rd = f(rs1, rs2)`: three accesses. Operands `a` to `c`: rd, rs1, rs2.
#[adapter(format = Rv32Arithmetic, read(rs1, rs2), write(rd))]
pub struct Rv32Alu;

/// Two words in, one word out: `fn execute(&self, [x, c]: [u32; 2]) -> u32`.
pub type AluInterface = AdapterInterface<Pair<Register>, Register>;

/// Adapter for conditional branches, `if f(rs1, rs2) jump to target`: two accesses. Operands `a` to `c`: rs1, rs2, the
/// target.
#[adapter(format = Rv32B, read(rs1, rs2), branch)]
pub struct Rv32Branch;

/// Two words in, a decision out: `fn execute(&self, [x, c]: [u32; 2]) -> bool`. The decision is value 0 written, a single
/// cell: a boolean column, or computed.
pub type BranchInterface = AdapterInterface<Pair<Register>, Branch>;

/// Adapter for blocks in main memory, `[rd] = f([rs1], [rs2])`; for one source, without rs2. Registers hold pointers, which
/// are multiples of 4. Reads `READS` blocks of `READ_WORDS` words, then writes `WRITE_WORDS` words. The destination may
/// overlap the sources. No register is written, so rd may be x0. Operands `a` to `c`: rd, rs1, rs2.
#[adapter(format = Rv32R, read([mem[rs1; READ_WORDS], mem[rs2; READ_WORDS]; READS]), write(mem[rd; WRITE_WORDS]))]
pub struct Rv32Heap<const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize>;

/// `READS` blocks of `READ_WORDS` words in, a block of `WRITE_WORDS` words out: `fn execute(&self, [x, c]: [[u32;
/// READ_WORDS]; 2]) -> [u32; WRITE_WORDS]`.
pub type HeapInterface<const READS: usize, const READ_WORDS: usize, const WRITE_WORDS: usize> =
    AdapterInterface<[Block<READ_WORDS>; READS], Block<WRITE_WORDS>>;

/// Adapter for blocks in main memory with a result in a register, `rd = f([rs1], [rs2])`; for one source, without rs2.
/// Registers rs1 and rs2 hold pointers, which are multiples of 4. Reads `READS` blocks of `WORDS` words. Operands `a` to `c`:
/// rd, rs1, rs2.
#[adapter(format = Rv32R, read([mem[rs1; WORDS], mem[rs2; WORDS]; READS]), write(rd))]
pub struct Rv32HeapToRegister<const READS: usize, const WORDS: usize>;
