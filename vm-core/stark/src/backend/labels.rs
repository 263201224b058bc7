//! A transcript that absorbs long labels by their digests.

use alloc::vec::Vec;

use p3_blake3::Blake3;
use p3_challenger::{
    CanObserve, CanSample, CanSampleBits, CanSampleUniformBits, FieldChallenger, GrindingChallenger, ResamplingError,
};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_symmetric::{CryptographicHasher, MerkleCap};

use crate::air::F;

/// Number of elements up to which a slice is absorbed as it is. A challenge has four.
const SHORT: usize = 8;
/// Number of bytes that one element absorbs. Three are fewer than p.
const CHUNK: usize = 3;

/// A transcript over field elements. Long slices are hashed with BLAKE3, and the transcript absorbs the digest.
///
/// The backends begin each of their protocols with a label, which describes its steps and the sizes of all tables. A proof of
/// many instances has hundreds of labels with thousands of elements each. Absorbed by a permutation of field elements, they
/// were most of what a verifier hashed. Everything else is absorbed element by element, so only labels are long slices.
///
/// Soundness (class 15): labels depend only on the shape of a proof. The digest is absorbed without loss (eleven elements of
/// three bytes), so two shapes with the same transcript are a collision of BLAKE3. What a position of the transcript holds,
/// a label or values, follows from the labels before it, so a digest is not taken for values.
#[derive(Clone, Debug)]
pub struct LabelDigests<C>(pub(super) C);

impl<C: CanObserve<F>> CanObserve<F> for LabelDigests<C> {
    fn observe(&mut self, value: F) {
        self.0.observe(value);
    }

    fn observe_slice(&mut self, values: &[F]) {
        if values.len() <= SHORT {
            return self.0.observe_slice(values);
        }
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.as_canonical_u32().to_le_bytes()).collect();
        for chunk in Blake3.hash_iter(bytes).chunks(CHUNK) {
            let number = chunk.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte));
            self.0.observe(F::from_u32(number));
        }
    }
}

impl<C: CanObserve<MerkleCap<F, [F; N]>>, const N: usize> CanObserve<MerkleCap<F, [F; N]>> for LabelDigests<C> {
    fn observe(&mut self, commitment: MerkleCap<F, [F; N]>) {
        self.0.observe(commitment);
    }
}

impl<T, C: CanSample<T>> CanSample<T> for LabelDigests<C> {
    fn sample(&mut self) -> T {
        self.0.sample()
    }
}

impl<C: CanSampleBits<usize>> CanSampleBits<usize> for LabelDigests<C> {
    fn sample_bits(&mut self, bits: usize) -> usize {
        self.0.sample_bits(bits)
    }
}

impl<C: CanSampleUniformBits<F>> CanSampleUniformBits<F> for LabelDigests<C> {
    fn sample_uniform_bits<const RESAMPLE: bool>(&mut self, bits: usize) -> Result<usize, ResamplingError> {
        self.0.sample_uniform_bits::<RESAMPLE>(bits)
    }
}

impl<C: FieldChallenger<F>> FieldChallenger<F> for LabelDigests<C> {}

impl<C: GrindingChallenger<Witness = F>> GrindingChallenger for LabelDigests<C> {
    type Witness = F;

    fn grind(&mut self, bits: usize) -> F {
        self.0.grind(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::super::hashes::{Hashes, Poseidon2Hashes};
    use super::*;

    fn after(slices: &[&[F]]) -> F {
        let mut transcript = Poseidon2Hashes::challenger();
        slices.iter().for_each(|slice| transcript.observe_slice(slice));
        transcript.sample()
    }

    #[test]
    fn short_slices_are_absorbed_element_by_element() {
        let values: Vec<F> = (0..12).map(F::from_u32).collect();
        let (first, second) = values.split_at(SHORT);
        let mut transcript = Poseidon2Hashes::challenger().0;
        transcript.observe_slice(&values);
        let expected: F = transcript.sample();
        assert_eq!(after(&[first, second]), expected);
        assert_ne!(after(&[&values]), expected);
    }

    #[test]
    fn every_element_of_a_label_counts() {
        let label: Vec<F> = (0..100).map(|i| F::from_u32(i << 20)).collect();
        let expected = after(&[&label]);
        for i in 0..label.len() {
            let mut other = label.clone();
            other[i] += F::ONE;
            assert_ne!(after(&[&other]), expected, "{i}");
        }
        assert_ne!(after(&[&label[..99]]), expected);
        assert_ne!(after(&[&label[..50], &label[50..]]), expected);
    }

    /// All 32 bytes: eleven elements, the last of them with two.
    #[test]
    fn digests_are_absorbed_without_loss() {
        let label = F::zero_vec(SHORT + 1);
        let digest = Blake3.hash_iter([0; 4 * (SHORT + 1)]);
        let mut elements = F::zero_vec(11);
        for (i, byte) in digest.into_iter().enumerate() {
            elements[i / 3] += F::from_u32(u32::from(byte) << (8 * (i % 3)));
        }
        let mut transcript = Poseidon2Hashes::challenger().0;
        transcript.observe_slice(&elements);
        let expected: F = transcript.sample();
        assert_eq!(after(&[&label]), expected);
    }
}
