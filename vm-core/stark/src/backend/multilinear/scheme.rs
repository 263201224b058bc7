//! The commitment scheme, and the configuration of the backend for one proof.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use p3_challenger::{CanObserve, GrindingChallenger};
use p3_commit::{Mmcs, MultilinearPcs};
use p3_dft::Radix2DFTSmallBatch;
use p3_field::PrimeCharacteristicRing;
use p3_multi_stark::config::MultiStarkConfig;
use p3_multilinear_util::point::Point;
use p3_sumcheck::layout::{Layout, SuffixProver, Table, Witness};
use p3_sumcheck::{OpeningEvals, OpeningProtocol, PrescribedOpeningSecurity, PrescribedPointPcs};
use p3_whir::{WhirConfig, WhirConfigError, WhirProver, WhirProverData};
use serde::{Deserialize, Serialize};

use crate::air::{EF, F};
use crate::backend::hashes::{Blake3Hashes, Hashes, KeccakHashes, Poseidon2Hashes};
use crate::backend::shared_mmcs::SharedMmcs;

use super::params::{FIRST_FOLD, Schedule};

/// Commitment to stacked traces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StackCommitment<C> {
    /// Root of the Merkle tree.
    pub root: C,
    /// Witness of the proof of work before the challenges that fingerprint messages; 0 if none is made.
    pub pow_witness: F,
}

impl<C> StackCommitment<C> {
    fn observe(self, challenger: &mut (impl CanObserve<C> + CanObserve<F>)) {
        challenger.observe(self.root);
        challenger.observe(self.pow_witness);
    }
}

type RootOf<H> = <<H as Hashes>::Mmcs as Mmcs<F>>::Commitment;

macro_rules! observe {
    ($($hashes:ty),*) => {
        $(
            impl CanObserve<StackCommitment<RootOf<$hashes>>> for <$hashes as Hashes>::Challenger {
                fn observe(&mut self, commitment: StackCommitment<RootOf<$hashes>>) {
                    commitment.observe(self);
                }
            }
        )*
    };
}

observe!(Poseidon2Hashes, KeccakHashes, Blake3Hashes);

/// Transform with which traces are encoded.
pub(super) type Dft = Radix2DFTSmallBatch<F>;

type Stack = SuffixProver<F, EF>;
pub(super) type Whir<H> = WhirProver<EF, F, Dft, SharedMmcs<<H as Hashes>::Mmcs>, <H as Hashes>::Challenger, Stack>;
pub(super) type Commitment<H> = StackCommitment<RootOf<H>>;
type Opening<H> = <Whir<H> as MultilinearPcs<EF, <H as Hashes>::Challenger>>::Proof;
type OpeningError<H> = <Whir<H> as MultilinearPcs<EF, <H as Hashes>::Challenger>>::Error;
/// The prover's data for a commitment. The verifier has none.
pub(super) type Committed<H> = Option<Arc<WhirProverData<F, EF, SharedMmcs<<H as Hashes>::Mmcs>, Stack>>>;

/// WHIR for one size of the stacked traces.
///
/// The backend makes its keys by committing to preprocessed traces. Here it gets the commitment that our key contains:
/// [`MultilinearPcs::commit`] returns it if there is one.
///
/// Soundness (M30): the challenges that fingerprint messages are drawn right after the main commitment. The public values,
/// which the backend observes in between, are observed by our start of the transcript already. So whoever wants other
/// challenges must find another proof of work, which [`MultilinearPcs::observe_commitment`] checks.
pub struct Scheme<H: Hashes> {
    whir: Whir<H>,
    stored: Option<(Commitment<H>, Committed<H>)>,
    /// Bits of the proof of work after the commitment.
    pow_bits: usize,
    /// Whether a proof of work was wrong. The trait cannot return an error there, so the verifier asks at the end.
    is_pow_wrong: AtomicBool,
}

impl<H: Hashes> Scheme<H> {
    /// Makes the scheme for 2^`log_cells` stacked cells.
    pub(super) fn new(dft: &Dft, schedule: &Schedule, log_cells: usize) -> Result<Self, WhirConfigError> {
        let config = whir_config::<H>(schedule, log_cells)?;
        Ok(Self {
            whir: WhirProver::new(config, dft.clone(), SharedMmcs(H::mmcs())),
            stored: None,
            pow_bits: 0,
            is_pow_wrong: AtomicBool::new(false),
        })
    }

    /// Makes commitments be followed by a proof of work.
    pub(super) fn with_pow(mut self, bits: usize) -> Self {
        self.pow_bits = bits;
        self
    }

    /// Returns the rounds of openings.
    pub(super) fn config(&self) -> &WhirConfig<EF, F, H::Challenger> {
        &self.whir
    }

    /// Returns whether a proof of work was wrong.
    pub(super) fn is_pow_wrong(&self) -> bool {
        self.is_pow_wrong.load(Ordering::Relaxed)
    }

    /// Makes the scheme return a commitment instead of computing one.
    pub(super) fn with_commitment(mut self, commitment: Commitment<H>, data: Committed<H>) -> Self {
        self.stored = Some((commitment, data));
        self
    }
}

type NewCommitment<H> = Result<(Commitment<H>, Committed<H>), WhirConfigError>;

