//! Execution of an annotated multi-row instruction, and the filling of its rows.

use std::borrow::BorrowMut;
use std::marker::PhantomData;

use p3_field::PrimeCharacteristicRing;

use crate::arch::authoring::MultiRowCore;
use crate::arch::authoring::instruction_core::fill;
use crate::arch::authoring::roles::{Carried, Form, RegisterRole};
use crate::arch::{
    AirPart, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, MAIN_SPACE, MemoryController,
    NUM_REGISTERS, REGISTER_SPACE, WriteAux, cells_of, names_of, width_of,
};
use crate::instructions::{Instruction, PC_STEP};
use crate::stark::{F, Instances};

use super::air::Parts;
use super::{Access, MAX_ACCESSES, ONE_WORD, OPERANDS, Place, Row, RowCore, RowFrame, When, check_rows};

/// Places of the framework's columns and ticks of the accesses of an instruction.
pub(super) struct Layout<I>(PhantomData<I>);

impl<I: RowCore> Layout<I> {
    pub(super) const FRAME: usize = width_of::<RowFrame<u8>>();
    /// 1 if there is a column `is_active`, else 0.
    pub(super) const ACTIVE: usize = {
        let (mut i, mut counts) = (0, 0);
        while i < I::ROLES.registers.len() {
            counts += I::ROLES.registers[i].counts as usize;
            i += 1;
        }
        counts
    };
    /// Number of operands: up to the last one that is used.
    pub(super) const OPERANDS: usize = {
        let (mut i, mut end) = (0, 0);
        while i < I::ROLES.registers.len() {
            end = max(end, I::ROLES.registers[i].index + 1);
            i += 1;
        }
        max(end, max(operands(I::READS), operands(I::WRITES)))
    };
    /// Columns of the previous access of a word that is written.
    pub(super) const AUX: usize = width_of::<WriteAux<u8>>();
    /// First column of the author.
    pub(super) const CORE: usize = Self::FRAME
        + Self::ACTIVE
        + Self::OPERANDS
        + I::ROLES.registers.len()
        + I::READS.len()
        + Self::AUX * I::WRITES.len();
    /// Tick of the first word that is read, after the registers.
    pub(super) const READ_TICK: usize = I::ROLES.registers.len();
    /// Tick of the first word that is written.
    pub(super) const WRITE_TICK: usize = Self::READ_TICK + I::READS.len();
    /// Ticks of a row.
    pub(super) const TICKS: usize = Self::WRITE_TICK + I::WRITES.len();
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

const fn operands(accesses: &[Access]) -> usize {
    let (mut i, mut end) = (0, 0);
    while i < accesses.len() {
        end = max(end, accesses[i].operand() + 1);
        i += 1;
    }
    end
}

impl RegisterRole {
    /// Returns what a row adds to the number.
    pub(super) const fn change(&self) -> i32 {
        if self.counts { -1 } else { self.step }
    }

    /// Returns the number of bits of the high cell, if contents are limited.
    pub(super) const fn high_bits(&self) -> Option<usize> {
        if self.bits < 32 { Some(self.bits - 16) } else { None }
    }
}

/// An annotated multi-row instruction as a [`MultiRowCore`].
#[derive(Clone, Debug)]
pub struct RowsCore<I> {
    core: I,
}

/// Record of an access.
#[derive(Clone, Copy, Debug, Default)]
struct AccessRecord {
    /// Word that was read; for a write, the word before it.
    word: u32,
    prev_timestamp: u32,
}

/// Record of an execution.
#[derive(Clone, Debug)]
pub struct RowsRecord {
    rows: u32,
    /// Contents of registers, by operand.
    numbers: [u32; OPERANDS],
    /// Accesses to the registers, then of each row the reads and the writes.
    accesses: Vec<AccessRecord>,
}

impl<I: RowCore> RowsCore<I> {
    /// Evaluated when the chip is compiled. `#[instruction]` evaluates it earlier where it can.
    const CHECK: () = check_rows::<I>();

    pub(super) const fn new(core: I) -> Self {
        const { Self::CHECK };
        Self { core }
    }

    pub(super) const fn core(&self) -> &I {
        &self.core
    }

    /// Returns the number of rows of an execution.
    fn count(&self, numbers: &[u32; OPERANDS]) -> u32 {
        let rows = match I::ROLES.registers.iter().find(|register| register.counts) {
            Some(count) => numbers[count.index],
            None => self.core.rows(numbers),
        };
        rows.max(1)
    }

    /// Calls `visit` for each row of an execution, in order, with the state before the row, which it advances.
    #[inline(always)]
    fn for_each_row<E>(
        &self,
        rows: u32,
        numbers: &[u32; OPERANDS],
        mut visit: impl FnMut(&Row, &mut I::State) -> Result<(), E>,
    ) -> Result<(), E> {
        let count = I::ROLES.registers.iter().find(|register| register.counts);
        let is_active = count.is_none_or(|count| numbers[count.index] > 0);
        let (mut state, mut numbers) = (I::State::default(), *numbers);
        for index in 0..rows {
            visit(&Row { index, is_first: index == 0, is_last: index + 1 == rows, is_active, numbers }, &mut state)?;
            for register in I::ROLES.registers {
                numbers[register.index] = numbers[register.index].wrapping_add_signed(register.change());
            }
        }
        Ok(())
    }

