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
use crate::support::{air_part, cells, chip, flag, limbs, local_opcode, opcode_expr, opcode_name};

/// Columns of [`LoadSubwordCore`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct LoadSubwordCols<T> {
    /// Cells of the word in memory; memory bus.
    pub word: [T; 2],
    /// Low bit of the pointer; boolean, and zero for half-words. With `in_high` and the word's number, fixed by the
    /// pointer.
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
    /// The row is an LB; boolean, and part of the opcode that the program lookup fixes.
    pub is_lb: T,
    /// The row is an LBU; as `is_lb`.
    pub is_lbu: T,
    /// The row is an LH; as `is_lb`.
    pub is_lh: T,
    /// The row is an LHU; as `is_lb`.
    pub is_lhu: T,
}

/// LB, LBU, LH and LHU: the accessed cell of the word is split into bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadSubwordCore;

air_part!(LoadSubwordCore, LoadSubwordCols, "core", [is_lb, is_lbu, is_lh, is_lhu]);

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
        let flags = [cols.is_lb, cols.is_lbu, cols.is_lh, cols.is_lhu];
        let is_byte = cols.is_lb + cols.is_lbu;
        let is_half = cols.is_lh + cols.is_lhu;
        let is_signed = cols.is_lb + cols.is_lh;
        let is_valid = is_byte.clone() + is_half.clone();
        for flag in flags {
            builder.assert_bool(flag);
        }
        builder.assert_bool(is_valid.clone());
        builder.assert_bool(cols.odd);
        builder.assert_bool(cols.in_high);
        builder.assert_bool(cols.sign);
        // Soundness: with the two bits boolean, the offset is in 0..4, and even for half-words (no misaligned access).
        builder.when(is_half.clone()).assert_zero(cols.odd);

        // Soundness: both bytes are range-checked, so the split of the cell is unique; `top` is the cell's high byte
        // for odd pointers and for half-words.
        let top_is_high = is_half.clone() + cols.odd;
        let cell = cols.word[0] + (cols.word[1] - cols.word[0]) * cols.in_high;
        let bytes = cols.top + cols.other * F::from_u32(1 << 8);
        let exchange = (cols.top - cols.other) * F::from_u32((1 << 8) - 1);
        builder.assert_eq(cell, bytes + top_is_high * exchange);

        // Soundness: for a signed load top − 128·sign has seven bits, which forces the sign to be the top bit; for an
        // unsigned one the sign is zero, and top has eight bits. Seven bits imply eight.
        builder.when(cols.is_lbu + cols.is_lhu).assert_zero(cols.sign);
        let magnitude = cols.top - cols.sign * F::from_u32(1 << 7);
        RANGE_BUS.query(builder, [magnitude, AB::Expr::from_u32(8) - is_signed], is_valid.clone());
        RANGE_BUS.query(builder, [cols.other.into(), AB::Expr::from_u32(8)], is_valid.clone());

        // Soundness: the result's cells are below 2^16: two bytes, or a byte below 2^8 with sign · 0xFF00 above it.
        let byte = cols.top + cols.sign * F::from_u32(0xFF00);
        let half = cols.other + cols.top * F::from_u32(1 << 8);
        builder.assert_eq(cols.low, is_byte * byte + is_half * half);

        let opcode = opcode_expr::<AB::Expr>(LoadSubwordOpcode::LB) * cols.is_lb
            + opcode_expr::<AB::Expr>(LoadSubwordOpcode::LBU) * cols.is_lbu
            + opcode_expr::<AB::Expr>(LoadSubwordOpcode::LH) * cols.is_lh
            + opcode_expr::<AB::Expr>(LoadSubwordOpcode::LHU) * cols.is_lhu;
        AdapterAirContext {
            to_pc: None,
            reads: cols.word.map(Into::into),
            writes: [cols.low.into(), cols.sign * F::from_u32(0xFFFF)],
            instruction: LoadInstruction { is_valid, opcode, offset: cols.odd + cols.in_high * F::TWO },
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
        cols.is_lb = flag(instruction, LoadSubwordOpcode::LB);
        cols.is_lbu = flag(instruction, LoadSubwordOpcode::LBU);
        cols.is_lh = flag(instruction, LoadSubwordOpcode::LH);
        cols.is_lhu = flag(instruction, LoadSubwordOpcode::LHU);
    }
}
