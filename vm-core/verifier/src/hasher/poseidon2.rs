//! Poseidon2 over BabyBear, width 16.

use p3_baby_bear::{Poseidon2BabyBear, default_babybear_poseidon2_16};
use p3_field::PrimeCharacteristicRing;
use p3_symmetric::Permutation;

use vm_stark::F;

use super::{DIGEST_WIDTH, Digest, Hasher};

/// Truncated Poseidon2 permutation of width 16 (eprint 2023/323), with the parameters of the backend.
#[derive(Clone)]
pub struct Poseidon2Hasher(Poseidon2BabyBear<16>);

impl Default for Poseidon2Hasher {
    fn default() -> Self {
        Self(default_babybear_poseidon2_16())
    }
}

impl Hasher for Poseidon2Hasher {
    fn compress(&self, left: &Digest, right: &Digest) -> Digest {
        let mut state = [F::ZERO; 2 * DIGEST_WIDTH];
        state[..DIGEST_WIDTH].copy_from_slice(left);
        state[DIGEST_WIDTH..].copy_from_slice(right);
        self.0.permute_mut(&mut state);
        core::array::from_fn(|i| state[i])
    }
}

/// Returns the digest of a list of field elements.
///
/// The hash is an overwrite sponge with rate 8. Its capacity is initialised with the domain tag `domain` and the length
/// of the list. Therefore, by construction, lists of different lengths or purposes do not collide.
pub fn commit_elements(domain: u32, elements: &[F]) -> Digest {
    let permutation = default_babybear_poseidon2_16();
    let mut state = [F::ZERO; 2 * DIGEST_WIDTH];
    state[DIGEST_WIDTH] = F::from_u32(domain);
    state[DIGEST_WIDTH + 1] = F::from_usize(elements.len());
    state[DIGEST_WIDTH + 2] = F::ONE;
    for chunk in elements.chunks(DIGEST_WIDTH) {
        state[..chunk.len()].copy_from_slice(chunk);
        permutation.permute_mut(&mut state);
    }
    if elements.is_empty() {
        permutation.permute_mut(&mut state);
    }
    core::array::from_fn(|i| state[i])
}
