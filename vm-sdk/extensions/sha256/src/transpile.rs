//! The instruction's word: R format, opcode custom-0, funct3 4, funct7 1.

use vm_sdk::instructions::Instruction;
use vm_sdk::transpiler::WordTranspiler;

use crate::Sha256Opcode;

const OPCODE: u32 = 0x0b;
const FUNCT3: u32 = 4;
const FUNCT7: u32 = 1;

/// Transpiles the words of this extension.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sha256Transpiler;

/// Numbers of rd, rs1 and rs2.
fn registers(word: u32) -> Option<[u32; 3]> {
    let fixed = word & 0xFE00_707F;
    (fixed == FUNCT7 << 25 | FUNCT3 << 12 | OPCODE).then_some([7, 15, 20].map(|shift| (word >> shift) & 31))
}

impl WordTranspiler for Sha256Transpiler {
    fn name(&self) -> &'static str {
        "SHA-256"
    }

    fn transpile(&self, word: u32, _pc: u32) -> Option<Instruction> {
        registers(word).map(|registers| Instruction::new(Sha256Opcode::SHA256, registers.map(|number| 4 * number)))
    }

    fn disassemble(&self, word: u32) -> Option<String> {
        registers(word).map(|[rd, rs1, rs2]| format!("sha256 x{rd}, x{rs1}, x{rs2}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_words_of_the_instruction_are_decoded() {
        let word = 0x02c5_c50b; // sha256 a0, a1, a2
        let expected = Instruction::new(Sha256Opcode::SHA256, [40, 44, 48]);
        assert_eq!(Sha256Transpiler.transpile(word, 0), Some(expected));
        assert_eq!(Sha256Transpiler.disassemble(word).as_deref(), Some("sha256 x10, x11, x12"));
        for bit in (0..7).chain(12..15).chain(25..32) {
            assert_eq!(Sha256Transpiler.transpile(word ^ 1 << bit, 0), None, "bit {bit}");
        }
        for bit in (7..12).chain(15..25) {
            assert!(Sha256Transpiler.transpile(word ^ 1 << bit, 0).is_some(), "bit {bit}");
        }
    }
}
