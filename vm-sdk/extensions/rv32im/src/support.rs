//! What all chips of the extension share: limbs, constants, opcode helpers.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::NUM_REGISTERS;
use vm_core::instructions::{LocalOpcode, VmOpcode};
use vm_core::stark::F;

/// Bits of a cell.
pub(crate) const CELL_BITS: usize = 16;
/// 2^16.
pub(crate) const CELL: F = F::new(1 << CELL_BITS);
/// 2^−16.
pub(crate) const CELL_INV: F = inv_pow2(CELL_BITS);
/// 1/2.
pub(crate) const HALF: F = inv_pow2(1);
/// 2^−8.
pub(crate) const BYTE_INV: F = inv_pow2(8);

/// 2^−bits, for `bits` ≤ 27: p − 1 = 15·2^27, so 2^bits · (p − (p − 1)/2^bits) = 1 mod p.
pub(crate) const fn inv_pow2(bits: usize) -> F {
    const ORDER: u32 = 15 * (1 << 27) + 1;
    F::new(ORDER - ((ORDER - 1) >> bits))
}

/// Low and high 16 bits of a word.
#[inline(always)]
pub(crate) const fn limbs(word: u32) -> [u32; 2] {
    [word & 0xFFFF, word >> CELL_BITS]
}

/// The two cells of a word.
#[inline(always)]
pub(crate) fn cells(word: u32) -> [F; 2] {
    limbs(word).map(F::from_u32)
}

/// The low bytes of both cells of a word.
#[inline(always)]
pub(crate) fn low_bytes(word: u32) -> [F; 2] {
    limbs(word).map(|limb| F::from_u32(limb & 0xFF))
}

/// Bytes of `x ^ c`, in order.
#[inline(always)]
pub(crate) fn xor_bytes(x: u32, c: u32) -> [F; 4] {
    (x ^ c).to_le_bytes().map(F::from_u8)
}

/// Whether all operands are byte pointers of registers.
pub(crate) fn are_registers(operands: &[u32]) -> bool {
    operands.iter().all(|pointer| pointer.is_multiple_of(4) && (*pointer as usize) < 4 * NUM_REGISTERS)
}

/// Whether all operands are 16-bit limbs.
///
/// Soundness: circuits take limbs from the program table without a range check, so a program with other operands is not
/// accepted into the table.
pub(crate) fn are_limbs(operands: &[u32]) -> bool {
    operands.iter().all(|limb| *limb < 1 << CELL_BITS)
}

/// The word whose limbs are two operands of an instruction (both are below 2^16 in a transpiled program).
#[inline(always)]
pub(crate) const fn word(low: u32, high: u32) -> u32 {
    low.wrapping_add(high << CELL_BITS)
}

/// A global opcode as an expression.
#[inline(always)]
pub(crate) fn opcode_expr<E: PrimeCharacteristicRing>(opcode: impl LocalOpcode) -> E {
    E::from_u32(opcode.global_opcode().as_u32())
}

/// Name of an opcode of class `O`.
pub(crate) fn opcode_name<O: LocalOpcode>(opcode: VmOpcode) -> String {
    O::from_opcode(opcode).map_or_else(|| opcode.to_string(), |opcode| opcode.name().to_owned())
}

/// `air_part!(Type, Cols<u8>, "prefix", [flag, …])`: width and names of a part of a row from its column struct; the flags
/// are the columns that switch the row on. Generic types name their parameters first: `[const N: usize] Type<N>`.
macro_rules! air_part {
    ([$($generics:tt)*] $part:ty, $cols:ty, $prefix:literal $(, [$($flag:ident),+ $(,)?])?) => {
        impl<$($generics)*> ::vm_core::arch::AirPart for $part {
            fn width(&self) -> usize {
                ::vm_core::primitives::width_of::<$cols>()
            }

            fn column_names(&self) -> Vec<String> {
                let names = ::vm_core::primitives::names_of::<$cols>();
                names.into_iter().map(|name| format!(concat!($prefix, ".{}"), name)).collect()
            }

            fn selectors(&self) -> Vec<usize> {
                vec![$($(::core::mem::offset_of!($cols, $flag)),+)?]
            }
        }
    };
    ($part:ty, $($rest:tt)*) => {
        $crate::support::air_part!([] $part, $($rest)*);
    };
}
pub(crate) use air_part;
