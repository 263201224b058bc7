//! Access adapters: a row makes the accesses of one wide access, which an instruction requested with one message.
//!
//! Reads and writes have AIRs of their own. A write has columns for the words before it, 2N more than a read; with one
//! AIR and a flag, reads, which are more frequent, would pay for them.

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;

use crate::arch::{
    ChipTraces, GenerationError, MAX_ACCESS_WORDS, MEMORY_WIDE_BUSES, TraceContext, WideAccess, is_access_width,
    wide_bus,
};
use crate::stark::{Bus, F, MachineAir, VmAirBuilder};

use super::bridge::{MemoryAddress, MemoryBridge, wide_request};
use super::cells_of;
use super::persistent::fill;

/// Name of the AIR that serves reads or writes of `words` words, such as `AccessAdapter8Read`.
pub fn adapter_name(words: usize, is_write: bool) -> String {
    format!("AccessAdapter{words}{}", if is_write { "Write" } else { "Read" })
}

/// AIR of the wide reads or of the wide writes of one width.
///
/// Columns, of N words: `valid`, `space`, `pointer`, `timestamp`, 2N cells of `data`, N `prev_timestamps`; for writes also
/// 2N cells of `prev_data`. That is 4 + 3N for reads and 4 + 5N for writes.
///
/// Soundness. A row says 1 + 3N things, all of them `valid` times, which is boolean: it receives a request, and it makes N
/// ordinary accesses.
/// - Rows and requests correspond one to one, because the bus is a permutation bus and nothing else receives on it (checked
///   at setup). So a row without a request, a second row for a request and a request without a row are unbalanced.
/// - `space`, `pointer`, `timestamp`, `data` and whether it is a write are those of the request. What a single access
///   asks of them, the requester has proven: the pointer is below 2^29 (M1), so pointer + 4i is an integer below
///   2^29 + 128 and no other word's; written cells are below 2^16 (M12); the timestamp is that of an instruction plus
///   a constant, so timestamp + i is in the window of the memory argument.
/// - `prev_timestamps` and `prev_data` are bound as those of every access: by the gap and by the memory bus.
/// - Padding rows have `valid = 0` and are silent, whatever their cells.
#[derive(Clone, Debug)]
pub struct AccessAdapterAir {
    words: usize,
    is_write: bool,
    bus: Bus,
}

impl AccessAdapterAir {
    /// The AIR of a width, if that width has adapters.
    pub fn new(words: usize, is_write: bool) -> Option<Self> {
        Some(Self { words, is_write, bus: wide_bus(words)? })
    }
}

const VALID: usize = 0;
const SPACE: usize = 1;
const POINTER: usize = 2;
const TIMESTAMP: usize = 3;
const DATA: usize = 4;

/// The columns behind [`DATA`].
const fn prev_timestamps(words: usize) -> usize {
    DATA + 2 * words
}
const fn prev_data(words: usize) -> usize {
    prev_timestamps(words) + words
}
const fn adapter_width(words: usize, is_write: bool) -> usize {
    prev_data(words) + if is_write { 2 * words } else { 0 }
}

impl BaseAir<F> for AccessAdapterAir {
    fn width(&self) -> usize {
        adapter_width(self.words, self.is_write)
    }
}

impl MachineAir for AccessAdapterAir {
    fn name(&self) -> String {
        adapter_name(self.words, self.is_write)
    }
    fn column_names(&self) -> Vec<String> {
        let cells =
            |name: &'static str| (0..self.words).flat_map(move |i| [0, 1].map(|cell| format!("{name}[{i}][{cell}]")));
        let mut names = ["valid", "space", "pointer", "timestamp"].map(str::to_owned).to_vec();
        names.extend(cells("data"));
        names.extend((0..self.words).map(|i| format!("prev_timestamps[{i}]")));
        if self.is_write {
            names.extend(cells("prev_data"));
        }
        names
    }
    fn selectors(&self) -> Vec<usize> {
        vec![VALID]
    }
}

