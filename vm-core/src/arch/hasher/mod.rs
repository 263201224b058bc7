//! Hashing for the memory tree and for commitments.

mod hex;
mod poseidon2;

pub use hex::{HexDigest, HexDigestError};
pub use poseidon2::{Poseidon2Hasher, commit_elements};

use crate::stark::F;

/// Field elements of a digest.
pub const DIGEST_WIDTH: usize = 8;
/// A digest.
pub type Digest = [F; DIGEST_WIDTH];

/// A two-to-one compression function, and the hash of a leaf of eight cells.
pub trait Hasher: Clone + Send + Sync {
    /// Compresses two digests.
    fn compress(&self, left: &Digest, right: &Digest) -> Digest;

    /// Hashes a leaf. Domain separation: a leaf is compressed with a constant instead of a sibling.
    fn hash_leaf(&self, cells: &[F; DIGEST_WIDTH]) -> Digest {
        self.compress(cells, &LEAF_DOMAIN)
    }
}

/// Second half of the compression input of a leaf. Soundness: a truncated permutation can be inverted when both
/// halves are free; binding comes from this constant and from the fixed depth of the tree.
pub const LEAF_DOMAIN: Digest = F::new_array([0x6c65_6166, 1, 2, 3, 4, 5, 6, 7]);
