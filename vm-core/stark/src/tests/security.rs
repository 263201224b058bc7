//! The security accounting, compared with an independent calculation.
//!
//! The expected numbers are computed here from the shape of the toy machine, counted by hand, and from the formulas of
//! the papers. Nothing is taken from the module under test, except the number of queries and the bits of the proof of
//! work that key generation chooses.

use std::sync::Arc;

use super::forgery::KEY;
use super::toys::{Counter, toy};
use crate::{
    AirSet, BabyBearPoseidon2Engine, KeygenLimits, Poseidon2Config, SecurityParams, SecurityPreset, SecurityReport,
    StarkEngine, VerifyingKey,
};

/// log2 of the size of the challenge field, rounded down, and bits of the collision resistance of Poseidon2 digests.
const FIELD: f64 = 123.0;
const P: u64 = 0x7800_0001;

/// Totals of a batch.
#[derive(Clone, Copy)]
struct Batch {
    log_height: i32,
    instances: usize,
    openings: u64,
    constraints: u64,
    denominators: u64,
}

/// Number of polynomials that the opening argument combines for one instance of the range table, of the sender, of the
/// receiver and of the counter.
///
/// An instance has its main and preprocessed columns, once more if an AIR reads the next row, four columns of one
/// quotient chunk, and twice four columns for each lookup column and the accumulator.
const OPENINGS: [u64; 4] = [1 + 1 + 4 + 2 * 4 * 2, 4 + 4 + 2 * 4 * 4, 3 + 4 + 2 * 4 * 2, 2 + 4];
/// Number of constraints: those of the AIR, one for each lookup column, and three for the accumulator.
const CONSTRAINTS: [u64; 4] = [1 + 3, 2 + 3 + 3, 1 + 1 + 3, 3];
/// Number of messages per row. The widest message has two fields.
const MESSAGES: [u64; 4] = [1, 3, 1, 0];

