//! AIR of the instruction: one block of a message per row. The rows of an instruction follow one another.
//!
//! Each row is one step of the machine and takes [`BLOCK_TICKS`] ticks. All steps but the last return to the same pc.
//!
//! | columns | first row | every row | last row |
//! |---|---|---|---|
//! | `dst`, `src`, `left` | registers are read | destination; pointer and bytes left of the message at this block | |
//! | `end[34]`, `end_byte[4]` | | | word and byte of the block at which the padding starts |
//! | `words_prev[34]` | | words that the message fills are read | only those before `end` |
//! | `tail[4]` | | | bytes of the word in which the message ends, if it ends within one |
//! | `message[136]` | | the block with all of its padding but the last bit | |
//! | `state` | is zero | the state before the block: rate in bytes, capacity in limbs | |
//! | `absorbed[136]` | | `message ⊕ state`; the permutation's input, together with the capacity | |
//! | `result` | | the permutation's output; the next row's `state` | first 32 bytes are written |
//!
//! Soundness, in addition to the arguments at the constraints. *Structure, execution, instances:* see [`RowFrame::eval`].
//! *Length:*
//! `left` starts below 2^30, decreases by 136 per row, and is `4·word + byte`, below 136, in the last row. Each row has
//! more than 136 messages of weight one, which keeps 136 times the height below p. So this is an equation of integers,
//! and each length has exactly one number of blocks and one end.
//! *Pointers:* `src` starts below 2^29 if anything is read, and increases by at most the length plus 136, so it is an
//! integer below p (M1). Pointers beyond memory and misaligned pointers have no first send.

use std::array;
use std::borrow::Borrow;
use std::mem::offset_of;

use vm_sdk::arch::authoring::{InstructionSpec, MultiRowAir, RowContext, RowFrame};
use vm_sdk::arch::{AirPart, BITWISE_BUS, ExecutionState, RANGE_BUS, SystemPort};
use vm_sdk::macros::AlignedBorrow;
use vm_sdk::p3::air::AirBuilder;
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::primitives::{names_of, width_of};
use vm_sdk::stark::{F, VmAirBuilder};
use vm_sdk::system::memory::{MAIN_SPACE, MemoryAddress, REGISTER_SPACE, WriteAux};

use crate::KECCAK256;
use crate::bus::{CAPACITY_LIMBS, KECCAK_F_BUS, LIMBS, RATE_LIMB_BYTES, RATE_LIMBS, recompose};
use crate::permutation::{DIGEST_BYTES, RATE_BYTES, ROUNDS, rc_window};

/// Name of the AIR.
pub const BLOCK_AIR: &str = <KECCAK256 as InstructionSpec>::NAME;

/// Words of a block.
pub const BLOCK_WORDS: usize = RATE_BYTES / 4;
/// Words of the digest.
pub const DIGEST_WORDS: usize = DIGEST_BYTES / 4;
/// Ticks of a row: three registers, the words of a block, the word in which the message ends, the words of the digest.
pub const BLOCK_TICKS: usize = DIGEST_TICK + DIGEST_WORDS;
const WORDS_TICK: usize = 3;
const TAIL_TICK: usize = WORDS_TICK + BLOCK_WORDS;
const DIGEST_TICK: usize = TAIL_TICK + 1;

/// Limbs of the rate that contain bytes of the digest; their bytes are columns.
const DIGEST_LIMBS: usize = DIGEST_BYTES.div_ceil(RATE_LIMB_BYTES);

/// Bits of a pointer's high cell: pointers are below 2^29.
const POINTER_HIGH_BITS: u32 = 13;
/// Bits of a length's high cell: the message may fill all of memory.
const LENGTH_HIGH_BITS: u32 = 14;

