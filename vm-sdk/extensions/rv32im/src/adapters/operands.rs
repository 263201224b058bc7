//! Constant operands of instructions with one source register: the form that an immediate has in the program table, and
//! what the core reads from it.
//!
//! Operands are *values read* after rs1 (value 0): words, given as two 16-bit limbs, or single cells. The adapter's
//! program lookup binds the core's columns to the operands.

use std::fmt::Debug;

use vm_core::arch::authoring::Samples;
use vm_core::instructions::{LocalOpcode, PC_STEP};

use crate::fields::Fields;
use crate::shift_imm::ShiftImm;
use crate::support::{are_limbs, limbs, word};

/// A form of the constant operands `c` to `f`, and what the core reads and writes.
pub trait AluOperands: Clone + Copy + Debug + Default + Send + Sync + 'static {
    /// Values that the core reads on the host.
    type HostReads: Copy + Send + Sync;
    /// Values that the core writes on the host.
    type HostWrites: Copy + Send + Sync;
    /// Words of the values read: rs1, then the operands; 0 for a single cell. Words and single cells cover the operands
    /// from `c` on, in order.
    const READS: &'static [usize];
    /// Words of the values written: rd, then the next pc if the instruction jumps (0: a single cell).
    const WRITES: &'static [usize];

    /// Returns operands `c` to `f` of the instruction that `word` encodes at `pc`.
    fn decode(word: u32, pc: u32) -> [u32; 4];
    /// Returns whether [`Self::decode`] can return these operands. Soundness: cores rely on properties of the operands'
    /// cells, such as 16-bit limbs. They hold because instructions with other operands are not accepted into the
    /// program table.
    fn accepts(operands: [u32; 4]) -> bool;
    /// Returns the values read, from rs1 and the operands.
    fn reads(x: u32, operands: [u32; 4]) -> Self::HostReads;
    /// Returns a word, or the single cell, of a value read.
    fn read_word(reads: &Self::HostReads, value: usize, word: usize) -> u32;
    /// Returns a word, or the single cell, of a value written.
    fn write_word(writes: &Self::HostWrites, value: usize, word: usize) -> u32;
    /// Returns the word for rd, and the next pc if the instruction jumps.
    fn output(writes: Self::HostWrites) -> (u32, Option<u32>);
}

/// Operands that generated tests can sample.
pub trait SampleAluOperands: AluOperands {
    /// Returns random operands `c` to `f`. A jump (which writes the next pc) reads `x` from rs1; for other
    /// instructions, the register may have changed.
    fn sample(samples: &mut Samples, x: u32) -> [u32; 4];
}

/// Items for an instruction that does not jump: it writes one word.
macro_rules! one_word_written {
    () => {
        type HostWrites = u32;
        const WRITES: &'static [usize] = &[1];

        #[inline(always)]
        fn write_word(writes: &u32, _value: usize, _word: usize) -> u32 {
            *writes
        }

        #[inline(always)]
        fn output(writes: u32) -> (u32, Option<u32>) {
            (writes, None)
        }
    };
}

/// No operands: `fn execute(&self, x: u32) -> u32`.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOperands;

impl AluOperands for NoOperands {
    type HostReads = u32;
    const READS: &'static [usize] = &[1];
    one_word_written!();

    fn decode(_word: u32, _pc: u32) -> [u32; 4] {
        [0; 4]
    }

    fn accepts(operands: [u32; 4]) -> bool {
        operands == [0; 4]
    }

    #[inline(always)]
    fn reads(x: u32, _operands: [u32; 4]) -> u32 {
        x
    }

    #[inline(always)]
    fn read_word(reads: &u32, _value: usize, _word: usize) -> u32 {
        *reads
    }
}

impl SampleAluOperands for NoOperands {
    fn sample(_samples: &mut Samples, _x: u32) -> [u32; 4] {
        [0; 4]
    }
}

/// The sign-extended immediate of the I format, as a word (value 1): `fn execute(&self, [x, imm]: [u32; 2]) -> u32`.
/// Operands: `c`, `d` = limbs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Immediate;

impl AluOperands for Immediate {
    type HostReads = [u32; 2];
    const READS: &'static [usize] = &[1, 1];
    one_word_written!();

    fn decode(word: u32, _pc: u32) -> [u32; 4] {
        let [low, high] = limbs(Fields(word).i_imm().cast_unsigned());
        [low, high, 0, 0]
    }

