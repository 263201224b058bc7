//! The instruction: one row per block of the padded message.
//!
//! A row is one step of the machine and takes [`STEP_TICKS`] ticks. All rows of an instruction but the last return to
//! the same program counter, and constraints make the row that continues there the next row of the trace. Accesses of a
//! row, by tick; the tick of an access that a row does not make stays empty:
//!
//! | tick | access | on |
//! |---|---|---|
//! | 0, 1 | read rs1, rs2 | the first row |
//! | 2 … 17 | read a word of the message | words that have bytes of the message |
//! | 18 | read rd | the last row |
//! | 19 … 26 | write a word of the digest | the last row |
//!
//! Kinds of rows, by the number `m` of message bytes in the block:
//!
//! | row | `m` | block |
//! |---|---|---|
//! | full | 64 | message |
//! | end | 0 … 63 | message, 0x80, zeros; if `m` ≤ 55, it is the last row and contains the length |
//! | extra, after an end with `m` ≥ 56 | 0 | zeros, the length; it is the last row |
//!
//! `reads` marks the first ⌈m/4⌉ words, and `missing` the number of bytes after the message in the last of them. The
//! block is an expression of the words read: zero after the end, and with a correction of the word at the end.

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
