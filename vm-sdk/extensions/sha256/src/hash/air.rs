//! Columns and constraints of a block.

use std::array;
use std::borrow::Borrow;
use std::mem::offset_of;

use vm_sdk::arch::authoring::{MultiRowAir, RowContext, RowFrame};
use vm_sdk::arch::{ExecutionState, RANGE_BUS};
use vm_sdk::macros::AlignedBorrow;
use vm_sdk::p3::air::AirBuilder;
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::stark::{F, VmAirBuilder};
use vm_sdk::system::memory::{CELL, MAIN_SPACE, MemoryAddress, REGISTER_SPACE, WriteAux, cells_of};

use crate::compress::SHA256_COMPRESS_BUS;
use crate::spec::{BLOCK_BYTES, BLOCK_WORDS, INITIAL_STATE, STATE_WORDS};

use super::{RD_TICK, READ_TICK, STEP_TICKS, WRITE_TICK};
use crate::SHA256;

const BYTE: F = F::new(1 << 8);
/// Bits of a pointer's high cell: 2^14 · 2^16 = 2^30 < p.
const POINTER_HIGH_BITS: usize = 14;
/// Bits of the length's high cell: lengths are below 2^29.
const LENGTH_HIGH_BITS: usize = 13;
/// The byte after the message as the high byte of a cell.
const MARK_HIGH: F = F::new(0x8000);
/// The byte after the message as the low byte of a cell.
const MARK_LOW: F = F::new(0x80);

/// Columns of a block.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct Sha256Cols<T> {
    /// Selector of used rows; boolean.
    pub is_valid: T,
    /// 1 for the first block; boolean, and implies `is_valid`. Every block that does not follow an unfinished one is a
    /// first one.
    pub is_first: T,
    /// 1 for the last block; determined by `reads` and `missing`.
    pub is_last: T,
    /// 1 if all bytes are message bytes; determined by `reads` and `missing`.
    pub is_full: T,
    /// 1 if the message ended in the block before; determined by that row, and 0 on first rows.
    pub is_extra: T,
    /// State before the block; received from the execution bus.
    pub from_state: ExecutionState<T>,
    /// Operand `a`; fixed by the program lookup.
    pub rd: T,
    /// Operand `b`; fixed by the program lookup.
    pub rs1: T,
    /// Operand `c`; fixed by the program lookup.
    pub rs2: T,
    /// Cells of rd on the last row; bound by the memory bus.
    pub destination: [T; 2],
    /// Cells of rs1 on the first row; bound by the memory bus.
    pub source: [T; 2],
    /// Cells of rs2; bound by the memory bus on the first row, and the same on every row.
    pub length: [T; 2],
    /// Times of the previous accesses to rd, rs1, rs2; bound by the memory bus, and the distances are range-checked.
    pub registers_prev_timestamp: [T; 3],
    /// Number of message bytes from this block on; determined on the first row by the length, then by the row before.
    pub remaining: T,
    /// Byte pointer of the block; like `remaining`.
    pub pointer: T,
    /// 1 for words with message bytes; boolean, ones before zeros, and determined by `remaining` together with
    /// `missing`.
    pub reads: [T; BLOCK_WORDS],
    /// 1 if the last word read has 1, 2 or 3 bytes after the message; boolean, and at most one of them is 1.
    pub missing: [T; 3],
    /// Cells of the words read; bound by the memory bus. Zero where nothing is read.
    pub data: [[T; 2]; BLOCK_WORDS],
    /// Times of the previous accesses to the words; bound by the memory bus, and the distances are range-checked.
    pub data_prev_timestamp: [T; BLOCK_WORDS],
    /// Bytes of the cell in which the message ends between two bytes, if there is such a cell, else zero.
    pub split: [T; 2],
    /// Numbers subtracted from the cells of the last word read: the bytes after the message, minus the mark.
    pub removed: [T; 2],
    /// The length in bits on the last row: the 5 high bits of the lowest byte, then the other bytes; range-checked.
    pub length_bits: [T; 4],
    /// Limbs of the chaining value before the block: the initial value, or the one after the row before.
    pub state: [[T; 2]; STATE_WORDS],
    /// Bytes, lowest first, of the words of the chaining value after the block; bound by the table of compressions, and
    /// range-checked.
    pub next_state: [[T; 4]; STATE_WORDS],
    /// Words that the digest replaces and the times of their previous accesses; bound by the memory bus, and the
    /// distances are range-checked.
    pub writes: [WriteAux<T>; STATE_WORDS],
}

