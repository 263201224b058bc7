//! A copy of words in main memory: one row per word.

use std::borrow::{Borrow, BorrowMut};
use std::mem::offset_of;

use vm_sdk::arch::authoring::{MultiRowAir, MultiRowCore, RowContext};
use vm_sdk::arch::testing::check_instruction;
use vm_sdk::arch::{AirPart, ExecutionError, ExecutionMode, ExecutionResult, ExecutionState, NUM_REGISTERS, RANGE_BUS};
use vm_sdk::instructions::{Instruction, PC_STEP};
use vm_sdk::macros::AlignedBorrow;
use vm_sdk::prelude::*;
use vm_sdk::primitives::{names_of, width_of};
use vm_sdk::rv32::Rv32Message;
use vm_sdk::stark::VmAirBuilder;
use vm_sdk::system::memory::{
    MAIN_SPACE, MemoryAddress, MemoryController, REGISTER_SPACE, ReadRecord, WriteAux, WriteRecord, cells_of,
};

use crate::{Provers, Test, assert_forgery, complaint, instruction, program};

/// Ticks of a row: three registers, the word that is read, the word that is written.
const TICKS: usize = 5;
/// Bits of the high cell of a pointer, which is below 2^29.
const POINTER_HIGH_BITS: u32 = 13;
/// Bits of the high cell of a length, which is below 2^27: memory has no more words.
const LENGTH_HIGH_BITS: u32 = 11;

/// Constraint that the author forgot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// The next row writes the next word.
    NextTo,
    /// Rows in the middle copy a word.
    MiddleCopies,
}

/// `copy rd, rs1, rs2`: copies rs2 words from rs1 to rd, one after the other. Pointers are multiples of 4.
#[instruction(multi_row, operands = Rv32Message<6>, encode(custom1, funct3 = 2, funct7 = 0))]
#[derive(Clone, Debug)]
pub(crate) struct CopyWords {
    dropped: Option<Dropped>,
    /// Whether the host does what the dropped constraint excludes.
    cheats: bool,
}

/// Columns of a row.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub(crate) struct CopyCols<T> {
    /// State before the row.
    from_state: ExecutionState<T>,
    /// The only row of a copy of one word or none.
    is_only: T,
    /// First of several rows.
    is_first: T,
    /// A row between the first and the last one.
    is_middle: T,
    /// Last of several rows.
    is_last: T,
    /// Whether the row copies a word. All rows do, except for the one of a copy of no words.
    copies: T,
    /// Operands.
    operands: [T; 3],
    /// Times of the previous accesses to the registers, in the first row.
    registers_prev: [T; 3],
    /// Pointer to the word that is written.
    to: T,
    /// High cell of the pointer, in the first row.
    to_high: T,
    /// Pointer to the word that is read.
    from: T,
    /// High cell of the pointer, in the first row.
    from_high: T,
    /// Words left, this one included.
    left: T,
    /// High cell of the length, in the first row.
    left_high: T,
    /// The word.
    data: [T; 2],
    /// Time of the previous access to the word that is read.
    read_prev: T,
    /// Previous access to the word that is written.
    write: WriteAux<T>,
}

impl AirPart for CopyWords {
    fn width(&self) -> usize {
        width_of::<CopyCols<u8>>()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<CopyCols<u8>>()
    }
    fn selectors(&self) -> Vec<usize> {
        // Soundness: where all four are zero, `copies` is zero as well.
        vec![
            offset_of!(CopyCols<u8>, is_only),
            offset_of!(CopyCols<u8>, is_first),
            offset_of!(CopyCols<u8>, is_middle),
            offset_of!(CopyCols<u8>, is_last),
            offset_of!(CopyCols<u8>, copies),
        ]
    }
}

