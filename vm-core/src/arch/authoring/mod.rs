//! What instructions are declared with: column roles, cores, encodings, multi-row chips.
//!
//! `#[columns]` says what the columns of a core are for ([`Roles`]), `#[instruction]` what an instruction is
//! ([`InstructionSpec`], [`CoreSpec`]); the author writes [`Core`]: semantics, witness and constraints. This module turns
//! that into a chip: [`InstructionCore`] is the core of the chip framework that all annotated instructions share.

mod chip;
mod core;
mod encoding;
mod guest;
mod multi_row;
mod roles;
mod sample;
mod spec;

pub use self::chip::{CoreChip, HostRecord, InstructionCore, check_columns, core_chip, free_cell, free_columns};
pub use self::core::{Core, CoreAdapter, CoreBuilder, CoreEval, CoreInterface, CoreSpec, Flags, Io, Reads, Writes};
pub use self::encoding::{DecodeOperands, Encoding, WordDecoder};
pub use self::guest::{FromWords, IntoWord, call};
pub use self::multi_row::{MultiRowAir, MultiRowAirWrapper, MultiRowChip, MultiRowCore, RowContext};
pub use self::roles::{Bits, Bytes, ColumnRoles, Form, Roles, Span, Value, Word};
pub use self::sample::{Sample, SampleOperands, Samples};
pub use self::spec::{DefaultInstruction, InstructionInfo, InstructionSpec, instruction_table};
