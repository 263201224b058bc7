//! Evaluation of AIRs for the multilinear backend.

use alloc::vec::Vec;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicVariable};
use p3_air::{Air, AirBuilder, BaseAir, RowWindow, WindowAccess};
use p3_bus::BusSymbolicBuilder;
use p3_field::{Algebra, ExtensionField, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};
use p3_matrix::dense::RowMajorMatrix;
use p3_multi_stark::folder::{InteractionMultilinearFolder, MultilinearFolder};

use crate::air::{EF, Expr, F, RowValues};
use crate::backend::air::{BackendAir, with_buffer};

use super::params::FIRST_FOLD;

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

/// An AIR as the backend's key generation and verifier see it.
///
/// The backend evaluates AIRs symbolically for every proof. Of the expressions, only its prover uses more than the degrees:
/// key generation derives the lengths of the sumcheck's polynomials, and the verifier the layout of the messages. So the
/// expressions here are powers of one column, with the degrees of those of the AIR, which takes a fraction of the time.
///
/// Soundness (M24): the backend compares the columns that expressions read on the next row with those that are declared, and
/// these expressions read none. The declarations are derived from the AIR's own expressions instead ([`BackendAir`]). Values of
/// constraints and messages are computed by the AIR itself.
pub(super) struct Outline<'a>(pub(super) &'a BackendAir);

impl BaseAir<F> for Outline<'_> {
    fn width(&self) -> usize {
        self.0.width()
    }
    fn preprocessed_width(&self) -> usize {
        self.0.preprocessed_width()
    }
    /// Some trace: the commitment comes from our key (see [`Scheme`](super::scheme::Scheme)).
    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        Some(RowMajorMatrix::new_col(F::zero_vec(1 << FIRST_FOLD)))
    }
    fn main_next_row_columns(&self) -> Vec<usize> {
        self.0.main_next_row_columns()
    }
    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        self.0.preprocessed_next_row_columns()
    }
    fn num_public_values(&self) -> usize {
        self.0.num_public_values()
    }
}

impl Air<InteractionSymbolicBuilder<F, EF>> for Outline<'_> {
    fn eval(&self, builder: &mut InteractionSymbolicBuilder<F, EF>) {
        let air = self.0;
        let column = Expr::Leaf(BaseLeaf::Variable(SymbolicVariable::new(BaseEntry::Main { offset: 0 }, 0)));
        let degrees = air.constraint_degrees.iter().chain(&*air.message_degrees);
        let mut powers = alloc::vec![Expr::ONE];
        for degree in 0..degrees.max().copied().unwrap_or(0) {
            powers.push(powers[degree].clone() * column.clone());
        }
        for &degree in &*air.constraint_degrees {
            builder.assert_zero(powers[degree].clone());
        }
        let mut degrees = air.message_degrees.iter();
        let mut next = || powers[*degrees.next().expect("every expression has a degree")].clone();
        for message in &air.symbolic.messages {
            let count = Count::bounded(next(), message.weight);
            let fields: Vec<Expr> = message.fields.iter().map(|_| next()).collect();
            builder.push_interaction(&message.bus, fields, count);
        }
    }
}

impl<E: ExtensionField<F>> Air<BusSymbolicBuilder<F, E>> for Outline<'_> {
    fn eval(&self, builder: &mut BusSymbolicBuilder<F, E>) {
        self.0.eval(builder);
    }
}

impl<'a> Air<MultilinearFolder<'a, F, EF, EF>> for Outline<'_> {
    fn eval(&self, folder: &mut MultilinearFolder<'a, F, EF, EF>) {
        self.0.eval(folder);
    }
}

impl<'a> Air<InteractionMultilinearFolder<'a, F, EF, EF>> for Outline<'_> {
    fn eval(&self, folder: &mut InteractionMultilinearFolder<'a, F, EF, EF>) {
        self.0.eval(folder);
    }
}

#[cfg(test)]
mod tests {
    use p3_air::symbolic::AirLayout;
    use p3_lookup::Lookups;

    use super::*;
    use crate::backend::{BabyBearWhirPoseidon2Engine, StarkEngine};
    use crate::keys::{KeygenLimits, SecurityPreset};
    use crate::tests::toys::toy;

    /// What the backend's key generation and verifier use of an AIR.
    #[derive(Debug, PartialEq)]
    struct Shape {
        constraint_degrees: Vec<usize>,
        /// Bus, degrees of the multiplicity and the fields, and weight.
        messages: Vec<(String, Vec<usize>, u32)>,
    }

    fn shape<A: BaseAir<F> + Air<InteractionSymbolicBuilder<F, EF>>>(air: &A) -> Shape {
        let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, AirLayout::from_air::<F>(air));
        let degree = |expr: &Expr| expr.poly_degree(2, &[]);
        let message = |lookup: &p3_lookup::Lookup<F>| {
            let exprs = lookup.multiplicities.iter().chain(lookup.elements.iter().flatten());
            (format!("{:?}", lookup.kind), exprs.map(degree).collect(), lookup.count_weight)
        };
        Shape {
            constraint_degrees: builder.base_constraints().iter().map(degree).collect(),
            messages: Lookups::from_air::<EF, _>(air).iter().map(message).collect(),
        }
    }

    #[test]
    fn outlines_have_the_shapes_of_their_airs() {
        let engine = BabyBearWhirPoseidon2Engine::new(SecurityPreset::default());
        let key = engine.keygen(&toy(), KeygenLimits::default()).unwrap();
        for air in &key.verifying_key().airs {
            assert_eq!(shape(&Outline(air)), shape(air));
        }
    }
}
