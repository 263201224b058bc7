//! HINT_STOREW: one word.

use std::borrow::{Borrow, BorrowMut};

use p3_air::{Air, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use vm_core::arch::{ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, RANGE_BUS, SystemPort, VmState};
use vm_core::instructions::{Instruction, PC_STEP};
use vm_core::stark::{F, VmAirBuilder};
use vm_core::system::memory::{MAIN_SPACE, MemoryAddress, ReadRecord, WriteAux, WriteRecord};
use vm_derive::AlignedBorrow;

use super::{ANY_HINT, HintInstruction, HintStoreOpcode, hint_chip};
use crate::adapters::address::HIGH_BITS;
use crate::adapters::{access_time, check_aligned, read_register, register_address, state_cells, write_cells};
use crate::support::{CELL, CELL_BITS, cells, opcode_expr};

/// Columns of [`HintStoreWordAir`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct HintStoreWordCols<T> {
    /// State before the instruction; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `b`; fixed by the program lookup.
    pub rd: T,
    /// Cells of rd, the pointer; bound by the memory bus, and the high cell is range-checked.
    pub pointer: [T; 2],
    /// Time of the previous access to rd; bound by the memory bus, and the distance is range-checked.
    pub rd_prev_timestamp: T,
    /// Cells of the hint; free, but range-checked.
    pub data: [T; 2],
    /// Word that the hint replaces and the time of its previous access; bound by the memory bus, and the distance is
    /// range-checked.
    pub write: WriteAux<T>,
    /// Selector of used rows; boolean.
    pub is_valid: T,
}

/// HINT_STOREW: reads the pointer in rd, writes a hint there: two accesses.
#[derive(Clone, Copy, Debug, Default)]
pub struct HintStoreWordAir {
    port: SystemPort,
}

hint_chip! {
    /// HINT_STOREW.
    HintStoreWordChip = HintStoreWord: HintStoreWordAir, HintStoreWordCols, HINT_STOREW,
    free = |column, _| column.starts_with("data[").then_some(ANY_HINT)
}

impl<AB: VmAirBuilder> Air<AB> for HintStoreWordAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let cols: &HintStoreWordCols<AB::Var> = main.current_slice().borrow();
        let memory = self.port.memory_bridge;
        let time = |i| access_time::<AB>(&cols.from_state, i);
        builder.assert_bool(cols.is_valid);

        let rd = cols.pointer.map(Into::into);
        memory.read(builder, register_address::<AB>(cols.rd), rd, time(0), cols.rd_prev_timestamp, cols.is_valid);
        // Soundness: the pointer is an integer below 2^30 < p (M1), and only aligned pointers below 2^29 have a source
        // (see `adapters::address`). The hint's cells are new to memory, so they must be proven 16-bit (M12).
        let [low, high] = cols.pointer;
        for (value, bits) in [(high, HIGH_BITS), (cols.data[0], CELL_BITS), (cols.data[1], CELL_BITS)] {
            RANGE_BUS.query(builder, [value.into(), AB::Expr::from_usize(bits)], cols.is_valid);
        }
        memory.write(
            builder,
            MemoryAddress::new(AB::Expr::from_u32(MAIN_SPACE), high * CELL + low),
            cols.data.map(Into::into),
            cols.write.prev_data.map(Into::into),
            time(1),
            cols.write.prev_timestamp,
            cols.is_valid,
        );
        let opcode = opcode_expr::<AB::Expr>(HintStoreOpcode::HINT_STOREW);
        let operands = [AB::Expr::ZERO, cols.rd.into()];
        self.port.execution_bridge.execute(builder, opcode, operands, cols.from_state, None, 2, cols.is_valid);
    }
}

/// Record of a HINT_STOREW, from which its row is filled.
#[derive(Clone, Copy, Debug)]
pub struct HintStoreWordRecord {
    pointer: u32,
    data: u32,
    read: ReadRecord,
    write: WriteRecord,
}

impl HintInstruction for HintStoreWordAir {
    type Record = HintStoreWordRecord;

