//! The refresh AIR. Its rows are not tied to execution, so they must not be able to justify a value by themselves.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use vm_core::stark::F;

use crate::fixture::{REFRESH, Test, boolean, caught_by_bus, caught_by_constraint, caught_by_messages, f, fixture};

/// Returns the fixture with refresh rows (`valid`, and the limbs of `to` and `gap`) of a word of main memory that is
/// not in the proof. The attacker chooses the value of the word.
fn with_refreshes(rows: &[(F, [F; 2], [F; 2])]) -> Test {
    let mut test = fixture();
    let air = test.air(REFRESH).unwrap().clone();
    let mut trace = RowMajorMatrix::new(F::zero_vec(8 * air.width()), air.width());
    assert_eq!(air.column_names().len(), 9);
    for (row, (valid, to, gap)) in trace.values.chunks_mut(9).zip(rows) {
        row.copy_from_slice(&[*valid, F::TWO, f(0x8000), f(666), f(13), to[0], to[1], gap[0], gap[1]]);
    }
    assert!(test.input(REFRESH).unwrap().traces.is_empty());
    test.input_mut(REFRESH).unwrap().traces = vec![trace];
    test
}

/// Returns the low 16 bits and the high bits of a field element.
fn limbs(x: F) -> [F; 2] {
    use p3_field::PrimeField32;
    let x = x.as_canonical_u32();
    [f(x & 0xffff), f(x >> 16)]
}

#[test]
fn system_refreshes_do_not_stand_still() {
    // A refresh to the same time, with gap −1. The row receives its own send, whatever the value.
    caught_by_bus(with_refreshes(&[(F::ONE, limbs(f(5)), limbs(-F::ONE))]), "range");
}

#[test]
fn system_refreshes_do_not_go_back_in_time() {
    // One row goes 95 ticks forward, the other goes 95 ticks back. The two rows justify each other.
    let rows = [(F::ONE, limbs(f(100)), limbs(f(94))), (F::ONE, limbs(f(5)), limbs(-f(96)))];
    caught_by_bus(with_refreshes(&rows), "range");
    // The same, with the gap −96 represented by other limbs: 2^16·(−1) + (2^16 − 96).
    let back = [f((1 << 16) - 96), -F::ONE];
    let rows = [(F::ONE, limbs(f(100)), limbs(f(94))), (F::ONE, limbs(f(5)), back)];
    caught_by_bus(with_refreshes(&rows), "range");
}

#[test]
fn system_refreshes_do_not_wrap_around_the_field() {
    // Four rows go forward, each by less than 2^29, and the steps sum to p. Every gap is in range, and the fourth row
    // ends at the time at which the first one starts. Only the bound on the new time rejects the cycle.
    const P: u64 = 0x7800_0001;
    let steps = [P / 4, P / 4, P / 4, P - 3 * (P / 4)];
    assert!(steps.iter().all(|step| *step < 1 << 29));
    let mut at = F::from_u32(1000);
    let mut rows = Vec::new();
    for step in steps {
        at += F::from_u64(step);
        rows.push((F::ONE, limbs(at), limbs(F::from_u64(step - 1))));
    }
    assert_eq!(at, f(1000));
    // The first step ends below 2^29, the fourth one at the start.
    let late: Vec<_> = rows[1..3].iter().map(|(_, to, _)| (vec![to[1], f(13)], 1)).collect();
    caught_by_messages(with_refreshes(&rows), "range", &late);
}

#[test]
fn system_two_refreshes_do_not_wrap_around_the_field() {
    // Two rows go forward by about p/2 each, and the steps sum to p. This is the shortest cycle. With limbs of 14 bits,
    // for times and gaps below 2^30, every range check would hold, and the word would have any value. With 13 bits,
    // both gaps and the time between the two steps are out of range.
    const P: u64 = 0x7800_0001;
    const START: u32 = 0x2_0000;
    let steps = [P / 2, P - P / 2];
    assert!(steps.iter().all(|step| *step < 1 << 30));
    let times = [f(START) + F::from_u64(steps[0]), f(START)];
    let rows = [0, 1].map(|i| (F::ONE, limbs(times[i]), limbs(F::from_u64(steps[i] - 1))));
    assert!(rows.iter().all(|(_, to, gap)| to[1].max(gap[1]) < f(1 << 14)));
    let refused = [rows[0].1[1], rows[0].2[1], rows[1].2[1]].map(|limb| (vec![limb, f(13)], 1));
    caught_by_messages(with_refreshes(&rows), "range", &refused);
}

#[test]
fn system_refresh_times_have_one_form() {
    // The limbs are out of range, but the time that they represent is in range.
    let to = [f(100 + (1 << 16)), -F::ONE];
    let test = with_refreshes(&[(F::ONE, to, limbs(f(94)))]);
    let mut test = test;
    test.recount_lookups().unwrap();
    assert!(test.debug().imbalances.iter().any(|message| message.bus == "range"));
    assert!(test.is_rejected());
}

#[test]
fn system_refreshes_count_once_or_never() {
    for valid in [-F::ONE, F::TWO] {
        caught_by_constraint(with_refreshes(&[(valid, limbs(f(100)), limbs(f(94)))]), REFRESH, &[boolean("valid")]);
    }
    // The row itself is valid, but no row has sent the word that it receives.
    caught_by_bus(with_refreshes(&[(F::ONE, limbs(f(100)), limbs(f(94)))]), "memory");
}
