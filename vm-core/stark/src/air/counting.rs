//! Multiplicities of lookup tables, derived from the queries of the AIRs.
//!
//! Chips do not count their lookups. Instead, the messages of each AIR are evaluated on each row of its trace, so the
//! multiplicities cannot differ from the queries of the proof.

use std::array;
use std::ops::Range;

use p3_field::{Field, PackedValue, PrimeCharacteristicRing};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use p3_maybe_rayon::prelude::*;

use super::any_air::AnyAir;
use super::field::{F, PackedF};
use super::symbolic::SymbolicAir;
use super::tape::{Input, Tape};

/// Minimum number of rows per thread, so that short traces are counted on fewer threads.
const MIN_ROWS_PER_THREAD: usize = 512;

/// The messages of an AIR that are queries on given buses. Build it once per AIR and reuse it for every trace.
#[derive(Clone, Debug)]
pub struct LookupPlan {
    /// The fields and the multiplicity of each query.
    code: Tape,
    /// For each query, the index of its bus in the list of buses, and its number of fields.
    queries: Vec<(usize, usize)>,
}

impl LookupPlan {
    /// Finds the queries of `air` on the buses with the names `buses`. Provided entries are not queries.
    pub fn new(air: &dyn AnyAir, buses: &[&str]) -> Self {
        let symbolic = SymbolicAir::record(air);
        let bus_of = |name: &str| buses.iter().position(|bus| *bus == name);
        let queries: Vec<_> = symbolic
            .messages
            .iter()
            .filter(|message| message.weight > 0)
            .filter_map(|message| Some((message, bus_of(&message.bus)?)))
            .collect();
        Self {
            code: Tape::new(queries.iter().flat_map(|(message, _)| message.exprs())),
            queries: queries.iter().map(|(message, bus)| (*bus, message.fields.len())).collect(),
        }
    }

    /// Returns the number of queries per row.
    pub fn queries(&self) -> usize {
        self.queries.len()
    }

    /// Evaluates the queries of every row of a trace, in parallel.
    ///
    /// `init` makes an accumulator for each thread. `record` is called for every query whose count is not zero, with
    /// the accumulator, the index of the bus, the fields of the query and the count. Returns the accumulators in no
    /// particular order; none if the trace is empty or the AIR has no query.
    pub fn count<A: Send>(
        &self,
        air: &dyn AnyAir,
        trace: &RowMajorMatrix<F>,
        public_values: &[F],
        init: impl Fn() -> A + Sync,
        record: impl Fn(&mut A, usize, &[F], F) + Sync,
    ) -> Vec<A> {
        let height = trace.height();
        if self.queries.is_empty() || height == 0 {
            return Vec::new();
        }
        let preprocessed = if air.preprocessed_width() > 0 { air.preprocessed_trace() } else { None };
        let threads = current_num_threads().min(height / MIN_ROWS_PER_THREAD).max(1);
        let rows_per_thread = height.div_ceil(threads);
        (0..threads)
            .into_par_iter()
            .map(|thread| {
                let mut accumulator = init();
                let range = thread * rows_per_thread..height.min((thread + 1) * rows_per_thread);
                let (current, next) = ([0; PackedF::WIDTH], [0; PackedF::WIDTH]);
                let block = Block { main: trace, preprocessed: preprocessed.as_ref(), public_values, current, next };
                self.count_rows(block, range, |bus, fields, count| record(&mut accumulator, bus, fields, count));
                accumulator
            })
            .collect()
    }

    /// Evaluates the queries of a range of rows, several rows at once.
    fn count_rows(&self, mut block: Block<'_>, range: Range<usize>, mut record: impl FnMut(usize, &[F], F)) {
        let (mut registers, mut values, mut fields) = (Vec::new(), Vec::new(), Vec::new());
        for start in range.clone().step_by(PackedF::WIDTH) {
            block.move_to(start);
            values.clear();
            self.code.eval(|input| block.get(input), &mut registers, |value| values.push(value));
            for lane in 0..PackedF::WIDTH.min(range.end - start) {
                let mut rest = values.as_slice();
                for &(bus, len) in &self.queries {
                    let (query, others) = rest.split_at(len + 1);
                    rest = others;
                    let count = query[len].as_slice()[lane];
                    if !count.is_zero() {
                        fields.clear();
                        fields.extend(query[..len].iter().map(|value| value.as_slice()[lane]));
                        record(bus, &fields, count);
                    }
                }
            }
        }
    }
}

/// A trace, and some of its rows.
struct Block<'a> {
    main: &'a RowMajorMatrix<F>,
    preprocessed: Option<&'a RowMajorMatrix<F>>,
    public_values: &'a [F],
    current: [usize; PackedF::WIDTH],
    next: [usize; PackedF::WIDTH],
}

impl Block<'_> {
    /// Moves to the rows from `start`. After the last row comes the first one again.
    fn move_to(&mut self, start: usize) {
        let height = self.main.height();
        self.current = array::from_fn(|lane| (start + lane) % height);
        self.next = self.current.map(|row| (row + 1) % height);
    }

    fn get(&self, input: Input) -> PackedF {
        let last = self.main.height() - 1;
        let column = |matrix: &RowMajorMatrix<F>, rows: &[usize; PackedF::WIDTH], column: usize| {
            PackedF::from_fn(|lane| matrix.values[rows[lane] * matrix.width + column])
        };
        let fixed = |rows, index| self.preprocessed.map_or(PackedF::ZERO, |matrix| column(matrix, rows, index));
        let select = |on: fn(usize, usize) -> bool| PackedF::from_fn(|lane| F::from_bool(on(self.current[lane], last)));
        match input {
            Input::Main(index) => column(self.main, &self.current, index),
            Input::MainNext(index) => column(self.main, &self.next, index),
            Input::Preprocessed(index) => fixed(&self.current, index),
            Input::PreprocessedNext(index) => fixed(&self.next, index),
            Input::Public(index) => self.public_values[index].into(),
            Input::IsFirstRow => select(|row, _| row == 0),
            Input::IsLastRow => select(|row, last| row == last),
            Input::IsTransition => select(|row, last| row != last),
        }
    }
}

/// Evaluates the queries of one trace, as [`LookupPlan::count`] does. For several traces of an AIR, build the plan once
/// instead.
pub fn count_lookups<A: Send>(
    air: &dyn AnyAir,
    trace: &RowMajorMatrix<F>,
    public_values: &[F],
    buses: &[&str],
    init: impl Fn() -> A + Sync,
    record: impl Fn(&mut A, usize, &[F], F) + Sync,
) -> Vec<A> {
    LookupPlan::new(air, buses).count(air, trace, public_values, init, record)
}