/// Returns the selectors: on a row that sends any message, one of these columns is not zero.
pub(super) fn selectors() -> Vec<usize> {
    let reads = offset_of!(Sha256Cols<u8>, reads);
    let flags = [
        offset_of!(Sha256Cols<u8>, is_valid),
        offset_of!(Sha256Cols<u8>, is_first),
        offset_of!(Sha256Cols<u8>, is_last),
    ];
    flags.into_iter().chain(reads..reads + BLOCK_WORDS).collect()
}

/// Returns `low + base·high`.
fn joined<E: PrimeCharacteristicRing>([low, high]: [E; 2], base: E) -> E {
    low + high * base
}

impl<T: Copy> Sha256Cols<T> {
    /// Returns the columns that tie the row to its execution.
    fn frame(&self) -> RowFrame<T> {
        let Self { from_state, is_valid, is_first, is_last, .. } = *self;
        RowFrame { from_state, is_valid, is_first, is_last }
    }

    /// Returns the limbs of the chaining value after the block.
    fn next_limbs<AB: VmAirBuilder<Var = T>>(&self) -> [[AB::Expr; 2]; STATE_WORDS]
    where
        T: Into<AB::Expr>,
    {
        self.next_state.map(|bytes| {
            let [b0, b1, b2, b3] = bytes.map(Into::<AB::Expr>::into);
            [b0 + b1 * BYTE, b2 + b3 * BYTE]
        })
    }

    /// Returns 1 if the message ends at the end of the last word read.
    fn nothing_missing<AB: VmAirBuilder<Var = T>>(&self) -> AB::Expr
    where
        T: Into<AB::Expr>,
    {
        self.missing.iter().fold(self.is_valid.into(), |rest, flag| rest - (*flag).into())
    }

    /// Returns a flag per word: whether it is the last one read.
    fn last_read<AB: VmAirBuilder<Var = T>>(&self) -> [AB::Expr; BLOCK_WORDS]
    where
        T: Into<AB::Expr>,
    {
        array::from_fn(|j| {
            let read: AB::Expr = self.reads[j].into();
            self.reads.get(j + 1).map_or_else(|| read.clone(), |next| read.clone() - (*next).into())
        })
    }

    /// Returns a flag per word: whether it is the first one not read.
    fn first_unread<AB: VmAirBuilder<Var = T>>(&self) -> [AB::Expr; BLOCK_WORDS]
    where
        T: Into<AB::Expr>,
    {
        array::from_fn(|j| {
            let before = if j == 0 { self.is_valid } else { self.reads[j - 1] };
            before.into() - self.reads[j].into()
        })
    }
}

impl<AB: VmAirBuilder> MultiRowAir<AB> for SHA256 {
    fn eval(&self, builder: &mut AB, context: &RowContext, local: &[AB::Var], next: &[AB::Var]) {
        let (cols, next): (&Sha256Cols<AB::Var>, &Sha256Cols<AB::Var>) = (local.borrow(), next.borrow());
        eval_links(builder, cols, next);
        eval_start(builder, cols);
        eval_words(builder, cols);
        eval_compression(builder, cols);
        eval_accesses(builder, context, cols);
        let operands = [cols.rd, cols.rs1, cols.rs2];
        cols.frame().eval(builder, &next.frame(), context, &operands, STEP_TICKS);
    }
}

/// Constrains what a block passes to the next one.
fn eval_links<AB: VmAirBuilder>(builder: &mut AB, cols: &Sha256Cols<AB::Var>, next: &Sha256Cols<AB::Var>) {
    let mut pairs = builder.when_transition();
    let mut when = pairs.when(cols.frame().goes_on::<AB::Expr>());
    for (next, cell) in next.length.into_iter().zip(cols.length) {
        when.assert_eq(next, cell);
    }
    let block = AB::Expr::from_u32(BLOCK_BYTES);
    when.assert_eq(next.pointer, cols.pointer + block.clone());
    // After a full block the message continues (or ends exactly there); after any other block it has ended.
    when.assert_eq(next.remaining, (cols.remaining - block) * cols.is_full);
    when.assert_eq(next.is_extra, AB::Expr::ONE - cols.is_full);
    for (next, limbs) in next.state.iter().zip(cols.next_limbs::<AB>()) {
        for (next, limb) in next.iter().zip(limbs) {
            when.assert_eq(*next, limb);
        }
    }
}

