//! Forgeries, judged by the real prover and verifier (see [`crate::rows`]).

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vm_sdk::arch::RANGE_BUS;
use vm_sdk::p3::field::{Field, PrimeCharacteristicRing, PrimeField32};
use vm_sdk::stark::{F, RowEvaluator, RowResult, RowValues, SymbolicAir};
use vm_sha256::hash::STEP_TICKS;

use crate::rows::{COMPRESSION, Guard, RANGE, Rows, f};
use crate::support::{DIGEST, Engine, MESSAGE};

#[test]
fn honest_rows_are_accepted() {
    for len in [0, 9, 56, 64, 70, 200] {
        Rows::honest(len).are_accepted();
    }
    // Recomputing the hashes of honest rows changes nothing.
    let mut rows = Rows::honest(130);
    let before = rows.traces.values.clone();
    rows.rehash(0, 3);
    assert!(rows.traces.values == before);
}

// ---- the number of blocks ----

#[test]
fn a_message_does_not_end_early() {
    // The first of two blocks claims to be the last one, and the digest is written after it.
    let mut rows = Rows::honest(100);
    let (first, last) = (rows.row(0), rows.row(1));
    rows.traces.values.truncate(first.len());
    rows.set(0, "is_last", F::ONE);
    for (i, name) in rows.names.clone().iter().enumerate() {
        if name.starts_with("writes") || name.starts_with("destination") || name.starts_with("length_bits") {
            rows.traces.values[i] = last[i];
        }
    }
    rows.forget_times(0).rehash(0, 1).are_refused_by(Guard::Constraints);
}

#[test]
fn traces_have_whole_messages() {
    // The first or the second block of two is left out, and with it the start or the end of the trace's only message.
    let honest = Rows::honest(100);
    let constraints = SymbolicAir::record(&*honest.air).constraints.len();
    for (row, constraint) in [(1, constraints - 2), (0, constraints - 1)] {
        let mut rows = Rows::honest(100);
        rows.traces.values = honest.row(row);
        assert_eq!(rows.refusing_constraints(), BTreeSet::from([constraint]));
        rows.are_refused_by(Guard::Constraints);
    }
}

#[test]
fn no_block_follows_the_last_one() {
    // After a finished message, a second block of padding follows, as in longer messages; the length moves there.
    let mut rows = Rows::honest(20);
    let mut extra = Rows::honest(56);
    let time = rows.get(0, "from_state.timestamp") + f(STEP_TICKS as u32);
    extra.set(1, "from_state.timestamp", time).set(1, "length[0]", f(20)).set(1, "length_bits[0]", f(20));
    extra.set(1, "length_bits[1]", F::ZERO);
    let row = extra.row(1);
    rows.set(0, "is_last", F::ZERO).push(row).rehash(0, 2).are_refused_by(Guard::Constraints);
}

#[test]
fn a_block_has_no_negative_number_of_bytes() {
    // 64 bytes are hashed with length 63: a block that claims to be full is followed by one with −1 bytes.
    let mut rows = Rows::honest(64);
    for row in 0..2 {
        rows.set(row, "length[0]", f(63));
    }
    rows.set(0, "remaining", f(63)).set(1, "remaining", -F::ONE).set(1, "missing[0]", F::ONE);
    rows.set(1, "removed[1]", -f(0x8000)).set(1, "length_bits[0]", f(31)).set(1, "length_bits[1]", F::ONE);
    rows.rehash(0, 2).are_refused_by(Guard::Constraints);
}

#[test]
fn a_continuation_has_a_block_before_it() {
    // Only the second half of a message is hashed, with a chaining value of the attacker's choice.
    let mut rows = Rows::honest(100);
    let second = rows.row(1);
    rows.traces.values.clear();
    rows.push(second);
    rows.are_refused_by(Guard::Constraints);
    // Conversely, a first block without its continuation.
    let mut rows = Rows::honest(100);
    let width = rows.names.len();
    rows.traces.values[width..].fill(F::ZERO);
    rows.are_refused_by(Guard::Constraints);
}

