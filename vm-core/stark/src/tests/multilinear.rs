//! The multilinear engine: forged traces, cheating provers, altered proofs, padded traces and security.

use std::sync::{Arc, LazyLock};

use p3_air::{Air, AirBuilder, BaseAir, WindowAccess};
use p3_challenger::CanSample;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use p3_symmetric::MerkleCap;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::forgery::honest_for_shifted;
use super::toys::{
    CHANNEL, COUNTER_AIR, RANGE, RANGE_AIR, RECEIVER_AIR, Range, Receiver, SENDER_AIR, Sender, Twin, honest, matrix,
    range_trace, toy, toy_with,
};
use crate::backend::start_transcript;
use crate::{
    AirProofInput, AirSet, BabyBearWhirPoseidon2Engine, EF, Expr, F, KeyLoadError, KeygenError, KeygenLimits,
    MachineAir, MultilinearParams, Proof, ProveError, ProvingKey, SecurityPreset, SecurityReport, ShapeError,
    StackCommitment, StarkEngine, StoredVerifyingKey, SymbolicAir, VerifyError, VerifyingKey, VmAirBuilder,
    WhirPoseidon2Config,
};

type Key = ProvingKey<WhirPoseidon2Config>;
type P = Proof<WhirPoseidon2Config>;

static ENGINE: LazyLock<BabyBearWhirPoseidon2Engine> =
    LazyLock::new(|| BabyBearWhirPoseidon2Engine::new(SecurityPreset::Provable100));
static KEY: LazyLock<Key> = LazyLock::new(|| ENGINE.keygen(&toy(), KeygenLimits::default()).unwrap());
static ENCODED: LazyLock<Vec<u8>> =
    LazyLock::new(|| postcard::to_stdvec(&ENGINE.prove(&KEY, tall()).unwrap()).unwrap());

/// Honest inputs with a counter of 2^12 rows, so that an opening takes several rounds.
fn tall() -> Vec<AirProofInput> {
    let mut inputs = honest();
    let column: Vec<F> = (0..1 << 12).map(|i| F::from_u32(5 + i)).collect();
    inputs[COUNTER_AIR].public_values = vec![column[0], column[column.len() - 1]];
    inputs[COUNTER_AIR].traces = vec![RowMajorMatrix::new_col(column)];
    inputs
}

fn proof() -> P {
    postcard::from_bytes(&ENCODED).unwrap()
}

fn verify(proof: &P) -> Result<(), VerifyError> {
    ENGINE.verify(KEY.verifying_key(), proof)
}

/// Proves altered inputs, and returns the verifier's result, or the prover's error.
fn outcome(alter: impl FnOnce(&mut Vec<AirProofInput>)) -> Result<Result<(), VerifyError>, ProveError> {
    let mut inputs = honest();
    alter(&mut inputs);
    ENGINE.prove(&KEY, inputs).map(|proof| verify(&proof))
}

/// Proves with other circuits than those of the key, and returns the verifier's result.
fn cheat(
    alter: impl FnOnce(&mut Vec<AirProofInput>),
    circuits: impl Fn(usize, &mut SymbolicAir),
) -> Result<(), VerifyError> {
    let mut key = ENGINE.keygen(&toy(), KeygenLimits::default()).unwrap();
    for (i, air) in Arc::get_mut(&mut key.vk).unwrap().airs.iter_mut().enumerate() {
        let mut symbolic = (*air.symbolic).clone();
        circuits(i, &mut symbolic);
        *air = air.with_symbolic(symbolic);
    }
    let mut inputs = honest();
    alter(&mut inputs);
    verify(&ENGINE.prove(&key, inputs).unwrap())
}

