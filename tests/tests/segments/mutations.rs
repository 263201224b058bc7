//! Random changes of bytes and of decoded proofs.

use rand::rngs::StdRng;
use rand::{Rng, RngExt};
use vm_core::machine::{ContinuationProof, VmProof};
use vm_core::stark::{BabyBearBlake3Engine, F, StarkEngine};
use vm_sdk::p3::field::{BasedVectorSpace, PrimeCharacteristicRing};

pub(crate) type Engine = BabyBearBlake3Engine;
pub(crate) type RunProof = ContinuationProof<Engine>;
type Stark = vm_core::stark::Proof<<Engine as StarkEngine>::SC>;

/// Returns the varint of a length that is too large, by a few elements or by more than any memory has.
fn bomb(rng: &mut StdRng) -> Vec<u8> {
    let mut value = match rng.random_range(0..4) {
        0 => rng.random_range(128..100_000),
        1 => 1 << rng.random_range(20..40u32),
        2 => u64::from(u32::MAX),
        _ => u64::MAX >> rng.random_range(0..8u32),
    };
    let mut bytes = Vec::new();
    while value >= 128 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// Changes `bytes` at a random place, half of the time within 300 bytes of one of `marks`.
pub(crate) fn damage(bytes: &mut Vec<u8>, marks: &[usize], rng: &mut StdRng) {
    let near = |rng: &mut StdRng, len: usize| {
        let mark = marks[rng.random_range(0..marks.len())];
        let position =
            if rng.random() { (mark + rng.random_range(0..600)).saturating_sub(300) } else { rng.random_range(0..len) };
        position.min(len - 1)
    };
    let at = near(rng, bytes.len());
    match rng.random_range(0..11) {
        0..4 => bytes[at] ^= 1 << rng.random_range(0..8),
        4 => bytes[at] = rng.random(),
        5 => drop(bytes.splice(at..at, (0..rng.random_range(1..40)).map(|_| rng.random::<u8>()).collect::<Vec<_>>())),
        6 => drop(bytes.drain(at..(at + rng.random_range(1..40)).min(bytes.len()))),
        7 => drop(bytes.splice(at..=at, bomb(rng))),
        8 => bytes.truncate(at),
        // A longer encoding of the same integer, if there is one at this place.
        9 => drop(bytes.splice(at..=at, [bytes[at] | 128, 0])),
        _ => bytes.extend((0..rng.random_range(1..100)).map(|_| rng.random::<u8>())),
    }
}

/// Returns a random element of a list, or `None` if it is empty.
fn any<'a, T>(list: &'a mut [T], rng: &mut StdRng) -> Option<&'a mut T> {
    let len = list.len();
    (len > 0).then(|| &mut list[rng.random_range(0..len)])
}

/// Adds a non-zero value to a random coefficient of an element of `F` or its extension.
fn alter<X: BasedVectorSpace<F> + Copy>(x: &mut X, rng: &mut StdRng) {
    let mut coefficients = x.as_basis_coefficients_slice().to_vec();
    let delta = match rng.random_range(0..3) {
        0 => F::ONE,
        1 => -F::ONE,
        _ => F::from_u32(rng.random_range(2..1 << 30)),
    };
    *any(&mut coefficients, rng).expect("there is at least one coefficient") += delta;
    *x = X::from_basis_coefficients_slice(&coefficients).expect("the number of coefficients is unchanged");
}

fn alter_any<X: BasedVectorSpace<F> + Copy>(list: &mut [X], rng: &mut StdRng) {
    if let Some(x) = any(list, rng) {
        alter(x, rng);
    }
}

/// Drops, repeats or exchanges elements of a list. `copy` copies an element, since not all of them are `Clone`.
fn rearrange<T>(list: &mut Vec<T>, copy: impl Fn(&T) -> T, rng: &mut StdRng) {
    if list.is_empty() {
        return;
    }
    let (i, j) = (rng.random_range(0..list.len()), rng.random_range(0..list.len()));
    match rng.random_range(0..4) {
        0 => drop(list.remove(i)),
        1 => list.insert(j, copy(&list[i])),
        2 => list.swap(i, j),
        _ => list.push(copy(&list[i])),
    }
}

/// Changes a random element of a list, or rearranges the list.
fn alter_list<X: BasedVectorSpace<F> + Copy>(list: &mut Vec<X>, rng: &mut StdRng) {
    if rng.random_range(0..4) == 0 { rearrange(list, |x| *x, rng) } else { alter_any(list, rng) }
}

/// Copies a value by encoding and decoding it.
pub(crate) fn copy<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    postcard::from_bytes(&postcard::to_stdvec(value).expect("encoding cannot fail")).expect("the encoding decodes")
}

/// Number of kinds of changes that [`forge`] makes.
pub(crate) const KINDS: usize = 22;

