//! A step of CRC-32: one row per instruction, with the bits as columns.

use vm_sdk::arch::testing::check_instruction;
use vm_sdk::prelude::*;

use crate::{Provers, Test, assert_forgery, complaint, instruction, program};

/// Polynomial of CRC-32, bits in reverse order.
const POLYNOMIAL: u32 = 0xEDB8_8320;

/// Divides a state by the polynomial, eight bits at a time.
const fn reduce(mut state: u32) -> u32 {
    let mut bit = 0;
    while bit < 8 {
        state = state >> 1 ^ if state & 1 == 1 { POLYNOMIAL } else { 0 };
        bit += 1;
    }
    state
}

/// Adds a byte to a state.
const fn crc_step(state: u32, byte: u8) -> u32 {
    reduce(state ^ byte as u32)
}

/// Constraint that the author forgot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// The bits of the byte are those of the operand.
    Tie,
}

/// `crc rd, rs1, rs2`: adds the low byte of rs2 to the state in rs1.
#[instruction(adapter = Rv32Alu, columns = CrcCols, encode(custom1, funct3 = 0, funct7 = 0))]
#[derive(Clone, Debug)]
pub(crate) struct Crc {
    dropped: Option<Dropped>,
    /// Byte that a cheating host adds instead of that of the operand.
    cheats: Option<u8>,
}

#[columns]
pub(crate) struct CrcCols<T> {
    #[read(0)]
    state: Bits<T>,
    #[read(1)]
    operand: Bytes<T>,
    /// Low byte of the operand.
    #[bool]
    byte: [T; 8],
    /// Exclusive or of the byte and the low byte of the state.
    index: [T; 8],
    /// Half of the even part of the sum of which a bit of the result is the parity.
    #[range(3)]
    half: [T; 32],
    #[write(0)]
    result: Bits<T>,
}

impl Crc {
    /// Returns the byte that the host adds.
    fn byte(&self, operand: u32) -> u8 {
        self.cheats.unwrap_or(operand as u8)
    }
}

/// Returns the number with these bits, lowest first.
fn number<B: CoreBuilder>(bits: &[B::Var]) -> B::Expr {
    bits.iter().enumerate().fold(B::Expr::ZERO, |sum, (i, bit)| sum + *bit * F::from_u32(1 << i))
}

#[instruction]
impl Core for Crc {
    fn execute(&self, [state, operand]: [u32; 2]) -> u32 {
        crc_step(state, self.byte(operand))
    }

    fn witness(&self, io: &Io<Self>, cols: &mut CrcCols<F>) {
        let [state, operand] = io.reads;
        let byte = self.byte(operand);
        let index = byte ^ state as u8;
        for k in 0..8 {
            cols.byte[k] = F::from_u8(byte >> k & 1);
            cols.index[k] = F::from_u8(index >> k & 1);
        }
        for (j, half) in cols.half.iter_mut().enumerate() {
            let ones = (0..8).filter(|k| index >> k & 1 == 1 && reduce(1 << k) >> j & 1 == 1).count() as u32;
            let shifted = state >> 8 >> j & 1;
            *half = F::from_u32((ones + shifted) / 2);
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &CrcCols<B::Var>) {
        if self.dropped != Some(Dropped::Tie) {
            b.assert_eq(cols.operand[0], number::<B>(&cols.byte));
        }
        for k in 0..8 {
            let (x, y) = (cols.state[k], cols.byte[k]);
            b.assert_eq(cols.index[k], x + y - x * y * F::TWO);
        }
        for j in 0..32 {
            // The reduction is linear: it is the exclusive or of the reductions of the single bits.
            let shifted = cols.state.get(j + 8).map_or(B::Expr::ZERO, |bit| (*bit).into());
            let sum = (0..8).filter(|k| reduce(1 << k) >> j & 1 == 1).fold(shifted, |sum, k| sum + cols.index[k]);
            // Soundness: the sum is at most 9, and the half is below 8, so this is an equation of integers. The bit of
            // the result is boolean, so it is the parity of the sum.
            b.assert_eq(cols.result[j] + cols.half[j] + cols.half[j], sum);
        }
    }
}

/// Extension with the instruction.
#[vm_extension(instructions(Crc = Crc { dropped: self.dropped, cheats: self.cheats }), tests = false)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CrcExtension {
    dropped: Option<Dropped>,
    cheats: Option<u8>,
}

#[test]
fn the_steps_of_a_message_are_its_crc() {
    let state = b"123456789".iter().fold(!0, |state, byte| crc_step(state, *byte));
    assert_eq!(!state, 0xCBF4_3926);
}

#[test]
fn the_complete_chip_passes_the_generated_test() {
    check_instruction::<_, Crc>(&CrcExtension::default());
}

#[test]
fn the_generated_test_finds_the_missing_tie() {
    let careless = CrcExtension { dropped: Some(Dropped::Tie), cheats: None };
    let message = complaint(|| check_instruction::<_, Crc>(&careless));
    assert!(message.contains("a word that it sends to memory"), "{message}");
    assert!(message.contains("core.byte["), "{message}");
}

/// Runs `x3 = crc(x1, x2)`.
fn run(dropped: Option<Dropped>, cheats: Option<u8>) -> Test<CrcExtension> {
    let program = program(CrcExtension { dropped, cheats }).register(1, !0).register(2, 0xABCD_EF00 | u32::from(b'A'));
    program.instructions(crate::PC, [instruction([3, 1, 2])]).build().unwrap()
}

#[test]
fn without_the_tie_a_prover_adds_any_byte() {
    let dropped = Some(Dropped::Tie);
    let provers =
        Provers { careless: run(dropped, None), cheating: run(dropped, Some(b'Z')), complete: run(None, None) };
    // The operand is A, and the prover claims the CRC of Z.
    assert_eq!(provers.complete.modes().run.registers[3], crc_step(!0, b'A'));
    assert_eq!(provers.cheating.modes().run.registers[3], crc_step(!0, b'Z'));
    assert_forgery(&provers, "Crc", "core.operand[0] - (");
}
