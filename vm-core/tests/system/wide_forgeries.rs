//! Forgeries of wide accesses. Each is consistent with everything except the check that the test is about.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use vm_core::stark::{F, SecurityPreset};

use crate::fixture::{
    CONNECTOR, LEAF, boolean, caught_by_bus, caught_by_constraint, caught_by_messages, change_final_cell, copy_row, f,
    leaf_row, padding_row, write,
};
use crate::wide::{Builder, READ8, SAME, SOURCE, TARGET, Test, WRITE8, fixture, source_word};
use crate::wide_machine::{WideVm, reverse};

/// Name of the instruction's AIR.
const REVERSE: &str = "Reverse8";
const WIDE_BUS: &str = "memory_wide_8";

/// Timestamps of the first word of the first instruction's wide read and wide write. Each further word is one tick
/// later.
const READ_AT: u32 = 3;
const WRITE_AT: u32 = 11;

/// Returns the row of the leaf that contains a word of main memory, and the index of the word within the leaf.
fn leaf_of(test: &Test, pointer: u32) -> (usize, u32) {
    (leaf_row(test, 1, pointer / 16), pointer / 4 % 4)
}

/// Sets the timestamp of the last access of a word in its leaf row.
fn set_last_access(test: &mut Test, pointer: u32, time: F) {
    let (row, i) = leaf_of(test, pointer);
    write(test, LEAF, row, &[(&format!("final_timestamps[{i}]"), time)]);
}

/// Sets the timestamp with which the boundary sends a word.
fn set_first_send(test: &mut Test, pointer: u32, time: F) {
    let (row, i) = leaf_of(test, pointer);
    write(test, LEAF, row, &[(&format!("initial_timestamps[{i}]"), time)]);
}

fn set_word(test: &mut Test, air: &str, row: usize, column: &str, i: u32, word: u32) {
    let name = |cell| format!("{column}[{i}][{cell}]");
    write(test, air, row, &[(&name(0), f(word & 0xffff)), (&name(1), f(word >> 16))]);
}

/// Removes a row by making it a padding row.
fn erase(test: &mut Test, air: &str, row: usize) {
    test.row_mut(air, 0, row).unwrap().fill(F::ZERO);
}

/// Returns the fixture with a forged word: the low cell of the first word that the first instruction reads, and so of
/// the last word that it writes, is greater by 1. The instruction and the final memory agree on it. `rows` names the
/// adapters, with the index of the word, that have the forged word as well.
fn other_word(rows: &[(&str, u32)]) -> Test {
    let mut test = fixture();
    let plus_one = |x| x + F::ONE;
    test.tamper(REVERSE, 0, 0, "data[0][0]", plus_one).unwrap();
    for (air, word) in rows {
        test.tamper(air, 0, 0, format!("data[{word}][0]"), plus_one).unwrap();
    }
    let last = TARGET + 28;
    let cell = 2 * (last / 4 % 4) as usize;
    change_final_cell(&mut test, 1, last / 16, cell, f(source_word(0) & 0xffff) + F::ONE);
    test
}

#[test]
fn system_wide_reads_return_what_memory_holds() {
    // The instruction and the adapters agree on a word that was never written.
    caught_by_bus(other_word(&[(READ8, 0), (WRITE8, 7)]), "memory");
}

#[test]
fn system_wide_requests_and_their_answers_agree_on_the_data() {
    // The adapter reads the true word, but the instruction claims another one.
    caught_by_bus(other_word(&[(WRITE8, 7)]), WIDE_BUS);
    // The adapter writes another word than the instruction requests.
    let mut test = fixture();
    test.tamper(WRITE8, 0, 0, "data[7][0]", |x| x + F::ONE).unwrap();
    let last = TARGET + 28;
    let cell = 2 * (last / 4 % 4) as usize;
    change_final_cell(&mut test, 1, last / 16, cell, f(source_word(0) & 0xffff) + F::ONE);
    caught_by_bus(test, WIDE_BUS);
}

#[test]
fn system_wide_writes_replace_what_memory_held() {
    // No row reads the word that a write replaces, but the prover may not choose it: the true word would remain in
    // memory.
    for column in ["prev_data[0][0]", "prev_data[5][1]"] {
        let mut test = fixture();
        test.tamper(WRITE8, 0, 0, column, |x| x + F::ONE).unwrap();
        caught_by_bus(test, "memory");
    }
}