/// Columns of [`KECCAK256`].
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct BlockCols<T> {
    /// State before the step; received from the execution bus, and linked to the next row by a constraint.
    pub from_state: ExecutionState<T>,
    /// Selector of used rows; boolean.
    pub is_valid: T,
    /// 1 for the first block of a message; boolean, and determined by the row before.
    pub is_first: T,
    /// 1 for the last block of a message; boolean, and determined by the length.
    pub is_last: T,
    /// 1 for the first block of a message that is not empty, whose pointer is then in range; boolean. Free for an empty
    /// message.
    pub has_data: T,
    /// Operands; fixed by the program lookup.
    pub operands: [T; 3],
    /// Times of the previous accesses to the registers, in the first row; bound by the memory bus, and the distances
    /// are range-checked.
    pub registers_prev: [T; 3],
    /// Cells of the destination; bound by the memory bus in the first row, and copied to the next row by a constraint.
    pub dst: [T; 2],
    /// First row: cells of the source, bound by the memory bus. Other rows: pointer to the block and 0, by constraints.
    pub src: [T; 2],
    /// First row: cells of the length, bound by the memory bus. Other rows: number of bytes from this block on and 0,
    /// by constraints.
    pub left: [T; 2],
    /// Last row: one-hot, the word in which the padding starts; booleans with sum `is_last`, determined by `left`.
    pub end: [T; BLOCK_WORDS],
    /// Last row: one-hot, the byte of that word at which the padding starts; booleans with sum `is_last`, determined by
    /// `left`.
    pub end_byte: [T; 4],
    /// Bytes of the word in which the message ends, or zeros; bound by the memory bus, and range-checked (the first
    /// byte as part of `message`).
    pub tail: [T; 4],
    /// The padded block without the last bit of the padding: words bound by the memory bus, `tail`, or constants.
    pub message: [T; RATE_BYTES],
    /// Rate before the block, in bytes: `result` of the row before, or zeros.
    pub state: [T; RATE_BYTES],
    /// Capacity before the block: `result_capacity` of the row before, or zeros.
    pub capacity: [T; CAPACITY_LIMBS],
    /// Rate after the block is added; bound by the bitwise lookup.
    pub absorbed: [T; RATE_BYTES],
    /// First limbs of the permutation's rate, in bytes; bound by the permutation bus, and range-checked.
    pub result: [T; DIGEST_LIMBS * RATE_LIMB_BYTES],
    /// Other limbs of the rate; bound by the permutation bus.
    pub result_rate: [T; RATE_LIMBS - DIGEST_LIMBS],
    /// Limbs of the capacity; bound by the permutation bus.
    pub result_capacity: [T; CAPACITY_LIMBS],
    /// Times of the previous accesses to the words of the block; bound by the memory bus, and the distances are
    /// range-checked.
    pub words_prev: [T; BLOCK_WORDS],
    /// Time of the previous access to the word of `tail`; bound by the memory bus, and the distance is range-checked.
    pub tail_prev: T,
    /// Words that the digest replaces and the times of their previous accesses; bound by the memory bus, and the
    /// distances are range-checked.
    pub digest: [WriteAux<T>; DIGEST_WORDS],
}

impl AirPart for KECCAK256 {
    fn width(&self) -> usize {
        width_of::<BlockCols<u8>>()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<BlockCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        // Soundness: where `is_valid` is 0, constraints make all others zero.
        let flags = [
            offset_of!(BlockCols<u8>, is_valid),
            offset_of!(BlockCols<u8>, is_first),
            offset_of!(BlockCols<u8>, is_last),
            offset_of!(BlockCols<u8>, has_data),
        ];
        let (end, end_byte) = (offset_of!(BlockCols<u8>, end), offset_of!(BlockCols<u8>, end_byte));
        flags.into_iter().chain(end..end + BLOCK_WORDS).chain(end_byte..end_byte + 4).collect()
    }
}

impl<T: Copy> BlockCols<T> {
    /// Returns the columns that tie the row to its execution.
    fn frame(&self) -> RowFrame<T> {
        let Self { from_state, is_valid, is_first, is_last, .. } = *self;
        RowFrame { from_state, is_valid, is_first, is_last }
    }
}

/// Returns the number with these two cells.
fn value<AB: VmAirBuilder>(cells: [AB::Var; 2]) -> AB::Expr {
    recompose(1 << 16, cells.map(Into::into).into_iter())
}

/// Returns the cells of four bytes.
fn word<AB: VmAirBuilder>(bytes: &[AB::Var]) -> [AB::Expr; 2] {
    array::from_fn(|i| recompose(256, bytes[2 * i..2 * i + 2].iter().map(|byte| (*byte).into())))
}

/// Returns the limbs of some bytes of the rate.
fn rate_limbs<AB: VmAirBuilder>(bytes: &[AB::Var]) -> impl Iterator<Item = AB::Expr> {
    bytes.chunks(RATE_LIMB_BYTES).map(|bytes| recompose(256, bytes.iter().map(|byte| (*byte).into())))
}

impl<AB: VmAirBuilder> MultiRowAir<AB> for KECCAK256 {
    fn eval(&self, builder: &mut AB, context: &RowContext, local: &[AB::Var], next: &[AB::Var]) {
        let (cols, next): (&BlockCols<AB::Var>, &BlockCols<AB::Var>) = (local.borrow(), next.borrow());
        eval_flags(builder, cols, next);
        eval_length(builder, cols, next);
        eval_message(builder, cols);
        eval_sponge(builder, cols, next);
        eval_accesses(builder, context.port, cols);
        cols.frame().eval(builder, &next.frame(), context, &cols.operands, BLOCK_TICKS);
    }
}

