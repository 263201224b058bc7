//! Chips: trace generation.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use thiserror::Error;

use crate::instructions::Instruction;
use crate::parallel::*;
use crate::stark::{AirRef, Bus, F, MIN_LOG_HEIGHT};

use super::execution::{ExecutionError, LoadedProgram};

/// Why no trace could be generated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GenerationError {
    /// An AIR needs more rows than the configuration allows in one segment.
    #[error("AIR {air} needs {height} rows, the limit is {limit}: enable continuations or raise the segment limits")]
    TraceHeightsLimitExceeded {
        /// The AIR.
        air: String,
        /// Rows needed.
        height: usize,
        /// Rows allowed.
        limit: usize,
    },
    /// The AIRs of one segment have more instances than a proof may have.
    #[error("the segment needs {instances} instances of AIRs, the limit is {limit}: choose shorter segments")]
    TooManyInstances {
        /// Instances needed.
        instances: usize,
        /// Instances allowed.
        limit: usize,
    },
    /// The AIRs of one segment have more columns, those of all instances together, than a proof may have.
    #[error("the segment needs {columns} columns, the limit is {limit}: choose a smaller plan of fused blocks")]
    TooManyColumns {
        /// Columns needed.
        columns: usize,
        /// Columns allowed.
        limit: usize,
    },
    /// The rows of one segment, those of all AIRs together, could have more messages on buses than a proof may have.
    #[error(
        "the segment could have {messages} messages on buses, and a proof has fewer than {limit}: choose shorter segments"
    )]
    TooManyMessages {
        /// Messages of all rows, padding included.
        messages: u64,
        /// Characteristic of the field.
        limit: u64,
    },
    /// The run has more segments than a proof may have.
    #[error("the run has more than {max} segments, the limit of a proof: choose longer segments")]
    TooManySegments {
        /// Segments allowed.
        max: usize,
    },
    /// One instruction needs more memory for its proof than the segmentation strategy allows for a segment.
    #[error(
        "pc {pc:#010x}: proving this one instruction ({opcode}) takes about {} MiB of memory, and the limit for a \
         segment is {} MiB: raise the limit (--segment-memory), or split the work into smaller instructions",
        mebibytes(*.needed),
        mebibytes(*.limit)
    )]
    InstructionTooLarge {
        /// Program counter of the instruction.
        pc: u32,
        /// Name of its opcode.
        opcode: String,
        /// Estimated memory for a segment that has only this instruction, in bytes.
        needed: usize,
        /// Limit of the strategy, in bytes.
        limit: usize,
    },
    /// The parts that every segment has need more memory than the segmentation strategy allows for a segment: the
    /// program table, the fixed tables, the guest's memory and the input.
    #[error(
        "proving even a short segment takes about {} MiB of memory ({instructions} instructions of the program, {} MiB \
         of guest memory), and the limit for a segment is {} MiB: raise the limit (--segment-memory) to at least {}",
        mebibytes(*.needed),
        mebibytes(*.guest_memory),
        mebibytes(*.limit),
        mebibytes(*.needed)
    )]
    ProgramTooLarge {
        /// Number of instructions of the program, including gaps between them.
        instructions: usize,
        /// Memory that the guest has used, in bytes.
        guest_memory: usize,
        /// Estimated memory for a short segment, in bytes.
        needed: usize,
        /// Limit of the strategy, in bytes.
        limit: usize,
    },
    /// The run failed.
    #[error(transparent)]
    Execution(#[from] Box<ExecutionError>),
    /// A row queries an entry that the table does not have: an executor and its AIR disagree.
    #[error("AIR {air} queries {key:?} on bus {bus}, which is not in the table")]
    LookupNotInTable {
        /// The AIR of the row.
        air: String,
        /// The bus.
        bus: String,
        /// The message.
        key: Vec<u32>,
    },
    /// An internal inconsistency: please report.
    #[error("internal inconsistency: {0}")]
    Internal(String),
}

