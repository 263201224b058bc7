//! HINT_BUFFER: many words, one row and one step of the machine each.
//!
//! The number of words stored so far is in the register [`HINT_CURSOR`], which no guest instruction names: it is zero
//! when the instruction is reached, every step but the last returns to the same pc, and the last clears it.

use std::borrow::{Borrow, BorrowMut};

use p3_air::{Air, AirBuilder, WindowAccess};
use p3_field::{Field, PrimeCharacteristicRing};
use vm_core::arch::{ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, RANGE_BUS, SystemPort, VmState};
use vm_core::instructions::{Instruction, PC_STEP};
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MAIN_SPACE, MemoryAddress, REGISTER_SPACE, ReadRecord, WriteAux, WriteRecord};
use vm_derive::AlignedBorrow;

use super::{ANY_HINT, HintInstruction, HintStoreOpcode, hint_chip, out_of_hints};
use crate::adapters::address::HIGH_BITS;
use crate::adapters::{access_time, check_aligned, read_register, register_address, state_cells, write_cells};
use crate::opcodes::HINT_CURSOR;
use crate::support::{CELL, CELL_BITS, cells, limbs, opcode_expr};

/// Columns of [`HintBufferAir`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct HintBufferCols<T> {
    /// State before the step; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `b`; fixed by the program lookup.
    pub rd: T,
    /// Operand `c`; fixed by the program lookup.
    pub rs1: T,
    /// Cells of rd, the pointer to the first word; bound by the memory bus.
    pub base: [T; 2],
    /// Cells of rs1, the number of words; bound by the memory bus.
    pub count: [T; 2],
    /// Times of the previous accesses to rd and rs1; bound by the memory bus, and the distances are range-checked.
    pub reads_prev_timestamp: [T; 2],
    /// The cursor before the step and the time of its previous access; bound by the memory bus, and the distance is
    /// range-checked.
    pub cursor: WriteAux<T>,
    /// 1 if the cursor's low cell wraps to zero; boolean, and determined by the range check of the sum.
    pub cursor_carry: T,
    /// Cells of the cursor after the step: incremented, or zero after the last step; determined by a constraint.
    pub next_cursor: [T; 2],
    /// 1 for the last word; boolean, and determined by `count_inv`.
    pub is_last: T,
    /// Inverse of the difference between the incremented cursor and the count, if they differ.
    pub count_inv: T,
    /// Cells of the hint; free, but range-checked.
    pub data: [T; 2],
    /// Word that the hint replaces and the time of its previous access; bound by the memory bus, and the distance is
    /// range-checked.
    pub write: WriteAux<T>,
    /// Selector of used rows; boolean.
    pub is_valid: T,
}

/// HINT_BUFFER: reads rd and rs1, advances the cursor, writes a hint at `rd + 4·cursor`: four accesses.
#[derive(Clone, Copy, Debug, Default)]
pub struct HintBufferAir {
    port: SystemPort,
}

hint_chip! {
    /// HINT_BUFFER.
    HintBufferChip = HintBuffer: HintBufferAir, HintBufferCols, HINT_BUFFER,
    free = |column, cols| match column {
        "count_inv" if cols.is_last == F::ONE => Some("zero has no inverse, and the last step needs none"),
        _ => column.starts_with("data[").then_some(ANY_HINT),
    }
}

