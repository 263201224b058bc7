//! Memory accesses of an AIR.
//!
//! The argument. Every send carries a timestamp in [0, 2^29) and every receive one in (−2^29, 2^29); that window is
//! smaller than p, so timestamps are integers; each row receives an older time than it sends, so there is no cycle;
//! hence, per word, all accesses form one path from the boundary's send to its receive, in order of time.

use p3_field::PrimeCharacteristicRing;
use vm_derive::AlignedBorrow;

use crate::arch::buses::{MEMORY_BUS, RANGE_BUS, wide_bus};
use crate::arch::execution::ACCESS_GAP_BITS;
use crate::stark::{Bus, VmAirBuilder, origin_scope};

/// Auxiliary columns of a write (a read needs only the previous timestamp).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, AlignedBorrow)]
pub struct WriteAux<T> {
    /// Time of the previous access.
    pub prev_timestamp: T,
    /// Cells before the write.
    pub prev_data: [T; 2],
}

/// An address: space and byte pointer of an aligned word.
#[derive(Clone, Debug)]
pub struct MemoryAddress<T> {
    /// Address space.
    pub space: T,
    /// Byte pointer. Soundness: the AIR proves it in a window of integers smaller than p, or takes it from the program
    /// table. Pointers that are misaligned or outside of the space have no first send, so no access to them balances.
    pub pointer: T,
}

impl<T> MemoryAddress<T> {
    /// An address.
    pub const fn new(space: T, pointer: T) -> Self {
        Self { space, pointer }
    }
}

/// Emits the messages of memory accesses.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryBridge;

impl MemoryBridge {
    /// Reads a word. Soundness: `enabled` is proven boolean and is the multiplicity of all three messages; the cells
    /// are 16-bit because whoever wrote them proved it.
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

    /// Writes a word. Soundness: as for a read; in addition the caller proves that both cells of `data` are below
    /// 2^16 (range check, copy of a read cell, or operand of the program table).
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

    /// Reads `N` words (2, 4, 8, 16 or 32) at `address` and behind it, word `i` at `timestamp + i`, so `N` ticks pass. One
    /// message: the row of an access adapter makes the `N` accesses and knows the previous times. The extension has to
    /// ask for the width ([`VmInventory::add_access_width`](crate::arch::VmInventory::add_access_width)).
    ///
    /// Soundness: `enabled` is proven boolean, and `address` is proven as for a read; the adapter adds at most 124 to the
    /// pointer, which a window of 2^29 leaves far from p. The cells are those of memory.
    pub fn read_wide<AB: VmAirBuilder, const N: usize>(
        &self,
        builder: &mut AB,
        address: MemoryAddress<AB::Expr>,
        data: [[AB::Expr; 2]; N],
        timestamp: impl Into<AB::Expr>,
        enabled: impl Into<AB::Expr>,
    ) {
        let _origin = origin_scope::<AB>("MemoryBridge::read_wide");
        let request = wide_request(false, address, timestamp.into(), data.into_iter().flatten());
        const { bus_of_width(N) }.send(builder, request, enabled.into());
    }

    /// Writes `N` words; otherwise like [`Self::read_wide`]. Previous values are not needed. Soundness: in addition the
    /// caller proves that all cells of `data` are below 2^16, as for a write of one word.
    pub fn write_wide<AB: VmAirBuilder, const N: usize>(
        &self,
        builder: &mut AB,
        address: MemoryAddress<AB::Expr>,
        data: [[AB::Expr; 2]; N],
        timestamp: impl Into<AB::Expr>,
        enabled: impl Into<AB::Expr>,
    ) {
        let _origin = origin_scope::<AB>("MemoryBridge::write_wide");
        let request = wide_request(true, address, timestamp.into(), data.into_iter().flatten());
        const { bus_of_width(N) }.send(builder, request, enabled.into());
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

/// The bus of a width that is a constant of the caller.
const fn bus_of_width(words: usize) -> Bus {
    match wide_bus(words) {
        Some(bus) => bus,
        None => panic!("wide accesses have 2, 4, 8, 16 or 32 words"),
    }
}

/// The message of a wide access. Soundness: whether it is a write is a constant of both sides, so a row that reads
/// answers no request for a write, nor the other way round.
pub(crate) fn wide_request<E: PrimeCharacteristicRing>(
    is_write: bool,
    address: MemoryAddress<E>,
    timestamp: E,
    cells: impl Iterator<Item = E>,
) -> impl Iterator<Item = E> {
    [E::from_bool(is_write), address.space, address.pointer, timestamp].into_iter().chain(cells)
}