#[test]
fn system_a_wide_request_is_answered() {
    // No adapter reads the source, so the instruction could claim any words. The leaves claim that the words were not
    // accessed.
    let mut test = fixture();
    for i in 0..8 {
        let pointer = SOURCE + 4 * i;
        let (row, word) = leaf_of(&test, pointer);
        let sent = test.cell(LEAF, 0, row, format!("initial_timestamps[{word}]")).unwrap();
        set_last_access(&mut test, pointer, sent);
    }
    erase(&mut test, READ8, 0);
    caught_by_bus(test, WIDE_BUS);
    // No adapter writes the words of the second instruction, which writes the values that were there. Their last access
    // is the read.
    let mut test = fixture();
    let read_at = test.cell(READ8, 0, 1, "timestamp").unwrap();
    for i in 0..8 {
        // The third instruction reads the same words. Their previous access is now the read of the second instruction.
        write(&mut test, READ8, 2, &[(&format!("prev_timestamps[{i}]"), read_at + f(i))]);
    }
    erase(&mut test, WRITE8, 1);
    caught_by_bus(test, WIDE_BUS);
}

#[test]
fn system_a_wide_request_is_answered_once() {
    // A copy of a row, on a padding row or in an instance of its own. Its words and its request have already been
    // received.
    let both = |mut test: Test| {
        test.recount_lookups().unwrap();
        let report = test.debug();
        assert!(report.failures.is_empty(), "{report}");
        for bus in ["memory", WIDE_BUS] {
            assert!(report.imbalances.iter().any(|message| message.bus == bus), "{bus}: {report}");
        }
        assert!(test.is_rejected());
    };
    for air in [READ8, WRITE8] {
        let mut test = fixture();
        let to = padding_row(&mut test, air, "valid");
        copy_row(&mut test, air, 0, to);
        both(test);
        let mut test = fixture();
        let trace = test.trace(air, 0).unwrap();
        let row = RowMajorMatrix::new(trace.values[..trace.width].to_vec(), trace.width);
        test.input_mut(air).unwrap().traces.push(row);
        both(test);
    }
    // The same read once more, a little later. It follows the first read and is the last access, so memory balances,
    // but there is no request.
    let mut test = fixture();
    let to = padding_row(&mut test, READ8, "valid");
    copy_row(&mut test, READ8, 0, to);
    write(&mut test, READ8, to, &[("timestamp", f(READ_AT + 100))]);
    for i in 0..8 {
        write(&mut test, READ8, to, &[(&format!("prev_timestamps[{i}]"), f(READ_AT + i))]);
        set_last_access(&mut test, SOURCE + 4 * i, f(READ_AT + 100 + i));
    }
    caught_by_bus(test, WIDE_BUS);
}

#[test]
fn system_nothing_is_written_without_a_wide_request() {
    // A row without a request replaces the first word of the target by the attacker's word, after the write of the
    // instruction.
    let mut test = fixture();
    let to = padding_row(&mut test, WRITE8, "valid");
    copy_row(&mut test, WRITE8, 0, to);
    write(&mut test, WRITE8, to, &[("timestamp", f(WRITE_AT + 100))]);
    for i in 0..8 {
        let written = source_word(7 - i);
        write(&mut test, WRITE8, to, &[(&format!("prev_timestamps[{i}]"), f(WRITE_AT + i))]);
        set_word(&mut test, WRITE8, to, "prev_data", i, written);
        set_last_access(&mut test, TARGET + 4 * i, f(WRITE_AT + 100 + i));
    }
    set_word(&mut test, WRITE8, to, "data", 0, 666);
    let word = TARGET / 4 % 4;
    change_final_cell(&mut test, 1, TARGET / 16, 2 * word as usize, f(666));
    change_final_cell(&mut test, 1, TARGET / 16, 2 * word as usize + 1, f(0));
    caught_by_bus(test, WIDE_BUS);
}