#[test]
fn a_continuation_is_no_new_start() {
    // The second of two blocks starts again, so that the digest would be that of the second half.
    let mut rows = Rows::honest(100);
    let fresh = Rows::honest(36);
    let width = rows.names.len();
    let time = rows.get(1, "from_state.timestamp");
    rows.traces.values[width..].copy_from_slice(&fresh.row(0));
    rows.set(1, "from_state.timestamp", time).are_refused_by(Guard::Constraints);
}

#[test]
fn blocks_are_counted_by_the_length() {
    // The length is 164 bytes, but the rows are those of an honest run on 100 bytes.
    let mut rows = Rows::honest(100);
    for row in 0..2 {
        rows.set(row, "length[0]", f(164));
    }
    rows.set(1, "length_bits[0]", f(164 & 31)).set(1, "length_bits[1]", f(164 >> 5)).rehash(0, 2);
    rows.clone().are_refused_by(Guard::Constraints);
    // If the remaining bytes of the first row are adapted, those of the second row do not match, and vice versa.
    rows.set(0, "remaining", f(164)).are_refused_by(Guard::Constraints);
    rows.set(1, "remaining", f(100)).are_refused_by(Guard::Constraints);
}

#[test]
fn a_length_beyond_the_field_is_not_a_short_one() {
    // p + 9 bytes, which is 9 modulo p.
    let mut rows = Rows::honest(9);
    let length = F::ORDER_U32 + 9;
    rows.set(0, "length[0]", f(length & 0xFFFF)).set(0, "length[1]", f(length >> 16)).are_refused_by(RANGE);
}

// ---- message and padding ----

#[test]
fn the_mark_is_behind_the_last_byte() {
    // The junk byte after 7 bytes is hashed as if it belonged to the message.
    let mut rows = Rows::honest(7);
    rows.set(0, "missing[0]", F::ZERO).set(0, "split[0]", F::ZERO).set(0, "split[1]", F::ZERO);
    rows.set(0, "removed[1]", F::ZERO).rehash(0, 1).clone().are_refused_by(Guard::Constraints);
    // As above, with the number of remaining bytes adapted. Now the length rejects the rows.
    rows.set(0, "remaining", f(8)).are_refused_by(Guard::Constraints);
}

#[test]
fn there_is_one_mark() {
    // No mark: the only block, or one after a full block, claims that the message ended before it.
    for (len, row) in [(0, 0), (8, 0), (64, 1)] {
        let mut rows = Rows::honest(len);
        rows.set(row, "is_extra", F::ONE).rehash(row, row + 1).are_refused_by(Guard::Constraints);
    }
    // Two marks: the extra block claims not to be one.
    let mut rows = Rows::honest(56);
    rows.set(1, "is_extra", F::ZERO).rehash(1, 2).are_refused_by(Guard::Constraints);
}

#[test]
fn bytes_beyond_the_message_do_not_matter() {
    // One, two or three bytes of junk stay in the block after the mark.
    for len in [5, 6, 7] {
        let mut rows = Rows::honest(len);
        let cell = if len == 5 { "removed[0]" } else { "removed[1]" };
        rows.add(0, cell, -256).rehash(0, 1).are_refused_by(Guard::Constraints);
    }
    let mut rows = Rows::honest(5);
    rows.set(0, "removed[1]", F::ZERO).rehash(0, 1).are_refused_by(Guard::Constraints);
}

