//! Opcode numbers.

use std::fmt;

use serde::{Deserialize, Serialize};
use vm_derive::LocalOpcode;

/// An opcode number, unique within a machine. Number 0 is never an instruction: it marks the padding rows of the
/// program table (no AIR receives it).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct VmOpcode(u32);

impl VmOpcode {
    /// The opcode of the program table's padding rows.
    pub const PADDING: Self = Self(0);

    /// Wraps a global opcode number.
    #[inline(always)]
    pub const fn from_u32(value: u32) -> Self {
        Self(value)
    }

    /// The global opcode number.
    #[inline(always)]
    pub const fn as_u32(self) -> u32 {
        self.0
    }

    /// The number within a class that starts at `offset`.
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

/// A class of opcodes: an enum without fields whose variants are numbered from [`Self::CLASS_OFFSET`] on.
///
/// Derive it: `#[derive(LocalOpcode)] #[opcode_offset = 0x200] enum AluOpcode { ADD, SUB }`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an opcode class",
    note = "derive it: `#[derive(Copy, Clone, LocalOpcode)] #[opcode_offset = 0x…] enum {Self} {{ … }}`"
)]
pub trait LocalOpcode: Copy + Sized + 'static {
    /// Global number of the first opcode of the class.
    const CLASS_OFFSET: u32;
    /// All opcodes of the class, in order.
    const ALL: &'static [Self];

    /// Position within the class.
    fn local_index(self) -> u32;

    /// The opcode's name.
    fn name(self) -> &'static str;

    /// The opcode at a position, if there is one.
    fn from_local_index(index: u32) -> Option<Self> {
        Self::ALL.get(index as usize).copied()
    }

    /// Global number.
    fn global_opcode(self) -> VmOpcode {
        VmOpcode(Self::CLASS_OFFSET + self.local_index())
    }

    /// The opcode with a global number, if it belongs to this class.
    fn from_opcode(opcode: VmOpcode) -> Option<Self> {
        opcode.0.checked_sub(Self::CLASS_OFFSET).and_then(Self::from_local_index)
    }
}

/// Opcodes of the system itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LocalOpcode)]
#[opcode_offset = 1]
pub enum SystemOpcode {
    /// Ends execution; operand `a` is the exit code. Executed by the connector, by no instruction AIR.
    TERMINATE,
    /// Host-side effect without a trace in memory beyond what its sub-executor does: operand `c` selects it.
    PHANTOM,
}

/// Name of a system opcode, or its number.
pub fn system_opcode_name(opcode: VmOpcode) -> String {
    SystemOpcode::from_opcode(opcode).map_or_else(|| format!("opcode {opcode}"), |op| op.name().to_owned())
}
