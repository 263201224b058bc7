//! A toy machine: a fixed table, a repeatable sender and a repeatable receiver on a permutation bus, and an AIR with
//! transitions and public values.

use std::sync::Arc;

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;

use crate::{AirProofInput, AirSet, Bus, F, Instances, MachineAir, VmAirBuilder, origin_scope};

pub(super) const RANGE: Bus = Bus::lookup("range", 1);
pub(super) const CHANNEL: Bus = Bus::permutation("channel", 2);

/// log2 of the height of the range table.
pub(super) const LOG_RANGE: usize = 10;

/// Fixed table of 2^LOG_RANGE consecutive values from `offset`.
pub(super) struct Range {
    pub(super) offset: u32,
}

impl BaseAir<F> for Range {
    fn width(&self) -> usize {
        1
    }
    fn preprocessed_width(&self) -> usize {
        1
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        Some(RowMajorMatrix::new_col((0..1 << LOG_RANGE).map(|i| F::from_u32(i + self.offset)).collect()))
    }
}

impl MachineAir for Range {
    fn name(&self) -> String {
        "range".into()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["multiplicity".into()]
    }
    fn preprocessed_column_names(&self) -> Vec<String> {
        vec!["value".into()]
    }
}

impl<AB: VmAirBuilder> Air<AB> for Range {
    fn eval(&self, b: &mut AB) {
        let value = b.preprocessed().current_slice()[0];
        let multiplicity = b.main().current_slice()[0];
        RANGE.provide(b, [value], multiplicity);
    }
}

/// Sends (pc, 2·value) on the channel, and range-checks the value and its successor. Columns: is_valid, from_pc, value,
/// double.
pub(super) struct Sender;

impl BaseAir<F> for Sender {
    fn width(&self) -> usize {
        4
    }
}

impl MachineAir for Sender {
    fn name(&self) -> String {
        "sender".into()
    }
    fn column_names(&self) -> Vec<String> {
        ["is_valid", "from_pc", "value", "double"].map(String::from).into()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder> Air<AB> for Sender {
    fn eval(&self, b: &mut AB) {
        let main = b.main();
        let [valid, pc, value, double] = main.current_slice().try_into().map(|c: [AB::Var; 4]| c).ok().unwrap();
        b.assert_bool(valid);
        b.when(valid).assert_eq(double, value + value);
        CHANNEL.send(b, [pc.into(), double.into()] as [AB::Expr; 2], valid);
        let _origin = origin_scope::<AB>("range check");
        RANGE.query(b, [value], valid);
        RANGE.query(b, [value.into() + AB::Expr::ONE], valid);
    }
}

/// Receives from the channel. Columns: is_valid, pc, value.
pub(super) struct Receiver;

impl BaseAir<F> for Receiver {
    fn width(&self) -> usize {
        3
    }
}

impl MachineAir for Receiver {
    fn name(&self) -> String {
        "receiver".into()
    }
    fn column_names(&self) -> Vec<String> {
        ["is_valid", "pc", "value"].map(String::from).into()
    }
    fn selectors(&self) -> Vec<usize> {
        vec![0]
    }
}

impl<AB: VmAirBuilder> Air<AB> for Receiver {
    fn eval(&self, b: &mut AB) {
        let main = b.main();
        let row = main.current_slice();
        let (valid, pc, value) = (row[0], row[1], row[2]);
        b.assert_bool(valid);
        CHANNEL.receive(b, [pc, value], valid);
    }
}

/// Counts up by one from its first public value to its second. Column: n.
pub(super) struct Counter;

impl BaseAir<F> for Counter {
    fn width(&self) -> usize {
        1
    }
    fn num_public_values(&self) -> usize {
        2
    }
}

impl MachineAir for Counter {
    fn name(&self) -> String {
        "counter".into()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["n".into()]
    }
    fn instances(&self) -> Instances {
        Instances::Single
    }
    fn required(&self) -> bool {
        true
    }
}

impl<AB: VmAirBuilder> Air<AB> for Counter {
    fn eval(&self, b: &mut AB) {
        let main = b.main();
        let (n, next) = (main.current_slice()[0], main.next_slice()[0]);
        let [first, last] = [b.public_values()[0], b.public_values()[1]];
        b.when_first_row().assert_eq(n, first);
        b.when_transition().assert_eq(next, n + AB::Expr::ONE);
        b.when_last_row().assert_eq(n, last);
    }
}

/// An AIR with the given name. Two of them differ in their names only.
pub(super) struct Twin(pub(super) &'static str);
impl BaseAir<F> for Twin {
    fn width(&self) -> usize {
        1
    }
}
impl MachineAir for Twin {
    fn name(&self) -> String {
        self.0.into()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["x".into()]
    }
}
impl<AB: VmAirBuilder> Air<AB> for Twin {
    fn eval(&self, b: &mut AB) {
        let x = b.main().current_slice()[0];
        b.assert_bool(x);
    }
}

/// Index of the range table in the toy machine. The other AIRs follow in key order.
pub(super) const RANGE_AIR: usize = 0;
pub(super) const SENDER_AIR: usize = 1;
pub(super) const RECEIVER_AIR: usize = 2;
pub(super) const COUNTER_AIR: usize = 3;

pub(super) fn toy_with(offset: u32) -> AirSet {
    AirSet::new(
        vec![Arc::new(Range { offset }), Arc::new(Sender), Arc::new(Receiver), Arc::new(Counter)],
        vec![RANGE, CHANNEL],
    )
}

pub(crate) fn toy() -> AirSet {
    toy_with(0)
}

pub(super) fn matrix<const N: usize>(rows: &[[u32; N]]) -> RowMajorMatrix<F> {
    RowMajorMatrix::new(rows.iter().flatten().map(|&v| F::from_u32(v)).collect(), N)
}

/// Trace of the range table: its multiplicities for the queries of these sender traces.
pub(super) fn range_trace(senders: &[RowMajorMatrix<F>]) -> RowMajorMatrix<F> {
    let mut counts = vec![F::ZERO; 1 << LOG_RANGE];
    for row in senders.iter().flat_map(|t| t.row_slices()) {
        if row[0] == F::ONE {
            for value in [row[2], row[2] + F::ONE] {
                counts[value.as_canonical_u32() as usize] += F::ONE;
            }
        }
    }
    RowMajorMatrix::new_col(counts)
}

/// Honest inputs: two sender instances of 8 and 2 rows, one receiver of 16 rows, and a counter of 32 rows.
pub(super) fn honest() -> Vec<AirProofInput> {
    let row = |i: u32| [1, 100 + i, i * 7, i * 14];
    let mut first: Vec<_> = (0..8).map(row).collect();
    first[7] = [0; 4];
    let second = [row(8), row(9)];
    let mut received: Vec<[u32; 3]> = (0..10).filter(|&i| i != 7).map(|i| [1, 100 + i, i * 14]).collect();
    received.reverse();
    received.resize(16, [0; 3]);
    let senders = vec![matrix(&first), matrix(&second)];
    vec![
        AirProofInput::single(RANGE_AIR, range_trace(&senders)),
        AirProofInput { air: SENDER_AIR, traces: senders, public_values: vec![] },
        AirProofInput::single(RECEIVER_AIR, matrix(&received)),
        AirProofInput {
            air: COUNTER_AIR,
            traces: vec![matrix(&std::array::from_fn::<_, 32, _>(|i| [5 + i as u32]))],
            public_values: vec![F::from_u32(5), F::from_u32(36)],
        },
    ]
}