    fn accepts([low, high, e, f]: [u32; 4]) -> bool {
        are_limbs(&[low, high]) && [e, f] == [0; 2]
    }

    #[inline(always)]
    fn reads(x: u32, [low, high, ..]: [u32; 4]) -> [u32; 2] {
        [x, word(low, high)]
    }

    #[inline(always)]
    fn read_word(reads: &[u32; 2], value: usize, _word: usize) -> u32 {
        reads[value]
    }
}

impl SampleAluOperands for Immediate {
    fn sample(samples: &mut Samples, _x: u32) -> [u32; 4] {
        let [low, high] = limbs(samples.word());
        [low, high, 0, 0]
    }
}

/// [`Immediate`], with the top bit flipped for SLTI, so that a comparison has to flip only the bit of rs1.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrderImmediate;

impl AluOperands for OrderImmediate {
    type HostReads = [u32; 2];
    const READS: &'static [usize] = Immediate::READS;
    one_word_written!();

    fn decode(word: u32, pc: u32) -> [u32; 4] {
        const SLTI: u32 = 2;
        let [low, high, ..] = Immediate::decode(word, pc);
        [low, if Fields(word).funct3() == SLTI { high ^ 0x8000 } else { high }, 0, 0]
    }

    fn accepts(operands: [u32; 4]) -> bool {
        Immediate::accepts(operands)
    }

    #[inline(always)]
    fn reads(x: u32, operands: [u32; 4]) -> [u32; 2] {
        Immediate::reads(x, operands)
    }

    #[inline(always)]
    fn read_word(reads: &[u32; 2], value: usize, word: usize) -> u32 {
        Immediate::read_word(reads, value, word)
    }
}

impl SampleAluOperands for OrderImmediate {
    fn sample(samples: &mut Samples, x: u32) -> [u32; 4] {
        Immediate::sample(samples, x)
    }
}

/// The sign-extended immediate of the I format, as bytes: single cells with byte 0 (value 1), byte 1 (value 2), and the
/// byte that is both byte 2 and byte 3 (value 3). `fn execute(&self, [x, imm]: [u32; 2]) -> u32`. Operands: `c`, `d`,
/// `e` = the bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImmediateBytes;

impl AluOperands for ImmediateBytes {
    type HostReads = [u32; 2];
    const READS: &'static [usize] = &[1, 0, 0, 0];
    one_word_written!();

    fn decode(word: u32, _pc: u32) -> [u32; 4] {
        let [b0, b1, b2, _] = Fields(word).i_imm().to_le_bytes().map(u32::from);
        [b0, b1, b2, 0]
    }

    fn accepts([b0, b1, b2, f]: [u32; 4]) -> bool {
        [b0, b1, b2].iter().all(|byte| *byte < 1 << 8) && f == 0
    }

    #[inline(always)]
    fn reads(x: u32, [b0, b1, b2, _]: [u32; 4]) -> [u32; 2] {
        [x, word(b0.wrapping_add(b1 << 8), b2.wrapping_add(b2 << 8))]
    }

    #[inline(always)]
    fn read_word(&[x, imm]: &[u32; 2], value: usize, _word: usize) -> u32 {
        match value {
            0 => x,
            byte => imm >> (8 * (byte - 1)) & 0xFF,
        }
    }
}

impl SampleAluOperands for ImmediateBytes {
    fn sample(samples: &mut Samples, _x: u32) -> [u32; 4] {
        let [b0, b1, b2, _] = samples.word().to_le_bytes().map(u32::from);
        [b0, b1, b2, 0]
    }
}

/// Values that a shift by a constant reads.
#[derive(Clone, Copy, Debug)]
pub struct ShiftReads {
    /// rs1.
    pub x: u32,
    /// k, the bit at which cells are cut: 0 to 16.
    pub bits: u32,
    /// q, the number of cells to move by: 0 or 1.
    pub cells: u32,
}

/// A shift by the constant `16·q + r`. Single cells: k (value 1), 2^k (2), 2^(16 − k) (3) and q (4), where cells are
/// cut at bit k = 16 − r for SLLI and k = r for other words. Operands: `c` to `f` = these.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShiftAmount;

