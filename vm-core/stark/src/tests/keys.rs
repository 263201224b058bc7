//! Stored keys load only if they are unaltered, and only with the machine that they describe.

use std::sync::Arc;

use p3_field::PrimeCharacteristicRing;

use super::forgery::{ENGINE, KEY};
use super::toys::{CHANNEL, COUNTER_AIR, RANGE, Range, Receiver, SENDER_AIR, Sender, honest, toy, toy_with};
use crate::codec::{FileKind, MAX_FILE_LEN, decode, encode};
use crate::{
    AirSet, BabyBearBlake3Engine, BabyBearPoseidon2Engine, BabyBearWhirPoseidon2Engine, Bus, BusKind, Circuit, Expr, F,
    InstanceShape, KeyLoadError, KeygenLimits, Poseidon2Config, ProverMemory, SecurityPreset, StarkEngine,
    StoredVerifyingKey, SymbolicAir, VerifyError, VerifyingKey, instance_shape,
};

type Stored = StoredVerifyingKey<Poseidon2Config>;

fn load(set: &AirSet, stored: Stored) -> Result<VerifyingKey<Poseidon2Config>, KeyLoadError> {
    VerifyingKey::load(set, stored)
}

/// Planners take the sizes of instances from the AIRs, without a key.
#[test]
fn stark_instance_shapes_are_those_of_keys() {
    fn check<E: StarkEngine>(prover: ProverMemory) {
        let key = E::new(SecurityPreset::default()).keygen(&toy(), KeygenLimits::default()).unwrap();
        for (air, descriptor) in toy().airs.iter().zip(key.verifying_key().airs()) {
            let expected = InstanceShape {
                main: descriptor.width,
                committed: descriptor.committed_columns(),
                preprocessed: descriptor.preprocessed_width,
                messages: descriptor.messages,
                repeatable: descriptor.max_instances > 1,
            };
            assert_eq!(instance_shape(air, prover), expected, "{}, {}", E::name(), descriptor.name);
        }
    }
    check::<BabyBearPoseidon2Engine>(ProverMemory::Committed { log_blowup: 1 });
    check::<BabyBearWhirPoseidon2Engine>(ProverMemory::Stacked { log_blowup: 1 });
}

#[test]
fn stark_stored_keys_verify_after_loading() {
    let bytes = encode(FileKind::VerifyingKey, BabyBearPoseidon2Engine::name(), "conjectured100", &KEY.vk.to_stored());
    let (_, stored) =
        decode::<Stored>(FileKind::VerifyingKey, BabyBearPoseidon2Engine::name(), &bytes.unwrap(), MAX_FILE_LEN)
            .unwrap();
    let key = load(&toy(), stored).unwrap();
    assert_eq!(key.digest(), KEY.vk.digest());
    let proof = ENGINE.prove(&KEY, honest()).unwrap();
    assert_eq!(ENGINE.verify(&key, &proof), Ok(()));
}

