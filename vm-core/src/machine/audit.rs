//! Checks of a machine's AIRs that depend on the meaning of the system's buses.

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thiserror::Error;

use crate::arch::{EXECUTION_BUS, MEMORY_WIDE_BUSES, PROGRAM_BUS};
use crate::stark::{AirRef, AirSet, F, RowBuilder, SymbolicAir, proves_boolean};

use super::slots::{AirSlot, SystemAir};

/// An AIR that breaks a rule of the execution bus or of wide accesses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MachineError {
    /// An instruction row must receive one execution state and send one.
    #[error("AIR {air} has {receives} receives and {sends} sends on the execution bus; an instruction has one of each")]
    ExecutionMessages {
        /// The AIR.
        air: String,
        /// Number of receives.
        receives: usize,
        /// Number of sends.
        sends: usize,
    },
    /// Time must advance by a constant. The constant is at least 1 and at most the number of messages of a row, plus the
    /// words of the wide accesses that the row requests whenever it executes.
    #[error("AIR {air} advances time by {delta:?}; an instruction must advance it by a constant between 1 and {max}")]
    TimeAdvance {
        /// The AIR.
        air: String,
        /// The advance, if it is constant.
        delta: Option<u32>,
        /// Messages of a row, and words of its wide accesses.
        max: usize,
    },
    /// Only access adapters answer requests of wide accesses.
    #[error("AIR {air} receives on bus {bus}; only access adapters do, others send with `read_wide` and `write_wide`")]
    AnswersWideAccess {
        /// The AIR.
        air: String,
        /// The bus.
        bus: String,
    },
    /// An instruction row must look its instruction up with the multiplicity of its execution messages.
    #[error("AIR {air} executes without looking its instruction up in the program table")]
    NoProgramLookup {
        /// The AIR.
        air: String,
    },
}

/// Number of random rows on which expressions are compared. Two different expressions of degree 3 agree on one random
/// row with probability below 2^-29.
const SAMPLES: usize = 3;

/// Checks every AIR of a machine. `slots` and `set` list the same AIRs in the same order.
///
/// Soundness (M2): every AIR that executes advances time by a constant. The constant is at least 1, since otherwise a read
/// could receive its own send. It is at most the number of messages of the row, so that the bound on bus weights bounds
/// time. A wide access of N words that the row requests exactly when it executes also pays for N ticks: a row of an
/// adapter, with more than N messages, answers the request, and nothing else can. So only adapters may receive requests.
/// The connector is the only AIR with other messages on the execution bus.
///
/// # Errors
/// [`MachineError`] for the first AIR that breaks a rule.
pub(super) fn check_machine(slots: &[AirSlot], set: &AirSet) -> Result<(), MachineError> {
    let airs = slots.iter().zip(&set.airs);
    airs.filter(|(slot, _)| **slot != AirSlot::System(SystemAir::Connector)).try_for_each(|(slot, air)| {
        let symbolic = SymbolicAir::record(&**air);
        check_wide_accesses(*slot, air, &symbolic)?;
        check_execution(air, &symbolic)
    })
}

fn check_wide_accesses(slot: AirSlot, air: &AirRef, symbolic: &SymbolicAir) -> Result<(), MachineError> {
    let name = air.name();
    for (bus, words) in wide_buses() {
        let is_adapter = matches!(slot, AirSlot::System(SystemAir::Adapter(air)) if air.words() == words);
        // Key generation has proven that every count is boolean or minus a boolean. A count that is not proven boolean is
        // therefore a receive.
        let mut counts = symbolic.messages.iter().filter(|message| message.bus == bus).map(|message| &message.count);
        let answers = counts.any(|count| !proves_boolean(&**air, symbolic, count));
        if answers && !is_adapter {
            return Err(MachineError::AnswersWideAccess { air: name, bus: bus.to_owned() });
        }
    }
    Ok(())
}

/// Returns the names of the buses of wide accesses, with their widths in words.
fn wide_buses() -> impl Iterator<Item = (&'static str, usize)> {
    MEMORY_WIDE_BUSES.iter().enumerate().map(|(i, bus)| (bus.name, 2 << i))
}

fn check_execution(air: &AirRef, symbolic: &SymbolicAir) -> Result<(), MachineError> {
    let on_execution: Vec<bool> = symbolic.messages.iter().map(|m| m.bus == EXECUTION_BUS.name).collect();
    if !on_execution.contains(&true) {
        return Ok(());
    }
    let name = air.name();
    // Provided entries have no weight in the bound on bus weights, so they do not pay for time.
    let weight: usize = symbolic.messages.iter().map(|message| message.weight as usize).sum();
    let mut wide = usize::MAX;
    let mut rng = StdRng::seed_from_u64(0);
    let mut random =
        |len: usize| -> Vec<F> { (0..len).map(|_| F::from_u32(rng.random_range(1..F::ORDER_U32))).collect() };
    let mut deltas = Vec::new();
    for _ in 0..SAMPLES {
        let main = [random(air.width()), random(air.width())];
        let preprocessed = [random(air.preprocessed_width()), random(air.preprocessed_width())];
        let public = random(air.num_public_values());
        let mut builder = RowBuilder::new(&public, &[], false);
        builder.set_row(1, 4, (&main[0], &main[1]), (&preprocessed[0], &preprocessed[1]));
        air.eval_row(&mut builder);
        let messages: Vec<_> =
            builder.messages.iter().filter(|m| on_execution[m.interaction as usize]).copied().collect();
        let total = on_execution.iter().filter(|on| **on).count();
        let [receive, send] = messages[..] else {
            let sends = total.min(messages.len());
            return Err(MachineError::ExecutionMessages { air: name, receives: total - sends, sends });
        };
        if receive.count + send.count != F::ZERO {
            return Err(MachineError::ExecutionMessages { air: name, receives: total, sends: 0 });
        }
        let looked_up = builder.messages.iter().any(|m| {
            symbolic.messages[m.interaction as usize].bus == PROGRAM_BUS.name
                && m.count == send.count
                && builder.fields_of(m)[0] == builder.fields_of(&receive)[0]
        });
        if !looked_up {
            return Err(MachineError::NoProgramLookup { air: name });
        }
        // Requests of a width count only if the row makes the same number of them whenever it executes.
        let ticks = wide_buses().map(|(bus, words)| {
            let requests = || builder.messages.iter().filter(|m| symbolic.messages[m.interaction as usize].bus == bus);
            let sum: F = requests().map(|m| m.count).sum();
            (0..=requests().count()).find(|k| F::from_usize(*k) * send.count == sum).unwrap_or(0) * words
        });
        wide = wide.min(ticks.sum());
        deltas.push((builder.fields_of(&send)[1] - builder.fields_of(&receive)[1]).as_canonical_u32());
    }
    let max = weight + wide;
    let constant = deltas.iter().all(|delta| *delta == deltas[0]);
    if constant && deltas[0] >= 1 && deltas[0] as usize <= max {
        Ok(())
    } else {
        Err(MachineError::TimeAdvance { air: name, delta: constant.then_some(deltas[0]), max })
    }
}
