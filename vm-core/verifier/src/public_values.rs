//! User public values of machines with continuations, proven by a path in the memory tree.
//!
//! The values are the content of address space 3 at the end of the run. The verifier computes the root of the space's
//! whole subtree from the values, followed by zeros. The path in the proof leads from there to the root of the memory
//! tree, so it has one sibling per level of address spaces. Because the subtree covers the whole space, the guest
//! cannot have written anything beyond the values.

use alloc::vec::Vec;
use core::array;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use vm_stark::F;

use crate::hasher::{Digest, Hasher};
use crate::layout::{LEAF_BYTES, RunLayout};

/// Name of the public-values AIR, which machines without continuations have.
pub const PUBLIC_VALUES_AIR: &str = "PublicValues";

/// Converts the cells of the public-values AIR to bytes. Returns `None` if a cell is not a 16-bit value.
pub fn public_value_bytes(cells: &[F]) -> Option<Vec<u8>> {
    cells
        .iter()
        .map(|cell| u16::try_from(cell.as_canonical_u32()).ok().map(u16::to_le_bytes))
        .collect::<Option<Vec<_>>>()
        .map(|bytes| bytes.concat())
}

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

impl UserPublicValuesProof {
    /// Checks that the memory with the given root has these public values.
    ///
    /// Soundness (M11): the number of values and the depth of the tree come from the configuration, never from the
    /// proof. So leaves are hashed as leaves, and nodes as nodes.
    ///
    /// # Errors
    /// - [`PublicValuesError::Length`] if there are not exactly `num_public_values` bytes.
    /// - [`PublicValuesError::PathLength`] if the path does not have one sibling per level of address spaces.
    /// - [`PublicValuesError::Root`] if the path does not lead to `root`.
    pub fn verify<H: Hasher>(&self, hasher: &H, layout: &RunLayout, root: &Digest) -> Result<(), PublicValuesError> {
        let (expected, got) = (layout.num_public_values, self.public_values.len());
        if expected != got {
            return Err(PublicValuesError::Length { expected, got });
        }
        let (expected, got) = (layout.as_height, self.siblings.len());
        if expected != got {
            return Err(PublicValuesError::PathLength { expected, got });
        }
        let hash = |bytes: &[u8]| {
            let byte = |i: usize| bytes.get(i).copied().unwrap_or(0);
            hasher.hash_leaf(&array::from_fn(|i| F::from_u16(u16::from_le_bytes([byte(2 * i), byte(2 * i + 1)]))))
        };
        let mut level: Vec<Digest> = self.public_values.chunks(LEAF_BYTES).map(hash).collect();
        let mut zero = hash(&[]);
        for _ in 0..layout.log_leaves {
            level = level.chunks(2).map(|pair| hasher.compress(&pair[0], pair.get(1).unwrap_or(&zero))).collect();
            zero = hasher.compress(&zero, &zero);
        }
        let space = level.first().copied().unwrap_or(zero);
        let label = layout.public_values_space;
        let reached = self.siblings.iter().enumerate().fold(space, |node, (height, sibling)| {
            if (label >> height) & 1 == 0 { hasher.compress(&node, sibling) } else { hasher.compress(sibling, &node) }
        });
        if reached == *root { Ok(()) } else { Err(PublicValuesError::Root) }
    }
}
