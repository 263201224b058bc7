//! Lookup tables with preprocessed content.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::arch::{Chip, ChipTraces, ChipUsageGetter, GenerationError, LookupTable, TraceContext};
use crate::stark::{AirRef, Bus, F, Instances, MachineAir, VmAirBuilder};

/// Content of a table: its rows and, the other way round, the row of a key.
pub trait TableContent: Clone + fmt::Debug + Send + Sync + 'static {
    /// Name of the AIR.
    fn name(&self) -> &'static str;
    /// The bus that the table provides.
    fn bus(&self) -> Bus;
    /// Names of the columns.
    fn column_names(&self) -> Vec<String>;
    /// log2 of the number of rows.
    fn log_height(&self) -> usize;
    /// The entry of a row.
    fn entry(&self, row: usize) -> Vec<u32>;
    /// The row of a key, if the key is in the table.
    fn row_of(&self, key: &[F]) -> Option<usize>;
}

/// AIR of a fixed table: preprocessed entries, main multiplicity.
#[derive(Clone, Debug)]
pub struct FixedTableAir<C> {
    content: C,
    table: Arc<RowMajorMatrix<F>>,
}

impl<C: TableContent> FixedTableAir<C> {
    /// Computes the table.
    pub fn new(content: C) -> Self {
        let width = content.bus().arity;
        let values: Vec<F> =
            (0..1usize << content.log_height()).flat_map(|row| content.entry(row)).map(F::from_u32).collect();
        Self { content, table: Arc::new(RowMajorMatrix::new(values, width)) }
    }
}

impl<C: TableContent> BaseAir<F> for FixedTableAir<C> {
    fn width(&self) -> usize {
        1
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        Some((*self.table).clone())
    }
    fn preprocessed_width(&self) -> usize {
        self.content.bus().arity
    }
}

impl<C: TableContent> MachineAir for FixedTableAir<C> {
    fn name(&self) -> String {
        self.content.name().to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["multiplicity".to_owned()]
    }
    fn preprocessed_column_names(&self) -> Vec<String> {
        self.content.column_names()
    }
    fn instances(&self) -> Instances {
        Instances::Single
    }
}

impl<C: TableContent, AB: VmAirBuilder> Air<AB> for FixedTableAir<C> {
    fn eval(&self, builder: &mut AB) {
        let multiplicity = builder.main().current_slice()[0];
        let entry: Vec<AB::Expr> = builder.preprocessed().current_slice().iter().map(|x| (*x).into()).collect();
        self.content.bus().provide(builder, entry, multiplicity);
    }
}

/// A fixed table and the counts of its rows.
pub struct FixedTable<C> {
    content: C,
    counts: Vec<AtomicU32>,
}

impl<C: TableContent> FixedTable<C> {
    /// A table without counts.
    pub fn with_content(content: C) -> Self {
        let counts = (0..1usize << content.log_height()).map(|_| AtomicU32::new(0)).collect();
        Self { content, counts }
    }
}

impl<C: TableContent> LookupTable for FixedTable<C> {
    fn bus(&self) -> Bus {
        self.content.bus()
    }

    #[inline]
    fn record(&self, key: &[F], count: u32) -> bool {
        match self.content.row_of(key) {
            Some(row) => {
                self.counts[row].fetch_add(count, Ordering::Relaxed);
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
        self.counts.len()
    }
    fn trace_width(&self) -> usize {
        1
    }
}

impl<C: TableContent> Chip for FixedTable<C> {
    fn air(&self) -> AirRef {
        Arc::new(FixedTableAir::new(self.content.clone()))
    }
    fn generate_traces(&mut self, _ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let counts = self.counts.iter_mut().map(|count| F::from_u32(std::mem::take(count.get_mut()))).collect();
        Ok(ChipTraces { traces: vec![RowMajorMatrix::new_col(counts)], public_values: Vec::new() })
    }
    fn as_lookup_table(&self) -> Option<&dyn LookupTable> {
        Some(self)
    }
}