impl<AB: VmAirBuilder> Air<AB> for HintBufferAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let cols: &HintBufferCols<AB::Var> = main.current_slice().borrow();
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);
        let is_valid = cols.is_valid;
        let cursor = cols.cursor.prev_data;
        builder.assert_bool(is_valid);
        builder.assert_bool(cols.cursor_carry);

        let mut range = |value: AB::Expr, bits: usize| {
            RANGE_BUS.query(builder, [value, AB::Expr::from_usize(bits)], is_valid);
        };
        // Soundness: cursor[0] + 1 − 2^16·carry is in 0..2^16 for one carry only. cursor[1] stays far below 2^16,
        // because the pointer's high cell would leave its range earlier.
        let sum0 = cursor[0] + is_valid - cols.cursor_carry * CELL;
        let sum1 = cursor[1] + cols.cursor_carry;
        range(sum0.clone(), CELL_BITS);
        // Soundness: base + 4·cursor is an integer below 2^30 + 2^19 < p (M1), and only aligned pointers below 2^29
        // have a source (see `adapters::address`).
        let low = cols.base[0] + cursor[0] * F::from_u32(4);
        let high = cols.base[1] + cursor[1] * F::from_u32(4);
        range(high.clone(), HIGH_BITS);
        // Soundness: hints are new to memory, so they must be proven 16-bit (M12).
        range(cols.data[0].into(), CELL_BITS);
        range(cols.data[1].into(), CELL_BITS);

        // Soundness: is_last ≠ 0 implies that both cells are equal, and then is_last = 1 by the third constraint.
        // is_last = 0 implies that the values differ, even modulo p. So is_last is boolean, and a count above p is not
        // taken for a smaller one.
        let diff = [sum0.clone() - cols.count[0], sum1.clone() - cols.count[1]];
        for cell in &diff {
            builder.when(cols.is_last).assert_zero(cell.clone());
        }
        let [diff0, diff1] = diff;
        builder.assert_eq((diff0 + diff1 * CELL) * cols.count_inv, is_valid - cols.is_last);
        let not_last = AB::Expr::ONE - cols.is_last;
        builder.assert_eq(cols.next_cursor[0], sum0 * not_last.clone());
        builder.assert_eq(cols.next_cursor[1], sum1 * not_last);

        let [rd_prev, rs1_prev] = cols.reads_prev_timestamp;
        let base = cols.base.map(Into::into);
        let count = cols.count.map(Into::into);
        memory.read(builder, register_address::<AB>(cols.rd), base, time(0), rd_prev, is_valid);
        memory.read(builder, register_address::<AB>(cols.rs1), count, time(1), rs1_prev, is_valid);
        memory.write(
            builder,
            MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), AB::Expr::from_u32(HINT_CURSOR)),
            cols.next_cursor.map(Into::into),
            cursor.map(Into::into),
            time(2),
            cols.cursor.prev_timestamp,
            is_valid,
        );
        memory.write(
            builder,
            MemoryAddress::new(AB::Expr::from_u32(MAIN_SPACE), low + high * CELL),
            cols.data.map(Into::into),
            cols.write.prev_data.map(Into::into),
            time(3),
            cols.write.prev_timestamp,
            is_valid,
        );
        let opcode = opcode_expr::<AB::Expr>(HintStoreOpcode::HINT_BUFFER);
        let operands = [AB::Expr::ZERO, cols.rd.into(), cols.rs1.into()];
        let to_pc = cols.from_state.pc + cols.is_last * F::from_u32(PC_STEP);
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, Some(to_pc), 4, is_valid);
    }
}

/// Record of one step of HINT_BUFFER, from which its row is filled.
#[derive(Clone, Copy, Debug)]
pub struct HintBufferRecord {
    base: u32,
    count: u32,
    data: u32,
    reads: [ReadRecord; 2],
    cursor: WriteRecord,
    write: WriteRecord,
}

impl HintInstruction for HintBufferAir {
    type Record = HintBufferRecord;

