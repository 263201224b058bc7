//! The annotated core: semantics, witness and constraints of an instruction; everything else is the framework's.

use std::fmt;

use p3_air::{AirBuilder, FilteredAirBuilder};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::arch::{
    AdapterAirContext, AdapterRuntimeContext, BITWISE_BUS, ExecutionResult, RANGE_BUS, SystemPort, VmAdapterChip,
    VmAdapterInterface,
};
use crate::instructions::Instruction;
use crate::stark::{F, VmAirBuilder};

use super::encoding::DecodeOperands;
use super::roles::Roles;
use super::spec::InstructionSpec;

/// An interface between adapter and core whose values are words: what annotated cores speak.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an interface whose values are words",
    note = "annotated instructions need an adapter whose interface implements `CoreInterface`"
)]
pub trait CoreInterface: VmAdapterInterface {
    /// Words of each value that is read; 0 for a value that is a single cell.
    const READS: &'static [usize];
    /// Words of each value that is written; 0 for a value that is a single cell.
    const WRITES: &'static [usize];

    /// A word (or the single cell) of a value that was read.
    fn read_word(reads: &Self::HostReads, value: usize, word: usize) -> u32;
    /// A word (or the single cell) of a value to write.
    fn write_word(writes: &Self::HostWrites, value: usize, word: usize) -> u32;

    /// What the adapter is given on the host.
    #[inline(always)]
    fn output(_: &Instruction, _from_pc: u32, writes: Self::HostWrites) -> AdapterRuntimeContext<Self>
    where
        Self: Sized,
    {
        AdapterRuntimeContext::without_pc(writes)
    }

    /// What the adapter is given in the AIR. `read` and `write` give the two cells of a word of a value; a single cell
    /// comes first, followed by zero.
    fn context<T: PrimeCharacteristicRing>(
        is_valid: T,
        opcode: T,
        read: impl FnMut(usize, usize) -> [T; 2],
        write: impl FnMut(usize, usize) -> [T; 2],
    ) -> AdapterAirContext<T, Self>
    where
        Self: Sized;
}

/// An adapter for annotated cores.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an adapter for annotated instructions",
    note = "use an adapter of the library, such as `Rv32Alu`, or implement `CoreAdapter`"
)]
pub trait CoreAdapter: VmAdapterChip<Interface: CoreInterface> + DecodeOperands {
    /// Appended to the name of the AIR when the adapter serves special cases of an instruction.
    const SUFFIX: &'static str = "";

    /// The adapter on the system's buses.
    fn new(port: SystemPort) -> Self;
}

/// Values that an instruction reads, on the host.
pub type Reads<I> = <<<I as CoreSpec>::Adapter as VmAdapterChip>::Interface as VmAdapterInterface>::HostReads;
/// Values that an instruction writes, on the host.
pub type Writes<I> = <<<I as CoreSpec>::Adapter as VmAdapterChip>::Interface as VmAdapterInterface>::HostWrites;

/// Adapter and columns of an annotated core; emitted by `#[instruction]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as an instruction with an adapter and columns",
    note = "annotate it with `#[instruction(adapter = …, columns = …)]`"
)]
pub trait CoreSpec: InstructionSpec + Clone + fmt::Debug {
    /// Reads operands, writes results.
    type Adapter: CoreAdapter;
    /// The column struct.
    type Cols<T>;
    /// Number of columns.
    const WIDTH: usize;
    /// Roles of the columns.
    const ROLES: Roles;
    /// Values read that [`Core::read`] computes from columns.
    const COMPUTED_READS: &'static [usize];
    /// Values written that [`Core::write`] computes from columns.
    const COMPUTED_WRITES: &'static [usize];

    /// Names of the columns.
    fn column_names() -> Vec<String>;
    /// A row's cells as columns.
    fn cols<T>(cells: &[T]) -> &Self::Cols<T>;
    /// A row's cells as columns, mutably.
    fn cols_mut<T>(cells: &mut [T]) -> &mut Self::Cols<T>;
    /// The instruction of a number.
    fn select(&self, index: usize) -> Option<&Self>;
}

/// What an execution read and wrote.
pub struct Io<I: CoreSpec> {
    /// Values read.
    pub reads: Reads<I>,
    /// Values written.
    pub writes: Writes<I>,
}

/// Semantics, witness and constraints of an instruction.
///
/// The framework fills the columns with roles, proves flags boolean and written cells in range, and ties the row to the
/// program, the registers or memory, and the next state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no semantics",
    note = "write `#[instruction] impl Core for {Self} {{ fn execute(&self, …) … }}`"
)]
pub trait Core: CoreSpec {
    /// Computes what is written: the only place where the semantics are written. `self` is the instruction (of an enum,
    /// the variant).
    fn execute(&self, reads: Reads<Self>) -> Writes<Self>;

    /// Whether the instruction traps on these values, and why.
    #[inline(always)]
    fn check(&self, _reads: &Reads<Self>, _pc: u32) -> ExecutionResult<()> {
        Ok(())
    }

    /// Whether the machine can run the instruction with these operands (see `InstructionExecutor::accepts`).
    fn accepts(&self, _instruction: &Instruction) -> bool {
        true
    }

    /// Fills the columns that have no role.
    #[inline(always)]
    fn witness(&self, _io: &Io<Self>, _cols: &mut Self::Cols<F>) {}

