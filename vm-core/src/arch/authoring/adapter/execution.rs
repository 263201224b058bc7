//! The host side of declared adapters.

use p3_field::PrimeCharacteristicRing;

use crate::arch::{
    AdapterRuntimeContext, CELL_BITS, ExecutionMode, ExecutionResult, ExecutionState, MemoryController, NUM_REGISTERS,
    Streams, VmAdapterChip, cells_of,
};
use crate::instructions::{Instruction, PC_LIMIT, PC_STEP};
use crate::stark::F;

use super::layout::{self, DestinationKind, SourceKind};
use super::values::operand_of;
use super::{AdapterInterface, Constants, DeclaredAdapter, Destination, Sources};

/// Returns whether all operands are byte pointers of registers.
pub fn are_registers(operands: &[u32]) -> bool {
    operands.iter().all(|pointer| pointer.is_multiple_of(4) && (*pointer as usize) < 4 * NUM_REGISTERS)
}

/// Returns whether all operands are 16-bit limbs.
///
/// Soundness: circuits take limbs from the program table without a range check, so instructions with other operands are
/// not accepted into the table.
pub fn are_limbs(operands: &[u32]) -> bool {
    operands.iter().all(|limb| *limb < 1 << CELL_BITS)
}

impl<A: DeclaredAdapter> VmAdapterChip for A {
    /// Accesses of the sources, and the pointer to the result.
    type ReadRecord = (<A::Sources as Sources>::Record, <A::Destination as Destination>::Opened);
    type WriteRecord = <A::Destination as Destination>::Record;
    type Interface = AdapterInterface<A::Sources, A::Destination>;
    type Air = Self;

    fn air(&self) -> &Self {
        self
    }

    fn accepts(&self, instruction: &Instruction) -> bool {
        let operands = instruction.operands();
        let (destination, mut rest) = operands.split_at(Constants::<A>::FIRST_OPERAND);
        let mut take = |count: usize| {
            let taken;
            (taken, rest) = rest.split_at(count);
            taken
        };
        let sources = Constants::<A>::KINDS.iter().all(|kind| match kind {
            SourceKind::Register | SourceKind::Block(_) => are_registers(take(1)),
            SourceKind::Immediate => are_limbs(take(2)),
            SourceKind::Hint(_) => true,
        });
        let target = Constants::<A>::KIND != DestinationKind::Branch || take(1)[0] <= PC_LIMIT;
        // The row's query has zeros as the other operands.
        are_registers(destination) && sources && target && rest.iter().all(|operand| *operand == 0)
    }

    #[inline(always)]
    fn preprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        streams: &mut Streams,
        instruction: &Instruction,
        from_pc: u32,
    ) -> ExecutionResult<(<A::Sources as Sources>::Host, Self::ReadRecord)> {
        let first = const { Constants::<A>::FIRST_OPERAND };
        // Like the matches in `VmChipWrapper::execute`, this one replaces `?`, which would move the values as a block.
        match A::Sources::read::<M, A::Destination>(memory, streams, instruction, first, from_pc) {
            Ok((values, record, to)) => Ok((values, (record, to))),
            Err(error) => Err(error),
        }
    }

    #[inline(always)]
    fn postprocess<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from_pc: u32,
        output: AdapterRuntimeContext<Self::Interface>,
        (_, to): &Self::ReadRecord,
    ) -> ExecutionResult<Self::WriteRecord> {
        A::Destination::write(memory, instruction, to, output.writes, from_pc)
    }

    #[inline(always)]
    fn generate_trace_row(
        &self,
        row: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        (sources, to): &Self::ReadRecord,
        write: &Self::WriteRecord,
    ) {
        let layout = const { &Constants::<A>::LAYOUT };
        let kinds = const { Constants::<A>::KINDS };
        row[layout.from_state] = F::from_u32(from.pc);
        row[layout.from_state + 1] = F::from_u32(from.timestamp);
        let mut operand = const { Constants::<A>::FIRST_OPERAND };
        A::Sources::accesses(sources, |i, accesses| {
            let (kind, columns) = (kinds[i], &layout.sources[i]);
            if kind.has_register() {
                row[columns.register] = F::from_u32(operand_of(instruction, operand));
                row[columns.prev_timestamp] = F::from_u32(accesses.prev_timestamp);
            }
            if let SourceKind::Block(words) = kind {
                row[columns.pointer..][..2].copy_from_slice(&cells_of(accesses.pointer));
                if layout::ends_in_a_word(words) {
                    row[columns.last_prev_timestamp] = F::from_u32(accesses.last_prev_timestamp);
                }
            }
            operand += kind.operands();
        });
        let kind = const { Constants::<A>::KIND };
        let accesses = A::Destination::accesses(to, write);
        if kind.operands() > 0 {
            row[layout.destination] = F::from_u32(instruction.a);
        }
        if let DestinationKind::Block(_) = kind {
            row[layout.pointer..][..2].copy_from_slice(&cells_of(accesses.pointer));
            row[layout.pointer_prev_timestamp] = F::from_u32(accesses.pointer_prev_timestamp);
        }
        if layout.writes_a_word(kind) {
            row[layout.write_prev_timestamp] = F::from_u32(accesses.write.prev_timestamp);
            row[layout.write_prev_data..][..2].copy_from_slice(&cells_of(accesses.write.prev_data));
        }
        if kind == DestinationKind::Branch {
            let target = operand_of(instruction, operand);
            row[layout.target] = F::from_u32(target);
            row[layout.to_pc] = F::from_u32(if accesses.taken { target } else { from.pc.wrapping_add(PC_STEP) });
        }
    }
}
