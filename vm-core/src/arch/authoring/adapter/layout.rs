//! Kinds of values, and the columns of a declared adapter.

use crate::arch::MAX_ACCESS_WORDS;

/// Number of values that an adapter reads at most.
pub(super) const MAX_SOURCES: usize = 3;

/// Kind of a value that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// The word of a register.
    Register,
    /// So many words at the pointer in a register.
    Block(usize),
    /// The immediate of the instruction word.
    Immediate,
    /// So many words of the hint stream.
    Hint(usize),
}

impl SourceKind {
    /// Whether the instruction word names a register.
    pub(super) const fn has_register(self) -> bool {
        matches!(self, Self::Register | Self::Block(_))
    }

    /// Returns the number of words.
    pub const fn words(self) -> usize {
        match self {
            Self::Block(words) | Self::Hint(words) => words,
            Self::Register | Self::Immediate => 1,
        }
    }

    /// Returns the number of operands in the program table.
    pub const fn operands(self) -> usize {
        match self {
            Self::Register | Self::Block(_) => 1,
            Self::Immediate => 2,
            Self::Hint(_) => 0,
        }
    }
}

/// Kind of a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DestinationKind {
    /// The instruction writes nothing.
    None,
    /// A register.
    Register,
    /// So many words at the pointer in a register.
    Block(usize),
    /// The program counter, if the branch is taken.
    Branch,
}

impl DestinationKind {
    /// Returns the number of operands in the program table before those of the sources.
    pub const fn operands(self) -> usize {
        match self {
            Self::Register | Self::Block(_) => 1,
            Self::None | Self::Branch => 0,
        }
    }
}

/// Returns the number of operands of sources.
pub(super) const fn operands(sources: &[SourceKind]) -> usize {
    let (mut sum, mut i) = (0, 0);
    while i < sources.len() {
        sum += sources[i].operands();
        i += 1;
    }
    sum
}

/// Returns the width of the next access to a block of which `left` words are left, at least 1: the widest one, or 1 for
/// an access to a single word. The accesses to a block of 12 words have 8 and 4 words.
pub(super) const fn block_access(left: usize) -> usize {
    if left >= MAX_ACCESS_WORDS { MAX_ACCESS_WORDS } else { 1 << left.ilog2() }
}

/// Whether the last access to a block is one of a single word, which needs columns of its own.
pub(super) const fn ends_in_a_word(words: usize) -> bool {
    !words.is_multiple_of(2)
}

/// A column that the adapter does not have. An access to it is an error, not another column.
const ABSENT: usize = usize::MAX;

/// Columns of a source.
#[derive(Clone, Copy, Debug)]
pub(super) struct SourceColumns {
    /// Operand: the register.
    pub(super) register: usize,
    /// Time of the previous access to the register.
    pub(super) prev_timestamp: usize,
    /// The two cells of the pointer.
    pub(super) pointer: usize,
    /// Time of the previous access to the last word.
    pub(super) last_prev_timestamp: usize,
}

/// Columns of an adapter; each is described where it is constrained.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// The two columns of the state before the instruction.
    pub(super) from_state: usize,
    pub(super) sources: [SourceColumns; MAX_SOURCES],
    /// Operand: the register of the destination.
    pub(super) destination: usize,
    /// Operand: the target of the branch.
    pub(super) target: usize,
    pub(super) to_pc: usize,
    /// Time of the previous access to the register with the pointer to the result.
    pub(super) pointer_prev_timestamp: usize,
    /// The two cells of the pointer to the result.
    pub(super) pointer: usize,
    /// Time of the previous access to the register, or to the last word, that is written.
    pub(super) write_prev_timestamp: usize,
    /// The two cells of that word before.
    pub(super) write_prev_data: usize,
    /// Number of columns.
    pub(super) width: usize,
}

impl Layout {
    /// Lays out the columns: the state, the operands, the next pc, the pointers, the times of the reads, the write.
    pub(super) const fn of(sources: &[SourceKind], destination: DestinationKind) -> Self {
        const NO_SOURCE: SourceColumns =
            SourceColumns { register: ABSENT, prev_timestamp: ABSENT, pointer: ABSENT, last_prev_timestamp: ABSENT };
        let mut layout = Self {
            from_state: 0,
            sources: [NO_SOURCE; MAX_SOURCES],
            destination: ABSENT,
            target: ABSENT,
            to_pc: ABSENT,
            pointer_prev_timestamp: ABSENT,
            pointer: ABSENT,
            write_prev_timestamp: ABSENT,
            write_prev_data: ABSENT,
            width: 2,
        };
        if let DestinationKind::Register | DestinationKind::Block(_) = destination {
            layout.destination = layout.add(1);
        }
        let mut i = 0;
        while i < sources.len() {
            if sources[i].has_register() {
                layout.sources[i].register = layout.add(1);
            }
            i += 1;
        }
        if let DestinationKind::Branch = destination {
            layout.target = layout.add(1);
            layout.to_pc = layout.add(1);
        }
        i = 0;
        while i < sources.len() {
            if let SourceKind::Block(_) = sources[i] {
                layout.sources[i].pointer = layout.add(2);
            }
            i += 1;
        }
        if let DestinationKind::Block(_) = destination {
            layout.pointer = layout.add(2);
        }
        i = 0;
        while i < sources.len() {
            if sources[i].has_register() {
                layout.sources[i].prev_timestamp = layout.add(1);
            }
            i += 1;
        }
        if let DestinationKind::Block(_) = destination {
            layout.pointer_prev_timestamp = layout.add(1);
        }
        i = 0;
        while i < sources.len() {
            if let SourceKind::Block(words) = sources[i]
                && ends_in_a_word(words)
            {
                layout.sources[i].last_prev_timestamp = layout.add(1);
            }
            i += 1;
        }
        if layout.writes_a_word(destination) {
            layout.write_prev_timestamp = layout.add(1);
            layout.write_prev_data = layout.add(2);
        }
        layout
    }

