//! Access adapters: a row makes the accesses of one wide access, which an instruction requested with one message.
//!
//! Reads and writes have AIRs of their own. A write has columns for the words before it, 2N more than a read; with one
//! AIR and a flag, reads, which are more frequent, would pay for them.

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;

use crate::arch::{
    ChipTraces, GenerationError, MemoryAddress, MemoryBridge, TraceContext, WideLog, WideRecord, adapter_name,
    cells_of, wide_bus, wide_request,
};
use crate::stark::{Bus, F, MachineAir, VmAirBuilder};

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

#[cfg(feature = "prover")]
impl AccessAdapterAir {
    /// Fills the traces from a log; also returns the number of rows without padding.
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
        // Empty for reads, whose rows end there.
        fill_words(prev_data(self.words), record.prev_data);
        for (cell, time) in row[prev_timestamps(self.words)..].iter_mut().zip(record.prev_timestamps) {
            *cell = F::from_u32(*time);
        }
    }
}
