//! Preflight runs, which log all memory accesses that traces are filled from.

use crate::arch::config::MemoryConfig;
use crate::arch::execution::memory::{ACCESS_GAP_BITS, WordStore};
use crate::arch::execution::{ExecutionMode, WideAccess};

use super::wide_log::WideLog;

/// First access to a word in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstTouch {
    /// 0-based index of the address space.
    pub space: u32,
    /// Index of the word within the space.
    pub word: u32,
    /// Content of the word at the start of the segment.
    pub value: u32,
    /// Time at which the boundary sends the word: one tick before the first access.
    pub timestamp: u32,
}

/// Refresh of a word: it is sent again, so that its next access finds a recent timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// 0-based index of the address space.
    pub space: u32,
    /// Index of the word within the space.
    pub word: u32,
    /// Content of the word.
    pub value: u32,
    /// Time of the last access before the refresh.
    pub from: u32,
    /// Time of the refresh: one tick before the next access.
    pub to: u32,
}

/// Preflight mode: the log of memory accesses, from which the traces of the memory system are filled.
#[derive(Debug)]
pub struct OfflineMemory {
    timestamp: u32,
    /// Time of each word's last access; 0 if there was none.
    last: WordStore,
    first_touches: Vec<FirstTouch>,
    refreshes: Vec<Refresh>,
    wide: WideLog,
}

impl OfflineMemory {
    /// Creates an empty log for a segment. Time starts at 1.
    pub fn new(config: &MemoryConfig, num_public_values: usize) -> Self {
        Self {
            timestamp: 1,
            last: WordStore::new(config, num_public_values),
            // Programs touch a new word about every hundred accesses.
            first_touches: Vec::with_capacity(config.access_capacity / 64),
            refreshes: Vec::new(),
            wide: WideLog::default(),
        }
    }

    /// Returns the accessed words, in the order of their first accesses.
    pub fn first_touches(&self) -> &[FirstTouch] {
        &self.first_touches
    }

    /// Returns the refreshes, in order of time.
    pub fn refreshes(&self) -> &[Refresh] {
        &self.refreshes
    }

    /// Returns the wide accesses.
    pub fn wide(&self) -> &WideLog {
        &self.wide
    }

    /// Takes the wide accesses out of the log.
    pub fn take_wide(&mut self) -> WideLog {
        std::mem::take(&mut self.wide)
    }

    /// Returns the time of a word's last access; 0 if there was none. `space` is the 0-based index of the address
    /// space.
    pub fn last_access(&self, space: usize, word: usize) -> u32 {
        self.last.get(space, word).unwrap_or(0)
    }

    /// Logs a first touch or a refresh, and returns its time, which takes the place of the previous access's time.
    #[cold]
    #[inline(never)]
    fn unusual(&mut self, space: usize, word: usize, value: u32, last: u32, now: u32) -> u32 {
        let (space, word) = (space as u32, word as u32);
        if last == 0 {
            self.first_touches.push(FirstTouch { space, word, value, timestamp: now - 1 });
        } else {
            self.refreshes.push(Refresh { space, word, value, from: last, to: now - 1 });
        }
        now - 1
    }
}

impl ExecutionMode for OfflineMemory {
    const METERED: bool = false;
    const RECORD: bool = true;

    #[inline(always)]
    fn timestamp(&self) -> u32 {
        self.timestamp
    }

    #[inline(always)]
    fn access(&mut self, space: usize, word: usize, value: u32, _is_write: bool) -> u32 {
        let now = self.timestamp;
        self.timestamp = now + 1;
        // `last` has the shape of memory, in which the word exists, so this never returns 0.
        let Some(slot) = self.last.get_mut(space, word) else { return 0 };
        let last = std::mem::replace(slot, now);
        if last == 0 || now - last > 1 << ACCESS_GAP_BITS {
            return self.unusual(space, word, value, last, now);
        }
        last
    }

    #[inline(always)]
    fn wide_access(&mut self, access: WideAccess<'_>) {
        self.wide.push(&access);
    }

    #[inline(always)]
    fn tick(&mut self) {
        self.timestamp += 1;
    }

    #[inline(always)]
    fn add_rows(&mut self, _executor: usize, _rows: usize) {}
}
