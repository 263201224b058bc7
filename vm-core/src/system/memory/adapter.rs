//! Access adapters: AIRs that turn a wide access into accesses of single words.
//!
//! An instruction requests a wide access with one message. A row of an adapter receives the request and makes the
//! accesses of its N words.
//!
//! Reads and writes have separate AIRs. A write needs 2N columns more than a read, for the previous content of its
//! words. In a common AIR with a flag, reads would carry these columns as well, and reads are more frequent.

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;

#[cfg(feature = "prover")]
use crate::arch::{ChipTraces, GenerationError, TraceContext, WideLog, WideRecord, cells_of};
use crate::arch::{MemoryAddress, MemoryBridge, adapter_name, wide_bus, wide_request};
use crate::stark::{Bus, F, MachineAir, VmAirBuilder};

/// The AIR of the wide reads, or of the wide writes, of one width.
///
/// For N words, the columns are `valid`, `space`, `pointer`, `timestamp`, 2N cells of `data` and N `prev_timestamps`.
/// Writes also have 2N cells of `prev_data`. A read has 4 + 3N columns, a write 4 + 5N.
///
/// Soundness: a row has 1 + 3N messages, each with the multiplicity `valid`, which is boolean. One message receives the
/// request; the others make N ordinary accesses.
/// - Rows and requests correspond one to one, because the requests travel on a permutation bus and no other AIR
///   receives on it (setup checks this). A row without a request, a second row for the same request, or a request
///   without a row leaves the bus unbalanced.
/// - `space`, `pointer`, `timestamp`, `data` and the kind (read or write) are equal to those of the request. The
///   requester has proven what an access requires of them. The pointer is below 2^29 (M1), so pointer + 4i is an
///   integer below 2^29 + 128 and cannot be the pointer of another word. Written cells are below 2^16 (M12). The
///   timestamp is that of an instruction plus a constant, so timestamp + i is in the window of the memory argument.
/// - `prev_timestamps` and `prev_data` are bound as in every access, by the gap check and by the memory bus.
/// - Padding rows have `valid = 0`, so they send and receive nothing, whatever their other cells hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessAdapterAir {
    words: usize,
    is_write: bool,
    bus: Bus,
}

impl AccessAdapterAir {
    /// Creates the AIR for accesses of `words` words. Returns `None` if no adapters exist for that width.
    pub fn new(words: usize, is_write: bool) -> Option<Self> {
        Some(Self { words, is_write, bus: wide_bus(words)? })
    }

    /// Words per access: 2, 4, 8, 16 or 32.
    pub const fn words(&self) -> usize {
        self.words
    }

    /// Whether the accesses are writes.
    pub const fn is_write(&self) -> bool {
        self.is_write
    }
}

const VALID: usize = 0;
const SPACE: usize = 1;
const POINTER: usize = 2;
const TIMESTAMP: usize = 3;
const DATA: usize = 4;

/// Index of the first column after the cells of [`DATA`].
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
        // Soundness: `valid` is the multiplicity of every message below.
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
                // Soundness: a read sends the columns that it receives, so it changes nothing.
                MemoryBridge.read(builder, address, data, timestamp, prev_timestamp, valid);
            }
        }
    }
}

#[cfg(feature = "prover")]
impl AccessAdapterAir {
    /// Fills the traces from a log. Also returns the number of rows without padding.
    pub(crate) fn generate_traces(
        &self,
        ctx: &TraceContext<'_>,
        log: &WideLog,
        as_offset: u32,
    ) -> Result<(ChipTraces, usize), GenerationError> {
        let records: Vec<WideRecord<'_>> = log.records(self.words, self.is_write).collect();
        let fill_row = |record: &WideRecord<'_>, row: &mut [F]| {
            self.fill_row(record, as_offset, row);
            Ok(())
        };
        Ok((ChipTraces::fill(ctx, &self.name(), self.width(), &records, fill_row)?, records.len()))
    }

    /// Fills the row of one wide access.
    fn fill_row(&self, record: &WideRecord<'_>, as_offset: u32, row: &mut [F]) {
        row[VALID] = F::ONE;
        row[SPACE] = F::from_u32(record.space + as_offset);
        row[POINTER] = F::from_u32(record.word * 4);
        row[TIMESTAMP] = F::from_u32(record.timestamp);
        let mut fill_words = |first: usize, words: &[u32]| {
            for (cells, word) in row[first..].chunks_exact_mut(2).zip(words) {
                cells.copy_from_slice(&cells_of(*word));
            }
        };
        fill_words(DATA, record.data);
        // Reads have no previous data: the row ends here and the list is empty.
        fill_words(prev_data(self.words), record.prev_data);
        for (cell, time) in row[prev_timestamps(self.words)..].iter_mut().zip(record.prev_timestamps) {
            *cell = F::from_u32(*time);
        }
    }
}
