//! Range checks of two values at once, for extensions that ask for it.

use p3_field::PrimeField32;

use crate::arch::{TUPLE_RANGE_BUS, VmInventoryError};
use crate::stark::{Bus, F};

use super::fixed_table::{FixedTable, TableContent};

/// Entries (x, y) with x < 2^`x_bits` and y < 2^`y_bits`: row `x·2^y_bits + y`.
#[derive(Clone, Copy, Debug)]
pub struct TupleRangeContent {
    x_bits: usize,
    y_bits: usize,
}

/// The tuple table's content. The sizes must fit a table of at most 2^20 rows.
pub fn tuple_range_content(x_bits: usize, y_bits: usize) -> Result<TupleRangeContent, VmInventoryError> {
    if x_bits + y_bits > 20 {
        return Err(VmInventoryError::Config {
            field: "tuple range",
            value: format!("({x_bits}, {y_bits}) bits"),
            expected: "at most 20 bits together",
        });
    }
    Ok(TupleRangeContent { x_bits, y_bits })
}

impl TableContent for TupleRangeContent {
    fn name(&self) -> &'static str {
        "TupleRange"
    }
    fn bus(&self) -> Bus {
        TUPLE_RANGE_BUS
    }
    fn field_names(&self) -> Vec<String> {
        ["x", "y"].map(str::to_owned).to_vec()
    }
    fn log_height(&self) -> usize {
        self.x_bits + self.y_bits
    }
    fn entry(&self, row: usize, _slot: usize) -> Vec<u32> {
        vec![(row >> self.y_bits) as u32, (row & ((1 << self.y_bits) - 1)) as u32]
    }
    fn position(&self, key: &[F]) -> Option<(usize, usize)> {
        let (x, y) = (key[0].as_canonical_u32() as usize, key[1].as_canonical_u32() as usize);
        (x < 1 << self.x_bits && y < 1 << self.y_bits).then_some((x << self.y_bits | y, 0))
    }
}

/// The tuple range table.
pub type TupleRangeTable = FixedTable<TupleRangeContent>;

#[cfg(test)]
mod tests {
    use p3_field::PrimeCharacteristicRing;

    use super::*;

    #[test]
    fn every_entry_is_true_and_found_where_it_is() {
        let content = tuple_range_content(3, 5).unwrap();
        for row in 0..1 << content.log_height() {
            let entry = content.entry(row, 0);
            assert!(entry[0] < 8 && entry[1] < 32);
            assert_eq!(content.position(&[F::from_u32(entry[0]), F::from_u32(entry[1])]), Some((row, 0)));
        }
        for (x, y) in [(8, 0), (0, 32)] {
            assert_eq!(content.position(&[F::from_u32(x), F::from_u32(y)]), None);
        }
        assert!(tuple_range_content(11, 10).is_err());
    }
}
