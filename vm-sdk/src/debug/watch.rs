//! Watchpoints, and the bytes that instructions access.

use std::ops::Range;

use vm_core::arch::WatchedAccess;

/// Kinds of accesses at which a watchpoint stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchKind {
    /// Writes.
    Write,
    /// Reads.
    Read,
    /// Reads and writes.
    Access,
}

impl WatchKind {
    fn includes(self, is_write: bool) -> bool {
        match self {
            Self::Write => is_write,
            Self::Read => !is_write,
            Self::Access => true,
        }
    }
}

/// Bytes of memory after whose accesses the run stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watchpoint {
    /// Address of the first byte.
    pub address: u32,
    /// Number of bytes.
    pub length: u32,
    /// Accesses that stop the run.
    pub kind: WatchKind,
}

impl Watchpoint {
    fn end(&self) -> u64 {
        u64::from(self.address) + u64::from(self.length)
    }

    /// Returns the indices of the words that contain the bytes.
    pub(super) fn words(&self) -> Range<usize> {
        (self.address / 4) as usize..self.end().div_ceil(4) as usize
    }

    /// Returns the first byte that both the watchpoint and an access contain, if the access stops the run.
    pub(super) fn hit(&self, access: Access) -> Option<u32> {
        let start = self.address.max(access.address);
        let end = self.end().min(u64::from(access.address) + u64::from(access.length));
        (u64::from(start) < end && self.kind.includes(access.is_write)).then_some(start)
    }
}

/// An access to bytes of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) address: u32,
    pub(super) length: u32,
    pub(super) is_write: bool,
}

/// Returns the bytes that an instruction accessed. The machine accesses whole words; loads and stores of RISC-V may access
/// parts of them.
///
/// `word` encodes the instruction, `registers` are those before it, and `accesses` those to watched words.
pub(super) fn accessed(word: Option<u32>, registers: &[u32; 32], accesses: &[WatchedAccess]) -> Vec<Access> {
    if let Some(access) = word.and_then(|word| load_or_store(word, registers))
        && accesses.iter().any(|watched| watched.word == (access.address / 4) as usize)
    {
        return vec![access];
    }
    let whole =
        |watched: &WatchedAccess| Access { address: 4 * watched.word as u32, length: 4, is_write: watched.is_write };
    accesses.iter().map(whole).collect()
}

/// Decodes the loads and stores of RV32I.
fn load_or_store(word: u32, registers: &[u32; 32]) -> Option<Access> {
    const LOAD: u32 = 0x03;
    const STORE: u32 = 0x23;
    let upper = word as i32 >> 20;
    let (is_write, offset) = match word & 0x7f {
        LOAD => (false, upper),
        STORE => (true, upper & !0x1f | (word >> 7 & 0x1f) as i32),
        _ => return None,
    };
    let length = 1 << (word >> 12 & 3);
    let base = registers[(word >> 15 & 0x1f) as usize];
    (length <= 4).then(|| Access { address: base.wrapping_add_signed(offset), length, is_write })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_and_stores_access_parts_of_words() {
        let mut registers = [0; 32];
        registers[10] = 0x1000;
        let access =
            |word| load_or_store(word, &registers).map(|access| (access.address, access.length, access.is_write));
        // lw a1, -4(a0); lbu a1, 3(a0); lh a1, 2(a0)
        assert_eq!(access(0xffc5_2583), Some((0xffc, 4, false)));
        assert_eq!(access(0x0035_4583), Some((0x1003, 1, false)));
        assert_eq!(access(0x0025_1583), Some((0x1002, 2, false)));
        // sb a1, -1(a0); sw a1, 8(a0)
        assert_eq!(access(0xfeb5_0fa3), Some((0xfff, 1, true)));
        assert_eq!(access(0x00b5_2423), Some((0x1008, 4, true)));
        // addi a0, a0, 1
        assert_eq!(access(0x0015_0513), None);
    }

    #[test]
    fn a_hit_is_within_both() {
        let watchpoint = Watchpoint { address: 6, length: 4, kind: WatchKind::Write };
        assert_eq!(watchpoint.words(), 1..3);
        let hit = |address, length, is_write| watchpoint.hit(Access { address, length, is_write });
        assert_eq!([hit(4, 4, true), hit(8, 4, true), hit(9, 1, true)], [Some(6), Some(8), Some(9)]);
        assert_eq!([hit(4, 2, true), hit(10, 2, true), hit(8, 4, false)], [None; 3]);
        let last = Watchpoint { address: u32::MAX, length: 4, kind: WatchKind::Access };
        assert_eq!(last.hit(Access { address: u32::MAX - 3, length: 4, is_write: false }), Some(u32::MAX));
    }
}
