//! Parts of a proof that all segments of a program share.

use crate::stark::AirRef;
use crate::system::program::ProgramAir;

/// The AIRs and the program table, which all segments and proofs of a program share.
pub struct CachedProgram {
    /// AIRs of the machine, in key order.
    pub airs: Vec<AirRef>,
    /// log2 of the greatest height of each AIR, as the key limits it.
    pub max_log_heights: Vec<usize>,
    /// The program AIR with its table.
    pub program_air: ProgramAir,
}
