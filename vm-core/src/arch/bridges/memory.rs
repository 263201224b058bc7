//! Memory accesses of an AIR.
//!
//! The memory argument: every message that is sent carries a timestamp in [0, 2^29), and every message that is received
//! carries one in (−2^29, 2^29). This window is smaller than p, so timestamps can be treated as integers. Each row
//! receives an older timestamp than it sends, so the accesses of a word cannot form a cycle. Therefore all accesses of
//! a word form one path, in order of time, from the message that the boundary sends to the one that it receives.

use p3_field::PrimeCharacteristicRing;
use vm_derive::AlignedBorrow;

use crate::arch::buses::{MEMORY_BUS, RANGE_BUS, is_access_width, wide_bus};
use crate::arch::execution::ACCESS_GAP_BITS;
use crate::stark::{VmAirBuilder, origin_scope};

/// Auxiliary columns of a write. (A read needs only the previous timestamp.)
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, AlignedBorrow)]
pub struct WriteAux<T> {
    /// Time of the word's previous access.
    pub prev_timestamp: T,
    /// Cells of the word before the write.
    pub prev_data: [T; 2],
}

/// Address of an aligned word.
#[derive(Clone, Debug)]
pub struct MemoryAddress<T> {
    /// Address space.
    pub space: T,
    /// Byte pointer. Soundness: the AIR proves that it lies in a window of integers smaller than p, or takes it from
    /// the program table. For pointers that are misaligned or outside of the space, the boundary sends no first
    /// message, so an access to them cannot balance.
    pub pointer: T,
}

impl<T> MemoryAddress<T> {
    /// Creates an address.
    pub const fn new(space: T, pointer: T) -> Self {
        Self { space, pointer }
    }
}

/// Emitter of the messages of memory accesses.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryBridge;

impl MemoryBridge {
    /// Reads a word.
    ///
    /// Soundness: the caller proves that `enabled` is boolean; it is the multiplicity of all three messages. The cells
    /// are 16-bit because that was proven when they were written.
    pub fn read<AB: VmAirBuilder>(
        &self,
        builder: &mut AB,
        address: MemoryAddress<AB::Expr>,
        data: [AB::Expr; 2],
        timestamp: impl Into<AB::Expr>,
        prev_timestamp: impl Into<AB::Expr>,
        enabled: impl Into<AB::Expr>,
    ) {
        let _origin = origin_scope::<AB>("MemoryBridge::read");
        self.access(builder, address, data.clone(), data, timestamp.into(), prev_timestamp.into(), enabled.into());
    }

    /// Writes a word.
    ///
    /// Soundness: as for a read. In addition, the caller ensures that both cells of `data` are below 2^16: by a range
    /// check, because they are copies of cells that were read, or because they are operands from the program table.
    #[allow(clippy::too_many_arguments)]
    pub fn write<AB: VmAirBuilder>(
        &self,
        builder: &mut AB,
        address: MemoryAddress<AB::Expr>,
        data: [AB::Expr; 2],
        prev_data: [AB::Expr; 2],
        timestamp: impl Into<AB::Expr>,
        prev_timestamp: impl Into<AB::Expr>,
        enabled: impl Into<AB::Expr>,
    ) {
        let _origin = origin_scope::<AB>("MemoryBridge::write");
        self.access(builder, address, prev_data, data, timestamp.into(), prev_timestamp.into(), enabled.into());
    }

    /// Reads `N` consecutive words (2, 4, 8, 16 or 32), starting at `address`. Word `i` is read at `timestamp + i`, so
    /// the access takes `N` ticks.
    ///
    /// This sends a single message. A row of an access adapter receives it, makes the `N` accesses and holds the times
    /// of the previous ones. The extension must request the width
    /// ([`VmInventory::add_access_width`](crate::arch::VmInventory::add_access_width)).
    ///
    /// Soundness: the caller proves that `enabled` is boolean, and `address` as for a read. The adapter adds at most
    /// 124 to the pointer, so a pointer from a window of 2^29 stays far below p. The cells are those of memory.
    pub fn read_wide<AB: VmAirBuilder, const N: usize>(
        &self,
        builder: &mut AB,
        address: MemoryAddress<AB::Expr>,
        data: [[AB::Expr; 2]; N],
        timestamp: impl Into<AB::Expr>,
        enabled: impl Into<AB::Expr>,
    ) {
        const { assert_width(N) };
        self.read_words(builder, address, data.into_iter().flatten(), timestamp, enabled);
    }

