//! What the columns of a core are for, as data: emitted by `#[columns]`, interpreted by [`super::InstructionCore`].

use p3_field::PrimeCharacteristicRing;

use crate::stark::F;

/// A run of neighbouring columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First column.
    pub offset: usize,
    /// Number of columns.
    pub columns: usize,
}

impl Span {
    /// A run of columns.
    pub const fn new(offset: usize, columns: usize) -> Self {
        Self { offset, columns }
    }

    /// The columns' cells in a row.
    #[inline(always)]
    pub fn of<T>(self, cells: &[T]) -> &[T] {
        &cells[self.offset..self.offset + self.columns]
    }
}

/// Columns of a value that the instruction reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// Which value of the adapter's interface.
    pub index: usize,
    /// Its columns.
    pub span: Span,
    /// The core's own constraints prove the parts in range, so the framework adds no range checks.
    pub proven: bool,
}

/// How the columns of a value make up its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One cell that is no word, such as "the branch is taken".
    Single,
    /// Two 16-bit cells per word.
    Cells,
    /// Four bytes per word.
    Bytes,
    /// 32 bits per word.
    Bits,
}

impl Form {
    /// Columns per word. [`Form::Single`] values have no words.
    pub const fn columns_per_word(self) -> usize {
        match self {
            Self::Single => 1,
            Self::Cells => 2,
            Self::Bytes => 4,
            Self::Bits => 32,
        }
    }

    /// The form in which `columns` columns hold a value of `words` words, if there is one.
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

    /// Bits of one column.
    pub const fn bits(self) -> usize {
        match self {
            Self::Cells => 16,
            Self::Bytes => 8,
            Self::Single | Self::Bits => 1,
        }
    }

    /// Fills the columns of one word, or a single cell.
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

    /// The two 16-bit cells of a word, from its columns.
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

/// Roles of a core's columns. Offsets are relative to the core's own columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// `#[read(i)]`.
    pub reads: &'static [Value],
    /// `#[write(i)]`.
    pub writes: &'static [Value],
    /// `#[valid]`: the row is an instruction.
    pub valid: Option<usize>,
    /// `#[opcode(Enum::Variant)]`: the row is the instruction of that number. Together they sum to "the row is an instruction".
    pub opcodes: &'static [(usize, usize)],
    /// `#[opcode_bit(n)]`: adds n to the number of the instruction.
    pub opcode_bits: &'static [(usize, usize)],
    /// `#[bool]`.
    pub booleans: &'static [Span],
    /// `#[one_hot]`: booleans, of which exactly one is set on a row that is an instruction, and none on padding.
    pub one_hot: &'static [Span],
    /// `#[range(bits)]`: below 2^bits on a row that is an instruction.
    pub ranges: &'static [(Span, usize)],
    /// `#[free("reason")]`: the prover may choose, and why that is harmless.
    pub free: &'static [(Span, &'static str)],
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
    };

    /// Whether columns tell which instruction a row is; otherwise the framework adds its own.
    pub const fn has_selectors(&self) -> bool {
        self.valid.is_some() || !self.opcodes.is_empty()
    }
}

/// The value of a number, among a core's columns.
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

/// Roles of a column struct, implemented on its `u8` instance by `#[columns]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the column struct of an instruction",
    note = "annotate the struct with `#[columns]`"
)]
pub trait ColumnRoles {
    /// Roles of the columns.
    const ROLES: Roles;
    /// Whether the macro reported errors, which explain what is missing in [`Self::ROLES`].
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
