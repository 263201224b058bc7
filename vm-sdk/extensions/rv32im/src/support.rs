//! Helpers that the extension's chips share: limbs, constants, opcodes.

use p3_field::PrimeCharacteristicRing;
pub(crate) use vm_core::arch::authoring::{are_limbs, are_registers};
use vm_core::instructions::{LocalOpcode, VmOpcode};
use vm_core::stark::F;
pub(crate) use vm_core::system::memory::{CELL, CELL_BITS, CELL_INV, cells_of as cells, inv_pow2};

/// 1/2.
pub(crate) const HALF: F = inv_pow2(1);
/// 2^−8.
pub(crate) const BYTE_INV: F = inv_pow2(8);

/// Splits a word into its low and high 16 bits.
#[inline(always)]
pub(crate) const fn limbs(word: u32) -> [u32; 2] {
    [word & 0xFFFF, word >> CELL_BITS]
}

/// Returns the low bytes of both cells of a word.
#[inline(always)]
pub(crate) fn low_bytes(word: u32) -> [F; 2] {
    limbs(word).map(|limb| F::from_u32(limb & 0xFF))
}

/// Returns the bytes of `x ^ c`, lowest first.
#[inline(always)]
pub(crate) fn xor_bytes(x: u32, c: u32) -> [F; 4] {
    (x ^ c).to_le_bytes().map(F::from_u8)
}

/// Returns the word whose limbs are two operands of an instruction; both are below 2^16 in a transpiled program.
#[inline(always)]
pub(crate) const fn word(low: u32, high: u32) -> u32 {
    low.wrapping_add(high << CELL_BITS)
}

/// Returns a global opcode as an expression.
#[inline(always)]
pub(crate) fn opcode_expr<E: PrimeCharacteristicRing>(opcode: impl LocalOpcode) -> E {
    E::from_u32(opcode.global_opcode().as_u32())
}

/// Returns the name of an opcode of class `O`.
pub(crate) fn opcode_name<O: LocalOpcode>(opcode: VmOpcode) -> String {
    O::from_opcode(opcode).map_or_else(|| opcode.to_string(), |opcode| opcode.name().to_owned())
}

/// Implements `AirPart`, as in `air_part!(Type, Cols<u8>, "prefix", [flag, …])`: takes width and names of a part of a
/// row from its column struct. The flags are the row's selectors. Generic types name their parameters first: `[const N:
/// usize] Type<N>`.
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
