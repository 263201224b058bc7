//! Forged runs of an instruction on memory blocks, which the real prover and verifier reject.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use vm_core::machine::testing::{ChipTest, ExtensionVm};
use vm_core::stark::{BabyBearBlake3Engine, F};

use super::{Library, blocks};

type Test = ChipTest<BabyBearBlake3Engine, ExtensionVm<Library>>;

const AIR: &str = "AddBlocks";

/// Returns the honest run with some changed cells in the first instruction's row, and with the lookups counted again.
fn forged(changes: &[(&str, F)]) -> Test {
    let mut test = blocks().build::<BabyBearBlake3Engine>().unwrap();
    for &(column, value) in changes {
        test.tamper(AIR, 0, 0, column, |_| value).unwrap();
    }
    test
}

/// Checks that the traces are rejected.
fn assert_refused(mut test: Test) {
    let unanswered = test.recount_lookups().unwrap();
    assert!(test.is_rejected(), "accepted ({unanswered:?})");
}

#[test]
fn a_pointer_beyond_the_field_is_not_a_small_one() {
    // p + x has the same field element as x, but its high cell is out of range.
    for (register, pointer) in [("rs1", 0x1000), ("rs2", 0x1010), ("rd", 0x1FFF_FFE0)] {
        let columns = [0, 1].map(|cell| format!("adapter.{register}_pointer[{cell}]"));
        let cells = |pointer: u32| [pointer & 0xFFFF, pointer >> 16].map(F::from_u32);
        let honest = forged(&[]);
        assert_eq!([0, 1].map(|i| honest.cell(AIR, 0, 0, columns[i].as_str()).unwrap()), cells(pointer), "{register}");
        let [low, high] = cells(F::ORDER_U32 + pointer);
        let mut test = forged(&[(&columns[0], low), (&columns[1], high)]);
        let unanswered = test.recount_lookups().unwrap();
        assert!(unanswered.iter().any(|query| query.bus == "range"), "{register}: {unanswered:?}");
        assert_refused(test);
    }
}

#[test]
fn pointers_are_those_in_the_registers() {
    // The pointer of the first operand becomes that of the second one, or the destination is changed.
    assert_refused(forged(&[("adapter.rs1_pointer[0]", F::from_u32(0x1010))]));
    assert_refused(forged(&[("adapter.rd_pointer[0]", F::from_u32(0xFFDC))]));
}

#[test]
fn words_are_those_in_memory() {
    // The sum is correct, but memory does not contain the word that is added.
    let test = forged(&[]);
    let [x, y] = ["core.x[3][0]", "core.y[3][0]"].map(|column| test.cell(AIR, 0, 0, column).unwrap() + F::ONE);
    assert_refused(forged(&[("core.x[3][0]", x), ("core.y[3][0]", y)]));
}

#[test]
fn sums_are_words() {
    // A cell is 2^16 larger than the honest one, so that there is no carry and the high cell is smaller by 1.
    let test = forged(&[]);
    let [low, high] = ["core.y[1][0]", "core.y[1][1]"].map(|column| test.cell(AIR, 0, 0, column).unwrap());
    let changes = [("core.y[1][0]", low + F::from_u32(1 << 16)), ("core.y[1][1]", high - F::ONE)];
    assert_refused(forged(&changes));
}

#[test]
fn a_row_needs_its_instruction() {
    let mut test = forged(&[]);
    // An additional execution on a padding row.
    let row: Vec<F> = test.row_mut(AIR, 0, 0).unwrap().to_vec();
    let height = test.trace(AIR, 0).unwrap().values.len() / row.len();
    let padding = (0..height).find(|&i| test.row_mut(AIR, 0, i).unwrap().iter().all(|cell| *cell == F::ZERO));
    match padding {
        Some(padding) => test.row_mut(AIR, 0, padding).unwrap().copy_from_slice(&row),
        None => test.row_mut(AIR, 0, 1).unwrap().copy_from_slice(&row),
    }
    assert_refused(test);
    // One execution too few.
    let mut test = forged(&[]);
    test.row_mut(AIR, 0, 0).unwrap().fill(F::ZERO);
    assert_refused(test);
}