    /// Writes `N` consecutive words. Apart from that, it works like [`Self::read_wide`]; no previous values are needed.
    ///
    /// Soundness: as for [`Self::read_wide`]. In addition, the caller ensures that all cells of `data` are below 2^16,
    /// as for a write of one word.
    pub fn write_wide<AB: VmAirBuilder, const N: usize>(
        &self,
        builder: &mut AB,
        address: MemoryAddress<AB::Expr>,
        data: [[AB::Expr; 2]; N],
        timestamp: impl Into<AB::Expr>,
        enabled: impl Into<AB::Expr>,
    ) {
        const { assert_width(N) };
        self.write_words(builder, address, data.into_iter().flatten(), timestamp, enabled);
    }

    /// Does what [`Self::read_wide`] does, for a number of words that is not known at compile time.
    ///
    /// # Panics
    /// If the number of words is not 2, 4, 8, 16 or 32.
    pub(crate) fn read_words<AB: VmAirBuilder>(
        &self,
        builder: &mut AB,
        address: MemoryAddress<AB::Expr>,
        cells: impl IntoIterator<Item = AB::Expr>,
        timestamp: impl Into<AB::Expr>,
        enabled: impl Into<AB::Expr>,
    ) {
        let _origin = origin_scope::<AB>("MemoryBridge::read_wide");
        send_request(builder, false, address, timestamp.into(), cells, enabled.into());
    }

    /// Does what [`Self::write_wide`] does, for a number of words that is not known at compile time.
    ///
    /// # Panics
    /// If the number of words is not 2, 4, 8, 16 or 32.
    pub(crate) fn write_words<AB: VmAirBuilder>(
        &self,
        builder: &mut AB,
        address: MemoryAddress<AB::Expr>,
        cells: impl IntoIterator<Item = AB::Expr>,
        timestamp: impl Into<AB::Expr>,
        enabled: impl Into<AB::Expr>,
    ) {
        let _origin = origin_scope::<AB>("MemoryBridge::write_wide");
        send_request(builder, true, address, timestamp.into(), cells, enabled.into());
    }

    #[allow(clippy::too_many_arguments)]
    fn access<AB: VmAirBuilder>(
        &self,
        builder: &mut AB,
        address: MemoryAddress<AB::Expr>,
        prev_data: [AB::Expr; 2],
        data: [AB::Expr; 2],
        timestamp: AB::Expr,
        prev_timestamp: AB::Expr,
        enabled: AB::Expr,
    ) {
        let gap = timestamp.clone() - prev_timestamp.clone() - AB::Expr::ONE;
        RANGE_BUS.query(builder, [gap, AB::Expr::from_usize(ACCESS_GAP_BITS)], enabled.clone());
        let MemoryAddress { space, pointer } = address;
        let [p0, p1] = prev_data;
        let [d0, d1] = data;
        MEMORY_BUS.receive(builder, [space.clone(), pointer.clone(), p0, p1, prev_timestamp], enabled.clone());
        MEMORY_BUS.send(builder, [space, pointer, d0, d1, timestamp], enabled);
    }
}

/// Checks the width of an access. Called in constants only, so an unsupported width is a compile-time error.
const fn assert_width(words: usize) {
    assert!(is_access_width(words), "wide accesses have 2, 4, 8, 16 or 32 words");
}

/// Sends the request of a wide access of the given cells, two per word.
fn send_request<AB: VmAirBuilder>(
    builder: &mut AB,
    is_write: bool,
    address: MemoryAddress<AB::Expr>,
    timestamp: AB::Expr,
    cells: impl IntoIterator<Item = AB::Expr>,
    enabled: AB::Expr,
) {
    let cells: Vec<AB::Expr> = cells.into_iter().collect();
    let Some(bus) = wide_bus(cells.len() / 2) else { panic!("wide accesses have 2, 4, 8, 16 or 32 words") };
    bus.send(builder, wide_request(is_write, address, timestamp, cells.into_iter()), enabled);
}

/// Returns the fields of the message that requests a wide access. Soundness: `is_write` is a constant on both sides of
/// the bus, so a row that reads cannot receive the request of a write, nor the other way round.
pub(crate) fn wide_request<E: PrimeCharacteristicRing>(
    is_write: bool,
    address: MemoryAddress<E>,
    timestamp: E,
    cells: impl Iterator<Item = E>,
) -> impl Iterator<Item = E> {
    [E::from_bool(is_write), address.space, address.pointer, timestamp].into_iter().chain(cells)
}
