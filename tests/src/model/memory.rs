//! Sparse byte memory with addresses below 2^29.

use std::collections::HashMap;

/// First address beyond user memory.
pub const MEMORY_END: u32 = 1 << 29;

const PAGE: u32 = 4096;

/// User memory, zero until written. Accesses do not check bounds; callers use [`Memory::contains`].
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pages: HashMap<u32, Box<[u8; PAGE as usize]>>,
}

impl Memory {
    /// Returns whether `size` bytes from `address` are in user memory.
    pub fn contains(address: u32, size: u64) -> bool {
        u64::from(address) + size <= u64::from(MEMORY_END)
    }

    /// Reads one byte.
    pub fn read_byte(&self, address: u32) -> u8 {
        self.pages.get(&(address / PAGE)).map_or(0, |page| page[(address % PAGE) as usize])
    }

    /// Writes one byte.
    pub fn write_byte(&mut self, address: u32, value: u8) {
        let page = self.pages.entry(address / PAGE).or_insert_with(|| Box::new([0; PAGE as usize]));
        page[(address % PAGE) as usize] = value;
    }

    /// Reads `size` (1, 2 or 4) bytes, little endian, zero-extended.
    pub fn read(&self, address: u32, size: u32) -> u32 {
        (0..size).fold(0, |value, i| value | (u32::from(self.read_byte(address + i)) << (8 * i)))
    }

    /// Writes the low `size` (1, 2 or 4) bytes of `value`, little endian.
    pub fn write(&mut self, address: u32, size: u32, value: u32) {
        for i in 0..size {
            self.write_byte(address + i, (value >> (8 * i)) as u8);
        }
    }

    /// Reads `size` bytes from `address` on.
    pub fn read_bytes(&self, address: u32, size: u32) -> Vec<u8> {
        (0..size).map(|i| self.read_byte(address + i)).collect()
    }

    /// Returns the address and value of every word that is not zero, by address. Memories with equal lists are equal.
    pub fn nonzero_words(&self) -> Vec<(u32, u32)> {
        let mut pages: Vec<u32> = self.pages.keys().copied().collect();
        pages.sort_unstable();
        let addresses = pages.into_iter().flat_map(|page| (page * PAGE..(page + 1) * PAGE).step_by(4));
        addresses.map(|address| (address, self.read(address, 4))).filter(|&(_, word)| word != 0).collect()
    }
}
