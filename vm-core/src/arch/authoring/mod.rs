//! Annotated instructions: column roles, cores, encodings, multi-row chips.
//!
//! An annotated instruction consists of three declarations. `#[columns]` gives roles to the columns of a core
//! ([`Roles`]). `#[instruction]` gives the instruction its name, encoding, adapter and columns ([`InstructionSpec`],
//! [`CoreSpec`]). The author implements [`Core`]: semantics, witness and constraints.
//!
//! [`InstructionCore`] turns these declarations into a core of the chip framework. All annotated instructions share it.

mod adapter;
mod core;
mod encoding;
mod host_call;
mod instruction_core;
mod limbs;
mod multi_row;
mod phantom;
mod roles;
mod rows;
mod sample;
mod spec;

pub use self::adapter::{
    AdapterInterface, Block, Branch, DeclaredAdapter, Destination, DestinationKind, Hint, Immediate, MAX_BLOCK_WORDS,
    POINTER_HIGH_BITS, Pair, Register, RegisterField, Source, SourceKind, Sources, Triple, WordFormat, are_limbs,
    are_registers, check_block, check_immediate, check_target, sample_fixed, sample_pointer, sample_register,
};
pub use self::core::{
    Core, CoreAdapter, CoreBuilder, CoreEval, CoreInterface, CoreSpec, Flags, Io, Reads, Writes,
    mark_highest_difference,
};
pub use self::encoding::{DecodeOperands, Encoding, WordDecoder};
pub use self::host_call::{FromWords, IntoWord, call};
pub use self::instruction_core::{
    CoreChip, HostRecord, InstructionCore, check_adapter, check_columns, core_chip, free_cell, free_columns,
};
pub use self::limbs::Limbs;
pub use self::multi_row::{MultiRowAir, MultiRowAirWrapper, MultiRowChip, MultiRowCore, RowContext};
pub use self::phantom::PhantomSpec;
pub(crate) use self::phantom::phantom_decoder;
pub use self::roles::{Bits, Bytes, Carried, ColumnRoles, Form, RegisterRole, Roles, Span, Value, Word};
pub use self::rows::{
    Access, Row, RowBuilder, RowCore, RowFlags, RowFrame, RowSpec, RowsChip, RowsCore, When, check_rows,
    free_row_columns, rows_chip,
};
pub use self::sample::{Sample, SampleOperands};
pub use self::spec::{DefaultInstruction, InstructionInfo, InstructionSpec, instruction_table};
pub use super::samples::Samples;
