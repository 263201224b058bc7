//! AIRs: the traits for writing them, their analysis in symbolic form, and the code that evaluates them.

mod any_air;
mod bus;
mod counting;
mod facts;
mod field;
mod input;
mod printer;
mod row_evaluator;
mod set;
mod symbolic;
mod symbolic_builder;
mod tape;

pub use any_air::{AirRef, AnyAir, Instances, MachineAir, VmAirBuilder};
pub use bus::{Bus, BusKind};
pub use counting::{LookupPlan, count_lookups};
pub use facts::{Facts, Values};
pub use field::{EF, F, PackedF};
pub use input::AirProofInput;
pub use printer::Printer;
pub use row_evaluator::{RowEvaluator, RowMessage, RowResult};
pub use set::AirSet;
pub(super) use symbolic::{Assignment, reads_past_the_end, tree_size};
pub use symbolic::{Expr, Reads, SymbolicAir, SymbolicMessage};
pub use symbolic_builder::{OriginScope, SymbolicBuilder, origin_scope};
pub use tape::RowValues;
pub use tape::Tape;
