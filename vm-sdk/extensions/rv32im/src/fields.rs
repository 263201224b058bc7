//! Bit fields of a 32-bit instruction word.

/// Major opcodes (bits 0 to 6) whose words have a format of their own.
pub(crate) mod major {
    pub(crate) const LOAD: u32 = 0x03;
    pub(crate) const CUSTOM_0: u32 = 0x0b;
    pub(crate) const MISC_MEM: u32 = 0x0f;
    pub(crate) const OP_IMM: u32 = 0x13;
    pub(crate) const AUIPC: u32 = 0x17;
    pub(crate) const STORE: u32 = 0x23;
    pub(crate) const OP: u32 = 0x33;
    pub(crate) const LUI: u32 = 0x37;
    pub(crate) const BRANCH: u32 = 0x63;
    pub(crate) const JALR: u32 = 0x67;
    pub(crate) const JAL: u32 = 0x6f;
    pub(crate) const SYSTEM: u32 = 0x73;
}

/// An instruction word, with accessors for the fields of all formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields(pub u32);

impl Fields {
    /// Major opcode, 7 bits.
    pub const fn opcode(self) -> u32 {
        self.0 & 0x7f
    }

    /// 3 bits.
    pub const fn funct3(self) -> u32 {
        (self.0 >> 12) & 7
    }

    /// 7 bits.
    pub const fn funct7(self) -> u32 {
        self.0 >> 25
    }

    /// Destination register number.
    pub const fn rd(self) -> u8 {
        ((self.0 >> 7) & 31) as u8
    }

    /// First source register number.
    pub const fn rs1(self) -> u8 {
        ((self.0 >> 15) & 31) as u8
    }

    /// Second source register number.
    pub const fn rs2(self) -> u8 {
        ((self.0 >> 20) & 31) as u8
    }

    /// Immediate of the I format, −2048 to 2047.
    pub const fn i_imm(self) -> i32 {
        self.0 as i32 >> 20
    }

    /// Immediate of the S format, −2048 to 2047.
    pub const fn s_imm(self) -> i32 {
        (self.0 as i32 >> 25) << 5 | ((self.0 >> 7) & 31) as i32
    }

    /// Immediate of the B format, even, −4096 to 4094.
    pub const fn b_imm(self) -> i32 {
        let w = self.0;
        (w as i32 >> 31) << 12 | ((w >> 7 & 1) << 11 | (w >> 25 & 0x3f) << 5 | (w >> 8 & 0xf) << 1) as i32
    }

    /// Immediate of the U format: the upper 20 bits of the value, the lower 12 zero.
    pub const fn u_imm(self) -> u32 {
        self.0 & 0xffff_f000
    }

    /// Immediate of the J format, even, −2^20 to 2^20 − 2.
    pub const fn j_imm(self) -> i32 {
        let w = self.0;
        (w as i32 >> 31) << 20 | ((w >> 12 & 0xff) << 12 | (w >> 20 & 1) << 11 | (w >> 21 & 0x3ff) << 1) as i32
    }

    /// Returns the assembly text of the word, which encodes the instruction `name`: the operands that its format has.
    /// Words of unknown formats are taken to have the R format.
    pub fn assembly(self, name: &str) -> String {
        let (rd, rs1, rs2, imm, name) = (self.rd(), self.rs1(), self.rs2(), self.i_imm(), name.to_ascii_lowercase());
        match (self.opcode(), self.funct3()) {
            (major::LUI | major::AUIPC, _) => format!("{name} x{rd}, {:#x}", self.u_imm() >> 12),
            (major::JAL, _) => format!("{name} x{rd}, {}", self.j_imm()),
            (major::BRANCH, _) => format!("{name} x{rs1}, x{rs2}, {}", self.b_imm()),
            (major::LOAD | major::JALR, _) => format!("{name} x{rd}, {imm}(x{rs1})"),
            (major::STORE, _) => format!("{name} x{rs2}, {}(x{rs1})", self.s_imm()),
            (major::OP_IMM, 1 | 5) => format!("{name} x{rd}, x{rs1}, {rs2}"),
            (major::OP_IMM, _) => format!("{name} x{rd}, x{rs1}, {imm}"),
            (major::MISC_MEM | major::SYSTEM, _) => name,
            // The host interface.
            (major::CUSTOM_0, 0) => format!("{name} {imm}"),
            (major::CUSTOM_0, 2) => format!("{name} x{rs1}, {imm}(x{rd})"),
            (major::CUSTOM_0, 1 | 3) => format!("{name} x{rd}, x{rs1}"),
            _ => format!("{name} x{rd}, x{rs1}, x{rs2}"),
        }
    }
}
