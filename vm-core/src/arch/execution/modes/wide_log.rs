//! The log of wide accesses.

use crate::arch::buses::{MAX_ACCESS_WORDS, MEMORY_WIDE_BUSES, is_access_width};
use crate::arch::execution::WideAccess;

/// A logged wide access.
#[cfg(feature = "prover")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct WideRecord<'a> {
    /// 0-based address space index.
    pub(crate) space: u32,
    /// Index of the first word within the space.
    pub(crate) word: u32,
    /// Time of the access to the first word.
    pub(crate) timestamp: u32,
    /// Contents of the words after the access.
    pub(crate) data: &'a [u32],
    /// Times of the previous accesses of the words.
    pub(crate) prev_timestamps: &'a [u32],
    /// Contents of the words before a write; empty for a read.
    pub(crate) prev_data: &'a [u32],
}

/// Words of a record before its data: address space, word and time.
const HEADER: usize = 3;

/// Wide accesses of a run, as plain words: one arena per width for reads and one for writes.
///
/// A record is the 0-based address space, the first word, the time, then N words of data, N previous times and, for
/// writes, N previous words.
#[derive(Clone, Debug, Default)]
pub struct WideLog {
    arenas: [[Vec<u32>; 2]; MEMORY_WIDE_BUSES.len()],
}

impl WideLog {
    const fn stride(words: usize, is_write: bool) -> usize {
        HEADER + words * if is_write { 3 } else { 2 }
    }

    fn arena(&self, words: usize, is_write: bool) -> &[u32] {
        &self.arenas[words.trailing_zeros() as usize - 1][usize::from(is_write)]
    }

    /// Appends an access.
    #[inline(always)]
    pub(crate) fn push(&mut self, access: &WideAccess<'_>) {
        debug_assert!(is_access_width(access.data.len()));
        let width = access.data.len().trailing_zeros() as usize - 1;
        let arena = &mut self.arenas[width][usize::from(access.prev_data.is_some())];
        arena.extend_from_slice(&[access.space, access.word, access.timestamp]);
        arena.extend_from_slice(access.data);
        arena.extend_from_slice(access.prev_timestamps);
        if let Some(prev_data) = access.prev_data {
            arena.extend_from_slice(prev_data);
        }
    }

    /// Accesses of a width, in order of time.
    #[cfg(feature = "prover")]
    pub(crate) fn records(&self, words: usize, is_write: bool) -> impl Iterator<Item = WideRecord<'_>> {
        let records = self.arena(words, is_write).chunks_exact(Self::stride(words, is_write));
        records.map(move |record| {
            let (header, rest) = record.split_at(HEADER);
            let (data, rest) = rest.split_at(words);
            let (prev_timestamps, prev_data) = rest.split_at(words);
            WideRecord { space: header[0], word: header[1], timestamp: header[2], data, prev_timestamps, prev_data }
        })
    }

    /// Number of accesses of a width.
    pub fn len(&self, words: usize, is_write: bool) -> usize {
        if is_access_width(words) { self.arena(words, is_write).len() / Self::stride(words, is_write) } else { 0 }
    }

    /// Widths with accesses, ascending.
    pub fn widths(&self) -> impl Iterator<Item = usize> + '_ {
        let widths = (1..).map(|log| 1 << log).take_while(|words| *words <= MAX_ACCESS_WORDS);
        widths.filter(|words| self.len(*words, false) + self.len(*words, true) > 0)
    }
}
