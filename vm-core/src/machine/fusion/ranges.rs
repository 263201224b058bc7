//! Ranges of variables, and equations that follow from them.

use std::collections::HashMap;
use std::ops::Range;

use p3_field::{PrimeCharacteristicRing, PrimeField32, PrimeField64};

use crate::arch::{BITWISE_BUS, MEMORY_BUS, RANGE_BUS};
use crate::stark::F;

use super::block::Block;
use super::error::FusionError;
use super::expr::{Linear, Var};
use super::template::Message;

/// Ranges of variables on honest rows.
#[derive(Default)]
pub(super) struct Ranges {
    /// Variables that are below 2^bits, with these bits.
    bits: HashMap<Var, u32>,
}

/// Bits of a cell of memory.
const CELL_BITS: u32 = 16;

impl Ranges {
    /// Learns which variables a message bounds: range checks and bytes are below powers of two, and so are cells of memory.
    pub(super) fn bound(&mut self, message: &Message) {
        let (fields, bits) = if message.bus == BITWISE_BUS.name {
            (&message.fields[..], 8)
        } else if message.bus == MEMORY_BUS.name {
            (&message.fields[2..4], CELL_BITS)
        } else if message.bus == RANGE_BUS.name
            && let Some(bits) = message.fields[1].as_constant()
        {
            (&message.fields[..1], bits.as_canonical_u32())
        } else {
            return;
        };
        for var in fields.iter().filter_map(|field| field.as_linear().and_then(Linear::as_var)) {
            let least = self.bits.entry(var).or_insert(bits);
            *least = bits.min(*least);
        }
    }

    fn bits(&self, block: &Block, var: Var) -> Option<u32> {
        if block.booleans[var as usize] { Some(1) } else { self.bits.get(&var).copied() }
    }

    pub(super) fn is_below(&self, block: &Block, var: Var, bits: u32) -> bool {
        self.bits(block, var).is_some_and(|least| least <= bits)
    }

    /// Returns whether an expression is 0 on some row whose variables are in their ranges.
    fn can_be_zero(&self, block: &Block, linear: &Linear) -> bool {
        let order = i128::from(F::ORDER_U64);
        let constant = i128::from(linear.constant.as_canonical_u32());
        let (mut least, mut greatest) = (constant, constant);
        for &(var, coefficient) in &linear.terms {
            let Some(bits) = self.bits(block, var).filter(|bits| *bits <= CELL_BITS) else { return true };
            let coefficient = i128::from(coefficient.as_canonical_u32());
            let signed = if coefficient > order / 2 { coefficient - order } else { coefficient };
            let most = signed * ((1 << bits) - 1);
            (least, greatest) = (least + most.min(0), greatest + most.max(0));
        }
        // A multiple of the field's order lies in the interval.
        greatest.div_euclid(order) * order >= least
    }

    /// Adds the equations that follow from the ranges of variables, for the constraints and messages of one instruction.
    ///
    /// Completeness: if a product is 0 and one factor cannot be 0, then the other one is. If one value of a boolean would make
    /// a range check fail, the boolean has the other value.
    pub(super) fn determine(
        &self,
        block: &mut Block,
        constraints: Range<usize>,
        messages: Range<usize>,
    ) -> Result<(), FusionError> {
        for index in constraints {
            let constraint = block.constraints[index].clone();
            let constraint = block.resolve(&constraint);
            let [(_, factors)] = &constraint.products[..] else { continue };
            let (Some(x), Some(y)) = (factors.0.as_linear(), factors.1.as_linear()) else { continue };
            if constraint.linear != Linear::default() {
                continue;
            }
            match (self.can_be_zero(block, x), self.can_be_zero(block, y)) {
                (false, false) => return Err(block.impossible("no factor of a product can be zero")),
                (true, false) => block.equate(x.clone().into())?,
                (false, true) => block.equate(y.clone().into())?,
                (true, true) => {}
            }
        }
        for index in messages {
            let Some(message) = block.messages[index].as_ref().filter(|message| message.bus == RANGE_BUS.name) else {
                continue;
            };
            let fields = message.fields.clone();
            let [value, bits] = [&fields[0], &fields[1]].map(|field| block.resolve(field));
            let (Some(Linear { terms, constant }), Some(bits)) = (value.as_linear(), bits.as_constant()) else {
                continue;
            };
            let [(var, coefficient)] = terms[..] else { continue };
            if !block.booleans[var as usize] {
                continue;
            }
            let passes = |value: F| u64::from(value.as_canonical_u32()) >> bits.as_canonical_u32().min(40) == 0;
            match (passes(*constant), passes(*constant + coefficient)) {
                (true, false) => block.equate(Linear::var(var).into())?,
                (false, true) => block.equate(Linear::var(var).minus(&Linear::constant(F::ONE)).into())?,
                _ => {}
            }
        }
        Ok(())
    }
}
