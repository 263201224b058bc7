//! Equations between neighbouring instructions, and the messages that cancel because of them.

use std::collections::HashMap;

use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::arch::{MEMORY_BUS, RANGE_BUS};
use crate::stark::F;

use super::block::Block;
use super::error::FusionError;
use super::expr::{Linear, Sum, Var};
use super::ranges::Ranges;
use super::splits::Splits;
use super::template::{Message, Template};

/// The last access to a word so far.
struct LastAccess {
    space: F,
    pointer: Linear,
    /// Index of the message that sends the word.
    send: usize,
}

/// What is known while the instructions of a path are added one after another.
#[derive(Default)]
pub(super) struct Links {
    /// Index of the message that sends the state after the last instruction.
    state: Option<usize>,
    /// Last accesses of words to which no later access can have been, except those of this list.
    accesses: Vec<LastAccess>,
    /// Booleans that range checks determine: value without the boolean, bits, coefficient of the boolean.
    determined: HashMap<(Linear, F, F), Var>,
    /// Ranges of variables.
    ranges: Ranges,
    /// Parts of cells.
    splits: Splits,
}

impl Links {
    /// Links an instruction to those before it. `constraints` and `first` are the indices of its first constraint and message.
    pub(super) fn add(
        &mut self,
        block: &mut Block,
        template: &Template,
        constraints: usize,
        first: usize,
    ) -> Result<(), FusionError> {
        let (receive, send) = (first + template.step.0, first + template.step.1);
        if let Some(state) = self.state.replace(send) {
            cancel(block, state, receive)?;
        }
        let messages = first..first + template.messages.len();
        for index in messages.clone() {
            if let Some((receive, send)) = template.accesses.iter().find(|(receive, _)| first + receive == index) {
                self.access(block, first + receive, first + send)?;
            }
            let Some(message) = block.messages[index].clone() else { continue };
            if message.bus == RANGE_BUS.name {
                self.boolean_of_range_check(block, &message)?;
            }
        }
        // Cores query parts of words before adapters read the words to which they belong.
        self.splits.begin_instruction();
        block.messages[messages.clone()].iter().flatten().for_each(|message| self.ranges.bound(message));
        for index in messages.clone() {
            if let Some(message) = block.messages[index].clone() {
                self.splits.add(block, &self.ranges, &message)?;
            }
        }
        self.ranges.determine(block, constraints..block.constraints.len(), messages)
    }

    /// Links an access to the last one to the same word.
    ///
    /// Completeness: the equation between the two holds on every honest row, since no access between them is to that word.
    /// That is so for words of other address spaces, and for those whose pointers differ by a constant.
    fn access(&mut self, block: &mut Block, receive: usize, send: usize) -> Result<(), FusionError> {
        let address = block.messages[receive].as_ref().map(|message| message.fields[..2].to_vec()).unwrap_or_default();
        let address: Vec<Sum> = address.iter().map(|field| block.resolve(field)).collect();
        let [space, pointer] = &address[..] else { return Ok(()) };
        let (Some(space), Some(pointer)) = (space.as_constant(), pointer.as_linear()) else {
            // An access to an unknown word.
            self.accesses.retain(|last| space.as_constant().is_some_and(|space| space != last.space));
            return Ok(());
        };
        let mut previous = None;
        self.accesses.retain(|last| {
            if last.space != space {
                return true;
            }
            match pointer.minus(&last.pointer).as_constant() {
                Some(F::ZERO) => {
                    previous = Some(last.send);
                    false
                }
                difference => difference.is_some(),
            }
        });
        if let Some(previous) = previous {
            cancel(block, previous, receive)?;
        }
        self.accesses.push(LastAccess { space, pointer: pointer.clone(), send });
        Ok(())
    }

    /// Equates two booleans if range checks give them the same value.
    ///
    /// Completeness: let P + c·b and P + c·b' be in [0, 2^k), for booleans b and b'. If b and b' differ, then the two values
    /// differ by c or −c modulo p, but they differ by less than 2^k as integers. So b = b' if neither c nor p − c is below 2^k.
    fn boolean_of_range_check(&mut self, block: &mut Block, message: &Message) -> Result<(), FusionError> {
        let fields: Vec<Sum> = message.fields.iter().map(|field| block.resolve(field)).collect();
        let [value, bits] = &fields[..] else { return Ok(()) };
        let (Some(value), Some(bits)) = (value.as_linear(), bits.as_constant()) else { return Ok(()) };
        let bound = 1u64 << bits.as_canonical_u32().min(40);
        let determined = value.terms.iter().find(|(var, coefficient)| {
            let is_far = |x: F| u64::from(x.as_canonical_u32()) >= bound;
            block.booleans[*var as usize] && is_far(*coefficient) && is_far(-*coefficient)
        });
        let Some(&(var, coefficient)) = determined else { return Ok(()) };
        let rest = value.plus(-coefficient, &Linear::var(var));
        match self.determined.get(&(rest.clone(), bits, coefficient)) {
            Some(&other) if other != var => block.equate(Linear::var(var).minus(&Linear::var(other)).into()),
            Some(_) => Ok(()),
            None => {
                self.determined.insert((rest, bits, coefficient), var);
                Ok(())
            }
        }
    }
}

/// Equates the fields of a send and of a receive, and removes both.
///
/// Soundness: a row that satisfies the equations sends and receives the same message of one bus once, which adds nothing to
/// the balance of the bus. Both have multiplicity 1: the multiplicity of the row, which the block's selector replaces.
fn cancel(block: &mut Block, send: usize, receive: usize) -> Result<(), FusionError> {
    let (Some(sent), Some(received)) = (block.messages[send].take(), block.messages[receive].take()) else {
        return Err(block.impossible("a message would cancel twice"));
    };
    debug_assert_eq!(sent.bus, received.bus);
    // The address of an access is equal already; of memory, only data and time are new.
    let skip = if sent.bus == MEMORY_BUS.name { 2 } else { 0 };
    for (sent, received) in sent.fields.iter().zip(&received.fields).skip(skip) {
        block.equate(received.plus(-F::ONE, sent))?;
    }
    Ok(())
}