/// Converts a number of bytes to MiB, rounded up.
fn mebibytes(bytes: usize) -> usize {
    bytes.div_ceil(1 << 20)
}

/// Program and limits for trace generation.
#[derive(Clone, Copy)]
pub struct TraceContext<'a> {
    /// The program.
    pub program: &'a LoadedProgram,
    /// How rows are spread over instances.
    pub split: SplitRule,
}

impl<'a> TraceContext<'a> {
    /// Returns the context of an AIR whose instances have at most `2^max_log_height` rows.
    pub fn with_max_log_height(self, max_log_height: usize) -> Self {
        Self { split: self.split.with_max_log_height(max_log_height), ..self }
    }

    /// Returns the instruction at the program counter of a record.
    ///
    /// # Errors
    /// [`GenerationError::Internal`] if the program has no instruction there.
    #[inline]
    pub fn instruction(&self, pc: u32) -> Result<&'a Instruction, GenerationError> {
        self.program.instruction(pc).ok_or_else(|| {
            GenerationError::Internal(format!("a record has pc {pc:#x}, where the program has no instruction"))
        })
    }
}

/// Traces of one AIR: one matrix per instance, none when the AIR is absent from the proof.
#[derive(Debug, Default)]
pub struct ChipTraces {
    /// One matrix per instance.
    pub traces: Vec<RowMajorMatrix<F>>,
    /// Public values; empty for AIRs that have none.
    pub public_values: Vec<F>,
}

/// Cells that one thread fills at least.
const CELLS_PER_TASK: usize = 1 << 12;

impl ChipTraces {
    /// Fills the traces of a repeatable AIR in parallel: one row per record, spread over instances by [`SplitRule::heights`].
    ///
    /// `fill_row` gets a record and its row, `width` zeros. Padding rows stay zero.
    ///
    /// # Errors
    /// [`GenerationError::TraceHeightsLimitExceeded`] if the records need more rows than the context allows, and whatever
    /// `fill_row` returns.
    pub fn fill<R: Sync>(
        ctx: &TraceContext<'_>,
        air: &str,
        width: usize,
        records: &[R],
        fill_row: impl Fn(&R, &mut [F]) -> Result<(), GenerationError> + Sync,
    ) -> Result<Self, GenerationError> {
        let heights = ctx.split.heights(records.len());
        Self::by_instance(ctx, air, records, heights, |records, height| {
            let mut values = F::zero_vec(height * width);
            let rows = values.par_chunks_exact_mut(width).with_min_len(CELLS_PER_TASK.div_ceil(width));
            rows.zip(records).try_for_each(|(row, record)| fill_row(record, row))?;
            Ok(RowMajorMatrix::new(values, width))
        })
    }

    /// Spreads records over instances of the given heights, in order. For AIRs whose padding rows are not zero or that
    /// choose their heights differently; other AIRs use [`Self::fill`].
    ///
    /// `fill_instance` gets the records of one instance and its height, which is at least their number.
    ///
    /// # Errors
    /// [`GenerationError::TraceHeightsLimitExceeded`] if there are more records than rows, and whatever `fill_instance`
    /// returns.
    pub fn by_instance<R>(
        ctx: &TraceContext<'_>,
        air: &str,
        records: &[R],
        heights: impl IntoIterator<Item = usize>,
        mut fill_instance: impl FnMut(&[R], usize) -> Result<RowMajorMatrix<F>, GenerationError>,
    ) -> Result<Self, GenerationError> {
        let mut rest = records;
        let mut traces = Vec::new();
        for height in heights {
            let (of_instance, tail) = rest.split_at(height.min(rest.len()));
            rest = tail;
            traces.push(fill_instance(of_instance, height)?);
        }
        if !rest.is_empty() {
            return Err(GenerationError::TraceHeightsLimitExceeded {
                air: air.to_owned(),
                height: records.len(),
                limit: ctx.split.max_instances << ctx.split.max_log_height,
            });
        }
        Ok(Self { traces, public_values: Vec::new() })
    }
}

