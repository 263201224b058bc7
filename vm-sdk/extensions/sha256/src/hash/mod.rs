//! The instruction: one row per block of the padded message.
//!
//! A row is a step of the machine that takes [`STEP_TICKS`] ticks; every row of an instruction but the last one returns to
//! the same program counter, and the row that continues there is forced to be the next row of the trace. Accesses of a
//! row, by tick; those that a row does not make leave their tick empty:
//!
//! | tick | access | on |
//! |---|---|---|
//! | 0, 1 | read rs1, rs2 | the first row |
//! | 2 … 17 | read a word of the message | words that have bytes of the message |
//! | 18 | read rd | the last row |
//! | 19 … 26 | write a word of the digest | the last row |
//!
//! Kinds of rows, by the number of message bytes `m` in the block:
//!
//! | row | `m` | block |
//! |---|---|---|
//! | full | 64 | message |
//! | end | 0 … 63 | message, 0x80, zeros; the length, and the last row, if `m` ≤ 55 |
//! | extra, behind an end with `m` ≥ 56 | 0 | zeros, the length; the last row |
//!
//! `reads` marks the first ⌈m/4⌉ words, `missing` the bytes that the last of them has beyond the message. The block is an
//! expression of the words read: beyond the end it has nothing, at the end a correction of one word.

mod air;
mod execute;

pub use air::Sha256Cols;
pub use execute::{BlockRecord, Sha256Record};

use vm_sdk::arch::AirPart;
use vm_sdk::primitives::{names_of, width_of};

use crate::SHA256;

/// Ticks of a row.
pub const STEP_TICKS: usize = 27;
/// Tick of the first word's read.
const READ_TICK: usize = 2;
/// Tick of rd's read.
const RD_TICK: usize = READ_TICK + 16;
/// Tick of the first word's write.
const WRITE_TICK: usize = RD_TICK + 1;

impl AirPart for SHA256 {
    fn width(&self) -> usize {
        width_of::<Sha256Cols<u8>>()
    }

    fn column_names(&self) -> Vec<String> {
        names_of::<Sha256Cols<u8>>()
    }

    fn selectors(&self) -> Vec<usize> {
        air::selectors()
    }
}
