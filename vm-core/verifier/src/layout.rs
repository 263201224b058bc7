//! What the verifier of runs needs to know of a machine besides its circuits.

use serde::{Deserialize, Serialize};

/// Number of bytes of a leaf of the memory tree: four words, eight cells.
pub const LEAF_BYTES: usize = 16;
/// log2 of [`LEAF_BYTES`].
pub const LOG_LEAF_BYTES: usize = 4;

/// The parts of a machine's configuration on which the verifier of runs depends.
///
/// Soundness (M11): commitments to programs cover them, so nobody can exchange them in a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLayout {
    /// Whether runs may have several segments.
    pub continuations: bool,
    /// Number of bytes of user public values.
    pub num_public_values: usize,
    /// log2 of the number of address spaces.
    pub as_height: usize,
    /// log2 of the number of leaves that the memory tree has for one address space.
    pub log_leaves: usize,
    /// 0-based index of the address space of the public values.
    pub public_values_space: u64,
}

impl RunLayout {
    /// Returns the layout as numbers, for commitments.
    pub(crate) fn numbers(&self) -> [u64; 5] {
        [
            u64::from(self.continuations),
            self.num_public_values as u64,
            self.as_height as u64,
            self.log_leaves as u64,
            self.public_values_space,
        ]
    }
}
