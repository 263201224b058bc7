//! Honest proofs verify with every engine and preset.

use crate::{
    BabyBearBlake3Engine, BabyBearKeccakEngine, BabyBearPoseidon2Engine, BabyBearWhirBlake3Engine,
    BabyBearWhirKeccakEngine, BabyBearWhirPoseidon2Engine, EngineConfig, F, KeygenLimits, ProveError, SecurityPreset,
    StarkEngine, VerifyError,
};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use super::toys::{COUNTER_AIR, honest, toy};

fn roundtrip<E: StarkEngine>(preset: SecurityPreset) {
    let engine = E::new(preset);
    let key = engine.keygen(&toy(), KeygenLimits::default()).unwrap();
    let proof = engine.prove(&key, honest()).unwrap();
    engine.verify(key.verifying_key(), &proof).unwrap();
    assert_eq!(proof.instance_counts, [1, 2, 1, 1]);
    // The multilinear backend pads low traces.
    let min = <E::SC as EngineConfig>::MIN_LOG_HEIGHT;
    assert_eq!(proof.log_heights(), [vec![10], vec![3.max(min), 1.max(min)], vec![4.max(min)], vec![5]]);
    // The key serves for several proofs, and the domain is part of the statement.
    let domain = [F::from_u32(3)];
    let bound = engine.prove_bound(&key, honest(), &domain).unwrap();
    engine.verify_bound(key.verifying_key(), &bound, &domain).unwrap();
    // The engine rejects proofs of false statements.
    let mut inputs = honest();
    inputs[0].traces[0].values[3] += F::ONE;
    match engine.prove(&key, inputs) {
        Ok(forged) => assert_eq!(engine.verify(key.verifying_key(), &forged), Err(VerifyError::BusImbalance)),
        // The prover of the multilinear backend notices.
        Err(error) => assert!(min > 0 && matches!(error, ProveError::BusImbalance), "{error}"),
    }
    let mut inputs = honest();
    inputs[3].traces[0].values[2] += F::ONE;
    let forged = engine.prove(&key, inputs).unwrap();
    match engine.verify(key.verifying_key(), &forged) {
        Err(VerifyError::Constraints { air }) => assert_eq!(air, "counter"),
        // The multilinear backend checks all AIRs together.
        Err(VerifyError::Zerocheck(_)) => assert!(min > 0),
        other => panic!("{other:?}"),
    }
    assert!(engine.verify(key.verifying_key(), &bound).is_err());
    let security = key.verifying_key().security(&proof.log_heights());
    assert!(security.bits >= 100.0, "{security}");
}

#[test]
fn stark_honest_proofs_verify_with_poseidon2() {
    for preset in SecurityPreset::ALL {
        roundtrip::<BabyBearPoseidon2Engine>(preset);
    }
}

/// Asserts that a proof is valid only with the preset that it was made with.
fn belongs_to_its_preset<E: StarkEngine>() {
    let made = SecurityPreset::ALL.map(|preset| {
        let engine = E::new(preset);
        let key = engine.keygen(&toy(), KeygenLimits::default()).unwrap();
        let proof = engine.prove(&key, honest()).unwrap();
        (engine, key, proof)
    });
    for (i, (engine, key, _)) in made.iter().enumerate() {
        for (j, (_, _, proof)) in made.iter().enumerate() {
            let verdict = engine.verify(key.verifying_key(), proof);
            assert_eq!(verdict.is_ok(), i == j, "proof {j} under key {i}: {verdict:?}");
        }
    }
}

#[test]
fn stark_proofs_do_not_verify_under_keys_of_other_presets() {
    belongs_to_its_preset::<BabyBearPoseidon2Engine>();
    belongs_to_its_preset::<BabyBearWhirPoseidon2Engine>();
}

/// Returns the encoded length of a proof of a counter with 2^`log_height` rows, with this preset.
fn proof_len<E: StarkEngine>(preset: SecurityPreset, log_height: usize) -> usize {
    let engine = E::new(preset);
    let key = engine.keygen(&toy(), KeygenLimits::default()).unwrap();
    let mut inputs = honest();
    let last = (1 << log_height) - 1;
    inputs[COUNTER_AIR].traces = vec![RowMajorMatrix::new_col((0..=last).map(F::from_u32).collect())];
    inputs[COUNTER_AIR].public_values = vec![F::ZERO, F::from_u32(last)];
    let proof = engine.prove(&key, inputs).unwrap();
    assert_eq!(engine.verify(key.verifying_key(), &proof), Ok(()));
    let len = postcard::to_stdvec(&proof).unwrap().len();
    assert!(len <= key.verifying_key().max_proof_len());
    len
}

/// Asserts that proofs with the preset for small ones are shorter by at least this percentage.
fn compare_lengths<E: StarkEngine>(log_height: usize, percentage: usize) {
    let presets = [SecurityPreset::Provable100, SecurityPreset::Small100];
    let [usual, small] = presets.map(|preset| proof_len::<E>(preset, log_height));
    println!("{small} bytes instead of {usual}");
    assert!(100 * small < (100 - percentage) * usual, "{small} bytes instead of {usual}");
}

#[test]
fn stark_small_proofs_are_smaller() {
    compare_lengths::<BabyBearPoseidon2Engine>(18, 10);
    compare_lengths::<BabyBearWhirPoseidon2Engine>(22, 10);
    // For few cells, the codes of both presets have a low rate.
    compare_lengths::<BabyBearWhirPoseidon2Engine>(18, 4);
}

#[test]
fn stark_honest_proofs_verify_with_keccak() {
    roundtrip::<BabyBearKeccakEngine>(SecurityPreset::Provable100);
}

#[test]
fn stark_honest_proofs_verify_with_blake3() {
    roundtrip::<BabyBearBlake3Engine>(SecurityPreset::Provable100);
}

#[test]
fn stark_honest_proofs_verify_with_whir_and_poseidon2() {
    for preset in SecurityPreset::ALL {
        roundtrip::<BabyBearWhirPoseidon2Engine>(preset);
    }
}

#[test]
fn stark_honest_proofs_verify_with_whir_and_keccak() {
    roundtrip::<BabyBearWhirKeccakEngine>(SecurityPreset::Provable100);
}

#[test]
fn stark_honest_proofs_verify_with_whir_and_blake3() {
    roundtrip::<BabyBearWhirBlake3Engine>(SecurityPreset::Provable100);
}

#[test]
fn stark_optional_airs_may_be_absent() {
    let engine = BabyBearPoseidon2Engine::new(SecurityPreset::Conjectured100);
    let key = engine.keygen(&toy(), KeygenLimits::default()).unwrap();
    let mut inputs = honest();
    // There are no queries without the sender, so the range table's multiplicities are 0.
    inputs[0].traces[0].values.fill(F::ZERO);
    inputs.remove(2);
    inputs[1].traces.clear();
    let proof = engine.prove(&key, inputs).unwrap();
    assert_eq!(proof.instance_counts, [1, 0, 0, 1]);
    engine.verify(key.verifying_key(), &proof).unwrap();
}
