//! Lookup table for range checks of up to 16 bits.

use p3_field::PrimeField32;

use crate::arch::RANGE_BUS;
use crate::stark::{Bus, F};

use super::fixed_table::{FixedTable, TableContent};

/// Largest number of bits of a range check.
pub const RANGE_MAX_BITS: usize = 16;

/// Content of the range table: all entries (value, bits) with value < 2^bits, for 0 to 16 bits.
///
/// Slot 0 of row `i` holds the entry `(i, 16)`. Slot 1 holds the `i`-th entry of fewer than 16 bits,
/// `(i + 1 − 2^bits, bits)` with `bits = log2(i + 1)` rounded down. Slot 1 of the last row repeats the entry (0, 16).
#[derive(Clone, Copy, Debug, Default)]
pub struct RangeContent;

/// Returns the content of the range table.
pub const fn range_content() -> RangeContent {
    RangeContent
}

impl TableContent for RangeContent {
    fn name(&self) -> &'static str {
        "Range"
    }
    fn bus(&self) -> Bus {
        RANGE_BUS
    }
    fn field_names(&self) -> Vec<String> {
        vec!["value".to_owned(), "bits".to_owned()]
    }
    fn log_height(&self) -> usize {
        RANGE_MAX_BITS
    }
    fn slots(&self) -> usize {
        2
    }
    fn entry(&self, row: usize, slot: usize) -> Vec<u32> {
        if slot == 0 {
            return vec![row as u32, RANGE_MAX_BITS as u32];
        }
        let position = row as u32 + 1;
        let bits = position.ilog2();
        vec![position - (1 << bits), bits]
    }
    #[inline]
    fn position(&self, key: &[F]) -> Option<(usize, usize)> {
        let (value, bits) = (key[0].as_canonical_u32(), key[1].as_canonical_u32());
        if bits as usize > RANGE_MAX_BITS || value >= 1 << bits {
            return None;
        }
        Some(if bits as usize == RANGE_MAX_BITS {
            (value as usize, 0)
        } else {
            ((value + (1 << bits) - 1) as usize, 1)
        })
    }
}

/// Lookup table on [`RANGE_BUS`].
pub type RangeTable = FixedTable<RangeContent>;

#[cfg(test)]
mod tests {
    use p3_field::PrimeCharacteristicRing;

    use super::*;

    #[test]
    fn every_entry_is_true_and_found_where_it_is() {
        for row in 0..1usize << 16 {
            for slot in 0..2 {
                let entry = RangeContent.entry(row, slot);
                assert!(entry[1] <= 16 && entry[0] < 1 << entry[1]);
                let key = [F::from_u32(entry[0]), F::from_u32(entry[1])];
                let expected = if (row, slot) == (0xffff, 1) { (0, 0) } else { (row, slot) };
                assert_eq!(RangeContent.position(&key), Some(expected));
            }
        }
    }

    #[test]
    fn values_and_widths_out_of_range_are_not_in_the_table() {
        for (value, bits) in [(1, 0), (1 << 16, 16), (8, 3), (0, 17), (5, 2)] {
            assert_eq!(RangeContent.position(&[F::from_u32(value), F::from_u32(bits)]), None, "{value} < 2^{bits}");
        }
        assert_eq!(RangeContent.position(&[-F::ONE, F::from_u32(16)]), None);
    }
}