#[test]
fn stark_altered_keys_do_not_load() {
    type Alter = Box<dyn Fn(&mut Stored)>;
    let cases: Vec<(&str, Alter)> = vec![
        ("weaker parameters", Box::new(|k| k.body.params.num_queries = 1)),
        ("no grinding", Box::new(|k| k.body.params.lookup_pow_bits = 0)),
        ("other preset", Box::new(|k| k.body.preset = SecurityPreset::Provable100)),
        ("other limits", Box::new(|k| k.body.limits.max_log_height = 23)),
        ("countless instances", Box::new(|k| k.body.limits.max_instances_per_air = 1 << 40)),
        ("more instances", Box::new(|k| k.body.airs[0].max_instances = 2)),
        ("not required", Box::new(|k| k.body.airs[3].required = false)),
        ("other constraints", Box::new(|k| k.body.airs[1].symbolic_digest[0] ^= 1)),
        ("other columns", Box::new(|k| k.body.airs[1].columns_digest[0] ^= 1)),
        ("no next row", Box::new(|k| k.body.airs[3].main_next.clear())),
        ("no messages", Box::new(|k| k.body.airs[1].lookup_columns = 0)),
        ("other height", Box::new(|k| k.body.airs[0].preprocessed_log_height = Some(11))),
        ("no preprocessed trace", Box::new(|k| k.body.airs[0].preprocessed_log_height = None)),
        ("other bus kind", Box::new(|k| k.body.buses[1].kind = BusKind::Lookup)),
        ("no commitment", Box::new(|k| k.body.preprocessed = None)),
        ("shorter traces", Box::new(|k| k.body.min_log_height = 3)),
        ("other order", Box::new(|k| k.body.airs.swap(1, 2))),
        ("fewer AIRs", Box::new(|k| drop(k.body.airs.pop()))),
        ("other engine", Box::new(|k| k.body.engine = "other".into())),
        ("other version", Box::new(|k| k.body.version += 1)),
        ("other digest", Box::new(|k| k.digest[7] += F::ONE)),
    ];
    for (what, alter) in cases {
        let mut stored = KEY.vk.to_stored();
        alter(&mut stored);
        assert!(load(&toy(), stored.clone()).is_err(), "{what}");
        // A forger also replaces the digest. The key then loads only if it is another valid key of this machine, whose
        // digest differs.
        stored.digest = stored.body.digest();
        let loaded = load(&toy(), stored);
        match what {
            "other digest" => assert_eq!(loaded.unwrap().digest(), KEY.vk.digest()),
            _ => assert!(loaded.map(|k| k.digest()).ok() != Some(KEY.vk.digest()), "{what}"),
        }
    }
}

/// Returns the stored key as a verifier without the machine gets it.
fn received<E: StarkEngine>(key: &VerifyingKey<E::SC>) -> StoredVerifyingKey<E::SC> {
    postcard::from_bytes(&postcard::to_stdvec(&key.to_stored()).unwrap()).unwrap()
}

fn a_trusted_key_verifies_without_the_machine<E: StarkEngine>() {
    let engine = E::new(SecurityPreset::Provable100);
    let key = engine.keygen(&toy(), KeygenLimits::default()).unwrap();
    let loaded = VerifyingKey::load_trusted(received::<E>(&key.vk), &key.vk.digest()).unwrap();
    assert_eq!(loaded.digest(), key.vk.digest());
    assert_eq!(loaded.max_proof_len(), key.vk.max_proof_len());
    assert_eq!(loaded.worst_case_security(), key.vk.worst_case_security());
    let proof = engine.prove(&key, honest()).unwrap();
    assert_eq!(engine.verify(&loaded, &proof), Ok(()));
    // The constraints are in force: a proof of a trace that breaks one is refused for the same reason as with the machine.
    let mut inputs = honest();
    inputs[COUNTER_AIR].traces[0].values[1] += F::ONE;
    let proof = engine.prove(&key, inputs).unwrap();
    let refused = engine.verify(&loaded, &proof);
    assert!(matches!(refused, Err(VerifyError::Constraints { .. } | VerifyError::Zerocheck(_))), "{refused:?}");
    assert_eq!(refused, engine.verify(&key.vk, &proof));
}

#[test]
fn stark_trusted_keys_verify_without_the_machine() {
    a_trusted_key_verifies_without_the_machine::<BabyBearPoseidon2Engine>();
    a_trusted_key_verifies_without_the_machine::<BabyBearWhirPoseidon2Engine>();
}

