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

#[cfg(test)]
mod tests {
    use vm_sdk::arch::MemoryConfig;
    use vm_sdk::instructions::MemoryImage;

    use super::*;
    use crate::number::words;

    const PC: u32 = 0x1000;
    const POINTER: u32 = 0x2000;

    /// The orders of secp256k1 and of BLS12-381, and the field of BLS12-381. The second one has 255 bits and is 1 modulo 2^32.
    const MODULI: [&str; 3] = [
        "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        "0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001",
        "0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
    ];

    fn moduli() -> Vec<Modulus> {
        MODULI.iter().map(|modulus| modulus.parse().unwrap()).collect()
    }

    /// Executes a hint of modulus number `index` with a number at the pointer in x6, from its instruction word.
    fn hint(kind: u32, index: u32, number: Number) -> ExecutionResult<Vec<u8>> {
        let word = (8 * index + kind) << 25 | 6 << 15 | 0x2B;
        let decoders = decoders();
        let instruction = decoders.iter().find_map(|decoder| decoder.decode(word, PC)).unwrap();
        let mut image = MemoryImage::new();
        image.insert((REGISTER_SPACE, 4 * 6), POINTER);
        let of_number = words::<12>(number).into_iter().zip((POINTER..).step_by(4));
        image.extend(of_number.map(|(word, pointer)| ((MAIN_SPACE, pointer), word)));
        let memory = GuestMemory::from_image(&MemoryConfig::default(), 32, &image).unwrap();
        let mut streams = Streams::default();
        streams.hint_stream.extend([9; 3]);
        let executors: [(u16, &dyn PhantomSubExecutor); 2] =
            [(phantom::HINT_NON_QR, &HintNonResidue(moduli())), (phantom::HINT_SQRT, &HintSquareRoot(moduli()))];
        let (_, executor) =
            executors.iter().find(|(discriminant, _)| u32::from(*discriminant) == instruction.c).unwrap();
        executor.execute(&memory, &mut streams, &mut HostRng::new(7), &instruction, PC)?;
        Ok(streams.hint_stream.into())
    }

    /// Returns the number that the bytes of a hint are.
    fn of_bytes(bytes: &[u8]) -> Number {
        bytes.iter().rev().fold(Number::ZERO, |number, byte| (number << 8) + Number::from(*byte))
    }

    #[test]
    fn hints_are_roots_of_the_number_or_of_its_multiple() {
        for (index, modulus) in (0..).zip(moduli()) {
            let size = 4 * modulus.num_words();
            let other = hint(6, index, Number::ZERO).unwrap();
            assert_eq!((other.len(), modulus.square_root(of_bytes(&other))), (size, None));
            let mut kinds = [0; 2];
            for number in (0u64..12).map(Number::from).chain([modulus.value() - Number::from(3), modulus.value()]) {
                let bytes = hint(7, index, number).unwrap();
                assert_eq!(bytes.len(), 4 + size);
                let (flag, root) = (bytes[0], of_bytes(&bytes[4..]));
                assert_eq!(bytes[1..4], [0; 3]);
                let square = if flag == 1 { number } else { modulus.mul(number, of_bytes(&other)) };
                assert_eq!(modulus.mul(root, root), square.reduce_mod(modulus.value()), "{number} modulo {modulus}");
                kinds[usize::from(flag)] += 1;
            }
            assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
        }
    }

    #[test]
    fn hints_for_other_moduli_are_errors() {
        let error = hint(7, 3, Number::ONE).unwrap_err().to_string();
        assert!(error.contains("modulus number 3, but the machine has 3 moduli"), "{error}");
    }
}
