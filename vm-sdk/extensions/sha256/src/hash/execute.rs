//! Execution and witness.

use std::array;
use std::borrow::{Borrow, BorrowMut};

use vm_sdk::arch::authoring::MultiRowCore;
use vm_sdk::arch::{ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, NUM_REGISTERS};
use vm_sdk::instructions::{Instruction, PC_STEP};
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::stark::{F, Instances};
use vm_sdk::system::memory::{
    MAIN_SPACE, MemoryController, MemoryError, REGISTER_SPACE, ReadRecord, WriteAux, WriteRecord, cells_of,
};

use crate::spec::{
    BLOCK_BYTES, BLOCK_WORDS, Block, INITIAL_STATE, MAX_MESSAGE_BYTES, STATE_WORDS, State, blocks, compress,
    message_bytes, padded_block,
};

use crate::compress::COMPRESS_AIR;

use super::{RD_TICK, READ_TICK, STEP_TICKS, Sha256Cols};
use crate::SHA256;

/// Record of a block, from which its row is filled.
#[derive(Clone, Copy, Debug)]
pub struct BlockRecord {
    /// Words read; zero where no word was read.
    data: Block,
    /// Times of the previous accesses.
    prev_timestamps: [u32; BLOCK_WORDS],
}

/// Record of an execution, from which its rows are filled.
#[derive(Clone, Debug)]
pub struct Sha256Record {
    destination: u32,
    source: u32,
    length: u32,
    /// Reads of rd, rs1 and rs2.
    registers: [ReadRecord; 3],
    /// Empty in modes that do not record.
    blocks: Vec<BlockRecord>,
    writes: [WriteRecord; STATE_WORDS],
}

/// Returns the number of words of block `index` that have message bytes.
fn words_read(length: u32, index: usize) -> usize {
    message_bytes(length, index).div_ceil(4)
}

/// Checks, before any word is read, that the message lies in memory and is not too long.
fn check_message<M: ExecutionMode>(
    memory: &MemoryController<M>,
    source: u32,
    length: u32,
    pc: u32,
) -> ExecutionResult<()> {
    let Some(last_byte) = length.checked_sub(1) else { return Ok(()) };
    let refuse = |source| ExecutionError::memory(pc, source);
    memory.memory().peek(MAIN_SPACE, source).map_err(refuse)?;
    // A message that extends above 2^32 is out of range like every other message outside of main memory.
    let last = source.saturating_add(last_byte) & !3;
    memory.memory().peek(MAIN_SPACE, last).map_err(refuse)?;
    if length >= MAX_MESSAGE_BYTES {
        let message = format!("sha256 of {length} bytes; the length in rs2 must be below {MAX_MESSAGE_BYTES}");
        return Err(Box::new(ExecutionError::Fail { pc, message }));
    }
    Ok(())
}

/// Checks, before any word is written, that the digest lies in memory.
fn check_digest<M: ExecutionMode>(memory: &MemoryController<M>, destination: u32, pc: u32) -> ExecutionResult<()> {
    let last = destination.saturating_add(4 * (STATE_WORDS as u32 - 1)) & !3;
    for pointer in [destination, last] {
        memory.memory().peek(MAIN_SPACE, pointer).map_err(|source| ExecutionError::memory(pc, source))?;
    }
    Ok(())
}

impl MultiRowCore for SHA256 {
    type Record = Sha256Record;

    fn instances(&self) -> Instances {
        // Soundness: see `RowFrame::eval`. All other constraints on pairs of rows apply only if the first one goes on.
        Instances::Closed
    }

    /// Soundness: the register pointers in memory messages are those of the program table.
    fn accepts(&self, instruction: &Instruction) -> bool {
        let Instruction { a, b, c, d, e, f, g, .. } = *instruction;
        let is_register = |pointer: u32| pointer.is_multiple_of(4) && (pointer as usize) < 4 * NUM_REGISTERS;
        [a, b, c].into_iter().all(is_register) && [d, e, f, g] == [0; 4]
    }

    fn execute<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<(u32, Sha256Record)> {
        let pc = from.pc;
        let refuse = |source: Box<MemoryError>| ExecutionError::memory(pc, source);
        let (source, rs1) = memory.read(REGISTER_SPACE, instruction.b).map_err(refuse)?;
        let (length, rs2) = memory.read(REGISTER_SPACE, instruction.c).map_err(refuse)?;
        let destination = memory.memory().peek(REGISTER_SPACE, instruction.a).map_err(refuse)?;
        check_message(memory, source, length, pc)?;
        check_digest(memory, destination, pc)?;

        let mut records = Vec::with_capacity(if M::RECORD { blocks(length) } else { 0 });
        let mut state = INITIAL_STATE;
        for index in 0..blocks(length) {
            if index > 0 {
                // Ticks of rd and of the digest in the row before, and of rs1 and rs2 in this row.
                (0..STEP_TICKS - RD_TICK + READ_TICK).for_each(|_| memory.tick());
            }
            let mut block = BlockRecord { data: [0; BLOCK_WORDS], prev_timestamps: [0; BLOCK_WORDS] };
            let read = words_read(length, index);
            for j in 0..read {
                // The message lies in memory, so the pointer does not wrap.
                let pointer = source.wrapping_add(index as u32 * BLOCK_BYTES + 4 * j as u32);
                let (word, record) = memory.read(MAIN_SPACE, pointer).map_err(refuse)?;
                block.data[j] = word;
                block.prev_timestamps[j] = record.prev_timestamp;
            }
            (read..BLOCK_WORDS).for_each(|_| memory.tick());
            state = compress(&state, &padded_block(length, index, &block.data));
            memory.mode.add_periphery_rows(COMPRESS_AIR, 1);
            if M::RECORD {
                records.push(block);
            }
        }
        let (_, rd) = memory.read(REGISTER_SPACE, instruction.a).map_err(refuse)?;
        let mut writes = [WriteRecord::default(); STATE_WORDS];
        for ((pointer, write), word) in (destination..).step_by(4).zip(&mut writes).zip(state) {
            *write = memory.write(MAIN_SPACE, pointer, word.swap_bytes()).map_err(refuse)?;
        }
        let record = Sha256Record { destination, source, length, registers: [rd, rs1, rs2], blocks: records, writes };
        Ok((pc.wrapping_add(PC_STEP), record))
    }