/// Size of a chip's trace.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not report its trace size",
    note = "derive `ChipUsageGetter` on an enum of chips or on a struct with one chip field"
)]
pub trait ChipUsageGetter {
    /// Name of the AIR.
    fn air_name(&self) -> String;
    /// Rows used so far, without padding.
    fn current_trace_height(&self) -> usize;
    /// Main columns.
    fn trace_width(&self) -> usize;
}

/// A lookup table whose multiplicities are counted from the other AIRs' traces.
pub trait LookupTable: Sync {
    /// The bus whose queries the table answers.
    fn bus(&self) -> Bus;
    /// Adds `count` queries of `key`. Returns `false` if the key is not in the table.
    fn record(&self, key: &[F], count: u32) -> bool;
    /// For a table of a function: returns the entry with the arguments in `key`, whatever result `key` has. Returns `None`
    /// if there is none, or if the table is no function's. Only tests use it, to search for other true entries.
    fn complete(&self, key: &[F]) -> Option<Vec<F>> {
        let _ = key;
        None
    }
}

/// Something with an AIR and a trace: an instruction chip, a table, or an enum of chips.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a chip",
    note = "derive `Chip` on an enum of chips or on a struct with one chip field, or use `VmChipWrapper`"
)]
pub trait Chip: ChipUsageGetter + Send + Sync {
    /// The AIR.
    fn air(&self) -> AirRef;

    /// Takes the records and fills the traces. Called for lookup tables after all other chips.
    ///
    /// # Errors
    /// [`GenerationError`] if there are more rows than `ctx` allows, or if a record and its AIR disagree.
    fn generate_traces(&mut self, ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError>;

    /// Returns whether the chip can set records aside. Otherwise its instructions are not fused.
    ///
    /// The verifier has to know that as well, so it may depend on the configuration only.
    fn can_set_aside(&self) -> bool {
        false
    }

    /// Sets aside the records of instructions that fused rows prove, so that [`Self::generate_traces`] leaves them out.
    /// `is_fused` is called with the time of each record, in order. Returns their number.
    ///
    /// Only chips that [can set records aside](Self::can_set_aside) have to implement this. Each of their records is one row.
    fn set_aside(&mut self, is_fused: &mut dyn FnMut(u32) -> bool) -> usize {
        let _ = is_fused;
        0
    }

    /// Fills the row of a record that was set aside; all cells are zero before. `index` counts these records in order.
    ///
    /// # Errors
    /// [`GenerationError::Internal`] if there is no such record.
    fn fill_set_aside(&self, ctx: &TraceContext<'_>, index: usize, row: &mut [F]) -> Result<(), GenerationError> {
        let _ = (ctx, row);
        Err(no_record(&self.air_name(), index))
    }

    /// Returns the chip as a lookup table, if it is one.
    fn as_lookup_table(&self) -> Option<&dyn LookupTable> {
        None
    }
}

/// Returns the error of [`Chip::fill_set_aside`] if there is no such record.
pub fn no_record(air: &str, index: usize) -> GenerationError {
    GenerationError::Internal(format!("AIR {air} has set aside no record {index}"))
}

/// Sizes of the instances into which the rows of an AIR are split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SplitSize {
    /// Number of instances.
    pub instances: usize,
    /// Sum of the heights.
    pub total: usize,
    /// Height of the tallest instance.
    pub tallest: usize,
}

/// How the rows of a repeatable AIR are split into instances, whose heights are powers of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitRule {
    /// Limit of the log2 height of one instance.
    pub max_log_height: usize,
    /// Limit of the number of instances of one AIR.
    pub max_instances: usize,
    /// Rows of padding that another instance must save ([`rows_per_instance`](crate::stark::ProverMemory::rows_per_instance)).
    pub rows_per_instance: usize,
}

