//! Roles of a core's columns, as data. `#[columns]` emits them, and [`InstructionCore`](super::InstructionCore)
//! and [`RowCore`](super::RowCore)'s chips interpret them.

use p3_field::PrimeCharacteristicRing;

use crate::stark::F;

/// A range of adjacent columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First column.
    pub offset: usize,
    /// Number of columns.
    pub columns: usize,
}

impl Span {
    /// Creates a span of `columns` columns that starts at column `offset`.
    pub const fn new(offset: usize, columns: usize) -> Self {
        Self { offset, columns }
    }

    /// Returns the cells of these columns in a row.
    ///
    /// # Panics
    /// Panics if the row is too short.
    #[inline(always)]
    pub fn of<T>(self, cells: &[T]) -> &[T] {
        &cells[self.offset..self.offset + self.columns]
    }
}

/// Columns of a value that the instruction reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// Index of the value in the adapter's interface.
    pub index: usize,
    /// Columns of the value.
    pub span: Span,
    /// Whether the core's own constraints prove the columns in range. If so, the framework adds no range checks.
    pub proven: bool,
}

/// Columns of a number that the rows of an execution count from a register. Only multi-row instructions have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterRole {
    /// Index of the operand that names the register.
    pub index: usize,
    /// Columns of the number: two cells.
    pub span: Span,
    /// Bits of the register's content. The machine refuses larger contents; 32 means any.
    pub bits: usize,
    /// What a row adds to the number for the next one; 0 if all rows have the register's content.
    pub step: i32,
    /// Whether the content is the number of rows that do something.
    pub counts: bool,
}

/// Columns that a row passes to the next one of the same execution. Only multi-row instructions have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Columns of the next row.
    pub to: Span,
    /// Columns of the row before that they are equal to.
    pub from: Span,
}

/// Representation of a value in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One cell that is not part of a word, such as the flag "the branch is taken".
    Single,
    /// Two 16-bit cells per word.
    Cells,
    /// Four bytes per word.
    Bytes,
    /// 32 bits per word.
    Bits,
}

impl Form {
    /// Returns the number of columns per word; 1 for [`Form::Single`].
    pub const fn columns_per_word(self) -> usize {
        match self {
            Self::Single => 1,
            Self::Cells => 2,
            Self::Bytes => 4,
            Self::Bits => 32,
        }
    }

    /// Returns the form of a value of `words` words in `columns` columns, if there is one. A value of 0 words is a
    /// single cell.
    pub const fn of(columns: usize, words: usize) -> Option<Self> {
        if words == 0 {
            return if columns == 1 { Some(Self::Single) } else { None };
        }
        if !columns.is_multiple_of(words) {
            return None;
        }
        match columns / words {
            2 => Some(Self::Cells),
            4 => Some(Self::Bytes),
            32 => Some(Self::Bits),
            _ => None,
        }
    }

    /// Returns the number of bits that one column holds.
    pub const fn bits(self) -> usize {
        match self {
            Self::Cells => 16,
            Self::Bytes => 8,
            Self::Single | Self::Bits => 1,
        }
    }

    /// Fills the columns of one word, least significant part first. A single cell is set to `word` as it is.
    #[inline(always)]
    pub fn fill(self, word: u32, cells: &mut [F]) {
        if let (Self::Single, [cell]) = (self, &mut *cells) {
            *cell = F::from_u32(word);
            return;
        }
        let bits = self.bits();
        for (i, cell) in cells.iter_mut().enumerate() {
            *cell = F::from_u32((word >> (bits * i)) & ((1 << bits) - 1));
        }
    }

    /// Returns the two 16-bit cells of a word, low cell first, as expressions of its columns. For [`Form::Single`],
    /// returns the cell and zero.
    #[inline(always)]
    pub fn cells<V: Copy + Into<E>, E: PrimeCharacteristicRing>(self, columns: &[V]) -> [E; 2] {
        let parts = 16 / self.bits();
        let cell = |half: usize| {
            let mut parts = columns[half * parts..][..parts].iter().enumerate();
            let first = parts.next().map_or(E::ZERO, |(_, part)| (*part).into());
            parts.fold(first, |sum, (i, part)| sum + (*part).into() * E::from_u32(1 << (i * self.bits())))
        };
        match self {
            Self::Single => [columns[0].into(), E::ZERO],
            _ => [cell(0), cell(1)],
        }
    }
}

