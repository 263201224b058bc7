//! Decoded instructions and their text.

use std::fmt;

macro_rules! mnemonics {
    ($(#[$doc:meta])* $name:ident { $($variant:ident => $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[allow(missing_docs)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($variant),*
        }

        impl $name {
            /// The mnemonic.
            pub const fn mnemonic(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),*
                }
            }
        }
    };
}

mnemonics! {
    /// Conditional branches.
    BranchOp { Beq => "beq", Bne => "bne", Blt => "blt", Bge => "bge", Bltu => "bltu", Bgeu => "bgeu" }
}
mnemonics! {
    /// Loads.
    LoadOp { Lb => "lb", Lh => "lh", Lw => "lw", Lbu => "lbu", Lhu => "lhu" }
}
mnemonics! {
    /// Stores.
    StoreOp { Sb => "sb", Sh => "sh", Sw => "sw" }
}
mnemonics! {
    /// Register–immediate operations, shifts excepted.
    ImmOp { Addi => "addi", Slti => "slti", Sltiu => "sltiu", Xori => "xori", Ori => "ori", Andi => "andi" }
}
mnemonics! {
    /// Shifts by an immediate.
    ShiftOp { Sll => "slli", Srl => "srli", Sra => "srai" }
}
mnemonics! {
    /// Register–register operations.
    RegOp {
        Add => "add", Sub => "sub", Sll => "sll", Slt => "slt", Sltu => "sltu", Xor => "xor", Srl => "srl",
        Sra => "sra", Or => "or", And => "and", Mul => "mul", Mulh => "mulh", Mulhsu => "mulhsu", Mulhu => "mulhu",
        Div => "div", Divu => "divu", Rem => "rem", Remu => "remu",
    }
}

/// Instructions of the host interface. Registers are numbers; `rd` is read, not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostOp {
    /// Ends execution.
    Terminate {
        /// Exit code, 0 to 2047.
        code: u32,
    },
    /// Next hint word → `[rd]`.
    HintStoreW {
        /// Register of the address.
        rd: u8,
    },
    /// Next `rs1` hint words → `[rd …]`.
    HintBuffer {
        /// Register of the address.
        rd: u8,
        /// Register of the number of words.
        rs1: u8,
    },
    /// Word `rs1` → public values at `rd + imm`.
    Reveal {
        /// Register of the index.
        rd: u8,
        /// Register of the word.
        rs1: u8,
        /// Offset to the index.
        imm: i32,
    },
    /// Next input vector → hint stream.
    HintInput,
    /// Prints `[rd .. rd + rs1]`.
    PrintStr {
        /// Register of the address.
        rd: u8,
        /// Register of the length in bytes.
        rs1: u8,
    },
    /// `4 × rd` random bytes → hint stream.
    HintRandom {
        /// Register of the number of words.
        rd: u8,
    },
}

/// A decoded instruction. Register fields are numbers (0 to 31); immediates are sign-extended and scaled to bytes.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DecodedInstruction {
    /// `value` has its lower 12 bits zero.
    Lui {
        rd: u8,
        value: u32,
    },
    /// `value` has its lower 12 bits zero; the pc is not yet added.
    Auipc {
        rd: u8,
        value: u32,
    },
    Jal {
        rd: u8,
        offset: i32,
    },
    Jalr {
        rd: u8,
        rs1: u8,
        imm: i32,
    },
    Branch {
        op: BranchOp,
        rs1: u8,
        rs2: u8,
        offset: i32,
    },
    Load {
        op: LoadOp,
        rd: u8,
        rs1: u8,
        imm: i32,
    },
    /// Stores register `rs2` at `rs1 + imm`.
    Store {
        op: StoreOp,
        rs1: u8,
        rs2: u8,
        imm: i32,
    },
    OpImm {
        op: ImmOp,
        rd: u8,
        rs1: u8,
        imm: i32,
    },
    /// `amount` is 0 to 31.
    ShiftImm {
        op: ShiftOp,
        rd: u8,
        rs1: u8,
        amount: u8,
    },
    Op {
        op: RegOp,
        rd: u8,
        rs1: u8,
        rs2: u8,
    },
    Fence,
    Ecall,
    Ebreak,
    /// 0xc0001073.
    Unimp,
    Host(HostOp),
}

impl fmt::Display for HostOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Terminate { code } => write!(f, "terminate {code}"),
            Self::HintStoreW { rd } => write!(f, "hintstorew (x{rd})"),
            Self::HintBuffer { rd, rs1 } => write!(f, "hintbuffer (x{rd}), x{rs1}"),
            Self::Reveal { rd, rs1, imm } => write!(f, "reveal x{rs1}, {imm}(x{rd})"),
            Self::HintInput => write!(f, "hintinput"),
            Self::PrintStr { rd, rs1 } => write!(f, "printstr (x{rd}), x{rs1}"),
            Self::HintRandom { rd } => write!(f, "hintrandom x{rd}"),
        }
    }
}

impl fmt::Display for DecodedInstruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Lui { rd, value } => write!(f, "lui x{rd}, {:#x}", value >> 12),
            Self::Auipc { rd, value } => write!(f, "auipc x{rd}, {:#x}", value >> 12),
            Self::Jal { rd, offset } => write!(f, "jal x{rd}, {offset}"),
            Self::Jalr { rd, rs1, imm } => write!(f, "jalr x{rd}, {imm}(x{rs1})"),
            Self::Branch { op, rs1, rs2, offset } => write!(f, "{} x{rs1}, x{rs2}, {offset}", op.mnemonic()),
            Self::Load { op, rd, rs1, imm } => write!(f, "{} x{rd}, {imm}(x{rs1})", op.mnemonic()),
            Self::Store { op, rs1, rs2, imm } => write!(f, "{} x{rs2}, {imm}(x{rs1})", op.mnemonic()),
            Self::OpImm { op, rd, rs1, imm } => write!(f, "{} x{rd}, x{rs1}, {imm}", op.mnemonic()),
            Self::ShiftImm { op, rd, rs1, amount } => write!(f, "{} x{rd}, x{rs1}, {amount}", op.mnemonic()),
            Self::Op { op, rd, rs1, rs2 } => write!(f, "{} x{rd}, x{rs1}, x{rs2}", op.mnemonic()),
            Self::Fence => write!(f, "fence"),
            Self::Ecall => write!(f, "ecall"),
            Self::Ebreak => write!(f, "ebreak"),
            Self::Unimp => write!(f, "unimp"),
            Self::Host(op) => op.fmt(f),
        }
    }
}
