//! Hash functions for the memory tree and for commitments.

mod hex;
mod poseidon2;

pub use hex::{HexDigest, HexDigestError};
pub use poseidon2::{Poseidon2Hasher, commit_elements};

use vm_stark::F;

/// Number of field elements of a digest.
pub const DIGEST_WIDTH: usize = 8;
/// Output of the hash functions.
pub type Digest = [F; DIGEST_WIDTH];

/// Hash function of the memory tree: a two-to-one compression of digests, and the hash of a leaf.
pub trait Hasher: Clone + Send + Sync {
    /// Compresses two digests into one.
    fn compress(&self, left: &Digest, right: &Digest) -> Digest;

    /// Hashes the eight cells of a leaf. For domain separation, the cells are compressed with [`LEAF_DOMAIN`] instead
    /// of a sibling.
    fn hash_leaf(&self, cells: &[F; DIGEST_WIDTH]) -> Digest {
        self.compress(cells, &LEAF_DOMAIN)
    }
}

/// Second half of the compression's input for a leaf. Soundness: a truncated permutation can be inverted if both halves
/// of its input are free. Binding follows from this constant and from the fixed depth of the tree.
pub const LEAF_DOMAIN: Digest = F::new_array([0x6c65_6166, 1, 2, 3, 4, 5, 6, 7]);
