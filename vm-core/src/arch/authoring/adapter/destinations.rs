//! What declared adapters do with the result of an instruction.

use crate::arch::{
    ExecutionError, ExecutionMode, ExecutionResult, MAIN_SPACE, MemoryController, MemoryResult, REGISTER_SPACE,
    ReadRecord, WriteRecord,
};
use crate::instructions::Instruction;

use super::layout::{DestinationKind, block_access};
use super::values::{Block, Branch, Register, operand_of, read_register};

/// What happens to the result of an instruction.
pub trait Destination: 'static {
    /// The result on the host.
    type Host: Copy + Send + Sync;
    /// Its cells in the AIR.
    type Cells<T>;
    /// Pointer to the block that is written.
    type Opened: Copy + Send + Sync;
    /// Record of the write.
    type Record: Copy + Send + Sync;
    /// The kind of destination.
    const KIND: DestinationKind;
    /// Number of words of each value that is written.
    const WORDS: &'static [usize];

    /// Returns a word of the result.
    fn word(host: &Self::Host, word: usize) -> u32;
    /// Builds the cells from those of each word.
    fn cells<T>(write: &mut dyn FnMut(usize) -> [T; 2]) -> Self::Cells<T>;
    /// Appends all cells in order.
    fn flatten<T>(cells: Self::Cells<T>, into: &mut Vec<T>);
    /// Reads the pointer to the result.
    ///
    /// # Errors
    /// [`ExecutionError::Memory`] if there is no such register.
    fn open<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<Self::Opened>;
    /// Writes the result.
    ///
    /// # Errors
    /// [`ExecutionError::Memory`] if the pointer is misaligned, or if a word is outside of memory.
    fn write<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        opened: &Self::Opened,
        host: Self::Host,
        pc: u32,
    ) -> ExecutionResult<Self::Record>;
    /// Returns the next program counter, if it is not that of the next instruction. `operand` is the number of operands
    /// before the target.
    #[inline(always)]
    fn next_pc(_host: &Self::Host, _instruction: &Instruction, _operand: usize) -> Option<u32> {
        None
    }
    /// Returns what the row needs of the records.
    fn accesses(opened: &Self::Opened, record: &Self::Record) -> DestinationAccesses;
}

/// What a row needs to know of the accesses of a destination.
#[derive(Clone, Copy, Debug, Default)]
pub struct DestinationAccesses {
    /// Pointer to the block.
    pub pointer: u32,
    /// Time of the previous access to the register with the pointer.
    pub pointer_prev_timestamp: u32,
    /// Write of the register, or of the last word of a block with an odd number of words.
    pub write: WriteRecord,
    /// Whether the branch is taken.
    pub taken: bool,
}

impl Destination for () {
    type Host = ();
    type Cells<T> = ();
    type Opened = ();
    type Record = ();
    const KIND: DestinationKind = DestinationKind::None;
    const WORDS: &'static [usize] = &[];

    #[inline(always)]
    fn word((): &(), _word: usize) -> u32 {
        0
    }

    fn cells<T>(_write: &mut dyn FnMut(usize) -> [T; 2]) {}

    fn flatten<T>((): (), _into: &mut Vec<T>) {}

    #[inline(always)]
    fn open<M: ExecutionMode>(_: &mut MemoryController<M>, _: &Instruction, _pc: u32) -> ExecutionResult<()> {
        Ok(())
    }

    #[inline(always)]
    fn write<M: ExecutionMode>(
        _memory: &mut MemoryController<M>,
        _instruction: &Instruction,
        (): &(),
        (): (),
        _pc: u32,
    ) -> ExecutionResult<()> {
        Ok(())
    }

    #[inline(always)]
    fn accesses((): &(), (): &()) -> DestinationAccesses {
        DestinationAccesses::default()
    }
}

impl Destination for Register {
    type Host = u32;
    type Cells<T> = [T; 2];
    type Opened = ();
    type Record = WriteRecord;
    const KIND: DestinationKind = DestinationKind::Register;
    const WORDS: &'static [usize] = &[1];

    #[inline(always)]
    fn word(host: &u32, _word: usize) -> u32 {
        *host
    }

    fn cells<T>(write: &mut dyn FnMut(usize) -> [T; 2]) -> [T; 2] {
        write(0)
    }

    fn flatten<T>(cells: [T; 2], into: &mut Vec<T>) {
        into.extend(cells);
    }

    #[inline(always)]
    fn open<M: ExecutionMode>(_: &mut MemoryController<M>, _: &Instruction, _pc: u32) -> ExecutionResult<()> {
        Ok(())
    }

