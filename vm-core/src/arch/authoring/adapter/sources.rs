//! Values that declared adapters read.

use std::array;
use std::marker::PhantomData;

use crate::arch::{
    ExecutionError, ExecutionMode, ExecutionResult, MAIN_SPACE, MemoryController, MemoryResult, ReadRecord, Streams,
};
use crate::instructions::Instruction;

use super::Destination;
use super::layout::{SourceKind, block_access, operands};
use super::values::{Block, Hint, Immediate, NO_READ, Register, operand_of, read_register};

/// A value that an adapter reads.
pub trait Source: 'static {
    /// The value on the host.
    type Host: Copy + Send + Sync;
    /// Its cells in the AIR.
    type Cells<T>;
    /// What the first access gives: the word of the register, or the pointer in it.
    type Opened: Copy + Send + Sync;
    /// Record of the accesses.
    type Record: Copy + Send + Sync;
    /// The kind of value.
    const KIND: SourceKind;
    /// Contents before the accesses.
    const BLANK: (Self::Opened, Self::Host, Self::Record);

    /// Returns a word of the value.
    fn word(host: &Self::Host, word: usize) -> u32;
    /// Builds the cells from those of each word.
    fn cells<T>(read: &mut dyn FnMut(usize) -> [T; 2]) -> Self::Cells<T>;
    /// Appends all cells in order.
    fn flatten<T>(cells: Self::Cells<T>, into: &mut Vec<T>);
    /// Makes the first access: reads the register.
    ///
    /// # Errors
    /// [`ExecutionError::Memory`] if there is no such register.
    fn open<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        operand: usize,
        pc: u32,
    ) -> ExecutionResult<Self::Opened>;
    /// Makes the other accesses, and takes hints.
    ///
    /// # Errors
    /// - [`ExecutionError::Memory`] if the pointer is misaligned, or if a word is outside of memory.
    /// - [`ExecutionError::HintOutOfBounds`] if there are fewer hints.
    fn fetch<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        streams: &mut Streams,
        opened: Self::Opened,
        pc: u32,
    ) -> ExecutionResult<(Self::Host, Self::Record)>;
    /// Returns what the row needs of the record.
    fn accesses(record: &Self::Record) -> SourceAccesses;
}

/// What a row needs to know of the accesses of a source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SourceAccesses {
    /// Time of the previous access to the register.
    pub prev_timestamp: u32,
    /// Pointer to the block.
    pub pointer: u32,
    /// Time of the previous access to the last word of a block with an odd number of words.
    pub last_prev_timestamp: u32,
}

impl Source for Register {
    type Host = u32;
    type Cells<T> = [T; 2];
    type Opened = (u32, ReadRecord);
    type Record = ReadRecord;
    const KIND: SourceKind = SourceKind::Register;
    const BLANK: (Self::Opened, u32, ReadRecord) = ((0, NO_READ), 0, NO_READ);

    #[inline(always)]
    fn word(host: &u32, _word: usize) -> u32 {
        *host
    }

    fn cells<T>(read: &mut dyn FnMut(usize) -> [T; 2]) -> [T; 2] {
        read(0)
    }

    fn flatten<T>(cells: [T; 2], into: &mut Vec<T>) {
        into.extend(cells);
    }

    #[inline(always)]
    fn open<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        operand: usize,
        pc: u32,
    ) -> ExecutionResult<(u32, ReadRecord)> {
        read_register(memory, operand_of(instruction, operand), pc)
    }

    #[inline(always)]
    fn fetch<M: ExecutionMode>(
        _memory: &mut MemoryController<M>,
        _streams: &mut Streams,
        opened: (u32, ReadRecord),
        _pc: u32,
    ) -> ExecutionResult<(u32, ReadRecord)> {
        Ok(opened)
    }

    #[inline(always)]
    fn accesses(record: &ReadRecord) -> SourceAccesses {
        SourceAccesses { prev_timestamp: record.prev_timestamp, ..SourceAccesses::default() }
    }
}

impl Source for Immediate {
    type Host = u32;
    type Cells<T> = [T; 2];
    type Opened = u32;
    type Record = ();
    const KIND: SourceKind = SourceKind::Immediate;
    const BLANK: (u32, u32, ()) = (0, 0, ());

