//! Checks of a machine's AIRs that depend on the meaning of the system's buses.
//!
//! The checks use the symbolic form of the AIRs only, so they cover AIRs that are written by hand, too. They run when
//! keys are made and when a verifying key is loaded.

mod error;
mod memory;
mod opcodes;
mod row;

use p3_field::{PrimeCharacteristicRing, PrimeField32};

pub use error::{AccessPart, MachineError};

use crate::arch::{Chip, EXECUTION_BUS, InstructionExecutor, MEMORY_BUS, MEMORY_WIDE_BUSES, PROGRAM_BUS, SYSTEM_BUSES};
use crate::stark::{AirSet, BusKind, F, SymbolicAir};

use super::complex::VmChipComplex;
use super::slots::{AirSlot, SystemAir};
use row::{Row, Sign};

/// Checks every AIR of a machine.
///
/// Soundness (M2): every AIR that executes advances time by a constant. The constant is at least 1, since otherwise a read
/// could receive its own send. It is at most the number of messages of the row, so that the bound on bus weights bounds
/// time. A wide access of N words that the row requests exactly when it executes also pays for N ticks: a row of an
/// adapter, with more than N messages, answers the request, and nothing else can. So only adapters may receive requests.
/// The connector is the only AIR with other messages on the execution bus.
///
/// Soundness (M3): see [`memory`]. Soundness (M36): see [`opcodes`].
///
/// Soundness (M37): an AIR sends and receives on the permutation buses of its own extension, and on the buses of the
/// system that are made for extensions. On any other bus, its rows could answer requests of AIRs that it does not know.
///
/// # Errors
/// [`MachineError`] for the first AIR that breaks a rule.
pub(super) fn check_machine<E, P>(complex: &VmChipComplex<E, P>, set: &AirSet) -> Result<(), MachineError>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    for (slot, air) in complex.slots().into_iter().zip(&set.airs) {
        // Their rows stand for rows of AIRs that are checked here.
        if matches!(slot, AirSlot::PlannedInstructions | AirSlot::Fused(_)) {
            continue;
        }
        let symbolic = SymbolicAir::record(&**air);
        check_buses(complex, slot, air.name(), &symbolic, set)?;
        let is_audited = |bus: &str| {
            bus == EXECUTION_BUS.name
                || bus == PROGRAM_BUS.name
                || bus == MEMORY_BUS.name
                || wide_buses().any(|(wide, _)| wide == bus)
        };
        if !symbolic.messages.iter().any(|message| is_audited(&message.bus)) {
            continue;
        }
        let row = Row::new(air, &symbolic);
        opcodes::check(&row, &complex.opcodes_of(slot))?;
        if slot == AirSlot::System(SystemAir::Connector) {
            continue;
        }
        check_wide_accesses(slot, &row)?;
        let step = check_execution(&row)?;
        if !is_memory(slot) {
            memory::check(&row, step.as_ref())?;
        }
    }
    Ok(())
}

/// Returns whether an AIR is a part of the memory argument itself. Its messages on the memory bus are no accesses.
fn is_memory(slot: AirSlot) -> bool {
    matches!(slot, AirSlot::System(SystemAir::Leaf | SystemAir::Node | SystemAir::Refresh))
}

/// Checks that an AIR of an extension has no messages on permutation buses of others.
fn check_buses<E, P>(
    complex: &VmChipComplex<E, P>,
    slot: AirSlot,
    air: String,
    symbolic: &SymbolicAir,
    set: &AirSet,
) -> Result<(), MachineError>
where
    E: InstructionExecutor + Chip,
    P: Chip,
{
    let inventory = &complex.inventory;
    let owner = match slot {
        AirSlot::System(_) | AirSlot::PlannedInstructions | AirSlot::Fused(_) => return Ok(()),
        AirSlot::Executor(id) => inventory.owner_of_executor(id),
        AirSlot::Periphery(index) => inventory.owner_of_periphery(index),
    };
    for message in &symbolic.messages {
        let bus = message.bus.as_str();
        let is_open = bus == EXECUTION_BUS.name || bus == MEMORY_BUS.name || wide_buses().any(|(wide, _)| wide == bus);
        // Key generation refuses buses that are not declared at all.
        let declared = set.buses.iter().find(|declared| declared.name == bus);
        let is_permutation = declared.is_some_and(|declared| declared.kind == BusKind::Permutation);
        if is_open || !is_permutation || inventory.has_bus(owner, bus) {
            continue;
        }
        let is_system = SYSTEM_BUSES.iter().any(|system| system.name == bus);
        let owner = if is_system { "the system".to_owned() } else { inventory.declarers_of(bus) };
        return Err(MachineError::ForeignBus { air, bus: bus.to_owned(), owner });
    }
    Ok(())
}