    /// Adds columns and returns the first one.
    const fn add(&mut self, columns: usize) -> usize {
        let first = self.width;
        self.width += columns;
        first
    }

    /// Whether the row itself writes a word.
    pub(super) const fn writes_a_word(&self, destination: DestinationKind) -> bool {
        match destination {
            DestinationKind::Register => true,
            DestinationKind::Block(words) => ends_in_a_word(words),
            DestinationKind::None | DestinationKind::Branch => false,
        }
    }

    /// Returns one name per column. `registers` are the names of the registers of sources, in order.
    pub(super) fn names<'a>(
        &self,
        sources: &[SourceKind],
        mut registers: impl Iterator<Item = &'a str>,
        destination: Option<&str>,
    ) -> Vec<String> {
        let mut names = vec![String::new(); self.width];
        // Columns that are absent have no place in the list.
        let mut name = |column: usize, name: String| {
            if let Some(slot) = names.get_mut(column) {
                *slot = name;
            }
        };
        let pointer = |name: &str| [0, 1].map(|cell| format!("{name}_pointer[{cell}]"));
        name(self.from_state, "from_state.pc".to_owned());
        name(self.from_state + 1, "from_state.timestamp".to_owned());
        let mut reads = 0;
        for (kind, columns) in sources.iter().zip(&self.sources) {
            let Some(register) = registers.next_if(kind.has_register()) else { continue };
            name(columns.register, register.to_owned());
            name(columns.prev_timestamp, format!("reads_prev_timestamp[{reads}]"));
            reads += 1;
            if let SourceKind::Block(_) = kind {
                let [low, high] = pointer(register);
                name(columns.pointer, low);
                name(columns.pointer + 1, high);
            }
            name(columns.last_prev_timestamp, format!("{register}_last_prev_timestamp"));
        }
        name(self.pointer_prev_timestamp, format!("reads_prev_timestamp[{reads}]"));
        if let Some(register) = destination {
            name(self.destination, register.to_owned());
            if self.pointer != ABSENT {
                let [low, high] = pointer(register);
                name(self.pointer, low);
                name(self.pointer + 1, high);
            }
        }
        name(self.target, "target".to_owned());
        name(self.to_pc, "to_pc".to_owned());
        if self.write_prev_timestamp != ABSENT {
            name(self.write_prev_timestamp, "write.prev_timestamp".to_owned());
            name(self.write_prev_data, "write.prev_data[0]".to_owned());
            name(self.write_prev_data + 1, "write.prev_data[1]".to_owned());
        }
        names
    }
}

/// `next_if` of any iterator, without looking ahead.
trait NextIf: Iterator {
    fn next_if(&mut self, condition: bool) -> Option<Self::Item> {
        if condition { self.next() } else { None }
    }
}

impl<I: Iterator> NextIf for I {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_split_into_the_widest_accesses() {
        let accesses = |words: usize| {
            let (mut left, mut accesses) = (words, Vec::new());
            while left > 0 {
                accesses.push(block_access(left));
                left -= block_access(left);
            }
            accesses
        };
        assert_eq!(accesses(1), [1]);
        assert_eq!(accesses(12), [8, 4]);
        assert_eq!(accesses(24), [16, 8]);
        assert_eq!(accesses(31), [16, 8, 4, 2, 1]);
        assert_eq!(accesses(64), [32, 32]);
        assert_eq!(accesses(96), [32, 32, 32]);
        for words in 1..200 {
            assert_eq!(accesses(words).last() == Some(&1), ends_in_a_word(words), "{words}");
        }
    }

    #[test]
    fn every_column_has_its_own_name() {
        let kinds = [
            SourceKind::Register,
            SourceKind::Block(3),
            SourceKind::Block(8),
            SourceKind::Immediate,
            SourceKind::Hint(2),
        ];
        let destinations = [
            DestinationKind::None,
            DestinationKind::Register,
            DestinationKind::Block(8),
            DestinationKind::Block(5),
            DestinationKind::Branch,
        ];
        for first in kinds {
            for second in kinds {
                for destination in destinations {
                    let (sources, field) = ([first, second], (destination.operands() > 0).then_some("rd"));
                    let layout = Layout::of(&sources, destination);
                    let mut names = layout.names(&sources, ["rs1", "rs2"].into_iter(), field);
                    assert_eq!(names.len(), layout.width);
                    assert!(!names.contains(&String::new()), "{sources:?} {destination:?}: {names:?}");
                    names.sort();
                    names.dedup();
                    assert_eq!(names.len(), layout.width, "{sources:?} {destination:?}: {names:?}");
                }
            }
        }
    }
}
