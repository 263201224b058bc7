//! Extensions, and the inventory of their chips.

mod error;

use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use p3_field::PrimeField32;

pub use error::VmInventoryError;

use crate::instructions::{Instruction, VmOpcode};
use crate::stark::{Bus, BusKind, F};

use super::authoring::{
    Core, CoreAdapter, CoreChip, DecodeOperands, InstructionSpec, PhantomSpec, WordDecoder, core_chip, phantom_decoder,
};
use super::bridges::SystemPort;
use super::buses::{MEMORY_WIDE_BUSES, SYSTEM_BUSES, is_access_width};
use super::chip::{Chip, ChipUsageGetter};
use super::execution::{ExecutorId, InstructionExecutor, PhantomSubExecutor};
use super::integration_api::VmAdapterChip;

/// Access to the value inside an enum, or inside nested enums, as [`Any`]. It makes it possible to find chips of a type
/// that another extension has registered.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not expose its variants",
    note = "derive `AnyEnum` on the enum (every variant has exactly one field)"
)]
pub trait AnyEnum {
    /// Returns the innermost value.
    fn as_any_kind(&self) -> &dyn Any;
    /// Returns the innermost value for changes.
    fn as_any_kind_mut(&mut self) -> &mut dyn Any;
}

/// Extension of an inventory, by its index in the list of their names. `None` stands for the extension that is being
/// built.
type Owner = Option<usize>;

/// Executors and periphery chips of an extension or of a machine, in order of registration.
pub struct VmInventory<E, P> {
    executors: Vec<E>,
    periphery: Vec<P>,
    /// Names of the extensions that were appended.
    extensions: Vec<&'static str>,
    executor_owners: Vec<Owner>,
    periphery_owners: Vec<Owner>,
    instruction_lookup: BTreeMap<VmOpcode, ExecutorId>,
    specialised: BTreeMap<VmOpcode, Vec<ExecutorId>>,
    phantoms: Vec<(u16, Box<dyn PhantomSubExecutor>)>,
    buses: Vec<(Bus, Owner)>,
    access_widths: BTreeSet<usize>,
    decoders: Vec<WordDecoder>,
}