    #[inline(always)]
    fn write<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        (): &(),
        host: u32,
        pc: u32,
    ) -> ExecutionResult<WriteRecord> {
        memory.write(REGISTER_SPACE, instruction.a, host).map_err(|source| ExecutionError::memory(pc, source))
    }

    #[inline(always)]
    fn accesses((): &(), record: &WriteRecord) -> DestinationAccesses {
        DestinationAccesses { write: *record, ..DestinationAccesses::default() }
    }
}

impl<const N: usize> Destination for Block<N> {
    type Host = [u32; N];
    type Cells<T> = [[T; 2]; N];
    type Opened = (u32, ReadRecord);
    type Record = WriteRecord;
    const KIND: DestinationKind = DestinationKind::Block(N);
    const WORDS: &'static [usize] = &[N];

    #[inline(always)]
    fn word(host: &[u32; N], word: usize) -> u32 {
        host[word]
    }

    fn cells<T>(write: &mut dyn FnMut(usize) -> [T; 2]) -> [[T; 2]; N] {
        std::array::from_fn(write)
    }

    fn flatten<T>(cells: [[T; 2]; N], into: &mut Vec<T>) {
        into.extend(cells.into_iter().flatten());
    }

    #[inline(always)]
    fn open<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        pc: u32,
    ) -> ExecutionResult<(u32, ReadRecord)> {
        read_register(memory, instruction.a, pc)
    }

    #[inline(always)]
    fn write<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        _instruction: &Instruction,
        (pointer, _): &(u32, ReadRecord),
        host: [u32; N],
        pc: u32,
    ) -> ExecutionResult<WriteRecord> {
        let (mut last, mut at) = (WriteRecord::default(), 0);
        while at < N {
            let (to, rest) = (pointer.wrapping_add(4 * at as u32), &host[at..]);
            let width = block_access(N - at);
            let result = match width {
                32 => write_words::<M, 32>(memory, to, rest),
                16 => write_words::<M, 16>(memory, to, rest),
                8 => write_words::<M, 8>(memory, to, rest),
                4 => write_words::<M, 4>(memory, to, rest),
                2 => write_words::<M, 2>(memory, to, rest),
                _ => memory.write(MAIN_SPACE, to, rest[0]).map(|record| last = record),
            };
            result.map_err(|source| ExecutionError::memory(pc, source))?;
            at += width;
        }
        Ok(last)
    }

    #[inline(always)]
    fn accesses(&(pointer, register): &(u32, ReadRecord), record: &WriteRecord) -> DestinationAccesses {
        DestinationAccesses {
            pointer,
            pointer_prev_timestamp: register.prev_timestamp,
            write: *record,
            ..DestinationAccesses::default()
        }
    }
}

impl Destination for Branch {
    type Host = bool;
    type Cells<T> = T;
    type Opened = ();
    type Record = bool;
    const KIND: DestinationKind = DestinationKind::Branch;
    const WORDS: &'static [usize] = &[0];

    #[inline(always)]
    fn word(host: &bool, _word: usize) -> u32 {
        u32::from(*host)
    }

    fn cells<T>(write: &mut dyn FnMut(usize) -> [T; 2]) -> T {
        let [taken, _] = write(0);
        taken
    }

    fn flatten<T>(cell: T, into: &mut Vec<T>) {
        into.push(cell);
    }

    #[inline(always)]
    fn open<M: ExecutionMode>(_: &mut MemoryController<M>, _: &Instruction, _pc: u32) -> ExecutionResult<()> {
        Ok(())
    }

    #[inline(always)]
    fn write<M: ExecutionMode>(
        _memory: &mut MemoryController<M>,
        _instruction: &Instruction,
        (): &(),
        host: bool,
        _pc: u32,
    ) -> ExecutionResult<bool> {
        Ok(host)
    }

    #[inline(always)]
    fn next_pc(host: &bool, instruction: &Instruction, operand: usize) -> Option<u32> {
        host.then_some(operand_of(instruction, operand))
    }

    #[inline(always)]
    fn accesses((): &(), record: &bool) -> DestinationAccesses {
        DestinationAccesses { taken: *record, ..DestinationAccesses::default() }
    }
}

#[inline(always)]
fn write_words<M: ExecutionMode, const W: usize>(
    memory: &mut MemoryController<M>,
    pointer: u32,
    from: &[u32],
) -> MemoryResult<()> {
    let mut words = [0; W];
    words.copy_from_slice(&from[..W]);
    memory.write_wide::<W>(MAIN_SPACE, pointer, words)
}