#[instruction]
impl<AB: VmAirBuilder> MultiRowAir<AB> for CopyWords {
    fn eval(&self, builder: &mut AB, context: &RowContext, local: &[AB::Var], next: &[AB::Var]) {
        let (cols, next): (&CopyCols<AB::Var>, &CopyCols<AB::Var>) = (local.borrow(), next.borrow());
        let CopyCols { is_only, is_first, is_middle, is_last, copies, left, .. } = *cols;
        let starts: AB::Expr = is_only + is_first;
        let goes_on: AB::Expr = is_first + is_middle;
        let ends: AB::Expr = is_only + is_last;
        let is_valid = goes_on.clone() + ends.clone();

        // A row is of one kind, or padding. A row that goes on is followed by one that does not start, and no other row
        // is. Soundness: the first row of the trace starts something or is padding, and nothing goes on after the last one.
        for flag in [is_only, is_first, is_middle, is_last, copies] {
            builder.assert_bool(flag);
        }
        builder.assert_bool(is_valid.clone());
        // Implied, but every multiplicity needs a constraint of its own.
        builder.assert_bool(starts.clone());
        builder.when_first_row().assert_zero(is_middle + is_last);
        builder.when_last_row().assert_zero(goes_on.clone());
        let mut pairs = builder.when_transition();
        pairs.assert_eq(next.is_middle + next.is_last, goes_on.clone());

        // The next row goes on where this row ends.
        let mut linked = pairs.when(goes_on);
        linked.assert_eq(next.from_state.pc, cols.from_state.pc);
        linked.assert_eq(next.from_state.timestamp, cols.from_state.timestamp + AB::Expr::from_usize(TICKS));
        linked.assert_eq(next.from, cols.from + AB::Expr::from_u32(4));
        if self.dropped != Some(Dropped::NextTo) {
            linked.assert_eq(next.to, cols.to + AB::Expr::from_u32(4));
        }
        linked.assert_eq(next.left, left - AB::Expr::ONE);

        // Which rows copy. Soundness: the length is below 2^27 and decreases by one per row, and there are fewer rows
        // than p, so it is 1 in the last row of exactly one sequence.
        builder.assert_zero(copies * (AB::Expr::ONE - is_valid.clone()));
        builder.when(is_only).assert_eq(left, copies);
        builder.when(is_first).assert_one(copies);
        if self.dropped != Some(Dropped::MiddleCopies) {
            builder.when(is_middle).assert_one(copies);
        }
        builder.when(is_last).assert_one(copies);
        builder.when(is_last).assert_one(left);

        // The registers are read by the first row. Soundness: their cells are below 2^16 and, with these lookups,
        // pointers are integers below 2^29 and the length is below 2^27. Pointers grow by less than 2^29 (M1).
        let time = |tick: usize| cols.from_state.timestamp + AB::Expr::from_usize(tick);
        let cells = |pointer: AB::Var, high: AB::Var| [pointer - high * F::from_u32(1 << 16), high.into()];
        let registers = [cells(cols.to, cols.to_high), cells(cols.from, cols.from_high), cells(left, cols.left_high)];
        let memory = context.port.memory_bridge;
        for (i, data) in registers.into_iter().enumerate() {
            let address = MemoryAddress::new(AB::Expr::from_u32(REGISTER_SPACE), cols.operands[i].into());
            memory.read(builder, address, data, time(i), cols.registers_prev[i], starts.clone());
        }
        let highs = [
            (cols.to_high, POINTER_HIGH_BITS),
            (cols.from_high, POINTER_HIGH_BITS),
            (cols.left_high, LENGTH_HIGH_BITS),
        ];
        for (high, bits) in highs {
            RANGE_BUS.query(builder, [high.into(), AB::Expr::from_u32(bits)], starts.clone());
            builder.when(is_middle + is_last).assert_zero(high);
        }

        // Soundness: the cells that are written are those that are read, so they are below 2^16 (M12).
        let address = |pointer: AB::Var| MemoryAddress::new(AB::Expr::from_u32(MAIN_SPACE), pointer.into());
        let (data, old) = (cols.data.map(Into::<AB::Expr>::into), cols.write.prev_data.map(Into::into));
        memory.read(builder, address(cols.from), data.clone(), time(3), cols.read_prev, copies);
        memory.write(builder, address(cols.to), data, old, time(4), cols.write.prev_timestamp, copies);

        let opcode = AB::Expr::from_u32(context.opcode.as_u32());
        let to_pc = ends * F::from_u32(PC_STEP) + cols.from_state.pc;
        let operands = cols.operands.map(Into::into);
        let execution = context.port.execution_bridge;
        execution.execute(builder, opcode, operands, cols.from_state, Some(to_pc), TICKS, is_valid);
    }
}