impl<E, P> Default for VmInventory<E, P> {
    fn default() -> Self {
        Self {
            executors: Vec::new(),
            periphery: Vec::new(),
            extensions: Vec::new(),
            executor_owners: Vec::new(),
            periphery_owners: Vec::new(),
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
    /// Creates an empty inventory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers an executor for its opcodes, and returns its index.
    ///
    /// # Errors
    /// - [`VmInventoryError::ReservedOpcode`] if an opcode is reserved, or not below the order of the field.
    /// - [`VmInventoryError::OpcodeCollision`] if another executor has one of the opcodes.
    pub fn add_executor(
        &mut self,
        executor: impl Into<E>,
        opcodes: impl IntoIterator<Item = VmOpcode>,
    ) -> Result<ExecutorId, VmInventoryError> {
        let executor = executor.into();
        let id = self.executors.len();
        for opcode in opcodes {
            check_opcode(&executor, opcode)?;
            if let Some(&other) = self.instruction_lookup.get(&opcode) {
                let first = self.executors.get(other).map_or_else(|| executor.air_name(), ChipUsageGetter::air_name);
                return Err(VmInventoryError::OpcodeCollision { opcode, first, second: executor.air_name() });
            }
            self.instruction_lookup.insert(opcode, id);
        }
        self.executors.push(executor);
        self.executor_owners.push(None);
        Ok(id)
    }

    /// Registers an executor with a cheaper circuit for special cases, and returns its index.
    ///
    /// The executor serves those instructions with its opcodes that it accepts ([`InstructionExecutor::accepts`]); the
    /// opcodes' general executor serves the others. Both circuits prove the same semantics, so the prover may choose
    /// which one serves an instruction.
    ///
    /// # Errors
    /// Returns [`VmInventoryError::ReservedOpcode`] if an opcode is reserved, or not below the order of the field.
    /// Several specialised executors may share an opcode.
    pub fn add_specialised_executor(
        &mut self,
        executor: impl Into<E>,
        opcodes: impl IntoIterator<Item = VmOpcode>,
    ) -> Result<ExecutorId, VmInventoryError> {
        let executor = executor.into();
        let id = self.executors.len();
        for opcode in opcodes {
            check_opcode(&executor, opcode)?;
            self.specialised.entry(opcode).or_default().push(id);
        }
        self.executors.push(executor);
        self.executor_owners.push(None);
        Ok(id)
    }

    /// Registers an annotated instruction, or several that share a chip, with their opcodes and encodings. Returns the
    /// first opcode, which the builder allocates unless the declaration pins it.
    ///
    /// # Errors
    /// - [`VmInventoryError::ReservedOpcode`] or [`VmInventoryError::OpcodesOutOfRange`] if a pinned opcode is reserved,
    ///   or if no opcodes are left to allocate.
    /// - [`VmInventoryError::OpcodeCollision`] if another executor has one of the opcodes.
    /// - [`VmInventoryError::EncodingCollision`] if another instruction has one of the encodings.
    /// - [`VmInventoryError::EncodingField`] if a field of an encoding is too large.
    /// - [`VmInventoryError::AccessWidth`] if the instruction requests a width for which there is no access adapter.
    pub fn add_instruction<I: InstructionSpec>(
        &mut self,
        builder: &VmInventoryBuilder<'_>,
        instruction: I,
        wrap: impl FnOnce(I::Chip) -> E,
    ) -> Result<u32, VmInventoryError> {
        let first = builder.opcodes(I::OPCODE, I::INSTRUCTIONS.len())?;
        self.add_access_widths::<I::Operands>()?;
        for ((index, info), opcode) in I::INSTRUCTIONS.iter().enumerate().zip(first..) {
            let opcode = VmOpcode::from_u32(opcode);
            if let Some(encoding) = instruction.encoding(index)? {
                let operands = <I::Operands as DecodeOperands>::operands;
                let (name, opcode) = (info.name, Some(opcode));
                self.add_decoder(WordDecoder { name, encoding, opcode, operands, discriminant: None })?;
            }
        }
        let chip = wrap(instruction.into_chip(builder.system_port(), first));
        self.add_executor(chip, (first..).take(I::INSTRUCTIONS.len()).map(VmOpcode::from_u32))?;
        Ok(first)
    }

    /// Registers a chip for special cases of an annotated instruction whose opcodes start at `first`. The chip has the
    /// same core and another adapter (see [`Self::add_specialised_executor`]).
    ///
    /// # Errors
    /// - [`VmInventoryError::AccessWidth`] if the adapter requests a width for which there is no access adapter.
    /// - [`VmInventoryError::OpcodesOutOfRange`] or [`VmInventoryError::ReservedOpcode`] if the opcodes are none that an
    ///   executor can have.
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
        check_range(u64::from(first), I::INSTRUCTIONS.len())?;
        let chip = wrap(core_chip::<I, A>(instruction, builder.system_port(), first));
        let opcodes = (first..).take(I::INSTRUCTIONS.len()).map(VmOpcode::from_u32);
        self.add_specialised_executor(chip, opcodes).map(|_| ())
    }

    fn add_access_widths<O: DecodeOperands>(&mut self) -> Result<(), VmInventoryError> {
        O::ACCESS_WIDTHS.iter().try_for_each(|&words| self.add_access_width(words))
    }

    /// Registers the decoder of an instruction's words.
    ///
    /// # Errors
    /// Returns [`VmInventoryError::EncodingCollision`] if another decoder has an encoding that overlaps.
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
        self.periphery_owners.push(None);
    }

    /// Registers a declared phantom instruction.
    ///
    /// # Errors
    /// - [`VmInventoryError::EncodingField`] if a parameter gives a field of its encoding a value that is too large.
    /// - [`VmInventoryError::EncodingCollision`] or [`VmInventoryError::PhantomCollision`] if another instruction has one of
    ///   its words, or its discriminant.
    pub fn add_phantom<S: PhantomSpec>(&mut self, phantom: S) -> Result<(), VmInventoryError> {
        if let Some(decoder) = phantom_decoder(&phantom)? {
            self.add_decoder(decoder)?;
        }
        self.add_phantom_sub_executor(phantom.discriminant(), phantom)
    }

