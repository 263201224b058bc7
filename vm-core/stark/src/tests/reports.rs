//! Tests of the debug checker, listings, counting of lookups, and security reports.

use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;

use super::forgery::KEY;
use super::toys::{COUNTER_AIR, RANGE_AIR, RECEIVER_AIR, SENDER_AIR, Sender, honest, range_trace, toy};
use crate::debug::check;
use crate::{
    AirProofInput, AirSet, F, LookupPlan, MachineAir, SecurityReport, VmAirBuilder, count_lookups, list_machine,
};

#[test]
fn stark_debug_check_accepts_honest_traces() {
    let report = check(&toy(), &honest());
    assert!(report.is_ok(), "{report}");
}

#[test]
fn stark_debug_check_reports_every_failed_constraint() {
    let mut inputs = honest();
    inputs[SENDER_AIR].traces[0].values[4 + 3] += F::ONE;
    inputs[SENDER_AIR].traces[0].values[8 + 3] += F::TWO;
    inputs[SENDER_AIR].traces[1].values[3] += F::ONE;
    inputs[COUNTER_AIR].traces[0].values[2] = F::from_u32(9);
    let report = check(&toy(), &inputs);
    let found: Vec<_> = report.failures.iter().map(|f| (f.air, f.instance, f.row, f.constraint)).collect();
    assert_eq!(found, [(1, 0, 1, 1), (1, 0, 2, 1), (1, 1, 0, 1), (3, 0, 1, 1), (3, 0, 2, 1)]);
    assert_eq!(report.failures[0].pc, Some(F::from_u32(101)));
    assert_eq!(report.labels[&(1, 1)], "is_valid*(double - (value + value))");
    let example = &report.examples[&(1, 1)][0];
    let columns: Vec<_> = example.columns.iter().map(|(n, v)| (n.as_str(), v.as_canonical_u32())).collect();
    assert_eq!(columns, [("is_valid", 1), ("value", 7), ("double", 15)]);
    assert_eq!(report.examples[&(3, 1)][0].columns[1].0, "n'");
    // Three messages are altered. Each altered one is sent but not received, and each original one is received but not
    // sent.
    assert_eq!(report.imbalances.len(), 6);
    let text = report.to_string();
    assert!(text.contains("sender: constraint 1 fails on 3 rows"), "{text}");
    assert!(text.contains("instance 0, row 1, pc 0x65"), "{text}");
}

#[test]
fn stark_debug_check_says_who_sent_and_who_received() {
    let mut inputs = honest();
    inputs[RANGE_AIR].traces[0].values[14] -= F::ONE;
    inputs[RECEIVER_AIR].traces[0].values[0] = F::ZERO;
    let report = check(&toy(), &inputs);
    assert!(report.failures.is_empty());
    let channel = &report.imbalances[0];
    assert_eq!((channel.bus.as_str(), channel.net, channel.total_participants), ("channel", 1, 1));
    assert_eq!((channel.participants[0].air, channel.participants[0].instance, channel.participants[0].row), (1, 1, 1));
    let range = &report.imbalances[1];
    assert_eq!((range.bus.as_str(), range.fields.as_slice(), range.net), ("range", [F::from_u32(14)].as_slice(), 1));
    // Only the query of row 2 (value 14) takes part: the table's entry has multiplicity 0, so it is no message.
    assert_eq!(range.participants.len(), 1);
    assert_eq!((range.participants[0].air, range.participants[0].row, range.participants[0].count), (1, 2, 1));
    assert!(report.to_string().contains("range(14): net count 1"), "{report}");
}

#[test]
fn stark_debug_check_reports_unusable_inputs() {
    let mut inputs = honest();
    inputs[0].traces[0].values.truncate(512);
    inputs[1].traces[0].width = 3;
    inputs[2].air = 9;
    inputs[3].public_values.clear();
    assert_eq!(check(&toy(), &inputs).problems.len(), 4);
}

