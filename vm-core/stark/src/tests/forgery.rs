//! Forged traces and proofs, which the verifier must reject. The backend is compiled without debug assertions, so its
//! prover also makes proofs of false statements.

use std::sync::{Arc, LazyLock};

use p3_air::symbolic::{BaseEntry, SymbolicVariable};
use p3_field::PrimeCharacteristicRing;

use super::toys::{
    CHANNEL, COUNTER_AIR, Counter, RANGE, RANGE_AIR, RECEIVER_AIR, Range, SENDER_AIR, Sender, honest, range_trace, toy,
    toy_with,
};
use crate::{
    AirProofInput, AirSet, BabyBearPoseidon2Engine, F, KeygenLimits, Poseidon2Config, Proof, ProveError, ProvingKey,
    SecurityPreset, ShapeError, StarkEngine, VerifyError,
};

type Key = ProvingKey<Poseidon2Config>;

pub(super) static ENGINE: LazyLock<BabyBearPoseidon2Engine> =
    LazyLock::new(|| BabyBearPoseidon2Engine::new(SecurityPreset::Conjectured100));
pub(super) static KEY: LazyLock<Key> = LazyLock::new(|| ENGINE.keygen(&toy(), KeygenLimits::default()).unwrap());

/// Proves altered inputs, and returns the verifier's result.
fn outcome(alter: impl FnOnce(&mut Vec<AirProofInput>)) -> Result<(), VerifyError> {
    let mut inputs = honest();
    alter(&mut inputs);
    let proof = ENGINE.prove(&KEY, inputs).unwrap();
    ENGINE.verify(KEY.verifying_key(), &proof)
}

/// Alters an honest proof, and returns the verifier's result.
fn altered(alter: impl FnOnce(&mut Proof<Poseidon2Config>)) -> Result<(), VerifyError> {
    let mut proof = ENGINE.prove(&KEY, honest()).unwrap();
    alter(&mut proof);
    ENGINE.verify(KEY.verifying_key(), &proof)
}

#[test]
fn stark_forged_traces_are_refused() {
    assert_eq!(outcome(|_| ()), Ok(()));
    // The table counts one query too many.
    let result = outcome(|i| i[RANGE_AIR].traces[0].values[500] += F::ONE);
    assert_eq!(result, Err(VerifyError::BusImbalance));
    // A message is received that no row sends.
    let result = outcome(|i| i[RECEIVER_AIR].traces[0].values[1] += F::ONE);
    assert_eq!(result, Err(VerifyError::BusImbalance));
    // A constraint does not hold, in the first or in the second instance.
    for instance in 0..2 {
        let result = outcome(|i| i[SENDER_AIR].traces[instance].values[3] += F::ONE);
        assert_eq!(result, Err(VerifyError::Constraints { air: "sender".into() }));
    }
    // If flags were not boolean on every row, a padding row could send a message with multiplicity −1 and so cancel the
    // message of another row.
    let result = outcome(|i| {
        let row = &mut i[SENDER_AIR].traces[0].values;
        let first: Vec<F> = row[..4].to_vec();
        row[28..32].copy_from_slice(&first);
        row[28] = -F::ONE;
    });
    assert_eq!(result, Err(VerifyError::Constraints { air: "sender".into() }));
    // A transition does not hold, or a public value is wrong.
    let result = outcome(|i| i[COUNTER_AIR].traces[0].values[2] = F::from_u32(9));
    assert_eq!(result, Err(VerifyError::Constraints { air: "counter".into() }));
    let result = outcome(|i| i[COUNTER_AIR].public_values[1] = F::from_u32(9));
    assert_eq!(result, Err(VerifyError::Constraints { air: "counter".into() }));
}

#[test]
fn stark_values_outside_the_table_are_refused() {
    // The table does not contain 1024. Counting the query at another entry does not help.
    let result = outcome(|i| {
        let sender = &mut i[SENDER_AIR].traces[1];
        sender.values[2] = F::from_u32(1024);
        sender.values[3] = F::from_u32(2048);
        let receiver = &mut i[RECEIVER_AIR].traces[0].values;
        let at = receiver.chunks(3).position(|r| r[1] == F::from_u32(108)).unwrap();
        receiver[3 * at + 2] = F::from_u32(2048);
    });
    assert_eq!(result, Err(VerifyError::BusImbalance));
}

