//! Rows of every AIR, from the counters of a metered run.

use crate::arch::{Chip, InstructionExecutor, Metered};
use crate::machine::complex::VmChipComplex;
use crate::stark::committed_columns_of;
use crate::system::program::ProgramAir;

/// Where the rows of an AIR are counted.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// They do not depend on the run.
    Fixed,
    Leaves,
    Nodes,
    Refreshes,
    Adapter {
        words: usize,
        is_write: bool,
    },
    Hashes,
    Phantoms,
    Executor(usize),
    /// Counted under the AIR's name.
    Periphery,
}

/// The AIRs of a machine whose rows depend on the run, in the order of the key, with what a metered run says about their
/// rows.
#[derive(Debug)]
pub struct MeteredAirs {
    names: Vec<String>,
    columns: Vec<usize>,
    sources: Vec<Source>,
}

impl MeteredAirs {
    /// The AIRs of a machine.
    pub fn new<E, P>(complex: &VmChipComplex<E, P>) -> Self
    where
        E: InstructionExecutor + Chip,
        P: Chip,
    {
        let airs = complex.air_set(ProgramAir::without_table()).airs;
        // The order of `VmChipComplex::air_set`.
        let mut sources = vec![Source::Fixed, Source::Fixed];
        sources.extend(complex.base.public_values.iter().map(|_| Source::Fixed));
        sources.extend([Source::Leaves, Source::Nodes, Source::Refreshes]);
        let widths = complex.inventory.access_widths();
        sources.extend(widths.flat_map(|words| [false, true].map(|is_write| Source::Adapter { words, is_write })));
        sources.extend([Source::Hashes, Source::Fixed, Source::Phantoms]);
        sources.extend((0..complex.inventory.executors().len()).map(Source::Executor));
        // A table that has rows before anything ran has the same ones always.
        let is_fixed = |chip: &P| chip.as_lookup_table().is_some() && chip.current_trace_height() > 0;
        let periphery = complex.inventory.periphery().iter();
        sources.extend(periphery.map(|chip| if is_fixed(chip) { Source::Fixed } else { Source::Periphery }));
        let mut metered = Self { names: Vec::new(), columns: Vec::new(), sources: Vec::new() };
        for (air, source) in airs.iter().zip(sources).filter(|(_, source)| !matches!(source, Source::Fixed)) {
            metered.names.push(air.name());
            metered.columns.push(committed_columns_of(air));
            metered.sources.push(source);
        }
        metered
    }

    /// Names, in key order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Committed base-field columns: main ones, and four per lookup column and for their accumulator.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Whether the rows of the AIR with this index are exact; else they are at least the actual ones.
    pub fn is_exact(&self, index: usize) -> bool {
        !matches!(self.sources.get(index), Some(Source::Hashes | Source::Periphery))
    }

    /// Rows so far, without padding. Exact, but for AIRs that answer equal questions once (Poseidon2 among them), which
    /// have at most so many.
    pub fn heights(&self, metered: &Metered) -> Vec<usize> {
        let memory = metered.memory_rows();
        let rows = |(source, name): (&Source, &String)| match *source {
            Source::Fixed => 0,
            Source::Leaves => memory.leaves,
            Source::Nodes => memory.nodes,
            Source::Refreshes => memory.refreshes,
            Source::Adapter { words, is_write } => memory.adapters.get(words, is_write),
            Source::Hashes => memory.hashes,
            Source::Phantoms => metered.phantom_rows(),
            Source::Executor(index) => metered.rows().get(index).copied().unwrap_or(0),
            Source::Periphery => metered.periphery_rows(name),
        };
        self.sources.iter().zip(&self.names).map(rows).collect()
    }

    /// Committed cells of these rows.
    pub fn cells(&self, heights: &[usize]) -> Vec<usize> {
        heights.iter().zip(&self.columns).map(|(rows, columns)| rows * columns).collect()
    }
}