#[test]
fn stark_listing_shows_the_whole_machine() {
    let expected = "\
# constraint: the expression is 0 on every row. x' is x on the next row, 2^-k is the inverse of 2^k, ^ binds tightest.
# message: verb bus(fields) × count, on every row. The degrees are those of the fields and of the count.
# type: the Rust type of the AIR, with the modules that contain its parts.
# // origin: the part of the AIR that emits the line, outermost first. eval is code written for this AIR alone.
bus range: lookup, 1 fields
bus channel: permutation, 2 fields

air range: 1 columns, 1 preprocessed, 0 public values, 0 constraints, 1 messages in 1 lookup columns
  type vm_stark::tests::toys::Range
  column 0 multiplicity
  preprocessed 0 value
  message 0 [degree 1, 1] provide range(value) × multiplicity  // eval

air sender: 4 columns, 0 preprocessed, 0 public values, 2 constraints, 3 messages in 3 lookup columns
  type vm_stark::tests::toys::Sender
  column 0 is_valid  (selector)
  column 1 from_pc
  column 2 value
  column 3 double
  constraint 0 [degree 2] is_valid*(is_valid - 1) = 0  // eval
  constraint 1 [degree 2] is_valid*(double - (value + value)) = 0  // eval
  message 0 [degree 1, 1] send channel(from_pc, double) × is_valid  // eval
  message 1 [degree 1, 1] query range(value) × is_valid  // range check
  message 2 [degree 1, 1] query range(value + 1) × is_valid  // range check

air receiver: 3 columns, 0 preprocessed, 0 public values, 1 constraints, 1 messages in 1 lookup columns
  type vm_stark::tests::toys::Receiver
  column 0 is_valid  (selector)
  column 1 pc
  column 2 value
  constraint 0 [degree 2] is_valid*(is_valid - 1) = 0  // eval
  message 0 [degree 1, 1] receive channel(pc, value) × is_valid  // eval

air counter: 1 columns, 0 preprocessed, 2 public values, 3 constraints, 0 messages in 0 lookup columns
  type vm_stark::tests::toys::Counter
  column 0 n  (next row read)
  constraint 0 [degree 2] is_first*(n - public[0]) = 0  // eval
  constraint 1 [degree 1] is_transition*(n' - (n + 1)) = 0  // eval
  constraint 2 [degree 2] is_last*(n - public[1]) = 0  // eval
";
    assert_eq!(list_machine(&toy()), expected);
}

#[test]
fn stark_lookup_counts_are_the_tables_multiplicities() {
    let inputs = honest();
    let expected = range_trace(&inputs[SENDER_AIR].traces);
    let mut counts = vec![F::ZERO; expected.values.len()];
    for trace in &inputs[SENDER_AIR].traces {
        let parts = count_lookups(
            &Sender,
            trace,
            &[],
            &["other", "range"],
            Vec::new,
            |seen: &mut Vec<(usize, u32, F)>, bus, key, count| seen.push((bus, key[0].as_canonical_u32(), count)),
        );
        for (bus, key, count) in parts.into_iter().flatten() {
            assert_eq!(bus, 1);
            counts[key as usize] += count;
        }
    }
    assert_eq!(counts, expected.values);
    // Provided entries are not queries.
    assert_eq!(LookupPlan::new(&super::toys::Range { offset: 0 }, &["range"]).queries(), 0);
    assert_eq!(LookupPlan::new(&Sender, &["range"]).queries(), 2);
    assert_eq!(LookupPlan::new(&Sender, &["channel"]).queries(), 1);
}

#[test]
fn stark_security_reports_name_the_binding_term() {
    let worst = KEY.vk.worst_case_security();
    assert!(worst.reaches_target(), "{worst}");
    assert_eq!(worst.preset, "conjectured100");
    assert!(worst.terms.iter().any(|t| t.name == "logup-fingerprint"));
    let binding = |report: &SecurityReport| {
        let term = report.terms.iter().min_by(|a, b| a.bits.total_cmp(&b.bits)).unwrap();
        (term.name, term.bits)
    };
    assert_eq!((worst.binding, worst.bits), binding(&worst));
    // The key allows traces of 2^22 rows. The most likely false step of a forger is a lucky draw of the folding
    // challenges there; in short proofs, it is a lucky draw of the queries.
    assert_eq!(worst.binding, "ldt-commit-phase");
    assert!(worst.to_string().contains("ldt-commit-phase"), "{worst}");
    let actual = KEY.vk.security(&[vec![10], vec![3, 1], vec![4], vec![2]]);
    assert_eq!((actual.instances, actual.log_height), (5, 10));
    // 1024 rows of the table, 3 messages on 10 rows, and 1 on 16.
    assert_eq!(actual.log_denominators, (1024.0f64 + 30.0 + 16.0).log2());
    assert!(actual.bits >= worst.bits);
    assert_eq!((actual.binding, actual.bits), binding(&actual));
    assert_eq!(actual.binding, "ldt-query-phase");
    assert!(actual.to_string().contains("ldt-query-phase"), "{actual}");
    // Proofs may be unverified, so the report must not overflow for absurd heights.
    assert_eq!(KEY.vk.security(&[vec![usize::MAX]]).log_height, KEY.vk.body.limits.max_log_height);
}

/// An AIR whose constraint holds on used rows only.
struct IsUsed;

impl BaseAir<F> for IsUsed {
    fn width(&self) -> usize {
        1
    }
}

impl MachineAir for IsUsed {
    fn name(&self) -> String {
        "is_used".to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["is_valid".to_owned()]
    }
}

impl<AB: VmAirBuilder> Air<AB> for IsUsed {
    fn eval(&self, builder: &mut AB) {
        let is_valid = builder.main().current_slice()[0];
        builder.assert_one(is_valid);
    }
}

#[test]
fn stark_debug_check_names_constraints_that_only_padding_fails() {
    let hint = "only on padding rows, whose cells are zero";
    let set = AirSet::new(vec![Arc::new(IsUsed)], Vec::new());
    let text = |cells: [u32; 4]| {
        let traces = vec![RowMajorMatrix::new_col(cells.map(F::from_u32).to_vec())];
        check(&set, &[AirProofInput { air: 0, traces, public_values: Vec::new() }]).to_string()
    };
    let padding = text([1, 1, 0, 0]);
    assert!(padding.contains("fails on 2 rows") && padding.contains(hint), "{padding}");
    let other = text([1, 2, 0, 0]);
    assert!(other.contains("fails on 3 rows") && !other.contains(hint), "{other}");
}