impl<AB: VmAirBuilder> Air<AB> for AccessAdapterAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local = main.current_slice();
        let column = |index: usize| -> AB::Expr { local[index].into() };
        let word = |first: usize, i: usize| [column(first + 2 * i), column(first + 2 * i + 1)];
        // Soundness: every message below counts `valid` times.
        builder.assert_bool(local[VALID]);
        let address = MemoryAddress::new(column(SPACE), column(POINTER));
        let data = (0..2 * self.words).map(|i| column(DATA + i));
        let request = wide_request(self.is_write, address, column(TIMESTAMP), data);
        self.bus.receive(builder, request, local[VALID]);
        for i in 0..self.words {
            let pointer = column(POINTER) + AB::Expr::from_usize(4 * i);
            let address = MemoryAddress::new(column(SPACE), pointer);
            let timestamp = column(TIMESTAMP) + AB::Expr::from_usize(i);
            let prev_timestamp = column(prev_timestamps(self.words) + i);
            let (data, valid) = (word(DATA, i), local[VALID]);
            if self.is_write {
                let prev = word(prev_data(self.words), i);
                MemoryBridge.write(builder, address, data, prev, timestamp, prev_timestamp, valid);
            } else {
                // Soundness: a read sends the columns that it receives.
                MemoryBridge.read(builder, address, data, timestamp, prev_timestamp, valid);
            }
        }
    }
}

/// Words of a record before its data: address space, word and time.
const HEADER: usize = 3;

/// Wide accesses of a run, as plain words: one arena per width for reads and one for writes.
///
/// A record is the 0-based address space, the first word, the time, then N words of data, N previous times and, for
/// writes, N previous words.
#[derive(Clone, Debug, Default)]
pub struct WideLog {
    arenas: [[Vec<u32>; 2]; MEMORY_WIDE_BUSES.len()],
}

impl WideLog {
    const fn stride(words: usize, is_write: bool) -> usize {
        HEADER + words * if is_write { 3 } else { 2 }
    }

    fn arena(&self, words: usize, is_write: bool) -> &[u32] {
        &self.arenas[words.trailing_zeros() as usize - 1][usize::from(is_write)]
    }

    /// Appends an access.
    #[inline(always)]
    pub(crate) fn push(&mut self, access: &WideAccess<'_>) {
        debug_assert!(is_access_width(access.data.len()));
        let width = access.data.len().trailing_zeros() as usize - 1;
        let arena = &mut self.arenas[width][usize::from(access.prev_data.is_some())];
        arena.extend_from_slice(&[access.space, access.word, access.timestamp]);
        arena.extend_from_slice(access.data);
        arena.extend_from_slice(access.prev_timestamps);
        if let Some(prev_data) = access.prev_data {
            arena.extend_from_slice(prev_data);
        }
    }

    /// Accesses of a width.
    pub fn len(&self, words: usize, is_write: bool) -> usize {
        if is_access_width(words) { self.arena(words, is_write).len() / Self::stride(words, is_write) } else { 0 }
    }

    /// Widths with accesses, ascending.
    pub fn widths(&self) -> impl Iterator<Item = usize> + '_ {
        let widths = (1..).map(|log| 1 << log).take_while(|words| *words <= MAX_ACCESS_WORDS);
        widths.filter(|words| self.len(*words, false) + self.len(*words, true) > 0)
    }

    /// Fills the traces of an adapter; also returns its rows without padding.
    pub(crate) fn generate_traces(
        &self,
        ctx: &TraceContext<'_>,
        air: &AccessAdapterAir,
        as_offset: u32,
    ) -> Result<(ChipTraces, usize), GenerationError> {
        let AccessAdapterAir { words, is_write, .. } = *air;
        let records: Vec<&[u32]> = self.arena(words, is_write).chunks_exact(Self::stride(words, is_write)).collect();
        let fill_row = |record: &&[u32], row: &mut [F]| fill_adapter(words, record, as_offset, row);
        Ok((fill(ctx, &air.name(), air.width(), &records, fill_row)?, records.len()))
    }
}

/// Fills the row of a wide access.
fn fill_adapter(words: usize, record: &[u32], as_offset: u32, row: &mut [F]) {
    let (header, rest) = record.split_at(HEADER);
    let (data, rest) = rest.split_at(words);
    let (times, prev) = rest.split_at(words);
    row[VALID] = F::ONE;
    row[SPACE] = F::from_u32(header[0] + as_offset);
    row[POINTER] = F::from_u32(header[1] * 4);
    row[TIMESTAMP] = F::from_u32(header[2]);
    let mut fill_words = |first: usize, words: &[u32]| {
        for (cells, word) in row[first..].chunks_exact_mut(2).zip(words) {
            cells.copy_from_slice(&cells_of(*word));
        }
    };
    fill_words(DATA, data);
    // Empty for reads, whose rows end there.
    fill_words(prev_data(words), prev);
    for (cell, time) in row[prev_timestamps(words)..].iter_mut().zip(times) {
        *cell = F::from_u32(*time);
    }
}
