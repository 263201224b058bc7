//! Multiplicities of lookup tables, derived from the queries of the AIRs.
//!
//! Chips do not count their lookups. Instead, the messages of each AIR are evaluated on each row of its trace, so the
//! multiplicities cannot differ from the queries of the proof.

use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use crate::parallel::*;

use super::any_air::AnyAir;
use super::builders::RowBuilder;
use super::field::F;
use super::symbolic::SymbolicAir;

/// Minimum number of rows per thread, so that short traces are counted on fewer threads.
const MIN_ROWS_PER_THREAD: usize = 512;

/// The messages of an AIR that are queries on given buses. Build it once per AIR and reuse it for every trace.
#[derive(Clone, Debug)]
pub struct LookupPlan {
    /// Whether each message of the AIR is such a query.
    wanted: Vec<bool>,
    /// Index of each message's bus in the list of buses; 0 if the message is not such a query.
    bus: Vec<u32>,
    queries: usize,
}

impl LookupPlan {
    /// Finds the queries of `air` on the buses with the names `buses`. Provided entries are not queries.
    pub fn new(air: &dyn AnyAir, buses: &[&str]) -> Self {
        let symbolic = SymbolicAir::record(air);
        let index: Vec<Option<usize>> =
            symbolic.messages.iter().map(|m| buses.iter().position(|b| *b == m.bus).filter(|_| m.weight > 0)).collect();
        Self {
            wanted: index.iter().map(Option::is_some).collect(),
            bus: index.iter().map(|i| i.unwrap_or(0) as u32).collect(),
            queries: index.iter().flatten().count(),
        }
    }

    /// Returns the number of queries per row.
    pub fn queries(&self) -> usize {
        self.queries
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
        if self.queries == 0 || height == 0 {
            return Vec::new();
        }
        let preprocessed = if air.preprocessed_width() > 0 { air.preprocessed_trace() } else { None };
        let threads = current_num_threads().min(height / MIN_ROWS_PER_THREAD).max(1);
        let rows_per_thread = height.div_ceil(threads);
        (0..threads)
            .into_par_iter()
            .map(|thread| {
                let mut accumulator = init();
                let mut builder = RowBuilder::new(public_values, &self.wanted, false);
                let rows = thread * rows_per_thread..height.min((thread + 1) * rows_per_thread);
                for row in rows {
                    builder.set_row(row, height, window(trace, row), preprocessed_window(preprocessed.as_ref(), row));
                    air.eval_row(&mut builder);
                    for message in &builder.messages {
                        let bus = self.bus[message.interaction as usize] as usize;
                        record(&mut accumulator, bus, builder.fields_of(message), message.count);
                    }
                }
                accumulator
            })
            .collect()
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

/// Returns row `row` of a trace and the row after it. The first row comes after the last one.
pub(in crate::stark) fn window(trace: &RowMajorMatrix<F>, row: usize) -> (&[F], &[F]) {
    let (width, height) = (trace.width, trace.height());
    let next = if row + 1 == height { 0 } else { row + 1 };
    (&trace.values[row * width..(row + 1) * width], &trace.values[next * width..(next + 1) * width])
}

/// Same as [`window`] for an optional preprocessed trace. Returns empty rows if there is no such trace or row.
pub(in crate::stark) fn preprocessed_window(trace: Option<&RowMajorMatrix<F>>, row: usize) -> (&[F], &[F]) {
    match trace {
        Some(trace) if row < trace.height() => window(trace, row),
        _ => (&[], &[]),
    }
}