impl AluOperands for ShiftAmount {
    type HostReads = ShiftReads;
    const READS: &'static [usize] = &[1, 0, 0, 0, 0];
    one_word_written!();

    fn decode(word: u32, _pc: u32) -> [u32; 4] {
        const LEFT: u32 = 1;
        let fields = Fields(word);
        let (q, r) = (u32::from(fields.rs2()) / 16, u32::from(fields.rs2()) % 16);
        Self::operands(if fields.funct3() == LEFT { 16 - r } else { r }, q)
    }

    fn accepts(operands: [u32; 4]) -> bool {
        let [bits, _, _, q] = operands;
        bits <= 16 && q <= 1 && operands == Self::operands(bits, q)
    }

    #[inline(always)]
    fn reads(x: u32, [bits, _, _, cells]: [u32; 4]) -> ShiftReads {
        ShiftReads { x, bits, cells }
    }

    #[inline(always)]
    fn read_word(reads: &ShiftReads, value: usize, _word: usize) -> u32 {
        match value {
            0 => reads.x,
            1 => reads.bits,
            2 => 1 << reads.bits,
            3 => 1 << (16 - reads.bits),
            _ => reads.cells,
        }
    }
}

impl SampleAluOperands for ShiftAmount {
    fn sample(samples: &mut Samples, _x: u32) -> [u32; 4] {
        let (q, r) = (samples.below(2), samples.below(16));
        Self::operands(if samples.opcode() == ShiftImm::SLLI.global_opcode() { 16 - r } else { r }, q)
    }
}

impl ShiftAmount {
    /// Returns the operands of a cut at bit `bits` (at most 16) and a move by `cells` cells.
    pub const fn operands(bits: u32, cells: u32) -> [u32; 4] {
        [bits, 1 << bits, 1 << (16 - bits), cells]
    }
}

/// Values that an indirect jump reads.
#[derive(Clone, Copy, Debug)]
pub struct JumpReads {
    /// rs1.
    pub x: u32,
    /// Sign-extended immediate.
    pub imm: u32,
    /// `pc + 4`.
    pub link: u32,
}

/// Values that an indirect jump writes.
#[derive(Clone, Copy, Debug)]
pub struct JumpWrites {
    /// Word for rd.
    pub link: u32,
    /// The next pc.
    pub to_pc: u32,
}

/// An indirect jump: the immediate of the I format (value 1) and `pc + 4` (value 2), as words. The core also writes the
/// next pc (value 1, a single cell). Operands: (`c`, `d`) and (`e`, `f`) = limbs.
///
/// Soundness: the core proves that the next pc is an integer below p, so that it denotes one instruction.
#[derive(Clone, Copy, Debug, Default)]
pub struct Jump;

impl AluOperands for Jump {
    type HostReads = JumpReads;
    type HostWrites = JumpWrites;
    const READS: &'static [usize] = &[1, 1, 1];
    const WRITES: &'static [usize] = &[1, 0];

    fn decode(word: u32, pc: u32) -> [u32; 4] {
        let ([c, d], [e, f]) = (limbs(Fields(word).i_imm().cast_unsigned()), limbs(pc.wrapping_add(PC_STEP)));
        [c, d, e, f]
    }

    fn accepts(operands: [u32; 4]) -> bool {
        are_limbs(&operands)
    }

    #[inline(always)]
    fn reads(x: u32, [c, d, e, f]: [u32; 4]) -> JumpReads {
        JumpReads { x, imm: word(c, d), link: word(e, f) }
    }

    #[inline(always)]
    fn read_word(reads: &JumpReads, value: usize, _word: usize) -> u32 {
        [reads.x, reads.imm, reads.link][value]
    }

    #[inline(always)]
    fn write_word(writes: &JumpWrites, value: usize, _word: usize) -> u32 {
        [writes.link, writes.to_pc][value]
    }

    #[inline(always)]
    fn output(writes: JumpWrites) -> (u32, Option<u32>) {
        (writes.link, Some(writes.to_pc))
    }
}

impl SampleAluOperands for Jump {
    fn sample(samples: &mut Samples, x: u32) -> [u32; 4] {
        // The jump clears bit 0 of the sum.
        let sum = samples.target() | samples.below(2);
        let ([c, d], [e, f]) = (limbs(sum.wrapping_sub(x)), limbs(samples.pc().wrapping_add(PC_STEP)));
        [c, d, e, f]
    }
}
