//! The concrete builders that evaluate AIRs: those of the prover, the verifier and single rows.

use p3_air::{AirBuilder, RowWindow};
use p3_field::{Field, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder};

use super::field::{EF, F};

/// Packed base-field values.
pub type PackedF = <F as Field>::Packing;

/// Methods of builders that ignore messages, because key generation has recorded them.
macro_rules! ignore_interactions {
    () => {
        #[inline(always)]
        fn push_interaction<E: Into<Self::Expr>>(
            &mut self,
            _bus_name: &str,
            _fields: impl IntoIterator<Item = E>,
            _count: impl Into<Count<Self::Expr>>,
        ) {
        }

        fn push_local_interaction(&mut self, _tuples: impl IntoIterator<Item = (Vec<Self::Expr>, Count<Self::Expr>)>) {}
    };
}

/// Evaluates constraints on packed rows. The engine then folds the values in order.
pub struct ProverBuilder<'a> {
    /// Current and next main row.
    pub main: RowWindow<'a, PackedF>,
    /// Current and next preprocessed row.
    pub preprocessed: RowWindow<'a, PackedF>,
    /// Public values of the AIR.
    pub public_values: &'a [F],
    /// Value of the first-row selector.
    pub is_first_row: PackedF,
    /// Value of the last-row selector.
    pub is_last_row: PackedF,
    /// Value of the transition selector.
    pub is_transition: PackedF,
    /// Values of the constraints evaluated so far, in order.
    pub constraints: Vec<PackedF>,
}

impl<'a> AirBuilder for ProverBuilder<'a> {
    type F = F;
    type Expr = PackedF;
    type Var = PackedF;
    type PreprocessedWindow = RowWindow<'a, PackedF>;
    type MainWindow = RowWindow<'a, PackedF>;
    type PublicVar = F;
    type PeriodicVar = PackedF;

    #[inline]
    fn main(&self) -> Self::MainWindow {
        self.main
    }
    #[inline]
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.preprocessed
    }
    #[inline]
    fn is_first_row(&self) -> Self::Expr {
        self.is_first_row
    }
    #[inline]
    fn is_last_row(&self) -> Self::Expr {
        self.is_last_row
    }
    #[inline]
    fn is_transition(&self) -> Self::Expr {
        self.is_transition
    }
    #[inline]
    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        self.constraints.push(x.into());
    }
    #[inline]
    fn public_values(&self) -> &[Self::PublicVar] {
        self.public_values
    }
}

impl InteractionBuilder for ProverBuilder<'_> {
    ignore_interactions!();
}

/// Evaluates constraints at the verifier's out-of-domain point.
pub struct VerifierBuilder<'a> {
    /// Openings of the current and next main row.
    pub main: RowWindow<'a, EF>,
    /// Openings of the current and next preprocessed row.
    pub preprocessed: RowWindow<'a, EF>,
    /// Public values of the AIR.
    pub public_values: &'a [F],
    /// Value of the first-row selector.
    pub is_first_row: EF,
    /// Value of the last-row selector.
    pub is_last_row: EF,
    /// Value of the transition selector.
    pub is_transition: EF,
    /// Values of the constraints evaluated so far, in order.
    pub constraints: Vec<EF>,
}

impl<'a> AirBuilder for VerifierBuilder<'a> {
    type F = F;
    type Expr = EF;
    type Var = EF;
    type PreprocessedWindow = RowWindow<'a, EF>;
    type MainWindow = RowWindow<'a, EF>;
    type PublicVar = F;
    type PeriodicVar = EF;

    fn main(&self) -> Self::MainWindow {
        self.main
    }
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.preprocessed
    }
    fn is_first_row(&self) -> Self::Expr {
        self.is_first_row
    }
    fn is_last_row(&self) -> Self::Expr {
        self.is_last_row
    }
    fn is_transition(&self) -> Self::Expr {
        self.is_transition
    }
    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        self.constraints.push(x.into());
    }
    fn public_values(&self) -> &[Self::PublicVar] {
        self.public_values
    }
}

impl InteractionBuilder for VerifierBuilder<'_> {
    ignore_interactions!();
}

/// A message of one concrete row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowMessage {
    /// Index of the message in the AIR, in the order of `push_interaction` calls.
    pub interaction: u32,
    /// Index of its first field in [`RowBuilder::fields`].
    pub start: u32,
    /// Number of fields.
    pub len: u32,
    /// Multiplicity: positive for sends and queries, negative for receives and provided entries.
    pub count: F,
}

