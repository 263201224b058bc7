//! The public-values AIR, which shows the user public values of machines without continuations.
//!
//! The values live in address space 3. The leaf AIR sends the final content of each leaf of that space. The only row of
//! this AIR receives each leaf exactly once and exposes its cells as public values of the proof.

use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use crate::arch::{
    Chip, ChipTraces, ChipUsageGetter, GenerationError, LEAF_BYTES, PUBLIC_VALUES_BUS, TraceContext, cells_of,
};
use crate::stark::{AirRef, F, Instances, MachineAir, VmAirBuilder};

const LEAF_CELLS: usize = LEAF_BYTES / 2;

/// The public-values AIR. It has one row, and one column and one public value per 16-bit cell.
#[derive(Clone, Copy, Debug)]
pub struct PublicValuesAir {
    cells: usize,
}

impl PublicValuesAir {
    /// Creates the AIR for `num_public_values` bytes, a multiple of 16.
    pub const fn new(num_public_values: usize) -> Self {
        Self { cells: num_public_values / 2 }
    }
}

impl BaseAir<F> for PublicValuesAir {
    fn width(&self) -> usize {
        self.cells
    }
    fn num_public_values(&self) -> usize {
        self.cells
    }
}

impl MachineAir for PublicValuesAir {
    fn name(&self) -> String {
        vm_verifier::PUBLIC_VALUES_AIR.to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        (0..self.cells).map(|i| format!("cell[{i}]")).collect()
    }
    fn instances(&self) -> Instances {
        Instances::Single
    }
    fn required(&self) -> bool {
        true
    }
    fn fixed_log_height(&self) -> Option<usize> {
        Some(0)
    }
}

impl<AB: VmAirBuilder> Air<AB> for PublicValuesAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let cells = main.current_slice();
        let public: Vec<AB::Expr> = builder.public_values().iter().map(|x| (*x).into()).collect();
        for (cell, value) in cells.iter().zip(public) {
            builder.assert_eq(*cell, value);
        }
        // Soundness: this row receives exactly one message per leaf. Labels are unique in the tree, so the message can
        // only come from the one row of that leaf, and it carries the leaf's final content.
        for (leaf, cells) in cells.chunks_exact(LEAF_CELLS).enumerate() {
            let fields = std::iter::once(AB::Expr::from_usize(leaf)).chain(cells.iter().map(|x| (*x).into()));
            PUBLIC_VALUES_BUS.receive(builder, fields, AB::Expr::ONE);
        }
    }
}

/// Chip of the public-values AIR: fills its row with the final content of address space 3.
pub struct PublicValuesChip {
    air: PublicValuesAir,
    words: Vec<u32>,
}

impl PublicValuesChip {
    /// Creates the chip for `num_public_values` bytes, a multiple of 16. All values are zero until [`Self::set_words`].
    pub fn new(num_public_values: usize) -> Self {
        Self { air: PublicValuesAir::new(num_public_values), words: vec![0; num_public_values / 4] }
    }

    /// Sets the words of address space 3 at the end of the run.
    ///
    /// # Panics
    /// If the number of words is not a quarter of the number of bytes given to [`Self::new`].
    pub fn set_words(&mut self, words: &[u32]) {
        self.words.copy_from_slice(words);
    }
}

impl ChipUsageGetter for PublicValuesChip {
    fn air_name(&self) -> String {
        self.air.name()
    }
    fn current_trace_height(&self) -> usize {
        1
    }
    fn trace_width(&self) -> usize {
        self.air.cells
    }
}

impl Chip for PublicValuesChip {
    fn air(&self) -> AirRef {
        Arc::new(self.air)
    }
    fn generate_traces(&mut self, _ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let cells: Vec<F> = self.words.iter().flat_map(|word| cells_of(*word)).collect();
        Ok(ChipTraces { traces: vec![RowMajorMatrix::new(cells.clone(), self.air.cells)], public_values: cells })
    }
}
