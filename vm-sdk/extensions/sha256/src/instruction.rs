//! The instruction: its declaration, and the function that programs call.

use vm_sdk::instruction;
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::rv32::Rv32Message;

/// `sha256 rd, rs1, rs2`: `[rd; 32] = sha256([rs1 .. rs1 + rs2])`. Pointers are multiples of 4.
#[instruction(
    multi_row,
    // Up to three blocks.
    operands = Rv32Message<131>,
    name = "Sha256",
    opcode = 0x318,
    encode(custom0, funct3 = 4, funct7 = 1),
    guest(unsafe fn sha256_words(digest: *mut u32, message: *const u8, len: usize), host = on_host)
)]
#[allow(clippy::upper_case_acronyms)]
#[derive(Default, PartialEq, Eq)]
pub struct SHA256;

/// Returns the digest of a message: one instruction in guest programs, after a copy if the message is not aligned.
#[allow(unsafe_code)]
pub fn sha256(message: &[u8]) -> [u8; 32] {
    vm_sdk::message::digest(message, |digest, message, len| {
        // SAFETY: the digest has 32 bytes, and all bytes of the message are at its pointer.
        unsafe { sha256_words(digest, message, len) }
    })
}

/// Does what the instruction does, on the host.
///
/// # Safety
///
/// `message` must point to `len` readable bytes and `digest` to eight writable words, both aligned to 4 bytes.
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code)]
unsafe fn on_host(digest: *mut u32, message: *const u8, len: usize) {
    use crate::spec::{INITIAL_STATE, blocks, compress, padded_block};

    // SAFETY: promised by the caller.
    let (message, digest) =
        unsafe { (core::slice::from_raw_parts(message, len), core::slice::from_raw_parts_mut(digest, 8)) };
    let mut state = INITIAL_STATE;
    for index in 0..blocks(len as u32) {
        let byte = |i: usize| message.get(64 * index + i).copied().unwrap_or(0);
        let data = core::array::from_fn(|j| u32::from_le_bytes(core::array::from_fn(|i| byte(4 * j + i))));
        state = compress(&state, &padded_block(len as u32, index, &data));
    }
    digest.iter_mut().zip(state).for_each(|(to, word)| *to = u32::from_ne_bytes(word.to_be_bytes()));
}

#[cfg(test)]
mod tests {
    use vm_sdk::arch::authoring::{InstructionSpec, WordDecoder};
    use vm_sdk::arch::{SystemPort, VmExtension, VmInventoryBuilder};
    use vm_sdk::instructions::Instruction;

    use super::*;

    #[test]
    fn exactly_the_words_of_the_instruction_are_decoded() {
        let builder = VmInventoryBuilder::new(SystemPort::default(), Vec::new());
        let inventory = crate::Sha256.build(&builder).unwrap();
        let [decoder]: [WordDecoder; 1] = inventory.decoders().to_vec().try_into().unwrap();
        assert_eq!((decoder.name, SHA256::INSTRUCTIONS.len()), ("sha256", 1));
        let word = 0x02c5_c50b; // sha256 a0, a1, a2
        assert_eq!(decoder.decode(word, 0), Some(Instruction::new(SHA256, [40, 44, 48])));
        for bit in (0..7).chain(12..15).chain(25..32) {
            assert_eq!(decoder.decode(word ^ 1 << bit, 0), None, "bit {bit}");
        }
        for bit in (7..12).chain(15..25) {
            assert!(decoder.decode(word ^ 1 << bit, 0).is_some(), "bit {bit}");
        }
    }

    #[test]
    fn the_function_for_programs_is_the_hash_at_any_alignment() {
        use sha2::Digest;
        let message: Vec<u8> = (0..200).map(|i| i as u8).collect();
        for start in 0..4 {
            for end in [start, start + 1, 60, 64, 131, 200] {
                let part = &message[start..end];
                assert_eq!(sha256(part)[..], sha2::Sha256::digest(part)[..], "{start}..{end}");
            }
        }
    }
}
