//! Estimate of the memory that proving a segment takes.

use super::metering::{AirRows, MeteredAirs};
use crate::arch::{GuestMemory, Metered, SplitRule, SplitSize, SystemConfig};
use crate::instructions::VmExe;
use crate::stark::{InstanceShape, ProverMemory};

/// Bytes that proving takes for any program: code, threads, and tables of the backend.
const BASE: usize = 80 << 20;
/// Bytes of a field element.
const ELEMENT: usize = 4;
/// Bytes of the Merkle tree per leaf: a digest of 32 bytes for each of two nodes.
const PER_LEAF: usize = 2 * 32;
/// Additional bytes per row of the tallest instance of all: the polynomials that are opened and folded.
const PER_TALLEST_ROW: usize = 256;
/// Additional bytes per main cell of the largest instance, for data that is held for one instance at a time.
const PER_LARGEST_MAIN_CELL: usize = 6;
/// Additional bytes per lookup cell of the largest instance, for data that is held for one instance at a time.
const PER_LARGEST_LOOKUP_CELL: usize = 8;
/// Additional bytes per row of the largest instance, for data that is held for one instance at a time.
const PER_LARGEST_ROW: usize = 64;
/// Bytes per message of every row, whose number is rounded up to a power of two: its fraction, with a numerator of one and
/// a denominator of four elements, the sums of fractions, of which there are as many, with eight elements each, and what
/// one round of the reduction folds.
const PER_MESSAGE: usize = 4 + 16 + 32 + 4;
/// Bytes per cell of a preprocessed column: the table in the AIR and in the key, and its code, which is eight times as
/// long, with its Merkle tree; a copy of the table is opened.
const PER_STACKED_PREPROCESSED_CELL: usize = 12 + 8 * 6;
/// Bytes per instruction of the program, gaps included: the executable and the loaded program.
const PER_INSTRUCTION: usize = 3 * 36;
/// Bytes per word of the initial memory: the entries of the executable's map, in the caller's copy and in the key's.
const PER_IMAGE_WORD: usize = 2 * 26;
/// Bytes per stored block of the memory tree: seven digests, and the entries of the maps of two trees, which share the
/// block. One tree is in the key, the other one follows the run.
const PER_TREE_BLOCK: usize = 384;
/// Number of copies of the input: the caller's, the planner's and the one of the run.
const INPUT_COPIES: usize = 3;

/// Greatest number of rows of padding that an instance may have instead of being split.
const MOST_PADDING: usize = 1 << 12;

/// Estimates the memory for proving segments of one program.
///
/// The constants above follow from what the prover holds when it opens its commitments, which is when it needs most.
/// They are rounded up to measured resident set sizes.
#[derive(Debug)]
pub(super) struct MemoryModel {
    prover: ProverMemory,
    /// How many times as long codes are as traces.
    blowup: usize,
    /// Bytes that every segment takes.
    fixed: usize,
    /// Main cells and messages of the AIRs that have the same rows in every segment.
    fixed_stack: (usize, usize),
    /// Height of the tallest AIR that has the same rows in every segment.
    tallest: usize,
    /// Sizes of the instances of the metered AIRs.
    shapes: Vec<InstanceShape>,
    /// log2 of the greatest height of the metered AIRs.
    max_log_heights: Vec<usize>,
    rule: SplitRule,
}

/// Memory of the guest on the host.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GuestUsage {
    /// Bytes of the pages that have been written, and of the log of the segment's accesses, whose pages the allocator may
    /// keep.
    pub(super) pages: usize,
    /// Number of stored blocks of the memory tree.
    pub(super) tree_blocks: usize,
}

impl GuestUsage {
    pub(super) fn of(memory: &GuestMemory, metered: &Metered) -> Self {
        let pages = memory.words().allocated_bytes() + metered.log_bytes();
        Self { pages, tree_blocks: metered.written_blocks() }
    }

    /// Returns the bytes of the pages and of the tree.
    pub(super) fn bytes(self) -> usize {
        self.pages + self.tree_blocks * PER_TREE_BLOCK
    }
}

/// Returns the bytes per row, padding included, of an AIR with instances of this shape: the trace and the low-degree
/// extensions of it, of the lookup columns, and of two quotient chunks of four columns.
fn row_bytes(shape: &InstanceShape, blowup: usize) -> usize {
    (shape.main + blowup * (shape.committed + 2 * 4)) * ELEMENT
}

/// Returns the bytes per row of the tallest instance: the Merkle trees of three commitments, and folded polynomials.
fn tallest_row_bytes(blowup: usize) -> usize {
    3 * blowup * PER_LEAF + blowup / 2 * PER_TALLEST_ROW
}

/// Returns the bytes per stacked cell, whose number is rounded up to a power of two: the code, its Merkle tree with a leaf
/// for 32 elements, and folded columns.
fn coded_cell_bytes(blowup: usize) -> usize {
    blowup * (ELEMENT + PER_LEAF / 32) + 2
}

/// Returns the additional bytes per row if the largest instance has this shape.
fn largest_row_bytes(shape: &InstanceShape) -> usize {
    shape.main * PER_LARGEST_MAIN_CELL + (shape.committed - shape.main) * PER_LARGEST_LOOKUP_CELL + PER_LARGEST_ROW
}