    #[inline(always)]
    fn execute<M: ExecutionMode>(
        vm: &mut VmState<M>,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<(u32, HintBufferRecord)> {
        let memory_error = |source| ExecutionError::memory(pc, source);
        let (base, base_record) = read_register(&mut vm.memory, instruction.b, pc)?;
        let (count, count_record) = read_register(&mut vm.memory, instruction.c, pc)?;
        let at = vm.memory.memory().peek(REGISTER_SPACE, HINT_CURSOR).map_err(memory_error)?;
        if at == 0 {
            check_aligned(base, 4, pc)?;
            check_count(count, vm, pc)?;
        }
        let is_last = at.wrapping_add(1) == count;
        let next = if is_last { 0 } else { at.wrapping_add(1) };
        let cursor = vm.memory.write(REGISTER_SPACE, HINT_CURSOR, next).map_err(memory_error)?;
        // A pointer above 2^32 is out of range like every other pointer outside of main memory.
        let pointer = u32::try_from(u64::from(base) + 4 * u64::from(at)).unwrap_or(!3);
        let [data] = vm.streams.take_hints(pc)?;
        let write = vm.memory.write(MAIN_SPACE, pointer, data).map_err(memory_error)?;
        let to_pc = if is_last { pc.wrapping_add(PC_STEP) } else { pc };
        Ok((to_pc, HintBufferRecord { base, count, data, reads: [base_record, count_record], cursor, write }))
    }

    #[inline(always)]
    fn fill_row(row: &mut [F], instruction: &Instruction, from: ExecutionState<u32>, record: &HintBufferRecord) {
        let cols: &mut HintBufferCols<F> = row.borrow_mut();
        let at = record.cursor.prev_data;
        let next = at.wrapping_add(1);
        let is_last = next == record.count;
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.b);
        cols.rs1 = F::from_u32(instruction.c);
        cols.base = cells(record.base);
        cols.count = cells(record.count);
        cols.reads_prev_timestamp = record.reads.map(|read| F::from_u32(read.prev_timestamp));
        cols.cursor = write_cells(&record.cursor);
        cols.cursor_carry = F::from_bool(limbs(at)[0] == 0xFFFF);
        cols.next_cursor = if is_last { [F::ZERO; 2] } else { cells(next) };
        cols.is_last = F::from_bool(is_last);
        // Zero has no inverse, but then the step is the last one and needs none.
        cols.count_inv = (F::from_u32(next) - F::from_u32(record.count)).try_inverse().unwrap_or(F::ZERO);
        cols.data = cells(record.data);
        cols.write = write_cells(&record.write);
        cols.is_valid = F::ONE;
    }
}