    fn free_cell(column: &str, row: &[F]) -> Option<&'static str> {
        let cols: &Sha256Cols<F> = row.borrow();
        let index = || column.split(['[', ']']).nth(1)?.parse::<usize>().ok();
        let (is_used, reason) = match column.split('[').next()? {
            "destination" | "writes" => (cols.is_last, "the digest is written by the last row"),
            "length_bits" => (cols.is_last, "the length is in the last block"),
            "source" => (cols.is_first, "the pointer is read by the first row"),
            "registers_prev_timestamp" if index() == Some(0) => (cols.is_last, "rd is read by the last row"),
            "registers_prev_timestamp" => (cols.is_first, "rs1 and rs2 are read by the first row"),
            "data_prev_timestamp" => (cols.reads[index()?], "the word is not read"),
            _ => return None,
        };
        (is_used == F::ZERO).then_some(reason)
    }

    fn rows(&self, record: &Sha256Record) -> usize {
        blocks(record.length)
    }

    fn generate_rows(
        &self,
        cells: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        record: &Sha256Record,
    ) {
        let mut state = INITIAL_STATE;
        let width = size_of::<Sha256Cols<u8>>();
        for (index, (row, block)) in cells.chunks_exact_mut(width).zip(&record.blocks).enumerate() {
            let cols: &mut Sha256Cols<F> = row.borrow_mut();
            cols.rd = F::from_u32(instruction.a);
            cols.rs1 = F::from_u32(instruction.b);
            cols.rs2 = F::from_u32(instruction.c);
            let timestamp = from.timestamp + (STEP_TICKS * index) as u32;
            cols.from_state = ExecutionState::new(F::from_u32(from.pc), F::from_u32(timestamp));
            cols.fill_block(index, record, block, &mut state);
        }
    }
}

impl Sha256Cols<F> {
    /// Fills everything but the instruction's operands and the state of execution. `state` is the chaining value before
    /// the block, and is replaced by the one after it.
    fn fill_block(&mut self, index: usize, record: &Sha256Record, block: &BlockRecord, state: &mut State) {
        let Sha256Record { destination, source, length, registers, writes, .. } = record;
        let here = message_bytes(*length, index);
        let read = words_read(*length, index);
        let is_last = index + 1 == record.blocks.len();
        let start = index as u32 * BLOCK_BYTES;
        self.is_valid = F::ONE;
        self.is_first = F::from_bool(index == 0);
        self.is_last = F::from_bool(is_last);
        self.is_full = F::from_bool(here == BLOCK_BYTES as usize);
        // The mark is in the block that contains the byte after the message.
        self.is_extra = F::from_bool(length / BLOCK_BYTES < index as u32);
        self.length = cells_of(*length);
        self.remaining = F::from_u32(length.saturating_sub(start));
        self.pointer = F::from_u32(*source) + F::from_u32(start);
        let [rd, rs1, rs2] = registers.map(|read| F::from_u32(read.prev_timestamp));
        if index == 0 {
            self.source = cells_of(*source);
            self.registers_prev_timestamp[1..].copy_from_slice(&[rs1, rs2]);
        }
        self.reads[..read].fill(F::ONE);
        self.data = block.data.map(cells_of);
        self.data_prev_timestamp = block.prev_timestamps.map(F::from_u32);
        let missing = 4 * read - here;
        if missing > 0 {
            self.missing[missing - 1] = F::ONE;
            self.fill_end(missing, block.data[read - 1]);
        }
        self.state = state.map(cells_of);
        *state = compress(state, &padded_block(*length, index, &block.data));
        self.next_state = state.map(|word| word.to_le_bytes().map(F::from_u8));
        if is_last {
            self.destination = cells_of(*destination);
            self.registers_prev_timestamp[0] = rd;
            self.length_bits = [length & 31, (length >> 5) & 255, (length >> 13) & 255, length >> 21].map(F::from_u32);
            self.writes = array::from_fn(|j| WriteAux {
                prev_timestamp: F::from_u32(writes[j].prev_timestamp),
                prev_data: cells_of(writes[j].prev_data),
            });
        }
    }

    /// Fills the correction of the word in which the message ends, if it ends before the word's last byte.
    fn fill_end(&mut self, missing: usize, word: u32) {
        let [low, high] = [word & 0xFFFF, word >> 16];
        let split = [high, 0, low][missing - 1];
        if missing != 2 {
            self.split = [split & 0xFF, split >> 8].map(F::from_u32);
        }
        let cut = F::from_u32(split & 0xFF00) - F::from_u32(0x8000);
        self.removed = match missing {
            1 => [F::ZERO, cut],
            2 => [F::ZERO, F::from_u32(high) - F::from_u32(0x80)],
            _ => [cut, F::from_u32(high)],
        };
    }
}