impl MemoryModel {
    /// Creates the model of a program. `input_bytes` is the total length of the input vectors.
    pub(super) fn new(
        airs: &MeteredAirs,
        system: &SystemConfig,
        exe: &VmExe,
        program_slots: usize,
        input_bytes: usize,
        prover: ProverMemory,
    ) -> Self {
        let (ProverMemory::Committed { log_blowup } | ProverMemory::Stacked { log_blowup }) = prover;
        let blowup = 1 << log_blowup;
        let instance = |(shape, height): &(InstanceShape, usize)| match prover {
            // A preprocessed table is in the AIR, in the key, and in its low-degree extension.
            ProverMemory::Committed { .. } => {
                height * (row_bytes(shape, blowup) + shape.preprocessed * (2 + blowup) * ELEMENT)
            }
            ProverMemory::Stacked { .. } => height * shape.preprocessed * PER_STACKED_PREPROCESSED_CELL,
        };
        let preprocessed = airs.fixed().iter().filter(|(shape, _)| shape.preprocessed > 0);
        let preprocessed_tree = match prover {
            ProverMemory::Committed { .. } => {
                preprocessed.map(|(_, height)| *height).max().unwrap_or(0) * blowup * PER_LEAF
            }
            ProverMemory::Stacked { .. } => 0,
        };
        let stack = airs.fixed().iter().fold((0, 0), |(cells, messages), (shape, height)| {
            (cells + shape.main * height, messages + shape.messages * height)
        });
        let fixed = BASE
            + airs.fixed().iter().map(instance).sum::<usize>()
            + preprocessed_tree
            + program_slots * PER_INSTRUCTION
            + exe.init_memory.len() * PER_IMAGE_WORD
            + input_bytes * INPUT_COPIES;
        Self {
            prover,
            blowup,
            fixed,
            fixed_stack: stack,
            tallest: airs.fixed().iter().map(|(_, height)| *height).max().unwrap_or(0),
            shapes: airs.shapes().to_vec(),
            max_log_heights: vec![system.max_log_height; airs.shapes().len()],
            rule: system.split_rule(prover),
        }
    }

    /// Limits the heights of the metered AIRs, where a key does.
    pub(super) fn limit_heights(&mut self, limits: impl IntoIterator<Item = Option<usize>>) {
        for (max_log_height, limit) in self.max_log_heights.iter_mut().zip(limits) {
            *max_log_height = limit.unwrap_or(*max_log_height);
        }
    }

    /// Returns how the rows of each metered AIR are split.
    fn sizes(
        &self,
        rule: SplitRule,
        rows: &[AirRows],
        max_instances: usize,
    ) -> impl Iterator<Item = (&InstanceShape, SplitSize)> {
        let airs = self.shapes.iter().zip(&self.max_log_heights).zip(rows);
        airs.map(move |((shape, max_log_height), &AirRows { rows, longest })| {
            let rule = rule.with_max_log_height(*max_log_height);
            let rule = rule.with_max_instances(if shape.repeatable { max_instances } else { 1 });
            let size = rule.size_of_groups(rows, longest).unwrap_or_else(|| rule.size(rows));
            // What does not fit counts as well.
            (shape, SplitSize { total: size.total.max(rows), ..size })
        })
    }

    /// Returns the estimated peak memory, in bytes, of proving a segment with these rows per metered AIR, spread over at most
    /// this number of instances each. Fewer instances have more padding.
    pub(super) fn estimate(&self, guest: GuestUsage, rows: &[AirRows], max_instances: usize) -> usize {
        let max_instances = max_instances.min(self.rule.max_instances);
        if let ProverMemory::Stacked { .. } = self.prover {
            return self.fixed + guest.bytes() + self.stacked(rows, max_instances);
        }
        let (mut sum, mut tallest, mut largest) = (0, self.tallest, 0);
        for (shape, size) in self.sizes(self.rule, rows, max_instances) {
            sum += size.total * row_bytes(shape, self.blowup);
            tallest = tallest.max(size.tallest);
            largest = largest.max(size.tallest * largest_row_bytes(shape));
        }
        self.fixed + guest.bytes() + sum + tallest * tallest_row_bytes(self.blowup) + largest
    }

    /// Returns how many rows of padding another instance should save: as many as possible, so that there are few instances,
    /// without more stacked cells and messages than now after rounding, and with at most an eighth more cells before it.
    ///
    /// The prover's work mostly depends on the rounded numbers. The verifier's depends on the number of instances, and so
    /// does the length of the proof.
    pub(super) fn rows_per_instance(&self, rows: &[AirRows], max_instances: usize) -> usize {
        let least = self.rule.rows_per_instance;
        if let ProverMemory::Committed { .. } = self.prover {
            return least;
        }
        let max_instances = max_instances.min(self.rule.max_instances);
        let stack = |rows_per_instance| {
            let rule = SplitRule { rows_per_instance, ..self.rule };
            self.stack(rule, rows, max_instances)
        };
        let (cells, messages) = stack(least);
        let is_as_large = |&rows_per_instance: &usize| {
            let (more_cells, more_messages) = stack(rows_per_instance);
            more_cells <= cells.next_power_of_two().min(cells + cells / 8)
                && more_messages <= messages.next_power_of_two()
        };
        let doubled =
            std::iter::successors(Some(least), |rows| Some(2 * rows)).take_while(|rows| *rows <= MOST_PADDING);
        doubled.take_while(is_as_large).last().unwrap_or(least)
    }

    /// Returns the numbers of cells and messages of all instances.
    fn stack(&self, rule: SplitRule, rows: &[AirRows], max_instances: usize) -> (usize, usize) {
        let (mut cells, mut messages) = self.fixed_stack;
        for (shape, size) in self.sizes(rule, rows, max_instances) {
            cells += size.total * shape.main;
            messages += size.total * shape.messages;
        }
        (cells, messages)
    }

    /// Returns the bytes of stacked traces and of their messages.
    fn stacked(&self, rows: &[AirRows], max_instances: usize) -> usize {
        let (cells, messages) = self.stack(self.rule, rows, max_instances);
        cells * ELEMENT
            + cells.next_power_of_two() * coded_cell_bytes(self.blowup)
            + messages.next_power_of_two() * PER_MESSAGE
    }
}
