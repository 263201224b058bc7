//! Queries that follow from others are removed.

use std::collections::{HashMap, HashSet};

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use crate::arch::{BITWISE_BUS, EXECUTION_BUS, MEMORY_BUS, RANGE_BUS};
use crate::stark::F;

use super::block::Block;
use super::error::FusionError;
use super::expr::{Linear, Sum, Var};
use super::template::Message;

/// Largest number of bits for which the range table has entries.
const MAX_BITS: u32 = 16;

/// Returns the bits of a range check, if they are a constant for which the table has entries.
fn constant_range(message: &Message) -> Option<u32> {
    match &message.fields[..] {
        [_, bits] if message.bus == RANGE_BUS.name => {
            bits.as_constant().map(|bits| bits.as_canonical_u32()).filter(|bits| *bits <= MAX_BITS)
        }
        _ => None,
    }
}

/// Expressions that the queries of a block bound.
#[derive(Default)]
struct Bounds {
    /// Expressions that range checks prove to be below 2^bits, with the smallest of these bits.
    ranges: HashMap<Sum, u32>,
    /// Fields of queries of the table of bitwise operations.
    bytes: HashSet<Sum>,
    /// The bounded expressions with a variable.
    with: HashMap<Var, Vec<Linear>>,
}

impl Bounds {
    fn of(block: &Block) -> Self {
        let mut bounds = Self::default();
        for message in block.messages.iter().flatten() {
            if let Some(bits) = constant_range(message) {
                let least = bounds.ranges.entry(message.fields[0].clone()).or_insert(bits);
                *least = bits.min(*least);
            } else if message.bus == BITWISE_BUS.name {
                bounds.bytes.extend(message.fields.iter().cloned());
            }
        }
        let exprs: HashSet<&Sum> = bounds.ranges.keys().chain(&bounds.bytes).collect();
        for linear in exprs.into_iter().filter_map(Sum::as_linear) {
            for (var, _) in &linear.terms {
                bounds.with.entry(*var).or_default().push(linear.clone());
            }
        }
        bounds
    }

    /// Returns the bits below which queries prove an expression to be.
    fn bits(&self, expr: &Sum) -> Option<u32> {
        let of_byte = self.bytes.contains(expr).then_some(8);
        self.ranges.get(expr).copied().into_iter().chain(of_byte).min()
    }

    fn is_below(&self, expr: Linear, bits: u32) -> bool {
        self.bits(&expr.into()).is_some_and(|least| least <= bits)
    }

    /// Returns whether a range check follows from other queries: from bytes, from narrower range checks, or from those of
    /// two parts, low + 2^k·high.
    ///
    /// Soundness: let low be below 2^k and high below 2^(bits − k). Then low + 2^k·high is an integer below 2^bits, and bits is at
    /// most 16, so nothing wraps around. No check follows from itself: k and bits − k are less than bits, and queries of bytes
    /// are kept.
    fn imply(&self, value: &Sum, bits: u32) -> bool {
        let is_narrower = self.ranges.get(value).is_some_and(|least| *least < bits);
        if is_narrower || (bits >= 8 && self.bytes.contains(value)) {
            return true;
        }
        let Some(value) = value.as_linear() else { return false };
        let Some((var, _)) = value.terms.first() else { return false };
        let parts = self.with.get(var).map_or(&[][..], Vec::as_slice);
        parts.iter().any(|part| {
            let Some(of_part) = self.bits(&part.clone().into()).filter(|of_part| (1..bits).contains(of_part)) else {
                return false;
            };
            let power = |bits: u32| F::from_u32(1 << bits);
            let high = value.minus(part).times(power(of_part).inverse());
            let low = value.plus(-power(bits - of_part), part);
            self.is_below(high, bits - of_part) || self.is_below(low, bits - of_part)
        })
    }
}

impl Block {
    /// Removes queries that follow from others.
    ///
    /// Soundness: a query is removed if it is a constant that its table has, if the same one remains, or if it is a range check
    /// that follows from those that remain. A row that satisfies what remains satisfies what was removed.
    pub(super) fn drop_queries(&mut self) -> Result<(), FusionError> {
        let bounds = Bounds::of(self);
        let mut seen = HashSet::new();
        for index in 0..self.messages.len() {
            let Some(message) = &self.messages[index] else { continue };
            let constants: Vec<Option<F>> = message.fields.iter().map(Sum::as_constant).collect();
            let is_range = message.bus == RANGE_BUS.name;
            let holds = match constants[..] {
                [Some(value), Some(bits)] if is_range => {
                    let bits = bits.as_canonical_u32();
                    Some(bits <= MAX_BITS && u64::from(value.as_canonical_u32()) < 1u64 << bits)
                }
                [Some(x), Some(y), Some(xor)] if message.bus == BITWISE_BUS.name => {
                    let [x, y, xor] = [x, y, xor].map(|byte| byte.as_canonical_u32());
                    Some(x < 256 && y < 256 && x ^ y == xor)
                }
                _ => None,
            };
            match holds {
                Some(false) => return Err(self.impossible("a query of constants is not in its table")),
                Some(true) => self.messages[index] = None,
                None => {
                    let is_lookup = message.bus != EXECUTION_BUS.name && message.bus != MEMORY_BUS.name;
                    let is_implied = constant_range(message).is_some_and(|bits| bounds.imply(&message.fields[0], bits));
                    if is_lookup && (is_implied || !seen.insert(message.clone())) {
                        self.messages[index] = None;
                    }
                }
            }
        }
        Ok(())
    }
}
