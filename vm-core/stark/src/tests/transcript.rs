//! Everything that the transcript must bind, one test case per item. For some items, no other check of the verifier
//! depends on the changed value.

use std::sync::Arc;

use p3_batch_stark::BatchProof;
use p3_field::PrimeCharacteristicRing;
use p3_field::extension::BinomialExtensionField;
use p3_symmetric::MerkleCap;

use super::forgery::{ENGINE, KEY};
use super::toys::{RANGE, Range, Twin, honest, matrix};
use crate::{AirProofInput, AirSet, Com, F, KeygenLimits, Poseidon2Config, Proof, StarkEngine};

type Batch = BatchProof<Poseidon2Config>;
type Ext = BinomialExtensionField<F, 4>;

#[test]
fn stark_instance_counts_are_bound() {
    let set =
        AirSet::new(vec![Arc::new(Range { offset: 0 }), Arc::new(Twin("left")), Arc::new(Twin("right"))], vec![RANGE]);
    let key = ENGINE.keygen(&set, KeygenLimits::default()).unwrap();
    let inputs = vec![
        AirProofInput::single(0, matrix(&[[0]; 1024])),
        AirProofInput { air: 1, traces: vec![matrix(&[[0], [1]]), matrix(&[[1], [1]])], public_values: vec![] },
        AirProofInput::single(2, matrix(&[[1], [0]])),
    ];
    let mut proof = ENGINE.prove(&key, inputs).unwrap();
    assert_eq!(ENGINE.verify(key.verifying_key(), &proof), Ok(()));
    // The number of instances, their widths and heights stay the same. Only the counts determine the AIR of each
    // instance.
    for counts in [[1, 1, 2], [1, 3, 0], [1, 0, 3]] {
        proof.instance_counts = counts.to_vec();
        assert!(ENGINE.verify(key.verifying_key(), &proof).is_err(), "{counts:?}");
    }
}

#[test]
fn stark_the_callers_domain_is_bound() {
    let f = F::from_u32;
    let proof = ENGINE.prove_bound(&KEY, honest(), &[f(3), f(0)]).unwrap();
    assert_eq!(ENGINE.verify_bound(KEY.verifying_key(), &proof, &[f(3), f(0)]), Ok(()));
    for other in [vec![], vec![f(3)], vec![f(0), f(3)], vec![f(3), f(1)], vec![f(3), f(0), f(0)]] {
        assert!(ENGINE.verify_bound(KEY.verifying_key(), &proof, &other).is_err(), "{other:?}");
    }
}

fn flip(x: &mut F) {
    *x += F::ONE;
}

fn flip_ext(x: &mut Ext) {
    *x += Ext::ONE;
}

fn other_root(commitment: &mut Com<Poseidon2Config>) {
    let mut roots = commitment.roots().to_vec();
    roots[0][0] += F::ONE;
    *commitment = MerkleCap::new(roots);
}

#[test]
fn stark_every_part_of_the_proof_is_bound() {
    type Alter = Box<dyn Fn(&mut Batch)>;
    let cases: Vec<(&str, Alter)> = vec![
        ("main commitment", Box::new(|b| other_root(&mut b.commitments.main))),
        ("permutation commitment", Box::new(|b| other_root(b.commitments.permutation.as_mut().unwrap()))),
        ("quotient commitment", Box::new(|b| other_root(&mut b.commitments.quotient_chunks))),
        ("no permutation commitment", Box::new(|b| b.commitments.permutation = None)),
        ("height", Box::new(|b| b.degree_bits[3] += 1)),
        ("swapped heights", Box::new(|b| b.degree_bits.swap(1, 2))),
        ("lookup terminal", Box::new(|b| flip_ext(&mut b.lookup_terminals[0].as_mut().unwrap().0))),
        (
            // The sum stays zero.
            "two lookup terminals",
            Box::new(|b| {
                b.lookup_terminals[0].as_mut().unwrap().0 += Ext::ONE;
                b.lookup_terminals[1].as_mut().unwrap().0 -= Ext::ONE;
            }),
        ),
        ("missing terminal", Box::new(|b| b.lookup_terminals[0] = None)),
        ("lookup proof of work", Box::new(|b| flip(b.lookup_pow_witness.as_mut().unwrap()))),
        ("out-of-domain proof of work", Box::new(|b| flip(&mut b.ood_pow_witness))),
        ("batching proof of work", Box::new(|b| flip(&mut b.opening_proof.batch_pow_witness))),
        ("query proof of work", Box::new(|b| flip(&mut b.opening_proof.query_pow_witness))),
        ("folding proof of work", Box::new(|b| flip(&mut b.opening_proof.commit_pow_witnesses[0]))),
        ("folding commitment", Box::new(|b| other_root(&mut b.opening_proof.commit_phase_commits[0]))),
        ("final polynomial", Box::new(|b| flip_ext(&mut b.opening_proof.final_poly[0]))),
        (
            "opened main value",
            Box::new(|b| flip_ext(&mut b.opened_values.instances[1].base_opened_values.trace_local[0])),
        ),
        (
            "opened next row",
            Box::new(|b| {
                flip_ext(&mut b.opened_values.instances[4].base_opened_values.trace_next.as_mut().unwrap()[0]);
            }),
        ),
        ("missing next row", Box::new(|b| b.opened_values.instances[4].base_opened_values.trace_next = None)),
        (
            "opened preprocessed value",
            Box::new(|b| {
                flip_ext(&mut b.opened_values.instances[0].base_opened_values.preprocessed.as_mut().unwrap().local[0]);
            }),
        ),
        (
            "opened quotient",
            Box::new(|b| flip_ext(&mut b.opened_values.instances[2].base_opened_values.quotient_chunks[0][0])),
        ),
        ("opened permutation value", Box::new(|b| flip_ext(&mut b.opened_values.instances[1].permutation_local[0]))),
        (
            "opened next permutation value",
            Box::new(|b| flip_ext(&mut b.opened_values.instances[1].permutation_next[0])),
        ),
        ("swapped instances", Box::new(|b| b.opened_values.instances.swap(1, 2))),
        ("fewer folding rounds", Box::new(|b| drop(b.opening_proof.commit_phase_commits.pop()))),
        ("fewer query openings", Box::new(|b| drop(b.opening_proof.input_openings.pop()))),
        ("fewer opened columns", Box::new(|b| b.opened_values.instances[1].permutation_local.truncate(4))),
        ("queried leaf", Box::new(|b| flip(&mut b.opening_proof.input_openings[0].opened_values[0][0][0]))),
        ("no final polynomial", Box::new(|b| b.opening_proof.final_poly.clear())),
        ("longer final polynomial", Box::new(|b| b.opening_proof.final_poly.push(Ext::ZERO))),
    ];
    let encoded = postcard::to_stdvec(&ENGINE.prove(&KEY, honest()).unwrap()).unwrap();
    for (what, alter) in cases {
        let mut proof: Proof<Poseidon2Config> = postcard::from_bytes(&encoded).unwrap();
        assert_eq!(ENGINE.verify(KEY.verifying_key(), &proof), Ok(()));
        alter(&mut proof.batch);
        assert!(ENGINE.verify(KEY.verifying_key(), &proof).is_err(), "{what}");
    }
    let mut proof: Proof<Poseidon2Config> = postcard::from_bytes(&encoded).unwrap();
    proof.public_values[3][0] += F::ONE;
    assert!(ENGINE.verify(KEY.verifying_key(), &proof).is_err(), "public value");
}