#[test]
fn stark_whir_forged_traces_are_refused() {
    assert_eq!(outcome(|_| ()).unwrap(), Ok(()));
    // Messages that do not balance are noticed by the prover.
    for (air, cell) in [(RANGE_AIR, 500), (RECEIVER_AIR, 1), (SENDER_AIR, 3)] {
        let result = outcome(|i| i[air].traces[0].values[cell] += F::ONE);
        assert!(matches!(result, Err(ProveError::BusImbalance)), "{air}: {result:?}");
    }
    let zerocheck = |result: Result<Result<(), VerifyError>, ProveError>| match result.unwrap() {
        Err(VerifyError::Zerocheck(_)) => {}
        other => panic!("{other:?}"),
    };
    // A transition does not hold, or a public value is wrong.
    zerocheck(outcome(|i| i[COUNTER_AIR].traces[0].values[2] = F::from_u32(9)));
    zerocheck(outcome(|i| i[COUNTER_AIR].public_values[1] = F::from_u32(9)));
    // A flag that is not boolean, in a row whose messages cancel those of another row.
    zerocheck(outcome(|i| {
        let row = &mut i[SENDER_AIR].traces[0].values;
        let first: Vec<F> = row[..4].to_vec();
        row[28..32].copy_from_slice(&first);
        row[28] = -F::ONE;
        let receiver = &mut i[RECEIVER_AIR].traces[0].values;
        let at = receiver.chunks(3).position(|r| r[1] == first[1]).unwrap();
        receiver[3 * at..3 * at + 3].copy_from_slice(&[F::ZERO; 3]);
        for value in [first[2], first[2] + F::ONE] {
            i[RANGE_AIR].traces[0].values[value.as_canonical_u32() as usize] -= F::ONE;
        }
    }));
}

#[test]
fn stark_whir_cheating_provers_are_refused() {
    let refused = |what: &str, result: Result<(), VerifyError>| {
        assert!(matches!(result, Err(VerifyError::Zerocheck(_))), "{what}: {result:?}");
    };
    assert_eq!(cheat(|_| (), |_, _| ()), Ok(()));
    let unbalance = |i: &mut Vec<AirProofInput>| i[RECEIVER_AIR].traces[0].values[1] += F::ONE;
    // Nobody sends anything.
    refused(
        "silent messages",
        cheat(unbalance, |_, symbolic| {
            symbolic.messages.iter_mut().for_each(|message| message.count = message.count.clone() * Expr::ZERO);
        }),
    );
    // Only one pair of messages is left out.
    refused(
        "silent channel",
        cheat(unbalance, |_, symbolic| {
            for message in symbolic.messages.iter_mut().filter(|message| message.bus == "channel") {
                message.count = message.count.clone() * Expr::ZERO;
            }
        }),
    );
    // The field of the message that differs is taken for another one on both sides.
    refused(
        "other fields",
        cheat(unbalance, |_, symbolic| {
            for message in symbolic.messages.iter_mut().filter(|message| message.bus == "channel") {
                message.fields[0] = message.fields[1].clone();
            }
        }),
    );
    // A constraint is left out.
    refused(
        "no transition",
        cheat(
            |i| i[COUNTER_AIR].traces[0].values[2] = F::from_u32(9),
            |air, symbolic| {
                if air == COUNTER_AIR {
                    symbolic.constraints[1] = symbolic.constraints[1].clone() * Expr::ZERO;
                }
            },
        ),
    );
}

fn other_root(commitment: &mut StackCommitment<MerkleCap<F, [F; 8]>>) {
    let mut roots = commitment.root.roots().to_vec();
    roots[0][0] += F::ONE;
    commitment.root = MerkleCap::new(roots);
}