/// Returns the terms under the conjecture, in the order of the report.
fn conjectured(batch: &Batch, params: &SecurityParams) -> [(&'static str, f64); 7] {
    let rows = 2f64.powi(batch.log_height);
    // All constraints are combined with powers of one challenge.
    let composition = FIELD - (batch.constraints as f64).log2();
    // Constraints of degree 3, opened at two points.
    let out_of_domain = FIELD - (3.0 * (rows + 1.0) + (rows - 1.0)).log2() + 8.0;
    // Each query finds an error with a probability of about one half: the rate is 1/2.
    let miss = 0.5 + 0.5 * (std::f64::consts::LOG2_E + 1.0) / FIELD;
    let queries = -(params.num_queries as f64) * miss.log2() + 16.0;
    // Layers are folded by 8.
    let folding = FIELD - (7.0 * (2.0 * rows + 1.0)).log2() + 4.0;
    let batching = FIELD - (2.0 * rows).log2() - ((batch.openings - 1) as f64).log2() + params.batch_pow_bits as f64;
    let lookups = FIELD - (batch.denominators as f64).log2() - 4f64.log2() + 16.0;
    [
        ("air-composition", composition),
        ("deep-ali", out_of_domain),
        ("ldt-query-phase", queries),
        ("ldt-commit-phase", folding),
        ("batch-combination", batching),
        ("logup-fingerprint", lookups),
        ("commitment-collision", FIELD),
    ]
}

/// Compares a report with the expected terms of a batch.
#[track_caller]
fn assert_report(report: &SecurityReport, batch: &Batch, params: &SecurityParams) {
    let expected = conjectured(batch, params);
    for (name, bits) in expected {
        let term = report.terms.iter().find(|term| term.name == name).unwrap_or_else(|| panic!("no {name}: {report}"));
        assert!((term.bits - bits).abs() < 1e-9, "{name}: {} instead of {bits}", term.bits);
    }
    assert_eq!(report.terms.len(), expected.len(), "{report}");
    assert_eq!((report.log_height, report.instances), (batch.log_height as usize, batch.instances));
    assert_eq!(report.log_denominators, (batch.denominators as f64).log2());
    let (binding, bits) = expected.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    assert_eq!(report.binding, binding);
    assert!((report.bits - bits).abs() < 1e-9);
}

fn sum(per_air: [u64; 4], counts: [u64; 4]) -> u64 {
    per_air.iter().zip(counts).map(|(value, count)| value * count).sum()
}

#[test]
fn stark_security_of_a_proof_counts_every_instance() {
    let params = *KEY.vk.params();
    assert_eq!((params.num_queries, params.query_pow_bits, params.batch_pow_bits), (88, 16, 16));
    // Two senders: the openings and constraints of both count. All tables count with their own height, and the table's
    // provided entries and padding rows are denominators as well.
    let counts = [1, 2, 1, 1];
    let batch = Batch {
        log_height: 10,
        instances: 5,
        openings: sum(OPENINGS, counts),
        constraints: sum(CONSTRAINTS, counts),
        denominators: 1024 + 3 * (8 + 2) + 16,
    };
    assert_eq!((batch.openings, batch.constraints), (22 + 2 * 40 + 23 + 6, 4 + 2 * 8 + 5 + 3));
    assert_report(&KEY.vk.security(&[vec![10], vec![3, 1], vec![4], vec![2]]), &batch, &params);
    // Another AIR is the tallest one.
    let taller = Batch { log_height: 14, denominators: 1024 + 3 * 8 + (1 << 14), instances: 4, ..batch };
    let taller = Batch { openings: sum(OPENINGS, [1; 4]), constraints: sum(CONSTRAINTS, [1; 4]), ..taller };
    assert_report(&KEY.vk.security(&[vec![10], vec![3], vec![14], vec![2]]), &taller, &params);
}

#[test]
fn stark_worst_case_security_is_that_of_the_largest_batch() {
    // By default, all instances that the AIRs may have fit: 8 senders and 8 receivers of 2^22 rows.
    let counts = [1, 8, 8, 1];
    let batch = Batch {
        log_height: 22,
        instances: 18,
        openings: sum(OPENINGS, counts),
        constraints: sum(CONSTRAINTS, counts),
        denominators: 1024 + 8 * 4 * (1 << 22),
    };
    assert_report(&KEY.vk.worst_case_security(), &batch, KEY.vk.params());
    // Only 5 instances are allowed: the most expensive ones, which are senders.
    let few = worst(KeygenLimits { max_total_instances: 5, ..KeygenLimits::default() });
    let batch = Batch {
        log_height: 22,
        instances: 5,
        openings: 5 * OPENINGS[1],
        constraints: 5 * CONSTRAINTS[1],
        denominators: 5 * MESSAGES[1] * (1 << 22),
    };
    assert_report(&few.worst_case_security(), &batch, few.params());
    // 100 senders of 2^23 rows have more messages than the field has elements. The verifier refuses such a batch, so
    // there are at most p messages, in addition to the provided entries.
    let many = worst(KeygenLimits { max_log_height: 23, max_instances_per_air: 100, max_total_instances: 100 });
    assert!(100 * MESSAGES[1] * (1 << 23) > P + 1024);
    let batch = Batch {
        log_height: 23,
        instances: 100,
        openings: 100 * OPENINGS[1],
        constraints: 100 * CONSTRAINTS[1],
        denominators: P + 1024,
    };
    assert_report(&many.worst_case_security(), &batch, many.params());
}

/// Returns a key of the toy machine with these limits.
fn worst(limits: KeygenLimits) -> Arc<VerifyingKey<Poseidon2Config>> {
    let engine = BabyBearPoseidon2Engine::new(SecurityPreset::Conjectured100);
    engine.keygen(&toy(), limits).unwrap().verifying_key().clone()
}

/// Returns the bits of the low-degree test in the unique-decoding regime. A query accepts a false codeword with a
/// probability of (1 + (k + 2)/bk)/2 for k rows and codes that are b times as long. That is 3/4 for b = 2 and large k, 5/8
/// for b = 4, and more for small k.
fn unique_decoding(blowup: f64, rows: f64, queries: usize) -> f64 {
    let agreement = f64::midpoint(1.0, (rows + 2.0) / (blowup * rows));
    -(queries as f64) * agreement.log2() + 16.0
}

#[track_caller]
fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-9, "{a} instead of {b}");
}