#[test]
fn the_cell_in_which_the_message_ends_is_split_into_bytes() {
    // A unit of the cut byte is moved to the kept byte, which is then 256 too large. Only the range table notices.
    for len in [5, 7] {
        let mut rows = Rows::honest(len);
        let cell = if len == 5 { "removed[0]" } else { "removed[1]" };
        rows.add(0, "split[0]", 256).add(0, "split[1]", -1).add(0, cell, -256);
        rows.rehash(0, 1).are_refused_by(RANGE);
        // The kept byte is changed, and the cut byte compensates for the difference: it is a fraction.
        let mut rows = Rows::honest(len);
        let cell = if len == 5 { "removed[0]" } else { "removed[1]" };
        let kept = rows.get(0, "split[0]").as_canonical_u32();
        let difference = if kept == 0 { -1 } else { 1 };
        let fraction = F::from_i64(difference) * f(256).inverse();
        let cut = rows.get(0, "split[1]") + fraction;
        rows.add(0, "split[0]", -difference).set(0, "split[1]", cut).add(0, cell, difference);
        rows.rehash(0, 1).are_refused_by(RANGE);
    }
}

#[test]
fn words_that_are_not_read_are_zero() {
    let mut rows = Rows::honest(8);
    rows.set(0, "data[5][1]", f(77)).rehash(0, 1).are_refused_by(Guard::Constraints);
    for j in 1..16 {
        for cell in 0..2 {
            let mut rows = Rows::honest(4);
            let constraints = rows.add(0, &format!("data[{j}][{cell}]"), 1).rehash(0, 1).refusing_constraints();
            assert_eq!(constraints, BTreeSet::from([80 + 2 * j + cell]));
        }
    }
}

#[test]
fn a_message_word_is_read() {
    // The prover chooses the first word of a block, because the word is not read: the flags have a gap.
    let mut rows = Rows::honest(8);
    rows.set(0, "reads[0]", F::ZERO).set(0, "data[0][0]", f(1234)).rehash(0, 1).are_refused_by(Guard::Constraints);
    // The prover chooses any other word. The number of words that are read is right, but one of them is after the
    // message. A mark takes the place of the word.
    for j in 0..12 {
        let mut rows = Rows::honest(48);
        rows.set(0, &format!("reads[{j}]"), F::ZERO).set(0, "reads[12]", F::ONE).set(0, "data[12][0]", f(0x1234));
        for cell in 0..2 {
            rows.set(0, &format!("data[{j}][{cell}]"), F::ZERO);
        }
        let constraints = rows.set(0, &format!("data[{}][0]", j + 1), f(0x1234)).rehash(0, 1).refusing_constraints();
        assert_eq!(constraints, BTreeSet::from([60 + j]));
    }
    // The last words also determine whether the block is a last or a full one.
    for j in 12..15 {
        let mut environment = Rows::honest(60).environment();
        environment.tamper(0, 0, format!("reads[{j}]"), |_| F::ZERO).unwrap();
        environment.tamper(0, 0, "reads[15]", |_| F::ONE).unwrap();
        assert!(environment.debug().failures.iter().any(|failure| failure.constraint == 60 + j));
        assert!(environment.is_rejected::<Engine>().unwrap());
    }
}

#[test]
fn the_length_is_in_the_last_block() {
    let mut rows = Rows::honest(40);
    rows.add(0, "length_bits[0]", 1).rehash(0, 1).are_refused_by(Guard::Constraints);
    // The parts have the same sum, but are out of range: a carry too many or too few, while both cells have 16 bits.
    for (len, differences) in [(0, [32, -1, 0, 0]), (40, [0, 0, 256, -1]), (40, [0, 256, 255, -1])] {
        let mut rows = Rows::honest(len);
        for (part, difference) in differences.into_iter().enumerate() {
            rows.add(0, &format!("length_bits[{part}]"), difference);
        }
        rows.rehash(0, 1).are_refused_by(RANGE);
    }
    // All rows of a message have the same length.
    let mut rows = Rows::honest(100);
    rows.set(1, "length[0]", f(101)).set(1, "length_bits[0]", f(101 & 31)).rehash(1, 2);
    rows.are_refused_by(Guard::Constraints);
}

// ---- chaining values and digest ----

fn state_names() -> impl Iterator<Item = String> {
    (0..8).flat_map(|i| (0..2).map(move |limb| format!("state[{i}][{limb}]")))
}

