//! Range checks of up to 16 bits.

use p3_field::PrimeField32;

use crate::arch::RANGE_BUS;
use crate::stark::{Bus, F};

use super::fixed_table::{FixedTable, TableContent};

/// Widest range check.
pub const RANGE_MAX_BITS: usize = 16;

/// Entries (value, bits) with value < 2^bits, for bits 0 to 16: row `2^bits − 1 + value`.
#[derive(Clone, Copy, Debug, Default)]
pub struct RangeContent;

/// The range table's content.
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
    fn column_names(&self) -> Vec<String> {
        vec!["value".to_owned(), "bits".to_owned()]
    }
    fn log_height(&self) -> usize {
        RANGE_MAX_BITS + 1
    }
    fn entry(&self, row: usize) -> Vec<u32> {
        // The last row has no range left: it repeats (0, 0).
        let position = row as u32 + 1;
        let bits = position.ilog2();
        if bits as usize > RANGE_MAX_BITS { vec![0, 0] } else { vec![position - (1 << bits), bits] }
    }
    #[inline]
    fn row_of(&self, key: &[F]) -> Option<usize> {
        let (value, bits) = (key[0].as_canonical_u32(), key[1].as_canonical_u32());
        (bits as usize <= RANGE_MAX_BITS && value < 1 << bits).then(|| (value + (1 << bits) - 1) as usize)
    }
}

/// The range table.
pub type RangeTable = FixedTable<RangeContent>;

impl Default for RangeTable {
    fn default() -> Self {
        Self::with_content(RangeContent)
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeCharacteristicRing;

    use super::*;

    #[test]
    fn every_entry_is_found_in_its_row() {
        for row in 0..(1usize << 17) - 1 {
            let entry = RangeContent.entry(row);
            assert!(entry[0] < 1 << entry[1]);
            let key = [F::from_u32(entry[0]), F::from_u32(entry[1])];
            assert_eq!(RangeContent.row_of(&key), Some(row));
        }
    }

    #[test]
    fn values_and_widths_out_of_range_are_not_in_the_table() {
        for (value, bits) in [(1, 0), (1 << 16, 16), (8, 3), (0, 17), (5, 2)] {
            assert_eq!(RangeContent.row_of(&[F::from_u32(value), F::from_u32(bits)]), None, "{value} < 2^{bits}");
        }
        assert_eq!(RangeContent.row_of(&[-F::ONE, F::from_u32(16)]), None);
    }
}