impl SplitRule {
    /// Returns the rule with another limit of instances.
    pub fn with_max_instances(self, max_instances: usize) -> Self {
        Self { max_instances, ..self }
    }

    /// Returns the rule with another limit of heights, if that is lower.
    pub fn with_max_log_height(self, max_log_height: usize) -> Self {
        Self { max_log_height: max_log_height.min(self.max_log_height), ..self }
    }

    /// Returns the sizes of the cheapest split of `rows` rows. If the rows do not fit, the heights add up to fewer rows.
    pub fn size(self, rows: usize) -> SplitSize {
        if rows == 0 || self.max_instances == 0 {
            return SplitSize::default();
        }
        let max = 1usize << self.max_log_height;
        let height = rows.next_power_of_two().max(1 << MIN_LOG_HEIGHT);
        let whole = SplitSize { instances: 1, total: height, tallest: height };
        if rows <= 1 << MIN_LOG_HEIGHT || height == rows && height <= max {
            return whole;
        }
        // One full instance, and the best split of the remaining rows.
        let floor = (height / 2).min(max);
        let rest = self.with_max_instances(self.max_instances - 1).size(rows - floor);
        let split = SplitSize { instances: 1 + rest.instances, total: floor + rest.total, tallest: floor };
        let cost = |size: &SplitSize| size.total.saturating_add(size.instances.saturating_mul(self.rows_per_instance));
        if height <= max && (split.total < rows || cost(&whole) <= cost(&split)) { whole } else { split }
    }

    /// Returns the heights of the instances that [`Self::size`] describes, in descending order.
    pub fn heights(self, rows: usize) -> Vec<usize> {
        let (mut heights, mut left) = (Vec::new(), rows);
        // The rows after the tallest instance are split in the same way.
        while left > 0 && heights.len() < self.max_instances {
            let tallest = self.with_max_instances(self.max_instances - heights.len()).size(left).tallest;
            heights.push(tallest);
            left = left.saturating_sub(tallest);
        }
        heights
    }

    /// Returns the sizes of the cheapest split of `rows` rows in groups that are not split themselves, of which the
    /// longest has `longest` rows. Returns `None` if they need not fit.
    ///
    /// Every group fits if each is put into the first instance that has room for it. Otherwise, each of the k instances
    /// would have fewer than `longest` rows left, and the heights would add up to less than
    /// `rows + (k − 1)·(longest − 1)`.
    pub fn size_of_groups(self, rows: usize, longest: usize) -> Option<SplitSize> {
        self.groups(rows, longest).map(|(_, size)| size)
    }

    /// Returns the heights of the instances that [`Self::size_of_groups`] describes, in descending order.
    pub fn heights_of_groups(self, rows: usize, longest: usize) -> Option<Vec<usize>> {
        self.groups(rows, longest).map(|((rule, room), _)| rule.heights(room))
    }