/// Record of an execution.
#[derive(Clone, Debug)]
pub(crate) struct CopyRecord {
    registers: [(u32, ReadRecord); 3],
    words: Vec<WordRecord>,
}

/// Record of a row.
#[derive(Clone, Debug)]
struct WordRecord {
    to: u32,
    /// Content, if the row copies a word.
    copied: Option<(u32, ReadRecord, WriteRecord)>,
}

#[instruction]
impl MultiRowCore for CopyWords {
    type Record = CopyRecord;

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
    ) -> ExecutionResult<(u32, CopyRecord)> {
        let refused = |source| ExecutionError::memory(from.pc, source);
        let mut registers = [(0, ReadRecord::default()); 3];
        for (register, pointer) in registers.iter_mut().zip([instruction.a, instruction.b, instruction.c]) {
            *register = memory.read(REGISTER_SPACE, pointer).map_err(refused)?;
        }
        let [to, source, length] = registers.map(|(value, _)| value);
        if to >> 16 >> POINTER_HIGH_BITS != 0
            || source >> 16 >> POINTER_HIGH_BITS != 0
            || length >> 16 >> LENGTH_HIGH_BITS != 0
        {
            let message = format!("cannot copy {length} words from {source:#x} to {to:#x}");
            return Err(Box::new(ExecutionError::Fail { pc: from.pc, message }));
        }
        let mut words = Vec::new();
        for i in 0..length.max(1) {
            if i > 0 {
                (0..3).for_each(|_| memory.tick());
            }
            let is_middle = 0 < i && i + 1 < length;
            let (mut to, mut copies) = (to + 4 * i, length > 0);
            match self.dropped {
                Some(Dropped::NextTo) if self.cheats && i > 0 => to += ELSEWHERE,
                Some(Dropped::MiddleCopies) if self.cheats && is_middle => copies = false,
                _ => {}
            }
            let copied = if copies {
                let (value, read) = memory.read(MAIN_SPACE, source + 4 * i).map_err(refused)?;
                Some((value, read, memory.write(MAIN_SPACE, to, value).map_err(refused)?))
            } else {
                (0..2).for_each(|_| memory.tick());
                None
            };
            words.push(WordRecord { to, copied });
        }
        Ok((from.pc.wrapping_add(PC_STEP), CopyRecord { registers, words }))
    }

    fn rows(&self, record: &CopyRecord) -> usize {
        record.words.len()
    }

    fn generate_rows(
        &self,
        cells: &mut [F],
        instruction: &Instruction,
        from: ExecutionState<u32>,
        record: &CopyRecord,
    ) {
        let [to, source, length] = record.registers.map(|(value, _)| value);
        let rows = record.words.len();
        for (i, (row, word)) in cells.chunks_exact_mut(self.width()).zip(&record.words).enumerate() {
            let cols: &mut CopyCols<F> = row.borrow_mut();
            let at = i as u32;
            cols.from_state.pc = F::from_u32(from.pc);
            cols.from_state.timestamp = F::from_u32(from.timestamp + TICKS as u32 * at);
            let kind = match (i == 0, i + 1 == rows) {
                (true, true) => &mut cols.is_only,
                (true, false) => &mut cols.is_first,
                (false, false) => &mut cols.is_middle,
                (false, true) => &mut cols.is_last,
            };
            *kind = F::ONE;
            cols.operands = [instruction.a, instruction.b, instruction.c].map(F::from_u32);
            if i == 0 {
                cols.registers_prev = record.registers.map(|(_, read)| F::from_u32(read.prev_timestamp));
                cols.to_high = F::from_u32(to >> 16);
                cols.from_high = F::from_u32(source >> 16);
                cols.left_high = F::from_u32(length >> 16);
            }
            cols.to = F::from_u32(word.to);
            cols.from = F::from_u32(source + 4 * at);
            cols.left = F::from_u32(length) - F::from_u32(at);
            if let Some((value, read, write)) = &word.copied {
                cols.copies = F::ONE;
                cols.data = cells_of(*value);
                cols.read_prev = F::from_u32(read.prev_timestamp);
                cols.write.prev_timestamp = F::from_u32(write.prev_timestamp);
                cols.write.prev_data = cells_of(write.prev_data);
            }
        }
    }

    fn free_cell(column: &str, row: &[F]) -> Option<&'static str> {
        let cols: &CopyCols<F> = row.borrow();
        let (is_free, reason) = match column.split(['[', '.']).next()? {
            "registers_prev" => (cols.is_middle + cols.is_last == F::ONE, "registers are read by the first row"),
            "data" | "read_prev" | "write" => (cols.copies == F::ZERO, "the row copies no word"),
            _ => return None,
        };
        is_free.then_some(reason)
    }
}