    #[inline(always)]
    fn execute<M: ExecutionMode>(
        vm: &mut VmState<M>,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<(u32, HintStoreWordRecord)> {
        let (pointer, read) = read_register(&mut vm.memory, instruction.b, pc)?;
        check_aligned(pointer, 4, pc)?;
        let [data] = vm.streams.take_hints(pc)?;
        let write = vm.memory.write(MAIN_SPACE, pointer, data).map_err(|source| ExecutionError::memory(pc, source))?;
        Ok((pc.wrapping_add(PC_STEP), HintStoreWordRecord { pointer, data, read, write }))
    }

    #[inline(always)]
    fn fill_row(row: &mut [F], instruction: &Instruction, from: ExecutionState<u32>, record: &HintStoreWordRecord) {
        let cols: &mut HintStoreWordCols<F> = row.borrow_mut();
        cols.from_state = state_cells(from);
        cols.rd = F::from_u32(instruction.b);
        cols.pointer = cells(record.pointer);
        cols.rd_prev_timestamp = F::from_u32(record.read.prev_timestamp);
        cols.data = cells(record.data);
        cols.write = write_cells(&record.write);
        cols.is_valid = F::ONE;
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use vm_core::system::memory::MemoryError;

    use super::*;
    use crate::opcodes::register;
    use vm_core::machine::testing::{Case, Guard, Verdict, check, cost};

    fn case(pointer: u32) -> Case {
        Case::new(Instruction::new(HintStoreOpcode::HINT_STOREW, [0, register(6)]))
            .register(register(6), pointer)
            .memory(MAIN_SPACE, pointer & 0x1FFF_FFFC, 0xDEAD_BEEF)
            .hints([0xEF, 0xCD, 0xAB, 0x89, 1])
            .choices(&["data[0]", "data[1]"])
    }

    #[test]
    fn the_next_four_bytes_are_stored() {
        for pointer in [0, 0x1_0004, 0x1FFF_FFFC] {
            let outcome = case(pointer).run::<HintStoreWord>().unwrap();
            assert_eq!(outcome.memory.peek(MAIN_SPACE, pointer), Ok(0x89AB_CDEF));
            assert_eq!(outcome.streams.hint_stream, [1]);
            assert_eq!(outcome.to.pc, 0x1004);
        }
    }

    #[test]
    fn rows_are_valid_and_only_the_hint_is_free() {
        assert_eq!(cost::<HintStoreWord>(), (12, 32));
        let cases: Vec<_> = [0, 0x1_0004, 0x1FFF_FFFC].into_iter().map(case).collect();
        // Unused here: the range of the high cell rejects pointers that the host refuses; see below.
        check::<HintStoreWord>(&cases).expect(&[], &[Guard::Lookup(3)]);
    }

    #[test]
    fn a_pointer_beyond_the_field_is_not_word_zero() {
        // rd = p: the pointer is 0 modulo p.
        let [low, high] = cells(F::ORDER_U32);
        let trial = case(0).trial::<HintStoreWord>();
        let Verdict::Refused(guards) = trial.with(&[("pointer[0]", low), ("pointer[1]", high)]) else {
            panic!("accepted");
        };
        assert!(guards.contains(&Guard::Lookup(3)), "{guards:?}");
        assert!(!guards.iter().any(|guard| matches!(guard, Guard::Constraint(_))));
    }

    #[test]
    fn bad_pointers_and_an_empty_stream_are_errors() {
        let error = |case: Case| *case.run::<HintStoreWord>().map(|_| ()).unwrap_err();
        let source = MemoryError::Misaligned { pointer: 6, width: 4 };
        assert_eq!(error(case(6)), ExecutionError::Memory { pc: 0x1000, source });
        let source = MemoryError::OutOfRange { space: MAIN_SPACE, pointer: 1 << 29, size: 1 << 29 };
        assert_eq!(error(case(1 << 29)), ExecutionError::Memory { pc: 0x1000, source });
        let expected = ExecutionError::HintOutOfBounds { pc: 0x1000, requested: 4, available: 3 };
        assert_eq!(error(case(0).hints([1, 2, 3])), expected);
    }
}
