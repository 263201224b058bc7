//! One object-safe handle for every AIR of a machine.
//!
//! An AIR is written once, as `impl<AB: VmAirBuilder> Air<AB> for MyAir`. The backend evaluates it with four concrete
//! builders: symbolically (key generation), on packed rows (quotient), at the out-of-domain point (verifier) and on one
//! concrete row (lookup counting, debug checking, mutation tests). [`AnyAir`] is the object-safe union of the four, so
//! that a machine is a plain list of [`AirRef`]s whatever extensions it is made of. None of the builders depends on
//! the hash of the engine: an AIR is compiled once for all engines.

use std::sync::Arc;

use p3_air::{Air, AirBuilder, BaseAir};
use p3_lookup::{InteractionBuilder, InteractionSymbolicBuilder};

use super::builders::{ProverBuilder, RowBuilder, VerifierBuilder};
use super::field::{EF, F};

/// Builder that records constraints and bus messages as expressions.
pub type SymbolicBuilder = InteractionSymbolicBuilder<F, EF>;

/// What an AIR of the machine may ask of its builder: base-field constraints and bus messages.
pub trait VmAirBuilder: AirBuilder<F = F> + InteractionBuilder {}
impl<AB: AirBuilder<F = F> + InteractionBuilder> VmAirBuilder for AB {}

/// How often an AIR may occur in one proof (SOUNDNESS of repetition: rows must be independent, see [`Self::Derived`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instances {
    /// Decided by key generation from the symbolic AIR: repeatable exactly when it reads no next row, no row selector,
    /// no public value and no preprocessed column, and provides no lookup table with preprocessed content.
    Derived,
    /// Exactly once (or at most once when the AIR is optional), whatever its constraints look like.
    Single,
    /// Repeatable although it reads the next row: the author asserts that every block of rows is closed within one
    /// instance and has tests that show it.
    ClosedBlocks,
}

/// Facts about an AIR that the machine needs beside its constraints.
pub trait MachineAir: BaseAir<F> + Send + Sync + 'static {
    /// Unique within a machine; appears in errors, reports and the key.
    fn name(&self) -> String;

    /// One name per main column, in order, such as `core.x[0]`.
    fn column_names(&self) -> Vec<String>;

    /// One name per preprocessed column.
    fn preprocessed_column_names(&self) -> Vec<String> {
        (0..self.preprocessed_width()).map(|i| format!("pre[{i}]")).collect()
    }

    /// Indices of the columns that switch a row on (`is_valid` or opcode flags). When all of them are zero, every
    /// bus multiplicity of the row must vanish; key generation checks this. Empty: the check does not apply.
    fn selectors(&self) -> Vec<usize> {
        Vec::new()
    }

    /// Repetition policy.
    fn instances(&self) -> Instances {
        Instances::Derived
    }

    /// A proof without this AIR is refused.
    fn required(&self) -> bool {
        self.preprocessed_width() > 0
    }

    /// The exact log2 height that every proof must use, if it is fixed.
    fn fixed_log_height(&self) -> Option<usize> {
        None
    }
}

/// Object-safe AIR: implemented for everything that is a [`MachineAir`] and an [`Air`] for the four builders.
pub trait AnyAir: MachineAir {
    /// Records constraints and messages symbolically.
    fn eval_symbolic(&self, builder: &mut SymbolicBuilder);
    /// Evaluates constraints on packed rows.
    fn eval_prover(&self, builder: &mut ProverBuilder<'_>);
    /// Evaluates constraints at the out-of-domain point.
    fn eval_verifier(&self, builder: &mut VerifierBuilder<'_>);
    /// Evaluates constraints and messages on one concrete row.
    fn eval_row(&self, builder: &mut RowBuilder<'_>);
}

impl<A> AnyAir for A
where
    A: MachineAir
        + Air<SymbolicBuilder>
        + for<'a> Air<ProverBuilder<'a>>
        + for<'a> Air<VerifierBuilder<'a>>
        + for<'a> Air<RowBuilder<'a>>,
{
    fn eval_symbolic(&self, builder: &mut SymbolicBuilder) {
        self.eval(builder);
    }
    fn eval_prover(&self, builder: &mut ProverBuilder<'_>) {
        self.eval(builder);
    }
    fn eval_verifier(&self, builder: &mut VerifierBuilder<'_>) {
        self.eval(builder);
    }
    fn eval_row(&self, builder: &mut RowBuilder<'_>) {
        self.eval(builder);
    }
}

/// Shared handle to an AIR.
pub type AirRef = Arc<dyn AnyAir>;