/// Constrains the flag of the first row, and what the rows of an instruction have in common.
fn eval_flags<AB: VmAirBuilder>(builder: &mut AB, cols: &BlockCols<AB::Var>, next: &BlockCols<AB::Var>) {
    builder.assert_bool(cols.has_data);
    // Soundness: no flag on padding rows (M28).
    builder.assert_zero(cols.has_data * (AB::Expr::ONE - cols.is_first));
    let mut pairs = builder.when_transition();
    let mut same = pairs.when(cols.frame().goes_on::<AB::Expr>());
    same.assert_eq(next.dst[0], cols.dst[0]);
    same.assert_eq(next.dst[1], cols.dst[1]);
}

/// Constrains where the message is and where it ends.
fn eval_length<AB: VmAirBuilder>(builder: &mut AB, cols: &BlockCols<AB::Var>, next: &BlockCols<AB::Var>) {
    let BlockCols { is_valid, is_first, is_last, has_data, .. } = *cols;
    let (src, left) = (value::<AB>(cols.src), value::<AB>(cols.left));
    let block = AB::Expr::from_usize(RATE_BYTES);
    let mut pairs = builder.when_transition();
    let mut same = pairs.when(is_valid - is_last);
    same.assert_eq(value::<AB>(next.src), src + block.clone());
    same.assert_eq(value::<AB>(next.left) + block, left.clone());
    // After the first row, pointer and length are one column each.
    let mut later = builder.when(is_valid - is_first);
    later.assert_zero(cols.src[1]);
    later.assert_zero(cols.left[1]);

    // Soundness: registers contain 16-bit cells. With these bounds, the three values are integers in the ranges that
    // the arguments above need. An empty message reads nothing, so its pointer may be anything.
    builder.when(is_first - has_data).assert_zero(left.clone());
    let mut range = |cell: AB::Var, bits: u32, count: AB::Var| {
        RANGE_BUS.query(builder, [cell.into(), AB::Expr::from_u32(bits)], count);
    };
    range(cols.dst[1], POINTER_HIGH_BITS, is_first);
    range(cols.src[1], POINTER_HIGH_BITS, has_data);
    range(cols.left[1], LENGTH_HIGH_BITS, is_first);

    for flags in [&cols.end[..], &cols.end_byte[..]] {
        flags.iter().for_each(|flag| builder.assert_bool(*flag));
        builder.assert_eq(flags.iter().map(|flag| (*flag).into()).sum::<AB::Expr>(), is_last);
    }
    let end_byte: AB::Expr = index::<AB>(&cols.end_byte);
    builder.when(is_last).assert_eq(left, end_word::<AB>(cols) * AB::Expr::from_u32(4) + end_byte);
}

/// Constrains the block: words before the end are read, the word at the end is read as far as the message extends, and
/// the rest is padding.
fn eval_message<AB: VmAirBuilder>(builder: &mut AB, cols: &BlockCols<AB::Var>) {
    let [tail0, tail1, tail2, _] = cols.tail.map(Into::<AB::Expr>::into);
    let [end0, end1, end2, end3] = cols.end_byte.map(Into::<AB::Expr>::into);
    // Bytes before the end, then the first bit of the padding, then zeros.
    let beyond2 = end3.clone();
    let beyond1 = beyond2.clone() + end2.clone();
    let beyond0 = beyond1.clone() + end1.clone();
    let end_bytes = [tail0 * beyond0.clone() + end0, tail1 * beyond1 + end1, tail2 * beyond2 + end2, end3];

    let mut reached = AB::Expr::ZERO;
    for (i, end) in cols.end.iter().enumerate() {
        // Soundness: `reached` is a boolean because the flags are one-hot. Where it is 1, the bytes are determined
        // here. Where it is 0, the word is read (see the accesses).
        reached += (*end).into();
        for (byte, end_byte) in cols.message[4 * i..4 * i + 4].iter().zip(&end_bytes) {
            builder.assert_eq(reached.clone() * *byte, end_byte.clone() * *end);
        }
    }
    // The tail is zero where it is not read.
    let is_read = beyond0;
    builder.assert_bool(is_read.clone());
    for (i, byte) in cols.tail.into_iter().enumerate() {
        builder.when(AB::Expr::ONE - is_read.clone()).assert_zero(byte);
        // Soundness: otherwise the word could be split into bytes in several ways. The first byte is a byte of the
        // message wherever the tail is read, and bytes of the message are looked up (see the sponge).
        if i > 0 {
            RANGE_BUS.query(builder, [byte.into(), AB::Expr::from_u32(8)], is_read.clone());
        }
    }
}

