//! The program table: a lookup table in preprocessed columns, which setup commits once per program.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use crate::arch::{
    Chip, ChipTraces, ChipUsageGetter, GenerationError, LoadedProgram, LookupTable, PROGRAM_BUS, TraceContext,
};
use crate::stark::{AirRef, Bus, F, Instances, MIN_LOG_HEIGHT, MachineAir, VmAirBuilder};

const PROGRAM_COLUMNS: [&str; 9] = ["pc", "opcode", "a", "b", "c", "d", "e", "f", "g"];

/// The program AIR. Preprocessed columns hold (pc, opcode, a…g); the only main column is the multiplicity.
#[derive(Clone)]
pub struct ProgramAir {
    table: Arc<RowMajorMatrix<F>>,
}

impl ProgramAir {
    /// Creates the table of a program.
    ///
    /// Soundness (M23): padding rows and the rows of slots that the machine does not execute are all zero. No AIR
    /// executes opcode 0, and it is not TERMINATE.
    pub fn new(program: &LoadedProgram) -> Self {
        let height = program.num_slots().next_power_of_two().max(1 << MIN_LOG_HEIGHT);
        let width = PROGRAM_COLUMNS.len();
        let mut values = F::zero_vec(height * width);
        for ((pc, slot), row) in program.slots().zip(values.chunks_exact_mut(width)) {
            if slot.is_served() {
                row[0] = F::from_u32(pc);
                row[1] = F::from_u32(slot.instruction.opcode.as_u32());
                for (cell, operand) in row[2..].iter_mut().zip(slot.instruction.operands()) {
                    *cell = F::from_u32(operand);
                }
            }
        }
        Self { table: Arc::new(RowMajorMatrix::new(values, width)) }
    }

    /// Creates the AIR without its table. A verifier needs no more, because it knows the table by its commitment.
    pub fn without_table() -> Self {
        Self { table: Arc::new(RowMajorMatrix::new(Vec::new(), PROGRAM_COLUMNS.len())) }
    }

    /// Returns the number of rows, padding included.
    pub fn height(&self) -> usize {
        self.table.height()
    }
}

impl BaseAir<F> for ProgramAir {
    fn width(&self) -> usize {
        1
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        Some((*self.table).clone())
    }
    fn preprocessed_width(&self) -> usize {
        PROGRAM_COLUMNS.len()
    }
}

impl MachineAir for ProgramAir {
    fn name(&self) -> String {
        "Program".to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        vec!["multiplicity".to_owned()]
    }
    fn preprocessed_column_names(&self) -> Vec<String> {
        PROGRAM_COLUMNS.map(str::to_owned).to_vec()
    }
    fn instances(&self) -> Instances {
        Instances::Single
    }
}

impl<AB: VmAirBuilder> Air<AB> for ProgramAir {
    fn eval(&self, builder: &mut AB) {
        let multiplicity = builder.main().current_slice()[0];
        let entry: Vec<AB::Expr> = builder.preprocessed().current_slice().iter().map(|x| (*x).into()).collect();
        PROGRAM_BUS.provide(builder, entry, multiplicity);
    }
}

/// Chip of the program AIR: the table, and how often each row was executed.
pub struct ProgramChip {
    air: ProgramAir,
    program: Arc<LoadedProgram>,
    counts: Vec<AtomicU32>,
}

impl ProgramChip {
    /// Creates a chip whose counts are all zero. The table in `air` is shared, not copied, so all segments can use it.
    pub fn new(air: ProgramAir, program: Arc<LoadedProgram>) -> Self {
        let counts = (0..air.height()).map(|_| AtomicU32::new(0)).collect();
        Self { air, program, counts }
    }
}

impl LookupTable for ProgramChip {
    fn bus(&self) -> Bus {
        PROGRAM_BUS
    }
    fn record(&self, key: &[F], count: u32) -> bool {
        let pc = key[0].as_canonical_u32();
        match (self.program.slot_index(pc), self.program.instruction(pc)) {
            (Some(index), Some(instruction)) => {
                self.counts[index].fetch_add(count, Ordering::Relaxed);
                key[1] == F::from_u32(instruction.opcode.as_u32())
                    && key[2..].iter().zip(instruction.operands()).all(|(x, y)| *x == F::from_u32(y))
            }
            _ => false,
        }
    }
}

impl ChipUsageGetter for ProgramChip {
    fn air_name(&self) -> String {
        self.air.name()
    }
    fn current_trace_height(&self) -> usize {
        self.program.num_slots()
    }
    fn trace_width(&self) -> usize {
        1
    }
}

impl Chip for ProgramChip {
    fn air(&self) -> AirRef {
        Arc::new(self.air.clone())
    }
    fn generate_traces(&mut self, _ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let counts = self.counts.iter_mut().map(|count| F::from_u32(std::mem::take(count.get_mut()))).collect();
        Ok(ChipTraces { traces: vec![RowMajorMatrix::new_col(counts)], public_values: Vec::new() })
    }
    fn as_lookup_table(&self) -> Option<&dyn LookupTable> {
        Some(self)
    }
}
