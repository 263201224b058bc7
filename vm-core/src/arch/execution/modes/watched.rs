//! Runs under a debugger, which stop at chosen places.

use std::ops::Range;

use rustc_hash::FxHashSet;

use crate::arch::execution::memory::MAIN_SPACE;
use crate::arch::execution::{ExecutionMode, REGISTER_SPACE};

/// Index of the address space of main memory, counted from 0.
const MAIN: usize = (MAIN_SPACE - REGISTER_SPACE) as usize;

/// Access to a word that a debugger watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchedAccess {
    /// Index of the word in main memory.
    pub word: usize,
    /// Whether the word was written.
    pub is_write: bool,
}

/// Debugging mode: a pure run that is suspended before the instructions at chosen program counters, and after
/// instructions that access chosen words of main memory.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// Program counters before which the run is suspended.
    pub breakpoints: FxHashSet<u32>,
    /// Ranges of words of main memory after whose accesses the run is suspended.
    pub words: Vec<Range<usize>>,
    /// Accesses of the last instruction to these words.
    accesses: Vec<WatchedAccess>,
    /// The register that the last instruction wrote, and its value before. Only known if words are watched.
    replaced: Option<(usize, u32)>,
    /// Whether the next instruction is executed in any case.
    proceeds: bool,
    /// Program counter of the last instruction that was begun.
    pc: u32,
    /// Number of instructions that were begun.
    begun: u64,
}

impl Watched {
    /// Prepares the next part of a run. If `proceeds` is true, its first instruction is executed even if there is a
    /// breakpoint.
    pub(crate) fn begin(&mut self, proceeds: bool) {
        self.accesses.clear();
        self.proceeds = proceeds;
        self.begun = 0;
    }

    /// Returns the accesses of the last instruction to watched words.
    pub fn accesses(&self) -> &[WatchedAccess] {
        &self.accesses
    }

    /// Replaces a register that the last instruction wrote by its value before. Only does so if words are watched.
    pub fn undo_register(&self, registers: &mut [u32]) {
        if let Some((register, value)) = self.replaced
            && let Some(slot) = registers.get_mut(register)
        {
            *slot = value;
        }
    }

    /// Returns the program counter of the last instruction that was begun.
    pub fn last_pc(&self) -> u32 {
        self.pc
    }

    /// Returns the program counter of the last instruction that was begun, and how many were begun since [`Self::begin`].
    pub(crate) fn last(&self) -> (u32, u64) {
        (self.pc, self.begun)
    }
}

impl ExecutionMode for Watched {
    const METERED: bool = false;
    const RECORD: bool = false;

    #[inline(always)]
    fn timestamp(&self) -> u32 {
        0
    }

    #[inline(always)]
    fn access(&mut self, space: usize, word: usize, value: u32, is_write: bool) -> u32 {
        if !self.words.is_empty() {
            if space == MAIN {
                if self.words.iter().any(|range| range.contains(&word)) {
                    self.accesses.push(WatchedAccess { word, is_write });
                }
            } else if space == 0 && is_write {
                self.replaced = Some((word, value));
            }
        }
        0
    }

    #[inline(always)]
    fn tick(&mut self) {}

    #[inline(always)]
    fn add_rows(&mut self, _executor: usize, _rows: usize) {}

    #[inline(always)]
    fn suspends_before(&mut self, pc: u32) -> bool {
        let stops = !self.accesses.is_empty() || self.breakpoints.contains(&pc);
        if stops && !self.proceeds {
            return true;
        }
        self.proceeds = false;
        self.replaced = None;
        self.pc = pc;
        self.begun += 1;
        false
    }
}
