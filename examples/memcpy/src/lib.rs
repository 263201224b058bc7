//! A copy of memory as one instruction, with a row per word. `docs/multi-row.md` walks through this file.
#![cfg_attr(target_arch = "riscv32", no_std)]

use vm_sdk::prelude::*;
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::rv32::Rv32Message;

/// `memcpy rd, rs1, rs2`: copies rs2 words from the pointer in rs1 to the pointer in rd, in ascending order. Pointers are
/// multiples of 4.
#[instruction(
    multi_row,
    operands = Rv32Message<6>,
    columns = MemcpyCols,
    encode(custom1, funct3 = 2, funct7 = 0),
    guest(unsafe fn memcpy(to: *mut u32, from: *const u32, words: usize), host = on_host),
    computed(write(0))
)]
pub struct Memcpy;

/// Columns of a word.
#[columns]
pub struct MemcpyCols<T> {
    /// Pointer to the word that is written.
    #[register(0, bits = 29, step = 4)]
    to: Word<T>,
    /// Pointer to the word that is read.
    #[register(1, bits = 29, step = 4)]
    from: Word<T>,
    /// Number of words left, this one included. Memory has 2^27 words.
    #[register(2, bits = 27, count)]
    left: Word<T>,
    #[read(0)]
    word: Word<T>,
}

#[instruction]
impl RowCore for Memcpy {
    type State = ();
    const READS: &'static [Access] = &[Access::at(1)];
    const WRITES: &'static [Access] = &[Access::at(0)];

    fn execute(&self, _: &Row, _: &mut (), reads: &[u32], writes: &mut [u32]) {
        writes[0] = reads[0];
    }

    fn write<B: RowBuilder>(&self, cols: &MemcpyCols<B::Var>, _: usize) -> [B::Expr; 2] {
        // Soundness: cells that were read are 16-bit.
        cols.word.map(Into::into)
    }
}

/// The extension.
#[vm_extension(instructions(Memcpy))]
#[derive(Clone, Copy, Debug, Default)]
pub struct CopyMemory;

/// Does what the instruction does, on the host.
///
/// # Safety
///
/// There must be `words` readable words at `from` and as many writable ones at `to`, both aligned to 4 bytes.
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code)]
unsafe fn on_host(to: *mut u32, from: *const u32, words: usize) {
    // SAFETY: promised by the caller.
    (0..words).for_each(|i| unsafe { to.add(i).write(from.add(i).read()) });
}
