//! The AIR type of the batch-STARK backend: an [`AirRef`] with the properties that key generation derived from it.

use std::cell::RefCell;
use std::sync::Arc;

use p3_air::{Air, AirBuilder, BaseAir, DebugConstraintBuilder, WindowAccess};
use p3_batch_stark::folder::{ProverConstraintFolderWithLookups, VerifierConstraintFolderWithLookups};
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;

use crate::stark::air::{AirRef, EF, F, PackedF, Recorder, RowValues, SymbolicAir, Tape};

use super::config::BackendConfig;

thread_local! {
    /// Registers of the code that the prover runs for every few rows.
    static REGISTERS: RefCell<Vec<PackedF>> = const { RefCell::new(Vec::new()) };
}

/// An AIR in the form that the backend expects. Cheap to clone.
#[derive(Clone)]
pub struct BackendAir {
    pub(super) air: AirRef,
    pub(super) symbolic: Arc<SymbolicAir>,
    /// The constraints of `symbolic` as code.
    constraints: Arc<Tape>,
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
        let constraints = Arc::new(Tape::new(&symbolic.constraints));
        Self { air, symbolic, constraints, main_next, preprocessed_next, preprocessed }
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
    fn eval(&self, folder: &mut ProverConstraintFolderWithLookups<'a, SC>) {
        let (main, preprocessed) = (folder.main(), *folder.preprocessed());
        let folder = &mut folder.inner;
        let row = RowValues {
            main: (main.current_slice(), main.next_slice()),
            preprocessed: (preprocessed.current_slice(), preprocessed.next_slice()),
            public: folder.public_values,
            is_first_row: folder.is_first_row,
            is_last_row: folder.is_last_row,
            is_transition: folder.is_transition,
        };
        REGISTERS.with_borrow_mut(|registers| {
            self.constraints.eval(|input| row.get(input), registers, |value| folder.base_constraints.push(value));
        });
        folder.constraint_index += self.constraints.len();
    }
}

impl<'a, SC: BackendConfig> Air<VerifierConstraintFolderWithLookups<'a, SC>> for BackendAir {
    fn eval(&self, folder: &mut VerifierConstraintFolderWithLookups<'a, SC>) {
        let (main, preprocessed) = (folder.main(), *folder.preprocessed());
        let row = RowValues {
            main: (main.current_slice(), main.next_slice()),
            preprocessed: (preprocessed.current_slice(), preprocessed.next_slice()),
            public: folder.inner.public_values,
            is_first_row: folder.inner.is_first_row,
            is_last_row: folder.inner.is_last_row,
            is_transition: folder.inner.is_transition,
        };
        self.constraints.eval(|input| row.get(input), &mut Vec::new(), |value| folder.assert_zero(value));
    }
}

impl Air<DebugConstraintBuilder<'_, F, EF>> for BackendAir {
    /// Needed if the backend is compiled with debug assertions: its prover then checks every row.
    fn eval(&self, builder: &mut DebugConstraintBuilder<'_, F, EF>) {
        let (main, preprocessed) = (builder.main(), *builder.preprocessed());
        let public = builder.public_values().to_vec();
        let row = RowValues {
            main: (main.current_slice(), main.next_slice()),
            preprocessed: (preprocessed.current_slice(), preprocessed.next_slice()),
            public: &public,
            is_first_row: builder.is_first_row(),
            is_last_row: builder.is_last_row(),
            is_transition: builder.is_transition(),
        };
        self.constraints.eval(|input| row.get(input), &mut Vec::new(), |value| builder.assert_zero(value));
    }
}