    /// Registers the sub-executor of the phantom instructions with this discriminant.
    ///
    /// # Errors
    /// Returns [`VmInventoryError::PhantomCollision`] if another sub-executor has the discriminant.
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
        if let Some((_, other)) = self.phantoms.iter().find(|(other, _)| *other == discriminant) {
            let (first, second) = (other.name(), executor.name());
            return Err(VmInventoryError::PhantomCollision { discriminant, first, second });
        }
        self.phantoms.push((discriminant, executor));
        Ok(())
    }

    /// Declares a bus that the extension's AIRs use in addition to the system's buses.
    ///
    /// A permutation bus belongs to the extension: if another extension declares it as well, the machine cannot be
    /// built, unless both declare it as shared ([`Bus::shared`]). A lookup bus belongs to its table, and everyone may
    /// query it.
    pub fn add_bus(&mut self, bus: Bus) {
        if !self.buses.contains(&(bus, None)) {
            self.buses.push((bus, None));
        }
    }

    /// Requests the access adapters of a width, in words: 2, 4, 8, 16 or 32. AIRs that call
    /// [`MemoryBridge::read_wide`](crate::arch::MemoryBridge::read_wide) or
    /// [`write_wide`](crate::arch::MemoryBridge::write_wide) need them.
    ///
    /// # Errors
    /// Returns [`VmInventoryError::AccessWidth`] for other widths.
    pub fn add_access_width(&mut self, words: usize) -> Result<(), VmInventoryError> {
        if !is_access_width(words) {
            return Err(VmInventoryError::AccessWidth { words });
        }
        self.access_widths.insert(words);
        Ok(())
    }

    /// Appends another inventory. `executor` and `periphery` convert its chips.
    ///
    /// The other inventory's chips and buses remain those of an extension of their own: its permutation buses must not
    /// be declared here, too, unless they are shared.
    ///
    /// # Errors
    /// Returns [`VmInventoryError::OpcodeCollision`], [`VmInventoryError::EncodingCollision`],
    /// [`VmInventoryError::PhantomCollision`] or [`VmInventoryError::BusCollision`] if both inventories have the same
    /// opcode, overlapping encodings, the same phantom discriminant or the same permutation bus.
    pub fn append_with<E2, P2>(
        &mut self,
        other: VmInventory<E2, P2>,
        executor: impl Fn(E2) -> E,
        periphery: impl Fn(P2) -> P,
    ) -> Result<(), VmInventoryError> {
        self.append(std::any::type_name::<E2>(), other, executor, periphery)
    }

    /// Appends the inventory of the extension `name`.
    fn append<E2, P2>(
        &mut self,
        name: &'static str,
        other: VmInventory<E2, P2>,
        executor: impl Fn(E2) -> E,
        periphery: impl Fn(P2) -> P,
    ) -> Result<(), VmInventoryError> {
        let first_extension = self.extensions.len();
        let first_executor = self.executors.len();
        let own = first_extension + other.extensions.len();
        let owner = |owner: Owner| Some(owner.map_or(own, |owner| first_extension + owner));
        self.extensions.extend(other.extensions);
        self.extensions.push(name);
        let mut general: Vec<Vec<VmOpcode>> = vec![Vec::new(); other.executors.len()];
        for (opcode, id) in other.instruction_lookup {
            general[id].push(opcode);
        }
        for (inner, opcodes) in other.executors.into_iter().zip(general) {
            self.add_executor(executor(inner), opcodes)?;
        }
        self.executor_owners.truncate(first_executor);
        self.executor_owners.extend(other.executor_owners.into_iter().map(owner));
        for (opcode, ids) in other.specialised {
            self.specialised.entry(opcode).or_default().extend(ids.into_iter().map(|id| first_executor + id));
        }
        self.periphery.extend(other.periphery.into_iter().map(periphery));
        self.periphery_owners.extend(other.periphery_owners.into_iter().map(owner));
        for (discriminant, phantom) in other.phantoms {
            self.add_boxed_phantom(discriminant, phantom)?;
        }
        for (bus, of) in other.buses {
            let of = owner(of);
            self.check_bus(bus, of)?;
            self.buses.push((bus, of));
        }
        for decoder in other.decoders {
            self.add_decoder(decoder)?;
        }
        self.access_widths.extend(other.access_widths);
        Ok(())
    }

    /// Checks that the bus of an extension is not a bus of others.
    ///
    /// Soundness (M37): messages are told apart by the name of their bus only. If two extensions had the same
    /// permutation bus, rows of one could answer requests of the other. Lookup buses are safe, since only one table
    /// provides entries, and a query proves nothing but that the table has the entry.
    fn check_bus(&self, bus: Bus, owner: Owner) -> Result<(), VmInventoryError> {
        let system = SYSTEM_BUSES.iter().chain(&MEMORY_WIDE_BUSES).map(|other| (*other, "the system"));
        let others = self.buses.iter().filter(|(_, of)| *of != owner).map(|(other, of)| (*other, self.name_of(*of)));
        let may_agree = bus.kind == BusKind::Lookup || bus.is_shared;
        match system.chain(others).find(|(other, _)| other.name == bus.name && !(*other == bus && may_agree)) {
            Some((_, first)) => Err(VmInventoryError::BusCollision {
                bus: bus.name.to_owned(),
                first: first.to_owned(),
                second: self.name_of(owner).to_owned(),
            }),
            None => Ok(()),
        }
    }

    fn name_of(&self, owner: Owner) -> &'static str {
        owner.and_then(|owner| self.extensions.get(owner).copied()).unwrap_or("the machine itself")
    }

    /// Builds an extension and appends its inventory. The extension can find the chips that were registered before.
    ///
    /// # Errors
    /// Returns the error of [`VmExtension::build`], or an error of [`Self::append_with`] if the extension collides with
    /// another one.
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
        self.append(std::any::type_name::<X>(), built, executor, periphery)
    }

    /// Returns the decoders of instruction words, in order of registration.
    pub fn decoders(&self) -> &[WordDecoder] {
        &self.decoders
    }

    /// Returns the executors in order of registration.
    pub fn executors(&self) -> &[E] {
        &self.executors
    }
    /// Returns the executors in order of registration, for changes.
    pub fn executors_mut(&mut self) -> &mut [E] {
        &mut self.executors
    }
    /// Returns the periphery chips in order of registration.
    pub fn periphery(&self) -> &[P] {
        &self.periphery
    }
    /// Returns the periphery chips in order of registration, for changes.
    pub fn periphery_mut(&mut self) -> &mut [P] {
        &mut self.periphery
    }
    /// Removes executors, with their opcodes.
    #[cfg(feature = "prover")]
    pub(crate) fn retain_executors(&mut self, keep: impl Fn(&E) -> bool) {
        let mut new_ids = BTreeMap::new();
        let executors = std::mem::take(&mut self.executors).into_iter().zip(std::mem::take(&mut self.executor_owners));
        for (id, (executor, owner)) in executors.enumerate().filter(|(_, (executor, _))| keep(executor)) {
            new_ids.insert(id, self.executors.len());
            self.executors.push(executor);
            self.executor_owners.push(owner);
        }
        self.instruction_lookup.retain(|_, id| new_ids.contains_key(id));
        self.instruction_lookup.values_mut().for_each(|id| *id = new_ids[id]);
        for ids in self.specialised.values_mut() {
            *ids = ids.iter().filter_map(|id| new_ids.get(id).copied()).collect();
        }
        self.specialised.retain(|_, ids| !ids.is_empty());
    }
    /// Returns the periphery chips in order of registration, without the inventory.
    pub fn into_periphery(self) -> Vec<P> {
        self.periphery
    }
    /// Returns the buses that extensions declared ([`Self::add_bus`]).
    pub fn buses(&self) -> Vec<Bus> {
        self.buses.iter().map(|(bus, _)| *bus).collect()
    }

    /// Returns the opcodes for which an executor is registered, also as a specialised one.
    pub(crate) fn opcodes_of(&self, id: ExecutorId) -> BTreeSet<u32> {
        let general = self.instruction_lookup.iter().filter(|(_, general)| **general == id).map(|(opcode, _)| opcode);
        let specialised = self.specialised.iter().filter(|(_, ids)| ids.contains(&id)).map(|(opcode, _)| opcode);
        general.chain(specialised).map(|opcode| opcode.as_u32()).collect()
    }

    /// Returns the extension of an executor.
    pub(crate) fn owner_of_executor(&self, id: ExecutorId) -> Option<usize> {
        self.executor_owners.get(id).copied().flatten()
    }

    /// Returns the extension of a periphery chip.
    pub(crate) fn owner_of_periphery(&self, index: usize) -> Option<usize> {
        self.periphery_owners.get(index).copied().flatten()
    }

    /// Returns whether an extension has declared a bus.
    pub(crate) fn has_bus(&self, owner: Option<usize>, name: &str) -> bool {
        self.buses.iter().any(|(bus, of)| bus.name == name && *of == owner)
    }

    /// Returns the names of the extensions that have declared a bus.
    pub(crate) fn declarers_of(&self, name: &str) -> String {
        let declarers = self.buses.iter().filter(|(bus, _)| bus.name == name).map(|(_, of)| self.name_of(*of));
        declarers.collect::<Vec<_>>().join(" and ")
    }
    /// Returns the requested widths of wide accesses in words, in ascending order.
    pub fn access_widths(&self) -> impl Iterator<Item = usize> + '_ {
        self.access_widths.iter().copied()
    }
    /// Returns the index of the general executor of an opcode, if there is one.
    pub fn executor_id(&self, opcode: VmOpcode) -> Option<ExecutorId> {
        self.instruction_lookup.get(&opcode).copied()
    }
    /// Returns the index of the executor that serves an instruction: the first specialised one that accepts it, or else
    /// the general one if it accepts it.
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

    /// Returns all opcodes in ascending order, each with the index of its general executor.
    pub fn opcodes(&self) -> impl Iterator<Item = (VmOpcode, ExecutorId)> + '_ {
        self.instruction_lookup.iter().map(|(opcode, id)| (*opcode, *id))
    }
    /// Takes the phantom sub-executors with their discriminants, to move them into a
    /// [`PhantomExecutor`](crate::arch::PhantomExecutor).
    pub fn take_phantoms(&mut self) -> Vec<(u16, Box<dyn PhantomSubExecutor>)> {
        std::mem::take(&mut self.phantoms)
    }
}