#[test]
fn the_first_block_starts_from_the_initial_value() {
    let mut rows = Rows::honest(100);
    rows.add(0, "state[3][1]", 1).rehash(0, 2).are_refused_by(Guard::Constraints);
    for (i, name) in state_names().enumerate() {
        let mut rows = Rows::honest(100);
        let constraints = rows.add(0, &name, -1).rehash(0, 2).refusing_constraints();
        assert_eq!(constraints, BTreeSet::from([24 + i]), "{name}");
    }
}

#[test]
fn a_block_starts_where_the_one_before_ended() {
    let mut rows = Rows::honest(100);
    rows.add(1, "state[7][0]", 1).rehash(1, 2).are_refused_by(Guard::Constraints);
    for (i, name) in state_names().enumerate() {
        let mut rows = Rows::honest(100);
        let constraints = rows.add(1, &name, -1).rehash(1, 2).refusing_constraints();
        assert_eq!(constraints, BTreeSet::from([5 + i]), "{name}");
    }
}

#[test]
fn the_digest_is_a_compression() {
    let mut rows = Rows::honest(3);
    rows.set(0, "next_state[4][2]", f(0)).are_refused_by(COMPRESSION);
}

#[test]
fn the_digest_is_made_of_bytes() {
    // The limb in the table's tuple is the same, but the cells of memory, in which the bytes are reversed, are not.
    let mut rows = Rows::honest(3);
    rows.add(0, "next_state[0][0]", 256).add(0, "next_state[0][1]", -1).are_refused_by(RANGE);
    for (low, high) in [(0, 1), (2, 3)] {
        for word in 0..8 {
            // The low byte is changed, and the high byte compensates for the difference: it is a fraction.
            let [low, high] = [low, high].map(|byte| format!("next_state[{word}][{byte}]"));
            let mut rows = Rows::honest(3);
            let difference = if rows.get(0, &low) == F::ZERO { 1 } else { -1 };
            let fraction = rows.get(0, &high) - F::from_i64(difference) * f(256).inverse();
            rows.add(0, &low, difference).set(0, &high, fraction);
            let report = rows.environment().debug();
            assert!(
                report.failures.is_empty() && report.imbalances.iter().all(|m| m.bus == RANGE_BUS.name),
                "{report}"
            );
        }
    }
}

#[test]
fn only_the_last_block_writes_and_it_does() {
    // The first of two blocks writes the intermediate value to the destination, and execution continues.
    let mut rows = Rows::honest(100);
    rows.set(0, "is_last", F::ONE).are_refused_by(Guard::Constraints);
    // The last block writes nothing.
    let mut rows = Rows::honest(100);
    rows.set(1, "is_last", F::ZERO).rehash(1, 2).are_refused_by(Guard::Constraints);
}

// ---- time and pointers ----

#[test]
fn every_block_takes_its_ticks() {
    for difference in [-(STEP_TICKS as i64), -1, 1] {
        let mut rows = Rows::honest(100);
        rows.add(1, "from_state.timestamp", difference).forget_times(1).are_refused_by(Guard::Constraints);
    }
}

#[test]
fn blocks_of_an_instruction_have_one_program_counter() {
    let mut rows = Rows::honest(100);
    rows.add(1, "from_state.pc", 4).are_refused_by(Guard::Constraints);
}

#[test]
fn blocks_are_adjacent_in_memory() {
    let mut rows = Rows::honest(100);
    rows.add(1, "pointer", 4).are_refused_by(Guard::Constraints);
    let mut rows = Rows::honest(100);
    rows.add(0, "pointer", 4).add(1, "pointer", 4).are_refused_by(Guard::Constraints);
}

