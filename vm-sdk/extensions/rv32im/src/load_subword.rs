//! LB, LBU, LH and LHU.

use std::borrow::{Borrow, BorrowMut};

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{AdapterAirContext, AdapterRuntimeContext, ExecutionResult, RANGE_BUS, VmCoreAir, VmCoreChip};
use vm_core::instructions::{Instruction, VmOpcode};
use vm_core::stark::{F, VmAirBuilder};
use vm_derive::AlignedBorrow;

use crate::adapters::{LoadAdapter, LoadInstruction, LoadInterface, LoadedWord, check_aligned};
use crate::opcodes::LoadSubwordOpcode;
use crate::support::{air_part, cells, chip, limbs, local_opcode, opcode_expr, opcode_name};

/// Columns of [`LoadSubwordCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct LoadSubwordCols<T> {
    /// Cells of the word in memory; memory bus.
    pub word: [T; 2],
    /// Low bit of the pointer; boolean, and zero for half-words. With `in_high`, fixed by the pointer:
    /// the word's is aligned.
    pub odd: T,
    /// The access is in the high cell: second bit of the pointer; boolean.
    pub in_high: T,
    /// The byte loaded, or the high byte of the half-word loaded; range-checked, and fixed by the cell.
    pub top: T,
    /// The cell's other byte; as `top`.
    pub other: T,
    /// Sign that is extended; boolean, zero for LBU and LHU, else fixed by the range check of `top − 128·sign`.
    pub sign: T,
    /// Low cell of the result; fixed by a constraint. The high cell is 2^16 − 1 times the sign.
    pub low: T,
    /// The row is an instruction; boolean.
    pub is_valid: T,
    /// The row is an LBU or LHU; boolean, and with `is_half` fixed by the opcode in the program lookup.
    pub is_unsigned: T,
    /// The row is an LH or LHU; as `is_unsigned`.
    pub is_half: T,
}

/// LB, LBU, LH and LHU: the accessed cell of the word is split into bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadSubwordCore;

air_part!(LoadSubwordCore, LoadSubwordCols, "core", [is_valid]);

chip! {
    /// LB, LBU, LH and LHU.
    LoadSubwordChip = "LoadSubword": LoadAdapter, LoadSubwordCore
}

impl<AB: VmAirBuilder> VmCoreAir<AB, LoadInterface> for LoadSubwordCore {
    fn eval(
        &self,
        builder: &mut AB,
        local: &[AB::Var],
        _from_pc: AB::Var,
    ) -> AdapterAirContext<AB::Expr, LoadInterface> {
        let cols: &LoadSubwordCols<AB::Var> = local.borrow();
        let is_valid = cols.is_valid;
        for flag in [is_valid, cols.is_unsigned, cols.is_half, cols.odd, cols.in_high, cols.sign] {
            builder.assert_bool(flag);
        }
        // Soundness: with the two bits boolean, the offset is in 0..4, and even for half-words. Only the offset that makes
        // the word's pointer aligned has a source on the memory bus.
        builder.when(cols.is_half).assert_zero(cols.odd);

        // Soundness: both bytes are range-checked, so the split of the cell is unique; `top` is the cell's high byte
        // for odd pointers and for half-words.
        let top_is_high = cols.is_half + cols.odd;
        let cell = cols.word[0] + (cols.word[1] - cols.word[0]) * cols.in_high;
        let bytes = cols.top + cols.other * F::from_u32(1 << 8);
        let exchange = (cols.top - cols.other) * F::from_u32((1 << 8) - 1);
        builder.assert_eq(cell, bytes + top_is_high * exchange);

        // Soundness: for a signed load top − 128·sign has seven bits, which forces the sign to be the top bit; for an
        // unsigned one the sign is zero, and top has eight bits. Seven bits imply eight.
        builder.when(cols.is_unsigned).assert_zero(cols.sign);
        let magnitude = cols.top - cols.sign * F::from_u32(1 << 7);
        let magnitude_bits = cols.is_unsigned + AB::Expr::from_u32(7);
        RANGE_BUS.query(builder, [magnitude, magnitude_bits], is_valid);
        RANGE_BUS.query(builder, [cols.other.into(), AB::Expr::from_u32(8)], is_valid);

        // Soundness: the result's cells are below 2^16: two bytes, or a byte below 2^8 with sign · 0xFF00 above it.
        let byte = cols.top + cols.sign * F::from_u32(0xFF00);
        let half = cols.other + cols.top * F::from_u32(1 << 8);
        builder.assert_eq(cols.low, byte.clone() + (half - byte) * cols.is_half);

        // Soundness: LB, LBU, LH, LHU are numbered in this order, so the opcode fixes both flags.
        let opcode = opcode_expr::<AB::Expr>(LoadSubwordOpcode::LB) + cols.is_unsigned + cols.is_half * F::TWO;
        AdapterAirContext {
            to_pc: None,
            reads: cols.word.map(Into::into),
            writes: [cols.low.into(), cols.sign * F::from_u32(0xFFFF)],
            instruction: LoadInstruction {
                is_valid: is_valid.into(),
                opcode,
                offset: cols.odd + cols.in_high * F::TWO,
            },
        }
    }
}

