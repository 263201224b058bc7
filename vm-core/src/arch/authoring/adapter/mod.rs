//! Adapters as declarations. `#[adapter(…)]` names what an instruction reads and writes ([`DeclaredAdapter`]); the code
//! of this module makes an adapter of the chip framework from that. All declared adapters share it.
//!
//! | file | |
//! |---|---|
//! | `sources`, `destinations`, `values` | what can be read and written, and how the host does it |
//! | `layout` | the columns |
//! | `air` | constraints and messages |
//! | `execution` | the host side: accesses, records, rows |
//! | `format` | operands from instruction words |
//! | `sample` | operands for generated tests |
//!
//! An instruction executes as follows; each access of a word takes one tick. It reads the registers that it names, source
//! by source, then the register with the pointer to the result. Then it reads the blocks, source by source. The core
//! computes. At last the result is written.

mod air;
mod destinations;
mod execution;
mod format;
mod layout;
mod sample;
mod sources;
mod values;

pub use self::air::POINTER_HIGH_BITS;
pub use self::destinations::Destination;
pub use self::execution::{are_limbs, are_registers};
pub use self::format::{RegisterField, WordFormat};
pub use self::layout::{DestinationKind, SourceKind};
pub use self::sample::{sample_fixed, sample_pointer, sample_register};
pub use self::sources::{Pair, Source, Sources, Triple};
pub use self::values::{Block, Branch, Hint, Immediate, Register};

use std::fmt::Debug;
use std::marker::PhantomData;

use p3_field::PrimeCharacteristicRing;

use crate::arch::{
    AdapterAirContext, AdapterRuntimeContext, MinimalInstruction, SystemPort, VmAdapterInterface, is_access_width,
};
use crate::instructions::Instruction;

use super::core::{CoreAdapter, CoreInterface};

use self::layout::{Layout, MAX_SOURCES, block_access};

/// Number of words that a block has at most.
pub const MAX_BLOCK_WORDS: usize = 1024;

/// What an adapter reads and writes. Implemented by `#[adapter(…)]`.
///
/// Operands in the program table: the register of the destination; of each source its register, or the two limbs of the
/// immediate; the target of a branch.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an adapter",
    note = "use an adapter of the library, such as `Rv32Alu`, declare one with `#[adapter(…)]`, or implement `VmAdapterChip` \
            (for annotated instructions also `CoreAdapter`)"
)]
pub trait DeclaredAdapter: Copy + Debug + Send + Sync + 'static {
    /// Format of the instruction words.
    type Format: WordFormat;
    /// Values that are read: a list of [`Source`]s.
    type Sources: Sources;
    /// What happens to the result.
    type Destination: Destination;
    /// Fields with the registers of the sources, in order; immediates have none. If there are fewer sources than fields,
    /// the last fields are not used.
    const REGISTERS: &'static [RegisterField];
    /// Field with the register of the destination, if it has one.
    const DESTINATION: Option<RegisterField>;
    /// Whether the macro reported errors. The declaration may then be incomplete.
    #[doc(hidden)]
    const REJECTED: bool = false;

    /// Creates the adapter on the system's buses.
    fn with_port(port: SystemPort) -> Self;
    /// Returns the system's buses.
    fn port(&self) -> SystemPort;
}

/// Constants of a declared adapter, evaluated at compile time.
struct Constants<A>(PhantomData<A>);

impl<A: DeclaredAdapter> Constants<A> {
    const KINDS: &'static [SourceKind] = <A::Sources as Sources>::KINDS;
    const KIND: DestinationKind = <A::Destination as Destination>::KIND;
    /// Number of operands that the destination has before those of the sources.
    const FIRST_OPERAND: usize = Self::KIND.operands();
    /// Columns.
    const LAYOUT: Layout = Layout::of(Self::KINDS, Self::KIND);
    const WIDTHS: Widths = Widths::of(Self::KINDS, Self::KIND);
    /// Bits of the words with the registers.
    const REGISTER_BITS: u32 = {
        let mut bits = match A::DESTINATION {
            Some(field) => 31 << field.bit,
            None => 0,
        };
        let (mut i, mut register) = (0, 0);
        while i < Self::KINDS.len() {
            if Self::KINDS[i].has_register() && register < A::REGISTERS.len() {
                bits |= 31 << A::REGISTERS[register].bit;
                register += 1;
            }
            i += 1;
        }
        bits
    };
    /// What is wrong with the declaration.
    const PROBLEM: Option<&'static str> = Self::problem();

    const fn problem() -> Option<&'static str> {
        if Self::KINDS.is_empty() || Self::KINDS.len() > MAX_SOURCES {
            return Some("an adapter reads one to three values");
        }
        let (mut i, mut registers) = (0, 0);
        while i < Self::KINDS.len() {
            match Self::KINDS[i] {
                SourceKind::Register => registers += 1,
                SourceKind::Block(words) => {
                    registers += 1;
                    if !is_block(words) {
                        return Some(NO_BLOCK);
                    }
                }
                SourceKind::Immediate if <A::Format as WordFormat>::IMMEDIATE.is_none() => return Some(NO_IMMEDIATE),
                SourceKind::Hint(words) if !is_block(words) => return Some(NO_BLOCK),
                SourceKind::Immediate | SourceKind::Hint(_) => {}
            }
            i += 1;
        }
        if registers > A::REGISTERS.len() {
            return Some("more values are read than `read([…; COUNT])` lists");
        }
        match Self::KIND {
            DestinationKind::Block(words) if !is_block(words) => return Some(NO_BLOCK),
            DestinationKind::Branch if <A::Format as WordFormat>::TARGET.is_none() => return Some(NO_TARGET),
            _ => {}
        }
        if Self::KIND.operands() != A::DESTINATION.is_some() as usize {
            return Some("a result that is written needs the field of a register, and others have none");
        }
        None
    }
}

