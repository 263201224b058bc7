//! The AIR type of the backends: an [`AirRef`] with what key generation derived from it.

use std::any::Any;
use std::cell::RefCell;
use std::sync::Arc;

use p3_air::{Air, BaseAir};
use p3_field::ExtensionField;
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};
use p3_matrix::dense::RowMajorMatrix;

use crate::air::{AirRef, F, SymbolicAir, Tape};

thread_local! {
    /// Buffers of the code that runs for every few rows, one for each type of values.
    static BUFFERS: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f` with a buffer that this thread has used before, if it has used one for values of this type.
pub(super) fn with_buffer<V: 'static, R>(f: impl FnOnce(&mut Vec<V>) -> R) -> R {
    let position = |buffers: &[Box<dyn Any>]| buffers.iter().position(|buffer| buffer.is::<Vec<V>>());
    let taken = BUFFERS.with_borrow_mut(|buffers| position(buffers).map(|at| buffers.swap_remove(at)));
    let mut buffer = taken.unwrap_or_else(|| Box::new(Vec::<V>::new()));
    let result = f(buffer.downcast_mut().expect("the buffer was found by its type"));
    BUFFERS.with_borrow_mut(|buffers| buffers.push(buffer));
    result
}

/// An AIR in the form that the backends expect. Cheap to clone.
#[derive(Clone)]
pub struct BackendAir {
    pub(crate) air: AirRef,
    pub(crate) symbolic: Arc<SymbolicAir>,
    /// The constraints of `symbolic` as code.
    pub(super) constraints: Arc<Tape>,
    /// The multiplicity and the fields of each message of `symbolic` as code.
    pub(super) messages: Arc<Tape>,
    /// Indices of the main columns that the constraints and messages read on the next row.
    main_next: Arc<[usize]>,
    /// Same for the preprocessed columns.
    preprocessed_next: Arc<[usize]>,
    /// Preprocessed trace. `None` for AIRs without one, and for the verifier, which needs only the commitment.
    pub(crate) preprocessed: Option<Arc<RowMajorMatrix<F>>>,
}

impl BackendAir {
    pub(crate) fn new(air: AirRef, symbolic: Arc<SymbolicAir>, preprocessed: Option<Arc<RowMajorMatrix<F>>>) -> Self {
        // Soundness (M24): the backends do not open columns on the next row that are not declared here. So these lists
        // come from the recorded expressions and never from the author.
        let main_next = symbolic.reads.main_next.iter().copied().collect();
        let preprocessed_next = symbolic.reads.preprocessed_next.iter().copied().collect();
        let constraints = Arc::new(Tape::new(&symbolic.constraints));
        let messages = symbolic.messages.iter().flat_map(|message| [&message.count].into_iter().chain(&message.fields));
        let messages = Arc::new(Tape::new(messages));
        Self { air, symbolic, constraints, messages, main_next, preprocessed_next, preprocessed }
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

impl<E: ExtensionField<F>> Air<InteractionSymbolicBuilder<F, E>> for BackendAir {
    /// Replays the recorded constraints and messages, because the backends evaluate AIRs symbolically for every proof.
    fn eval(&self, builder: &mut InteractionSymbolicBuilder<F, E>) {
        use p3_air::AirBuilder;
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