#[test]
fn stark_another_table_is_another_key() {
    // Soundness (class 23, M21): the prover uses the committed data of another table, which contains 1024.
    let other = ENGINE.keygen(&toy_with(1), KeygenLimits::default()).unwrap();
    let mixed = Key { vk: KEY.verifying_key().clone(), preprocessed: other.preprocessed.clone() };
    let mut inputs = honest();
    let senders = inputs[SENDER_AIR].traces.clone();
    // Multiplicities for the shifted table.
    let mut counts = range_trace(&senders);
    counts.values.rotate_left(1);
    inputs[RANGE_AIR].traces[0] = counts;
    let proof = ENGINE.prove(&mixed, inputs.clone()).unwrap();
    assert!(matches!(ENGINE.verify(KEY.verifying_key(), &proof), Err(VerifyError::Opening(_))));

    // A proof of the other machine verifies with the key of that machine, and not with this one.
    inputs[SENDER_AIR].traces[0].values[..4].copy_from_slice(&[0; 4].map(F::from_u32));
    let proof = ENGINE.prove(&other, honest_for_shifted()).unwrap();
    assert_eq!(ENGINE.verify(other.verifying_key(), &proof), Ok(()));
    assert!(ENGINE.verify(KEY.verifying_key(), &proof).is_err());
}

/// Honest inputs for the table of 1..=1024: no row queries 0.
pub(super) fn honest_for_shifted() -> Vec<AirProofInput> {
    let mut inputs = honest();
    inputs[SENDER_AIR].traces[0].values[..4].copy_from_slice(&[0; 4].map(F::from_u32));
    let receiver = &mut inputs[RECEIVER_AIR].traces[0].values;
    let at = receiver.chunks(3).position(|r| r[1] == F::from_u32(100)).unwrap();
    receiver[3 * at..3 * at + 3].copy_from_slice(&[F::ZERO; 3]);
    let mut counts = range_trace(&inputs[SENDER_AIR].traces);
    counts.values.rotate_left(1);
    inputs[RANGE_AIR].traces[0] = counts;
    inputs
}

#[test]
fn stark_proofs_do_not_verify_under_other_keys() {
    let proof = ENGINE.prove(&KEY, honest()).unwrap();
    // Same machine with other limits: only the digest differs.
    let limits = KeygenLimits { max_instances_per_air: 7, ..KeygenLimits::default() };
    let other = ENGINE.keygen(&toy(), limits).unwrap();
    assert!(matches!(ENGINE.verify(other.verifying_key(), &proof), Err(VerifyError::ProofOfWork(_))));
    // Fewer AIRs.
    let fewer =
        AirSet::new(vec![Arc::new(Range { offset: 0 }), Arc::new(Sender), Arc::new(Counter)], vec![RANGE, CHANNEL]);
    let fewer = ENGINE.keygen(&fewer, KeygenLimits::default()).unwrap();
    let expected = ShapeError::AirCount { what: "instance counts", expected: 3, got: 4 };
    assert_eq!(ENGINE.verify(fewer.verifying_key(), &proof), Err(expected.into()));
}