    /// For the generated test: why the prover may choose the cell of a column (such as `"inverse[0]"`) on a row that is no
    /// padding, if it may. Where that is so on every row, mark the column `#[free("reason")]`.
    fn free_cell(_column: &str, _cols: &Self::Cols<F>) -> Option<&'static str> {
        None
    }

    /// Constrains the columns. On padding rows all columns are zero, which must satisfy every constraint. For an enum,
    /// `self` is its first variant: which instruction a row is, only columns can tell ([`CoreBuilder::flag`]).
    fn eval<B: CoreBuilder>(&self, _builder: &mut B, _cols: &Self::Cols<B::Var>) {}

    /// The cells of a word of a value that is listed as `computed(read(…))`.
    fn read<B: CoreBuilder>(&self, _cols: &Self::Cols<B::Var>, value: usize, _word: usize) -> [B::Expr; 2] {
        panic!("`{}` lists read({value}) as computed, but does not implement `Core::read`", Self::NAME)
    }

    /// The cells of a word of a value that is listed as `computed(write(…))`. Soundness: they must be proven 16-bit.
    fn write<B: CoreBuilder>(&self, _cols: &Self::Cols<B::Var>, value: usize, _word: usize) -> [B::Expr; 2] {
        panic!("`{}` lists write({value}) as computed, but does not implement `Core::write`", Self::NAME)
    }
}

/// Builder of a core's constraints: knows when the row is an instruction, and asks the shared tables.
pub trait CoreBuilder: VmAirBuilder {
    /// One if the row is an instruction, zero on padding. Proven boolean by the framework.
    fn is_valid(&self) -> Self::Expr;

    /// One if the row is the instruction of this number (of an enum, `Self::Variant as usize`).
    fn flag(&self, instruction: usize) -> Self::Expr;

    /// Constraints that hold on rows that are instructions.
    fn when_valid(&mut self) -> FilteredAirBuilder<'_, Self> {
        let is_valid = self.is_valid();
        self.when(is_valid)
    }

    /// Proves `value < 2^bits` on rows that are instructions. `bits` is at most 16.
    fn range(&mut self, value: impl Into<Self::Expr>, bits: usize) {
        let is_valid = self.is_valid();
        RANGE_BUS.query(self, [value.into(), Self::Expr::from_usize(bits)], is_valid);
    }

    /// Proves `value < 2^bits` on rows that are instructions, for a number of bits that columns give. Soundness: the
    /// table has entries for 0 to 16 bits only, so a wrong number of bits finds none.
    fn range_by(&mut self, value: impl Into<Self::Expr>, bits: impl Into<Self::Expr>) {
        let is_valid = self.is_valid();
        RANGE_BUS.query(self, [value.into(), bits.into()], is_valid);
    }

    /// Proves that `x` and `y` are bytes and `xor` their exclusive or, on rows that are instructions. Needs
    /// `lookups(Bytes: BitwiseTable)`.
    fn xor(&mut self, x: impl Into<Self::Expr>, y: impl Into<Self::Expr>, xor: impl Into<Self::Expr>) {
        let is_valid = self.is_valid();
        BITWISE_BUS.query(self, [x.into(), y.into(), xor.into()], is_valid);
    }
}

/// The framework's [`CoreBuilder`].
pub struct CoreEval<'a, AB: VmAirBuilder, S> {
    pub(super) inner: &'a mut AB,
    pub(super) is_valid: AB::Expr,
    /// Gives the flag of an instruction.
    pub(super) flags: S,
}

/// Gives the flags of a row's instructions.
pub trait Flags<E> {
    /// One if the row is the instruction of this number.
    fn flag(&self, instruction: usize) -> E;
}

impl<E, G: Fn(usize) -> E> Flags<E> for G {
    fn flag(&self, instruction: usize) -> E {
        self(instruction)
    }
}

impl<AB: VmAirBuilder, S: Flags<AB::Expr>> CoreBuilder for CoreEval<'_, AB, S> {
    #[inline]
    fn is_valid(&self) -> AB::Expr {
        self.is_valid.clone()
    }
    #[inline]
    fn flag(&self, instruction: usize) -> AB::Expr {
        self.flags.flag(instruction)
    }
}

impl<AB: VmAirBuilder, S> AirBuilder for CoreEval<'_, AB, S> {
    type F = AB::F;
    type Expr = AB::Expr;
    type Var = AB::Var;
    type PreprocessedWindow = AB::PreprocessedWindow;
    type MainWindow = AB::MainWindow;
    type PublicVar = AB::PublicVar;
    type PeriodicVar = AB::PeriodicVar;

    #[inline]
    fn main(&self) -> Self::MainWindow {
        self.inner.main()
    }
    #[inline]
    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        self.inner.preprocessed()
    }
    #[inline]
    fn is_first_row(&self) -> Self::Expr {
        self.inner.is_first_row()
    }
    #[inline]
    fn is_last_row(&self) -> Self::Expr {
        self.inner.is_last_row()
    }
    #[inline]
    fn is_transition(&self) -> Self::Expr {
        self.inner.is_transition()
    }
    #[inline]
    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        self.inner.assert_zero(x);
    }
    #[inline]
    fn public_values(&self) -> &[Self::PublicVar] {
        self.inner.public_values()
    }
    #[inline]
    fn periodic_values(&self) -> &[Self::PeriodicVar] {
        self.inner.periodic_values()
    }
}

impl<AB: VmAirBuilder, S> InteractionBuilder for CoreEval<'_, AB, S> {
    #[inline]
    fn push_interaction<E: Into<Self::Expr>>(
        &mut self,
        bus_name: &str,
        fields: impl IntoIterator<Item = E>,
        count: impl Into<Count<Self::Expr>>,
    ) {
        self.inner.push_interaction(bus_name, fields, count);
    }
    #[inline]
    fn push_local_interaction(&mut self, tuples: impl IntoIterator<Item = (Vec<Self::Expr>, Count<Self::Expr>)>) {
        self.inner.push_local_interaction(tuples);
    }
}
