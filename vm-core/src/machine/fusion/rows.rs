//! Rows of fused circuits.
//!
//! The chips of the instructions fill their rows as if they were not fused; the columns that the circuit keeps are copied.

use std::ops::Range;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::arch::{Chip, ChipTraces, ChipUsageGetter, ExecutorId, GenerationError, PathExecution, TraceContext};
use crate::parallel::*;
use crate::stark::{F, MachineAir};

use super::circuit::FusedCircuit;
use super::plan::Fusion;

/// For each path, the records that its rows are made of: one index per instruction of each execution, among the records
/// that the instruction's chip has set aside.
#[derive(Debug, Default)]
pub(in crate::machine) struct FusedRows {
    records: Vec<Vec<u32>>,
}

impl FusedRows {
    /// Takes the records of executed paths out of the chips. `executions` are in order of time.
    ///
    /// # Errors
    /// [`GenerationError::Internal`] if a chip does not have these records.
    pub(in crate::machine) fn take<E: Chip>(
        fusion: &Fusion,
        executors: &mut [E],
        executions: &[PathExecution],
    ) -> Result<Self, GenerationError> {
        let mut records = vec![Vec::new(); fusion.circuits.len()];
        let mut taken = vec![0u32; executors.len()];
        for execution in executions {
            let path = execution.path as usize;
            for &executor in &fusion.executors[path] {
                records[path].push(taken[executor]);
                taken[executor] += 1;
            }
        }
        for (executor, expected) in executors.iter_mut().zip(taken).filter(|(_, expected)| *expected > 0) {
            let mut later = executions;
            let mut is_fused = |time: u32| {
                while let [first, rest @ ..] = later
                    && first.timestamp + fusion.circuits[first.path as usize].ticks <= time
                {
                    later = rest;
                }
                later.first().is_some_and(|first| first.timestamp <= time)
            };
            if executor.set_aside(&mut is_fused) != expected as usize {
                let air = executor.air_name();
                return Err(GenerationError::Internal(format!(
                    "AIR {air} does not have the records of the executed paths"
                )));
            }
        }
        Ok(Self { records })
    }

    /// Returns the number of executions of a path.
    pub(in crate::machine) fn rows(&self, path: usize, fusion: &Fusion) -> usize {
        self.records.get(path).map_or(0, |records| records.len() / fusion.executors[path].len())
    }

    /// Fills the traces of a path's circuit.
    ///
    /// # Errors
    /// [`GenerationError`] as [`Chip::generate_traces`].
    pub(in crate::machine) fn fill<E: Chip>(
        &self,
        path: usize,
        fusion: &Fusion,
        executors: &[E],
        ctx: &TraceContext<'_>,
    ) -> Result<ChipTraces, GenerationError> {
        let (circuit, of_steps) = (&fusion.circuits[path], &fusion.executors[path]);
        let steps = kept_columns(circuit, of_steps, executors);
        let widest = steps.iter().map(|step| step.width).max().unwrap_or(0);
        let executions: Vec<&[u32]> = self.records[path].chunks_exact(of_steps.len()).collect();
        let width = circuit.num_columns();
        let heights = ctx.split.heights(executions.len());
        ChipTraces::by_instance(ctx, &circuit.name(), &executions, heights, |executions, height| {
            let mut values = F::zero_vec(height * width);
            values.par_chunks_exact_mut(width).zip(executions).try_for_each(|(row, records)| {
                row[0] = F::ONE;
                let mut cells = F::zero_vec(widest);
                for (step, record) in steps.iter().zip(*records) {
                    let cells = &mut cells[..step.width];
                    cells.fill(F::ZERO);
                    executors[step.executor].fill_set_aside(ctx, *record as usize, cells)?;
                    let kept = &circuit.columns[step.kept.clone()];
                    for (cell, (_, column, _)) in row[1..][step.kept.clone()].iter_mut().zip(kept) {
                        *cell = cells[*column];
                    }
                }
                Ok::<_, GenerationError>(())
            })?;
            Ok(RowMajorMatrix::new(values, width))
        })
    }
}

/// An instruction of a path: how its row is filled, and which columns are kept.
struct StepColumns {
    executor: ExecutorId,
    width: usize,
    /// Its columns among those of the circuit.
    kept: Range<usize>,
}

fn kept_columns<E: ChipUsageGetter>(
    circuit: &FusedCircuit,
    of_steps: &[ExecutorId],
    executors: &[E],
) -> Vec<StepColumns> {
    let mut start = 0;
    let step = |(index, &executor): (usize, &ExecutorId)| {
        let count = circuit.columns[start..].iter().take_while(|(step, ..)| *step == index).count();
        let kept = start..start + count;
        start += count;
        StepColumns { executor, width: executors[executor].trace_width(), kept }
    };
    of_steps.iter().enumerate().map(step).collect()
}