    #[inline(always)]
    fn word(host: &u32, _word: usize) -> u32 {
        *host
    }

    fn cells<T>(read: &mut dyn FnMut(usize) -> [T; 2]) -> [T; 2] {
        read(0)
    }

    fn flatten<T>(cells: [T; 2], into: &mut Vec<T>) {
        into.extend(cells);
    }

    #[inline(always)]
    fn open<M: ExecutionMode>(
        _memory: &mut MemoryController<M>,
        instruction: &Instruction,
        operand: usize,
        _pc: u32,
    ) -> ExecutionResult<u32> {
        Ok(operand_of(instruction, operand).wrapping_add(operand_of(instruction, operand + 1) << 16))
    }

    #[inline(always)]
    fn fetch<M: ExecutionMode>(
        _memory: &mut MemoryController<M>,
        _streams: &mut Streams,
        opened: u32,
        _pc: u32,
    ) -> ExecutionResult<(u32, ())> {
        Ok((opened, ()))
    }

    #[inline(always)]
    fn accesses((): &()) -> SourceAccesses {
        SourceAccesses::default()
    }
}

/// Record of the accesses of a block that is read.
#[derive(Clone, Copy, Debug)]
pub struct BlockRecord {
    pointer: u32,
    register: ReadRecord,
    /// Access of the last word, if it is not part of a wide one.
    last: ReadRecord,
}

impl<const N: usize> Source for Block<N> {
    type Host = [u32; N];
    type Cells<T> = [[T; 2]; N];
    type Opened = (u32, ReadRecord);
    type Record = BlockRecord;
    const KIND: SourceKind = SourceKind::Block(N);
    const BLANK: (Self::Opened, [u32; N], BlockRecord) =
        ((0, NO_READ), [0; N], BlockRecord { pointer: 0, register: NO_READ, last: NO_READ });

    #[inline(always)]
    fn word(host: &[u32; N], word: usize) -> u32 {
        host[word]
    }

    fn cells<T>(read: &mut dyn FnMut(usize) -> [T; 2]) -> [[T; 2]; N] {
        std::array::from_fn(read)
    }

    fn flatten<T>(cells: [[T; 2]; N], into: &mut Vec<T>) {
        into.extend(cells.into_iter().flatten());
    }

    #[inline(always)]
    fn open<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        operand: usize,
        pc: u32,
    ) -> ExecutionResult<(u32, ReadRecord)> {
        read_register(memory, operand_of(instruction, operand), pc)
    }

    #[inline(always)]
    fn fetch<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        _streams: &mut Streams,
        (pointer, register): (u32, ReadRecord),
        pc: u32,
    ) -> ExecutionResult<([u32; N], BlockRecord)> {
        let (mut words, mut record, mut at) = ([0; N], BlockRecord { pointer, register, last: NO_READ }, 0);
        while at < N {
            // The pointer cannot wrap: memory ends below 2^29, and the first access would have failed.
            let (from, rest) = (pointer.wrapping_add(4 * at as u32), &mut words[at..]);
            let width = block_access(N - at);
            let result = match width {
                32 => read_words::<M, 32>(memory, from, rest),
                16 => read_words::<M, 16>(memory, from, rest),
                8 => read_words::<M, 8>(memory, from, rest),
                4 => read_words::<M, 4>(memory, from, rest),
                2 => read_words::<M, 2>(memory, from, rest),
                _ => memory.read(MAIN_SPACE, from).map(|read| (rest[0], record.last) = read),
            };
            result.map_err(|source| ExecutionError::memory(pc, source))?;
            at += width;
        }
        Ok((words, record))
    }

    #[inline(always)]
    fn accesses(record: &BlockRecord) -> SourceAccesses {
        SourceAccesses {
            prev_timestamp: record.register.prev_timestamp,
            pointer: record.pointer,
            last_prev_timestamp: record.last.prev_timestamp,
        }
    }
}

impl<const N: usize> Source for Hint<N> {
    type Host = [u32; N];
    type Cells<T> = [[T; 2]; N];
    type Opened = ();
    type Record = ();
    const KIND: SourceKind = SourceKind::Hint(N);
    const BLANK: ((), [u32; N], ()) = ((), [0; N], ());

