//! The order of a machine's AIRs.

use crate::arch::{Chip, ExecutorId, InstructionExecutor};

use super::complex::VmChipComplex;

/// Where an AIR of a machine comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AirSlot {
    /// The system.
    System(SystemAir),
    /// The executor with this index in the inventory.
    Executor(ExecutorId),
    /// The periphery chip with this index in the inventory.
    Periphery(usize),
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
    Adapter {
        /// Words per access.
        words: usize,
        /// Writes instead of reads.
        is_write: bool,
    },
    /// Compressions of the memory tree.
    Poseidon2,
    /// Range checks.
    Range,
    /// Phantom instructions.
    Phantom,
}

impl<E, P> VmChipComplex<E, P>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    /// Every AIR of the machine, once: the order of its keys, proofs and reports.
    pub fn slots(&self) -> Vec<AirSlot> {
        use SystemAir as S;
        let mut slots = vec![S::Program, S::Connector];
        slots.extend(self.base.public_values.as_ref().map(|_| S::PublicValues));
        slots.extend([S::Leaf, S::Node, S::Refresh]);
        let widths = self.inventory.access_widths();
        slots.extend(widths.flat_map(|words| [false, true].map(|is_write| S::Adapter { words, is_write })));
        slots.extend([S::Poseidon2, S::Range, S::Phantom]);
        let system = slots.into_iter().map(AirSlot::System);
        let executors = (0..self.inventory.executors().len()).map(AirSlot::Executor);
        let periphery = (0..self.inventory.periphery().len()).map(AirSlot::Periphery);
        system.chain(executors).chain(periphery).collect()
    }
}