/// Extension with the instruction.
#[vm_extension(instructions(CopyWords = CopyWords { dropped: self.dropped, cheats: self.cheats }), tests = false)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CopyExtension {
    dropped: Option<Dropped>,
    cheats: bool,
}

#[test]
fn the_complete_chip_passes_the_generated_test() {
    check_instruction::<_, CopyWords>(&CopyExtension::default());
}

#[test]
fn the_generated_test_finds_the_missing_destination() {
    let careless = CopyExtension { dropped: Some(Dropped::NextTo), cheats: false };
    let message = complaint(|| check_instruction::<_, CopyWords>(&careless));
    assert!(message.contains("\n  to (on "), "{message}");
    assert!(message.contains("the address of a word that it sends"), "{message}");
}

#[test]
fn the_generated_test_finds_the_rows_that_need_not_copy() {
    let careless = CopyExtension { dropped: Some(Dropped::MiddleCopies), cheats: false };
    let message = complaint(|| check_instruction::<_, CopyWords>(&careless));
    assert!(message.contains("\n  copies (on "), "{message}");
    assert!(message.contains("whether the row has a message on bus"), "{message}");
}

/// Distance between the words that are to be written and those that a cheating host writes.
const ELSEWHERE: u32 = 0x100;
/// Pointers to the destination and the source.
const POINTERS: [u32; 2] = [0x2000, 0x1000];
/// The words to copy.
const WORDS: [u32; 4] = [0x1111_0001, 0x2222_0002, 0x3333_0003, 0x4444_0004];

/// Copies four words.
fn run(dropped: Option<Dropped>, cheats: bool) -> Test<CopyExtension> {
    let mut program = program(CopyExtension { dropped, cheats });
    program = program.register(5, POINTERS[0]).register(6, POINTERS[1]).register(7, WORDS.len() as u32);
    for (i, word) in (0..).zip(WORDS) {
        program = program.word(MAIN_SPACE, POINTERS[1] + 4 * i, word);
    }
    program.instructions(crate::PC, [instruction([5, 6, 7])]).build().unwrap()
}

fn provers(dropped: Dropped) -> Provers<CopyExtension> {
    Provers { careless: run(Some(dropped), false), cheating: run(Some(dropped), true), complete: run(None, false) }
}

/// Returns four words of the final memory.
fn words(test: &Test<CopyExtension>, pointer: u32) -> [u32; 4] {
    [0, 1, 2, 3].map(|i| test.modes().memory.get(&(MAIN_SPACE, pointer + 4 * i)).copied().unwrap_or(0))
}

#[test]
fn without_the_link_of_destinations_a_prover_copies_to_any_address() {
    let provers = provers(Dropped::NextTo);
    assert_eq!(words(&provers.complete, POINTERS[0]), WORDS);
    assert_eq!(words(&provers.complete, POINTERS[0] + ELSEWHERE), [0; 4]);
    assert_eq!(words(&provers.cheating, POINTERS[0]), [WORDS[0], 0, 0, 0]);
    assert_eq!(words(&provers.cheating, POINTERS[0] + ELSEWHERE), [0, WORDS[1], WORDS[2], WORDS[3]]);
    assert_forgery(&provers, "CopyWords", "is_transition*(is_first + is_middle)*(to' - (to + 4))");
}

#[test]
fn without_the_copies_in_the_middle_a_prover_skips_words() {
    let provers = provers(Dropped::MiddleCopies);
    assert_eq!(words(&provers.complete, POINTERS[0]), WORDS);
    assert_eq!(words(&provers.cheating, POINTERS[0]), [WORDS[0], 0, 0, WORDS[3]]);
    assert_forgery(&provers, "CopyWords", "is_middle*(copies");
}