#[test]
fn stark_shapes_outside_the_key_are_refused_before_the_backend_runs() {
    let shape = |result: Result<(), VerifyError>| match result {
        Err(VerifyError::Shape(e)) => e,
        other => panic!("{other:?}"),
    };
    let name = String::from;
    assert_eq!(
        shape(altered(|p| p.instance_counts[RANGE_AIR] = 2)),
        ShapeError::TooManyInstances { air: name("range"), max: 1, got: 2 }
    );
    assert_eq!(
        shape(altered(|p| p.instance_counts[SENDER_AIR] = 9)),
        ShapeError::TooManyInstances { air: name("sender"), max: 8, got: 9 }
    );
    assert_eq!(shape(altered(|p| p.instance_counts[COUNTER_AIR] = 0)), ShapeError::MissingAir { air: name("counter") });
    assert_eq!(shape(altered(|p| p.instance_counts[SENDER_AIR] = 3)), ShapeError::HeightCount { expected: 6, got: 5 });
    assert_eq!(
        shape(altered(|p| p.instance_counts.push(0))),
        ShapeError::AirCount { what: "instance counts", expected: 4, got: 5 }
    );
    assert_eq!(
        shape(altered(|p| drop(p.public_values.pop()))),
        ShapeError::AirCount { what: "public values", expected: 4, got: 3 }
    );
    assert_eq!(
        shape(altered(|p| p.public_values[COUNTER_AIR].push(F::ZERO))),
        ShapeError::PublicValues { air: name("counter"), expected: 2, got: 3 }
    );
    assert_eq!(
        shape(altered(|p| p.batch.degree_bits[1] = 23)),
        ShapeError::TooTall { air: name("sender"), max: 22, got: 23 }
    );
    assert_eq!(
        shape(altered(|p| p.batch.degree_bits[1] = usize::MAX)),
        ShapeError::TooTall { air: name("sender"), max: 22, got: usize::MAX }
    );
    assert_eq!(
        shape(altered(|p| p.batch.degree_bits[0] = 11)),
        ShapeError::TooTall { air: name("range"), max: 10, got: 11 }
    );
    assert_eq!(
        shape(altered(|p| p.batch.degree_bits[0] = 9)),
        ShapeError::FixedHeight { air: name("range"), expected: 10, got: 9 }
    );
    // Counts that give an instance to an AIR of another width pass the shape check, and the backend rejects the proof.
    let moved = altered(|p| {
        p.instance_counts[SENDER_AIR] = 1;
        p.instance_counts[RECEIVER_AIR] = 2;
    });
    assert!(matches!(moved, Err(VerifyError::Malformed(_))), "{moved:?}");
    let fewer = altered(|p| drop(p.batch.opened_values.instances.pop()));
    assert!(matches!(fewer, Err(VerifyError::Malformed(_))));
}

#[test]
fn stark_total_instances_and_weights_are_limited() {
    let limits = KeygenLimits { max_total_instances: 4, ..KeygenLimits::default() };
    let key = ENGINE.keygen(&toy(), limits).unwrap();
    let result = ENGINE.prove(&key, honest()).map(drop);
    assert_eq!(result, Err(ShapeError::TooManyInstancesInTotal { max: 4, got: 5 }.into()));
}

#[test]
fn stark_prover_inputs_are_checked() {
    let prove = |alter: &dyn Fn(&mut Vec<AirProofInput>)| {
        let mut inputs = honest();
        alter(&mut inputs);
        ENGINE.prove(&KEY, inputs).map(drop)
    };
    assert_eq!(prove(&|i| i[0].air = 4), Err(ProveError::UnknownAir { air: 4, airs: 4 }));
    assert_eq!(prove(&|i| i.push(i[1].clone())), Err(ProveError::DuplicateInput { air: "sender".into() }));
    assert!(matches!(prove(&|i| i[2].traces[0].width = 1), Err(ProveError::TraceWidth { expected: 3, got: 1, .. })));
    assert!(matches!(prove(&|i| i[2].traces[0].values.truncate(9)), Err(ProveError::TraceHeight { height: 3, .. })));
    assert!(matches!(prove(&|i| i[2].traces[0].values.clear()), Err(ProveError::TraceHeight { height: 0, .. })));
    assert_eq!(prove(&|i| drop(i.remove(RANGE_AIR))), Err(ShapeError::MissingAir { air: "range".into() }.into()));
    assert!(matches!(prove(&|i| i[3].public_values.clear()), Err(ProveError::Shape(ShapeError::PublicValues { .. }))));
}

/// The backend itself may panic on malformed proofs. Here, a circuit makes it read a column that the AIR does not have.
#[test]
fn stark_panics_of_the_backend_do_not_reach_the_caller() {
    let proof = ENGINE.prove(&KEY, honest()).unwrap();
    let mut key = ENGINE.keygen(&toy(), KeygenLimits::default()).unwrap();
    let key = Arc::get_mut(&mut key.vk).unwrap();
    assert_eq!(ENGINE.verify(key, &proof), Ok(()));
    let mut symbolic = (*key.airs[COUNTER_AIR].symbolic).clone();
    symbolic.constraints.push(SymbolicVariable::<F>::new(BaseEntry::Main { offset: 0 }, 9).into());
    key.airs[COUNTER_AIR] = key.airs[COUNTER_AIR].with_symbolic(symbolic);
    let refused = ENGINE.verify(key, &proof);
    assert!(matches!(&refused, Err(VerifyError::Panicked(text)) if text.contains("out of bounds")), "{refused:?}");
}