/// Checks that only access adapters receive requests of wide accesses.
fn check_wide_accesses(slot: AirSlot, row: &Row<'_>) -> Result<(), MachineError> {
    for (bus, words) in wide_buses() {
        let is_adapter = matches!(slot, AirSlot::System(SystemAir::Adapter(air)) if air.words() == words);
        for index in row.on(bus) {
            if row.sign(index)? == Sign::Receive && !is_adapter {
                return Err(MachineError::AnswersWideAccess { air: row.name(), bus: bus.to_owned() });
            }
        }
    }
    Ok(())
}

/// Returns the names of the buses of wide accesses, with their widths in words.
fn wide_buses() -> impl Iterator<Item = (&'static str, usize)> {
    MEMORY_WIDE_BUSES.iter().enumerate().map(|(i, bus)| (bus.name, 2 << i))
}

/// The step of execution that a row makes.
struct Step {
    /// Index of the message that sends the state after the step.
    send: usize,
    /// Index of the message that receives the state before it.
    receive: usize,
    /// Number of ticks.
    ticks: u32,
}

/// Checks the messages on the execution bus. Returns `None` if there are none.
fn check_execution(row: &Row<'_>) -> Result<Option<Step>, MachineError> {
    let name = || row.name();
    let indices: Vec<usize> = row.on(EXECUTION_BUS.name).collect();
    if indices.is_empty() {
        return Ok(None);
    }
    let mut receives = Vec::new();
    let mut sends = Vec::new();
    for index in indices {
        match row.sign(index)? {
            Sign::Receive => receives.push(index),
            Sign::Send => sends.push(index),
        }
    }
    let ([receive], [send]) = (&receives[..], &sends[..]) else {
        return Err(MachineError::ExecutionMessages { air: name(), receives: receives.len(), sends: sends.len() });
    };
    let (receive, send) = (*receive, *send);
    let count = row.count(send);
    if (0..count.len()).any(|point| count[point] + row.count(receive)[point] != F::ZERO) {
        return Err(MachineError::ExecutionCounts { air: name() });
    }
    let [before, after] = [receive, send].map(|index| row.fields(index));
    let (Some([pc, from]), Some([_, to])) = (before.first_chunk(), after.first_chunk()) else {
        // Key generation refuses messages with another number of fields.
        return Ok(None);
    };
    let mut lookups = row.on(PROGRAM_BUS.name);
    if !lookups.any(|lookup| row.count(lookup) == count && row.fields(lookup).first() == Some(pc)) {
        return Err(MachineError::NoProgramLookup { air: name() });
    }
    // Provided entries have no weight in the bound on bus weights, so they do not pay for time.
    let weight: usize = row.symbolic().messages.iter().map(|message| message.weight as usize).sum();
    // Requests of a width count only if the row makes the same number of them whenever it executes.
    let wide: usize = wide_buses()
        .map(|(bus, words)| {
            let requests: Vec<usize> = row.on(bus).collect();
            let is_made = |k: &usize| {
                (0..count.len()).all(|point| {
                    let sum: F = requests.iter().map(|request| row.count(*request)[point]).sum();
                    F::from_usize(*k) * count[point] == sum
                })
            };
            (0..=requests.len()).find(is_made).unwrap_or(0) * words
        })
        .sum();
    let max = weight + wide;
    let delta = row::constant_difference(to, from).map(|delta| delta.as_canonical_u32());
    match delta {
        Some(ticks) if ticks >= 1 && ticks as usize <= max => Ok(Some(Step { send, receive, ticks })),
        delta => Err(MachineError::TimeAdvance { air: name(), delta, max }),
    }
}
