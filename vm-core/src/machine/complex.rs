//! All chips of a machine: the system's and the inventory's.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::arch::{
    Chip, ExecutorId, InstructionExecutor, LoadedProgram, PhantomExecutor, SYSTEM_BUSES, SplitRule, SystemConfig,
    SystemPort, VmConfig, VmInventory, VmInventoryError, wide_bus,
};
use crate::instructions::{Instruction, LocalOpcode, Program, SystemOpcode, VmOpcode, system_opcode_name};
use crate::primitives::RangeTable;
use crate::stark::{AirRef, AirSet, Bus, ProverMemory};
use crate::system::connector::VmConnectorChip;
use crate::system::memory::{AccessAdapterAir, LeafAir, NodeAir, RefreshAir};
use crate::system::phantom::PhantomChip;
use crate::system::poseidon2::Poseidon2Chip;
use crate::system::program::ProgramAir;
use crate::system::public_values::{PublicValuesAir, PublicValuesChip};

use super::fusion::{FusableMachine, Fuser, Fusion, FusionError};
use super::slots::{AirSlot, SystemAir};

/// Chips that every machine has.
pub struct SystemBase {
    /// Phantom instructions.
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
}

/// All chips of a machine.
pub struct VmChipComplex<E, P> {
    pub(super) config: SystemConfig,
    /// The system's chips.
    pub base: SystemBase,
    /// The extensions' chips.
    pub inventory: VmInventory<E, P>,
    pub(super) fusion: Arc<Fusion>,
    pub(super) split: SplitRule,
}

