//! The core of an annotated instruction. The author writes semantics, witness and constraints; the framework supplies
//! the rest.

use std::fmt;

use p3_air::{AirBuilder, FilteredAirBuilder};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use crate::arch::samples::Samples;
use crate::arch::{
    AdapterAirContext, AdapterRuntimeContext, BITWISE_BUS, BYTE_PAIRS_BUS, ExecutionResult, RANGE_BUS, SystemPort,
    VmAdapterChip, VmAdapterInterface,
};
use crate::instructions::Instruction;
use crate::stark::{F, VmAirBuilder};

use super::encoding::DecodeOperands;
use super::limbs::Limbs;
use super::roles::Roles;
use super::spec::InstructionSpec;

/// Interface between the adapter and the core of an annotated instruction. Each value consists of words, or is a single
/// cell.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an adapter interface for annotated instructions",
    note = "annotated instructions need an adapter whose interface implements `CoreInterface`"
)]
pub trait CoreInterface: VmAdapterInterface {
    /// Number of words of each value that is read; 0 for a value that is a single cell.
    const READS: &'static [usize];
    /// Number of words of each value that is written; 0 for a value that is a single cell.
    const WRITES: &'static [usize];

    /// Returns whether a value that is read is a hint, which a prover chooses.
    fn is_hint(_value: usize) -> bool {
        false
    }

    /// Returns a word of a value that was read. For a single-cell value, returns the cell.
    fn read_word(reads: &Self::HostReads, value: usize, word: usize) -> u32;
    /// Returns a word of a value to write. For a single-cell value, returns the cell.
    fn write_word(writes: &Self::HostWrites, value: usize, word: usize) -> u32;

    /// Builds the core's output for the adapter on the host. The default continues at the next instruction.
    #[inline(always)]
    fn output(_: &Instruction, _from_pc: u32, writes: Self::HostWrites) -> AdapterRuntimeContext<Self>
    where
        Self: Sized,
    {
        AdapterRuntimeContext::without_pc(writes)
    }

    /// Builds the core's output for the adapter in the AIR.
    ///
    /// `read(value, word)` and `write(value, word)` return the two cells of a word, low cell first. For a single-cell
    /// value they return the cell and zero.
    fn context<T: PrimeCharacteristicRing>(
        is_valid: T,
        opcode: T,
        read: impl FnMut(usize, usize) -> [T; 2],
        write: impl FnMut(usize, usize) -> [T; 2],
    ) -> AdapterAirContext<T, Self>
    where
        Self: Sized;
}

/// An adapter that annotated instructions can use.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an adapter for annotated instructions",
    note = "use an adapter of the library, such as `Rv32Alu`, or implement `CoreAdapter`"
)]
pub trait CoreAdapter: VmAdapterChip<Interface: CoreInterface> + DecodeOperands {
    /// Suffix of the AIR's name if the adapter serves special cases of an instruction; empty for a general adapter.
    const SUFFIX: &'static str = "";
    /// What is wrong with the adapter, if it can only be known where it is used. `#[instruction]` reports it there.
    #[doc(hidden)]
    const PROBLEM: Option<&'static str> = None;
    /// Whether the macro that declares the adapter reported errors. Its interface may then be incomplete.
    #[doc(hidden)]
    const REJECTED: bool = false;

    /// Creates the adapter on the system's buses.
    fn new(port: SystemPort) -> Self;
}

/// Host values that instruction `I` reads: `HostReads` of its adapter's interface.
pub type Reads<I> = <<<I as CoreSpec>::Adapter as VmAdapterChip>::Interface as VmAdapterInterface>::HostReads;
/// Host values that instruction `I` writes: `HostWrites` of its adapter's interface.
pub type Writes<I> = <<<I as CoreSpec>::Adapter as VmAdapterChip>::Interface as VmAdapterInterface>::HostWrites;