#[test]
fn pointers_beyond_the_field_name_no_words() {
    // A register contains p + 0x1000, which is 0x1000 modulo p.
    for (name, pointer) in [("source", MESSAGE), ("destination", DIGEST)] {
        let mut rows = Rows::honest(40);
        let pointer = F::ORDER_U32 + pointer;
        rows.set(0, &format!("{name}[0]"), f(pointer & 0xFFFF)).set(0, &format!("{name}[1]"), f(pointer >> 16));
        rows.are_refused_by(RANGE);
    }
    // The pointer of an empty message may be anything.
    let mut rows = Rows::honest(0);
    rows.set(0, "source[0]", f(3)).set(0, "source[1]", f(0xFFFF));
    let pointer = rows.get(0, "source[0]") + rows.get(0, "source[1]") * f(1 << 16);
    rows.set(0, "pointer", pointer).are_accepted();
}

// ---- flags and padding rows ----

/// Checks a row with one changed cell in an honest environment: the mocks do not adapt, so multiplicities stay the
/// same.
#[track_caller]
fn is_refused(len: usize, row: usize, name: &str, value: F) {
    let mut environment = Rows::honest(len).environment();
    environment.tamper(0, row, name, |_| value).unwrap();
    environment.recount_lookups().unwrap();
    assert!(!environment.debug().failures.is_empty(), "{name}: no constraint refuses it");
    assert!(environment.is_rejected::<Engine>().unwrap(), "{name}");
}

#[test]
fn flags_are_booleans() {
    for name in ["is_valid", "is_first", "is_last", "reads[0]", "reads[9]", "missing[0]", "missing[2]"] {
        is_refused(39, 0, name, F::TWO);
    }
    let mut environment = Rows::honest(39).environment();
    for (i, name) in (0..16).map(|j| format!("reads[{j}]")).chain((0..3).map(|i| format!("missing[{i}]"))).enumerate() {
        let mut old = F::ZERO;
        environment
            .tamper(0, 0, name.as_str(), |value| {
                old = value;
                F::TWO
            })
            .unwrap();
        assert!(environment.debug().failures.iter().any(|failure| failure.constraint == 40 + i), "{name}");
        environment.tamper(0, 0, name.as_str(), |_| old).unwrap();
    }
    // Three missing bytes as one and two, so that a byte of junk is hashed. (The block also gets a mark of −0x80.)
    let mut rows = Rows::honest(5);
    rows.set(0, "missing[0]", F::ONE).set(0, "missing[1]", F::ONE).set(0, "missing[2]", F::ZERO);
    rows.set(0, "data[1][1]", f(0x1234)).set(0, "split[0]", f(0x34)).set(0, "split[1]", f(0x12));
    rows.set(0, "removed[0]", F::ZERO).set(0, "removed[1]", f(0x1234 + 0x1200) - f(0x80 + 0x8000));
    let environment = rows.environment();
    let constraints: Vec<_> = environment.debug().failures.iter().map(|failure| failure.constraint).collect();
    assert_eq!(constraints, [75]);
    assert!(environment.is_rejected::<Engine>().unwrap());
}

#[test]
fn padding_rows_are_silent() {
    // After the blocks of a message, a row that is no block starts, ends or reads.
    for name in ["is_first", "is_last"].map(str::to_owned).into_iter().chain((0..16).map(|j| format!("reads[{j}]"))) {
        is_refused(130, 3, &name, F::ONE);
    }
    // Without all of these flags, a row has no effect, whatever else it contains.
    let rows = Rows::honest(130);
    let mut rng = StdRng::seed_from_u64(1);
    let next = rows.row(0);
    let evaluator = RowEvaluator::new(&SymbolicAir::record(&*rows.air));
    let mut result = RowResult::default();
    for _ in 0..50 {
        let mut row: Vec<F> = (0..rows.names.len()).map(|_| f(rng.random_range(0..F::ORDER_U32))).collect();
        for selector in rows.air.selectors() {
            row[selector] = F::ZERO;
        }
        let trace = [&next[..], &next, &next, &row].concat();
        evaluator.eval(&RowValues::of_trace(&trace, row.len(), None, &[], 3), &mut result);
        assert_eq!(result.messages, []);
    }
}
