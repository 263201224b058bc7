//! Why a block has no circuit.

use thiserror::Error;

/// Reason for which instructions cannot be fused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FusionError {
    /// The rows of an instruction's AIR cannot be part of a block.
    #[error("instructions of AIR {air} cannot be fused: {reason}")]
    NotFusable {
        /// The AIR.
        air: String,
        /// What is in the way.
        reason: &'static str,
    },
    /// No run executes the instructions of a path one after another.
    #[error("pc {pc:#010x}: the path is not possible: {reason}")]
    Impossible {
        /// Program counter of the instruction at which the contradiction was found.
        pc: u32,
        /// What contradicts.
        reason: String,
    },
    /// A path of a plan is refused.
    #[error("path {path} of the plan: {reason}")]
    Path {
        /// Index of the path.
        path: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A plan has an instruction that the program does not have.
    #[error("pc {pc:#010x}: the plan has another instruction than the program; it was made for another program")]
    OtherProgram {
        /// Program counter of the instruction.
        pc: u32,
    },
    /// The bytes of a plan are no plan.
    #[error("the plan is malformed")]
    Encoding,
    /// A plan exceeds a limit.
    #[error("the plan has {got} {what}, the limit is {limit}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        got: usize,
        /// How much there may be.
        limit: usize,
    },
}