    #[inline(always)]
    fn word(host: &[u32; N], word: usize) -> u32 {
        host[word]
    }

    fn cells<T>(read: &mut dyn FnMut(usize) -> [T; 2]) -> [[T; 2]; N] {
        std::array::from_fn(read)
    }

    fn flatten<T>(cells: [[T; 2]; N], into: &mut Vec<T>) {
        into.extend(cells.into_iter().flatten());
    }

    #[inline(always)]
    fn open<M: ExecutionMode>(
        _memory: &mut MemoryController<M>,
        _instruction: &Instruction,
        _operand: usize,
        _pc: u32,
    ) -> ExecutionResult<()> {
        Ok(())
    }

    #[inline(always)]
    fn fetch<M: ExecutionMode>(
        _memory: &mut MemoryController<M>,
        streams: &mut Streams,
        (): (),
        pc: u32,
    ) -> ExecutionResult<([u32; N], ())> {
        Ok((streams.take_hints(pc)?, ()))
    }

    #[inline(always)]
    fn accesses((): &()) -> SourceAccesses {
        SourceAccesses::default()
    }
}

#[inline(always)]
fn read_words<M: ExecutionMode, const W: usize>(
    memory: &mut MemoryController<M>,
    pointer: u32,
    into: &mut [u32],
) -> MemoryResult<()> {
    into[..W].copy_from_slice(&memory.read_wide::<W>(MAIN_SPACE, pointer)?);
    Ok(())
}

/// All values that an adapter reads: a tuple of different sources, a [`Pair`] or a [`Triple`] of equal ones, or an array of
/// the first ones of a list.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a list of sources")]
pub trait Sources: 'static {
    /// The values on the host.
    type Host: Copy + Send + Sync;
    /// Their cells in the AIR.
    type Cells<T>;
    /// Record of the accesses.
    type Record: Copy + Send + Sync;
    /// The kinds of the values.
    const KINDS: &'static [SourceKind];
    /// Number of words of each value.
    const WORDS: &'static [usize];

    /// Returns a word of a value.
    fn word(host: &Self::Host, value: usize, word: usize) -> u32;
    /// Builds the cells from those of each word of each value.
    fn cells<T>(read: &mut dyn FnMut(usize, usize) -> [T; 2]) -> Self::Cells<T>;
    /// Appends all cells in order.
    fn flatten<T>(cells: Self::Cells<T>, into: &mut Vec<T>);
    /// Makes the reads of an instruction: of all registers, of which the first is operand `first`, of the pointer to the
    /// result, and of all blocks. Hints are taken with the blocks.
    ///
    /// # Errors
    /// As for [`Source::open`] and [`Source::fetch`].
    #[allow(clippy::type_complexity)]
    fn read<M: ExecutionMode, D: Destination>(
        memory: &mut MemoryController<M>,
        streams: &mut Streams,
        instruction: &Instruction,
        first: usize,
        pc: u32,
    ) -> ExecutionResult<(Self::Host, Self::Record, D::Opened)>;
    /// Calls `each` with the number of each source and what the row needs of its record.
    fn accesses(record: &Self::Record, each: impl FnMut(usize, SourceAccesses));
}

/// Two values of a kind. On the host they are an array, as for an array of sources. The accesses are not a loop, because
/// instructions on registers have no time for one.
#[derive(Debug)]
pub struct Pair<S>(PhantomData<S>);

/// Three values of a kind; see [`Pair`].
#[derive(Debug)]
pub struct Triple<S>(PhantomData<S>);

/// The first `K` values of a list, all of one kind.
impl<S: Source, const K: usize> Sources for [S; K] {
    type Host = [S::Host; K];
    type Cells<T> = [S::Cells<T>; K];
    type Record = [S::Record; K];
    const KINDS: &'static [SourceKind] = &[S::KIND; K];
    const WORDS: &'static [usize] = &[S::KIND.words(); K];

    #[inline(always)]
    fn word(host: &Self::Host, value: usize, word: usize) -> u32 {
        S::word(&host[value], word)
    }

    fn cells<T>(read: &mut dyn FnMut(usize, usize) -> [T; 2]) -> Self::Cells<T> {
        array::from_fn(|value| S::cells(&mut |word| read(value, word)))
    }

