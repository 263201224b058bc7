//! All chips of a machine: the system's and the inventory's.

use std::sync::Arc;

use p3_field::PrimeField32;

use crate::arch::{
    Chip, ChipTraces, ChipUsageGetter, ExecutionState, ExitStatus, GenerationError, GuestMemory, InstructionExecutor,
    LEAF_BYTES, LoadedProgram, LookupTable, OfflineMemory, PUBLIC_VALUES_SPACE, PhantomExecutor, Poseidon2Hasher,
    RunOutcome, SYSTEM_BUSES, SystemConfig, SystemPort, TraceContext, VmConfig, VmInventory, VmInventoryError, WideLog,
    wide_bus,
};
use crate::instructions::{VmOpcode, system_opcode_name};
use crate::primitives::RangeTable;
use crate::stark::{AirProofInput, AirRef, AirSet, F, count_lookups};
use crate::system::connector::{ConnectorPublicValues, VmConnectorChip};
use crate::system::memory::{
    AccessAdapterAir, LeafAir, MemoryBoundary, MerkleTree, NodeAir, RefreshAir, finalize_memory,
};
use crate::system::phantom::PhantomChip;
use crate::system::poseidon2::Poseidon2Chip;
use crate::system::program::{ProgramAir, ProgramChip};
use crate::system::public_values::PublicValuesChip;

/// Chips that every machine has.
pub struct SystemBase {
    /// Host side of phantom instructions, and their rows.
    pub phantom: PhantomChip,
    /// Range checks.
    pub range: RangeTable,
    /// Compressions of the memory tree.
    pub poseidon2: Poseidon2Chip,
    /// User public values, on machines without continuations.
    pub public_values: Option<PublicValuesChip>,
    /// Start and end of the segment.
    pub connector: VmConnectorChip,
    leaf: LeafAir,
    refresh: RefreshAir,
    /// Of the widths that extensions asked for, ascending: reads, then writes.
    adapters: Vec<AccessAdapterAir>,
}

/// All chips of a machine.
pub struct VmChipComplex<E, P> {
    config: SystemConfig,
    /// The system's chips.
    pub base: SystemBase,
    /// The extensions' chips.
    pub inventory: VmInventory<E, P>,
}

/// What a recording run leaves of memory, for the traces.
pub struct RunMemory {
    boundary: MemoryBoundary,
    wide: WideLog,
    /// Words of the public values' space at the end.
    public_values: Vec<u32>,
}

/// Rows and cells of one AIR in a segment.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AirUsage {
    /// Name.
    pub air: String,
    /// Main columns.
    pub width: usize,
    /// Rows used.
    pub rows: usize,
    /// Rows with padding, over all instances.
    pub padded_rows: usize,
    /// Number of instances.
    pub instances: usize,
}

/// Traces of a segment in key order, and what they use.
pub struct ProofInput {
    /// One entry per AIR of the key.
    pub per_air: Vec<AirProofInput>,
    /// Rows and cells per AIR.
    pub usage: Vec<AirUsage>,
    /// Public values of the connector.
    pub connector: ConnectorPublicValues<F>,
    /// Bytes of user public values at the end of the segment.
    pub public_values: Vec<u8>,
}

