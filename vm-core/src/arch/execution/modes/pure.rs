//! Pure runs, which compute values only.

use crate::arch::execution::ExecutionMode;

/// Pure mode: keeps neither time nor counts nor records.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pure;

impl ExecutionMode for Pure {
    const METERED: bool = false;
    const RECORD: bool = false;

    #[inline(always)]
    fn timestamp(&self) -> u32 {
        0
    }
    #[inline(always)]
    fn access(&mut self, _space: usize, _word: usize, _value: u32, _is_write: bool) -> u32 {
        0
    }
    #[inline(always)]
    fn tick(&mut self) {}
    #[inline(always)]
    fn add_rows(&mut self, _executor: usize, _rows: usize) {}
}