/// Adapter and columns of an annotated instruction. Implemented by `#[instruction]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as an instruction with an adapter and columns",
    note = "annotate it with `#[instruction(adapter = …, columns = …)]`"
)]
pub trait CoreSpec: InstructionSpec + Clone + fmt::Debug {
    /// Adapter, which reads the operands and writes the results.
    type Adapter: CoreAdapter;
    /// Column struct with cells of type `T`.
    type Cols<T>;
    /// Number of columns of the column struct.
    const WIDTH: usize;
    /// Roles of the columns.
    const ROLES: Roles;
    /// Indices of the values read that [`Core::read`] computes from columns.
    const COMPUTED_READS: &'static [usize];
    /// Indices of the values written that [`Core::write`] computes from columns.
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
    /// Returns the instruction with this index in [`InstructionSpec::INSTRUCTIONS`], if there is one: the variant of an
    /// enum, or `self` for index 0 of a struct.
    fn select(&self, index: usize) -> Option<&Self>;
}

/// Values that one execution read and wrote.
pub struct Io<I: CoreSpec> {
    /// Values read.
    pub reads: Reads<I>,
    /// Values written.
    pub writes: Writes<I>,
}

/// Semantics, witness and constraints of an instruction.
///
/// The framework fills the columns that hold operands, results and flags. It proves that flags are boolean and that
/// written cells are in range. It also connects the row to the program, to registers or memory, and to the next state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no semantics",
    note = "write `#[instruction] impl Core for {Self} {{ fn execute(&self, …) … }}`"
)]
pub trait Core: CoreSpec {
    /// Whether the impl has `read` and `write`. The attribute `#[instruction]` on the impl supplies it.
    #[doc(hidden)]
    const INSTRUCTION_ATTRIBUTE: (bool, bool);

    /// Computes the values to write. This is the only definition of the instruction's semantics. `self` is the
    /// instruction; for an enum, the variant.
    fn execute(&self, reads: Reads<Self>) -> Writes<Self>;

    /// Checks whether the instruction traps on these values. By default it never does.
    ///
    /// # Errors
    /// Returns the reason for the trap, such as [`ExecutionError::Fail`](crate::arch::ExecutionError::Fail). The run
    /// stops with this error.
    #[inline(always)]
    fn check(&self, _reads: &Reads<Self>, _pc: u32) -> ExecutionResult<()> {
        Ok(())
    }

    /// Returns whether the machine can execute the instruction with these operands (see
    /// [`InstructionExecutor::accepts`](crate::arch::InstructionExecutor::accepts)).
    fn accepts(&self, _instruction: &Instruction) -> bool {
        true
    }

    /// Returns random values to read in the generated test, for an instruction with which random words rarely do anything
    /// of interest: numbers below a modulus, points on a curve. With `None`, the adapter chooses them.
    ///
    /// The test chooses again if the execution traps.
    fn sample(&self, _samples: &mut Samples) -> Option<Reads<Self>> {
        None
    }

    /// Fills the columns that the framework leaves zero: those without a role, and those with the role `#[bool]`,
    /// `#[one_hot]`, `#[range]` or `#[free]`.
    ///
    /// If several `#[opcode]` columns stand for the same instruction, this method must set one of them. If there are
    /// both `#[opcode]` and `#[opcode_bit]` columns, it must set the latter.
    #[inline(always)]
    fn witness(&self, _io: &Io<Self>, _cols: &mut Self::Cols<F>) {}

    /// Returns why the prover may choose the cell of a column (such as `"inverse[0]"`) on this row, if it may.
    ///
    /// The generated test calls this method for rows that are not padding. For a column that is free on every row, use
    /// `#[free("reason")]` instead.
    fn free_cell(_column: &str, _cols: &Self::Cols<F>) -> Option<&'static str> {
        None
    }

    /// Constrains the columns. On padding rows all columns are zero, and every constraint must hold there, too.
    ///
    /// For an enum, `self` is the first variant whatever the row's instruction is. Use [`CoreBuilder::flag`] to
    /// distinguish the instructions.
    fn eval<B: CoreBuilder>(&self, _builder: &mut B, _cols: &Self::Cols<B::Var>) {}

    /// Returns the cells of a word of a value that is listed in `computed(read(…))`. An instruction with such a value must
    /// implement this method.
    fn read<B: CoreBuilder>(&self, _cols: &Self::Cols<B::Var>, value: usize, _word: usize) -> [B::Expr; 2] {
        panic!("`{}` lists read({value}) as computed, but does not implement `Core::read`", Self::NAME)
    }

    /// Returns the cells of a word of a value that is listed in `computed(write(…))`. Soundness: the constraints must
    /// prove both cells 16-bit. An instruction with such a value must implement this method.
    fn write<B: CoreBuilder>(&self, _cols: &Self::Cols<B::Var>, value: usize, _word: usize) -> [B::Expr; 2] {
        panic!("`{}` lists write({value}) as computed, but does not implement `Core::write`", Self::NAME)
    }
}