/// Checks, before the first word, that there is something to store and that there are enough hints for it.
#[cold]
fn check_count<M: ExecutionMode>(count: u32, vm: &VmState<M>, pc: u32) -> ExecutionResult<()> {
    if count == 0 {
        let message = "HINT_BUFFER with a count of zero words; the count in rs1 must be positive".to_owned();
        return Err(Box::new(ExecutionError::Fail { pc, message }));
    }
    let requested = usize::try_from(4 * u64::from(count)).unwrap_or(usize::MAX);
    if vm.streams.hint_stream.len() < requested {
        return Err(out_of_hints(pc, requested, &vm.streams));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use vm_core::system::memory::MemoryError;

    use super::*;
    use crate::opcodes::register;
    use crate::support::CELL_INV;
    use crate::test_util::Columns;
    use vm_core::machine::testing::{Case, Guard, Verdict, check, cost};

    /// One step after `at` words have been stored.
    fn case(base: u32, count: u32, at: u32) -> Case {
        Case::new(Instruction::new(HintStoreOpcode::HINT_BUFFER, [0, register(6), register(7)]))
            .register(register(6), base)
            .register(register(7), count)
            .register(HINT_CURSOR, at)
            .memory(MAIN_SPACE, base.wrapping_add(4u32.wrapping_mul(at)) & 0x1FFF_FFFC, 0xDEAD_BEEF)
            .hints([0xEF, 0xCD, 0xAB, 0x89].repeat((count as usize).min(100)))
            .choices(&["data[0]", "data[1]"])
    }

    /// Bases, counts and cursors: the only word, the first, the last, carries of both cells of the cursor, the end of
    /// memory.
    const STEPS: [(u32, u32, u32); 8] = [
        (0x1000, 1, 0),
        (0x1000, 3, 0),
        (0xFFF8, 3, 1),
        (0xFFF8, 3, 2),
        (0x1_0000, 0x2_0000, 0xFFFF),
        (0x1_FFFC, 0x1_0000, 0xFFFF),
        (4, 0x7FF_FFFF, 0x7FF_FFFE),
        (0x1FFF_0000, 0x4000, 0x3FFF),
    ];

    #[test]
    fn a_step_stores_one_word_and_returns_until_the_last() {
        for (base, count, at) in STEPS {
            let outcome = case(base, count, at).run::<HintBuffer>().unwrap();
            let is_last = at + 1 == count;
            assert_eq!(outcome.memory.peek(MAIN_SPACE, base + 4 * at), Ok(0x89AB_CDEF));
            assert_eq!(outcome.register(HINT_CURSOR), if is_last { 0 } else { at + 1 });
            assert_eq!(outcome.to.pc, if is_last { 0x1004 } else { 0x1000 });
            assert_eq!(outcome.streams.hint_stream.len(), 4 * ((count as usize).min(100) - 1));
        }
    }

    #[test]
    fn rows_are_valid_and_only_the_hint_is_free() {
        assert_eq!(cost::<HintBuffer>(), (24, 44));
        let cases: Vec<_> = STEPS.into_iter().map(|(base, count, at)| case(base, count, at)).collect();
        let mut report = check::<HintBuffer>(&cases);
        for ((base, count, at), columns) in special_claims() {
            match case(base, count, at).trial::<HintBuffer>().with(&columns) {
                Verdict::Refused(guards) if guards.len() == 1 => report.idle.retain(|guard| *guard != guards[0]),
                verdict => panic!("{base:#x}, {count:#x} words, {at:#x}: {columns:?}: {verdict:?}"),
            }
        }
        // The inverse is free in the last step. Unused here: every receive rejects a multiplicity other than 0 and 1,
        // and the range of the high cell (message 1) rejects pointers that the host refuses; see below.
        report.expect(&["count_inv"], &[Guard::Constraint(0), Guard::Lookup(1)]);
    }

    /// Steps with changes that exactly one constraint or range check rejects.
    fn special_claims() -> [((u32, u32, u32), Columns); 3] {
        let next = |low: F, high: F| [("next_cursor[0]", low), ("next_cursor[1]", high)];
        let step = (0x1000, 3, 0);
        [
            // A carry of 2^−16 instead of the increment; a carry too early.
            (step, [&[("cursor_carry", CELL_INV)][..], &next(F::ZERO, CELL_INV)].concat()),
            (step, [&[("cursor_carry", F::ONE)][..], &next(F::ONE - CELL, F::ONE)].concat()),
            // The low cells are equal and the high ones differ, so this is not the last word.
            (
                (0x1000, 0x1_0003, 2),
                [&[("is_last", F::ONE), ("count_inv", F::ZERO)][..], &next(F::ZERO, F::ZERO)].concat(),
            ),
        ]
    }

    #[test]
    fn a_pointer_beyond_the_field_is_not_word_zero() {
        // base = p: the pointer is 0 modulo p.
        let [low, high] = cells(F::ORDER_U32);
        let trial = case(0, 3, 0).trial::<HintBuffer>();
        let Verdict::Refused(guards) = trial.with(&[("base[0]", low), ("base[1]", high)]) else {
            panic!("accepted");
        };
        assert!(guards.contains(&Guard::Lookup(1)), "{guards:?}");
        assert!(!guards.iter().any(|guard| matches!(guard, Guard::Constraint(_))));
    }

    #[test]
    fn bad_pointers_counts_and_streams_are_errors() {
        let error = |case: Case| *case.run::<HintBuffer>().map(|_| ()).unwrap_err();
        let source = MemoryError::Misaligned { pointer: 6, width: 4 };
        assert_eq!(error(case(6, 1, 0)), ExecutionError::Memory { pc: 0x1000, source });
        let source = MemoryError::OutOfRange { space: MAIN_SPACE, pointer: 1 << 29, size: 1 << 29 };
        assert_eq!(error(case(0x1FFF_FFF8, 3, 2)), ExecutionError::Memory { pc: 0x1000, source });
        assert!(matches!(error(case(0x1000, 0, 0)), ExecutionError::Fail { pc: 0x1000, .. }));
        let expected = ExecutionError::HintOutOfBounds { pc: 0x1000, requested: 404, available: 400 };
        assert_eq!(error(case(0x1000, 101, 0)), expected);
        let requested = 4 * u32::MAX as usize;
        let expected = ExecutionError::HintOutOfBounds { pc: 0x1000, requested, available: 400 };
        assert_eq!(error(case(0x1000, u32::MAX, 0)), expected);
    }
}
