//! Part of step 2: words that several instructions split into bytes are split once.

use std::collections::HashMap;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use crate::arch::{BITWISE_BUS, RANGE_BUS};
use crate::stark::F;

use super::block::Block;
use super::error::FusionError;
use super::expr::{Linear, Sum, Var};
use super::template::Message;

/// Bytes that queries prove.
#[derive(Default)]
pub(super) struct Bytes {
    /// For a cell low + 2^8·high of two bytes: its low byte.
    low_bytes: HashMap<Linear, Linear>,
    /// The last query of the table of bitwise operations in this instruction.
    last: Option<[Linear; 3]>,
}

impl Bytes {
    /// Starts with the next instruction.
    pub(super) fn begin_instruction(&mut self) {
        self.last = None;
    }

    /// Learns which bytes a query proves. If it splits a cell whose low byte is known, that byte is used.
    ///
    /// Completeness: if l + 2^8·h = l' + 2^8·h' modulo p for four bytes, then both sides are integers below 2^16, so l = l'.
    pub(super) fn add(&mut self, block: &mut Block, message: &Message) -> Result<(), FusionError> {
        let fields: Vec<Sum> = message.fields.iter().map(|field| block.resolve(field)).collect();
        let linear: Option<Vec<Linear>> = fields.iter().map(|field| field.as_linear().cloned()).collect();
        let Some(linear) = linear else { return Ok(()) };
        if message.bus == RANGE_BUS.name && linear.get(1).and_then(Linear::as_constant) == Some(F::from_u8(8)) {
            return self.split(block, &linear[0]);
        }
        if message.bus != BITWISE_BUS.name {
            return Ok(());
        }
        let Ok([x, y, xor]) = <[Linear; 3]>::try_from(linear) else { return Ok(()) };
        for byte in [&x, &y] {
            self.split(block, byte)?;
        }
        let resolve = |block: &mut Block, byte: &Linear| block.resolve(&byte.clone().into()).linear;
        let query = [resolve(block, &x), resolve(block, &y), resolve(block, &xor)];
        if let Some(low) = self.last.replace(query.clone()) {
            let low = low.map(|byte| resolve(block, &byte));
            // x + y = (x ^ y) + 2·(x & y), so these are bytes, too.
            let and = |[x, y, xor]: &[Linear; 3]| x.plus(F::ONE, y).minus(xor).times(F::TWO.inverse());
            let or = |[x, y, xor]: &[Linear; 3]| x.plus(F::ONE, y).plus(F::ONE, xor).times(F::TWO.inverse());
            for (low, high) in [(low[2].clone(), query[2].clone()), (and(&low), and(&query)), (or(&low), or(&query))] {
                let cell = low.plus(F::from_u16(256), &high);
                self.low_bytes.entry(cell).or_insert(low);
            }
        }
        Ok(())
    }

    /// Uses a byte h = (X − l)·2^-8 whose l is a variable: l is the low byte of X, if l is a byte as well.
    fn split(&mut self, block: &mut Block, high: &Linear) -> Result<(), FusionError> {
        let minus_2_8 = -F::from_u16(256).inverse();
        let low: Vec<Var> = high.terms.iter().filter(|(_, c)| *c == minus_2_8).map(|(var, _)| *var).collect();
        for low in low {
            if !block.is_byte(low) {
                continue;
            }
            let cell = high.times(F::from_u16(256)).plus(F::ONE, &Linear::var(low));
            match self.low_bytes.get(&cell) {
                Some(known) if known.as_var() != Some(low) => {
                    return block.equate(Linear::var(low).minus(known).into());
                }
                Some(_) => {}
                None => {
                    self.low_bytes.insert(cell, Linear::var(low));
                }
            }
        }
        Ok(())
    }
}

impl Block {
    /// Returns whether a query of the block proves that a variable is a byte.
    fn is_byte(&self, var: Var) -> bool {
        self.messages.iter().rev().flatten().any(|message| {
            let is_var = |field: &Sum| field.as_linear().and_then(Linear::as_var) == Some(var);
            if message.bus == RANGE_BUS.name {
                let bits = message.fields[1].as_constant();
                return is_var(&message.fields[0]) && bits.is_some_and(|bits| bits.as_canonical_u32() <= 8);
            }
            message.bus == BITWISE_BUS.name && message.fields.iter().any(is_var)
        })
    }
}
