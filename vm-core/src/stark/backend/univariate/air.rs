//! The AIR type of the batch-STARK backend: an [`AirRef`] with the properties that key generation derived from it.

use std::sync::Arc;

use p3_air::{Air, AirBuilder, BaseAir, DebugConstraintBuilder, WindowAccess};
use p3_batch_stark::folder::{ProverConstraintFolderWithLookups, VerifierConstraintFolderWithLookups};
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;

use crate::stark::air::{AirRef, Assignment, EF, F, ProverBuilder, Recorder, SymbolicAir, VerifierBuilder};

use super::config::BackendConfig;

/// An AIR in the form that the backend expects. Cheap to clone.
#[derive(Clone)]
pub struct BackendAir {
    pub(super) air: AirRef,
    pub(super) symbolic: Arc<SymbolicAir>,
    /// Indices of the main columns that the constraints and messages read on the next row.
    main_next: Arc<[usize]>,
    /// Same for the preprocessed columns.
    preprocessed_next: Arc<[usize]>,
    /// Preprocessed trace. `None` for AIRs without one, and for the verifier, which needs only the commitment.
    pub(super) preprocessed: Option<Arc<RowMajorMatrix<F>>>,
}

impl BackendAir {
    pub(super) fn new(air: AirRef, symbolic: Arc<SymbolicAir>, preprocessed: Option<Arc<RowMajorMatrix<F>>>) -> Self {
        // Soundness (M24): the backend takes zeros for the next row of columns that are not declared here. So these
        // lists come from the recorded expressions and never from the author.
        let main_next = symbolic.reads.main_next.iter().copied().collect();
        let preprocessed_next = symbolic.reads.preprocessed_next.iter().copied().collect();
        Self { air, symbolic, main_next, preprocessed_next, preprocessed }
    }
}

impl BaseAir<F> for BackendAir {
    fn width(&self) -> usize {
        self.air.width()
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.preprocessed.as_deref().cloned()
    }
    fn preprocessed_width(&self) -> usize {
        self.air.preprocessed_width()
    }
    fn main_next_row_columns(&self) -> Vec<usize> {
        self.main_next.to_vec()
    }
    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        self.preprocessed_next.to_vec()
    }
    fn num_public_values(&self) -> usize {
        self.air.num_public_values()
    }
}

impl Air<Recorder> for BackendAir {
    /// Replays the recorded constraints and messages, because the backend evaluates AIRs symbolically for every proof.
    fn eval(&self, builder: &mut Recorder) {
        for constraint in &self.symbolic.constraints {
            builder.assert_zero(constraint.clone());
        }
        for message in &self.symbolic.messages {
            builder.push_interaction(
                &message.bus,
                message.fields.iter().cloned(),
                Count::bounded(message.count.clone(), message.weight),
            );
        }
    }
}

impl<'a, SC: BackendConfig> Air<ProverConstraintFolderWithLookups<'a, SC>> for BackendAir {
    #[inline]
    fn eval(&self, folder: &mut ProverConstraintFolderWithLookups<'a, SC>) {
        let constraints = std::mem::take(&mut folder.inner.base_constraints);
        let before = constraints.len();
        let mut builder = ProverBuilder {
            main: folder.main(),
            preprocessed: *folder.preprocessed(),
            public_values: folder.inner.public_values,
            is_first_row: folder.inner.is_first_row,
            is_last_row: folder.inner.is_last_row,
            is_transition: folder.inner.is_transition,
            constraints,
        };
        self.air.eval_prover(&mut builder);
        folder.inner.constraint_index += builder.constraints.len() - before;
        folder.inner.base_constraints = builder.constraints;
    }
}

impl<'a, SC: BackendConfig> Air<VerifierConstraintFolderWithLookups<'a, SC>> for BackendAir {
    fn eval(&self, folder: &mut VerifierConstraintFolderWithLookups<'a, SC>) {
        let mut builder = VerifierBuilder {
            main: folder.main(),
            preprocessed: *folder.preprocessed(),
            public_values: folder.inner.public_values,
            is_first_row: folder.inner.is_first_row,
            is_last_row: folder.inner.is_last_row,
            is_transition: folder.inner.is_transition,
            constraints: Vec::with_capacity(self.symbolic.constraints.len()),
        };
        self.air.eval_verifier(&mut builder);
        // Soundness: the prover combines constraints with coefficients that depend on their position in the symbolic
        // AIR. A proof must not verify if the AIR asserts fewer constraints to the verifier than it declared. The
        // caller catches the panic.
        assert_eq!(
            builder.constraints.len(),
            self.symbolic.constraints.len(),
            "AIR `{}` has a different number of constraints for the verifier than symbolically",
            self.air.name()
        );
        for value in builder.constraints {
            folder.assert_zero(value);
        }
    }
}

impl Air<DebugConstraintBuilder<'_, F, EF>> for BackendAir {
    /// Needed if the backend is compiled with debug assertions: its prover then checks every row.
    fn eval(&self, builder: &mut DebugConstraintBuilder<'_, F, EF>) {
        let main = builder.main();
        let preprocessed = *builder.preprocessed();
        let at = Assignment {
            main: [main.current_slice().to_vec(), main.next_slice().to_vec()],
            preprocessed: [preprocessed.current_slice().to_vec(), preprocessed.next_slice().to_vec()],
            public: builder.public_values().to_vec(),
            is_first_row: builder.is_first_row(),
            is_last_row: builder.is_last_row(),
            is_transition: builder.is_transition(),
        };
        for value in at.values(&self.symbolic.constraints) {
            builder.assert_zero(value);
        }
    }
}
