//! Memory accesses of AIRs that are not part of the memory argument itself.
//!
//! Soundness (M2, M3): the argument relies on the following for each access.
//!
//! * It consists of one receive and one send with the same space, the same pointer and the same boolean multiplicity.
//!   Otherwise a row could take a word without putting it back, or put back a word that was never there.
//! * A range check with that multiplicity shows that the send is later than the receive, by at most 2^16. Otherwise
//!   accesses could form a cycle, and the content of the cycle would be free.
//! * If the row makes a step of execution, the access lies within the ticks of the step. So the times of accesses are
//!   integers below 2^29, and the accesses of different instructions do not mix.
//! * An access happens only on rows that are tied to an execution. Either the row makes a step, or it received a message
//!   of another AIR, or the AIR relates it to the next row.
//!
//! In the last two cases the time of the access comes from elsewhere, so this audit cannot show that it lies within the
//! instruction. The author has to prove that, and the gap check alone is shown here.

use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::arch::{ACCESS_GAP_BITS, EXECUTION_BUS, MEMORY_BUS, RANGE_BUS};
use crate::stark::{F, Values};

use super::row::{Row, Sign, constant_difference};
use super::{AccessPart, MachineError, Step, wide_buses};

/// Fields of a message on the memory bus.
const SPACE: usize = 0;
const POINTER: usize = 1;
const TIME: usize = 4;
/// Field of a request of a wide access with its first time.
const WIDE_TIME: usize = 3;

/// Checks the memory accesses of an AIR. `step` is the step of execution that a row makes, if any.
pub(super) fn check(row: &Row<'_>, step: Option<&Step>) -> Result<(), MachineError> {
    let (mut receives, mut sends) = (Vec::new(), Vec::new());
    for index in row.on(MEMORY_BUS.name).filter(|index| row.fields(*index).len() == MEMORY_BUS.arity) {
        match row.sign(index)? {
            Sign::Receive => receives.push(index),
            Sign::Send => sends.push(index),
        }
    }
    for receive in receives {
        let position = sends.iter().position(|send| is_access(row, receive, *send));
        let Some(position) = position else { return Err(fault(row, receive, AccessPart::Receive, &sends)) };
        let send = sends.remove(position);
        check_time(row, step, send, row.fields(send)[TIME], 1)?;
    }
    if let Some(send) = sends.first() {
        return Err(fault(row, *send, AccessPart::Send, &[]));
    }
    for (bus, words) in wide_buses() {
        for request in row.on(bus).filter(|index| row.fields(*index).len() > WIDE_TIME) {
            // The row of an adapter receives its request: `check_wide_accesses` refuses all others.
            if row.sign(request)? == Sign::Send {
                check_time(row, step, request, row.fields(request)[WIDE_TIME], words)?;
            }
        }
    }
    Ok(())
}

fn has_address_of(row: &Row<'_>, receive: usize, send: usize) -> bool {
    [SPACE, POINTER].iter().all(|field| row.fields(receive)[*field] == row.fields(send)[*field])
}

fn has_count_of(row: &Row<'_>, receive: usize, send: usize) -> bool {
    row.count(receive) == row.count(send).map(|count| -count)
}

/// Returns whether a range check with the multiplicity of the access shows that the send is later than the receive.
fn has_gap_check(row: &Row<'_>, receive: usize, send: usize) -> bool {
    let time = |index: usize| row.fields(index)[TIME];
    let gap: Values = std::array::from_fn(|point| time(send)[point] - time(receive)[point] - F::ONE);
    // At random points, only constants are that small.
    let is_narrow = |bits: &Values| bits.iter().all(|bits| bits.as_canonical_u32() <= ACCESS_GAP_BITS as u32);
    row.on(RANGE_BUS.name).any(|query| {
        row.message(query).weight > 0
            && row.count(query) == row.count(send)
            && matches!(row.fields(query), [value, bits] if *value == gap && is_narrow(bits))
    })
}

fn is_access(row: &Row<'_>, receive: usize, send: usize) -> bool {
    has_address_of(row, receive, send) && has_count_of(row, receive, send) && has_gap_check(row, receive, send)
}

/// Returns why a message is not part of an access. `sends` are the sends that are not part of one either.
fn fault(row: &Row<'_>, message: usize, part: AccessPart, sends: &[usize]) -> MachineError {
    let air = row.name();
    let mut candidates = sends.iter().copied().filter(|send| has_address_of(row, message, *send)).peekable();
    if candidates.peek().is_none() {
        return MachineError::UnpairedAccess { air, message, part };
    }
    match candidates.find(|send| has_count_of(row, message, *send)) {
        Some(send) => MachineError::NoGapCheck { air, receive: message, send, bits: ACCESS_GAP_BITS },
        None => MachineError::AccessCounts { air, receive: message },
    }
}

/// Checks the time of an access of `words` words, which is the value of a field of `message`.
fn check_time(
    row: &Row<'_>,
    step: Option<&Step>,
    message: usize,
    time: Values,
    words: usize,
) -> Result<(), MachineError> {
    let enabled = row.enabled(message)?;
    if let Some(Step { send, receive, ticks }) = step
        && row.facts.implies(&enabled, &row.message(*send).count)
    {
        let offset = row.fields(*receive).get(1).and_then(|from| constant_difference(&time, from));
        let offset = offset.map(|offset| offset.as_canonical_u32());
        return match offset {
            Some(offset) if u64::from(offset) + words as u64 <= u64::from(*ticks) => Ok(()),
            offset => Err(MachineError::AccessTime { air: row.name(), message, offset, words, ticks: *ticks }),
        };
    }
    if !row.symbolic().reads.main_next.is_empty() {
        return Ok(());
    }
    let other_receives = (0..row.symbolic().messages.len()).filter(|index| {
        let message = row.message(*index);
        message.weight > 0 && message.bus != MEMORY_BUS.name && message.bus != EXECUTION_BUS.name
    });
    for index in other_receives {
        // Queries have a positive multiplicity, so only messages on permutation buses are receives.
        if row.sign(index)? == Sign::Receive && row.facts.implies(&enabled, &row.enabled(index)?) {
            return Ok(());
        }
    }
    Err(MachineError::UntiedAccess { air: row.name(), message })
}