/// Constrains the sponge: the block is added to the state, and the permutation of the sum is the next row's state.
fn eval_sponge<AB: VmAirBuilder>(builder: &mut AB, cols: &BlockCols<AB::Var>, next: &BlockCols<AB::Var>) {
    let BlockCols { is_valid, is_first, is_last, .. } = *cols;
    let capacity = |cells: &[AB::Var; CAPACITY_LIMBS]| cells.map(Into::<AB::Expr>::into);

    // Soundness: bytes of the state are in range because they are looked up. So a limb of value zero has zero bytes,
    // and every other limb has one decomposition.
    for limb in rate_limbs::<AB>(&cols.state).chain(capacity(&cols.capacity)) {
        builder.when(is_first).assert_zero(limb);
    }
    for (i, ((message, state), absorbed)) in cols.message.iter().zip(&cols.state).zip(&cols.absorbed).enumerate() {
        // The last bit of the padding. Without it, the last byte of a last block is 0 or 1.
        let last_bit = if i == RATE_BYTES - 1 { is_last * F::from_u32(0x80) } else { AB::Expr::ZERO };
        BITWISE_BUS.query(builder, [last_bit + *message, (*state).into(), (*absorbed).into()], is_valid);
    }
    for byte in cols.result {
        RANGE_BUS.query(builder, [byte.into(), AB::Expr::from_u32(8)], is_valid);
    }

    let result = rate_limbs::<AB>(&cols.result)
        .chain(cols.result_rate.map(Into::into))
        .chain(capacity(&cols.result_capacity))
        .collect::<Vec<_>>();
    let absorbed = rate_limbs::<AB>(&cols.absorbed).chain(capacity(&cols.capacity)).collect::<Vec<_>>();
    let next_state = rate_limbs::<AB>(&next.state).chain(capacity(&next.capacity));
    let mut pairs = builder.when_transition();
    let mut same = pairs.when(is_valid - is_last);
    for (limb, next) in result.iter().zip(next_state) {
        same.assert_eq(next, limb.clone());
    }
    let message = |round: usize, state: Vec<AB::Expr>| {
        debug_assert_eq!(state.len(), LIMBS);
        let head = [AB::Expr::from_usize(round), AB::Expr::from_u32(rc_window(round))];
        [cols.from_state.timestamp.into()].into_iter().chain(head).chain(state).collect::<Vec<_>>()
    };
    KECCAK_F_BUS.send(builder, message(0, absorbed), is_valid);
    KECCAK_F_BUS.receive(builder, message(ROUNDS, result), is_valid);
}

/// Makes the accesses: registers in the first row, words of the message, the digest in the last row.
fn eval_accesses<AB: VmAirBuilder>(builder: &mut AB, port: SystemPort, cols: &BlockCols<AB::Var>) {
    let memory = port.memory_bridge;
    let time = |tick: usize| cols.from_state.timestamp + AB::Expr::from_usize(tick);
    let registers = cols.operands.into_iter().zip([cols.dst, cols.src, cols.left]).zip(cols.registers_prev);
    for (tick, ((operand, cells), prev)) in registers.enumerate() {
        let address = MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), operand.into());
        memory.read(builder, address, cells.map(Into::into), time(tick), prev, cols.is_first);
    }
    let main = |pointer: AB::Expr| MemoryAddress::new(AB::Expr::from_u32(MAIN_SPACE), pointer);
    let src = value::<AB>(cols.src);
    let mut is_read: AB::Expr = cols.is_valid.into();
    for (i, (bytes, prev)) in cols.message.chunks_exact(4).zip(cols.words_prev).enumerate() {
        is_read -= cols.end[i].into();
        builder.assert_bool(is_read.clone());
        let pointer = src.clone() + AB::Expr::from_usize(4 * i);
        memory.read(builder, main(pointer), word::<AB>(bytes), time(WORDS_TICK + i), prev, is_read.clone());
    }
    let pointer = src + end_word::<AB>(cols) * AB::Expr::from_u32(4);
    let [_, end1, end2, end3] = cols.end_byte.map(Into::<AB::Expr>::into);
    let tail = word::<AB>(&cols.tail);
    memory.read(builder, main(pointer), tail, time(TAIL_TICK), cols.tail_prev, end1 + end2 + end3);

    let dst = value::<AB>(cols.dst);
    for (i, (bytes, aux)) in cols.result.chunks_exact(4).zip(&cols.digest).enumerate() {
        // Soundness: each cell consists of two bytes that are range-checked (M12).
        let address = main(dst.clone() + AB::Expr::from_usize(4 * i));
        let old = aux.prev_data.map(Into::into);
        let tick = time(DIGEST_TICK + i);
        memory.write(builder, address, word::<AB>(bytes), old, tick, aux.prev_timestamp, cols.is_last);
    }
}

/// Returns `Σ i · flag_i`.
fn index<AB: VmAirBuilder>(flags: &[AB::Var]) -> AB::Expr {
    flags.iter().enumerate().map(|(i, flag)| *flag * F::from_usize(i)).sum()
}

/// Returns the number of the word in which the padding starts.
fn end_word<AB: VmAirBuilder>(cols: &BlockCols<AB::Var>) -> AB::Expr {
    index::<AB>(&cols.end)
}
