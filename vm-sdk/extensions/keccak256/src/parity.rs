//! Lookup table for ten sums that must be even.

use vm_sdk::p3::field::PrimeField32;
use vm_sdk::primitives::{FixedTable, TableContent};
use vm_sdk::stark::{Bus, F};

/// Number of sums per entry.
pub const PARITY_DIGITS: usize = 10;
/// Base of the number whose digits are the halved sums.
pub const PARITY_BASE: u32 = 4;

/// Lookup bus of the numbers whose [`PARITY_DIGITS`] digits to the base [`PARITY_BASE`] are 0 or 1.
pub const PARITY_BUS: Bus = Bus::lookup("keccak_parity", 1);

/// Content of the table: row `i` contains the number whose digits are the binary digits of `i`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParityContent;

impl TableContent for ParityContent {
    fn name(&self) -> &'static str {
        "KeccakParity"
    }
    fn bus(&self) -> Bus {
        PARITY_BUS
    }
    fn field_names(&self) -> Vec<String> {
        vec!["spread".to_owned()]
    }
    fn log_height(&self) -> usize {
        PARITY_DIGITS
    }
    fn entry(&self, row: usize, _slot: usize) -> Vec<u32> {
        vec![(0..PARITY_DIGITS).rev().fold(0, |spread, digit| spread * PARITY_BASE + (row >> digit & 1) as u32)]
    }
    #[inline]
    fn position(&self, key: &[F]) -> Option<(usize, usize)> {
        let spread = key[0].as_canonical_u32();
        let digit = |i: usize| (spread >> (2 * i)) % PARITY_BASE;
        let fits = spread < PARITY_BASE.pow(PARITY_DIGITS as u32) && (0..PARITY_DIGITS).all(|i| digit(i) <= 1);
        fits.then(|| ((0..PARITY_DIGITS).rev().fold(0, |row, i| row << 1 | digit(i) as usize), 0))
    }
}

/// Chip of the table of [`PARITY_BUS`].
pub type ParityTable = FixedTable<ParityContent>;

#[cfg(test)]
mod tests {
    use vm_sdk::p3::field::PrimeCharacteristicRing;

    use super::*;

    #[test]
    fn every_entry_is_found_where_it_is() {
        for row in 0..1 << PARITY_DIGITS {
            let [entry] = ParityContent.entry(row, 0)[..] else { panic!("one field") };
            assert_eq!(ParityContent.position(&[F::from_u32(entry)]), Some((row, 0)));
        }
    }

    #[test]
    fn other_digits_and_more_of_them_are_not_in_the_table() {
        for spread in [2, 3, 8, 1 << 20, 3 << 18, (1 << 20) + 1] {
            assert_eq!(ParityContent.position(&[F::from_u32(spread)]), None, "{spread:#x}");
        }
        assert_eq!(ParityContent.position(&[-F::ONE]), None);
    }
}
