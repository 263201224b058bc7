//! Extensions and the inventory of a machine.

use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::instructions::{Instruction, VmOpcode};
use crate::stark::Bus;

use super::authoring::{Core, CoreAdapter, CoreChip, DecodeOperands, InstructionSpec, WordDecoder, core_chip};
use super::buses::{SystemPort, is_access_width};
use super::chip::{Chip, ChipUsageGetter};
use super::execution::InstructionExecutor;
use super::integration_api::VmAdapterChip;
use super::phantom::PhantomSubExecutor;

/// Access to the value inside of an enum (or of nested enums) as `Any`: how chips of one type are found again across
/// extensions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not expose its variants",
    note = "derive `AnyEnum` on the enum (every variant has exactly one field)"
)]
pub trait AnyEnum {
    /// The innermost value.
    fn as_any_kind(&self) -> &dyn Any;
    /// The innermost value, mutably.
    fn as_any_kind_mut(&mut self) -> &mut dyn Any;
}

/// An enum without variants, for extensions without executors or without periphery chips.
#[derive(Clone, Copy, Debug)]
pub enum NoChip {}

/// Index of an executor in the inventory.
pub type ExecutorId = usize;

/// Why a machine could not be put together.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VmInventoryError {
    /// Two executors claim an opcode.
    #[error("opcode {opcode} is claimed by {first} and by {second}")]
    OpcodeCollision {
        /// The opcode.
        opcode: VmOpcode,
        /// AIR name of the executor that has it.
        first: String,
        /// AIR name of the executor that asks for it.
        second: String,
    },
    /// Two instructions claim a word of guest programs.
    #[error(
        "instructions `{first}` and `{second}` share an encoding (the word {word:#010x} is both): change the opcode, funct3 \
         or funct7 of one of them"
    )]
    EncodingCollision {
        /// Name of the instruction that was registered first.
        first: &'static str,
        /// Name of the other one.
        second: &'static str,
        /// A word that has both encodings.
        word: u32,
    },
    /// Two phantom sub-executors claim a discriminant.
    #[error("phantom discriminant {discriminant:#x} is claimed twice (second: {second})")]
    PhantomCollision {
        /// The discriminant.
        discriminant: u16,
        /// Name of the second one.
        second: String,
    },
    /// A table for a bus is there twice.
    #[error("bus {bus} has two tables: {first} and {second}")]
    TableCollision {
        /// The bus.
        bus: String,
        /// First table.
        first: String,
        /// Second table.
        second: String,
    },
    /// An extension asks for wide accesses that no adapter serves.
    #[error(
        "an extension asks for memory accesses of {words} words: ask for 2, 4, 8, 16 or 32 (single words need no \
         adapter), and split or pad accesses of other widths"
    )]
    AccessWidth {
        /// Words asked for.
        words: usize,
    },
    /// An extension asks for wider accesses than the configuration allows.
    #[error(
        "an extension asks for memory accesses of {words} words, but memory_config.max_access_adapter_n is {max}: \
         raise it to at least {words}, or leave the extension out"
    )]
    AccessWidthAboveMaximum {
        /// Words asked for.
        words: usize,
        /// The configured maximum.
        max: usize,
    },
    /// A configuration value is out of range.
    #[error("configuration: {field} = {value} is out of range: {expected}")]
    Config {
        /// Which option.
        field: &'static str,
        /// Its value.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
}

/// Executors and periphery chips of an extension or of a machine, in order of registration.
pub struct VmInventory<E, P> {
    executors: Vec<E>,
    periphery: Vec<P>,
    instruction_lookup: BTreeMap<VmOpcode, ExecutorId>,
    specialised: BTreeMap<VmOpcode, Vec<ExecutorId>>,
    phantoms: Vec<(u16, Box<dyn PhantomSubExecutor>)>,
    buses: Vec<Bus>,
    access_widths: BTreeSet<usize>,
    decoders: Vec<WordDecoder>,
}

impl<E, P> Default for VmInventory<E, P> {
    fn default() -> Self {
        Self {
            executors: Vec::new(),
            periphery: Vec::new(),
            instruction_lookup: BTreeMap::new(),
            specialised: BTreeMap::new(),
            phantoms: Vec::new(),
            buses: Vec::new(),
            access_widths: BTreeSet::new(),
            decoders: Vec::new(),
        }
    }
}

