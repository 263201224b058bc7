//! Helper for guest functions of instructions that hash a message. Also compiled for guest programs.

extern crate alloc;

use alloc::vec::Vec;
use core::array;

/// Returns the digest that an instruction computes of a message. The instruction needs a message at a multiple of 4, so a
/// message at another address is copied first.
///
/// The arguments of `instruction` are a pointer to the eight words of the digest, a pointer to the message, and the length of
/// the message in bytes.
pub fn digest(message: &[u8], instruction: impl FnOnce(*mut u32, *const u8, usize)) -> [u8; 32] {
    let mut digest = [0u32; 8];
    if (message.as_ptr() as usize).is_multiple_of(4) {
        instruction(digest.as_mut_ptr(), message.as_ptr(), message.len());
    } else {
        let word = |bytes: &[u8]| array::from_fn(|i| bytes.get(i).copied().unwrap_or(0));
        let copy: Vec<u32> = message.chunks(4).map(|bytes| u32::from_ne_bytes(word(bytes))).collect();
        instruction(digest.as_mut_ptr(), copy.as_ptr().cast(), message.len());
    }
    let mut bytes = [0; 32];
    bytes.chunks_exact_mut(4).zip(digest).for_each(|(to, word)| to.copy_from_slice(&word.to_ne_bytes()));
    bytes
}