impl<E, P> VmChipComplex<E, P>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    /// Builds the chips of a configuration.
    ///
    /// # Errors
    /// [`VmInventoryError`] if an option is out of range, if two extensions claim the same opcode, encoding, phantom
    /// discriminant or bus, or if an extension uses wider accesses than `max_access_adapter_n`.
    pub fn new<VC: VmConfig<Executor = E, Periphery = P>>(config: &VC) -> Result<Self, VmInventoryError> {
        let system = config.system().clone();
        system.validate()?;
        let mut inventory = config.create_inventory(SystemPort::default())?;
        let memory = &system.memory_config;
        let max = memory.max_access_adapter_n;
        if let Some(words) = inventory.access_widths().find(|words| *words > max) {
            return Err(VmInventoryError::AccessWidthAboveMaximum { words, max });
        }
        let with_public_values = !system.continuation_enabled && system.num_public_values > 0;
        let base = SystemBase {
            phantom: PhantomChip { executor: PhantomExecutor::new(inventory.take_phantoms()) },
            range: RangeTable::default(),
            poseidon2: Poseidon2Chip::default(),
            public_values: with_public_values.then(|| PublicValuesChip::new(system.num_public_values)),
            connector: VmConnectorChip::new(memory),
            leaf: LeafAir::new(memory, system.num_public_values, system.continuation_enabled),
            refresh: RefreshAir::new(memory),
        };
        let split = system.split_rule(ProverMemory::default());
        let complex = Self { config: system, base, inventory, fusion: Arc::default(), split };
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

    /// Adds the circuits of fused paths, which were made for this machine.
    pub fn with_fusion(self, fusion: Arc<Fusion>) -> Self {
        Self { fusion, ..self }
    }

    /// System configuration.
    pub fn config(&self) -> &SystemConfig {
        &self.config
    }

    /// Sets how rows are spread over instances: over at most this number of instances per AIR, or fewer if the configuration
    /// says so, of which each saves this number of rows ([`SplitRule::rows_per_instance`]).
    pub fn split_for(&mut self, max_instances: usize, rows_per_instance: usize) {
        let max_instances = max_instances.min(self.config.max_instances);
        self.split = SplitRule { max_instances, rows_per_instance, ..self.split };
    }

    /// Resolves the opcodes of a program to this machine's executors.
    pub fn load_program(&self, program: &Program) -> LoadedProgram {
        LoadedProgram::new(program, |instruction| self.inventory.executor_for(instruction))
    }

    /// Returns what makes circuits of sequences of instructions from those of this machine.
    pub fn fuser(&self) -> Fuser<'_> {
        Fuser::new(self)
    }

    /// Returns the name of an opcode, for reports.
    pub fn opcode_name(&self, opcode: VmOpcode) -> String {
        match self.inventory.executor_id(opcode).and_then(|id| self.inventory.executors().get(id)) {
            Some(executor) => executor.get_opcode_name(opcode),
            None => system_opcode_name(opcode),
        }
    }

    /// Every AIR of the machine, once: the order of its keys, proofs and reports.
    pub fn slots(&self) -> Vec<AirSlot> {
        use SystemAir as S;
        let mut slots = vec![S::Program, S::Connector];
        slots.extend(self.base.public_values.as_ref().map(|_| S::PublicValues));
        slots.extend([S::Leaf, S::Node, S::Refresh]);
        let adapters = self.inventory.access_widths().flat_map(|words| [(words, false), (words, true)]);
        let adapters = adapters.filter_map(|(words, is_write)| AccessAdapterAir::new(words, is_write));
        slots.extend(adapters.map(S::Adapter));
        slots.extend([S::Poseidon2, S::Range, S::Phantom]);
        let system = slots.into_iter().map(AirSlot::System);
        let executors = (0..self.inventory.executors().len()).map(AirSlot::Executor);
        let periphery = (0..self.inventory.periphery().len()).map(AirSlot::Periphery);
        let planned = (!self.fusion.plan.is_empty()).then_some(AirSlot::PlannedInstructions);
        let fused = (0..self.fusion.circuits.len()).map(AirSlot::Fused);
        system.chain(executors).chain(periphery).chain(planned).chain(fused).collect()
    }

    /// Opcodes that an AIR may look up in the program table.
    pub(super) fn opcodes_of(&self, slot: AirSlot) -> BTreeSet<u32> {
        let system = |opcode: SystemOpcode| BTreeSet::from([opcode.global_opcode().as_u32()]);
        match slot {
            AirSlot::System(SystemAir::Connector) => system(SystemOpcode::TERMINATE),
            AirSlot::System(SystemAir::Phantom) => system(SystemOpcode::PHANTOM),
            AirSlot::Executor(id) => self.inventory.opcodes_of(id),
            AirSlot::System(_) | AirSlot::Periphery(_) | AirSlot::PlannedInstructions | AirSlot::Fused(_) => {
                BTreeSet::new()
            }
        }
    }

    /// AIRs in the order of [`Self::slots`], and buses.
    pub fn air_set(&self, program: ProgramAir) -> AirSet {
        let airs = self.slots().into_iter().map(|slot| self.air(slot, &program)).collect();
        AirSet::new(airs, self.buses())
    }

    fn buses(&self) -> Vec<Bus> {
        let mut buses = SYSTEM_BUSES.to_vec();
        buses.extend(self.inventory.access_widths().filter_map(wide_bus));
        for bus in self.inventory.buses() {
            if !buses.contains(&bus) {
                buses.push(bus);
            }
        }
        buses
    }

    /// The AIR of one of [`Self::slots`].
    fn air(&self, slot: AirSlot, program: &ProgramAir) -> AirRef {
        let base = &self.base;
        match slot {
            AirSlot::System(SystemAir::Program) => Arc::new(program.clone()),
            AirSlot::System(SystemAir::Connector) => base.connector.air(),
            AirSlot::System(SystemAir::PublicValues) => Arc::new(PublicValuesAir::new(self.config.num_public_values)),
            AirSlot::System(SystemAir::Leaf) => Arc::new(base.leaf.clone()),
            AirSlot::System(SystemAir::Node) => Arc::new(NodeAir),
            AirSlot::System(SystemAir::Refresh) => Arc::new(base.refresh.clone()),
            AirSlot::System(SystemAir::Adapter(air)) => Arc::new(air),
            AirSlot::System(SystemAir::Poseidon2) => base.poseidon2.air(),
            AirSlot::System(SystemAir::Range) => base.range.air(),
            AirSlot::System(SystemAir::Phantom) => base.phantom.air(),
            AirSlot::Executor(id) => self.inventory.executors()[id].air(),
            AirSlot::Periphery(index) => self.inventory.periphery()[index].air(),
            AirSlot::PlannedInstructions => self.fusion.instructions_air(),
            AirSlot::Fused(path) => Arc::clone(&self.fusion.circuits[path]) as AirRef,
        }
    }
}

impl<E, P> FusableMachine for VmChipComplex<E, P>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    fn executor_for(&self, instruction: &Instruction) -> Option<ExecutorId> {
        self.inventory.executor_for(instruction)
    }

    fn air_of(&self, executor: ExecutorId) -> Result<AirRef, FusionError> {
        let chip = &self.inventory.executors()[executor];
        if chip.can_set_aside() {
            return Ok(chip.air());
        }
        let reason = "its chip cannot set records aside";
        Err(FusionError::NotFusable { air: chip.air_name(), reason })
    }

    fn declared_buses(&self) -> Vec<Bus> {
        self.buses()
    }
}
