//! Compile-time checks of a declaration.

use p3_field::PrimeField32;

use crate::arch::authoring::roles::{Form, RegisterRole, Roles, Value, find};
use crate::stark::F;

use super::chip::Layout;
use super::{Access, MAX_ACCESSES, OPERANDS, Place, RowCore};

/// log2 of the end of time: timestamps are below it.
const TIME_BITS: u32 = 29;
/// Bits of a pointer at most (M1).
const POINTER_BITS: usize = 29;
/// Bits of a number that changes at most: numbers below 2^30 are below p.
const NUMBER_BITS: usize = 30;
/// Bits of a cell.
const CELL_BITS: usize = 16;
/// Bits of a word.
const WORD_BITS: usize = 32;

/// Checks at compile time that the columns of a multi-row instruction fit its accesses.
///
/// # Panics
/// With the reason, if they do not: a compile error.
#[track_caller]
pub const fn check_rows<I: RowCore>() {
    let Roles { reads, writes, valid, opcodes, opcode_bits, registers, carried, .. } = I::ROLES;
    assert!(
        valid.is_none() && opcodes.is_empty() && opcode_bits.is_empty(),
        "a multi-row instruction has no `#[valid]`, `#[opcode(…)]` or `#[opcode_bit(…)]` columns: the framework has a flag \
         for its rows"
    );
    assert!(
        I::READS.len() <= MAX_ACCESSES && I::WRITES.len() <= MAX_ACCESSES,
        "a row reads at most 64 words, and writes at most 64"
    );
    check_registers(registers);
    check_accesses(I::READS, registers, Layout::<I>::TICKS);
    check_accesses(I::WRITES, registers, Layout::<I>::TICKS);
    assert!(Layout::<I>::TICKS > 0, "a row makes at least one access: add `#[register(…)]` columns, reads or writes");
    let mut i = 0;
    while i < reads.len() {
        assert!(reads[i].index < I::READS.len(), "a `#[read(…)]` column names an access that is not in `READS`");
        i += 1;
    }
    i = 0;
    while i < I::READS.len() {
        assert!(
            has_word(reads, i),
            "a word in `READS` has no columns, or not those of a word: add `#[read(…)] x: Word<T>`"
        );
        i += 1;
    }
    i = 0;
    while i < writes.len() {
        assert!(writes[i].index < I::WRITES.len(), "a `#[write(…)]` column names an access that is not in `WRITES`");
        i += 1;
    }
    i = 0;
    while i < I::WRITES.len() {
        let is_computed = contains(I::COMPUTED_WRITES, i);
        assert!(
            is_computed || has_word(writes, i),
            "a word in `WRITES` has no columns, or not those of a word: add `#[write(…)] y: Word<T>`, or list it in \
             `computed(write(…))` and implement `RowCore::write`"
        );
        assert!(
            !(is_computed && find(writes, i).is_some()),
            "a word in `WRITES` has columns and is listed in `computed(…)`: keep one of them"
        );
        i += 1;
    }
    i = 0;
    while i < I::COMPUTED_WRITES.len() {
        assert!(
            I::COMPUTED_WRITES[i] < I::WRITES.len(),
            "`computed(write(…))` names an access that is not in `WRITES`"
        );
        i += 1;
    }
    assert!(
        I::COMPUTED_WRITES.is_empty() || I::INSTRUCTION_ATTRIBUTE.1,
        "`computed(write(…))` lists a word, but the impl of `RowCore` has no `fn write`"
    );
    i = 0;
    while i < carried.len() {
        assert!(
            carried[i].to.columns == carried[i].from.columns,
            "a `#[carried(…)]` column has as many cells as the column that it continues"
        );
        i += 1;
    }
}

#[track_caller]
const fn check_registers(registers: &[RegisterRole]) {
    let (mut i, mut counts) = (0, 0);
    while i < registers.len() {
        let RegisterRole { index, span, bits, step, counts: is_count } = registers[i];
        assert!(
            index < OPERANDS,
            "a `#[register(…)]` column names an operand that no instruction has: they are 0 to 6"
        );
        assert!(span.columns == 2, "the columns of a `#[register(…)]` are two cells: their type is `Word<T>`");
        assert!(CELL_BITS <= bits && bits <= WORD_BITS, "`bits` of a `#[register(…)]` is a number from 16 to 32");
        assert!(
            (step == 0 && !is_count) || bits <= NUMBER_BITS,
            "a number that changes from row to row has at most 30 bits, because it must be below the order of the field: \
             add `bits = 30` or less"
        );
        counts += is_count as usize;
        i += 1;
    }
    assert!(counts <= 1, "only one `#[register(…, count)]` counts the rows");
}

#[track_caller]
const fn check_accesses(accesses: &[Access], registers: &[RegisterRole], ticks: usize) {
    let mut i = 0;
    while i < accesses.len() {
        assert!(
            accesses[i].operand() < OPERANDS,
            "an access names an operand that no instruction has: they are 0 to 6"
        );
        if let Place::Memory { operand, offset } = accesses[i].place {
            let Some(RegisterRole { bits, step, .. }) = register(registers, operand) else {
                panic!("an access of memory is at a pointer that has no columns: add `#[register(…, bits = 29)]`")
            };
            // Soundness (M1).
            assert!(bits <= POINTER_BITS, "the pointer of an access has at most 29 bits: add `bits = 29` or less");
            assert!(offset.is_multiple_of(4), "the offset of an access is a multiple of 4");
            let moved = step.unsigned_abs() as u64 * ((1 << TIME_BITS) / ticks as u64 + 1);
            assert!(
                (1u64 << bits) + moved + (offset as u64) < F::ORDER_U32 as u64,
                "the pointer of an access can grow beyond the order of the field: choose a smaller `step` or fewer `bits`"
            );
        }
        i += 1;
    }
}

/// Returns the number that starts in the register of an operand.
pub(super) const fn register(registers: &[RegisterRole], operand: usize) -> Option<RegisterRole> {
    let mut i = 0;
    while i < registers.len() {
        if registers[i].index == operand {
            return Some(registers[i]);
        }
        i += 1;
    }
    None
}

const fn has_word(values: &[Value], index: usize) -> bool {
    match find(values, index) {
        Some(value) => Form::of(value.span.columns, 1).is_some(),
        None => false,
    }
}

const fn contains(list: &[usize], wanted: usize) -> bool {
    let mut i = 0;
    while i < list.len() {
        if list[i] == wanted {
            return true;
        }
        i += 1;
    }
    false
}