#[test]
fn system_wide_accesses_go_to_the_pointer_of_the_request() {
    // The third instruction reads equal words. Its adapter reads the words at the next pointer, which have the same
    // values. The last of them is not accessed otherwise.
    let mut test = fixture();
    let cell = |test: &Test, column: String| test.cell(READ8, 0, 2, column).unwrap();
    let time = cell(&test, "timestamp".to_owned());
    let written: Vec<F> = (0..8).map(|i| cell(&test, format!("prev_timestamps[{i}]"))).collect();
    write(&mut test, READ8, 2, &[("pointer", f(SAME + 4))]);
    set_last_access(&mut test, SAME, written[0]);
    set_first_send(&mut test, SAME + 32, time);
    for i in 0..8 {
        let previous = written.get(i as usize + 1).copied().unwrap_or(time);
        write(&mut test, READ8, 2, &[(&format!("prev_timestamps[{i}]"), previous)]);
        set_last_access(&mut test, SAME + 4 + 4 * i, time + f(i));
    }
    caught_by_bus(test, WIDE_BUS);
}

#[test]
fn system_wide_accesses_go_to_the_space_of_the_request() {
    // The adapter reads at SOURCE of another space, where all words are zero and no leaf is in the proof. The attacker
    // could add leaves and nodes, but the request would still be unbalanced.
    let mut test = fixture();
    write(&mut test, READ8, 0, &[("space", f(4))]);
    test.recount_lookups().unwrap();
    let report = test.debug();
    assert!(report.imbalances.iter().any(|message| message.bus == WIDE_BUS), "{report}");
    assert!(test.is_rejected());
}

#[test]
fn system_wide_accesses_happen_at_the_time_of_the_request() {
    // Earlier and later than requested. The boundary sends and receives accordingly.
    for time in [READ_AT - 2, READ_AT + 1, READ_AT + 1000] {
        let mut test = fixture();
        write(&mut test, READ8, 0, &[("timestamp", f(time))]);
        for i in 0..8 {
            write(&mut test, READ8, 0, &[(&format!("prev_timestamps[{i}]"), f(time + i - 1))]);
            set_first_send(&mut test, SOURCE + 4 * i, f(time + i - 1));
            set_last_access(&mut test, SOURCE + 4 * i, f(time + i));
        }
        caught_by_bus(test, WIDE_BUS);
    }
}

#[test]
fn system_wide_accesses_look_back_in_time() {
    // The boundary may send a word at any time. Here the adapter receives it with its own timestamp or a later one.
    for ahead in [0, 1, 1 << 16] {
        let mut test = fixture();
        let sent = f(READ_AT + 5 + ahead);
        write(&mut test, READ8, 0, &[("prev_timestamps[5]", sent)]);
        set_first_send(&mut test, SOURCE + 20, sent);
        caught_by_bus(test, "range");
    }
    // The boundary, whose timestamps the attacker chooses, sends the word more than 2^16 ticks before the access.
    let mut test = fixture();
    let sent = f(READ_AT + 5) - f(1 << 16) - F::ONE;
    write(&mut test, READ8, 0, &[("prev_timestamps[5]", sent)]);
    set_first_send(&mut test, SOURCE + 20, sent);
    caught_by_bus(test, "range");
}

/// Returns a run with one wide read and one wide write of each width, all to words that nothing else accesses.
fn every_width() -> Test {
    let mut builder = Builder::new(WideVm::new(&[2, 4, 8, 16, 32]));
    for i in 0..5 {
        // Registers 4 to 13 contain the pointers. The words are not aligned to leaves.
        builder =
            builder.register(4 + 2 * i, 0x1004 + 0x1000 * i as u32).register(5 + 2 * i, 0x8008 + 0x1000 * i as u32);
    }
    let program = [
        reverse::<2>((2, 4), (2, 5)),
        reverse::<4>((2, 6), (2, 7)),
        reverse::<8>((2, 8), (2, 9)),
        reverse::<16>((2, 10), (2, 11)),
        reverse::<32>((2, 12), (2, 13)),
    ];
    builder.instructions(0, program).preset(SecurityPreset::Provable100).build().unwrap()
}

