//! Lookup tables with fixed, preprocessed content.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::arch::{
    BuildChip, Chip, ChipTraces, ChipUsageGetter, GenerationError, LookupTable, TraceContext, VmInventoryBuilder,
    VmInventoryError,
};
use crate::stark::{AirRef, Bus, F, Instances, MachineAir, VmAirBuilder};

/// Content of a fixed table. Each row has one or more slots, and each slot holds one entry.
pub trait TableContent: Clone + fmt::Debug + Send + Sync + 'static {
    /// Returns the name of the AIR.
    fn name(&self) -> &'static str;
    /// Returns the bus on which the table provides its entries.
    fn bus(&self) -> Bus;
    /// Returns the names of an entry's fields.
    fn field_names(&self) -> Vec<String>;
    /// Returns log2 of the number of rows.
    fn log_height(&self) -> usize;
    /// Returns the number of slots per row. Two slots per row cost less than twice as many rows, because the slots
    /// share the running sum of the lookup argument.
    fn slots(&self) -> usize {
        1
    }
    /// Returns the entry in a slot of a row.
    fn entry(&self, row: usize, slot: usize) -> Vec<u32>;
    /// Returns the row and the slot of an entry, or `None` if the table does not have it.
    fn position(&self, key: &[F]) -> Option<(usize, usize)>;
}

/// AIR of a fixed table. The entries are preprocessed columns; there is one main column of multiplicities per slot.
#[derive(Clone, Debug)]
pub struct FixedTableAir<C> {
    content: C,
    table: Arc<RowMajorMatrix<F>>,
}

impl<C: TableContent> FixedTableAir<C> {
    /// Creates the AIR and computes all entries.
    pub fn new(content: C) -> Self {
        let width = content.bus().arity * content.slots();
        let values: Vec<F> = (0..1usize << content.log_height())
            .flat_map(|row| (0..content.slots()).map(move |slot| (row, slot)))
            .flat_map(|(row, slot)| content.entry(row, slot))
            .map(F::from_u32)
            .collect();
        Self { content, table: Arc::new(RowMajorMatrix::new(values, width)) }
    }
}

impl<C: TableContent> BaseAir<F> for FixedTableAir<C> {
    fn width(&self) -> usize {
        self.content.slots()
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        Some((*self.table).clone())
    }
    fn preprocessed_width(&self) -> usize {
        self.content.bus().arity * self.content.slots()
    }
}

impl<C: TableContent> MachineAir for FixedTableAir<C> {
    fn name(&self) -> String {
        self.content.name().to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        (0..self.content.slots()).map(|slot| format!("multiplicity[{slot}]")).collect()
    }
    fn preprocessed_column_names(&self) -> Vec<String> {
        let fields = self.content.field_names();
        (0..self.content.slots()).flat_map(|slot| fields.iter().map(move |field| format!("{field}[{slot}]"))).collect()
    }
    fn instances(&self) -> Instances {
        Instances::Single
    }
}

impl<C: TableContent, AB: VmAirBuilder> Air<AB> for FixedTableAir<C> {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let entries: Vec<AB::Expr> = builder.preprocessed().current_slice().iter().map(|x| (*x).into()).collect();
        let bus = self.content.bus();
        for (entry, multiplicity) in entries.chunks_exact(bus.arity).zip(main.current_slice()) {
            bus.provide(builder, entry.iter().cloned(), *multiplicity);
        }
    }
}

/// Chip of a fixed table, with a counter for each entry.
pub struct FixedTable<C> {
    content: C,
    counts: Vec<AtomicU32>,
}

impl<C: TableContent> FixedTable<C> {
    /// Creates a table whose counters are zero.
    pub fn with_content(content: C) -> Self {
        let counts = (0..content.slots() << content.log_height()).map(|_| AtomicU32::new(0)).collect();
        Self { content, counts }
    }
}

impl<C: TableContent + Default> Default for FixedTable<C> {
    fn default() -> Self {
        Self::with_content(C::default())
    }
}

impl<Ext, C: TableContent + Default> BuildChip<Ext> for FixedTable<C> {
    fn build(_extension: &Ext, _builder: &VmInventoryBuilder<'_>) -> Result<Self, VmInventoryError> {
        Ok(Self::default())
    }
}

impl<C: TableContent> LookupTable for FixedTable<C> {
    fn bus(&self) -> Bus {
        self.content.bus()
    }

    #[inline]
    fn record(&self, key: &[F], count: u32) -> bool {
        match self.content.position(key) {
            Some((row, slot)) => {
                self.counts[row * self.content.slots() + slot].fetch_add(count, Ordering::Relaxed);
                true
            }
            None => false,
        }
    }
}

impl<C: TableContent> ChipUsageGetter for FixedTable<C> {
    fn air_name(&self) -> String {
        self.content.name().to_owned()
    }
    fn current_trace_height(&self) -> usize {
        1 << self.content.log_height()
    }
    fn trace_width(&self) -> usize {
        self.content.slots()
    }
}

impl<C: TableContent> Chip for FixedTable<C> {
    fn air(&self) -> AirRef {
        Arc::new(FixedTableAir::new(self.content.clone()))
    }
    fn generate_traces(&mut self, _ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let counts = self.counts.iter_mut().map(|count| F::from_u32(std::mem::take(count.get_mut()))).collect();
        let trace = RowMajorMatrix::new(counts, self.content.slots());
        Ok(ChipTraces { traces: vec![trace], public_values: Vec::new() })
    }
    fn as_lookup_table(&self) -> Option<&dyn LookupTable> {
        Some(self)
    }
}