#[test]
fn stark_whir_every_part_of_the_proof_is_bound() {
    type Alter = Box<dyn Fn(&mut P)>;
    let cases: Vec<(&str, Alter)> = vec![
        ("main commitment", Box::new(|p| other_root(&mut p.batch.proof.commitment))),
        ("proof of work", Box::new(|p| p.batch.proof.commitment.pow_witness += F::ONE)),
        ("height", Box::new(|p| p.batch.log_heights[3] += 1)),
        ("height of the counter", Box::new(|p| p.batch.log_heights[4] += 1)),
        ("public value", Box::new(|p| p.public_values[COUNTER_AIR][0] += F::ONE)),
        ("root of the fractions", Box::new(|p| p.batch.proof.lookup.as_mut().unwrap().root_denominator += EF::ONE)),
        ("no fractions", Box::new(|p| p.batch.proof.lookup = None)),
        ("fewer layers", Box::new(|p| drop(p.batch.proof.lookup.as_mut().unwrap().layers.pop()))),
        ("claimed sum", Box::new(|p| p.batch.proof.sumcheck.claimed_sum += EF::ONE)),
        ("sumcheck round", Box::new(|p| p.batch.proof.sumcheck.round_polys[0][0] += EF::ONE)),
        ("last sumcheck round", Box::new(|p| p.batch.proof.sumcheck.round_polys.last_mut().unwrap()[1] += EF::ONE)),
        ("fewer sumcheck rounds", Box::new(|p| drop(p.batch.proof.sumcheck.round_polys.pop()))),
        ("sumcheck proof of work", Box::new(|p| p.batch.proof.sumcheck.pow_witnesses.push(F::ONE))),
        ("no preprocessed opening", Box::new(|p| p.batch.proof.preprocessed_opening = None)),
        (
            "exchanged openings",
            Box::new(|p| {
                let proof = &mut p.batch.proof;
                std::mem::swap(&mut proof.opening, proof.preprocessed_opening.as_mut().unwrap());
            }),
        ),
        ("fewer opened tables", Box::new(|p| drop(p.batch.proof.opening.evals.pop()))),
        ("exchanged tables", Box::new(|p| p.batch.proof.opening.evals.swap(1, 2))),
        ("final polynomial", Box::new(|p| p.batch.proof.opening.whir.final_poly = None)),
        ("final proof of work", Box::new(|p| p.batch.proof.opening.whir.final_pow_witness += F::ONE)),
        ("fewer rounds", Box::new(|p| drop(p.batch.proof.opening.whir.rounds.pop()))),
        ("folding proof of work", Box::new(|p| p.batch.proof.opening.whir.initial_sumcheck.pow_witnesses.push(F::ONE))),
    ];
    assert_eq!(verify(&proof()), Ok(()));
    for (what, alter) in cases {
        let mut altered = proof();
        alter(&mut altered);
        assert!(verify(&altered).is_err(), "{what}");
    }
}

#[test]
fn stark_whir_challenges_of_messages_cost_a_proof_of_work() {
    // A prover that works less. All else fits: the transcript does not depend on how many bits are checked.
    let mut key = ENGINE.keygen(&toy(), KeygenLimits::default()).unwrap();
    let vk = Arc::get_mut(&mut key.vk).unwrap();
    let bits = std::mem::replace(&mut vk.body.params.lookup_pow_bits, 1);
    assert!(bits >= 12, "{bits}");
    // By chance, one of 2^11 such proofs of work is sufficient. The domain makes the transcripts differ.
    let domain = [F::TWO];
    let proof = ENGINE.prove_bound(&key, honest(), &domain).unwrap();
    let verdict = ENGINE.verify_bound(KEY.verifying_key(), &proof, &domain);
    assert!(matches!(verdict, Err(VerifyError::ProofOfWork(_))), "{verdict:?}");
    assert_eq!(ENGINE.verify_bound(&key.vk, &proof, &domain), Ok(()));
    // No work was asked for, so there is no witness that could be chosen freely.
    Arc::get_mut(&mut key.vk).unwrap().body.params.lookup_pow_bits = 0;
    let mut proof = ENGINE.prove(&key, honest()).unwrap();
    assert_eq!(ENGINE.verify(&key.vk, &proof), Ok(()));
    proof.batch.proof.commitment.pow_witness = F::ONE;
    assert!(matches!(ENGINE.verify(&key.vk, &proof), Err(VerifyError::ProofOfWork(_))));
}

#[test]
fn stark_whir_public_values_come_before_the_proof_of_work() {
    // Otherwise other public values would give other challenges without another proof of work.
    let first_challenge =
        |values: &[Vec<F>]| -> F { start_transcript(KEY.verifying_key(), &[1, 2, 1, 1], values, &[]).sample() };
    let mut values: Vec<Vec<F>> = tall().into_iter().map(|input| input.public_values).collect();
    let before = first_challenge(&values);
    assert_eq!(first_challenge(&values), before);
    values[COUNTER_AIR][1] += F::ONE;
    assert_ne!(first_challenge(&values), before);
}