/// Constrains the first block: operands and initial chaining value.
fn eval_start<AB: VmAirBuilder>(builder: &mut AB, cols: &Sha256Cols<AB::Var>) {
    let cell = || AB::Expr::from(CELL);
    let [length, source] = [cols.length, cols.source].map(|cells| joined(cells.map(Into::into), cell()));
    let mut when = builder.when(cols.is_first);
    when.assert_zero(cols.is_extra);
    when.assert_eq(cols.remaining, length);
    when.assert_eq(cols.pointer, source);
    for (limbs, word) in cols.state.iter().zip(INITIAL_STATE) {
        for (limb, cell) in limbs.iter().zip(cells_of(word)) {
            when.assert_eq(*limb, cell);
        }
    }
    // Soundness: the length is an integer below 2^29. `eval_words`, which derives the number of blocks from it, needs
    // this, too.
    RANGE_BUS.query(builder, [cols.length[1].into(), AB::Expr::from_usize(LENGTH_HIGH_BITS)], cols.is_first);
    // Soundness (M1): the pointer starts below 2^30, and increases by less than the length.
    let reads = cols.is_first * cols.reads[0];
    RANGE_BUS.query(builder, [cols.source[1].into(), AB::Expr::from_usize(POINTER_HIGH_BITS)], reads);
}

/// Constrains which words have message bytes, and where the message ends.
fn eval_words<AB: VmAirBuilder>(builder: &mut AB, cols: &Sha256Cols<AB::Var>) {
    let nothing_missing = cols.nothing_missing::<AB>();
    for flag in cols.reads.iter().chain(&cols.missing) {
        builder.assert_bool(*flag);
    }
    // Soundness: ones come before zeros, and there are none on padding rows. (There are none on extra rows either,
    // since those have no remaining bytes.)
    builder.assert_zero((AB::Expr::ONE - cols.is_valid) * cols.reads[0]);
    for pair in cols.reads.windows(2) {
        builder.assert_zero((AB::Expr::ONE - pair[0]) * pair[1]);
    }
    // Soundness: at most one flag is 1, and only if a word is read. Otherwise a message could end −1 bytes after a full
    // block.
    let missing = cols.missing[0] + cols.missing[1] + cols.missing[2];
    builder.assert_bool(missing.clone());
    builder.assert_zero((AB::Expr::ONE - cols.reads[0]) * missing);
    builder.assert_eq(cols.is_full, cols.reads[15] * nothing_missing.clone());
    // The mark and the length fit after at most 55 bytes: after 13 words, or after 14 words with a byte missing.
    let crowded = cols.reads[14] + (cols.reads[13] - cols.reads[14]) * nothing_missing;
    builder.assert_eq(cols.is_last, cols.is_valid - crowded);

    // Soundness: the number of full blocks k and the number of bytes m < 64 in the block after them satisfy length =
    // 64·k + m, at first only modulo p. k is less than 2^29 / 27, since each block takes 27 ticks. So both sides differ
    // by less than p, and the equation holds over the integers: k and m are quotient and remainder. m has only one
    // representation 4·words − missing.
    let words: AB::Expr = cols.reads.iter().map(|flag| (*flag).into()).sum();
    let gap = cols.missing[0] + cols.missing[1] * AB::Expr::TWO + cols.missing[2] * AB::Expr::from_u8(3);
    builder.assert_zero((cols.is_valid - cols.is_full) * (cols.remaining - words * AB::Expr::from_u8(4) + gap));

    // The block is zero where nothing is read.
    for (flag, cells) in cols.reads.iter().zip(&cols.data) {
        for cell in cells {
            builder.assert_zero((AB::Expr::ONE - *flag) * *cell);
        }
    }
    // Soundness: one byte of a cell is split off: of the low cell if three bytes are missing, of the high cell if one
    // is. Both parts are bytes, so the split is unique.
    let [one, two, three] = cols.missing;
    let last = cols.last_read::<AB>();
    let last_word: [AB::Expr; 2] =
        array::from_fn(|cell| last.iter().zip(&cols.data).map(|(is_last, data)| is_last.clone() * data[cell]).sum());
    let [low, high] = cols.split;
    let [word_low, word_high] = last_word;
    let kept_and_cut = joined([low.into(), high.into()], BYTE.into());
    builder.assert_eq(kept_and_cut, word_low * three + word_high.clone() * one);
    for byte in cols.split {
        RANGE_BUS.query(builder, [byte.into(), AB::Expr::from_u8(8)], cols.is_valid);
    }
    let cut: AB::Expr = high * BYTE - MARK_HIGH;
    builder.assert_eq(cols.removed[0], cut.clone() * three);
    let whole_cell = word_high.clone() * three + (word_high - MARK_LOW) * two;
    builder.assert_eq(cols.removed[1], whole_cell + cut * one);
}