    /// Returns the cheapest split of groups: the rule and the number of rows to split.
    fn groups(self, rows: usize, longest: usize) -> Option<((Self, usize), SplitSize)> {
        if longest <= 1 {
            let size = self.size(rows);
            return (size.total >= rows).then_some(((self, rows), size));
        }
        let cost = |size: &SplitSize| size.total.saturating_add(size.instances.saturating_mul(self.rows_per_instance));
        let splits = (1..=self.max_instances).filter_map(|instances| {
            let lost = (instances - 1).saturating_mul(longest - 1);
            let (rule, room) = (self.with_max_instances(instances), rows.checked_add(lost)?);
            let size = rule.size(room);
            (size.total >= room).then_some(((rule, room), size))
        });
        splits.min_by_key(|(_, size)| cost(size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stark::ProverMemory;

    fn rule(max_log_height: usize, max_instances: usize) -> SplitRule {
        let rows_per_instance = ProverMemory::Committed { log_blowup: 1 }.rows_per_instance();
        SplitRule { max_log_height, max_instances, rows_per_instance }
    }

    #[test]
    fn sizes_are_those_of_the_split() {
        for rows in (0..1 << 22).step_by(997).chain(0..10_000) {
            for (max_log_height, max_instances) in [(22, 8), (22, 1), (16, 8), (12, 3)] {
                let split = rule(max_log_height, max_instances).heights(rows);
                let size = SplitSize {
                    instances: split.len(),
                    total: split.iter().sum(),
                    tallest: split.iter().copied().max().unwrap_or(0),
                };
                assert_eq!(rule(max_log_height, max_instances).size(rows), size, "{rows}");
            }
        }
    }

    #[test]
    fn small_chips_are_one_instance() {
        assert_eq!(rule(22, 8).heights(0), Vec::<usize>::new());
        assert_eq!(rule(22, 8).heights(1), [1 << MIN_LOG_HEIGHT]);
        assert_eq!(rule(22, 8).heights(3000), [4096]);
    }

    #[test]
    fn large_chips_are_split_where_padding_would_cost_more() {
        assert_eq!(rule(22, 8).heights(577_000), [1 << 19, 1 << 15, 1 << 14, 1 << 12]);
        assert_eq!(rule(22, 8).heights((1 << 20) - 100), [1 << 20]);
        assert_eq!(rule(22, 8).heights(113_643), [1 << 16, 1 << 15, 1 << 14]);
        assert_eq!(rule(22, 1).heights(113_643), [1 << 17]);
        // Where openings cost less, smaller instances pay.
        let stacked =
            SplitRule { rows_per_instance: ProverMemory::Stacked { log_blowup: 1 }.rows_per_instance(), ..rule(22, 8) };
        assert_eq!(stacked.heights(2160), [1 << 11, 1 << 7]);
        assert_eq!(stacked.heights(3000), [1 << 11, 1 << 10]);
        assert_eq!(stacked.heights(3840), [1 << 12]);
    }

    #[test]
    fn groups_of_one_row_are_split_like_rows() {
        for rows in (1..1 << 20).step_by(1009) {
            for rule in [rule(22, 8), rule(22, 1), rule(16, 20)] {
                assert_eq!(rule.size_of_groups(rows, 1), Some(rule.size(rows)), "{rows}");
                assert_eq!(rule.heights_of_groups(rows, 1), Some(rule.heights(rows)), "{rows}");
            }
        }
        assert_eq!(rule(12, 3).size_of_groups(3 * 4096 + 1, 1), None);
    }

    #[test]
    fn groups_need_room_at_every_boundary() {
        let rule = rule(12, 3);
        assert_eq!(rule.heights_of_groups(4096, 100), Some(vec![4096]));
        assert_eq!(rule.heights_of_groups(2 * 4096 - 99, 100), Some(vec![4096, 4096]));
        // The first two instances waste up to 99 rows each.
        assert_eq!(rule.heights_of_groups(2 * 4096, 100), Some(vec![4096, 4096, 256]));
        assert_eq!(rule.heights_of_groups(3 * 4096 - 198, 100), Some(vec![4096; 3]));
        assert_eq!(rule.heights_of_groups(3 * 4096 - 197, 100), None);
        // A group is as tall as an instance at most.
        assert_eq!(rule.heights_of_groups(4097, 4097), None);
    }

    #[test]
    fn rows_always_fit_unless_the_limits_forbid_it() {
        for rows in (1..5000).chain([1 << 14, 99_999, 262_143]) {
            let heights = rule(12, 100).heights(rows);
            assert!(heights.iter().sum::<usize>() >= rows && heights.iter().all(|h| h.is_power_of_two() && *h <= 4096));
        }
        assert!(rule(12, 3).heights(3 * 4096 + 1).iter().sum::<usize>() < 3 * 4096 + 1);
    }
}
