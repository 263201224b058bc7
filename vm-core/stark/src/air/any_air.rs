//! The object-safe trait of all AIRs of a machine.
//!
//! An AIR is written once, as `impl<AB: VmAirBuilder> Air<AB> for MyAir`. Key generation records it with a single builder,
//! [`SymbolicBuilder`]; whatever evaluates it afterwards runs code that is compiled from the recorded expressions.
//! So [`AnyAir`] is object-safe, and a machine is a plain list of [`AirRef`]s, whatever its
//! extensions.

use std::sync::Arc;

use p3_air::{Air, AirBuilder, BaseAir};
use p3_lookup::InteractionBuilder;

use super::field::F;
use super::symbolic_builder::SymbolicBuilder;

/// Builder of a machine's AIRs. It supports constraints over the base field, and bus messages.
pub trait VmAirBuilder: AirBuilder<F = F> + InteractionBuilder {}
impl<AB: AirBuilder<F = F> + InteractionBuilder> VmAirBuilder for AB {}

/// How many instances of an AIR one proof may have.
///
/// Soundness: several instances are sound only if no constraint relates rows that end up in different instances.
/// [`Self::Derived`] decides that from the constraints, and [`Self::Closed`] is a promise of the AIR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instances {
    /// Key generation decides. The AIR is repeatable exactly if it has no public values and no preprocessed columns,
    /// and reads neither the next row nor a first-row, last-row or transition selector.
    Derived,
    /// As many as for an AIR that reads one row only, although the AIR relates rows to their next ones.
    ///
    /// Soundness: the constraints prove that groups of adjacent rows are complete within a trace, so that any number of
    /// traces means the same as one: the first row of a trace starts a group or is padding, and the last row ends one or
    /// is padding. Key generation refuses constraints that depend on what comes after the last row, but it cannot see
    /// whether a group that is cut off violates any. AIRs of annotated multi-row instructions satisfy this
    /// (`RowFrame::eval` in vm-core). AIRs with public values or preprocessed columns have a single instance anyway.
    Closed,
    /// Exactly one instance, or at most one if the AIR is optional. The constraints play no role.
    Single,
}

/// Properties of an AIR that the machine needs in addition to its constraints.
pub trait MachineAir: BaseAir<F> + Send + Sync + 'static {
    /// Returns the name of the AIR, which is unique within a machine. It appears in errors, reports and keys.
    fn name(&self) -> String;

    /// Returns the names of the main columns, in order, such as `core.x[0]`.
    fn column_names(&self) -> Vec<String>;

    /// Returns the names of the preprocessed columns, in order.
    fn preprocessed_column_names(&self) -> Vec<String> {
        (0..self.preprocessed_width()).map(|i| format!("pre[{i}]")).collect()
    }

    /// Returns the indices of the selectors: the main columns of which one is 1 on every used row, such as `is_valid`
    /// or the opcode flags.
    ///
    /// Key generation checks that all multiplicities of a row are 0 if all its selectors are 0. It skips the check for
    /// an AIR without selectors.
    fn selectors(&self) -> Vec<usize> {
        Vec::new()
    }

    /// Returns how many instances one proof may have.
    fn instances(&self) -> Instances {
        Instances::Derived
    }

    /// Returns whether every proof must contain this AIR.
    fn required(&self) -> bool {
        self.preprocessed_width() > 0
    }

    /// Returns log2 of the height that the AIR has in every proof, or `None` if the height may vary.
    fn fixed_log_height(&self) -> Option<usize> {
        None
    }

    /// Returns what a row weighs at least. It weighs as much as its messages if that is more.
    ///
    /// The weights of all rows of a proof add up to less than p. So a row that stands for more than its messages, such as for
    /// many ticks, can bound their sum, too.
    fn min_weight(&self) -> u64 {
        0
    }
}

/// Object-safe AIR. Implemented for every [`MachineAir`] that is an [`Air`].
pub trait AnyAir: MachineAir {
    /// Records the constraints and messages as expressions.
    fn eval_symbolic(&self, builder: &mut SymbolicBuilder);
    /// Returns the name of the AIR's type, with its modules: where the code of the AIR is. For people only; the compiler
    /// may change it.
    fn type_name(&self) -> &'static str;
}

impl<A: MachineAir + Air<SymbolicBuilder>> AnyAir for A {
    fn eval_symbolic(&self, builder: &mut SymbolicBuilder) {
        self.eval(builder);
    }
    fn type_name(&self) -> &'static str {
        std::any::type_name::<A>()
    }
}

/// Shared pointer to an AIR.
pub type AirRef = Arc<dyn AnyAir>;
