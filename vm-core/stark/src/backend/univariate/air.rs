//! Evaluation of AIRs for the univariate backend.

use alloc::vec::Vec;

use p3_air::{Air, AirBuilder, DebugConstraintBuilder, WindowAccess};
use p3_batch_stark::folder::{ProverConstraintFolderWithLookups, VerifierConstraintFolderWithLookups};

use crate::air::{EF, F, RowValues};
use crate::backend::air::{BackendAir, with_buffer};

use super::config::UnivariateConfig;

impl<'a, SC: UnivariateConfig> Air<ProverConstraintFolderWithLookups<'a, SC>> for BackendAir {
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
        with_buffer(|registers| {
            self.constraints.eval(|input| row.get(input), registers, |value| folder.base_constraints.push(value));
        });
        folder.constraint_index += self.constraints.num_exprs();
    }
}

impl<'a, SC: UnivariateConfig> Air<VerifierConstraintFolderWithLookups<'a, SC>> for BackendAir {
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