#[test]
fn stark_whir_weaker_keys_do_not_load() {
    type Alter = Box<dyn Fn(&mut MultilinearParams)>;
    let cases: Vec<(&str, Alter)> = vec![
        ("proof of work", Box::new(|p| p.lookup_pow_bits -= 1)),
        ("cells", Box::new(|p| p.max_log_cells += 1)),
        ("columns", Box::new(|p| p.max_columns += 1)),
        ("security of main openings", Box::new(|p| p.main.security_level -= 1)),
        ("security of preprocessed openings", Box::new(|p| p.preprocessed.security_level -= 1)),
        ("rate", Box::new(|p| p.main.openings[0].rounds[0].log_inv_rate += 1)),
        ("rates of rounds", Box::new(|p| p.main.openings.last_mut().unwrap().rounds[1].log_inv_rate += 1)),
        ("folds", Box::new(|p| p.preprocessed.openings[0].rounds[0].fold -= 1)),
        ("first fold", Box::new(|p| p.main.openings[0].rounds[0].fold -= 1)),
        ("work in openings", Box::new(|p| p.main.openings[0].pow_bits += 1)),
        ("sizes", Box::new(|p| p.main.least_log_cells += 1)),
        ("number of sizes", Box::new(|p| drop(p.main.openings.pop()))),
    ];
    let load = |stored: StoredVerifyingKey<WhirPoseidon2Config>| VerifyingKey::load(&toy(), stored);
    assert_eq!(load(KEY.vk.to_stored()).unwrap().digest(), KEY.vk.digest());
    for (what, alter) in cases {
        let mut stored = KEY.vk.to_stored();
        alter(&mut stored.body.params);
        stored.digest = stored.body.digest();
        let result = load(stored).map(drop);
        assert!(
            matches!(result, Err(KeyLoadError::Mismatch { what: "security parameters", .. })),
            "{what}: {result:?}"
        );
    }
}

/// An AIR with this number of columns.
struct Vast(usize);
impl BaseAir<F> for Vast {
    fn width(&self) -> usize {
        self.0
    }
}
impl MachineAir for Vast {
    fn name(&self) -> String {
        "vast".into()
    }
    fn column_names(&self) -> Vec<String> {
        (0..self.0).map(|i| format!("x[{i}]")).collect()
    }
}
impl<AB: VmAirBuilder> Air<AB> for Vast {
    fn eval(&self, b: &mut AB) {
        let x = b.main().current_slice()[0];
        b.assert_bool(x);
    }
}

#[test]
fn stark_whir_keygen_refuses_what_is_not_secure() {
    let keygen = |width| ENGINE.keygen(&AirSet::new(vec![Arc::new(Vast(width))], vec![]), KeygenLimits::default());
    let error = keygen(1 << 18).map(drop).unwrap_err();
    assert!(matches!(error, KeygenError::Security { binding: "main-opening", .. }), "{error}");
    keygen(1 << 15).unwrap();
}

/// Opening a column costs security, so keys limit the number of those of all instances together, and no proof has more.
#[test]
fn stark_whir_batches_with_too_many_columns_are_refused() {
    // 80 million columns, without the limit.
    let limits = KeygenLimits { max_instances_per_air: 4096, max_total_instances: 4096, ..KeygenLimits::default() };
    let mut key = ENGINE.keygen(&AirSet::new(vec![Arc::new(Vast(10_000))], vec![]), limits).unwrap();
    assert!(key.verifying_key().worst_case_security().bits >= 100.0);
    let instances = |count| {
        let traces = vec![RowMajorMatrix::new(F::zero_vec(32 * 10_000), 10_000); count];
        vec![AirProofInput { air: 0, traces, public_values: vec![] }]
    };
    let expected = ShapeError::TooManyColumns { max: 1 << 15, columns: 40_000 };
    assert!(matches!(ENGINE.prove(&key, instances(4)), Err(ProveError::Shape(error)) if error == expected));
    let proof = ENGINE.prove(&key, instances(3)).unwrap();
    assert_eq!(ENGINE.verify(key.verifying_key(), &proof), Ok(()));
    // A key with a lower limit.
    Arc::get_mut(&mut key.vk).unwrap().body.params.max_columns = 29_999;
    let expected = ShapeError::TooManyColumns { max: 29_999, columns: 30_000 };
    assert_eq!(ENGINE.verify(key.verifying_key(), &proof), Err(expected.into()));
}

/// An AIR whose constraint has a high degree in a row selector, which the limit of degrees does not count.
struct Selective;
impl BaseAir<F> for Selective {
    fn width(&self) -> usize {
        1
    }
}
impl MachineAir for Selective {
    fn name(&self) -> String {
        "selective".into()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["x".into()]
    }
}
impl<AB: VmAirBuilder> Air<AB> for Selective {
    fn eval(&self, b: &mut AB) {
        let (x, transition) = (b.main().current_slice()[0], b.is_transition());
        b.assert_zero((0..29).fold(x.into(), |product: AB::Expr, _| product * transition.clone()));
    }
}

