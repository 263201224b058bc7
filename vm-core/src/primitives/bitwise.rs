//! Exclusive or of bytes.

use p3_field::{PrimeCharacteristicRing, PrimeField32};

use crate::arch::{BITWISE_BUS, BuildChip, VmInventoryBuilder, VmInventoryError};
use crate::stark::{Bus, F};

use super::fixed_table::{FixedTable, TableContent};

/// Entries (x, y, x ^ y) of bytes: row `256·x + y`. A query also proves that x, y and the result are bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct BitwiseContent;

/// The bitwise table's content.
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

/// The bitwise table.
pub type BitwiseTable = FixedTable<BitwiseContent>;

impl Default for BitwiseTable {
    fn default() -> Self {
        Self::with_content(BitwiseContent)
    }
}

impl<Ext> BuildChip<Ext> for BitwiseTable {
    fn build(_extension: &Ext, _builder: &VmInventoryBuilder<'_>) -> Result<Self, VmInventoryError> {
        Ok(Self::default())
    }
}