/// Constrains the padded block, the length at its end, and the chaining values before and after it.
fn eval_compression<AB: VmAirBuilder>(builder: &mut AB, cols: &Sha256Cols<AB::Var>) {
    let (last, unread) = (cols.last_read::<AB>(), cols.first_unread::<AB>());
    // Soundness: if the message ends at the end of a word, the mark is the first byte of the next word. That word is in
    // this block unless all 16 words are read; then it is in the next block. If this is an extra block, the mark is in
    // the block before. On a last row, that word is at most the 14th.
    let mark_alone = cols.nothing_missing::<AB>() - cols.is_extra;
    let mut block: Vec<[AB::Expr; 2]> = (0..BLOCK_WORDS)
        .map(|j| {
            let [low, high] = cols.data[j].map(Into::<AB::Expr>::into);
            let mark = unread[j].clone() * mark_alone.clone() * MARK_LOW;
            [low - last[j].clone() * cols.removed[0] + mark, high - last[j].clone() * cols.removed[1]]
        })
        .collect();
    // The length in bits: eight bytes, highest first. The upper four are zero because the length is below 2^29.
    // Soundness: the length is an integer below 2^29, and so is the sum. The parts are range-checked, so they are its
    // bits.
    let [b0, b1, b2, b3] = cols.length_bits.map(Into::<AB::Expr>::into);
    let length = joined(cols.length.map(Into::into), CELL.into());
    let shifted = |part: &AB::Expr, bits: u32| part.clone() * F::from_u32(1 << bits);
    let parts = b0.clone() + shifted(&b1, 5) + shifted(&b2, 13) + shifted(&b3, 21);
    builder.when(cols.is_last).assert_eq(length, parts);
    for (part, bits) in cols.length_bits.into_iter().zip([5, 8, 8, 8]) {
        RANGE_BUS.query(builder, [part.into(), AB::Expr::from_u8(bits)], cols.is_last);
    }
    let length_cells = [b3 + b2 * BYTE, b1 + shifted(&b0, 8 + 3)];
    for (cell, value) in block[15].iter_mut().zip(length_cells) {
        *cell += value * cols.is_last;
    }

    // Soundness (M12): the digest's cells are made of bytes, and the next chaining value consists of 16-bit limbs,
    // which the table relies on. The limbs of the first one are constants.
    for byte in cols.next_state.iter().flatten() {
        RANGE_BUS.query(builder, [(*byte).into(), AB::Expr::from_u8(8)], cols.is_valid);
    }
    let state = cols.state.iter().flatten().map(|limb| (*limb).into());
    let statement = state.chain(block.into_iter().flatten()).chain(cols.next_limbs::<AB>().into_iter().flatten());
    SHA256_COMPRESS_BUS.query(builder, statement.collect::<Vec<AB::Expr>>(), cols.is_valid);
}

/// Sends and receives the messages on the memory bus.
fn eval_accesses<AB: VmAirBuilder>(builder: &mut AB, context: &RowContext, cols: &Sha256Cols<AB::Var>) {
    let memory = context.port.memory_bridge;
    let time = |tick: usize| cols.from_state.timestamp + AB::Expr::from_usize(tick);
    let register = |number: AB::Var| MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), number.into());
    let word = |pointer: AB::Expr, j: usize| {
        MemoryAddress::new(AB::Expr::from_u32(MAIN_SPACE), pointer + AB::Expr::from_usize(4 * j))
    };
    let [rd_prev, rs1_prev, rs2_prev] = cols.registers_prev_timestamp;
    let [source, length, destination] = [cols.source, cols.length, cols.destination].map(|w| w.map(Into::into));
    memory.read(builder, register(cols.rs1), source, time(0), rs1_prev, cols.is_first);
    memory.read(builder, register(cols.rs2), length, time(1), rs2_prev, cols.is_first);
    for j in 0..BLOCK_WORDS {
        let (data, prev) = (cols.data[j].map(Into::into), cols.data_prev_timestamp[j]);
        memory.read(builder, word(cols.pointer.into(), j), data, time(READ_TICK + j), prev, cols.reads[j]);
    }
    memory.read(builder, register(cols.rd), destination.clone(), time(RD_TICK), rd_prev, cols.is_last);
    // Soundness (M1): the pointer is below 2^30.
    RANGE_BUS.query(builder, [cols.destination[1].into(), AB::Expr::from_usize(POINTER_HIGH_BITS)], cols.is_last);
    let destination = joined(destination, CELL.into());
    for (j, (write, bytes)) in cols.writes.iter().zip(cols.next_state).enumerate() {
        // Digests are big-endian.
        let [b0, b1, b2, b3] = bytes.map(Into::<AB::Expr>::into);
        memory.write(
            builder,
            word(destination.clone(), j),
            [b3 + b2 * BYTE, b1 + b0 * BYTE],
            write.prev_data.map(Into::into),
            time(WRITE_TICK + j),
            write.prev_timestamp,
            cols.is_last,
        );
    }
}