    fn flatten<T>(cells: Self::Cells<T>, into: &mut Vec<T>) {
        for cells in cells {
            S::flatten(cells, into);
        }
    }

    #[inline(always)]
    fn read<M: ExecutionMode, D: Destination>(
        memory: &mut MemoryController<M>,
        streams: &mut Streams,
        instruction: &Instruction,
        first: usize,
        pc: u32,
    ) -> ExecutionResult<(Self::Host, Self::Record, D::Opened)> {
        let (opened, host, record) = S::BLANK;
        let (mut opened, mut host, mut record) = ([opened; K], [host; K], [record; K]);
        for (i, opened) in opened.iter_mut().enumerate() {
            *opened = S::open(memory, instruction, first + i * S::KIND.operands(), pc)?;
        }
        let to = D::open(memory, instruction, pc)?;
        for i in 0..K {
            (host[i], record[i]) = S::fetch(memory, streams, opened[i], pc)?;
        }
        Ok((host, record, to))
    }

    #[inline(always)]
    fn accesses(record: &Self::Record, mut each: impl FnMut(usize, SourceAccesses)) {
        for (i, record) in record.iter().enumerate() {
            each(i, S::accesses(record));
        }
    }
}

/// Implements `Sources` for a list: its type, the name, source and index of each value, and how values are listed on the
/// host.
macro_rules! list_of_sources {
    ([$($parameter:ident),+] $list:ty: $($value:ident $source:ident $index:tt),+; $host:ty; $cells:ty; $($values:tt)+) => {
        impl<$($parameter: Source),+> Sources for $list {
            type Host = $host;
            type Cells<T> = $cells;
            type Record = ($($source::Record,)+);
            const KINDS: &'static [SourceKind] = &[$($source::KIND),+];
            const WORDS: &'static [usize] = &[$($source::KIND.words()),+];

            #[inline(always)]
            fn word($($values)+: &Self::Host, value: usize, word: usize) -> u32 {
                match value {
                    $($index => $source::word($value, word),)+
                    _ => 0,
                }
            }

            fn cells<T>(read: &mut dyn FnMut(usize, usize) -> [T; 2]) -> Self::Cells<T> {
                $(let $value = $source::cells(&mut |word| read($index, word));)+
                $($values)+
            }

            fn flatten<T>($($values)+: Self::Cells<T>, into: &mut Vec<T>) {
                $($source::flatten($value, into);)+
            }

            #[inline(always)]
            fn read<M: ExecutionMode, D: Destination>(
                memory: &mut MemoryController<M>,
                streams: &mut Streams,
                instruction: &Instruction,
                first: usize,
                pc: u32,
            ) -> ExecutionResult<(Self::Host, Self::Record, D::Opened)> {
                $(
                    let operand = first + const { operands(Self::KINDS.split_at($index).0) };
                    let $value = $source::open(memory, instruction, operand, pc)?;
                )+
                let to = D::open(memory, instruction, pc)?;
                $(let $value = $source::fetch(memory, streams, $value, pc)?;)+
                let record = ($($value.1,)+);
                $(let $value = $value.0;)+
                Ok(($($values)+, record, to))
            }

            #[inline(always)]
            fn accesses(record: &Self::Record, mut each: impl FnMut(usize, SourceAccesses)) {
                $(each($index, $source::accesses(&record.$index));)+
            }
        }
    };
}

list_of_sources!([A] (A,): a A 0; A::Host; A::Cells<T>; a);
list_of_sources!([A, B] (A, B): a A 0, b B 1; (A::Host, B::Host); (A::Cells<T>, B::Cells<T>); (a, b));
list_of_sources!(
    [A, B, C] (A, B, C): a A 0, b B 1, c C 2;
    (A::Host, B::Host, C::Host); (A::Cells<T>, B::Cells<T>, C::Cells<T>); (a, b, c)
);
list_of_sources!([S] Pair<S>: a S 0, b S 1; [S::Host; 2]; [S::Cells<T>; 2]; [a, b]);
list_of_sources!([S] Triple<S>: a S 0, b S 1, c S 2; [S::Host; 3]; [S::Cells<T>; 3]; [a, b, c]);
