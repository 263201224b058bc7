//! Mutations of every column: which ones may be changed unnoticed, and which guards mutations of single cells cannot
//! show to be needed.

use vm_sdk::arch::testing::{Indirect, VmChipTestBuilder, check_coverage, check_survivors};
use vm_sdk::p3::field::PrimeCharacteristicRing;
use vm_sdk::p3::matrix::dense::RowMajorMatrix;
use vm_sdk::stark::F;

use crate::support::{COMPRESS, DIGEST, Engine, HASH, MESSAGE, Machine, Test, bytes, hash, place, sha256};

/// Builds a test with eight rows and no padding: ends at all positions in a word, an extra block, a full block, two
/// blocks with an end.
fn fixture() -> Test {
    let lengths = [7, 57, 70, 6, 5, 1];
    let builder = (3..).zip(lengths).fold(VmChipTestBuilder::new(Machine::default()), |builder, (register, length)| {
        builder.register(register, length)
    });
    let registers = 3..3 + lengths.len() as u32;
    let builder = builder.register(1, DIGEST).register(2, MESSAGE);
    let builder = builder.instructions(0, registers.map(|length| sha256(1, 2, length)));
    let mut test = place(builder, MESSAGE, &bytes(2, 70)).build().unwrap();
    let trace = test.trace(HASH, 0).unwrap();
    let used = RowMajorMatrix::new(trace.values[..8 * trace.width].to_vec(), trace.width);
    test.input_mut(HASH).unwrap().traces = vec![used];
    test
}

/// Returns whether a row does not use a column, which belongs to an access, or to the length field, of another kind of
/// row.
fn is_unused(test: &Test, row: usize, column: &str) -> bool {
    let is = |flag: &str| test.cell(HASH, 0, row, flag).unwrap() == F::ONE;
    let of_last = ["destination[", "length_bits[", "writes[", "registers_prev_timestamp[0]"];
    let of_first = ["source[", "registers_prev_timestamp[1]", "registers_prev_timestamp[2]"];
    match column.strip_prefix("data_prev_timestamp") {
        Some(word) => !is(&format!("reads{word}")),
        None if of_last.iter().any(|name| column.starts_with(name)) => !is("is_last"),
        None if of_first.iter().any(|name| column.starts_with(name)) => !is("is_first"),
        None => false,
    }
}

#[test]
fn only_columns_that_a_row_does_not_use_are_free() {
    let test = fixture();
    let sweep = test.sweep(HASH).unwrap();
    assert!(sweep.mutations > 15_000, "{}", sweep.mutations);
    let free: Vec<_> = sweep.survivors.iter().filter(|s| !is_unused(&test, s.row, &s.column)).cloned().collect();
    check_survivors(&free, &[]).unwrap();
    assert!(!sweep.survivors.is_empty());

    // A changed cell also changes the block or a chaining value, which the table of compressions rejects, or a flag
    // that other constraints depend on. The forgeries make all of that fit.
    let constraints = [
        (0..2, "the_length_is_in_the_last_block"),
        (3..4, "blocks_are_counted_by_the_length"),
        (4..5, "there_is_one_mark"),
        (5..21, "a_block_starts_where_the_one_before_ended"),
        (22..23, "blocks_are_counted_by_the_length"),
        (24..40, "the_first_block_starts_from_the_initial_value"),
        (40..59, "flags_are_booleans"),
        (59..60, "padding_rows_are_silent"),
        (60..75, "a_message_word_is_read"),
        (75..76, "flags_are_booleans"),
        (76..77, "a_block_has_no_negative_number_of_bytes"),
        (78..79, "a_message_does_not_end_early"),
        (80..112, "words_that_are_not_read_are_zero"),
        (115..116, "the_length_is_in_the_last_block"),
        (116..119, "flags_are_booleans"),
        (119..120, "padding_rows_are_silent"),
        (120..121, "padding_rows_are_silent"),
        (122..123, "blocks_of_an_instruction_have_one_program_counter"),
        (125..126, "traces_have_whole_messages"),
    ];
    let constraints =
        constraints.into_iter().flat_map(|(range, test)| range.map(move |i| Indirect::Constraint(i, test)));
    // Pairs of bytes in which one compensates for the other, in units or as a fraction.
    let length = (4..8).map(|i| Indirect::Query(i, "the_length_is_in_the_last_block"));
    let high_bytes = (9..40).step_by(2).map(|i| Indirect::Query(i, "the_digest_is_made_of_bytes"));
    let split = Indirect::Query(3, "the_cell_in_which_the_message_ends_is_split_into_bytes");
    let indirect: Vec<_> = constraints.chain(length).chain(high_bytes).chain([split]).collect();
    check_coverage(&sweep.coverage, &indirect).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn no_column_of_a_compression_is_free() {
    // All 6756 columns of one row.
    let mut test = hash(b"abc").build::<Engine>().unwrap();
    // The other rows are true statements that nobody queries, so nothing depends on them.
    let trace = test.trace(COMPRESS, 0).unwrap();
    let row = RowMajorMatrix::new(trace.values[..trace.width].to_vec(), trace.width);
    test.input_mut(COMPRESS).unwrap().traces = vec![row];
    let sweep = test.sweep(COMPRESS).unwrap();
    assert!(sweep.mutations > 80_000, "{}", sweep.mutations);
    check_survivors(&sweep.survivors, &[]).unwrap();
}