#[test]
fn system_every_word_of_every_wide_access_looks_back_in_time() {
    let honest = every_width();
    // Makes an access receive the word `ahead` ticks after its own time. It is the first access of the word, so the
    // boundary has sent it, and the attacker chooses the time of the boundary. Returns the query that fails.
    let forge = |test: &mut Test, air: &str, word: usize, ahead: u32| -> (Vec<F>, i64) {
        let [pointer, time] = ["pointer", "timestamp"].map(|column| test.cell(air, 0, 0, column).unwrap());
        let sent = time + f(word as u32) + f(ahead);
        write(test, air, 0, &[(&format!("prev_timestamps[{word}]"), sent)]);
        set_first_send(test, pointer.as_canonical_u32() + 4 * word as u32, sent);
        (vec![-F::ONE - f(ahead), f(16)], 1)
    };
    let adapters: Vec<(String, usize)> = [2, 4, 8, 16, 32]
        .into_iter()
        .flat_map(|words| ["Read", "Write"].map(|kind| (format!("AccessAdapter{words}{kind}"), words)))
        .collect();
    // All words of all adapters at once, each with a gap of its own: every single query fails.
    let mut test = honest.fork();
    let mut refused = Vec::new();
    for (air, words) in &adapters {
        for word in 0..*words {
            let ahead = refused.len() as u32;
            refused.push(forge(&mut test, air, word, ahead));
        }
    }
    assert_eq!(refused.len(), 124);
    caught_by_messages(test, "range", &refused);
    // One word alone, the last one of each adapter: the query of this word is the only check that fails.
    for (air, words) in &adapters {
        let mut test = honest.fork();
        let refused = forge(&mut test, air, words - 1, 0);
        caught_by_messages(test, "range", &[refused]);
    }
}

#[test]
fn system_wide_reads_are_no_writes() {
    // The second instruction writes the values that were there, so on the memory bus its write looks like a read. A row
    // of the read adapter receives the request. Such a row could also keep the old words although new ones are
    // requested.
    let mut test = fixture();
    let row = test.row_mut(WRITE8, 0, 1).unwrap().to_vec();
    erase(&mut test, WRITE8, 1);
    let to = padding_row(&mut test, READ8, "valid");
    let read = test.row_mut(READ8, 0, to).unwrap();
    let width = read.len();
    read.copy_from_slice(&row[..width]);
    caught_by_bus(test, WIDE_BUS);
    // A row of the write adapter receives the request of a read. Such a row could also write the words that the
    // instruction claims to have read.
    let mut test = fixture();
    let row = test.row_mut(READ8, 0, 1).unwrap().to_vec();
    erase(&mut test, READ8, 1);
    let to = padding_row(&mut test, WRITE8, "valid");
    let data = row[4..20].to_vec();
    let write = test.row_mut(WRITE8, 0, to).unwrap();
    write[..row.len()].copy_from_slice(&row);
    write[row.len()..].copy_from_slice(&data);
    caught_by_bus(test, WIDE_BUS);
}

#[test]
fn system_adapter_rows_count_once_or_never() {
    for air in [READ8, WRITE8] {
        for valid in [-F::ONE, F::TWO] {
            // One row cancels the messages of another one, so all buses balance.
            let mut test = fixture();
            let to = padding_row(&mut test, air, "valid");
            copy_row(&mut test, air, 0, to);
            write(&mut test, air, to, &[("valid", valid)]);
            if valid == -F::ONE {
                let further = padding_row(&mut test, air, "valid");
                copy_row(&mut test, air, 0, further);
            }
            caught_by_constraint(test, air, &[boolean("valid")]);
        }
    }
}

#[test]
fn system_adapter_padding_rows_are_silent() {
    // An access that the attacker puts on a padding row has no messages, so the proof is that of the honest run.
    let mut test = fixture();
    for air in [READ8, WRITE8] {
        let to = padding_row(&mut test, air, "valid");
        copy_row(&mut test, air, 0, to);
        write(&mut test, air, to, &[("valid", F::ZERO), ("pointer", f(SAME)), ("timestamp", f(1))]);
    }
    let verified = test.prove_and_verify().unwrap();
    assert_eq!(verified.public_values, test.modes().run.public_values);
    assert_eq!(test.input(CONNECTOR).unwrap().public_values, fixture().input(CONNECTOR).unwrap().public_values);
}
