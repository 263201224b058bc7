//! What all segments of a program share.

use crate::stark::AirRef;
use crate::system::program::ProgramAir;

/// What all segments and proofs of one program share.
pub struct CachedProgram {
    /// AIRs in key order.
    pub airs: Vec<AirRef>,
    /// The program table.
    pub program_air: ProgramAir,
}
