//! User public values of machines with continuations, proven by a path in the memory tree.
//!
//! The values are the content of address space 3 at the end of the run. The verifier computes the root of the space's
//! whole subtree from the values, followed by zeros. The path in the proof leads from there to the root of the memory
//! tree, so it has one sibling per level of address spaces. Because the subtree covers the whole space, the guest
//! cannot have written anything beyond the values.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::arch::{Digest, Hasher, LEAF_BYTES, MemoryConfig, PUBLIC_VALUES_SPACE};
use crate::system::memory::{MerkleTree, leaf_cells};

/// The user public values of a run, with the Merkle path that connects them to the root of its final memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPublicValuesProof {
    /// User public values: exactly as many bytes as the machine has.
    pub public_values: Vec<u8>,
    /// Siblings on the path from the root of address space 3 up to the root of the tree, lowest first.
    pub siblings: Vec<Digest>,
}

/// Reason for which public values are refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PublicValuesError {
    /// The proof does not have as many bytes of public values as the machine.
    #[error("the proof has {got} bytes of public values, expected {expected}")]
    Length {
        /// Number of bytes that the machine has.
        expected: usize,
        /// Number of bytes in the proof.
        got: usize,
    },
    /// The path does not have one sibling per level of address spaces.
    #[error("the path of the public values has {got} siblings, expected {expected}")]
    PathLength {
        /// Number of levels of address spaces.
        expected: usize,
        /// Number of siblings in the proof.
        got: usize,
    },
    /// The path leads to another root than that of the final memory.
    #[error("the public values are not those of the final memory: their path leads to another root")]
    Root,
}

/// Returns the 0-based index of the public values' address space.
fn space_index(config: &MemoryConfig) -> u64 {
    u64::from(PUBLIC_VALUES_SPACE - config.as_offset)
}

impl UserPublicValuesProof {
    /// Creates the proof that the memory under `tree` has these public values. [`Self::verify`] accepts it only if
    /// `public_values` is the content of address space 3.
    pub fn new<H: Hasher>(tree: &MerkleTree<H>, config: &MemoryConfig, public_values: Vec<u8>) -> Self {
        Self { public_values, siblings: tree.siblings(config.log_leaves(), space_index(config)) }
    }

    /// Checks that the memory with the given root has these public values.
    ///
    /// Soundness (M11): the number of values and the depth of the tree come from the configuration, never from the
    /// proof. So leaves are hashed as leaves, and nodes as nodes.
    ///
    /// # Errors
    /// - [`PublicValuesError::Length`] if there are not exactly `num_public_values` bytes.
    /// - [`PublicValuesError::PathLength`] if the path does not have one sibling per level of address spaces.
    /// - [`PublicValuesError::Root`] if the path does not lead to `root`.
    pub fn verify<H: Hasher>(
        &self,
        hasher: &H,
        config: &MemoryConfig,
        num_public_values: usize,
        root: &Digest,
    ) -> Result<(), PublicValuesError> {
        let (expected, got) = (num_public_values, self.public_values.len());
        if expected != got {
            return Err(PublicValuesError::Length { expected, got });
        }
        let (expected, got) = (config.as_height, self.siblings.len());
        if expected != got {
            return Err(PublicValuesError::PathLength { expected, got });
        }
        let hash = |bytes: &[u8]| {
            let word =
                |i: usize| u32::from_le_bytes(std::array::from_fn(|j| bytes.get(4 * i + j).copied().unwrap_or(0)));
            hasher.hash_leaf(&leaf_cells(&std::array::from_fn(word)))
        };
        let mut level: Vec<Digest> = self.public_values.chunks(LEAF_BYTES).map(hash).collect();
        let mut zero = hash(&[]);
        for _ in 0..config.log_leaves() {
            level = level.chunks(2).map(|pair| hasher.compress(&pair[0], pair.get(1).unwrap_or(&zero))).collect();
            zero = hasher.compress(&zero, &zero);
        }
        let space = level.first().copied().unwrap_or(zero);
        let label = space_index(config);
        let reached = self.siblings.iter().enumerate().fold(space, |node, (height, sibling)| {
            if (label >> height) & 1 == 0 { hasher.compress(&node, sibling) } else { hasher.compress(sibling, &node) }
        });
        if reached == *root { Ok(()) } else { Err(PublicValuesError::Root) }
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeCharacteristicRing;

    use super::*;
    use crate::arch::Poseidon2Hasher;
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

    fn tree(config: &MemoryConfig, memory: &GuestMemory) -> MerkleTree<Poseidon2Hasher> {
        MerkleTree::from_memory(Poseidon2Hasher::default(), config, memory)
    }

    #[test]
    fn values_of_any_number_lead_to_the_root() {
        for bytes in [0, 16, 32, 48, 4096] {
            let (config, memory, values) = setting(bytes);
            let tree = tree(&config, &memory);
            let proof = UserPublicValuesProof::new(&tree, &config, values);
            proof.verify(&Poseidon2Hasher::default(), &config, bytes, &tree.root()).unwrap();
        }
    }

    #[test]
    fn everything_that_is_changed_is_noticed() {
        let (config, memory, values) = setting(48);
        let tree = tree(&config, &memory);
        let honest = UserPublicValuesProof::new(&tree, &config, values);
        let hasher = Poseidon2Hasher::default();
        let check = |forge: &dyn Fn(&mut UserPublicValuesProof)| {
            let mut proof = honest.clone();
            forge(&mut proof);
            proof.verify(&hasher, &config, 48, &tree.root())
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
        assert_eq!(honest.verify(&hasher, &config, 48, &root), Err(PublicValuesError::Root));
    }

    #[test]
    fn nothing_is_revealed_beyond_the_values() {
        // The machine has 64 bytes of public values; the proof claims that there are only 48.
        let (config, memory, values) = setting(64);
        let tree = tree(&config, &memory);
        let proof = UserPublicValuesProof::new(&tree, &config, values[..48].to_vec());
        let refused = proof.verify(&Poseidon2Hasher::default(), &config, 48, &tree.root());
        assert_eq!(refused, Err(PublicValuesError::Root));
    }
}
