//! Rows of every AIR, from the counters of a metered run.

use crate::arch::{Chip, InstructionExecutor, Metered};
use crate::machine::complex::VmChipComplex;
use crate::machine::slots::{AirSlot, SystemAir};
use crate::stark::committed_columns_of;
use crate::system::program::ProgramAir;

/// The AIRs of a machine whose rows depend on the run, in key order, with the rows that a metered run has counted.
#[derive(Debug)]
pub struct MeteredAirs {
    names: Vec<String>,
    columns: Vec<usize>,
    slots: Vec<AirSlot>,
}

impl MeteredAirs {
    /// The AIRs of a machine.
    pub fn new<E, P>(complex: &VmChipComplex<E, P>) -> Self
    where
        E: InstructionExecutor + Chip,
        P: Chip,
    {
        use SystemAir::{Connector, Program, PublicValues, Range};
        let is_fixed = |slot: AirSlot| match slot {
            AirSlot::System(Program | Connector | PublicValues | Range) => true,
            // A table that has rows before the run always has the same ones.
            AirSlot::Periphery(index) => complex
                .inventory
                .periphery()
                .get(index)
                .is_some_and(|chip| chip.as_lookup_table().is_some() && chip.current_trace_height() > 0),
            _ => false,
        };
        let airs = complex.air_set(ProgramAir::without_table()).airs;
        let mut metered = Self { names: Vec::new(), columns: Vec::new(), slots: Vec::new() };
        for (air, slot) in airs.iter().zip(complex.slots()).filter(|(_, slot)| !is_fixed(*slot)) {
            metered.names.push(air.name());
            metered.columns.push(committed_columns_of(air));
            metered.slots.push(slot);
        }
        metered
    }

    /// Names, in key order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Committed base-field columns: main columns, and four per lookup column and for the accumulator.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Whether the rows of the AIR with this index are exact. Otherwise they are an upper bound.
    pub fn is_exact(&self, index: usize) -> bool {
        !matches!(self.slots.get(index), Some(AirSlot::System(SystemAir::Poseidon2) | AirSlot::Periphery(_)))
    }

    /// Rows so far, without padding. Exact, except for AIRs that answer equal queries once (Poseidon2 among them): for
    /// these it is an upper bound.
    pub fn heights(&self, metered: &Metered) -> Vec<usize> {
        let memory = metered.memory_rows();
        let rows = |(slot, name): (&AirSlot, &String)| match *slot {
            AirSlot::System(SystemAir::Leaf) => memory.leaves,
            AirSlot::System(SystemAir::Node) => memory.nodes,
            AirSlot::System(SystemAir::Refresh) => memory.refreshes,
            AirSlot::System(SystemAir::Adapter(air)) => memory.adapters.get(air.words(), air.is_write()),
            AirSlot::System(SystemAir::Poseidon2) => memory.hashes,
            AirSlot::System(SystemAir::Phantom) => metered.phantom_rows(),
            AirSlot::Executor(id) => metered.rows().get(id).copied().unwrap_or(0),
            AirSlot::Periphery(_) => metered.periphery_rows(name),
            // Not in the list: their rows do not depend on the run.
            AirSlot::System(_) => 0,
        };
        self.slots.iter().zip(&self.names).map(rows).collect()
    }

    /// Committed cells of these rows.
    pub fn cells(&self, heights: &[usize]) -> Vec<usize> {
        heights.iter().zip(&self.columns).map(|(rows, columns)| rows * columns).collect()
    }
}
