//! The instruction: its declaration, and the function that programs call.

use vm_sdk::instruction;
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::rv32::Rv32Message;

#[cfg(not(target_arch = "riscv32"))]
use crate::rounds::Requests;

/// `keccak256 rd, rs1, rs2`: `[rd; 32] = keccak256([rs1 .. rs1 + rs2])`. Pointers are multiples of 4.
#[instruction(
    multi_row,
    // Up to three blocks.
    operands = Rv32Message<300>,
    name = "Keccak256",
    opcode = 0x310,
    encode(custom0, funct3 = 4, funct7 = 0),
    guest(unsafe fn keccak256_words(digest: *mut u32, message: *const u8, len: usize), host = on_host)
)]
#[allow(clippy::upper_case_acronyms)]
pub struct KECCAK256 {
    /// Permutations that the rounds prove.
    #[cfg(not(target_arch = "riscv32"))]
    pub(crate) requests: Requests,
}

/// Does what the instruction does, on the host.
///
/// # Safety
///
/// `message` must point to `len` readable bytes and `digest` to eight writable words, both aligned to 4 bytes.
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code)]
unsafe fn on_host(digest: *mut u32, message: *const u8, len: usize) {
    use crate::permutation::{DIGEST_BYTES, RATE_BYTES, absorb, bytes, permute};

    // SAFETY: promised by the caller.
    let (message, digest) =
        unsafe { (core::slice::from_raw_parts(message, len), core::slice::from_raw_parts_mut(digest, 8)) };
    let mut padded = message.to_vec();
    padded.push(1);
    padded.resize(padded.len().next_multiple_of(RATE_BYTES), 0);
    if let Some(last) = padded.last_mut() {
        *last |= 0x80;
    }
    let (blocks, _) = padded.as_chunks::<RATE_BYTES>();
    let state = blocks.iter().fold([0; _], |state, block| permute(&absorb(&state, block)));
    for (i, byte) in bytes(&state).take(DIGEST_BYTES).enumerate() {
        let mut word = digest[i / 4].to_ne_bytes();
        word[i % 4] = byte;
        digest[i / 4] = u32::from_ne_bytes(word);
    }
}

/// Returns the digest of a message: one instruction in guest programs, after a copy if the message is not aligned.
#[allow(unsafe_code)]
pub fn keccak256(message: &[u8]) -> [u8; 32] {
    vm_sdk::message::digest(message, |digest, message, len| {
        // SAFETY: the digest has 32 bytes, and all bytes of the message are at its pointer.
        unsafe { keccak256_words(digest, message, len) }
    })
}

#[cfg(test)]
mod tests {
    use sha3::{Digest, Keccak256};

    use super::*;

    #[test]
    fn the_function_for_programs_is_the_hash_at_any_alignment() {
        let message: Vec<u8> = (0..400).map(|i| i as u8).collect();
        for start in 0..4 {
            for end in [start, start + 1, 60, 134, 135, 136, 137, 271, 272, 273, 400] {
                let part = &message[start..end];
                assert_eq!(keccak256(part)[..], Keccak256::digest(part)[..], "{start}..{end}");
            }
        }
    }
}
