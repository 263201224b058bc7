//! Trace generation of a segment.

use std::sync::Arc;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use serde::{Deserialize, Serialize};

use crate::arch::{
    Chip, ChipTraces, ExitStatus, GenerationError, GuestMemory, InstructionExecutor, LEAF_BYTES, LoadedProgram,
    LookupTable, OfflineMemory, PUBLIC_VALUES_SPACE, PathExecution, Poseidon2Hasher, RunOutcome, TraceContext, WideLog,
};
use crate::stark::{AirProofInput, AirRef, F, count_lookups};
use crate::system::connector::ConnectorPublicValues;
use crate::system::memory::{MemoryBoundary, MerkleTree, finalize_memory};
use crate::system::program::ProgramChip;

use super::complex::VmChipComplex;
use super::fusion::FusedRows;
use super::run::CachedProgram;
use super::slots::{AirSlot, SystemAir};

/// Memory of a segment after its preflight run, from which the traces of the memory AIRs are filled.
pub struct RunMemory {
    boundary: MemoryBoundary,
    wide: WideLog,
    /// Final words of the public values' address space.
    public_values: Vec<u32>,
}

/// What happened in a segment, apart from the records of the chips.
pub struct SegmentRun {
    /// Program counter of the first instruction.
    pub initial_pc: u32,
    /// How the segment ended.
    pub outcome: RunOutcome,
    /// Memory of the segment.
    pub memory: RunMemory,
    /// Executions of fused paths, in order of time.
    pub executions: Vec<PathExecution>,
}

/// Rows and cells of one AIR in a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AirUsage {
    /// Name of the AIR.
    pub air: String,
    /// Main columns.
    pub width: usize,
    /// Rows used, without padding.
    pub rows: usize,
    /// Rows with padding, over all instances.
    pub padded_rows: usize,
    /// Number of instances.
    pub instances: usize,
}

/// Traces of a segment in key order, and their sizes.
pub struct ProofInput {
    /// One entry per AIR of the key.
    pub per_air: Vec<AirProofInput>,
    /// Rows and cells per AIR.
    pub usage: Vec<AirUsage>,
    /// Public values of the connector.
    pub connector: ConnectorPublicValues<F>,
    /// User public values at the end of the segment, in bytes.
    pub public_values: Vec<u8>,
}

/// Traces of one AIR and their rows without padding.
type Filled = (ChipTraces, usize);