fn check_opcode(executor: &impl ChipUsageGetter, opcode: VmOpcode) -> Result<(), VmInventoryError> {
    match opcode.reserved() {
        Some(reason) => Err(VmInventoryError::ReservedOpcode { opcode, executor: executor.air_name(), reason }),
        None => Ok(()),
    }
}

/// Checks that `count` consecutive opcodes are field elements.
fn check_range(first: u64, count: usize) -> Result<(), VmInventoryError> {
    match first.checked_add(count as u64) {
        Some(end) if end <= u64::from(F::ORDER_U32) => Ok(()),
        _ => Err(VmInventoryError::OpcodesOutOfRange { first, count }),
    }
}

/// First opcode that a machine allocates to annotated instructions. Lower opcodes are for declarations that pin them.
pub const ALLOCATED_OPCODES: u32 = 1 << 20;

/// Context in which an extension is built: the system's buses, and the chips of extensions that were registered before.
pub struct VmInventoryBuilder<'a> {
    system_port: SystemPort,
    chips: Vec<&'a dyn AnyEnum>,
    next_opcode: Cell<u32>,
}

impl<'a> VmInventoryBuilder<'a> {
    /// Creates a builder with which an extension can find `chips`.
    pub fn new(system_port: SystemPort, chips: Vec<&'a dyn AnyEnum>) -> Self {
        Self { system_port, chips, next_opcode: Cell::new(ALLOCATED_OPCODES) }
    }

