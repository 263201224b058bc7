//! Encoders of instructions, one function per mnemonic, and a small assembler with labels.
//!
//! Registers are numbers 0–31. Immediates are written as in assembly language: byte offsets for branches and jumps, and
//! the upper 20 bits as a number below 2^20 for `lui` and `auipc`.
//!
//! # Panics
//!
//! All encoders panic if an operand does not fit its field.

use std::collections::HashMap;

/// Register number, 0–31.
pub type Reg = u32;

fn reg(number: Reg) -> u32 {
    assert!(number < 32, "register x{number} does not exist");
    number
}

/// Returns the low `bits` bits of `value`, which must be representable as a signed number of that size.
fn signed(value: i32, bits: u32) -> u32 {
    let limit = 1 << (bits - 1);
    assert!((-limit..limit).contains(&value), "immediate {value} does not fit {bits} bits");
    value as u32 & ((1 << bits) - 1)
}

/// Encodes the register-register format (R).
pub fn r_type(opcode: u32, funct3: u32, funct7: u32, rd: Reg, rs1: Reg, rs2: Reg) -> u32 {
    funct7 << 25 | reg(rs2) << 20 | reg(rs1) << 15 | funct3 << 12 | reg(rd) << 7 | opcode
}

/// Encodes the register-immediate format (I).
pub fn i_type(opcode: u32, funct3: u32, rd: Reg, rs1: Reg, imm: i32) -> u32 {
    signed(imm, 12) << 20 | reg(rs1) << 15 | funct3 << 12 | reg(rd) << 7 | opcode
}

/// Encodes the store format (S).
pub fn s_type(opcode: u32, funct3: u32, rs1: Reg, rs2: Reg, imm: i32) -> u32 {
    let imm = signed(imm, 12);
    (imm >> 5) << 25 | reg(rs2) << 20 | reg(rs1) << 15 | funct3 << 12 | (imm & 31) << 7 | opcode
}

/// Encodes the branch format (B).
pub fn b_type(opcode: u32, funct3: u32, rs1: Reg, rs2: Reg, offset: i32) -> u32 {
    assert!(offset % 2 == 0, "branch offset {offset} is odd");
    let imm = signed(offset, 13);
    let (high, low) = (imm >> 12 << 6 | imm >> 5 & 63, imm & 30 | imm >> 11 & 1);
    high << 25 | reg(rs2) << 20 | reg(rs1) << 15 | funct3 << 12 | low << 7 | opcode
}

/// Encodes the upper-immediate format (U).
pub fn u_type(opcode: u32, rd: Reg, imm: u32) -> u32 {
    assert!(imm < 1 << 20, "upper immediate {imm:#x} does not fit 20 bits");
    imm << 12 | reg(rd) << 7 | opcode
}

macro_rules! register_register {
    ($($name:ident $funct3:literal $funct7:literal)*) => {$(
        #[doc = concat!("`", stringify!($name), " rd, rs1, rs2`")]
        pub fn $name(rd: Reg, rs1: Reg, rs2: Reg) -> u32 {
            r_type(0x33, $funct3, $funct7, rd, rs1, rs2)
        }
    )*};
}
register_register! {
    add 0 0x00  sub 0 0x20  sll 1 0x00  slt 2 0x00  sltu 3 0x00  xor 4 0x00  srl 5 0x00  sra 5 0x20  or 6 0x00  and 7 0x00
    mul 0 0x01  mulh 1 0x01  mulhsu 2 0x01  mulhu 3 0x01  div 4 0x01  divu 5 0x01  rem 6 0x01  remu 7 0x01
}

macro_rules! register_immediate {
    ($($name:ident $funct3:literal)*) => {$(
        #[doc = concat!("`", stringify!($name), " rd, rs1, imm`")]
        pub fn $name(rd: Reg, rs1: Reg, imm: i32) -> u32 {
            i_type(0x13, $funct3, rd, rs1, imm)
        }
    )*};
}
register_immediate! { addi 0  slti 2  sltiu 3  xori 4  ori 6  andi 7 }