/// Evaluates an AIR on one concrete row at a time, and records its messages and failed constraints.
///
/// Messages with multiplicity 0 are not recorded, nor are those that the mask `wanted` excludes. For each row, call
/// [`Self::set_row`] and then [`AnyAir::eval_row`](super::AnyAir::eval_row); buffers are reused.
pub struct RowBuilder<'a> {
    main: RowWindow<'a, F>,
    preprocessed: RowWindow<'a, F>,
    public_values: &'a [F],
    is_first_row: F,
    is_last_row: F,
    wanted: &'a [bool],
    check_constraints: bool,
    next_interaction: u32,
    next_constraint: u32,
    /// Fields of all recorded messages, one message after the other.
    pub fields: Vec<F>,
    /// Recorded messages of the row, in the order of the AIR.
    pub messages: Vec<RowMessage>,
    /// Index and value of every constraint whose value is not zero.
    pub failures: Vec<(u32, F)>,
}

impl<'a> RowBuilder<'a> {
    /// Makes a builder without a row.
    ///
    /// `wanted` has one flag per message of the AIR and selects the messages to record; an empty slice selects all. If
    /// `check_constraints` is false, constraints are skipped, and for most AIRs the compiler removes their evaluation.
    pub fn new(public_values: &'a [F], wanted: &'a [bool], check_constraints: bool) -> Self {
        Self {
            main: RowWindow::from_two_rows(&[], &[]),
            preprocessed: RowWindow::from_two_rows(&[], &[]),
            public_values,
            is_first_row: F::ZERO,
            is_last_row: F::ZERO,
            wanted,
            check_constraints,
            next_interaction: 0,
            next_constraint: 0,
            fields: Vec::new(),
            messages: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// Moves to row `row` of a trace of `height` rows and clears what was recorded. `main` and `preprocessed` are the
    /// current and the next row.
    #[inline]
    pub fn set_row(&mut self, row: usize, height: usize, main: (&'a [F], &'a [F]), preprocessed: (&'a [F], &'a [F])) {
        self.main = RowWindow::from_two_rows(main.0, main.1);
        self.preprocessed = RowWindow::from_two_rows(preprocessed.0, preprocessed.1);
        self.is_first_row = F::from_bool(row == 0);
        self.is_last_row = F::from_bool(row + 1 == height);
        self.next_interaction = 0;
        self.next_constraint = 0;
        self.fields.clear();
        self.messages.clear();
        self.failures.clear();
    }

    /// Returns the fields of a recorded message.
    ///
    /// # Panics
    ///
    /// May panic if the message is not one of the current row.
    #[inline]
    pub fn fields_of(&self, message: &RowMessage) -> &[F] {
        &self.fields[message.start as usize..(message.start + message.len) as usize]
    }
}

impl<'a> AirBuilder for RowBuilder<'a> {
    type F = F;
    type Expr = F;
    type Var = F;
    type PreprocessedWindow = RowWindow<'a, F>;
    type MainWindow = RowWindow<'a, F>;
    type PublicVar = F;
    type PeriodicVar = F;

    #[inline]
    fn main(&self) -> Self::MainWindow {
        self.main
    }
    #[inline]
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.preprocessed
    }
    #[inline]
    fn is_first_row(&self) -> Self::Expr {
        self.is_first_row
    }
    #[inline]
    fn is_last_row(&self) -> Self::Expr {
        self.is_last_row
    }
    #[inline]
    fn is_transition(&self) -> Self::Expr {
        F::ONE - self.is_last_row
    }
    #[inline]
    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        if self.check_constraints {
            let value = x.into();
            if !value.is_zero() {
                self.failures.push((self.next_constraint, value));
            }
            self.next_constraint += 1;
        }
    }
    #[inline]
    fn public_values(&self) -> &[Self::PublicVar] {
        self.public_values
    }
}

impl InteractionBuilder for RowBuilder<'_> {
    #[inline]
    fn push_interaction<E: Into<Self::Expr>>(
        &mut self,
        _bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<Self::Expr>>,
    ) {
        let interaction = self.next_interaction;
        self.next_interaction += 1;
        if !self.wanted.is_empty() && !self.wanted[interaction as usize] {
            return;
        }
        let (count, _) = count.into().into_parts();
        if count.is_zero() {
            return;
        }
        let start = self.fields.len() as u32;
        self.fields.extend(fields.into_iter().map(Into::into));
        let len = self.fields.len() as u32 - start;
        self.messages.push(RowMessage { interaction, start, len, count });
    }

    fn push_local_interaction(&mut self, _tuples: impl IntoIterator<Item = (Vec<Self::Expr>, Count<Self::Expr>)>) {
        // Key generation rejects local interactions.
    }
}
