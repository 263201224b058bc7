//! Opcodes: their numbers, and classes of opcodes.

use std::fmt;

use p3_field::PrimeField32;
use serde::{Deserialize, Serialize};

use crate::stark::F;

/// Number of an opcode, unique within a machine.
///
/// Number 0 is never an instruction. It marks the padding rows of the program table, and no AIR queries it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VmOpcode(u32);

impl VmOpcode {
    /// Opcode of the program table's padding rows.
    pub const PADDING: Self = Self(0);

    /// Makes an opcode from its global number.
    #[inline(always)]
    pub const fn from_u32(value: u32) -> Self {
        Self(value)
    }

    /// Returns the global number.
    #[inline(always)]
    pub const fn as_u32(self) -> u32 {
        self.0
    }

    /// Returns why no executor can have this opcode, or `None` if one can.
    ///
    /// Soundness (M23, M26, M36): padding rows of the program table are no instructions, only the connector proves
    /// TERMINATE, and numbers that are equal modulo the field's order are the same opcode.
    pub(crate) fn reserved(self) -> Option<&'static str> {
        match self {
            Self::PADDING => Some("marks the padding rows of the program table"),
            opcode if opcode == SystemOpcode::TERMINATE.global_opcode() => Some("is TERMINATE, which ends execution"),
            opcode if opcode == SystemOpcode::PHANTOM.global_opcode() => Some("is PHANTOM, which the system executes"),
            Self(F::ORDER_U32..) => Some("is not below the order of the field"),
            _ => None,
        }
    }

    /// Returns the position within the class that starts at `offset`. The result wraps around if the opcode is below
    /// `offset`.
    #[inline(always)]
    pub const fn local(self, offset: u32) -> u32 {
        self.0.wrapping_sub(offset)
    }
}

impl fmt::Display for VmOpcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// A class of opcodes: an enum without fields whose variants are numbered consecutively from [`Self::CLASS_OFFSET`].
///
/// Derive the trait: `#[derive(LocalOpcode)] #[opcode_offset = 0x200] enum AluOpcode { ADD, SUB }`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an opcode class",
    note = "derive it: `#[derive(Copy, Clone, LocalOpcode)] #[opcode_offset = 0x…] enum {Self} {{ … }}`"
)]
pub trait LocalOpcode: Copy + Sized + 'static {
    /// Global number of the class's first opcode.
    const CLASS_OFFSET: u32;
    /// All opcodes of the class, in order.
    const ALL: &'static [Self];

    /// Returns the position within the class, from 0.
    fn local_index(self) -> u32;

    /// Returns the name of the variant.
    fn name(self) -> &'static str;

    /// Returns the opcode at a position within the class, or `None` if the class has fewer opcodes.
    fn from_local_index(index: u32) -> Option<Self> {
        Self::ALL.get(index as usize).copied()
    }

    /// Returns the opcode with its global number.
    fn global_opcode(self) -> VmOpcode {
        VmOpcode(Self::CLASS_OFFSET.saturating_add(self.local_index()))
    }

    /// Returns the member of this class with a global number, or `None` if the opcode belongs to another class.
    fn from_opcode(opcode: VmOpcode) -> Option<Self> {
        opcode.0.checked_sub(Self::CLASS_OFFSET).and_then(Self::from_local_index)
    }
}

/// Opcodes that every machine has. No executor can have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemOpcode {
    /// Ends execution. Operand `a` is the exit code. The connector proves this instruction; no executor's AIR does.
    TERMINATE,
    /// Phantom instruction: has an effect on the host only. Operand `c` selects the sub-executor that performs it.
    PHANTOM,
}

// Written by hand, because the derive refuses the opcodes of the system.
impl LocalOpcode for SystemOpcode {
    const CLASS_OFFSET: u32 = 1;
    const ALL: &'static [Self] = &[Self::TERMINATE, Self::PHANTOM];

    fn local_index(self) -> u32 {
        self as u32
    }

    fn name(self) -> &'static str {
        match self {
            Self::TERMINATE => "TERMINATE",
            Self::PHANTOM => "PHANTOM",
        }
    }
}

/// Returns the name of a system opcode; for any other opcode, its number as text.
pub fn system_opcode_name(opcode: VmOpcode) -> String {
    SystemOpcode::from_opcode(opcode).map_or_else(|| format!("opcode {opcode}"), |op| op.name().to_owned())
}
