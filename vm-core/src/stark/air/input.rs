//! Traces to prove.

use p3_matrix::dense::RowMajorMatrix;

use super::field::F;

/// Traces of one AIR. An AIR without input, or without traces, is absent from the proof.
#[derive(Clone, Debug, Default)]
pub struct AirProofInput {
    /// Index of the AIR in the key.
    pub air: usize,
    /// One trace per instance; each has a power of two of rows.
    pub traces: Vec<RowMajorMatrix<F>>,
    /// Public values of the AIR.
    pub public_values: Vec<F>,
}

impl AirProofInput {
    /// One instance without public values.
    pub fn single(air: usize, trace: RowMajorMatrix<F>) -> Self {
        Self { air, traces: vec![trace], public_values: Vec::new() }
    }
}
