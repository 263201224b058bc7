//! Execution of the instruction, and its rows.

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

use crate::KECCAK256;
use crate::block::{BLOCK_TICKS, BLOCK_WORDS, BlockCols, DIGEST_WORDS};
use crate::bus::{RATE_LIMBS, limbs};
use crate::permutation::{RATE_BYTES, ROUNDS, State, absorb, bytes, permute};
use crate::rounds::{ROUND_AIR, Request};

/// Record of an execution. Blocks are recorded only for proofs.
#[derive(Clone, Debug)]
pub struct Keccak256Record {
    registers: [(u32, ReadRecord); 3],
    blocks: Vec<BlockRecord>,
    digest: [WriteRecord; DIGEST_WORDS],
}

/// Record of a block, from which its row is filled.
#[derive(Clone, Debug)]
struct BlockRecord {
    /// State before the block.
    state: State,
    /// The block with all of its padding but the last bit.
    message: [u8; RATE_BYTES],
    words: [ReadRecord; BLOCK_WORDS],
    /// Word in which the message ends.
    tail: [u8; 4],
    tail_read: ReadRecord,
}

/// Returns the number of blocks of a padded message.
const fn blocks(len: u32) -> usize {
    len as usize / RATE_BYTES + 1
}

impl KECCAK256 {
    /// Checks, before anything is read, that the pointers are aligned and in range.
    fn check<M: ExecutionMode>(
        memory: &MemoryController<M>,
        [dst, src, len]: [u32; 3],
        pc: u32,
    ) -> ExecutionResult<()> {
        let aligned = |pointer: u32| match pointer % 4 {
            0 => Ok(()),
            _ => Err(ExecutionError::memory(pc, Box::new(MemoryError::Misaligned { pointer, width: 4 }))),
        };
        aligned(dst)?;
        if len == 0 {
            return Ok(());
        }
        aligned(src)?;
        // A last word above 2^32 is out of range like every other word outside of main memory.
        let last = src.checked_add(len - 1).map_or(!3, |last| last & !3);
        memory.memory().peek(MAIN_SPACE, last).map_err(|source| ExecutionError::memory(pc, source))?;
        Ok(())
    }

    /// Reads a block: its `left` bytes, at most 136, followed by the first bit of the padding if it fits.
    fn read_block<M: ExecutionMode>(
        memory: &mut MemoryController<M>,
        src: u64,
        left: usize,
        state: State,
        pc: u32,
    ) -> ExecutionResult<BlockRecord> {
        let mut block = BlockRecord {
            state,
            message: [0; RATE_BYTES],
            words: [ReadRecord::default(); BLOCK_WORDS],
            tail: [0; 4],
            tail_read: ReadRecord::default(),
        };
        let mut read = |word: Option<usize>| match word {
            Some(word) => {
                let pointer = u32::try_from(src + 4 * word as u64).unwrap_or(!3);
                let (value, record) =
                    memory.read(MAIN_SPACE, pointer).map_err(|source| ExecutionError::memory(pc, source))?;
                Ok((value.to_le_bytes(), record))
            }
            None => {
                memory.tick();
                Ok::<_, Box<ExecutionError>>(([0; 4], ReadRecord::default()))
            }
        };
        for (word, bytes) in block.message.chunks_exact_mut(4).enumerate() {
            let (value, record) = read((4 * (word + 1) <= left).then_some(word))?;
            bytes.copy_from_slice(&value);
            block.words[word] = record;
        }
        let is_last = left < RATE_BYTES;
        (block.tail, block.tail_read) = read((is_last && !left.is_multiple_of(4)).then_some(left / 4))?;
        if is_last {
            block.message[left - left % 4..left].copy_from_slice(&block.tail[..left % 4]);
            block.message[left] = 1;
        }
        Ok(block)
    }
}

impl MultiRowCore for KECCAK256 {
    type Record = Keccak256Record;

    fn accepts(&self, instruction: &Instruction) -> bool {
        let is_register = |pointer: u32| pointer.is_multiple_of(4) && (pointer as usize) < 4 * NUM_REGISTERS;
        [instruction.a, instruction.b, instruction.c].into_iter().all(is_register)
            && [instruction.d, instruction.e, instruction.f, instruction.g] == [0; 4]
    }

    fn execute<M: ExecutionMode>(
        &self,
        memory: &mut MemoryController<M>,
        instruction: &Instruction,
        from: ExecutionState<u32>,
    ) -> ExecutionResult<(u32, Keccak256Record)> {
        let memory_error = |source| ExecutionError::memory(from.pc, source);
        let mut registers = [(0, ReadRecord::default()); 3];
        for (register, pointer) in registers.iter_mut().zip([instruction.a, instruction.b, instruction.c]) {
            *register = memory.read(REGISTER_SPACE, pointer).map_err(memory_error)?;
        }
        let [dst, src, len] = registers.map(|(value, _)| value);
        Self::check(memory, [dst, src, len], from.pc)?;

        let mut record = Keccak256Record { registers, blocks: Vec::new(), digest: Default::default() };
        let mut state = [0; _];
        for number in 0..blocks(len) {
            if number > 0 {
                // Registers are read in the first block only, and the digest is written in the last block only.
                (0..registers.len() + DIGEST_WORDS).for_each(|_| memory.tick());
            }
            let at = number * RATE_BYTES;
            let block = Self::read_block(memory, u64::from(src) + at as u64, len as usize - at, state, from.pc)?;
            let mut padded = block.message;
            if number + 1 == blocks(len) {
                padded[RATE_BYTES - 1] |= 0x80;
            }
            let absorbed = absorb(&state, &padded);
            state = permute(&absorbed);
            memory.mode.add_periphery_rows(ROUND_AIR, ROUNDS);
            if M::RECORD {
                let time = from.timestamp + (number * BLOCK_TICKS) as u32;
                self.requests.push(Request { time, state: absorbed });
                record.blocks.push(block);
            }
        }
        for (i, write) in record.digest.iter_mut().enumerate() {
            let word = (state[i / 2] >> (32 * (i % 2))) as u32;
            let pointer = dst.saturating_add(4 * i as u32) & !3;
            *write = memory.write(MAIN_SPACE, pointer, word).map_err(memory_error)?;
        }
        Ok((from.pc.wrapping_add(PC_STEP), record))
    }

