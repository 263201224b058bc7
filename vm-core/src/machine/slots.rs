//! The AIRs of a machine, by their origin.

use crate::arch::ExecutorId;
use crate::system::memory::AccessAdapterAir;

/// Where an AIR of a machine comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AirSlot {
    /// The system.
    System(SystemAir),
    /// The executor with this index in the inventory.
    Executor(ExecutorId),
    /// The periphery chip with this index in the inventory.
    Periphery(usize),
    /// The instructions of the fused paths.
    PlannedInstructions,
    /// The circuit of the fused path with this index in the plan.
    Fused(usize),
}

/// The system's AIRs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemAir {
    /// The program table.
    Program,
    /// Start and end of a segment.
    Connector,
    /// User public values, on machines without continuations.
    PublicValues,
    /// Leaves of the memory tree.
    Leaf,
    /// Inner nodes of the memory tree.
    Node,
    /// Refreshes of words.
    Refresh,
    /// Wide accesses of one width, reads or writes.
    Adapter(AccessAdapterAir),
    /// Compressions of the memory tree.
    Poseidon2,
    /// Range checks.
    Range,
    /// Phantom instructions.
    Phantom,
}
