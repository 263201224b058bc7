//! Instruction words: those of the table in the documentation and no others.

use vm_bigint::Bigint;
use vm_sdk::instructions::Instruction;

use crate::support::{FUNCTIONS, b_word, decode, r_word};

#[test]
fn exactly_the_words_of_the_table_are_decoded() {
    let names: Vec<_> = Bigint::instructions().iter().map(|info| info.name).collect();
    assert_eq!(names.len(), FUNCTIONS.len() + 1);
    for funct3 in 0..8 {
        for funct7 in 0..128 {
            let word = r_word(funct7, [10, 11, 12]) & !(7 << 12) | funct3 << 12;
            let expected = match funct3 {
                5 => FUNCTIONS.iter().find(|(_, number, _)| *number == funct7).map(|(name, ..)| *name),
                6 => Some("beq256"),
                _ => None,
            };
            assert_eq!(decode(word, 0x1000).map(|(name, _)| name).as_deref(), expected, "{funct3} {funct7:#x}");
            for bit in 0..7 {
                assert_eq!(decode(word ^ 1 << bit, 0x1000), None, "{word:#x}, bit {bit}");
            }
        }
    }
}

#[test]
fn words_are_those_that_an_assembler_makes() {
    // .insn r 0x0b, 5, 0, a0, a1, a2 and others with their funct7, and .insn b 0x0b, 6, a1, a2, .+8 and .−4096.
    let words = [
        0x00C5_D50B,
        0x02C5_D50B,
        0x04C5_D50B,
        0x06C5_D50B,
        0x08C5_D50B,
        0x0AC5_D50B,
        0x0CC5_D50B,
        0x0EC5_D50B,
        0x10C5_D50B,
        0x12C5_D50B,
        0x20C5_D50B,
    ];
    for ((name, funct7, _), word) in FUNCTIONS.into_iter().zip(words) {
        assert_eq!(r_word(funct7, [10, 11, 12]), word);
        let (decoded, Instruction { a, b, c, d, .. }) = decode(word, 0).unwrap();
        assert_eq!((&decoded[..], [a, b, c, d]), (name, [40, 44, 48, 0]));
    }
    for (word, offset) in [(0x00C5_E40B, 8), (0x80C5_E00B, -4096)] {
        assert_eq!(b_word([11, 12], offset), word);
        let (decoded, Instruction { a, b, c, d, .. }) = decode(word, 0x4000).unwrap();
        assert_eq!((&decoded[..], [a, b, c, d]), ("beq256", [44, 48, 0x4000_u32.wrapping_add_signed(offset), 0]));
    }
}
