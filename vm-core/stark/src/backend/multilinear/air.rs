//! Evaluation of AIRs for the multilinear backend.

use alloc::vec::Vec;

use p3_air::{Air, AirBuilder, RowWindow, WindowAccess};
use p3_bus::BusSymbolicBuilder;
use p3_field::{Algebra, ExtensionField};
use p3_lookup::{Count, InteractionBuilder};
use p3_multi_stark::folder::{InteractionMultilinearFolder, MultilinearFolder};

use crate::air::{F, RowValues};
use crate::backend::air::{BackendAir, with_buffer};

/// Values of a row in a form in which a builder can still be changed.
struct Row<'a, V> {
    main: RowWindow<'a, V>,
    preprocessed: RowWindow<'a, V>,
    /// Copied, because some builders lend them. Few AIRs have any.
    public: Vec<F>,
    selectors: [V; 3],
}

impl<'a, V: Algebra<F> + Copy + Send + Sync> Row<'a, V> {
    fn of<AB>(builder: &AB, public: &[F]) -> Self
    where
        AB: AirBuilder<F = F, Expr = V, Var = V, MainWindow = RowWindow<'a, V>, PreprocessedWindow = RowWindow<'a, V>>,
    {
        Self {
            main: builder.main(),
            preprocessed: *builder.preprocessed(),
            public: public.to_vec(),
            selectors: [builder.is_first_row(), builder.is_last_row(), builder.is_transition()],
        }
    }

    fn values(&self) -> RowValues<'_, V> {
        RowValues {
            main: (self.main.current_slice(), self.main.next_slice()),
            preprocessed: (self.preprocessed.current_slice(), self.preprocessed.next_slice()),
            public: &self.public,
            is_first_row: self.selectors[0],
            is_last_row: self.selectors[1],
            is_transition: self.selectors[2],
        }
    }
}

impl<E: ExtensionField<F>> Air<BusSymbolicBuilder<F, E>> for BackendAir {
    /// The backend's second kind of bus, which machines do not use.
    fn eval(&self, _builder: &mut BusSymbolicBuilder<F, E>) {}
}

/// Evaluates the constraints for the sumcheck: on packed rows of the trace, on packed rows that some challenges have
/// folded, or at the verifier's point.
impl<'a, V, A> Air<MultilinearFolder<'a, F, V, A>> for BackendAir
where
    V: Algebra<F> + Copy + Send + Sync + 'static,
    A: Algebra<V> + Copy,
{
    fn eval(&self, folder: &mut MultilinearFolder<'a, F, V, A>) {
        let row = Row::of(folder, folder.public_values);
        let values = row.values();
        with_buffer(|registers| {
            self.constraints.eval(|input| values.get(input), registers, |value| folder.assert_zero(value));
        });
    }
}

/// Evaluates constraints and messages.
impl<'a, V, A> Air<InteractionMultilinearFolder<'a, F, V, A>> for BackendAir
where
    V: Algebra<F> + Copy + Send + Sync + 'static,
    A: Algebra<V> + Copy,
{
    fn eval(&self, folder: &mut InteractionMultilinearFolder<'a, F, V, A>) {
        let row = Row::of(folder, folder.public_values());
        let values = row.values();
        with_buffer(|registers| {
            self.constraints.eval(|input| values.get(input), registers, |value| folder.assert_zero(value));
            // Each message is its multiplicity followed by its fields.
            let mut messages = self.symbolic.messages.iter();
            let mut current = messages.next();
            let mut count = None;
            with_buffer(|fields: &mut Vec<V>| {
                fields.clear();
                self.messages.eval(
                    |input| values.get(input),
                    registers,
                    |value| {
                        if count.is_none() {
                            count = Some(value);
                        } else {
                            fields.push(value);
                        }
                        let message = current.expect("the code has as many outputs as the messages");
                        if fields.len() == message.fields.len() {
                            let count = count.take().expect("the multiplicity comes before the fields");
                            folder.push_interaction(
                                &message.bus,
                                fields.drain(..),
                                Count::bounded(count, message.weight),
                            );
                            current = messages.next();
                        }
                    },
                );
            });
        });
    }
}
