//! The bounds that a configuration of the univariate backend must meet.

use core::fmt::Debug;

use p3_batch_stark::StarkGenericConfig;
use p3_challenger::{CanObserve, GrindingChallenger};
use p3_commit::{Pcs, UnivariateStarkPcs};
use p3_field::coset::TwoAdicMultiplicativeCoset;

use crate::air::{EF, F};

/// Configuration of `p3-batch-stark`. Implemented for all configurations over the machine's field whose types are
/// suitable.
pub trait UnivariateConfig:
    StarkGenericConfig<
        Challenge = EF,
        Pcs: UnivariateStarkPcs<
            EF,
            <Self as StarkGenericConfig>::Challenger,
            Domain = TwoAdicMultiplicativeCoset<F>,
            Commitment: Clone + Debug + PartialEq + Send + Sync,
            ProverData: Clone + Send + Sync,
            Proof: Send + Sync,
            Error: Debug,
            ProverError: Debug + Send,
        > + Clone
                 + Send
                 + Sync,
        Challenger: GrindingChallenger<Witness = F> + CanObserve<F> + Clone + Send + Sync,
    > + Send
    + Sync
    + 'static
{
}

impl<SC> UnivariateConfig for SC where
    SC: StarkGenericConfig<
            Challenge = EF,
            Pcs: UnivariateStarkPcs<
                EF,
                <SC as StarkGenericConfig>::Challenger,
                Domain = TwoAdicMultiplicativeCoset<F>,
                Commitment: Clone + Debug + PartialEq + Send + Sync,
                ProverData: Clone + Send + Sync,
                Proof: Send + Sync,
                Error: Debug,
                ProverError: Debug + Send,
            > + Clone
                     + Send
                     + Sync,
            Challenger: GrindingChallenger<Witness = F> + CanObserve<F> + Clone + Send + Sync,
        > + Send
        + Sync
        + 'static
{
}

/// Type of the commitments of a configuration.
pub(super) type PcsCom<SC> =
    <<SC as StarkGenericConfig>::Pcs as Pcs<EF, <SC as StarkGenericConfig>::Challenger>>::Commitment;

/// The prover's data for a commitment: low-degree extensions and Merkle tree.
#[cfg(feature = "prover")]
pub(super) type PcsData<SC> =
    <<SC as StarkGenericConfig>::Pcs as Pcs<EF, <SC as StarkGenericConfig>::Challenger>>::ProverData;
