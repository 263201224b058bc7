//! Equations between the parts of cells that several instructions split into bytes, or into high and low bits.

use std::collections::HashMap;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};

use crate::arch::{BITWISE_BUS, RANGE_BUS};
use crate::stark::F;

use super::block::Block;
use super::error::FusionError;
use super::expr::{Linear, Sum, Var};
use super::ranges::Ranges;
use super::template::Message;

/// Parts of cells that queries prove.
#[derive(Default)]
pub(super) struct Splits {
    /// For a cell low + 2^8·high of two bytes: its low byte.
    low_bytes: HashMap<Linear, Linear>,
    /// For a cell X = low + 2^k·high with range checks of both, by X and k: the high bits.
    high_bits: HashMap<(Linear, u32), Var>,
    /// The last query of the table of bitwise operations in this instruction.
    last: Option<[Linear; 3]>,
}

impl Splits {
    /// Starts with the next instruction.
    pub(super) fn begin_instruction(&mut self) {
        self.last = None;
    }

    /// Learns which parts of a cell a query proves. If the same parts are known already, those are used.
    ///
    /// Completeness of bytes: if l + 2^8·h = l' + 2^8·h' modulo p for four bytes, then both sides are integers below 2^16, so l = l'.
    pub(super) fn add(&mut self, block: &mut Block, ranges: &Ranges, message: &Message) -> Result<(), FusionError> {
        let fields: Vec<Sum> = message.fields.iter().map(|field| block.resolve(field)).collect();
        let linear: Option<Vec<Linear>> = fields.iter().map(|field| field.as_linear().cloned()).collect();
        let Some(linear) = linear else { return Ok(()) };
        if message.bus == RANGE_BUS.name
            && let [value, bits] = &linear[..]
            && let Some(bits) = bits.as_constant()
        {
            self.split_bits(block, ranges, value, bits.as_canonical_u32())?;
            return if bits == F::from_u8(8) { self.split(block, ranges, value) } else { Ok(()) };
        }
        if message.bus != BITWISE_BUS.name {
            return Ok(());
        }
        let Ok([x, y, xor]) = <[Linear; 3]>::try_from(linear) else { return Ok(()) };
        for byte in [&x, &y] {
            self.split(block, ranges, byte)?;
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

    /// Uses a value X − 2^k·h < 2^k whose h is a variable: h has the high bits of X, if it is range-checked as well.
    ///
    /// Completeness: let h and h' be below 2^m, with k + m ≤ 29. If X − 2^k·h and X − 2^k·h' are below 2^k modulo p, then X is the
    /// integers low + 2^k·h and low' + 2^k·h' modulo p, both below 2^29. So they are equal, and so are their high bits.
    fn split_bits(&mut self, block: &mut Block, ranges: &Ranges, low: &Linear, bits: u32) -> Result<(), FusionError> {
        if !(1..=16).contains(&bits) {
            return Ok(());
        }
        let power = F::from_u32(1 << bits);
        let high: Vec<Var> = low.terms.iter().filter(|(_, c)| *c == -power).map(|(var, _)| *var).collect();
        for high in high {
            if !ranges.is_below(block, high, 29 - bits) {
                continue;
            }
            let cell = low.plus(power, &Linear::var(high));
            match *self.high_bits.entry((cell, bits)).or_insert(high) {
                known if known != high => return block.equate(Linear::var(high).minus(&Linear::var(known)).into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Uses a byte h = (X − l)·2^-8 whose l is a variable: l is the low byte of X, if l is a byte as well.
    fn split(&mut self, block: &mut Block, ranges: &Ranges, high: &Linear) -> Result<(), FusionError> {
        let minus_2_8 = -F::from_u16(256).inverse();
        let low: Vec<Var> = high.terms.iter().filter(|(_, c)| *c == minus_2_8).map(|(var, _)| *var).collect();
        for low in low {
            if !ranges.is_below(block, low, 8) {
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
