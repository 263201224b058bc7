//! One instruction of a program.

use serde::{Deserialize, Serialize};

use super::{LocalOpcode, VmOpcode};

/// An opcode with seven operands, each a canonical field element (below p ≈ 2^30.9).
///
/// The program table proves the operands, so an AIR may rely on whatever the transpiler guarantees about them: that one
/// is a register pointer, the 16-bit limb of an immediate or an absolute branch target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Instruction {
    /// Global opcode.
    pub opcode: VmOpcode,
    /// First operand.
    pub a: u32,
    /// Second operand.
    pub b: u32,
    /// Third operand.
    pub c: u32,
    /// Fourth operand.
    pub d: u32,
    /// Fifth operand.
    pub e: u32,
    /// Sixth operand.
    pub f: u32,
    /// Seventh operand.
    pub g: u32,
}

impl Instruction {
    /// Builds an instruction from its opcode and its first `N` operands, starting with `a`. The other operands are 0.
    /// More than seven operands are a compile-time error.
    pub fn new<const N: usize>(opcode: impl LocalOpcode, operands: [u32; N]) -> Self {
        const { assert!(N <= 7, "an instruction has at most seven operands") };
        let mut all = [0; 7];
        all[..N].copy_from_slice(&operands);
        Self::from_parts(opcode.global_opcode(), all)
    }

    /// Builds an instruction from a global opcode and all seven operands.
    pub const fn from_parts(opcode: VmOpcode, [a, b, c, d, e, f, g]: [u32; 7]) -> Self {
        Self { opcode, a, b, c, d, e, f, g }
    }

    /// Returns the operands `a` to `g`, in order.
    pub const fn operands(&self) -> [u32; 7] {
        [self.a, self.b, self.c, self.d, self.e, self.f, self.g]
    }
}
