//! AIRs: the traits for writing them, their analysis in symbolic form, and the code that evaluates them.

#[cfg(feature = "std")]
mod analysis;
#[cfg(feature = "std")]
mod any_air;
mod bus;
mod circuit;
#[cfg(feature = "std")]
mod counting;
#[cfg(feature = "std")]
mod facts;
mod field;
#[cfg(feature = "std")]
mod input;
#[cfg(feature = "std")]
mod printer;
#[cfg(feature = "std")]
mod row_evaluator;
#[cfg(feature = "std")]
mod set;
mod symbolic;
#[cfg(feature = "std")]
mod symbolic_builder;
mod tape;

#[cfg(feature = "std")]
pub(crate) use analysis::{Assignment, reads_past_the_end, tree_size};
#[cfg(feature = "std")]
pub use any_air::{AirRef, AnyAir, Instances, MachineAir, VmAirBuilder};
pub use bus::{Bus, BusKind};
pub use circuit::{Circuit, ExprGraph, Widths};
#[cfg(feature = "std")]
pub use counting::{LookupPlan, count_lookups};
#[cfg(feature = "std")]
pub use facts::{Facts, Values};
pub use field::{EF, F, PackedF};
#[cfg(feature = "std")]
pub use input::AirProofInput;
#[cfg(feature = "std")]
pub use printer::Printer;
#[cfg(feature = "std")]
pub use row_evaluator::{RowEvaluator, RowMessage, RowResult};
#[cfg(feature = "std")]
pub use set::AirSet;
pub use symbolic::{Expr, Reads, SymbolicAir, SymbolicMessage};
#[cfg(feature = "std")]
pub use symbolic_builder::{OriginScope, SymbolicBuilder, origin_scope};
pub use tape::{Input, RowValues, Tape};
