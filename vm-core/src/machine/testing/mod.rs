//! The test kit for authors of extensions.
//!
//! - [`check_instruction`] is the generated test of an annotated instruction. It uses the parts below.
//! - [`VmChipTestBuilder`] runs a program in all modes of execution, checks that they agree, and returns a
//!   [`ChipTest`]: the traces of the run, which a test can change, with the real prover and verifier to check them.
//! - [`sweep`] mutates every column of a trace and reports the mutations that no check rejects. It also reports which
//!   constraints and lookups are never the only check that rejects a mutation.
//! - [`Case`] executes one instruction. [`Case::run`] serves to compare it with a model, [`check`] changes every column
//!   and every pair of columns of its row, and [`Trial`] judges rows that a test makes up.
//! - [`MockVm`] and [`MockEnvironment`] test one chip without a machine.
//! - [`TestAdapter`] and [`TestCore`] form the smallest complete chip. They serve as an example and as a test subject.

mod audit;
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
mod search;
mod set_word;
mod survivors;
mod trial;

pub use audit::{AUDIT_FOLDER, Audit, CheckKind, Mutant};
pub use builder::{ModesReport, VmChipTestBuilder};
pub use case::{Case, CaseChip, Outcome, Specialised};
pub use chip_test::{ChipTest, ColumnRef};
pub use error::{Rejection, TestError};
pub use example::{TestAdapter, TestAdapterCols, TestChip, TestCore, TestCoreCols, TestInterface, TestOpcode};
pub use instruction::{
    ExtensionVm, ExtensionVmExecutor, ExtensionVmPeriphery, check_instruction, check_instruction_on, check_specialised,
    check_specialised_on,
};
pub use mirror::{EntriesAir, MirrorAir};
pub use mock::{MockEnvironment, MockVm};
pub use mutation::{Coverage, Mutation, RowKind, Survivor, Sweep, survivors, sweep};
pub use recount::{CompressTable, UnansweredQuery, answers};
pub use row_sweep::{Change, RowReport, check, check_with};
pub use search::{ChangedCell, Forgery, SearchError, SearchReport};
pub use survivors::{Allowed, CoverageError, Indirect, SurvivorError, check_coverage, check_survivors};
pub use trial::{Guard, Trial, Verdict, cost};
