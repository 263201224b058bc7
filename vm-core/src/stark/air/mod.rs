//! AIRs: the traits and builders for writing them, and their analysis in symbolic form.

mod any_air;
mod builders;
mod bus;
mod counting;
mod facts;
mod field;
mod input;
mod printer;
mod set;
mod symbolic;
mod symbolic_builder;
mod tape;

pub use any_air::{AirRef, AnyAir, Instances, MachineAir, VmAirBuilder};
pub use builders::{PackedF, ProverBuilder, RowBuilder, RowMessage, VerifierBuilder};
pub use bus::{Bus, BusKind};
pub use counting::{LookupPlan, count_lookups};
#[cfg(feature = "prover")]
pub(super) use counting::{preprocessed_window, window};
pub(crate) use facts::{Facts, Values};
pub use field::{EF, F};
pub use input::AirProofInput;
pub(crate) use printer::Printer;
pub use set::AirSet;
pub(super) use symbolic::{Assignment, tree_size};
pub use symbolic::{Expr, Reads, SymbolicAir, SymbolicMessage};
pub(super) use symbolic_builder::Recorder;
pub use symbolic_builder::{OriginScope, SymbolicBuilder, origin_scope};
#[cfg(feature = "prover")]
pub(crate) use tape::{RowValues, Tape};