#[test]
fn stark_whir_security_and_lengths_count_row_selectors() {
    let key = ENGINE.keygen(&AirSet::new(vec![Arc::new(Selective)], vec![]), KeygenLimits::default()).unwrap();
    let vk = key.verifying_key();
    let sumcheck =
        |report: &SecurityReport| report.terms.iter().find(|term| term.name == "constraint-sumcheck").unwrap().bits;
    let actual = vk.security(&[vec![22]]);
    assert!((sumcheck(&vk.worst_case_security()) - sumcheck(&actual)).abs() < 1e-9);
    let proof = ENGINE.prove(&key, vec![AirProofInput::single(0, matrix(&[[0]; 32]))]).unwrap();
    assert_eq!(ENGINE.verify(vk, &proof), Ok(()));
    assert!(postcard::to_stdvec(&proof).unwrap().len() < vk.max_proof_len());
}

#[test]
fn stark_whir_no_altered_byte_is_accepted() {
    let mut rng = SmallRng::seed_from_u64(17);
    let mut bytes = ENCODED.clone();
    let (mut decoded, mut panicked) = (0, 0);
    let random: Vec<usize> = (0..500).map(|_| rng.random_range(0..ENCODED.len())).collect();
    for at in (0..64).chain(random) {
        let before = bytes[at];
        bytes[at] ^= 1 << rng.random_range(0..7);
        if let Ok(altered) = postcard::from_bytes::<P>(&bytes) {
            // Another encoding of the same proof is not another proof.
            if postcard::to_stdvec(&altered).unwrap() != *ENCODED {
                decoded += 1;
                let verdict = verify(&altered);
                assert!(verdict.is_err(), "byte {at}");
                panicked += usize::from(matches!(verdict, Err(VerifyError::Panicked(_))));
            }
        }
        bytes[at] = before;
    }
    assert!(decoded > 300, "{decoded}");
    assert_eq!(panicked, 0);
}

#[test]
fn stark_whir_the_statement_is_bound() {
    let vk = KEY.verifying_key();
    let f = F::from_u32;
    let bound = ENGINE.prove_bound(&KEY, honest(), &[f(3), f(0)]).unwrap();
    assert_eq!(ENGINE.verify_bound(vk, &bound, &[f(3), f(0)]), Ok(()));
    for other in [vec![], vec![f(3)], vec![f(0), f(3)], vec![f(3), f(1)], vec![f(3), f(0), f(0)]] {
        assert!(ENGINE.verify_bound(vk, &bound, &other).is_err(), "{other:?}");
    }
    // Another key of the same machine, and the key of another machine.
    let limits = KeygenLimits { max_instances_per_air: 7, ..KeygenLimits::default() };
    for other in [ENGINE.keygen(&toy(), limits).unwrap(), ENGINE.keygen(&toy_with(1), KeygenLimits::default()).unwrap()]
    {
        assert!(ENGINE.verify(other.verifying_key(), &proof()).is_err());
    }
    // Committed data of another table under this key.
    let other = ENGINE.keygen(&toy_with(1), KeygenLimits::default()).unwrap();
    let mixed = Key { vk: KEY.verifying_key().clone(), preprocessed: other.preprocessed.clone() };
    let forged = ENGINE.prove(&mixed, honest_for_shifted()).unwrap();
    assert!(matches!(verify(&forged), Err(VerifyError::Opening(_))));
}

#[test]
fn stark_whir_instances_are_bound() {
    let set =
        AirSet::new(vec![Arc::new(Range { offset: 0 }), Arc::new(Twin("left")), Arc::new(Twin("right"))], vec![RANGE]);
    let key = ENGINE.keygen(&set, KeygenLimits::default()).unwrap();
    let column = |value: u32| RowMajorMatrix::new_col(vec![F::from_u32(value); 32]);
    let inputs = vec![
        AirProofInput::single(0, matrix(&[[0]; 1024])),
        AirProofInput { air: 1, traces: vec![column(0), column(1)], public_values: vec![] },
        AirProofInput::single(2, column(1)),
    ];
    let mut proof = ENGINE.prove(&key, inputs).unwrap();
    assert_eq!(ENGINE.verify(key.verifying_key(), &proof), Ok(()));
    // The number of instances, their widths and heights stay the same. Only the counts determine the AIR of each.
    for counts in [[1, 1, 2], [1, 3, 0], [1, 0, 3]] {
        proof.instance_counts = counts.to_vec();
        assert!(ENGINE.verify(key.verifying_key(), &proof).is_err(), "{counts:?}");
    }
}