/// Changes a part of a decoded proof. `kind` selects the part; `connector` is the index of the connector's AIR.
pub(crate) fn forge(proof: &mut RunProof, kind: usize, connector: usize, rng: &mut StdRng) {
    let segments = proof.segments.len();
    let index = rng.random_range(0..segments);
    let other = (index + rng.random_range(1..segments)) % segments;
    let VmProof { key_digest, stark } = &mut proof.segments[index];
    match kind {
        0 => alter_any(key_digest, rng),
        1 => alter_list(&mut stark.public_values[connector], rng),
        2 => match rng.random_range(0..3) {
            0 => rearrange(&mut stark.public_values, Vec::clone, rng),
            1 => any(&mut stark.public_values, rng).into_iter().for_each(|values| values.push(F::ZERO)),
            _ => stark.public_values.iter_mut().for_each(Vec::clear),
        },
        3 => numbers(&mut stark.instance_counts, |rng| rng.random(), rng),
        4 => {
            let bits =
                |rng: &mut StdRng| if rng.random() { rng.random_range(0..64) } else { rng.random::<u64>() as usize };
            numbers(&mut stark.batch.degree_bits, bits, rng);
        }
        5..8 => opened_values(stark, rng),
        8 => terminals(stark, rng),
        9 => commitments(stark, rng),
        10 => proofs_of_work(stark, rng),
        11..15 => low_degree_test(stark, rng),
        15 => {
            let shown = &mut proof.public_values;
            match rng.random_range(0..4) {
                0 => *any(&mut shown.public_values, rng).expect("there are values") ^= 1 << rng.random_range(0..8),
                1 => rearrange(&mut shown.public_values, |x| *x, rng),
                2 => any(&mut shown.siblings, rng).into_iter().for_each(|sibling| alter_any(sibling, rng)),
                _ => rearrange(&mut shown.siblings, |x| *x, rng),
            }
        }
        16 => rearrange(&mut proof.segments, copy, rng),
        // Exchanges parts of two segments of the same run.
        17 => {
            let [one, two] = proof.segments.get_disjoint_mut([index, other]).expect("there are two segments");
            exchange(&mut one.stark, &mut two.stark, rng);
        }
        // Both sides of a seam are changed in the same way, so they match, but neither is proven.
        18 => {
            let seam = rng.random_range(0..segments - 1);
            let (from, to) = [(1, 0), (12 + index, 4 + index)][rng.random_range(0..2)];
            let delta = F::from_u32(rng.random_range(1..1 << 30));
            proof.segments[seam].stark.public_values[connector][from] += delta;
            proof.segments[seam + 1].stark.public_values[connector][to] += delta;
        }
        // Another height within the limits.
        20 => {
            let bits = &mut stark.batch.degree_bits;
            let tallest = bits.iter().copied().max().unwrap_or(0);
            any(bits, rng).into_iter().for_each(|bits| *bits = rng.random_range(0..=tallest));
        }
        // One more instance, without its height and openings.
        21 => {
            let counts = &mut stark.instance_counts;
            let present: Vec<usize> = (0..counts.len()).filter(|air| counts[*air] > 0).collect();
            counts[present[rng.random_range(0..present.len())]] += 1;
        }
        // The program counter after the last instruction is not compared with anything, but the STARK proves it.
        _ => {
            let last = &mut proof.segments[segments - 1].stark;
            alter(&mut last.public_values[connector][1], rng);
        }
    }
}

fn numbers<T: Copy + From<u8> + PartialEq + std::ops::Add<Output = T> + std::ops::Sub<Output = T>>(
    list: &mut Vec<T>,
    absurd: impl Fn(&mut StdRng) -> T,
    rng: &mut StdRng,
) {
    let action = rng.random_range(0..4);
    match any(list, rng) {
        Some(x) if action == 0 => *x = *x + T::from(1),
        Some(x) if action == 1 && *x != T::from(0) => *x = *x - T::from(1),
        Some(x) if action == 2 => *x = absurd(rng),
        _ => rearrange(list, |x| *x, rng),
    }
}

fn opened_values(stark: &mut Stark, rng: &mut StdRng) {
    let instances = &mut stark.batch.opened_values.instances;
    if rng.random_range(0..12) == 0 {
        return rearrange(instances, copy, rng);
    }
    let Some(opened) = any(instances, rng) else { return };
    let base = &mut opened.base_opened_values;
    match (rng.random_range(0..8), &mut base.trace_next, &mut base.preprocessed) {
        (0, Some(next), _) => alter_list(next, rng),
        (0, None, _) => base.trace_next = Some(base.trace_local.clone()),
        (1, next @ Some(_), _) => *next = None,
        (2, _, Some(preprocessed)) => alter_list(&mut preprocessed.local, rng),
        (3, _, preprocessed @ Some(_)) => *preprocessed = None,
        (4, ..) => any(&mut base.quotient_chunks, rng).into_iter().for_each(|chunk| alter_list(chunk, rng)),
        (5, ..) => rearrange(&mut base.quotient_chunks, Vec::clone, rng),
        (6, ..) => alter_list(&mut opened.permutation_local, rng),
        (7, ..) => alter_list(&mut opened.permutation_next, rng),
        _ => alter_list(&mut base.trace_local, rng),
    }
}