    /// Returns why the prover may choose a cell of the framework's columns on this row, if it may. Soundness: these columns
    /// occur only in messages, with multiplicity zero on such rows.
    fn free_frame_cell(column: &str, row: &[F]) -> Option<&'static str> {
        let parts = Parts::of::<I>(row);
        let (group, rest) = column.split_once('[')?;
        let index: usize = rest.split(']').next()?.parse().ok()?;
        let (when, reason) = match group {
            "registers_prev" => (When::First, "registers are read by the first row"),
            "reads_prev" => (I::READS.get(index)?.when, "the row does not read the word"),
            "writes_prev" => (I::WRITES.get(index)?.when, "the row does not write the word"),
            _ => return None,
        };
        (parts.flag(when) == F::ZERO).then_some(reason)
    }
}

impl<I: RowCore> AirPart for RowsCore<I> {
    fn width(&self) -> usize {
        Layout::<I>::CORE + I::WIDTH
    }

    fn column_names(&self) -> Vec<String> {
        let mut names = names_of::<RowFrame<u8>>();
        names.extend((0..Layout::<I>::ACTIVE).map(|_| "is_active".to_owned()));
        names.extend((0..Layout::<I>::OPERANDS).map(|i| format!("operands[{i}]")));
        names.extend((0..I::ROLES.registers.len()).map(|i| format!("registers_prev[{i}]")));
        names.extend((0..I::READS.len()).map(|i| format!("reads_prev[{i}]")));
        let aux = names_of::<WriteAux<u8>>();
        names.extend((0..I::WRITES.len()).flat_map(|i| aux.iter().map(move |name| format!("writes_prev[{i}].{name}"))));
        names.extend(I::column_names().into_iter().map(|name| format!("core.{name}")));
        names
    }

    fn selectors(&self) -> Vec<usize> {
        RowFrame::<u8>::FLAGS.into_iter().chain((0..Layout::<I>::ACTIVE).map(|i| Layout::<I>::FRAME + i)).collect()
    }
}

impl<I: RowCore> MultiRowCore for RowsCore<I> {
    type Record = RowsRecord;

    fn accepts(&self, instruction: &Instruction) -> bool {
        let operands = operands_of(instruction);
        let (registers, others) = operands.split_at(Layout::<I>::OPERANDS);
        let is_register = |pointer: u32| pointer.is_multiple_of(4) && (pointer as usize) < 4 * NUM_REGISTERS;
        registers.iter().all(|operand| is_register(*operand)) && others.iter().all(|operand| *operand == 0)
    }

    fn instances(&self) -> Instances {
        // Soundness: see `RowFrame::eval`.
        Instances::Closed
    }