#[test]
fn stark_small_proofs_have_as_many_queries_as_the_target_needs() {
    let engine = BabyBearPoseidon2Engine::new(SecurityPreset::Small100);
    let key = engine.keygen(&toy(), KeygenLimits::default()).unwrap();
    let key = key.verifying_key();
    assert_eq!((key.params().log_blowup, key.params().num_queries), (2, 124));
    let worst = key.worst_case_security();
    assert_eq!((worst.regime.as_str(), worst.binding), ("proven, unique decoding", "low-degree-test"));
    assert_eq!(worst.log_height, 22);
    close(worst.bits, unique_decoding(4.0, 2f64.powi(22), 124));
    // That is enough for all heights from 2^10 on. One query less is not enough for any.
    for log_height in 10..=22 {
        let rows = 2f64.powi(log_height);
        assert!(unique_decoding(4.0, rows, 124) >= 100.0 && unique_decoding(4.0, rows, 123) < 100.0, "{log_height}");
        let proof = key.security(&[vec![10], vec![log_height as usize], vec![3], vec![3]]);
        assert!(proof.bits >= 100.0, "{proof}");
    }
    // Openings are combined over codes that are four times as long as traces.
    let combined = worst.terms.iter().find(|term| term.name == "batch-combination").unwrap();
    let openings = sum(OPENINGS, [1, 8, 8, 1]) as f64;
    close(combined.bits, FIELD - 24.0 - (openings - 1.0).log2() + key.params().batch_pow_bits as f64);
}

#[test]
fn stark_proven_security_is_that_of_the_worst_height() {
    let unique_decoding = |rows: f64, queries: usize| unique_decoding(2.0, rows, queries);
    let engine = BabyBearPoseidon2Engine::new(SecurityPreset::Provable100);
    let key = engine.keygen(&toy(), KeygenLimits::default()).unwrap();
    let key = key.verifying_key();
    assert_eq!(key.params().num_queries, 203);
    let worst = key.worst_case_security();
    assert_eq!((worst.regime.as_str(), worst.binding), ("proven, unique decoding", "low-degree-test"));
    assert_eq!(worst.log_height, 22);
    close(worst.bits, unique_decoding(2f64.powi(22), 203));
    // At 2^10 rows, the minimum height with this table, unique decoding gives fewer bits, but list decoding more.
    let short = key.security(&[vec![10], vec![3], vec![3], vec![3]]);
    assert!(short.regime.starts_with("proven, list decoding"), "{short}");
    assert!(short.bits > worst.bits && unique_decoding(1024.0, 203) < worst.bits, "{short}");

    // A machine without a table allows proofs of 2^3 rows. List decoding with m = 4 is best there: a query accepts a
    // false codeword with a probability of (1 + 1/2m)·√(1/2). The key has the smallest number of queries that gives 100
    // bits for the shortest proof. With 203 queries, it would have 83.
    let set = AirSet::new(vec![Arc::new(Counter)], vec![]);
    let key = engine.keygen(&set, KeygenLimits::default()).unwrap();
    let (worst, queries) = (key.verifying_key().worst_case_security(), key.verifying_key().params().num_queries);
    let list_decoding = |queries: usize| -(queries as f64) * (1.125 * 0.5f64.sqrt()).log2() + 16.0;
    assert_eq!((worst.log_height, worst.binding), (3, "low-degree-test"));
    assert_eq!((worst.regime.as_str(), queries), ("proven, list decoding (m = 4)", 255));
    close(worst.bits, list_decoding(255));
    assert!(list_decoding(203) < 84.0 && list_decoding(254) < 100.0 && list_decoding(255) >= 100.0);
}
