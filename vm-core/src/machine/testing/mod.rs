//! What authors of extensions test their chips with.
//!
//! - [`VmChipTestBuilder`] runs a program in all modes of execution, asserts that they agree and yields a [`ChipTest`]:
//!   the traces, which a test may tamper with, and the real prover and verifier to judge them.
//! - [`sweep`] mutates every column of a trace and names those that a cheating prover could change unnoticed; it also
//!   tells which constraints and lookups no mutation depends on.
//! - [`Case`] executes one instruction: [`Case::run`] compares it with a model, [`check`] changes every column and every
//!   pair of columns of its row, and [`Trial`] judges rows that a test makes up.
//! - [`MockVm`] and [`MockEnvironment`] do the same for one chip without a machine.
//! - [`TestAdapter`] and [`TestCore`] are the smallest complete chip: an example, and something to run.

mod builder;
mod case;
mod chip_test;
mod error;
mod example;
mod instruction;
mod mirror;
mod mock;
mod mutation;
mod recount;
mod row_sweep;
mod survivors;
mod trial;

pub use builder::{ModesReport, VmChipTestBuilder};
pub use case::{Case, CaseChip, Outcome, Specialised};
pub use chip_test::{ChipTest, ColumnRef};
pub use error::{Rejection, TestError};
pub use example::{TestAdapter, TestAdapterCols, TestChip, TestCore, TestCoreCols, TestInterface, TestOpcode};
pub use instruction::{ExtensionVm, ExtensionVmExecutor, ExtensionVmPeriphery, check_instruction, check_specialised};
pub use mirror::{EntriesAir, MirrorAir};
pub use mock::{MockEnvironment, MockVm};
pub use mutation::{Coverage, Mutation, RowKind, Survivor, Sweep, survivors, sweep, sweep_function};
pub use recount::{CompressTable, UnansweredQuery, answers};
pub use row_sweep::{Change, RowReport, check, check_with};
pub use survivors::{Allowed, CoverageError, Indirect, SurvivorError, check_coverage, check_survivors};
pub use trial::{Guard, Trial, Verdict, cost};