    fn free_cell(column: &str, row: &[F]) -> Option<&'static str> {
        match column.strip_prefix("core.") {
            Some(own) => <I as RowCore>::free_cell(own, I::cols(Parts::of::<I>(row).cells)),
            None => Self::free_frame_cell(column, row),
        }
    }

    #[inline]
    fn execute<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<(u32, RowsRecord)> {
        let refused = |source| ExecutionError::memory(from.pc, source);
        let operands = operands_of(instruction);
        let (mut numbers, mut accesses) = ([0; OPERANDS], Vec::new());
        for register in I::ROLES.registers {
            let (word, read) = memory.read(REGISTER_SPACE, operands[register.index]).map_err(refused)?;
            numbers[register.index] = word;
            if M::RECORD {
                accesses.push(AccessRecord { word, prev_timestamp: read.prev_timestamp });
            }
        }
        for register in I::ROLES.registers {
            let word = numbers[register.index];
            if register.bits < 32 && word >> register.bits != 0 {
                return Err(too_large(I::NAME, register, word, from.pc));
            }
        }
        let rows = self.count(&numbers);
        let [mut reads, mut writes] = [[0; MAX_ACCESSES]; 2];
        let (reads, writes) = (&mut reads[..I::READS.len()], &mut writes[..I::WRITES.len()]);
        self.for_each_row(rows, &numbers, |row, state| {
            if !row.is_first {
                (0..I::ROLES.registers.len()).for_each(|_| memory.tick());
            }
            let address = |access: &Access| match access.place {
                Place::Memory { operand, offset } => (MAIN_SPACE, row.numbers[operand].wrapping_add(offset)),
                Place::Register { operand } => (REGISTER_SPACE, operands[operand]),
            };
            for (access, word) in I::READS.iter().zip(&mut *reads) {
                let mut record = AccessRecord::default();
                if row.makes(access) {
                    let (space, pointer) = address(access);
                    let (content, read) = memory.read(space, pointer).map_err(refused)?;
                    record = AccessRecord { word: content, prev_timestamp: read.prev_timestamp };
                } else {
                    memory.tick();
                }
                *word = record.word;
                if M::RECORD {
                    accesses.push(record);
                }
            }
            self.core.execute(row, state, reads, writes);
            for (access, word) in I::WRITES.iter().zip(&*writes) {
                let mut record = AccessRecord::default();
                if row.makes(access) {
                    let (space, pointer) = address(access);
                    let write = memory.write(space, pointer, *word).map_err(refused)?;
                    record = AccessRecord { word: write.prev_data, prev_timestamp: write.prev_timestamp };
                } else {
                    memory.tick();
                }
                if M::RECORD {
                    accesses.push(record);
                }
            }
            Ok::<_, Box<ExecutionError>>(())
        })?;
        Ok((from.pc.wrapping_add(PC_STEP), RowsRecord { rows, numbers, accesses }))
    }

    fn rows(&self, record: &RowsRecord) -> usize {
        record.rows as usize
    }

    fn generate_rows(
        &self,
        cells: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        record: &RowsRecord,
    ) {
        let operands = operands_of(instruction).map(F::from_u32);
        let (registers, accesses) = record.accesses.split_at(I::ROLES.registers.len());
        let per_row = I::READS.len() + I::WRITES.len();
        let [mut reads, mut writes] = [[0; MAX_ACCESSES]; 2];
        let (reads, writes) = (&mut reads[..I::READS.len()], &mut writes[..I::WRITES.len()]);
        let mut rest = cells;
        let mut before: Option<&[F]> = None;
        let filled = self.for_each_row(record.rows, &record.numbers, |row, state| {
            let (cells, tail) = std::mem::take(&mut rest).split_at_mut(self.width());
            rest = tail;
            let index = row.index as usize;
            let of_row = &accesses[index * per_row..][..per_row];
            let (of_reads, of_writes) = of_row.split_at(I::READS.len());

            let (framework, own) = cells.split_at_mut(Layout::<I>::CORE);
            let (frame, framework) = framework.split_at_mut(Layout::<I>::FRAME);
            let frame: &mut RowFrame<F> = frame.borrow_mut();
            frame.fill(from, index, record.rows as usize, Layout::<I>::TICKS);
            let (active, framework) = framework.split_at_mut(Layout::<I>::ACTIVE);
            active.fill(F::from_bool(row.is_active));
            let (own_operands, framework) = framework.split_at_mut(Layout::<I>::OPERANDS);
            own_operands.copy_from_slice(&operands[..own_operands.len()]);
            let time = |record: &AccessRecord| F::from_u32(record.prev_timestamp);
            let (registers_prev, framework) = framework.split_at_mut(registers.len());
            if row.is_first {
                registers_prev.iter_mut().zip(registers).for_each(|(cell, record)| *cell = time(record));
            }
            let (reads_prev, writes_prev) = framework.split_at_mut(of_reads.len());
            reads_prev.iter_mut().zip(of_reads).for_each(|(cell, record)| *cell = time(record));
            for (aux, record) in writes_prev.chunks_exact_mut(Layout::<I>::AUX).zip(of_writes) {
                *aux.borrow_mut() = WriteAux { prev_timestamp: time(record), prev_data: cells_of(record.word) };
            }

            for register in I::ROLES.registers {
                let number = &mut own[register.span.offset..][..2];
                let content = record.numbers[register.index];
                if row.is_first || register.change() == 0 {
                    Form::Cells.fill(content, number);
                } else {
                    let change = F::from_i32(register.change()) * F::from_u32(row.index);
                    number[0] = F::from_u32(content) + change;
                }
            }
            if let Some(before) = before {
                for Carried { to, from } in I::ROLES.carried {
                    own[to.offset..][..to.columns].copy_from_slice(from.of(before));
                }
            }
            for (word, record) in reads.iter_mut().zip(of_reads) {
                *word = record.word;
            }
            let state_before = state.clone();
            self.core.execute(row, state, reads, writes);
            fill(own, I::ROLES.reads, &ONE_WORD, |value, _| reads[value]);
            fill(own, I::ROLES.writes, &ONE_WORD, |value, _| writes[value]);
            self.core.witness(row, &state_before, reads, writes, I::cols_mut(own));
            before = Some(own);
            Ok::<_, std::convert::Infallible>(())
        });
        let Ok(()) = filled;
    }
}

/// Returns the operands of an instruction, in order.
fn operands_of(instruction: &Instruction) -> [u32; OPERANDS] {
    let Instruction { a, b, c, d, e, f, g, .. } = *instruction;
    [a, b, c, d, e, f, g]
}

#[cold]
fn too_large(name: &str, register: &RegisterRole, word: u32, pc: u32) -> Box<ExecutionError> {
    let RegisterRole { index, bits, .. } = register;
    let message = format!("{name}: the register of operand {index} holds {word:#x}, and the limit is 2^{bits}");
    Box::new(ExecutionError::Fail { pc, message })
}