fn terminals(stark: &mut Stark, rng: &mut StdRng) {
    let terminals = &mut stark.batch.lookup_terminals;
    match rng.random_range(0..4) {
        0 => any(terminals, rng).into_iter().flatten().for_each(|terminal| alter(&mut terminal.0, rng)),
        1 => any(terminals, rng).into_iter().for_each(|terminal| *terminal = None),
        2 => rearrange(terminals, |x| *x, rng),
        // Two terminals change, but the sum of all terminals stays zero.
        _ => {
            let delta = F::from_u32(rng.random_range(1..1 << 30));
            let mut present = terminals.iter_mut().flatten();
            if let (Some(one), Some(two)) = (present.next(), present.next()) {
                one.0 += delta;
                two.0 -= delta;
            }
        }
    }
}

fn commitments(stark: &mut Stark, rng: &mut StdRng) {
    let all = &mut stark.batch.commitments;
    let rounds = &mut stark.batch.opening_proof.commit_phase_commits;
    match rng.random_range(0..7) {
        0 => bytes_of(&mut all.main, rng),
        1 => all.permutation.iter_mut().for_each(|root| bytes_of(root, rng)),
        2 => bytes_of(&mut all.quotient_chunks, rng),
        3 => all.permutation = None,
        4 => std::mem::swap(&mut all.main, &mut all.quotient_chunks),
        5 => all.random = Some(all.main.clone()),
        _ if rng.random() => any(rounds, rng).into_iter().for_each(|root| bytes_of(root, rng)),
        _ => rearrange(rounds, Clone::clone, rng),
    }
}

/// Flips a bit of the encoding of a value with private fields, such that it still decodes.
fn bytes_of<T: serde::Serialize + serde::de::DeserializeOwned>(value: &mut T, rng: &mut StdRng) {
    for _ in 0..100 {
        let mut bytes = postcard::to_stdvec(value).expect("encoding cannot fail");
        let at = rng.random_range(0..bytes.len());
        bytes[at] ^= 1 << rng.random_range(0..8);
        if let Ok(other) = postcard::from_bytes(&bytes) {
            *value = other;
            return;
        }
    }
}

fn proofs_of_work(stark: &mut Stark, rng: &mut StdRng) {
    let batch = &mut stark.batch;
    match rng.random_range(0..6) {
        0 => batch.lookup_pow_witness.iter_mut().for_each(|witness| alter(witness, rng)),
        1 => batch.lookup_pow_witness = None,
        2 => alter(&mut batch.ood_pow_witness, rng),
        3 => alter(&mut batch.opening_proof.batch_pow_witness, rng),
        4 => alter(&mut batch.opening_proof.query_pow_witness, rng),
        _ => alter_list(&mut batch.opening_proof.commit_pow_witnesses, rng),
    }
}

fn low_degree_test(stark: &mut Stark, rng: &mut StdRng) {
    let fri = &mut stark.batch.opening_proof;
    let (inputs, rounds) = (&mut fri.input_openings, &mut fri.commit_phase_openings);
    match rng.random_range(0..12) {
        0 => alter_list(&mut fri.final_poly, rng),
        1 => rearrange(inputs, Clone::clone, rng),
        2 => rearrange(rounds, Clone::clone, rng),
        3 => any(inputs, rng).into_iter().for_each(|batch| rearrange(&mut batch.opened_values, Clone::clone, rng)),
        4 => any(rounds, rng).into_iter().for_each(|round| rearrange(&mut round.sibling_values, Clone::clone, rng)),
        5 => any(inputs, rng).into_iter().for_each(|batch| bytes_of(&mut batch.opening_proof, rng)),
        6 => any(rounds, rng).into_iter().for_each(|round| bytes_of(&mut round.opening_proof, rng)),
        7 | 8 => {
            let round = any(rounds, rng).and_then(|round| any(&mut round.sibling_values, rng));
            round.into_iter().for_each(|values| alter_list(values, rng));
        }
        9 => {
            let query = any(inputs, rng).and_then(|batch| any(&mut batch.opened_values, rng));
            query.into_iter().for_each(|rows| rearrange(rows, Clone::clone, rng));
        }
        _ => {
            let query = any(inputs, rng).and_then(|batch| any(&mut batch.opened_values, rng));
            query.and_then(|rows| any(rows, rng)).into_iter().for_each(|row| alter_list(row, rng));
        }
    }
}

fn exchange(one: &mut Stark, two: &mut Stark, rng: &mut impl Rng) {
    use std::mem::swap;
    match rng.random_range(0..7) {
        0 => swap(one, two),
        1 => swap(&mut one.batch, &mut two.batch),
        2 => swap(&mut one.public_values, &mut two.public_values),
        3 => swap(&mut one.batch.commitments, &mut two.batch.commitments),
        4 => swap(&mut one.batch.opened_values, &mut two.batch.opened_values),
        5 => swap(&mut one.batch.opening_proof, &mut two.batch.opening_proof),
        _ => swap(&mut one.batch.lookup_terminals, &mut two.batch.lookup_terminals),
    }
}
