//! The AIR type of the backends: a circuit with what is derived from it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use p3_air::{Air, BaseAir};
use p3_field::ExtensionField;
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};
use p3_matrix::dense::RowMajorMatrix;
#[cfg(feature = "std")]
use {std::any::Any, std::cell::RefCell};

use crate::air::{Circuit, F, SymbolicAir, Tape, Widths};

#[cfg(feature = "std")]
thread_local! {
    /// Buffers of the code that runs for every few rows, one for each type of values.
    static BUFFERS: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f` with a buffer that this thread has used before, if it has used one for values of this type.
#[cfg(feature = "std")]
pub(super) fn with_buffer<V: 'static, R>(f: impl FnOnce(&mut Vec<V>) -> R) -> R {
    let position = |buffers: &[Box<dyn Any>]| buffers.iter().position(|buffer| buffer.is::<Vec<V>>());
    let taken = BUFFERS.with_borrow_mut(|buffers| position(buffers).map(|at| buffers.swap_remove(at)));
    let mut buffer = taken.unwrap_or_else(|| Box::new(Vec::<V>::new()));
    let result = f(buffer.downcast_mut().expect("the buffer was found by its type"));
    BUFFERS.with_borrow_mut(|buffers| buffers.push(buffer));
    result
}

/// Calls `f` with a new buffer: a verifier evaluates an AIR once or twice.
#[cfg(not(feature = "std"))]
pub(super) fn with_buffer<V: 'static, R>(f: impl FnOnce(&mut Vec<V>) -> R) -> R {
    f(&mut Vec::new())
}

/// What zero rows below the trace of an AIR mean.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ZeroRows {
    /// Something, or a verifier does not know.
    #[default]
    Meaningful,
    /// Nothing.
    Padding,
    /// Nothing below a trace of one row: only the first row counts.
    PaddingBelowFirst,
}

/// An AIR in the form that the backends expect. Cheap to clone.
#[derive(Clone)]
pub struct BackendAir {
    pub(crate) circuit: Arc<Circuit>,
    /// The circuit as expressions.
    pub(crate) symbolic: Arc<SymbolicAir>,
    /// The constraints as code.
    pub(super) constraints: Arc<Tape>,
    /// The multiplicity and the fields of each message as code.
    pub(super) messages: Arc<Tape>,
    /// Degrees of the constraints in one variable of a sumcheck.
    pub(super) constraint_degrees: Arc<[usize]>,
    /// Same for the multiplicity and the fields of each message.
    pub(super) message_degrees: Arc<[usize]>,
    widths: Widths,
    /// Indices of the main columns that the constraints and messages read on the next row.
    main_next: Arc<[usize]>,
    /// Same for the preprocessed columns.
    preprocessed_next: Arc<[usize]>,
    /// Preprocessed trace. `None` for AIRs without one, and for the verifier, which needs only the commitment.
    pub(crate) preprocessed: Option<Arc<RowMajorMatrix<F>>>,
    /// Whether the prover may add rows.
    #[cfg(feature = "std")]
    pub(super) zero_rows: ZeroRows,
}

impl BackendAir {
    pub(crate) fn new(circuit: Arc<Circuit>, symbolic: Arc<SymbolicAir>, widths: Widths) -> Self {
        // Soundness (M24): the backends do not open columns on the next row that are not declared here. So these lists
        // come from the recorded expressions and never from the author.
        let main_next = symbolic.reads.main_next.iter().copied().collect();
        let preprocessed_next = symbolic.reads.preprocessed_next.iter().copied().collect();
        let constraints = Arc::new(Tape::of(&circuit.constraints));
        let messages = Arc::new(Tape::of(&circuit.messages));
        let constraint_degrees = circuit.constraints.degrees().into();
        let message_degrees = circuit.messages.degrees().into();
        Self {
            circuit,
            symbolic,
            constraints,
            messages,
            constraint_degrees,
            message_degrees,
            widths,
            main_next,
            preprocessed_next,
            preprocessed: None,
            #[cfg(feature = "std")]
            zero_rows: ZeroRows::default(),
        }
    }

    /// Converts a recorded AIR.
    #[cfg(feature = "std")]
    pub(crate) fn recorded(symbolic: Arc<SymbolicAir>, widths: Widths) -> Self {
        Self::new(Arc::new(Circuit::new(&symbolic)), symbolic, widths)
    }

    /// Returns this AIR with other constraints and messages.
    #[cfg(test)]
    pub(crate) fn with_symbolic(&self, symbolic: SymbolicAir) -> Self {
        let (preprocessed, zero_rows) = (self.preprocessed.clone(), self.zero_rows);
        Self { preprocessed, zero_rows, ..Self::recorded(Arc::new(symbolic), self.widths) }
    }

    /// Returns the numbers of columns and public values.
    pub(super) fn widths(&self) -> Widths {
        self.widths
    }
}

impl BaseAir<F> for BackendAir {
    fn width(&self) -> usize {
        self.widths.main
    }
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.preprocessed.as_deref().cloned()
    }
    fn preprocessed_width(&self) -> usize {
        self.widths.preprocessed
    }
    fn main_next_row_columns(&self) -> Vec<usize> {
        self.main_next.to_vec()
    }
    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        self.preprocessed_next.to_vec()
    }
    fn num_public_values(&self) -> usize {
        self.widths.public_values
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