macro_rules! shift_immediate {
    ($($name:ident $funct3:literal $funct7:literal)*) => {$(
        #[doc = concat!("`", stringify!($name), " rd, rs1, amount`")]
        pub fn $name(rd: Reg, rs1: Reg, amount: u32) -> u32 {
            assert!(amount < 32, "shift amount {amount} does not fit 5 bits");
            r_type(0x13, $funct3, $funct7, rd, rs1, amount)
        }
    )*};
}
shift_immediate! { slli 1 0x00  srli 5 0x00  srai 5 0x20 }

macro_rules! load {
    ($($name:ident $funct3:literal)*) => {$(
        #[doc = concat!("`", stringify!($name), " rd, imm(rs1)`")]
        pub fn $name(rd: Reg, rs1: Reg, imm: i32) -> u32 {
            i_type(0x03, $funct3, rd, rs1, imm)
        }
    )*};
}
load! { lb 0  lh 1  lw 2  lbu 4  lhu 5 }

macro_rules! store {
    ($($name:ident $funct3:literal)*) => {$(
        #[doc = concat!("`", stringify!($name), " rs2, imm(rs1)`; the arguments are in this order, value first.")]
        pub fn $name(rs2: Reg, rs1: Reg, imm: i32) -> u32 {
            s_type(0x23, $funct3, rs1, rs2, imm)
        }
    )*};
}
store! { sb 0  sh 1  sw 2 }

macro_rules! branch {
    ($($name:ident $funct3:literal)*) => {$(
        #[doc = concat!("`", stringify!($name), " rs1, rs2, offset`")]
        pub fn $name(rs1: Reg, rs2: Reg, offset: i32) -> u32 {
            b_type(0x63, $funct3, rs1, rs2, offset)
        }
    )*};
}
branch! { beq 0  bne 1  blt 4  bge 5  bltu 6  bgeu 7 }

/// `lui rd, imm`
pub fn lui(rd: Reg, imm: u32) -> u32 {
    u_type(0x37, rd, imm)
}

/// `auipc rd, imm`
pub fn auipc(rd: Reg, imm: u32) -> u32 {
    u_type(0x17, rd, imm)
}

/// `jal rd, offset`
pub fn jal(rd: Reg, offset: i32) -> u32 {
    assert!(offset % 2 == 0, "jump offset {offset} is odd");
    let imm = signed(offset, 21);
    imm >> 20 << 31 | (imm >> 1 & 0x3ff) << 21 | (imm >> 11 & 1) << 20 | (imm >> 12 & 0xff) << 12 | reg(rd) << 7 | 0x6f
}

/// `jalr rd, imm(rs1)`
pub fn jalr(rd: Reg, rs1: Reg, imm: i32) -> u32 {
    i_type(0x67, 0, rd, rs1, imm)
}

/// `fence`
pub fn fence() -> u32 {
    0x0ff0_000f
}

/// `ecall`
pub fn ecall() -> u32 {
    0x0000_0073
}

/// `unimp`: ends the program with code 2.
pub fn unimp() -> u32 {
    0xc000_1073
}

/// `nop`
pub fn nop() -> u32 {
    addi(0, 0, 0)
}

/// `rd = value`, in one or two instructions.
pub fn li(rd: Reg, value: u32) -> Vec<u32> {
    let low = (value as i32) << 20 >> 20;
    let high = value.wrapping_sub(low as u32) >> 12;
    match (high, low) {
        (0, low) => vec![addi(rd, 0, low)],
        (high, 0) => vec![lui(rd, high)],
        (high, low) => vec![lui(rd, high), addi(rd, rd, low)],
    }
}

/// The custom-0 opcode, which all host calls use.
pub const CUSTOM_0: u32 = 0x0b;

/// `terminate code`: ends the program. Exit codes are 0 to 2047; a negative `code` gives an illegal instruction.
pub fn terminate(code: i32) -> u32 {
    i_type(CUSTOM_0, 0, 0, 0, code)
}

/// `hintstorew`: writes the next word of the hint stream to `[address]`.
pub fn hintstorew(address: Reg) -> u32 {
    i_type(CUSTOM_0, 1, address, 0, 0)
}

/// `hintbuffer`: writes the next `words` words of the hint stream to `[address..]`. Both operands are registers.
pub fn hintbuffer(address: Reg, words: Reg) -> u32 {
    i_type(CUSTOM_0, 1, address, words, 1)
}

/// `reveal`: writes the word in register `value` to the public values, at the offset in register `base` plus `imm`.
pub fn reveal(base: Reg, value: Reg, imm: i32) -> u32 {
    i_type(CUSTOM_0, 2, base, value, imm)
}