impl<E, P> VmChipComplex<E, P>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    /// Ties the memory of a preflight run to the Merkle tree. `log` is the log of the run, `memory` the memory at its end.
    /// Moves `tree` from the initial to the final state of memory.
    pub fn close_memory(
        &self,
        memory: &GuestMemory,
        mut log: OfflineMemory,
        tree: &mut MerkleTree<Poseidon2Hasher>,
    ) -> RunMemory {
        let wide = log.take_wide();
        // With continuations, a path in the final tree shows the public values, so untouched ones need no row.
        let public_leaves =
            if self.config.continuation_enabled { 0 } else { self.config.num_public_values / LEAF_BYTES };
        RunMemory {
            boundary: finalize_memory(&self.config.memory_config, memory, log, tree, public_leaves),
            wide,
            public_values: memory.space_words(PUBLIC_VALUES_SPACE),
        }
    }

    /// Fills all traces of a segment.
    ///
    /// Lookup tables come last: their multiplicities are counted from the messages of all other traces.
    ///
    /// # Errors
    /// [`GenerationError`] if an AIR has more rows than the configuration allows, or if a row and its AIR disagree.
    pub fn generate_proof_input(
        mut self,
        cached: &CachedProgram,
        program: Arc<LoadedProgram>,
        run: SegmentRun,
    ) -> Result<ProofInput, GenerationError> {
        let CachedProgram { airs, max_log_heights, program_air } = cached;
        let SegmentRun { initial_pc, outcome, mut memory, executions } = run;
        let ctx = TraceContext { program: &program, split: self.split };
        self.check_access_widths(&memory.wide)?;
        let connector = ConnectorPublicValues::new(
            initial_pc,
            outcome.state.pc,
            outcome.exit.code(),
            matches!(outcome.exit, ExitStatus::Terminated(_)),
            memory.boundary.initial_root,
            memory.boundary.final_root,
        );
        self.base.connector.set_segment(connector, outcome.state.timestamp);
        if let Some(chip) = &mut self.base.public_values {
            chip.set_words(&memory.public_values);
        }
        let mut program_chip = ProgramChip::new(program_air.clone(), Arc::clone(&program));

        let fused = FusedRows::take(&self.fusion, self.inventory.executors_mut(), &executions)?;

        let slots = self.slots();
        let mut filled: Vec<Option<Filled>> = Vec::with_capacity(slots.len());
        for (&slot, &max_log_height) in slots.iter().zip(max_log_heights) {
            let ctx = ctx.with_max_log_height(max_log_height);
            let traces = match self.table(slot, &program_chip) {
                Some(_) => None,
                None => Some(self.fill(slot, &ctx, &mut program_chip, &mut memory, &fused)?),
            };
            filled.push(traces);
        }
        let tables: Vec<&dyn LookupTable> = slots.iter().filter_map(|slot| self.table(*slot, &program_chip)).collect();
        for (air, traces) in airs.iter().zip(&filled) {
            for trace in traces.iter().flat_map(|(traces, _)| &traces.traces) {
                let public_values = traces.as_ref().map_or(&[][..], |(traces, _)| &traces.public_values);
                count_into(&tables, air, trace, public_values)?;
            }
        }

        let mut usage = Vec::with_capacity(slots.len());
        let mut per_air = Vec::with_capacity(slots.len());
        for (index, (&slot, traces)) in slots.iter().zip(filled).enumerate() {
            let (ChipTraces { traces, public_values }, rows) = match traces {
                Some(traces) => traces,
                None => {
                    let ctx = ctx.with_max_log_height(max_log_heights[index]);
                    self.fill(slot, &ctx, &mut program_chip, &mut memory, &fused)?
                }
            };
            usage.push(AirUsage {
                air: airs[index].name(),
                width: airs[index].width(),
                rows,
                padded_rows: traces.iter().map(Matrix::height).sum(),
                instances: traces.len(),
            });
            per_air.push(AirProofInput { air: index, traces, public_values });
        }
        let public_values = memory.public_values.iter().flat_map(|word| word.to_le_bytes()).collect();
        Ok(ProofInput { per_air, usage, connector, public_values })
    }

    /// An executor that makes wide accesses without declaring them has no adapter.
    fn check_access_widths(&self, wide: &WideLog) -> Result<(), GenerationError> {
        match wide.widths().find(|words| !self.inventory.access_widths().any(|width| width == *words)) {
            None => Ok(()),
            Some(words) => Err(GenerationError::Internal(format!(
                "an executor made accesses of {words} words, but its extension does not call add_access_width({words})"
            ))),
        }
    }

    /// The lookup table in a slot, if it holds one.
    fn table<'a>(&'a self, slot: AirSlot, program: &'a ProgramChip) -> Option<&'a dyn LookupTable> {
        match slot {
            AirSlot::System(SystemAir::Program) => Some(program),
            AirSlot::System(SystemAir::Poseidon2) => Some(&self.base.poseidon2),
            AirSlot::System(SystemAir::Range) => Some(&self.base.range),
            AirSlot::Periphery(index) => self.inventory.periphery().get(index)?.as_lookup_table(),
            _ => None,
        }
    }

    /// Fills the traces of a slot, once.
    fn fill(
        &mut self,
        slot: AirSlot,
        ctx: &TraceContext<'_>,
        program: &mut ProgramChip,
        memory: &mut RunMemory,
        fused: &FusedRows,
    ) -> Result<Filled, GenerationError> {
        let missing = || GenerationError::Internal(format!("the machine has no chip for {slot:?}"));
        let base = &mut self.base;
        match slot {
            AirSlot::System(SystemAir::Program) => fill_chip(program, ctx),
            AirSlot::System(SystemAir::Connector) => fill_chip(&mut base.connector, ctx),
            AirSlot::System(SystemAir::PublicValues) => {
                fill_chip(base.public_values.as_mut().ok_or_else(missing)?, ctx)
            }
            AirSlot::System(SystemAir::Leaf) => memory.boundary.fill_leaves(ctx),
            AirSlot::System(SystemAir::Node) => memory.boundary.fill_nodes(ctx),
            AirSlot::System(SystemAir::Refresh) => memory.boundary.fill_refreshes(ctx),
            AirSlot::System(SystemAir::Adapter(air)) => {
                air.generate_traces(ctx, &memory.wide, self.config.memory_config.as_offset)
            }
            AirSlot::System(SystemAir::Poseidon2) => fill_chip(&mut base.poseidon2, ctx),
            AirSlot::System(SystemAir::Range) => fill_chip(&mut base.range, ctx),
            AirSlot::System(SystemAir::Phantom) => fill_chip(&mut base.phantom, ctx),
            AirSlot::Executor(id) => fill_chip(self.inventory.executors_mut().get_mut(id).ok_or_else(missing)?, ctx),
            AirSlot::Periphery(i) => fill_chip(self.inventory.periphery_mut().get_mut(i).ok_or_else(missing)?, ctx),
            AirSlot::PlannedInstructions => {
                let trace = RowMajorMatrix::new(vec![F::ONE], 1);
                Ok((ChipTraces { traces: vec![trace], public_values: Vec::new() }, 1))
            }
            AirSlot::Fused(path) => {
                let traces = fused.fill(path, &self.fusion, self.inventory.executors(), ctx)?;
                Ok((traces, fused.rows(path, &self.fusion)))
            }
        }
    }
}

fn fill_chip(chip: &mut impl Chip, ctx: &TraceContext<'_>) -> Result<Filled, GenerationError> {
    let rows = chip.current_trace_height();
    let traces = chip.generate_traces(ctx)?;
    // A table that no row queries may be absent.
    let rows = if traces.traces.is_empty() { 0 } else { rows };
    Ok((traces, rows))
}

/// Counts the queries of one trace in the tables that answer them.
fn count_into(
    tables: &[&dyn LookupTable],
    air: &AirRef,
    trace: &RowMajorMatrix<F>,
    public_values: &[F],
) -> Result<(), GenerationError> {
    let names: Vec<&str> = tables.iter().map(|table| table.bus().name).collect();
    let missing = count_lookups(
        &**air,
        trace,
        public_values,
        &names,
        || None,
        |missing: &mut Option<(usize, Vec<u32>)>, table, key, count| {
            if !tables[table].record(key, count.as_canonical_u32()) && missing.is_none() {
                *missing = Some((table, key.iter().map(PrimeField32::as_canonical_u32).collect()));
            }
        },
    );
    match missing.into_iter().flatten().next() {
        None => Ok(()),
        Some((table, key)) => {
            Err(GenerationError::LookupNotInTable { air: air.name(), bus: names[table].to_owned(), key })
        }
    }
}
