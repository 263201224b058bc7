//! Preflight runs: everything that the traces need is logged.

use crate::arch::config::MemoryConfig;
use crate::arch::execution::memory::{ACCESS_GAP_BITS, WordStore};
use crate::arch::execution::{ExecutionMode, WideAccess};

use super::wide_log::WideLog;

/// First access to a word in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstTouch {
    /// 0-based address space index.
    pub space: u32,
    /// Word index within the space.
    pub word: u32,
    /// The word's value at the start of the segment.
    pub value: u32,
    /// Time at which the boundary sends it: one tick before the first access.
    pub timestamp: u32,
}

/// A word sent again so that the next access sees a recent time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// 0-based address space index.
    pub space: u32,
    /// Word index within the space.
    pub word: u32,
    /// Value.
    pub value: u32,
    /// Time of the last access.
    pub from: u32,
    /// Time of the refresh.
    pub to: u32,
}

/// Offline memory: the log of a recording run from which the memory traces are filled.
#[derive(Debug)]
pub struct OfflineMemory {
    timestamp: u32,
    /// Time of the last access per word; 0: never accessed.
    last: WordStore,
    first_touches: Vec<FirstTouch>,
    refreshes: Vec<Refresh>,
    wide: WideLog,
}

impl OfflineMemory {
    /// An empty log; time starts at 1.
    pub fn new(config: &MemoryConfig, num_public_values: usize) -> Self {
        Self {
            timestamp: 1,
            last: WordStore::new(config, num_public_values),
            // Programs touch one new word in some hundred accesses.
            first_touches: Vec::with_capacity(config.access_capacity / 64),
            refreshes: Vec::new(),
            wide: WideLog::default(),
        }
    }

    /// Words in the order of their first access.
    pub fn first_touches(&self) -> &[FirstTouch] {
        &self.first_touches
    }

    /// Refreshes in order of time.
    pub fn refreshes(&self) -> &[Refresh] {
        &self.refreshes
    }

    /// Wide accesses.
    pub fn wide(&self) -> &WideLog {
        &self.wide
    }

    /// Takes the wide accesses out of the log.
    pub fn take_wide(&mut self) -> WideLog {
        std::mem::take(&mut self.wide)
    }

    /// Time of the last access of a word, 0 if there was none.
    pub fn last_access(&self, space: usize, word: usize) -> u32 {
        self.last.get(space, word).unwrap_or(0)
    }

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
        // The table has the shape of memory, where the access has just succeeded.
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