/// Roles of a core's columns. Columns are numbered from the first column of the column struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// `#[read(i)]`: columns of values that the instruction reads.
    pub reads: &'static [Value],
    /// `#[write(i)]`: columns of values that the instruction writes.
    pub writes: &'static [Value],
    /// `#[valid]`: column that is 1 on rows that are instructions.
    pub valid: Option<usize>,
    /// `#[opcode(Enum::Variant)]`: a column, and the index of the instruction on whose rows it is 1. The sum of these
    /// columns is 1 on rows that are instructions.
    pub opcodes: &'static [(usize, usize)],
    /// `#[opcode_bit(n)]`: a boolean column, and the number that it adds to the index of the instruction if it is 1.
    pub opcode_bits: &'static [(usize, usize)],
    /// `#[bool]`: boolean columns.
    pub booleans: &'static [Span],
    /// `#[one_hot]`: boolean columns of which exactly one is 1 on rows that are instructions, and none on padding rows.
    pub one_hot: &'static [Span],
    /// `#[range(bits)]`: columns with values below 2^bits on rows that are instructions.
    pub ranges: &'static [(Span, usize)],
    /// `#[free("reason")]`: columns whose values the prover may choose, and the reason why that is harmless.
    pub free: &'static [(Span, &'static str)],
    /// `#[register(i, …)]`: numbers that start as the contents of registers.
    pub registers: &'static [RegisterRole],
    /// `#[carried]`: columns that the next row continues.
    pub carried: &'static [Carried],
}

impl Roles {
    /// No roles.
    pub const NONE: Self = Self {
        reads: &[],
        writes: &[],
        valid: None,
        opcodes: &[],
        opcode_bits: &[],
        booleans: &[],
        one_hot: &[],
        ranges: &[],
        free: &[],
        registers: &[],
        carried: &[],
    };

    /// Returns whether columns show which rows are instructions. If not, the framework adds flags.
    pub const fn has_selectors(&self) -> bool {
        self.valid.is_some() || !self.opcodes.is_empty()
    }
}

/// Returns the columns of the value with this index, if it has columns.
pub(super) const fn find(values: &[Value], index: usize) -> Option<Value> {
    let mut i = 0;
    while i < values.len() {
        if values[i].index == index {
            return Some(values[i]);
        }
        i += 1;
    }
    None
}

/// Roles of a column struct. `#[columns]` implements this trait for the struct with cells of type `u8`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the column struct of an instruction",
    note = "annotate the struct with `#[columns]`"
)]
pub trait ColumnRoles {
    /// Roles of the columns.
    const ROLES: Roles;
    /// Whether the macro reported errors. Roles may then be missing from [`Self::ROLES`].
    #[doc(hidden)]
    const REJECTED: bool = false;
}

/// One word as two 16-bit cells.
pub type Word<T> = [T; 2];
/// One word as four bytes.
pub type Bytes<T> = [T; 4];
/// One word as 32 bits.
pub type Bits<T> = [T; 32];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_follow_from_columns_and_words() {
        assert_eq!(Form::of(2, 1), Some(Form::Cells));
        assert_eq!(Form::of(64, 16), Some(Form::Bytes));
        assert_eq!(Form::of(32, 1), Some(Form::Bits));
        assert_eq!(Form::of(32, 16), Some(Form::Cells));
        assert_eq!(
            (Form::of(1, 0), Form::of(2, 0), Form::of(3, 1), Form::of(3, 2)),
            (Some(Form::Single), None, None, None)
        );
    }

    #[test]
    fn a_single_cell_holds_any_small_number() {
        let mut cell = [F::ZERO];
        Form::Single.fill(1 << 16, &mut cell);
        assert_eq!(Form::Single.cells::<F, F>(&cell), [F::from_u32(1 << 16), F::ZERO]);
    }

    #[test]
    fn every_form_gives_back_the_cells() {
        for word in [0, 1, 0x8000_7FFF, 0x1234_5678, u32::MAX] {
            for form in [Form::Cells, Form::Bytes, Form::Bits] {
                let mut cells = [F::ZERO; 32];
                let cells = &mut cells[..form.columns_per_word()];
                form.fill(word, cells);
                assert_eq!(form.cells::<F, F>(cells), [word & 0xFFFF, word >> 16].map(F::from_u32), "{form:?}");
            }
        }
    }
}