/// Builder of a core's constraints, with access to the row's flags and to the shared lookup tables.
pub trait CoreBuilder: VmAirBuilder {
    /// Returns an expression that is 1 on rows that are instructions and 0 on padding rows. The framework proves it
    /// boolean.
    fn is_valid(&self) -> Self::Expr;

    /// Returns an expression that is 1 if the row is the instruction with this index (for an enum,
    /// `Self::Variant as usize`), and otherwise 0.
    ///
    /// # Panics
    /// If several instructions share the chip and their opcode is encoded in `#[opcode_bit]` columns only: then no
    /// expression of degree 1 is the flag of one instruction. Add `#[opcode(…)]` columns, or use the bits themselves.
    fn flag(&self, instruction: usize) -> Self::Expr;

    /// Returns a builder whose constraints apply only to rows that are instructions.
    fn when_valid(&mut self) -> FilteredAirBuilder<'_, Self> {
        let is_valid = self.is_valid();
        self.when(is_valid)
    }

    /// Proves `value < 2^bits` on rows that are instructions. `bits` must be at most 16.
    fn range(&mut self, value: impl Into<Self::Expr>, bits: usize) {
        let is_valid = self.is_valid();
        RANGE_BUS.query(self, [value.into(), Self::Expr::from_usize(bits)], is_valid);
    }

    /// Proves `value < 2^bits` on rows that are instructions, where `bits` is an expression of columns. Soundness: the
    /// table has entries for 0 to 16 bits only, so it provides no entry for any other number of bits.
    fn range_by(&mut self, value: impl Into<Self::Expr>, bits: impl Into<Self::Expr>) {
        let is_valid = self.is_valid();
        RANGE_BUS.query(self, [value.into(), bits.into()], is_valid);
    }

    /// Proves on rows that are instructions that `x` and `y` are bytes and that `xor` is their exclusive or. The
    /// extension must declare the table: `lookups(Bytes: BitwiseTable)`.
    fn xor(&mut self, x: impl Into<Self::Expr>, y: impl Into<Self::Expr>, xor: impl Into<Self::Expr>) {
        let is_valid = self.is_valid();
        BITWISE_BUS.query(self, [x.into(), y.into(), xor.into()], is_valid);
    }

    /// Proves on rows that are instructions that all cells are bytes, two with each query. The extension must declare the
    /// table: `lookups(BytePairs: BytePairsTable)`.
    fn byte_pairs<C: Copy + Into<Self::Expr>>(&mut self, cells: &[C]) {
        for pair in cells.chunks(2) {
            let is_valid = self.is_valid();
            let cell = |i: usize| pair.get(i).map_or(Self::Expr::ZERO, |cell| (*cell).into());
            BYTE_PAIRS_BUS.query(self, [cell(0), cell(1)], is_valid);
        }
    }

    /// Proves that an integer is zero, with one equation for several limbs and one column for the carry out of each equation
    /// but the last, or two if the carry has more than 16 bits. If the integer is [truncated](Limbs::truncated), proves that it
    /// is zero modulo the power of 256; then there is also a carry out of the last equation. The number of columns decides how
    /// many limbs an equation adds up: fewer columns, longer equations. The carries are range-checked.
    ///
    /// [`Limbs::fill_carries`] fills the columns. On padding rows all limbs must be zero, so a constant that is a summand is
    /// multiplied by a flag.
    ///
    /// # Panics
    /// If no grouping of the limbs has this number of carries, or if the integers of an equation could overflow the field. The
    /// message has the numbers that are possible. Called when the chip is built.
    fn assert_limbs_zero<C: Copy + Into<Self::Expr>>(&mut self, integer: &Limbs<Self::Expr>, carries: &[C]) {
        let mut carry_in = Self::Expr::ZERO;
        let mut columns = carries.iter();
        for equation in integer.equations(carries.len()) {
            let mut carry_out = -self.is_valid() * F::from_i64(equation.offset);
            for ((bits, column), weight) in equation.column_bits().zip(&mut columns).zip([1, 1 << 16]) {
                self.range(*column, bits);
                carry_out += (*column).into() * F::from_u32(weight);
            }
            // Soundness: with these range checks, both sides differ by less than p, so they are equal as integers. The sum of
            // all equations, each times its power of 256, is the integer, or a multiple of 256^n away from it if there is a carry
            // out of the last one.
            self.assert_eq(equation.sum + carry_in, carry_out.clone() * F::from_u64(1 << equation.shift));
            carry_in = carry_out;
        }
    }

    /// Proves that an integer is a multiple of an odd modulus, whose words are lowest first: `integer = quotient·modulus`. The
    /// columns of the quotient are bytes, which are range-checked; the extension must declare their table,
    /// `lookups(BytePairs: BytePairsTable)`. The highest byte has a sign, so quotients may be negative. The columns of the carries
    /// are those of [`Self::assert_limbs_zero`].
    ///
    /// [`Limbs::fill_multiple`] fills the columns. On padding rows all limbs must be zero.
    ///
    /// # Panics
    /// As [`Self::assert_limbs_zero`], and if the quotient has too few bytes for the bounds of the integer, if the modulus is
    /// even, or if the integer is truncated. Called when the chip is built.
    fn assert_multiple(
        &mut self,
        integer: Limbs<Self::Expr>,
        modulus: &[u32],
        quotient: &[Self::Var],
        carries: &[Self::Var],
    ) {
        // Soundness: the bounds of the relation's limbs count on bytes.
        self.byte_pairs(quotient);
        let zero = integer.minus_multiple(modulus, quotient, self.is_valid());
        self.assert_limbs_zero(&zero, carries);
    }

    /// Proves on rows that are instructions that an integer is below a bound. The integer consists of 16-bit cells and the
    /// bound of words, lowest first; the caller proves that the cells are below 2^16. `differs` are columns without a role, one
    /// per cell, of which [`mark_highest_difference`] sets one.
    ///
    /// # Panics
    /// If the numbers of cells, of bits of the bound and of columns do not agree. Called when the chip is built.
    fn assert_below<C: Clone + Into<Self::Expr>>(&mut self, cells: &[C], bound: &[u32], differs: &[Self::Var]) {
        let bound: Vec<u32> = bound.iter().flat_map(|word| [word & 0xFFFF, word >> 16]).collect();
        assert!(
            cells.len() == bound.len() && differs.len() == bound.len(),
            "`assert_below` compares {} cells with {} cells and has {} columns: it needs as many of each",
            cells.len(),
            bound.len(),
            differs.len()
        );
        // Soundness: the first marked cell from above is where both differ first. Above it, both are equal. There, the
        // integer's cell is smaller: the difference minus one is not negative, since both are below 2^16. Without a mark, it
        // is −1. More marks would be harmless; that there is one keeps the columns determined.
        let mut unmarked = self.is_valid();
        let mut difference = -self.is_valid();
        for ((cell, bound), marked) in cells.iter().zip(bound).zip(differs).rev() {
            self.assert_bool(*marked);
            let distance = Self::Expr::from_u32(bound) - cell.clone().into();
            unmarked -= (*marked).into();
            self.assert_zero(unmarked.clone() * distance.clone());
            difference += distance * *marked;
        }
        self.assert_zero(unmarked);
        self.range(difference, 16);
    }
}

/// Marks the highest 16-bit cell in which an integer differs from a bound, for [`CoreBuilder::assert_below`]. Both are words,
/// lowest first. If none differs, all columns stay zero.
///
/// # Panics
/// If there are fewer columns than cells.
pub fn mark_highest_difference(integer: &[u32], bound: &[u32], differs: &mut [F]) {
    let highest = integer.iter().zip(bound).enumerate().rfind(|(_, (word, bound))| word != bound);
    if let Some((index, (word, bound))) = highest {
        differs[2 * index + usize::from(word >> 16 != bound >> 16)] = F::ONE;
    }
}

/// The framework's [`CoreBuilder`]: the AIR's builder, with the flags of the row.
pub struct CoreEval<'a, AB: VmAirBuilder, S> {
    pub(super) inner: &'a mut AB,
    pub(super) is_valid: AB::Expr,
    pub(super) flags: S,
}

/// Source of a row's instruction flags.
pub trait Flags<E> {
    /// Returns the flag of the instruction with this index (see [`CoreBuilder::flag`]).
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
