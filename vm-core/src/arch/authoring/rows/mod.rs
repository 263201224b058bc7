//! Annotated instructions that take several rows, such as a copy of memory with one row per word.
//!
//! # Design
//!
//! The *rows of an execution* are adjacent rows of one trace. Each of them is a step of execution at the same program
//! counter, with the same number of ticks; the last one goes on to the next instruction. A declaration consists of
//! three kinds of data, and everything else is derived from them, on the host and in the circuit:
//!
//! - *Numbers* ([`RegisterRole`]): columns that start as the content of a register and change by a constant per row. They are
//!   pointers, or count the rows. The first row reads the registers.
//! - *Accesses* ([`Access`]): what a row reads and writes, at a number or in a register, and on which rows. Each access has
//!   its tick, in this order: registers, reads, writes. A row lets the ticks of accesses pass that it does not make.
//! - *Carried columns* ([`Carried`]): columns that the next row continues.
//!
//! The author adds what a row computes: [`RowCore::execute`] for the host, and [`RowCore::eval`] for the circuit.
//! There is one loop over the rows of an execution, `for_each_row`. Both execution and the filling of the trace use it.
//!
//! | columns | |
//! |---|---|
//! | [`RowFrame`] | state of execution; whether the row is valid, the first one, the last one |
//! | `is_active` | whether the row does something; only if a number counts the rows |
//! | `operands` | operands of the instruction |
//! | `registers_prev`, `reads_prev` | times of the previous accesses |
//! | `writes_prev` | times of the previous accesses, and contents before the writes |
//! | `core` | the author's columns |
//!
//! # Soundness
//!
//! Structure, steps and instances: see [`RowFrame::eval`]. *Numbers:* cells of registers are below 2^16 (M12), and the
//! first row proves the high cell small, so the number starts as an integer below 2^bits. Each row changes it by `step`, and
//! there are fewer than 2^29 / ticks rows in a segment, because each takes ticks. [`check_rows`] proves at compile time that
//! the numbers stay within a window smaller than p. So they are integers, and pointers satisfy M1. *Accesses:* those that
//! a row does not make have multiplicity zero in all three messages (M3). What is not read is zero in the author's columns, as
//! it is for [`RowCore::execute`]. Written cells are range-checked, or [`RowCore::write`] vouches for them (M12).
//! *Padding:* all multiplicities are boolean columns that imply `is_valid` (M28, M29).
//!
//! [`RegisterRole`]: super::RegisterRole
//! [`Carried`]: super::Carried

mod air;
mod check;
mod chip;
mod frame;

use std::fmt;

use p3_air::FilteredAirBuilder;

use crate::arch::SystemPort;
use crate::instructions::VmOpcode;
use crate::stark::{F, VmAirBuilder};

use super::core::{CoreBuilder, CoreEval, Flags};
use super::multi_row::{MultiRowChip, RowContext};
use super::roles::Roles;
use super::spec::InstructionSpec;

pub use self::check::check_rows;
pub use self::chip::RowsCore;
pub use self::frame::RowFrame;

/// Largest number of words that a row reads, and that it writes.
const MAX_ACCESSES: usize = 64;
/// Number of operands of an instruction.
const OPERANDS: usize = 7;
/// Words of the values that a row reads or writes: one each.
const ONE_WORD: [usize; MAX_ACCESSES] = [1; MAX_ACCESSES];

/// Executor and chip of an annotated multi-row instruction.
pub type RowsChip<I> = MultiRowChip<RowsCore<I>>;

/// Returns the chip of an annotated multi-row instruction.
pub fn rows_chip<I: RowCore>(core: I, port: SystemPort, opcode: u32) -> RowsChip<I> {
    let context = RowContext { port, opcode: VmOpcode::from_u32(opcode) };
    MultiRowChip::new(core.name(), RowsCore::new(core), context, I::INSTRUCTIONS[0].name)
}

/// Returns the columns with `#[free("reason")]`: their names in the AIR, and the reasons.
pub fn free_row_columns<I: RowSpec>() -> Vec<(String, &'static str)> {
    let names = I::column_names();
    let columns = I::ROLES.free.iter().flat_map(|(span, reason)| span.of(&names).iter().map(|name| (name, *reason)));
    columns.map(|(name, reason)| (format!("core.{name}"), reason)).collect()
}

