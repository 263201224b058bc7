//! Commitment scheme whose prover data can be shared.

use alloc::sync::Arc;
use alloc::vec::Vec;

use p3_commit::{BatchOpening, BatchOpeningRef, Mmcs};
use p3_matrix::{Dimensions, Matrix};

/// A commitment scheme with the commitments and proofs of `M`. Clones of its prover data share the committed matrices.
///
/// The backend takes the committed preprocessed traces by value for every proof. Copies of them would take hundreds of
/// bytes per instruction of the program.
#[derive(Clone, Debug)]
pub struct SharedMmcs<M>(pub(super) M);

impl<T: Send + Sync + Clone, M: Mmcs<T>> Mmcs<T> for SharedMmcs<M> {
    type ProverData<Mat> = Arc<M::ProverData<Mat>>;
    type Commitment = M::Commitment;
    type Proof = M::Proof;
    type MultiProof = M::MultiProof;
    type Error = M::Error;

    fn commit<Mat: Matrix<T>>(&self, inputs: Vec<Mat>) -> (Self::Commitment, Self::ProverData<Mat>) {
        let (commitment, data) = self.0.commit(inputs);
        (commitment, Arc::new(data))
    }

    fn open_batch<Mat: Matrix<T>>(&self, index: usize, data: &Self::ProverData<Mat>) -> BatchOpening<T, Self> {
        let (values, proof) = self.0.open_batch(index, data).unpack();
        BatchOpening::new(values, proof)
    }

    fn get_matrices<'a, Mat: Matrix<T>>(&self, data: &'a Self::ProverData<Mat>) -> Vec<&'a Mat> {
        self.0.get_matrices(data)
    }

    fn verify_batch(
        &self,
        commitment: &Self::Commitment,
        dimensions: &[Dimensions],
        index: usize,
        opening: BatchOpeningRef<'_, T, Self>,
    ) -> Result<(), Self::Error> {
        let (values, proof) = opening.unpack();
        self.0.verify_batch(commitment, dimensions, index, BatchOpeningRef::new(values, proof))
    }

    fn open_multi_batch<Mat: Matrix<T>>(
        &self,
        indices: &[usize],
        data: &Self::ProverData<Mat>,
    ) -> (Vec<Vec<Vec<T>>>, Self::MultiProof) {
        self.0.open_multi_batch(indices, data)
    }

    fn verify_multi_batch<R: AsRef<[T]> + PartialEq>(
        &self,
        commitment: &Self::Commitment,
        dimensions: &[Dimensions],
        indices: &[usize],
        values: &[Vec<R>],
        proof: &Self::MultiProof,
    ) -> Result<(), Self::Error> {
        self.0.verify_multi_batch(commitment, dimensions, indices, values, proof)
    }
}

#[cfg(test)]
mod tests {
    use p3_blake3::Blake3;
    use p3_field::PrimeCharacteristicRing;
    use p3_matrix::dense::RowMajorMatrix;
    use p3_symmetric::{CompressionFunctionFromHasher, SerializingHasher};

    use super::super::hashes::Blake3Mmcs;
    use super::*;
    use crate::F;

    /// The backend uses openings of several rows; the trait also has openings of one.
    #[test]
    fn both_kinds_of_openings_are_checked() {
        let (hash, compress) = (SerializingHasher::new(Blake3), CompressionFunctionFromHasher::new(Blake3));
        let mmcs = SharedMmcs(Blake3Mmcs::new(hash, compress, 0));
        let matrix = RowMajorMatrix::new((0..16).map(F::from_u32).collect(), 2);
        let dimensions = [matrix.dimensions()];
        let (commitment, data) = mmcs.commit_matrix(matrix);

        let (mut values, proof) = mmcs.open_batch(3, &data).unpack();
        let verify = |values: &[Vec<F>]| {
            mmcs.verify_batch(&commitment, &dimensions, 3, BatchOpeningRef::new(values, &proof)).is_ok()
        };
        assert!(verify(&values));
        values[0][1] += F::ONE;
        assert!(!verify(&values));

        let (mut values, proof) = mmcs.open_multi_batch(&[1, 3], &data);
        let verify =
            |values: &[Vec<Vec<F>>]| mmcs.verify_multi_batch(&commitment, &dimensions, &[1, 3], values, &proof).is_ok();
        assert!(verify(&values));
        values[1][0][0] += F::ONE;
        assert!(!verify(&values));
    }
}