#[test]
fn stark_altered_circuits_do_not_load() {
    type Alter = Box<dyn Fn(&mut SymbolicAir)>;
    let cases: Vec<(&str, Alter)> = vec![
        ("a constraint less", Box::new(|air| drop(air.constraints.pop()))),
        ("another constraint", Box::new(|air| air.constraints[0] = air.constraints[0].clone() + Expr::from(F::ONE))),
        ("a message less", Box::new(|air| drop(air.messages.pop()))),
        ("another field", Box::new(|air| air.messages[0].fields[0] = Expr::from(F::ONE))),
        ("another multiplicity", Box::new(|air| air.messages[0].count = Expr::from(F::ZERO))),
        ("another bus", Box::new(|air| air.messages[0].bus.push('2'))),
        ("another weight", Box::new(|air| air.messages[0].weight = 0)),
    ];
    let trusted = |stored: Stored| VerifyingKey::load_trusted(stored, &KEY.vk.digest()).map(drop);
    let stored = || received::<BabyBearPoseidon2Engine>(&KEY.vk);
    assert_eq!(trusted(stored()), Ok(()));
    for (what, alter) in cases {
        let mut altered = stored();
        let mut symbolic = SymbolicAir::of_circuit(&altered.circuits[SENDER_AIR]);
        assert_eq!(Circuit::new(&symbolic), altered.circuits[SENDER_AIR], "a circuit has one form");
        alter(&mut symbolic);
        altered.circuits[SENDER_AIR] = Circuit::new(&symbolic);
        let expected = KeyLoadError::Circuit { air: KEY.vk.airs()[SENDER_AIR].name.clone() };
        assert_eq!(trusted(altered.clone()), Err(expected.clone()), "{what}");
        assert_eq!(load(&toy(), altered.clone()).map(drop), Err(expected), "{what}");
        // The forger also changes the description of the AIR, and with it the digest of the key.
        altered.body.airs[SENDER_AIR].symbolic_digest = altered.circuits[SENDER_AIR].digest();
        altered.digest = altered.body.digest();
        assert_eq!(trusted(altered), Err(KeyLoadError::Untrusted), "{what}");
    }
    let outcome = |alter: fn(&mut Vec<Circuit>)| {
        let mut altered = stored();
        alter(&mut altered.circuits);
        assert!(load(&toy(), altered.clone()).is_err());
        trusted(altered)
    };
    let circuit = |air: usize| Err(KeyLoadError::Circuit { air: KEY.vk.airs()[air].name.clone() });
    assert_eq!(outcome(|circuits| circuits.swap(0, 1)), circuit(0));
    assert_eq!(outcome(|circuits| drop(circuits.pop())), circuit(KEY.vk.airs().len() - 1));
    let more = outcome(|circuits| circuits.push(circuits[0].clone()));
    assert!(matches!(more, Err(KeyLoadError::Mismatch { what: "numbers of circuits", .. })), "{more:?}");
}

#[test]
fn stark_keys_of_other_engines_are_not_trusted() {
    let mut stored = KEY.vk.to_stored();
    stored.body.engine = "other".into();
    let digest = stored.body.digest();
    let refused = VerifyingKey::load_trusted(stored, &digest).map(drop);
    assert!(matches!(refused, Err(KeyLoadError::Engine { .. })), "{refused:?}");
}

#[test]
fn stark_keys_of_other_machines_do_not_load() {
    let airs: Vec<crate::AirRef> =
        vec![Arc::new(Range { offset: 0 }), Arc::new(Receiver), Arc::new(Sender), toy().airs[3].clone()];
    let result = load(&AirSet::new(airs, vec![RANGE, CHANNEL]), KEY.vk.to_stored()).map(drop);
    assert!(matches!(result, Err(KeyLoadError::Mismatch { what: "AIR descriptions", .. })), "{result:?}");
    let wider = AirSet::new(toy().airs, vec![RANGE, CHANNEL, Bus::permutation("unused", 3)]);
    let result = load(&wider, KEY.vk.to_stored()).map(drop);
    assert!(matches!(result, Err(KeyLoadError::Mismatch { what: "bus declarations", .. })), "{result:?}");
}

#[test]
fn stark_digests_differ_between_machines_presets_and_engines() {
    let limits = KeygenLimits::default();
    let digest = |set: &AirSet, preset| {
        BabyBearPoseidon2Engine::new(preset).keygen(set, limits).unwrap().verifying_key().digest()
    };
    let all = [
        KEY.vk.digest(),
        digest(&toy_with(1), SecurityPreset::Conjectured100),
        digest(&toy(), SecurityPreset::Provable100),
        digest(&toy(), SecurityPreset::Small100),
        BabyBearBlake3Engine::new(SecurityPreset::Conjectured100)
            .keygen(&toy(), limits)
            .unwrap()
            .verifying_key()
            .digest(),
    ];
    for (i, a) in all.iter().enumerate() {
        assert!(all[..i].iter().all(|b| a != b), "{i}");
    }
    assert_eq!(digest(&toy(), SecurityPreset::Conjectured100), all[0], "key generation is deterministic");
}