/// Rows on which an access is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Every row, except for the only row of an execution whose count is zero.
    Active,
    /// The first row.
    First,
    /// The last row.
    Last,
}

/// Where an access is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In main memory, at the number that starts as the content of the register of an operand.
    Memory { operand: usize, offset: u32 },
    /// In the register of an operand.
    Register { operand: usize },
}

/// An access of one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    place: Place,
    when: When,
}

impl Access {
    /// Accesses main memory at the pointer in the `#[register(operand, …)]` columns. Unless changed, active rows make the
    /// access.
    pub const fn at(operand: usize) -> Self {
        Self { place: Place::Memory { operand, offset: 0 }, when: When::Active }
    }

    /// Accesses the register that an operand names.
    pub const fn register(operand: usize) -> Self {
        Self { place: Place::Register { operand }, when: When::Active }
    }

    /// Adds a number of bytes to the pointer.
    #[must_use]
    pub const fn plus(self, bytes: u32) -> Self {
        let place = match self.place {
            Place::Memory { operand, offset } => Place::Memory { operand, offset: offset + bytes },
            register @ Place::Register { .. } => register,
        };
        Self { place, ..self }
    }

    /// Makes the access only on some rows.
    #[must_use]
    pub const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    const fn operand(self) -> usize {
        match self.place {
            Place::Memory { operand, .. } | Place::Register { operand } => operand,
        }
    }
}

/// Columns of a multi-row instruction. Implemented by `#[instruction(multi_row, columns = …, …)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as a multi-row instruction with columns",
    note = "annotate it with `#[instruction(multi_row, operands = …, columns = …)]`"
)]
pub trait RowSpec: InstructionSpec + Clone + fmt::Debug {
    /// Column struct with cells of type `T`.
    type Cols<T>;
    /// Number of columns of the column struct.
    const WIDTH: usize;
    /// Roles of the columns.
    const ROLES: Roles;
    /// Indices of the values written that [`RowCore::write`] computes from columns.
    const COMPUTED_WRITES: &'static [usize];

    /// Returns one name per column.
    fn column_names() -> Vec<String>;
    /// Views cells as a column struct.
    ///
    /// # Panics
    /// Panics unless there are exactly [`Self::WIDTH`] cells.
    fn cols<T>(cells: &[T]) -> &Self::Cols<T>;
    /// Views cells as a mutable column struct.
    ///
    /// # Panics
    /// Panics unless there are exactly [`Self::WIDTH`] cells.
    fn cols_mut<T>(cells: &mut [T]) -> &mut Self::Cols<T>;
}

/// A row of an execution, on the host.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Number of rows before this one.
    pub index: u32,
    /// Whether this is the first row.
    pub is_first: bool,
    /// Whether this is the last row.
    pub is_last: bool,
    /// Whether the row does something. Only the row of an execution whose count is zero does not.
    pub is_active: bool,
    numbers: [u32; OPERANDS],
}

impl Row {
    /// Returns the content of the `#[register(operand, …)]` columns on this row.
    ///
    /// # Panics
    /// If there is no such operand.
    #[inline(always)]
    pub fn number(&self, operand: usize) -> u32 {
        self.numbers[operand]
    }

    /// Returns whether the row makes an access.
    #[inline(always)]
    fn makes(&self, access: &Access) -> bool {
        match access.when {
            When::Active => self.is_active,
            When::First => self.is_first,
            When::Last => self.is_last,
        }
    }
}

/// Semantics, witness and constraints of a multi-row instruction.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no semantics",
    note = "write `#[instruction] impl RowCore for {Self} {{ fn execute(&self, …) … }}`"
)]
pub trait RowCore: RowSpec {
    /// Whether the impl has `read` and `write`. The attribute `#[instruction]` on the impl supplies it.
    #[doc(hidden)]
    const INSTRUCTION_ATTRIBUTE: (bool, bool);

    /// What the host carries from row to row; `()` if nothing.
    type State: Clone + Default;
    /// Words that a row reads, in order: value `i` is in the columns `#[read(i)]`.
    const READS: &'static [Access];
    /// Words that a row writes, in order, after the reads: value `i` is in the columns `#[write(i)]`, or computed.
    const WRITES: &'static [Access];

