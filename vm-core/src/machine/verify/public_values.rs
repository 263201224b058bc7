//! Proofs of user public values, for machines with continuations.

use crate::arch::{Hasher, MemoryConfig};
use crate::system::memory::MerkleTree;

use super::UserPublicValuesProof;

/// Makes the proof that the memory under `tree` has these public values. The verifier accepts it only if `public_values`
/// is the content of address space 3.
pub fn user_public_values<H: Hasher>(
    tree: &MerkleTree<H>,
    config: &MemoryConfig,
    public_values: Vec<u8>,
) -> UserPublicValuesProof {
    let siblings = tree.siblings(config.log_leaves(), config.public_values_space());
    UserPublicValuesProof { public_values, siblings }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeCharacteristicRing;

    use super::*;
    use crate::arch::{Digest, PUBLIC_VALUES_SPACE, Poseidon2Hasher, SystemConfig};
    use crate::machine::{PublicValuesError, RunLayout};
    use crate::stark::F;
    use crate::system::memory::GuestMemory;

    fn setting(bytes: usize) -> (MemoryConfig, GuestMemory, Vec<u8>) {
        let config = MemoryConfig::default();
        let values: Vec<u8> = (0..bytes).map(|i| i as u8 ^ 0x5a).collect();
        let mut image: crate::instructions::MemoryImage = [((1, 0), 7), ((2, 0x1000), 9)].into_iter().collect();
        for (i, word) in values.chunks_exact(4).enumerate() {
            let word = u32::from_le_bytes(word.try_into().unwrap());
            image.insert((PUBLIC_VALUES_SPACE, 4 * i as u32), word);
        }
        (config.clone(), GuestMemory::from_image(&config, bytes, &image).unwrap(), values)
    }

    fn layout(memory: &MemoryConfig, num_public_values: usize) -> RunLayout {
        SystemConfig { memory_config: memory.clone(), num_public_values, ..Default::default() }.run_layout()
    }

    fn tree(config: &MemoryConfig, memory: &GuestMemory) -> MerkleTree<Poseidon2Hasher> {
        MerkleTree::from_memory(Poseidon2Hasher::default(), config, memory)
    }

    #[test]
    fn values_of_any_number_lead_to_the_root() {
        for bytes in [0, 16, 32, 48, 4096] {
            let (config, memory, values) = setting(bytes);
            let tree = tree(&config, &memory);
            let proof = user_public_values(&tree, &config, values);
            proof.verify(&Poseidon2Hasher::default(), &layout(&config, bytes), &tree.root()).unwrap();
        }
    }

    #[test]
    fn everything_that_is_changed_is_noticed() {
        let (config, memory, values) = setting(48);
        let tree = tree(&config, &memory);
        let honest = user_public_values(&tree, &config, values);
        let hasher = Poseidon2Hasher::default();
        let check = |forge: &dyn Fn(&mut UserPublicValuesProof)| {
            let mut proof = honest.clone();
            forge(&mut proof);
            proof.verify(&hasher, &layout(&config, 48), &tree.root())
        };
        assert_eq!(check(&|_| ()), Ok(()));
        let length = |got| Err(PublicValuesError::Length { expected: 48, got });
        assert_eq!(check(&|proof| proof.public_values.truncate(47)), length(47));
        assert_eq!(check(&|proof| proof.public_values.extend([0; 16])), length(64));
        assert_eq!(check(&|proof| proof.public_values.clear()), length(0));
        let path = |got| Err(PublicValuesError::PathLength { expected: 2, got });
        assert_eq!(check(&|proof| proof.siblings.truncate(1)), path(1));
        assert_eq!(check(&|proof| proof.siblings.push(Digest::default())), path(3));
        for byte in 0..48 {
            assert_eq!(check(&|proof| proof.public_values[byte] ^= 1), Err(PublicValuesError::Root), "{byte}");
        }
        for (level, limb) in (0..2).flat_map(|level| (0..8).map(move |limb| (level, limb))) {
            assert_eq!(check(&|proof| proof.siblings[level][limb] += F::ONE), Err(PublicValuesError::Root));
        }
        assert_eq!(check(&|proof| proof.siblings.swap(0, 1)), Err(PublicValuesError::Root));
        let mut root = tree.root();
        root[7] += F::ONE;
        assert_eq!(honest.verify(&hasher, &layout(&config, 48), &root), Err(PublicValuesError::Root));
    }

    #[test]
    fn nothing_is_revealed_beyond_the_values() {
        // The machine has 64 bytes of public values; the proof claims that there are only 48.
        let (config, memory, values) = setting(64);
        let tree = tree(&config, &memory);
        let proof = user_public_values(&tree, &config, values[..48].to_vec());
        let refused = proof.verify(&Poseidon2Hasher::default(), &layout(&config, 48), &tree.root());
        assert_eq!(refused, Err(PublicValuesError::Root));
    }
}