/// Word and pointer of a load.
#[derive(Clone, Copy, Debug)]
pub struct LoadSubwordRecord {
    word: u32,
    offset: u32,
}

/// The result of an opcode on the byte or half-word at bit `8 · offset` of `word`.
#[inline(always)]
const fn compute(opcode: LoadSubwordOpcode, word: u32, offset: u32) -> u32 {
    let shifted = word >> (8 * offset);
    match opcode {
        LoadSubwordOpcode::LB => shifted as u8 as i8 as u32,
        LoadSubwordOpcode::LBU => shifted as u8 as u32,
        LoadSubwordOpcode::LH => shifted as u16 as i16 as u32,
        LoadSubwordOpcode::LHU => shifted as u16 as u32,
    }
}

/// Bytes accessed.
#[inline(always)]
const fn width(opcode: LoadSubwordOpcode) -> u32 {
    match opcode {
        LoadSubwordOpcode::LB | LoadSubwordOpcode::LBU => 1,
        LoadSubwordOpcode::LH | LoadSubwordOpcode::LHU => 2,
    }
}

impl VmCoreChip<LoadInterface> for LoadSubwordCore {
    type Record = LoadSubwordRecord;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    #[inline(always)]
    fn execute_instruction(
        &self,
        instruction: &Instruction,
        from_pc: u32,
        LoadedWord { pointer, word }: LoadedWord,
    ) -> ExecutionResult<(AdapterRuntimeContext<LoadInterface>, LoadSubwordRecord)> {
        let opcode = local_opcode(instruction, from_pc)?;
        check_aligned(pointer, width(opcode), from_pc)?;
        let offset = pointer % 4;
        let value = compute(opcode, word, offset);
        Ok((AdapterRuntimeContext::without_pc(value), LoadSubwordRecord { word, offset }))
    }

    fn get_opcode_name(&self, opcode: VmOpcode) -> String {
        opcode_name::<LoadSubwordOpcode>(opcode)
    }

