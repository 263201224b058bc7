//! Hints: square roots that the host computes. A program checks them, so nothing depends on them.

use vm_sdk::arch::{ExecutionResult, PhantomContext, PhantomSubExecutor};
use vm_sdk::phantom;

use crate::Listed;
use crate::modulus::Modulus;
use crate::number::{Number, number};

/// First discriminants of the phantom instructions. Each modulus has one of its own.
mod discriminant {
    pub(super) const HINT_NON_QR: u16 = 0x50;
    pub(super) const HINT_SQRT: u16 = 0x60;
}

/// Replaces the hint stream by the smallest number that is not a square.
#[phantom(
    discriminant = discriminant::HINT_NON_QR + self.0.number as u16,
    encode(custom1, funct3 = 0, funct7 = self.0.funct7(6), rd = 0)
)]
#[derive(Clone, Debug)]
pub struct HintNonQr(pub Listed<Modulus>);

/// Replaces the hint stream by 1 (a word) and a square root of `[rs1]`, or, if there is none, by 0 and a square root of
/// `[rs1]` times the number of [`HintNonQr`].
#[phantom(
    discriminant = discriminant::HINT_SQRT + self.0.number as u16,
    encode(custom1, funct3 = 0, funct7 = self.0.funct7(7), rd = 0)
)]
#[derive(Clone, Debug)]
pub struct HintSqrt(pub Listed<Modulus>);

/// Returns the bytes of a number below a modulus, lowest first.
fn bytes(number: Number, modulus: Modulus) -> impl Iterator<Item = u8> {
    number.to_le_bytes::<48>().into_iter().take(4 * modulus.num_words())
}

impl PhantomSubExecutor for HintNonQr {
    fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        let modulus = self.0.value;
        context.set_hint(bytes(modulus.non_residue(), modulus));
        Ok(())
    }
}

impl PhantomSubExecutor for HintSqrt {
    fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        let modulus = self.0.value;
        let [pointer, _] = context.registers()?;
        let square = match modulus.num_words() {
            8 => number(&context.words::<8>(pointer)?),
            _ => number(&context.words::<12>(pointer)?),
        };
        let (is_square, root) = match modulus.square_root(square) {
            Some(root) => (1u32, root),
            // Of a composite modulus, neither may have a root. The program notices, since it checks the root.
            None => (0, modulus.square_root(modulus.mul(square, modulus.non_residue())).unwrap_or_default()),
        };
        context.set_hint(is_square.to_le_bytes().into_iter().chain(bytes(root, modulus)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use vm_sdk::arch::{HostRng, MemoryConfig, Streams, SystemPort, VmExtension, VmInventoryBuilder};
    use vm_sdk::instructions::MemoryImage;
    use vm_sdk::system::memory::{GuestMemory, MAIN_SPACE, REGISTER_SPACE};

    use super::*;
    use crate::Modular;
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

    /// Executes the hint of modulus number `index` that an instruction word asks for, with a number at the pointer in x6.
    fn hint(kind: u32, index: u32, number: Number) -> Vec<u8> {
        let word = (8 * index + kind) << 25 | 6 << 15 | 0x2B;
        let mut image = MemoryImage::new();
        image.insert((REGISTER_SPACE, 4 * 6), POINTER);
        let of_number = words::<12>(number).into_iter().zip((POINTER..).step_by(4));
        image.extend(of_number.map(|(word, pointer)| ((MAIN_SPACE, pointer), word)));
        let memory = GuestMemory::from_image(&MemoryConfig::default(), 32, &image).unwrap();
        let mut streams = Streams::default();
        streams.hint_stream.extend([9; 3]);
        let builder = VmInventoryBuilder::new(SystemPort::default(), Vec::new());
        let mut inventory = Modular { moduli: moduli() }.build(&builder).unwrap();
        let instruction = inventory.decoders().iter().find_map(|decoder| decoder.decode(word, PC)).unwrap();
        let phantoms = inventory.take_phantoms();
        let (_, phantom) = phantoms.iter().find(|(discriminant, _)| u32::from(*discriminant) == instruction.c).unwrap();
        let mut rng = HostRng::new(7);
        phantom.execute(&mut PhantomContext::new(&memory, &mut streams, &mut rng, &instruction, PC)).unwrap();
        streams.hint_stream.into()
    }

    /// Returns the number that the bytes of a hint are.
    fn of_bytes(bytes: &[u8]) -> Number {
        bytes.iter().rev().fold(Number::ZERO, |number, byte| (number << 8) + Number::from(*byte))
    }

    #[test]
    fn hints_are_roots_of_the_number_or_of_its_multiple() {
        for (index, modulus) in (0..).zip(moduli()) {
            let size = 4 * modulus.num_words();
            let other = hint(6, index, Number::ZERO);
            assert_eq!((other.len(), modulus.square_root(of_bytes(&other))), (size, None));
            let mut kinds = [0; 2];
            for number in (0u64..12).map(Number::from).chain([modulus.value() - Number::from(3), modulus.value()]) {
                let bytes = hint(7, index, number);
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
}