/// Sends one message from its only row. Columns: pc, value.
struct Once;
impl BaseAir<F> for Once {
    fn width(&self) -> usize {
        2
    }
}
impl MachineAir for Once {
    fn name(&self) -> String {
        "once".into()
    }
    fn column_names(&self) -> Vec<String> {
        ["pc", "value"].map(String::from).into()
    }
    fn required(&self) -> bool {
        true
    }
    fn fixed_log_height(&self) -> Option<usize> {
        Some(0)
    }
}
impl<AB: VmAirBuilder> Air<AB> for Once {
    fn eval(&self, b: &mut AB) {
        let main = b.main();
        let row = main.current_slice();
        b.assert_eq(row[1], row[0] + row[0]);
        CHANNEL.send(b, [row[0], row[1]], AB::Expr::ONE);
    }
}

/// A machine whose first AIR has one row.
fn once() -> AirSet {
    AirSet::new(vec![Arc::new(Once), Arc::new(Receiver)], vec![CHANNEL])
}

#[test]
fn stark_whir_only_the_first_row_of_a_padded_single_row_counts() {
    let key = ENGINE.keygen(&once(), KeygenLimits::default()).unwrap();
    let prove = |once: RowMajorMatrix<F>, received: RowMajorMatrix<F>| {
        let inputs = vec![AirProofInput::single(0, once), AirProofInput::single(1, received)];
        ENGINE.prove(&key, inputs).map(|proof| ENGINE.verify(key.verifying_key(), &proof))
    };
    assert_eq!(prove(matrix(&[[7, 14]]), matrix(&[[1, 7, 14]])).unwrap(), Ok(()));
    let rows = |changed: [[u32; 2]; 2]| {
        let mut rows = [[0; 2]; 32];
        rows[..2].copy_from_slice(&changed);
        matrix(&rows)
    };
    // The other rows are free, because they say nothing.
    assert_eq!(prove(rows([[7, 14], [8, 5]]), matrix(&[[1, 7, 14]])).unwrap(), Ok(()));
    // A second row sends no second message.
    let result = prove(rows([[7, 14], [8, 16]]), matrix(&[[1, 7, 14], [1, 8, 16]]));
    assert!(matches!(result, Err(ProveError::BusImbalance)), "{result:?}");
    // The constraint holds on the first row.
    let result = prove(rows([[7, 15], [8, 16]]), matrix(&[[1, 7, 15]]));
    assert!(matches!(result, Ok(Err(VerifyError::Zerocheck(_)))), "{result:?}");
    // No instance has another height.
    let mut proof = ENGINE
        .prove(
            &key,
            vec![AirProofInput::single(0, matrix(&[[7, 14]])), AirProofInput::single(1, matrix(&[[1, 7, 14]]))],
        )
        .unwrap();
    proof.batch.log_heights[0] = 6;
    let expected = ShapeError::TooTall { air: "once".into(), max: 5, got: 6 };
    assert_eq!(ENGINE.verify(key.verifying_key(), &proof), Err(expected.into()));
    proof.batch.log_heights[0] = 0;
    let expected = ShapeError::TooLow { air: "once".into(), min: 5, got: 0 };
    assert_eq!(ENGINE.verify(key.verifying_key(), &proof), Err(expected.into()));
}

/// AIRs of few rows to which rows cannot be added.
#[derive(Clone, Copy, PartialEq)]
enum Low {
    /// Two rows.
    Two,
    /// One row, of which it is said where it is in the trace.
    Position,
    /// One row of a table.
    Table,
}
impl BaseAir<F> for Low {
    fn width(&self) -> usize {
        1
    }
    fn preprocessed_width(&self) -> usize {
        usize::from(*self == Self::Table)
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        (*self == Self::Table).then(|| RowMajorMatrix::new_col(vec![F::ONE]))
    }
}
impl MachineAir for Low {
    fn name(&self) -> String {
        "low".into()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["x".into()]
    }
    fn fixed_log_height(&self) -> Option<usize> {
        Some(usize::from(*self == Self::Two))
    }
}
impl<AB: VmAirBuilder> Air<AB> for Low {
    fn eval(&self, b: &mut AB) {
        let x = b.main().current_slice()[0];
        if *self == Self::Position {
            b.when_last_row().assert_bool(x);
        } else {
            b.assert_bool(x);
        }
    }
}

