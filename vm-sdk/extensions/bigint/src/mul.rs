//! mul256.

#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::arch::authoring::{Limbs, Reads, Samples};
use vm_sdk::prelude::*;
#[cfg(not(target_arch = "riscv32"))]
use vm_sdk::rv32::Rv32Heap;

use crate::FUNCT3;
#[cfg(not(target_arch = "riscv32"))]
use crate::{host, words};

/// `[rd] = [rs1]·[rs2]` modulo 2^256.
#[instruction(
    adapter = Rv32Heap<2, 8, 8>,
    columns = Mul256Cols,
    encode(custom0, funct3 = FUNCT3, funct7 = 0x10),
    guest(unsafe fn mul256(to: *mut [u32; 8], x: *const [u32; 8], y: *const [u32; 8]), host = host::mul256)
)]
#[derive(PartialEq, Eq)]
pub struct Mul256;

/// Columns of [`Mul256`].
#[columns]
pub struct Mul256Cols<T> {
    /// Bytes of the first operand; bound by the memory bus and checked in pairs.
    #[read(0, proven)]
    pub x: [Bytes<T>; 8],
    /// Bytes of the second operand; like `x`.
    #[read(1, proven)]
    pub y: [Bytes<T>; 8],
    /// Cells of the product; range-checked, and determined by the relation.
    #[write(0)]
    pub r: [Word<T>; 8],
    /// Carries out of the sixteen cells; range-checked, and determined by the relation.
    pub carry: [T; 16],
}

/// `x·y − r` modulo 2^256, which is zero.
#[cfg(not(target_arch = "riscv32"))]
fn difference<E: PrimeCharacteristicRing, C: Copy + Into<E>>(cols: &Mul256Cols<C>) -> Limbs<E> {
    let x = Limbs::bytes(cols.x.as_flattened()).truncated(32);
    x * Limbs::bytes(cols.y.as_flattened()) - Limbs::cells(cols.r.as_flattened())
}

#[instruction]
impl Core for Mul256 {
    fn execute(&self, [x, y]: [[u32; 8]; 2]) -> [u32; 8] {
        words::mul(x, y)
    }

    fn sample(&self, samples: &mut Samples) -> Option<Reads<Self>> {
        Some(words::sample_pair(samples))
    }

    fn witness(&self, _: &Io<Self>, cols: &mut Mul256Cols<F>) {
        difference(cols).fill_carries(&mut cols.carry);
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &Mul256Cols<B::Var>) {
        // Soundness: the operands consist of bytes, so their splits are unique. The cells of the result are below 2^16, and
        // the relation determines them modulo 2^256.
        b.byte_pairs(cols.x.as_flattened());
        b.byte_pairs(cols.y.as_flattened());
        b.assert_limbs_zero(&difference(cols), &cols.carry);
    }
}
