//! Lookup table for the exclusive or of bytes.

use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::arch::BITWISE_BUS;
use crate::stark::{Bus, F};

use super::fixed_table::{FixedTable, TableContent};

/// Content of the bitwise table: the entry (x, y, x ^ y) in row `256·x + y`, for all bytes x and y. A query also proves
/// that all three values are bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct BitwiseContent;

/// Returns the content of the bitwise table.
pub const fn bitwise_content() -> BitwiseContent {
    BitwiseContent
}

impl TableContent for BitwiseContent {
    fn name(&self) -> &'static str {
        "Bitwise"
    }
    fn bus(&self) -> Bus {
        BITWISE_BUS
    }
    fn field_names(&self) -> Vec<String> {
        ["x", "y", "xor"].map(str::to_owned).to_vec()
    }
    fn log_height(&self) -> usize {
        16
    }
    fn entry(&self, row: usize, _slot: usize) -> Vec<u32> {
        let (x, y) = (row as u32 >> 8, row as u32 & 255);
        vec![x, y, x ^ y]
    }
    #[inline]
    fn position(&self, key: &[F]) -> Option<(usize, usize)> {
        let (x, y) = (key[0].as_canonical_u32(), key[1].as_canonical_u32());
        (x < 256 && y < 256 && key[2] == F::from_u32(x ^ y)).then_some(((x << 8 | y) as usize, 0))
    }
}

/// Lookup table on [`BITWISE_BUS`].
pub type BitwiseTable = FixedTable<BitwiseContent>;