const NO_BLOCK: &str = "a block of memory or of hints has 1 to 1024 words";
const NO_IMMEDIATE: &str = "words of this format have no immediate";
const NO_TARGET: &str = "words of this format have no branch target";

/// Whether a block may have so many words. Soundness: pointers are below 2^30, so the pointers of all words are integers
/// far below p.
const fn is_block(words: usize) -> bool {
    words > 0 && words <= MAX_BLOCK_WORDS
}

/// Checks the number of words of a block.
///
/// # Panics
/// If it is 0 or above [`MAX_BLOCK_WORDS`]: a compile error.
#[track_caller]
pub const fn check_block(words: usize) {
    assert!(is_block(words), "{}", NO_BLOCK);
}

/// Checks that words of a format have an immediate.
///
/// # Panics
/// If they have none: a compile error.
#[track_caller]
pub const fn check_immediate<W: WordFormat>() {
    assert!(W::IMMEDIATE.is_some(), "{}", NO_IMMEDIATE);
}

/// Checks that words of a format have the target of a branch.
///
/// # Panics
/// If they have none: a compile error.
#[track_caller]
pub const fn check_target<W: WordFormat>() {
    assert!(W::TARGET.is_some(), "{}", NO_TARGET);
}

/// Widths of the wide accesses that blocks consist of.
struct Widths {
    list: [usize; 5],
    len: usize,
}

impl Widths {
    const fn of(sources: &[SourceKind], destination: DestinationKind) -> Self {
        let mut widths = Self { list: [0; 5], len: 0 };
        let mut i = 0;
        while i < sources.len() {
            if let SourceKind::Block(words) = sources[i] {
                widths.add(words);
            }
            i += 1;
        }
        if let DestinationKind::Block(words) = destination {
            widths.add(words);
        }
        widths
    }

    /// Adds the accesses of a block.
    const fn add(&mut self, words: usize) {
        let mut left = words;
        while left > 0 {
            let width = block_access(left);
            let (mut i, mut is_new) = (0, is_access_width(width));
            while i < self.len {
                is_new &= self.list[i] != width;
                i += 1;
            }
            if is_new {
                self.list[self.len] = width;
                self.len += 1;
            }
            left -= width;
        }
    }

    const fn as_slice(&self) -> &[usize] {
        self.list.split_at(self.len).0
    }
}

/// Interface of a declared adapter.
///
/// On the host, the core reads the value of a single source, an array of the values of sources of one kind, and otherwise a
/// tuple. A register or an immediate is a `u32`, a block of `N` words `[u32; N]`, the decision of a branch a
/// `bool`, and the result of an instruction that writes nothing `()`. In the AIR, a word is two cells, and the decision
/// one.
pub struct AdapterInterface<S, D>(PhantomData<(S, D)>);

impl<S: Sources, D: Destination> VmAdapterInterface for AdapterInterface<S, D> {
    type HostReads = S::Host;
    type HostWrites = D::Host;
    type Reads<T> = S::Cells<T>;
    type Writes<T> = D::Cells<T>;
    type ProcessedInstruction<T> = MinimalInstruction<T>;
}

impl<S: Sources, D: Destination> CoreInterface for AdapterInterface<S, D> {
    const READS: &'static [usize] = S::WORDS;
    const WRITES: &'static [usize] = D::WORDS;

    fn is_hint(value: usize) -> bool {
        matches!(S::KINDS.get(value), Some(SourceKind::Hint(_)))
    }

    #[inline(always)]
    fn read_word(reads: &S::Host, value: usize, word: usize) -> u32 {
        S::word(reads, value, word)
    }

    #[inline(always)]
    fn write_word(writes: &D::Host, _value: usize, word: usize) -> u32 {
        D::word(writes, word)
    }

    #[inline(always)]
    fn output(instruction: &Instruction, _from_pc: u32, writes: D::Host) -> AdapterRuntimeContext<Self> {
        AdapterRuntimeContext { to_pc: D::next_pc(&writes, instruction, const { layout::operands(S::KINDS) }), writes }
    }

    fn context<T: PrimeCharacteristicRing>(
        is_valid: T,
        opcode: T,
        mut read: impl FnMut(usize, usize) -> [T; 2],
        mut write: impl FnMut(usize, usize) -> [T; 2],
    ) -> AdapterAirContext<T, Self> {
        AdapterAirContext {
            to_pc: None,
            reads: S::cells(&mut read),
            writes: D::cells(&mut |word| write(0, word)),
            instruction: MinimalInstruction { is_valid, opcode },
        }
    }
}

impl<A: DeclaredAdapter> CoreAdapter for A {
    const PROBLEM: Option<&'static str> = if A::REJECTED { None } else { Constants::<A>::PROBLEM };
    const REJECTED: bool = A::REJECTED;

    fn new(port: SystemPort) -> Self {
        const {
            if let Some(problem) = Constants::<A>::PROBLEM {
                panic!("{}", problem);
            }
        }
        Self::with_port(port)
    }
}