    /// Returns the first of `count` consecutive opcodes: `pinned` if given, or else newly allocated ones.
    ///
    /// # Errors
    /// Returns [`VmInventoryError::OpcodesOutOfRange`] if one of them is not below the order of the field. Newly allocated
    /// opcodes follow the greatest opcode of the extensions that were registered before.
    pub fn opcodes(&self, pinned: Option<u32>, count: usize) -> Result<u32, VmInventoryError> {
        let first = pinned.unwrap_or_else(|| self.next_opcode.get());
        check_range(u64::from(first), count)?;
        if pinned.is_none() {
            // Below the order of the field, so it fits.
            self.next_opcode.set(first + count as u32);
        }
        Ok(first)
    }

    /// Returns the system's buses and bridges.
    pub fn system_port(&self) -> SystemPort {
        self.system_port
    }

    /// Returns the chips of type `C` that were registered before, such as a lookup table to share.
    pub fn find_chip<C: 'static>(&self) -> Vec<&'a C> {
        self.chips.iter().filter_map(|chip| chip.as_any_kind().downcast_ref()).collect()
    }
}

/// A set of instructions with their chips, which a machine can include.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a VM extension",
    note = "annotate it with `#[vm_extension(…)]`, or implement `VmExtension` by hand"
)]
pub trait VmExtension {
    /// Enum of the extension's executors.
    type Executor: InstructionExecutor + AnyEnum + Chip;
    /// Enum of the extension's periphery chips.
    type Periphery: AnyEnum + Chip;

    /// Builds the extension's inventory: executors with their opcodes, periphery chips, phantom sub-executors and
    /// buses.
    ///
    /// # Errors
    /// Returns an error if a parameter of the extension is out of range, or if its parts collide with each other.
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
    ///
    /// # Errors
    /// Returns an error if a parameter of the extension is out of range.
    fn build(extension: &Ext, builder: &VmInventoryBuilder<'_>) -> Result<Self, VmInventoryError>;
}