    fn instances(&self) -> Instances {
        // Soundness: see `RowFrame::eval`. All other constraints on pairs of rows apply only if the first one goes on.
        Instances::Closed
    }

    /// Soundness: apart from `has_data`, these columns occur in messages only, with multiplicity zero on these rows.
    fn free_cell(column: &str, row: &[F]) -> Option<&'static str> {
        let cols: &BlockCols<F> = row.borrow();
        let index = || column.split(['[', ']']).nth(1)?.parse::<usize>().ok();
        let (is_free, reason) = match column.split(['[', '.']).next()? {
            "registers_prev" => (cols.is_first == F::ZERO, "registers are read by the first row"),
            "words_prev" => (cols.end[..=index()?].contains(&F::ONE), "the word is not read"),
            "tail_prev" => (
                cols.is_last == F::ZERO || cols.end_byte[0] == F::ONE,
                "the message ends at the end of a word, or not in this block",
            ),
            "digest" => (cols.is_last == F::ZERO, "the digest is written by the last row"),
            "has_data" => (
                cols.is_first == F::ONE && cols.left == [F::ZERO; 2],
                "an empty message has any pointer, which is in range or not",
            ),
            _ => return None,
        };
        is_free.then_some(reason)
    }

    fn rows(&self, record: &Keccak256Record) -> usize {
        blocks(record.registers[2].0)
    }

    fn generate_rows(
        &self,
        cells: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        record: &Keccak256Record,
    ) {
        let width = cells.len() / record.blocks.len().max(1);
        for (number, (row, block)) in cells.chunks_exact_mut(width).zip(&record.blocks).enumerate() {
            let cols: &mut BlockCols<F> = row.borrow_mut();
            fill_row(cols, record, number, block);
            cols.from_state.pc = F::from_u32(from.pc);
            cols.from_state.timestamp = F::from_u32(from.timestamp + (number * BLOCK_TICKS) as u32);
            cols.operands = [instruction.a, instruction.b, instruction.c].map(F::from_u32);
        }
    }
}

/// Fills all columns except those of the step itself.
fn fill_row(cols: &mut BlockCols<F>, record: &Keccak256Record, number: usize, block: &BlockRecord) {
    let time = |read: &ReadRecord| F::from_u32(read.prev_timestamp);
    let [dst, src, len] = record.registers.map(|(value, _)| value);
    let is_last = number + 1 == blocks(len);
    let at = (number * RATE_BYTES) as u32;
    cols.is_valid = F::ONE;
    cols.is_last = F::from_bool(is_last);
    cols.dst = cells_of(dst);
    if number == 0 {
        cols.is_first = F::ONE;
        cols.has_data = F::from_bool(len > 0);
        cols.registers_prev = record.registers.map(|(_, read)| time(&read));
        (cols.src, cols.left) = (cells_of(src), cells_of(len));
    } else {
        cols.src[0] = F::from_u32(src + at);
        cols.left[0] = F::from_u32(len - at);
    }
    if is_last {
        let end = (len - at) as usize;
        cols.end[end / 4] = F::ONE;
        cols.end_byte[end % 4] = F::ONE;
        cols.digest = record.digest.map(|write| WriteAux {
            prev_timestamp: F::from_u32(write.prev_timestamp),
            prev_data: cells_of(write.prev_data),
        });
    }
    cols.tail = block.tail.map(F::from_u8);
    cols.tail_prev = time(&block.tail_read);
    cols.words_prev = block.words.map(|read| time(&read));

    let mut padded = block.message;
    cols.message = padded.map(F::from_u8);
    if is_last {
        padded[RATE_BYTES - 1] |= 0x80;
    }
    let absorbed = absorb(&block.state, &padded);
    let result = permute(&absorbed);
    copy_bytes(&mut cols.state, &block.state);
    copy_bytes(&mut cols.absorbed, &absorbed);
    copy_bytes(&mut cols.result, &result);
    let capacity = |state: &State| -> [F; _] {
        let limbs = limbs(state);
        array::from_fn(|i| limbs[RATE_LIMBS + i])
    };
    cols.capacity = capacity(&block.state);
    cols.result_capacity = capacity(&result);
    let first = RATE_LIMBS - cols.result_rate.len();
    cols.result_rate.copy_from_slice(&limbs(&result)[first..RATE_LIMBS]);
}

/// Copies the first bytes of a state.
fn copy_bytes(cells: &mut [F], state: &State) {
    for (cell, byte) in cells.iter_mut().zip(bytes(state)) {
        *cell = F::from_u8(byte);
    }
}
