//! The prover's input.

use p3_matrix::dense::RowMajorMatrix;

use super::field::F;

/// Traces of one AIR for one proof. An AIR without input, or whose input has no traces, is absent from the proof.
#[derive(Clone, Debug, Default)]
pub struct AirProofInput {
    /// Index of the AIR in the key.
    pub air: usize,
    /// One trace per instance. The height of each is a power of two.
    pub traces: Vec<RowMajorMatrix<F>>,
    /// Public values of the AIR; empty if it has none.
    pub public_values: Vec<F>,
}

impl AirProofInput {
    /// Makes the input of an AIR with one instance and no public values.
    pub fn single(air: usize, trace: RowMajorMatrix<F>) -> Self {
        Self { air, traces: vec![trace], public_values: Vec::new() }
    }
}
