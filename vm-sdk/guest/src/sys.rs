//! Host calls, the start of the program and the panic handler: the code that exists on the guest target only.
//!
//! The prover chooses the host's answers. Code that depends on them is memory-safe for every answer.

#![allow(unsafe_code)]

use alloc::vec;
use alloc::vec::Vec;
use core::arch::{asm, global_asm};
use core::cell::UnsafeCell;
use core::panic::PanicInfo;

use crate::public_values::Cursor;

/// First address after user memory.
#[cfg_attr(not(feature = "allocator"), allow(dead_code))]
pub(crate) const MEMORY_END: usize = 1 << 29;

/// Number of the Linux exit system call.
const EXIT: u32 = 93;

global_asm!(
    ".section .text.entry, \"ax\", @progbits",
    ".globl _start",
    "_start:",
    "lui sp, %hi(__stack_top)",
    "addi sp, sp, %lo(__stack_top)",
    "call __vm_guest_main",
    ".text",
);

unsafe extern "C" {
    static _end: u8;
}

/// Returns the first address after the program and its variables.
#[cfg_attr(not(feature = "allocator"), allow(dead_code))]
pub(crate) fn program_end() -> usize {
    (&raw const _end) as usize
}

/// State of the host calls.
struct State {
    inputs: usize,
    public_values: Cursor,
}

struct StateCell(UnsafeCell<State>);

// SAFETY: a guest has one thread and no interrupts.
unsafe impl Sync for StateCell {}

static STATE: StateCell = StateCell(UnsafeCell::new(State { inputs: 0, public_values: Cursor::START }));

/// Calls a function with the state.
fn with_state<T>(action: impl FnOnce(&mut State) -> T) -> T {
    // SAFETY: one thread, and no action calls this function.
    action(unsafe { &mut *STATE.0.get() })
}

/// Prints the message and its location, then ends the program with exit code 1.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    crate::println!("{info}");
    exit(1)
}

pub(crate) fn exit(code: u8) -> ! {
    // SAFETY: none of the instructions returns or touches memory.
    unsafe {
        match code {
            0 => asm!(".insn i 0x0b, 0, x0, x0, 0", options(noreturn)),
            1 => asm!(".insn i 0x0b, 0, x0, x0, 1", options(noreturn)),
            // The instruction takes the exit code as an immediate, so other codes use the system call.
            code => asm!("ecall", in("a0") u32::from(code), in("a7") EXIT, options(noreturn)),
        }
    }
}

/// Takes the next input vector and returns it with its index. If there is none, the host ends the run with an error.
pub(crate) fn next_input() -> (usize, Vec<u8>) {
    let mut len = 0u32;
    // SAFETY: the host writes one word to an aligned local variable.
    unsafe {
        asm!(".insn i 0x0b, 3, x0, x0, 0");
        asm!(".insn i 0x0b, 1, {}, x0, 0", in(reg) &raw mut len);
    }
    let index = with_state(|state| {
        state.inputs += 1;
        state.inputs - 1
    });
    (index, hints(len))
}

/// Reads the next `len` bytes of the hint stream, which consists of whole words.
fn hints(len: u32) -> Vec<u8> {
    let words = len.div_ceil(4);
    if words == 0 {
        return Vec::new();
    }
    let capacity = (words as usize).checked_mul(4).expect("an input vector is smaller than memory");
    let mut bytes = Vec::<u8>::with_capacity(capacity);
    let start = bytes.as_mut_ptr();
    if (start as usize).is_multiple_of(4) {
        // SAFETY: the block is aligned and has room for `words` words, all of which are written.
        unsafe {
            asm!(".insn i 0x0b, 1, {}, {}, 1", in(reg) start, in(reg) words);
            bytes.set_len(len as usize);
        }
        return bytes;
    }
    // Reached only with an allocator that returns unaligned blocks.
    let mut buffer = vec![0u32; words as usize];
    // SAFETY: the buffer is aligned and has exactly `words` words.
    unsafe { asm!(".insn i 0x0b, 1, {}, {}, 1", in(reg) buffer.as_mut_ptr(), in(reg) words) }
    bytes.extend(buffer.iter().flat_map(|word| word.to_le_bytes()));
    bytes.truncate(len as usize);
    bytes
}

/// Fills the slice with random bytes of the host. Allocates nothing.
pub(crate) fn random_bytes(bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(32) {
        let mut buffer = [0u32; 8];
        let words = chunk.len().div_ceil(4);
        // SAFETY: the host writes `words` words, at least one and at most eight, to the aligned buffer.
        unsafe {
            asm!(".insn i 0x0b, 3, {}, x0, 2", in(reg) words);
            asm!(".insn i 0x0b, 1, {}, {}, 1", in(reg) buffer.as_mut_ptr(), in(reg) words);
        }
        let random = buffer.iter().flat_map(|word| word.to_le_bytes());
        chunk.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
    }
}

/// Appends to the public values. If there is no room, the host ends the run with an error that names their number.
pub(crate) fn commit(bytes: &[u8]) {
    with_state(|state| {
        state.public_values.append(bytes, |offset, word| {
            // SAFETY: the instruction does not access guest memory.
            unsafe { asm!(".insn i 0x0b, 2, {}, {}, 0", in(reg) offset, in(reg) word) }
        });
    });
}

pub(crate) fn print(text: &str) {
    if !text.is_empty() {
        // SAFETY: the host only reads the string.
        unsafe { asm!(".insn i 0x0b, 3, {}, {}, 1", in(reg) text.as_ptr(), in(reg) text.len()) }
    }
}

#[inline(always)]
pub(crate) fn span_begin(name: &str) {
    // SAFETY: the host only reads the string.
    unsafe { asm!(".insn i 0x0b, 3, {}, {}, 0x40", in(reg) name.as_ptr(), in(reg) name.len(), options(nostack)) }
}

#[inline(always)]
pub(crate) fn span_end() {
    // SAFETY: the instruction has an effect on profiles only.
    unsafe { asm!(".insn i 0x0b, 3, x0, x0, 0x41", options(nostack)) }
}