impl<E: ChipUsageGetter, P> VmInventory<E, P> {
    /// An empty inventory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers an executor for its opcodes.
    pub fn add_executor(
        &mut self,
        executor: impl Into<E>,
        opcodes: impl IntoIterator<Item = VmOpcode>,
    ) -> Result<ExecutorId, VmInventoryError> {
        let executor = executor.into();
        let id = self.executors.len();
        for opcode in opcodes {
            if let Some(&other) = self.instruction_lookup.get(&opcode) {
                let first = self.executors.get(other).map_or_else(|| executor.air_name(), ChipUsageGetter::air_name);
                return Err(VmInventoryError::OpcodeCollision { opcode, first, second: executor.air_name() });
            }
            self.instruction_lookup.insert(opcode, id);
        }
        self.executors.push(executor);
        Ok(id)
    }

    /// Registers an executor that serves only those instructions of its opcodes that it accepts
    /// ([`InstructionExecutor::accepts`]), before the general executor: a cheaper circuit for a frequent special case.
    /// Both circuits prove the same semantics, so which one serves an instruction is the prover's choice.
    pub fn add_specialised_executor(
        &mut self,
        executor: impl Into<E>,
        opcodes: impl IntoIterator<Item = VmOpcode>,
    ) -> Result<ExecutorId, VmInventoryError> {
        let id = self.executors.len();
        for opcode in opcodes {
            self.specialised.entry(opcode).or_default().push(id);
        }
        self.executors.push(executor.into());
        Ok(id)
    }

    /// Registers an annotated instruction (or several that share a chip) with opcodes that the builder allocates, and the
    /// words of guest programs that encode it. Returns the first opcode.
    pub fn add_instruction<I: InstructionSpec>(
        &mut self,
        builder: &VmInventoryBuilder<'_>,
        instruction: I,
        wrap: impl FnOnce(I::Chip) -> E,
    ) -> Result<u32, VmInventoryError> {
        let first = builder.opcodes(I::OPCODE, I::INSTRUCTIONS.len());
        self.add_access_widths::<I::Operands>()?;
        for (info, opcode) in I::INSTRUCTIONS.iter().zip(first..) {
            let opcode = VmOpcode::from_u32(opcode);
            if let Some(encoding) = info.encoding {
                let operands = <I::Operands as DecodeOperands>::operands;
                self.add_decoder(WordDecoder { name: info.name, encoding, opcode: Some(opcode), operands })?;
            }
        }
        let chip = wrap(instruction.into_chip(builder.system_port(), first));
        self.add_executor(chip, (first..).take(I::INSTRUCTIONS.len()).map(VmOpcode::from_u32))?;
        Ok(first)
    }

    /// Registers a chip for special cases of an annotated instruction that was registered with opcodes from `first` on:
    /// the same core behind another adapter (see [`Self::add_specialised_executor`]).
    pub fn add_specialised_instruction<I, A>(
        &mut self,
        builder: &VmInventoryBuilder<'_>,
        first: u32,
        instruction: I,
        wrap: impl FnOnce(CoreChip<I, A>) -> E,
    ) -> Result<(), VmInventoryError>
    where
        I: Core,
        A: CoreAdapter<Interface = <I::Adapter as VmAdapterChip>::Interface>,
    {
        self.add_access_widths::<A>()?;
        let chip = wrap(core_chip::<I, A>(instruction, builder.system_port(), first));
        let opcodes = (first..).take(I::INSTRUCTIONS.len()).map(VmOpcode::from_u32);
        self.add_specialised_executor(chip, opcodes).map(|_| ())
    }

    fn add_access_widths<O: DecodeOperands>(&mut self) -> Result<(), VmInventoryError> {
        O::ACCESS_WIDTHS.iter().try_for_each(|&words| self.add_access_width(words))
    }

    /// Registers the words of guest programs that encode an instruction.
    pub fn add_decoder(&mut self, decoder: WordDecoder) -> Result<(), VmInventoryError> {
        if let Some(other) = self.decoders.iter().find(|other| other.encoding.overlaps(decoder.encoding)) {
            return Err(VmInventoryError::EncodingCollision {
                first: other.name,
                second: decoder.name,
                word: other.encoding.value | decoder.encoding.value,
            });
        }
        self.decoders.push(decoder);
        Ok(())
    }