    /// Returns the number of rows of an execution, at least 1. `numbers` has the contents of the registers by operand.
    ///
    /// This method is called unless columns count the rows: `#[register(…, count)]`. The constraints have to prove where
    /// the last row is.
    fn rows(&self, _numbers: &[u32]) -> u32 {
        1
    }

    /// Computes the words that a row writes from those that it reads. This is the only definition of the semantics. Words
    /// that the row does not read are zero, and words that it does not write are ignored.
    fn execute(&self, row: &Row, state: &mut Self::State, reads: &[u32], writes: &mut [u32]);

    /// Fills the columns that the framework leaves zero: those without a role, with the role `#[bool]`, `#[one_hot]`,
    /// `#[range]` or `#[free]`, and on first rows also those that are carried. `state` is that before the row.
    #[inline(always)]
    fn witness(&self, _row: &Row, _state: &Self::State, _reads: &[u32], _writes: &[u32], _cols: &mut Self::Cols<F>) {}

    /// Returns why the prover may choose the cell of a column (such as `"inverse[0]"`) on this row, if it may.
    ///
    /// The generated test calls this method for rows that are not padding, and only for the author's columns. For a
    /// column that is free on every row, use `#[free("reason")]` instead.
    fn free_cell(_column: &str, _cols: &Self::Cols<F>) -> Option<&'static str> {
        None
    }

    /// Constrains a row, and the next one with [`RowBuilder::when_next`]. On padding rows all columns are zero, and every
    /// constraint must hold there, too.
    fn eval<B: RowBuilder>(&self, _builder: &mut B, _cols: &Self::Cols<B::Var>, _next: &Self::Cols<B::Var>) {}

    /// Returns the cells of a word that is listed in `computed(write(…))`. Soundness: the constraints must prove both
    /// cells 16-bit on rows that write the word. An instruction with such a word must implement this method.
    fn write<B: RowBuilder>(&self, _cols: &Self::Cols<B::Var>, value: usize) -> [B::Expr; 2] {
        panic!("`{}` lists write({value}) as computed, but does not implement `RowCore::write`", Self::NAME)
    }
}

/// Builder of the constraints of a [`RowCore`].
pub trait RowBuilder: CoreBuilder {
    /// Returns an expression that is 1 on first rows, else 0.
    fn is_first(&self) -> Self::Expr;
    /// Returns an expression that is 1 on last rows, else 0.
    fn is_last(&self) -> Self::Expr;
    /// Returns an expression that is 1 on [active](Row::is_active) rows, else 0.
    fn is_active(&self) -> Self::Expr;

    /// Returns a builder whose constraints apply to first rows only.
    fn when_first(&mut self) -> FilteredAirBuilder<'_, Self> {
        let is_first = self.is_first();
        self.when(is_first)
    }

    /// Returns a builder whose constraints apply to last rows only.
    fn when_last(&mut self) -> FilteredAirBuilder<'_, Self> {
        let is_last = self.is_last();
        self.when(is_last)
    }

    /// Returns a builder whose constraints apply to rows that are followed by another row of the same execution. They must
    /// have degree 1. Soundness: only here may constraints use the next row, because otherwise it may be anything.
    fn when_next(&mut self) -> FilteredAirBuilder<'_, Self> {
        let goes_on = self.is_valid() - self.is_last();
        let condition = self.is_transition() * goes_on;
        self.when(condition)
    }
}

/// Flags of a row.
pub struct RowFlags<E> {
    is_valid: E,
    is_first: E,
    is_last: E,
    is_active: E,
}

impl<E: Clone> Flags<E> for RowFlags<E> {
    /// Soundness: there is one instruction, so its flag is that of valid rows.
    fn flag(&self, _instruction: usize) -> E {
        self.is_valid.clone()
    }
}

impl<AB: VmAirBuilder> RowBuilder for CoreEval<'_, AB, RowFlags<AB::Expr>> {
    fn is_first(&self) -> AB::Expr {
        self.flags.is_first.clone()
    }
    fn is_last(&self) -> AB::Expr {
        self.flags.is_last.clone()
    }
    fn is_active(&self) -> AB::Expr {
        self.flags.is_active.clone()
    }
}
