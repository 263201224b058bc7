//! Rows of every AIR, from the counters of a metered run.

use std::sync::Arc;

use crate::arch::{Chip, ChipUsageGetter, InstructionExecutor, Metered};
use crate::machine::complex::VmChipComplex;
use crate::machine::fusion::Fusion;
use crate::machine::slots::{AirSlot, SystemAir};
use crate::stark::{InstanceShape, Instances, ProverMemory, instance_shape};
use crate::system::program::ProgramAir;

/// Rows of one AIR, without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AirRows {
    /// Number of rows.
    pub rows: usize,
    /// Largest number of rows that are in one instance: 1 unless the AIR has [groups](Instances::Closed) of rows.
    pub longest: usize,
}

/// The AIRs of a machine whose rows depend on the run, in key order, with the rows that a metered run has counted.
#[derive(Debug)]
pub struct MeteredAirs {
    names: Vec<String>,
    columns: Vec<usize>,
    shapes: Vec<InstanceShape>,
    slots: Vec<AirSlot>,
    /// Whether all rows of an instruction are in one instance, although there may be several.
    closed: Vec<bool>,
    /// Shapes of the other AIRs, with their numbers of rows, padding included.
    fixed: Vec<(InstanceShape, usize)>,
    fusion: Arc<Fusion>,
}

impl MeteredAirs {
    /// The AIRs of a machine. `program_slots` is the number of rows of the program table.
    pub fn new<E, P>(complex: &VmChipComplex<E, P>, program_slots: usize, prover: ProverMemory) -> Self
    where
        E: InstructionExecutor + Chip,
        P: Chip,
    {
        use SystemAir::{Connector, Program, PublicValues, Range};
        // Number of rows of an AIR whose rows do not depend on the run.
        let fixed_rows = |slot: AirSlot| match slot {
            AirSlot::System(Program) => Some(program_slots),
            AirSlot::System(Connector) => Some(2),
            AirSlot::PlannedInstructions => Some(1),
            AirSlot::System(PublicValues) => {
                complex.base.public_values.as_ref().map(ChipUsageGetter::current_trace_height)
            }
            AirSlot::System(Range) => Some(complex.base.range.current_trace_height()),
            // A table that has rows before the run always has the same ones.
            AirSlot::Periphery(index) => {
                let chip = complex.inventory.periphery().get(index)?;
                let rows = chip.current_trace_height();
                (chip.as_lookup_table().is_some() && rows > 0).then_some(rows)
            }
            _ => None,
        };
        let airs = complex.air_set(ProgramAir::without_table()).airs;
        let mut metered = Self {
            names: Vec::new(),
            columns: Vec::new(),
            shapes: Vec::new(),
            slots: Vec::new(),
            closed: Vec::new(),
            fixed: Vec::new(),
            fusion: Arc::clone(&complex.fusion),
        };
        for (air, slot) in airs.iter().zip(complex.slots()) {
            let shape = match (slot, prover) {
                // Plans may have thousands of circuits.
                (AirSlot::Fused(path), ProverMemory::Stacked { .. }) => complex.fusion.circuits[path].stacked_shape(),
                _ => instance_shape(air, prover),
            };
            if let Some(rows) = fixed_rows(slot) {
                metered.fixed.push((shape, rows.next_power_of_two()));
                continue;
            }
            metered.names.push(air.name());
            metered.columns.push(shape.committed);
            metered.shapes.push(shape);
            metered.slots.push(slot);
            metered.closed.push(air.instances() == Instances::Closed);
        }
        metered
    }

    /// Names, in key order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Committed base-field columns ([`InstanceShape::committed`]).
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Sizes of the instances.
    pub(super) fn shapes(&self) -> &[InstanceShape] {
        &self.shapes
    }

    /// Where the AIRs come from.
    pub(super) fn slots(&self) -> &[AirSlot] {
        &self.slots
    }

    /// Sizes of the instances of all other AIRs, with their numbers of rows, padding included.
    pub(super) fn fixed(&self) -> &[(InstanceShape, usize)] {
        &self.fixed
    }

    /// Whether the rows of the AIR with this index are exact. Otherwise they are an upper bound.
    pub fn is_exact(&self, index: usize) -> bool {
        !matches!(self.slots.get(index), Some(AirSlot::System(SystemAir::Poseidon2) | AirSlot::Periphery(_)))
    }

    /// Rows so far, without padding. Exact, except for AIRs that answer equal queries once (Poseidon2 among them): for
    /// these it is an upper bound. `executed` has the number of executions of each fused path, whose instructions have no
    /// rows in other AIRs.
    pub fn heights(&self, metered: &Metered, executed: &[usize]) -> Vec<AirRows> {
        let memory = metered.memory_rows();
        let mut fused = vec![0; metered.rows().len()];
        for (executors, count) in self.fusion.executors.iter().zip(executed) {
            executors.iter().for_each(|executor| fused[*executor] += count);
        }
        let rows = |(slot, name): (&AirSlot, &String)| match *slot {
            AirSlot::System(SystemAir::Leaf) => memory.leaves,
            AirSlot::System(SystemAir::Node) => memory.nodes,
            AirSlot::System(SystemAir::Refresh) => memory.refreshes,
            AirSlot::System(SystemAir::Adapter(air)) => memory.adapters.get(air.words(), air.is_write()),
            AirSlot::System(SystemAir::Poseidon2) => memory.hashes,
            AirSlot::System(SystemAir::Phantom) => metered.phantom_rows(),
            AirSlot::Executor(id) => metered.rows().get(id).map_or(0, |rows| rows - fused[id]),
            AirSlot::Fused(path) => executed.get(path).copied().unwrap_or(0),
            AirSlot::Periphery(_) => metered.periphery_rows(name),
            // Not in the list: their rows do not depend on the run.
            AirSlot::System(_) | AirSlot::PlannedInstructions => 0,
        };
        let longest = |slot: &AirSlot, closed: bool| match *slot {
            AirSlot::Executor(id) if closed => metered.longest().get(id).copied().unwrap_or(1),
            _ => 1,
        };
        let airs = self.slots.iter().zip(&self.names).zip(&self.closed);
        airs.map(|(air, closed)| AirRows { rows: rows(air), longest: longest(air.0, *closed) }).collect()
    }

    /// Committed cells of these rows.
    pub fn cells(&self, rows: &[usize]) -> Vec<usize> {
        rows.iter().zip(&self.columns).map(|(rows, columns)| rows * columns).collect()
    }
}