    /// Registers a chip that executes nothing, such as a lookup table.
    pub fn add_periphery_chip(&mut self, chip: impl Into<P>) {
        self.periphery.push(chip.into());
    }

    /// Registers a phantom sub-instruction.
    pub fn add_phantom_sub_executor(
        &mut self,
        discriminant: u16,
        executor: impl PhantomSubExecutor + 'static,
    ) -> Result<(), VmInventoryError> {
        self.add_boxed_phantom(discriminant, Box::new(executor))
    }

    fn add_boxed_phantom(
        &mut self,
        discriminant: u16,
        executor: Box<dyn PhantomSubExecutor>,
    ) -> Result<(), VmInventoryError> {
        if self.phantoms.iter().any(|(other, _)| *other == discriminant) {
            return Err(VmInventoryError::PhantomCollision { discriminant, second: executor.name().to_owned() });
        }
        self.phantoms.push((discriminant, executor));
        Ok(())
    }

    /// Declares a bus that the extension's AIRs use beyond the system's.
    pub fn add_bus(&mut self, bus: Bus) {
        if !self.buses.contains(&bus) {
            self.buses.push(bus);
        }
    }

    /// Asks for the access adapters of a width, in words: 2, 4, 8, 16 or 32. Whoever calls
    /// [`MemoryBridge::read_wide`](crate::system::memory::MemoryBridge::read_wide) or `write_wide` needs them.
    pub fn add_access_width(&mut self, words: usize) -> Result<(), VmInventoryError> {
        if !is_access_width(words) {
            return Err(VmInventoryError::AccessWidth { words });
        }
        self.access_widths.insert(words);
        Ok(())
    }

    /// Appends another inventory, wrapping its executors and periphery chips.
    pub fn append_with<E2, P2>(
        &mut self,
        other: VmInventory<E2, P2>,
        executor: impl Fn(E2) -> E,
        periphery: impl Fn(P2) -> P,
    ) -> Result<(), VmInventoryError> {
        let mut general: Vec<Vec<VmOpcode>> = vec![Vec::new(); other.executors.len()];
        for (opcode, id) in other.instruction_lookup {
            general[id].push(opcode);
        }
        let first = self.executors.len();
        for (inner, opcodes) in other.executors.into_iter().zip(general) {
            self.add_executor(executor(inner), opcodes)?;
        }
        for (opcode, ids) in other.specialised {
            self.specialised.entry(opcode).or_default().extend(ids.into_iter().map(|id| first + id));
        }
        self.periphery.extend(other.periphery.into_iter().map(periphery));
        for (discriminant, phantom) in other.phantoms {
            self.add_boxed_phantom(discriminant, phantom)?;
        }
        for bus in other.buses {
            self.add_bus(bus);
        }
        for decoder in other.decoders {
            self.add_decoder(decoder)?;
        }
        self.access_widths.extend(other.access_widths);
        Ok(())
    }

    /// Builds an extension that sees the chips registered so far, and adds it.
    pub fn register<X: VmExtension>(
        &mut self,
        port: SystemPort,
        extension: &X,
        executor: impl Fn(X::Executor) -> E,
        periphery: impl Fn(X::Periphery) -> P,
    ) -> Result<(), VmInventoryError>
    where
        E: AnyEnum,
        P: AnyEnum,
    {
        let chips = self.periphery.iter().map(|chip| chip as &dyn AnyEnum);
        let chips = chips.chain(self.executors.iter().map(|chip| chip as &dyn AnyEnum)).collect();
        let builder = VmInventoryBuilder::new(port, chips);
        let used = self.instruction_lookup.keys().chain(self.specialised.keys()).map(|opcode| opcode.as_u32()).max();
        builder.next_opcode.set(used.map_or(ALLOCATED_OPCODES, |used| ALLOCATED_OPCODES.max(used.saturating_add(1))));
        let built = extension.build(&builder)?;
        self.append_with(built, executor, periphery)
    }

    /// Words of guest programs that encode instructions.
    pub fn decoders(&self) -> &[WordDecoder] {
        &self.decoders
    }