impl<H: Hashes> Scheme<H> {
    #[cfg(feature = "prover")]
    fn commit_anew(&self, witness: Witness<F>, challenger: &mut H::Challenger) -> NewCommitment<H> {
        let (root, data) = self.whir.commit(witness, challenger)?;
        let pow_witness = if self.pow_bits == 0 { F::ZERO } else { challenger.grind(self.pow_bits) };
        Ok((StackCommitment { root, pow_witness }, Some(Arc::new(data))))
    }

    /// A verifier has every commitment from a key or a proof, and no code that makes one.
    #[cfg(not(feature = "prover"))]
    fn commit_anew(&self, _witness: Witness<F>, _challenger: &mut H::Challenger) -> NewCommitment<H> {
        panic!("the key has no commitment to its preprocessed traces")
    }
}

/// Returns the rounds for 2^`log_cells` stacked cells, with their numbers of queries and their proofs of work.
pub(super) fn whir_config<H: Hashes>(
    schedule: &Schedule,
    log_cells: usize,
) -> Result<WhirConfig<EF, F, H::Challenger>, WhirConfigError> {
    WhirConfig::new(log_cells, schedule.protocol(log_cells))
}

/// Stacks tables.
pub(super) fn stack(tables: Vec<Table<F>>) -> Witness<F> {
    Stack::new_witness(tables, FIRST_FOLD)
}

impl<H: Hashes> MultilinearPcs<EF, H::Challenger> for Scheme<H> {
    type Val = F;
    type Commitment = Commitment<H>;
    type ProverData = Committed<H>;
    type Proof = Opening<H>;
    type Error = OpeningError<H>;
    type ProverError = WhirConfigError;
    type Witness = Witness<F>;
    type OpeningProtocol = OpeningProtocol;

    fn num_vars(&self) -> usize {
        self.whir.num_vars()
    }

    fn commit(&self, witness: Witness<F>, challenger: &mut H::Challenger) -> NewCommitment<H> {
        match &self.stored {
            Some(stored) => Ok(stored.clone()),
            None => self.commit_anew(witness, challenger),
        }
    }

    fn observe_commitment(&self, commitment: &Commitment<H>, challenger: &mut H::Challenger) {
        self.whir.observe_commitment(&commitment.root, challenger);
        let is_right = if self.pow_bits == 0 {
            commitment.pow_witness == F::ZERO
        } else {
            challenger.check_witness(self.pow_bits, commitment.pow_witness)
        };
        if !is_right {
            self.is_pow_wrong.store(true, Ordering::Relaxed);
        }
    }

    fn open(
        &self,
        data: Committed<H>,
        protocol: OpeningProtocol,
        challenger: &mut H::Challenger,
    ) -> Result<Opening<H>, WhirConfigError> {
        self.whir.open(taken::<H>(data), protocol, challenger)
    }

    fn verify(
        &self,
        commitment: &Commitment<H>,
        proof: &Opening<H>,
        challenger: &mut H::Challenger,
        protocol: OpeningProtocol,
    ) -> Result<(), OpeningError<H>> {
        self.whir.verify(&commitment.root, proof, challenger, protocol)
    }
}

/// Takes the prover's data. Main traces are moved, and preprocessed traces, which later proofs need, are copied.
fn taken<H: Hashes>(data: Committed<H>) -> WhirProverData<F, EF, SharedMmcs<H::Mmcs>, Stack> {
    Arc::unwrap_or_clone(data.expect("only the prover opens commitments, and it has their data"))
}

impl<H: Hashes> PrescribedPointPcs<EF, H::Challenger> for Scheme<H> {
    fn prescribed_security(&self, protocol: &OpeningProtocol) -> Option<PrescribedOpeningSecurity> {
        self.whir.prescribed_security(protocol)
    }

    fn open_at(
        &self,
        data: Committed<H>,
        protocol: &OpeningProtocol,
        points: &[Point<EF>],
        challenger: &mut H::Challenger,
    ) -> Result<Opening<H>, WhirConfigError> {
        self.whir.open_at(taken::<H>(data), protocol, points, challenger)
    }

    fn verify_at(
        &self,
        commitment: &Commitment<H>,
        proof: &Opening<H>,
        protocol: &OpeningProtocol,
        points: &[Point<EF>],
        challenger: &mut H::Challenger,
    ) -> Result<Vec<OpeningEvals<EF>>, OpeningError<H>> {
        self.whir.verify_at(&commitment.root, proof, protocol, points, challenger)
    }
}

/// Configuration of the backend for one proof: the schemes for the sizes of its main and preprocessed traces.
pub struct ProofConfig<H: Hashes> {
    pub(super) main: Scheme<H>,
    pub(super) preprocessed: Option<Scheme<H>>,
}

impl<H: Hashes> MultiStarkConfig for ProofConfig<H> {
    type Val = F;
    type Challenge = EF;
    type Challenger = H::Challenger;
    type Pcs = Scheme<H>;

    fn pcs(&self) -> &Scheme<H> {
        &self.main
    }
    fn preprocessed_pcs(&self) -> &Scheme<H> {
        self.preprocessed.as_ref().expect("the backend asks for it only if there are preprocessed traces")
    }
    fn collision_resistance_bits(&self) -> Option<usize> {
        Some(H::COLLISION_BITS)
    }
    fn min_num_variables(&self) -> usize {
        FIRST_FOLD
    }
    fn build_witness(&self, tables: Vec<Table<F>>) -> Witness<F> {
        stack(tables)
    }
    fn committed_table<'a>(&self, data: &'a Committed<H>, index: usize) -> &'a Table<F> {
        data.as_ref().expect("only the prover reads committed tables").table(index)
    }
}
