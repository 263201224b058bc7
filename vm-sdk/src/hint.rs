//! Hints in guest functions. Only compiled for guest programs.
//!
//! Soundness: the prover chooses hints, so a program checks them.

use core::arch::asm;
use core::mem::MaybeUninit;

/// Returns the next words of the hint stream. The run ends with an error if there are fewer.
#[allow(unsafe_code)]
pub fn read<const WORDS: usize>() -> [u32; WORDS] {
    const { assert!(WORDS > 0, "the instruction stores at least one word") };
    let mut words = MaybeUninit::<[u32; WORDS]>::uninit();
    // SAFETY: the instruction stores all words.
    unsafe {
        asm!(
            ".insn i 0x0b, 1, {start}, {count}, 1",
            start = in(reg) words.as_mut_ptr(),
            count = in(reg) WORDS,
            options(nostack),
        );
        words.assume_init()
    }
}