#[test]
fn stark_whir_low_traces_are_padded_or_refused() {
    // The traces of the sender and the receiver are lower than 32 rows.
    assert_eq!(proof().log_heights(), [vec![10], vec![5, 5], vec![5], vec![12]]);
    // Rows of the counter cannot be added.
    let result = outcome(|i| i[COUNTER_AIR].traces[0] = matrix(&[[5], [6]]));
    let Err(ProveError::Shape(error)) = result else { panic!("{result:?}") };
    assert_eq!(error, ShapeError::TooLow { air: "counter".into(), min: 5, got: 1 });
    for (low, expected) in [(Low::Two, 1), (Low::Position, 0), (Low::Table, 0)] {
        let result = ENGINE.keygen(&AirSet::new(vec![Arc::new(low)], vec![]), KeygenLimits::default()).map(drop);
        let Err(KeygenError::TooLow { log_height, min: 5, .. }) = result else { panic!("{result:?}") };
        assert_eq!(log_height, expected);
    }
}

#[test]
fn stark_whir_security_is_that_of_the_shape_and_of_the_worst_one() {
    for preset in SecurityPreset::ALL {
        let key = BabyBearWhirPoseidon2Engine::new(preset).keygen(&toy(), KeygenLimits::default()).unwrap();
        let vk = key.verifying_key();
        let (actual, worst) = (vk.security(&proof().log_heights()), vk.worst_case_security());
        assert!(worst.bits >= 100.0 && worst.bits <= actual.bits, "{worst}, {actual}");
        for report in [&actual, &worst] {
            // The sum of all errors is worse than each of them.
            assert!(report.terms.iter().all(|term| term.bits > report.bits));
            assert!(report.terms.iter().any(|term| term.name == "logup-fingerprint"));
        }
        // The fingerprints of the worst batch would have fewer than 100 bits without the proof of work before them.
        let fingerprint = worst.terms.iter().find(|term| term.name == "logup-fingerprint").unwrap();
        assert!(fingerprint.bits - (vk.params().lookup_pow_bits as f64) < 100.0);
        // No shape that the key allows is less secure than the worst one.
        for senders in [vec![], vec![5], vec![22], vec![5; 8], vec![22; 8]] {
            for (receivers, counter) in [(vec![], 5), (vec![22; 8], 5), (vec![13; 3], 22)] {
                let report = vk.security(&[vec![10], senders.clone(), receivers, vec![counter]]);
                assert!(report.bits >= worst.bits && report.bits < 123.0, "{report}");
            }
        }
    }
}

#[test]
fn stark_whir_batches_with_too_many_cells_are_refused() {
    let airs: Vec<crate::AirRef> = vec![Arc::new(Range { offset: 0 }), Arc::new(Sender), Arc::new(Receiver)];
    let mut key = ENGINE.keygen(&AirSet::new(airs, vec![RANGE, CHANNEL]), KeygenLimits::default()).unwrap();
    let table = range_trace(&[]);
    let cells = 7 * 1024 + table.values.len();
    let inputs = vec![
        AirProofInput::single(RANGE_AIR, table),
        AirProofInput::single(SENDER_AIR, matrix(&[[0; 4]; 1024])),
        AirProofInput::single(RECEIVER_AIR, matrix(&[[0; 3]; 1024])),
    ];
    let proof = ENGINE.prove(&key, inputs.clone()).unwrap();
    assert_eq!(ENGINE.verify(key.verifying_key(), &proof), Ok(()));
    // A key with a lower limit.
    Arc::get_mut(&mut key.vk).unwrap().body.params.max_log_cells = 12;
    let expected = ShapeError::TooManyCells { max: 12, cells: cells as u128 };
    assert_eq!(ENGINE.verify(key.verifying_key(), &proof), Err(expected.clone().into()));
    assert!(matches!(ENGINE.prove(&key, inputs), Err(ProveError::Shape(error)) if error == expected));
}

#[test]
fn stark_whir_no_proof_is_longer_than_its_key_allows() {
    assert!(ENCODED.len() < KEY.verifying_key().max_proof_len());
}