/// `hintinput`: makes the next input vector the hint stream.
pub fn hintinput() -> u32 {
    i_type(CUSTOM_0, 3, 0, 0, 0)
}

/// `printstr`: prints `length` bytes at `address`. Both operands are registers.
pub fn printstr(address: Reg, length: Reg) -> u32 {
    i_type(CUSTOM_0, 3, address, length, 1)
}

/// `hintrandom`: makes random words the hint stream. Their number is in register `words`.
pub fn hintrandom(words: Reg) -> u32 {
    i_type(CUSTOM_0, 3, words, 0, 2)
}

/// `[rd; 32] = keccak256([rs1 .. rs1 + rs2])`. The model does not execute it.
pub fn keccak256(rd: Reg, rs1: Reg, rs2: Reg) -> u32 {
    r_type(CUSTOM_0, 4, 0, rd, rs1, rs2)
}

/// `[rd; 32] = sha256([rs1 .. rs1 + rs2])`. The model does not execute it.
pub fn sha256(rd: Reg, rs1: Reg, rs2: Reg) -> u32 {
    r_type(CUSTOM_0, 4, 1, rd, rs1, rs2)
}

/// `[rd; 32] = [rs1; 32] op [rs2; 32]`, a 256-bit operation. `funct7` is 0 to 9 for add, sub, xor, or, and, sll, srl,
/// sra, slt and sltu, and 0x10 for mul. The model does not execute it.
pub fn int256(funct7: u32, rd: Reg, rs1: Reg, rs2: Reg) -> u32 {
    r_type(CUSTOM_0, 5, funct7, rd, rs1, rs2)
}

/// `beq256`: branches if `[rs1; 32] == [rs2; 32]`. The model does not execute it.
pub fn beq256(rs1: Reg, rs2: Reg, offset: i32) -> u32 {
    b_type(CUSTOM_0, 6, rs1, rs2, offset)
}

/// Collects words and resolves labels.
///
/// ```
/// use vm_tests::model::asm::{self, Assembler};
///
/// let mut code = Assembler::default();
/// code.extend(asm::li(1, 10));
/// code.label("loop").push(asm::addi(1, 1, -1));
/// code.jump_to("loop", |offset| asm::bne(1, 0, offset)).push(asm::terminate(0));
/// assert_eq!(code.finish(), [asm::addi(1, 0, 10), asm::addi(1, 1, -1), asm::bne(1, 0, -4), asm::terminate(0)]);
/// ```
#[derive(Default)]
pub struct Assembler {
    words: Vec<u32>,
    labels: HashMap<String, usize>,
    jumps: Vec<(usize, String, Encoder)>,
}

/// Encodes a byte offset as an instruction word.
type Encoder = Box<dyn Fn(i32) -> u32>;

impl Assembler {
    /// Appends a word.
    pub fn push(&mut self, word: u32) -> &mut Self {
        self.words.push(word);
        self
    }

    /// Appends words.
    pub fn extend(&mut self, words: impl IntoIterator<Item = u32>) -> &mut Self {
        self.words.extend(words);
        self
    }

    /// Defines a label for the next word.
    ///
    /// # Panics
    ///
    /// If the label is already defined.
    pub fn label(&mut self, name: &str) -> &mut Self {
        let previous = self.labels.insert(name.to_string(), self.words.len());
        assert!(previous.is_none(), "label {name} is defined twice");
        self
    }

    /// Appends the word that `encode` returns for the byte offset from this word to `label`. The label may be defined
    /// later.
    pub fn jump_to(&mut self, label: &str, encode: impl Fn(i32) -> u32 + 'static) -> &mut Self {
        self.jumps.push((self.words.len(), label.to_string(), Box::new(encode)));
        self.push(0)
    }

    /// Returns the words, with all labels resolved.
    ///
    /// # Panics
    ///
    /// If a label is not defined, or is too far away for its instruction.
    pub fn finish(mut self) -> Vec<u32> {
        for (at, label, encode) in &self.jumps {
            let target = *self.labels.get(label).unwrap_or_else(|| panic!("label {label} is not defined"));
            self.words[*at] = encode(4 * (target as i32 - *at as i32));
        }
        self.words
    }
}