    /// Executors in order.
    pub fn executors(&self) -> &[E] {
        &self.executors
    }
    /// Executors in order, mutably.
    pub fn executors_mut(&mut self) -> &mut [E] {
        &mut self.executors
    }
    /// Periphery chips in order.
    pub fn periphery(&self) -> &[P] {
        &self.periphery
    }
    /// Periphery chips in order, mutably.
    pub fn periphery_mut(&mut self) -> &mut [P] {
        &mut self.periphery
    }
    /// Declared buses.
    pub fn buses(&self) -> &[Bus] {
        &self.buses
    }
    /// Widths of wide accesses that were asked for, ascending.
    pub fn access_widths(&self) -> impl Iterator<Item = usize> + '_ {
        self.access_widths.iter().copied()
    }
    /// The general executor of an opcode.
    pub fn executor_id(&self, opcode: VmOpcode) -> Option<ExecutorId> {
        self.instruction_lookup.get(&opcode).copied()
    }
    /// The executor of an instruction: a specialised one that accepts it, else the general one of its opcode if it does.
    pub fn executor_for(&self, instruction: &Instruction) -> Option<ExecutorId>
    where
        E: InstructionExecutor,
    {
        let specialised = self.specialised.get(&instruction.opcode).into_iter().flatten();
        specialised
            .copied()
            .find(|id| self.executors[*id].accepts(instruction))
            .or_else(|| self.executor_id(instruction.opcode).filter(|id| self.executors[*id].accepts(instruction)))
    }

    /// Opcodes with their general executors.
    pub fn opcodes(&self) -> impl Iterator<Item = (VmOpcode, ExecutorId)> + '_ {
        self.instruction_lookup.iter().map(|(opcode, id)| (*opcode, *id))
    }
    /// Takes the phantom sub-executors (they move into the phantom chip).
    pub fn take_phantoms(&mut self) -> Vec<(u16, Box<dyn PhantomSubExecutor>)> {
        std::mem::take(&mut self.phantoms)
    }
}

/// The first opcode that a machine allocates to annotated instructions; lower ones are for hand-written classes.
pub const ALLOCATED_OPCODES: u32 = 1 << 20;

/// What an extension sees while it is built: the system's buses and the chips that other extensions registered.
pub struct VmInventoryBuilder<'a> {
    system_port: SystemPort,
    chips: Vec<&'a dyn AnyEnum>,
    next_opcode: Cell<u32>,
}

impl<'a> VmInventoryBuilder<'a> {
    /// A builder that sees `chips`.
    pub fn new(system_port: SystemPort, chips: Vec<&'a dyn AnyEnum>) -> Self {
        Self { system_port, chips, next_opcode: Cell::new(ALLOCATED_OPCODES) }
    }

    /// The first of `count` opcodes: the pinned one, or the next that no instruction of the machine has.
    pub fn opcodes(&self, pinned: Option<u32>, count: usize) -> u32 {
        pinned.unwrap_or_else(|| self.next_opcode.replace(self.next_opcode.get() + count as u32))
    }

    /// Buses and bridges of the system.
    pub fn system_port(&self) -> SystemPort {
        self.system_port
    }

    /// Chips of type `C` that were registered before, such as a lookup table to share.
    pub fn find_chip<C: 'static>(&self) -> Vec<&'a C> {
        self.chips.iter().filter_map(|chip| chip.as_any_kind().downcast_ref()).collect()
    }
}

/// A modular set of instructions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a VM extension",
    note = "annotate it with `#[vm_extension(…)]`, or implement `VmExtension` by hand"
)]
pub trait VmExtension {
    /// Enum of the extension's executors.
    type Executor: InstructionExecutor + AnyEnum + Chip;
    /// Enum of the extension's other chips.
    type Periphery: AnyEnum + Chip;

    /// Registers executors with their opcodes, shared chips, phantom sub-instructions and buses.
    fn build(
        &self,
        builder: &VmInventoryBuilder<'_>,
    ) -> Result<VmInventory<Self::Executor, Self::Periphery>, VmInventoryError>;
}

/// A chip that `#[vm_extension]` can construct for an extension of type `Ext`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be built for the extension `{Ext}`",
    note = "implement `BuildChip<{Ext}>` for `{Self}`"
)]
pub trait BuildChip<Ext>: Sized {
    /// Builds the chip from the extension's parameters.
    fn build(extension: &Ext, builder: &VmInventoryBuilder<'_>) -> Result<Self, VmInventoryError>;
}