impl<E, P> VmChipComplex<E, P>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    /// Builds the chips of a configuration.
    pub fn new<VC: VmConfig<Executor = E, Periphery = P>>(config: &VC) -> Result<Self, VmInventoryError> {
        let system = config.system().clone();
        system.validate()?;
        let mut inventory = config.create_inventory(SystemPort::default())?;
        let memory = &system.memory_config;
        let max = memory.max_access_adapter_n;
        if let Some(words) = inventory.access_widths().find(|words| *words > max) {
            return Err(VmInventoryError::AccessWidthAboveMaximum { words, max });
        }
        let widths = inventory.access_widths().flat_map(|words| [(words, false), (words, true)]);
        let adapters = widths.filter_map(|(words, is_write)| AccessAdapterAir::new(words, is_write)).collect();
        let with_public_values = !system.continuation_enabled && system.num_public_values > 0;
        let base = SystemBase {
            phantom: PhantomChip { executor: PhantomExecutor::new(inventory.take_phantoms()) },
            range: RangeTable::default(),
            poseidon2: Poseidon2Chip::default(),
            public_values: with_public_values.then(|| PublicValuesChip::new(system.num_public_values)),
            connector: VmConnectorChip::new(memory),
            leaf: LeafAir::new(memory, system.num_public_values, system.continuation_enabled),
            refresh: RefreshAir::new(memory),
            adapters,
        };
        let complex = Self { config: system, base, inventory };
        complex.check_tables()?;
        Ok(complex)
    }

    fn check_tables(&self) -> Result<(), VmInventoryError> {
        let mut seen: Vec<(&str, String)> = Vec::new();
        let system: [&dyn Chip; 2] = [&self.base.range, &self.base.poseidon2];
        for chip in system.into_iter().chain(self.inventory.periphery().iter().map(|chip| chip as &dyn Chip)) {
            let Some(table) = chip.as_lookup_table() else { continue };
            let bus = table.bus().name;
            if let Some((_, first)) = seen.iter().find(|(name, _)| *name == bus) {
                let (first, second) = (first.clone(), chip.air_name());
                return Err(VmInventoryError::TableCollision { bus: bus.to_owned(), first, second });
            }
            seen.push((bus, chip.air_name()));
        }
        Ok(())
    }

    /// System configuration.
    pub fn config(&self) -> &SystemConfig {
        &self.config
    }

    /// Spreads every AIR over at most this many instances, if the configuration allows more.
    pub fn limit_instances(&mut self, max_instances: usize) {
        self.config.max_instances = self.config.max_instances.min(max_instances);
    }

    /// Resolves a program's opcodes to this machine's executors.
    pub fn load_program(&self, program: &crate::instructions::Program) -> LoadedProgram {
        LoadedProgram::new(program, |instruction| self.inventory.executor_for(instruction))
    }

    /// Name of an opcode, for reports.
    pub fn opcode_name(&self, opcode: VmOpcode) -> String {
        match self.inventory.executor_id(opcode).and_then(|id| self.inventory.executors().get(id)) {
            Some(executor) => executor.get_opcode_name(opcode),
            None => system_opcode_name(opcode),
        }
    }

    /// AIRs and buses, in the order of the key: the system's, the executors', the periphery's.
    pub fn air_set(&self, program: ProgramAir) -> AirSet {
        let mut airs: Vec<AirRef> = vec![Arc::new(program), self.base.connector.air()];
        airs.extend(self.base.public_values.as_ref().map(Chip::air));
        airs.push(Arc::new(self.base.leaf.clone()));
        airs.push(Arc::new(NodeAir));
        airs.push(Arc::new(self.base.refresh.clone()));
        airs.extend(self.base.adapters.iter().map(|air| -> AirRef { Arc::new(air.clone()) }));
        airs.extend([self.base.poseidon2.air(), self.base.range.air(), self.base.phantom.air()]);
        airs.extend(self.inventory.executors().iter().map(Chip::air));
        airs.extend(self.inventory.periphery().iter().map(Chip::air));
        let mut buses = SYSTEM_BUSES.to_vec();
        buses.extend(self.inventory.access_widths().filter_map(wide_bus));
        for bus in self.inventory.buses() {
            if !buses.contains(bus) {
                buses.push(*bus);
            }
        }
        AirSet::new(airs, buses)
    }

    /// Makes the rows of the memory system from the memory at the end of a recording run, and its log. `tree` moves from
    /// the initial to the final state of memory.
    pub fn close_memory(
        &self,
        memory: &GuestMemory,
        mut log: OfflineMemory,
        tree: &mut MerkleTree<Poseidon2Hasher>,
    ) -> RunMemory {
        let wide = log.take_wide();
        // With continuations, public values are shown by a path in the final tree, so untouched ones need no row.
        let public_leaves =
            if self.config.continuation_enabled { 0 } else { self.config.num_public_values / LEAF_BYTES };
        RunMemory {
            boundary: finalize_memory(&self.config.memory_config, memory, log, tree, public_leaves),
            wide,
            public_values: memory.space_words(PUBLIC_VALUES_SPACE),
        }
    }

    /// Fills all traces of a run that began at `initial_pc`.
    pub fn generate_proof_input(
        mut self,
        airs: &[AirRef],
        program: Arc<LoadedProgram>,
        program_air: ProgramAir,
        initial_pc: u32,
        outcome: RunOutcome,
        memory: RunMemory,
    ) -> Result<ProofInput, GenerationError> {
        let ctx = TraceContext {
            program: &program,
            max_log_height: self.config.max_log_height,
            max_instances: self.config.max_instances,
        };
        let as_offset = self.config.memory_config.as_offset;
        let RunMemory { boundary, wide, public_values: public_words } = memory;
        let public_values: Vec<u8> = public_words.iter().flat_map(|word| word.to_le_bytes()).collect();
        if let Some(chip) = &mut self.base.public_values {
            chip.set_words(&public_words);
        }
        if let Some(words) = wide.widths().find(|words| !self.inventory.access_widths().any(|w| w == *words)) {
            return Err(GenerationError::Internal(format!(
                "an executor made accesses of {words} words, but its extension does not call add_access_width({words})"
            )));
        }
        let ExecutionState { pc: final_pc, timestamp } = outcome.state;
        let is_terminate = matches!(outcome.exit, ExitStatus::Terminated(_));
        let connector = ConnectorPublicValues::new(
            initial_pc,
            final_pc,
            outcome.exit.code(),
            is_terminate,
            boundary.initial_root,
            boundary.final_root,
        );

        // Everything that asks tables.
        let [leaf, node, refresh] = boundary.generate_traces(&ctx)?;
        let memory_rows = [boundary.leaves.len(), boundary.nodes.len(), boundary.num_refreshes()];
        drop(boundary);
        self.base.connector.set_segment(connector, timestamp);
        let mut asking: Vec<(ChipTraces, usize)> = vec![(self.base.connector.generate_traces(&ctx)?, 1)];
        if let Some(chip) = &mut self.base.public_values {
            asking.push((chip.generate_traces(&ctx)?, 1));
        }
        asking.extend([leaf, node, refresh].into_iter().zip(memory_rows));
        for air in &self.base.adapters {
            asking.push(air.generate_traces(&ctx, &wide, as_offset)?);
        }
        drop(wide);
        let phantom_rows = self.base.phantom.current_trace_height();
        let phantom = (self.base.phantom.generate_traces(&ctx)?, phantom_rows);
        let mut executors = Vec::with_capacity(self.inventory.executors().len());
        for chip in self.inventory.executors_mut() {
            let rows = chip.current_trace_height();
            executors.push((chip.generate_traces(&ctx)?, rows));
        }
        let mut periphery: Vec<Option<(ChipTraces, usize)>> = Vec::new();
        for chip in self.inventory.periphery_mut() {
            let rows = chip.current_trace_height();
            periphery.push(match chip.as_lookup_table() {
                Some(_) => None,
                None => Some((chip.generate_traces(&ctx)?, rows)),
            });
        }

        // Multiplicities are derived from the traces and the AIRs' own messages.
        let mut program_chip = ProgramChip::new(program_air, Arc::clone(&program));
        {
            let mut tables: Vec<&dyn LookupTable> = vec![&program_chip, &self.base.range, &self.base.poseidon2];
            tables.extend(self.inventory.periphery().iter().filter_map(Chip::as_lookup_table));
            // Index of the first AIR of each group in key order: Program is 0.
            let with_phantom = asking.len() + 3;
            let first_executor = with_phantom + 1;
            let indexed = (1..)
                .zip(&asking)
                .chain(std::iter::once((with_phantom, &phantom)))
                .chain((first_executor..).zip(&executors))
                .chain(
                    (first_executor + executors.len()..).zip(&periphery).filter_map(|(i, t)| Some((i, t.as_ref()?))),
                );
            for (air, (traces, _)) in indexed {
                for trace in &traces.traces {
                    count_into(&tables, &airs[air], trace, &traces.public_values)?;
                }
            }
        }

        let program_rows = program_chip.current_trace_height();
        let mut all = vec![(program_chip.generate_traces(&ctx)?, program_rows)];
        all.extend(asking);
        let hashes = self.base.poseidon2.current_trace_height();
        all.push((self.base.poseidon2.generate_traces(&ctx)?, hashes));
        let range_rows = self.base.range.current_trace_height();
        all.push((self.base.range.generate_traces(&ctx)?, range_rows));
        all.push(phantom);
        all.extend(executors);
        for (chip, traces) in self.inventory.periphery_mut().iter_mut().zip(periphery) {
            all.push(match traces {
                Some(traces) => traces,
                None => {
                    let rows = chip.current_trace_height();
                    (chip.generate_traces(&ctx)?, rows)
                }
            });
        }

        let mut usage = Vec::with_capacity(all.len());
        let mut per_air = Vec::with_capacity(all.len());
        for (air, (traces, rows)) in all.into_iter().enumerate() {
            usage.push(AirUsage {
                air: airs[air].name(),
                width: airs[air].width(),
                rows,
                padded_rows: traces.traces.iter().map(|t| t.values.len() / t.width).sum(),
                instances: traces.traces.len(),
            });
            per_air.push(AirProofInput { air, traces: traces.traces, public_values: traces.public_values });
        }
        Ok(ProofInput { per_air, usage, connector, public_values })
    }
}

/// Counts the queries of one trace in the tables that answer them.
fn count_into(
    tables: &[&dyn LookupTable],
    air: &AirRef,
    trace: &p3_matrix::dense::RowMajorMatrix<F>,
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
