//! Bit fields of a 32-bit instruction word.

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
}
