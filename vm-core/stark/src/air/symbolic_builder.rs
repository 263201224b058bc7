//! The symbolic builder of AIRs. It also records the origin of each constraint and message: the part of the AIR that
//! emits it.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::mem::needs_drop;

use p3_air::AirBuilder;
use p3_air::symbolic::{AirLayout, BaseLeaf};
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};

use super::any_air::AnyAir;
use super::field::{EF, F};
use super::symbolic::{Expr, Reads, SymbolicAir, SymbolicMessage};

/// Plonky3's symbolic builder over the machine's fields. It knows no origins.
pub(crate) type Recorder = InteractionSymbolicBuilder<F, EF>;

thread_local! {
    /// Labels of the current scopes of this thread, from the outermost to the innermost.
    static SCOPES: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Labels the constraints and messages that an AIR emits until the returned guard is dropped.
///
/// A label names a part of the AIR, such as `MemoryBridge::read`. Listings show at each line the labels of all its
/// scopes, from the outermost to the innermost.
///
/// Only symbolic builders record labels. For all other builders, such as the prover's, the function does nothing, which
/// the compiler knows.
#[inline(always)]
pub fn origin_scope<AB: AirBuilder>(label: &'static str) -> OriginScope<AB> {
    if OriginScope::<AB>::ACTIVE {
        SCOPES.with_borrow_mut(|scopes| scopes.push(label));
    }
    OriginScope(PhantomData)
}

/// Guard of [`origin_scope`].
#[must_use = "the scope ends when the guard is dropped"]
pub struct OriginScope<AB: AirBuilder>(PhantomData<fn(AB)>);

impl<AB: AirBuilder> OriginScope<AB> {
    /// Whether the builder is symbolic. Its expressions own memory; those of all other builders are field elements.
    const ACTIVE: bool = needs_drop::<AB::Expr>();
}

impl<AB: AirBuilder> Drop for OriginScope<AB> {
    #[inline(always)]
    fn drop(&mut self) {
        if Self::ACTIVE {
            SCOPES.with_borrow_mut(|scopes| {
                scopes.pop();
            });
        }
    }
}

impl SymbolicAir {
    /// Records an AIR. Accepts every AIR: whether a machine may contain it is for key generation to check.
    pub fn record(air: &dyn AnyAir) -> Self {
        let layout = AirLayout {
            preprocessed_width: air.preprocessed_width(),
            main_width: air.width(),
            num_public_values: air.num_public_values(),
            num_periodic_columns: air.num_periodic_columns(),
            ..Default::default()
        };
        let mut builder = SymbolicBuilder::new(layout);
        air.eval_symbolic(&mut builder);
        let SymbolicBuilder { recorder: builder, constraint_origins, message_origins } = builder;
        let mut unsupported = Vec::new();
        let mut refuse = |present: bool, what: &'static str| {
            if present {
                unsupported.push(what);
            }
        };
        refuse(!builder.local_interactions().is_empty(), "local interactions");
        refuse(!builder.exclusive_interactions().is_empty(), "exclusive interactions");
        refuse(!builder.indexed_reads().is_empty() || !builder.indexed_tables().is_empty(), "indexed lookups");
        refuse(!builder.extension_constraints().is_empty(), "extension-field constraints");
        refuse(layout.num_periodic_columns > 0, "periodic columns");
        refuse(!air.public_boundary_io().is_empty(), "boundary public values");
        let constraints = builder.base_constraints();
        let messages: Vec<_> = builder
            .global_interactions()
            .iter()
            .zip(message_origins)
            .map(|(i, origin)| SymbolicMessage {
                bus: i.bus_name.clone(),
                fields: i.fields.clone(),
                count: i.count.clone(),
                weight: i.count_weight,
                origin,
            })
            .collect();
        let reads = Reads::of(constraints.iter().chain(messages.iter().flat_map(SymbolicMessage::exprs)));
        Self { constraints, constraint_origins, messages, reads, unsupported }
    }

    /// Returns an AIR of any height that says of its first row what this AIR says of every row. Its other rows are free
    /// and send nothing.
    pub(crate) fn on_first_row(&self) -> Self {
        let gate = |expr: &Expr| Expr::Leaf(BaseLeaf::IsFirstRow) * expr.clone();
        let mut gated = self.clone();
        gated.constraints.iter_mut().for_each(|constraint| *constraint = gate(constraint));
        gated.messages.iter_mut().for_each(|message| message.count = gate(&message.count));
        gated.reads.row_selectors = true;
        gated
    }
}

/// Returns the labels of the current scopes, or `eval` outside all scopes.
fn current_origin() -> String {
    SCOPES.with_borrow(|scopes| if scopes.is_empty() { "eval".to_owned() } else { scopes.join(" / ") })
}

/// Symbolic builder: records constraints and bus messages as expressions, with their origins.
#[derive(Debug)]
pub struct SymbolicBuilder {
    pub(super) recorder: Recorder,
    /// Origin of each constraint.
    pub(super) constraint_origins: Vec<String>,
    /// Origin of each message.
    pub(super) message_origins: Vec<String>,
}

impl SymbolicBuilder {
    pub(super) fn new(layout: AirLayout) -> Self {
        Self { recorder: Recorder::new(layout), constraint_origins: Vec::new(), message_origins: Vec::new() }
    }
}

impl AirBuilder for SymbolicBuilder {
    type F = F;
    type Expr = <Recorder as AirBuilder>::Expr;
    type Var = <Recorder as AirBuilder>::Var;
    type PreprocessedWindow = <Recorder as AirBuilder>::PreprocessedWindow;
    type MainWindow = <Recorder as AirBuilder>::MainWindow;
    type PublicVar = <Recorder as AirBuilder>::PublicVar;
    type PeriodicVar = <Recorder as AirBuilder>::PeriodicVar;

    fn main(&self) -> Self::MainWindow {
        self.recorder.main()
    }
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        self.recorder.preprocessed()
    }
    fn is_first_row(&self) -> Self::Expr {
        self.recorder.is_first_row()
    }
    fn is_last_row(&self) -> Self::Expr {
        self.recorder.is_last_row()
    }
    fn is_transition(&self) -> Self::Expr {
        self.recorder.is_transition()
    }
    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        self.constraint_origins.push(current_origin());
        self.recorder.assert_zero(x);
    }
    fn public_values(&self) -> &[Self::PublicVar] {
        self.recorder.public_values()
    }
    fn periodic_values(&self) -> &[Self::PeriodicVar] {
        self.recorder.periodic_values()
    }
}

impl InteractionBuilder for SymbolicBuilder {
    fn push_interaction<E: Into<Self::Expr>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<Self::Expr>>,
    ) {
        self.message_origins.push(current_origin());
        self.recorder.push_interaction(bus_name, fields, count);
    }
    fn push_local_interaction(&mut self, tuples: impl IntoIterator<Item = (Vec<Self::Expr>, Count<Self::Expr>)>) {
        self.recorder.push_local_interaction(tuples);
    }
    fn push_exclusive_interaction(
        &mut self,
        bus_name: &str,
        branches: impl IntoIterator<Item = (Self::Expr, Count<Self::Expr>, Vec<Self::Expr>)>,
    ) {
        self.recorder.push_exclusive_interaction(bus_name, branches);
    }
}