    #[inline(always)]
    fn generate_trace_row(&self, row: &mut [F], instruction: &Instruction, from_pc: u32, record: &LoadSubwordRecord) {
        let LoadSubwordRecord { word, offset } = *record;
        let cols: &mut LoadSubwordCols<F> = row.borrow_mut();
        // An opcode of another class never reaches a record.
        let Ok(opcode) = local_opcode(instruction, from_pc) else { return };
        let value = compute(opcode, word, offset);
        let [low, high] = [0, 8].map(|bit| (word >> (16 * (offset / 2) + bit)) & 0xFF);
        let (top, other) = if width(opcode) == 2 || offset % 2 == 1 { (high, low) } else { (low, high) };
        cols.word = cells(word);
        cols.odd = F::from_u32(offset % 2);
        cols.in_high = F::from_u32(offset / 2);
        cols.top = F::from_u32(top);
        cols.other = F::from_u32(other);
        cols.sign = F::from_bool(value >> 31 == 1);
        cols.low = F::from_u32(limbs(value)[0]);
        cols.is_valid = F::ONE;
        cols.is_unsigned = F::from_bool(matches!(opcode, LoadSubwordOpcode::LBU | LoadSubwordOpcode::LHU));
        cols.is_half = F::from_bool(width(opcode) == 2);
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use vm_core::arch::ExecutionError;
    use vm_core::instructions::{Instruction, LocalOpcode};
    use vm_core::system::memory::{MAIN_SPACE, MemoryError};

    use super::*;
    use crate::opcodes::register;
    use crate::test_util::{Case, Columns, Guard, Verdict, check, cost};

    /// Bytes with and without top bit at every position.
    const TEST_WORDS: [u32; 6] = [0x7FFF_0080, 0x8000_FF7F, 0x0102_8384, 0xF1F2_7374, 0, u32::MAX];

    fn case(opcode: LoadSubwordOpcode, offset: u32, word: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(5), register(6), offset, 0]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), 0x1_0000)
            .memory(MAIN_SPACE, 0x1_0000, word)
    }

    /// Every opcode at every aligned offset.
    fn positions() -> impl Iterator<Item = (LoadSubwordOpcode, u32)> {
        LoadSubwordOpcode::ALL
            .iter()
            .flat_map(|&opcode| (0..4).step_by(width(opcode) as usize).map(move |offset| (opcode, offset)))
    }

    #[test]
    fn bytes_and_half_words_are_extended_as_specified() {
        for word in TEST_WORDS {
            for (opcode, offset) in positions() {
                let at = offset as usize;
                let bytes = word.to_le_bytes();
                let expected = match opcode {
                    LoadSubwordOpcode::LB => i32::from(bytes[at] as i8) as u32,
                    LoadSubwordOpcode::LBU => u32::from(bytes[at]),
                    LoadSubwordOpcode::LH => i32::from(i16::from_le_bytes([bytes[at], bytes[at + 1]])) as u32,
                    LoadSubwordOpcode::LHU => u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]])),
                };
                let outcome = case(opcode, offset, word).run::<LoadSubwordChip>().unwrap();
                assert_eq!(outcome.register(register(5)), expected, "{opcode:?} byte {offset} of {word:#x}");
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<LoadSubwordChip>(), (25, 36));
        let words = TEST_WORDS.into_iter().take(3);
        let cases: Vec<_> =
            words.flat_map(|word| positions().map(move |(opcode, offset)| case(opcode, offset, word))).collect();
        let mut report = check::<LoadSubwordChip>(&cases);
        for (case, columns) in special_claims() {
            match case.trial::<LoadSubwordChip>().with(&columns) {
                Verdict::Refused(guards) if guards.len() == 1 => report.idle.retain(|guard| *guard != guards[0]),
                verdict => panic!("{case:?}, {columns:?}: {verdict:?}"),
            }
        }
        // Idle: an odd half-word (6) and the high cell's range are for pointers that the host refuses, see below.
        report.expect(&[], &[Guard::Constraint(6), Guard::Lookup(5)]);
    }

    /// Changes that only one constraint refuses: what a prover could do without it.
    fn special_claims() -> [(Case, Columns); 3] {
        let int = F::from_u32;
        let half = F::ONE.halve();
        let bytes = |top: u32, other: u32, low: u32| {
            [("core.top", int(top)), ("core.other", int(other)), ("core.low", int(low))]
        };
        let place = |odd: F, in_high: F| [("core.odd", odd), ("core.in_high", in_high)];
        [
            // Half an LBU and half an LH.
            (
                case(LoadSubwordOpcode::LBU, 0, 0x0101),
                [&[("core.is_unsigned", F::ZERO), ("core.is_half", half)][..], &bytes(1, 1, 129)].concat(),
            ),
            // Byte 1 as byte −1 of the high cell, and as the low byte of a mean of both cells.
            (case(LoadSubwordOpcode::LBU, 1, 0x0101_7F00), [&place(-F::ONE, F::ONE)[..], &bytes(1, 1, 1)].concat()),
            (
                case(LoadSubwordOpcode::LBU, 1, 0x0002_7F00),
                [&place(F::ZERO, half)[..], &bytes(0x81, 0x3F, 0x81)].concat(),
            ),
        ]
    }

    #[test]
    fn a_half_word_at_an_odd_pointer_has_no_witness() {
        let trial = case(LoadSubwordOpcode::LHU, 0, 0).trial::<LoadSubwordChip>();
        let changes = [("core.odd", F::ONE), ("adapter.address.base[0]", F::ONE)];
        let Verdict::Refused(guards) = trial.with(&changes) else { panic!("accepted") };
        assert!(guards.contains(&Guard::Constraint(6)), "{guards:?}");
    }

    #[test]
    fn a_pointer_beyond_the_field_is_not_a_small_one() {
        // base = p + 4: the pointer is 4 modulo p.
        let [low, high] = cells(F::ORDER_U32 + 4);
        let trial = case(LoadSubwordOpcode::LB, 0, 7)
            .register(register(6), 4)
            .memory(MAIN_SPACE, 4, 7)
            .trial::<LoadSubwordChip>();
        let changes = [("adapter.address.base[0]", low), ("adapter.address.base[1]", high)];
        let Verdict::Refused(guards) = trial.with(&changes) else { panic!("accepted") };
        assert!(guards.contains(&Guard::Lookup(5)), "{guards:?}");
        assert!(!guards.iter().any(|guard| matches!(guard, Guard::Constraint(_))));
    }

    #[test]
    fn half_words_at_odd_pointers_are_errors() {
        for opcode in [LoadSubwordOpcode::LH, LoadSubwordOpcode::LHU] {
            for offset in [1, 3] {
                let error = case(opcode, offset, 0).run::<LoadSubwordChip>().map(|_| ()).unwrap_err();
                let source = MemoryError::Misaligned { pointer: 0x1_0000 + offset, width: 2 };
                assert_eq!(*error, ExecutionError::Memory { pc: 0x1000, source });
            }
        }
    }
}
