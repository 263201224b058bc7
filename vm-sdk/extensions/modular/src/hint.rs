//! Hints: square roots that the host computes. A program checks them, so nothing depends on them.

use vm_sdk::arch::authoring::{Encoding, WordDecoder};
use vm_sdk::arch::{ExecutionError, ExecutionResult, HostRng, PhantomSubExecutor, Streams};
use vm_sdk::instructions::{Instruction, LocalOpcode, SystemOpcode};
use vm_sdk::system::memory::{GuestMemory, MAIN_SPACE, REGISTER_SPACE};

use crate::modulus::Modulus;
use crate::number::{Number, number};

/// Discriminants of the phantom instructions (operand `c` of PHANTOM; `a` = rs1, `b` = the number of the modulus).
pub mod phantom {
    /// Fills the hint stream with a number that is not a square.
    pub const HINT_NON_QR: u16 = 0x50;
    /// Fills the hint stream with a square root of `[rs1]`.
    pub const HINT_SQRT: u16 = 0x51;
}

/// Returns the decoders of the instruction words, of all numbers of moduli.
pub fn decoders() -> [WordDecoder; 2] {
    type Operands = fn(u32, u32) -> [u32; 7];
    let decoder = |name, kind: u32, operands: Operands| {
        // The upper bits of funct7 are the number of the modulus.
        let encoding = Encoding::new(0x0E00_707F, kind << 25 | 0x2B);
        WordDecoder { name, encoding, opcode: Some(SystemOpcode::PHANTOM.global_opcode()), operands }
    };
    [
        decoder("hint_non_qr", 6, |word, _| operands(word, phantom::HINT_NON_QR)),
        decoder("hint_sqrt", 7, |word, _| operands(word, phantom::HINT_SQRT)),
    ]
}

const fn operands(word: u32, discriminant: u16) -> [u32; 7] {
    [4 * (word >> 15 & 31), word >> 28, discriminant as u32, 0, 0, 0, 0]
}

/// Replaces the hint stream by the smallest number that is not a square.
#[derive(Clone, Debug)]
pub struct HintNonResidue(pub Vec<Modulus>);

/// Replaces the hint stream by 1 (a word) and a square root of `[rs1]`, or, if there is none, by 0 and a square root of
/// `[rs1]` times the number of [`HintNonResidue`].
#[derive(Clone, Debug)]
pub struct HintSquareRoot(pub Vec<Modulus>);

/// Returns the modulus that an instruction names.
fn modulus(moduli: &[Modulus], instruction: &Instruction, pc: u32) -> ExecutionResult<Modulus> {
    moduli.get(instruction.b as usize).copied().ok_or_else(|| {
        let message = format!(
            "the program asks for a hint for modulus number {}, but the machine has {} moduli",
            instruction.b,
            moduli.len()
        );
        Box::new(ExecutionError::Fail { pc, message })
    })
}

fn extend(streams: &mut Streams, number: Number, modulus: Modulus) {
    let bytes: [u8; 48] = number.to_le_bytes();
    streams.hint_stream.extend(bytes.iter().take(4 * modulus.num_words()));
}

impl PhantomSubExecutor for HintNonResidue {
    fn name(&self) -> &'static str {
        "HINT_NON_QR"
    }

    fn execute(
        &self,
        _memory: &GuestMemory,
        streams: &mut Streams,
        _rng: &mut HostRng,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<()> {
        let modulus = modulus(&self.0, instruction, pc)?;
        streams.hint_stream.clear();
        extend(streams, modulus.non_residue(), modulus);
        Ok(())
    }
}

impl PhantomSubExecutor for HintSquareRoot {
    fn name(&self) -> &'static str {
        "HINT_SQRT"
    }

    fn execute(
        &self,
        memory: &GuestMemory,
        streams: &mut Streams,
        _rng: &mut HostRng,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<()> {
        let modulus = modulus(&self.0, instruction, pc)?;
        let peek = |space, pointer| memory.peek(space, pointer).map_err(|source| ExecutionError::memory(pc, source));
        let pointer = peek(REGISTER_SPACE, instruction.a)?;
        let mut words = [0; 12];
        for (word, offset) in words.iter_mut().take(modulus.num_words()).zip((0..).step_by(4)) {
            *word = peek(MAIN_SPACE, pointer.wrapping_add(offset))?;
        }
        let square = number(&words);
        let (is_square, root) = match modulus.square_root(square) {
            Some(root) => (1u32, root),
            // Of a composite modulus, neither may have a root. The program notices, since it checks the root.
            None => (0, modulus.square_root(modulus.mul(square, modulus.non_residue())).unwrap_or_default()),
        };
        streams.hint_stream.clear();
        streams.hint_stream.extend(is_square.to_le_bytes());
        extend(streams, root, modulus);
        Ok(())
    }
}
