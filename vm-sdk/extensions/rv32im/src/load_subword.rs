//! LB, LBU, LH and LHU.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;
use vm_core::arch::ExecutionResult;
use vm_core::arch::authoring::{Core, CoreBuilder, Io, Word};
use vm_core::stark::F;
use vm_derive::{columns, instruction};

use crate::adapters::{LoadedWord, Rv32Load, Subwords, check_aligned};
use crate::support::limbs;

/// LB, LBU, LH and LHU. The accessed cell of the word is split into bytes.
#[instruction(
    adapter = Rv32Load<Subwords>,
    columns = LoadSubwordCols,
    opcode = 0x170,
    computed(write(0))
)]
#[derive(PartialEq, Eq)]
pub enum LoadSubword {
    /// Load of a byte, sign-extended.
    #[encode(load, funct3 = 0)]
    LB,
    /// Load of a byte.
    #[encode(load, funct3 = 4)]
    LBU,
    /// Load of a half-word, sign-extended.
    #[encode(load, funct3 = 1)]
    LH,
    /// Load of a half-word.
    #[encode(load, funct3 = 5)]
    LHU,
}

/// Columns of [`LoadSubword`].
#[columns]
pub struct LoadSubwordCols<T> {
    /// Cells of the word in memory; bound by the memory bus.
    #[read(0)]
    pub word: Word<T>,
    /// Bit 0 of the pointer; boolean, and 0 for half-words. Determined, together with `in_high`, by the fact that the
    /// word's pointer is aligned.
    #[read(1)]
    pub odd: T,
    /// Bit 1 of the pointer: 1 if the access is in the high cell; boolean.
    #[read(2)]
    pub in_high: T,
    /// The loaded byte, or the high byte of the loaded half-word; range-checked, and determined by the cell.
    pub top: T,
    /// The cell's other byte; like `top`.
    #[range(8)]
    pub other: T,
    /// Sign to extend; boolean. 0 for LBU and LHU, else determined by the range check of `top − 128·sign`.
    #[bool]
    pub sign: T,
    /// Low cell of the result; determined by a constraint. The high cell is `(2^16 − 1)·sign`.
    pub low: T,
    /// Selector of used rows; boolean.
    #[valid]
    pub is_valid: T,
    /// Selector of LBU and LHU rows: boolean, and, with `is_half`, fixed by the opcode in the program lookup.
    #[opcode_bit(1)]
    pub is_unsigned: T,
    /// Selector of LH and LHU rows; like `is_unsigned`.
    #[opcode_bit(2)]
    pub is_half: T,
}

impl LoadSubword {
    /// Number of bytes accessed.
    #[inline(always)]
    const fn width(self) -> u32 {
        match self {
            Self::LB | Self::LBU => 1,
            Self::LH | Self::LHU => 2,
        }
    }
}

#[instruction]
impl Core for LoadSubword {
    #[inline(always)]
    fn check(&self, reads: &LoadedWord, pc: u32) -> ExecutionResult<()> {
        check_aligned(reads.pointer, self.width(), pc)
    }

    #[inline(always)]
    fn execute(&self, LoadedWord { word, pointer }: LoadedWord) -> u32 {
        let shifted = word >> (8 * (pointer % 4));
        match self {
            Self::LB => shifted as u8 as i8 as u32,
            Self::LBU => shifted as u8 as u32,
            Self::LH => shifted as u16 as i16 as u32,
            Self::LHU => shifted as u16 as u32,
        }
    }

    #[inline(always)]
    fn witness(&self, io: &Io<Self>, cols: &mut LoadSubwordCols<F>) {
        let LoadedWord { word, pointer } = io.reads;
        let [low, high] = [0, 8].map(|bit| (word >> (16 * (pointer / 2 % 2) + bit)) & 0xFF);
        let (top, other) = if self.width() == 2 || pointer % 2 == 1 { (high, low) } else { (low, high) };
        cols.top = F::from_u32(top);
        cols.other = F::from_u32(other);
        cols.sign = F::from_bool(io.writes >> 31 == 1);
        cols.low = F::from_u32(limbs(io.writes)[0]);
    }

    fn eval<B: CoreBuilder>(&self, builder: &mut B, cols: &LoadSubwordCols<B::Var>) {
        // Soundness: half-words have even offsets.
        builder.when(cols.is_half).assert_zero(cols.odd);

        // Soundness: both bytes are range-checked, so the split of the cell is unique. `top` is the cell's high byte
        // for odd pointers and for half-words.
        let top_is_high = cols.is_half + cols.odd;
        let cell = cols.word[0] + (cols.word[1] - cols.word[0]) * cols.in_high;
        let bytes = cols.top + cols.other * F::from_u32(1 << 8);
        let exchange = (cols.top - cols.other) * F::from_u32((1 << 8) - 1);
        builder.assert_eq(cell, bytes + top_is_high * exchange);

        // Soundness: for a signed load, top − 128·sign has seven bits, which forces the sign to be the top bit and
        // implies that top has eight bits. For an unsigned load the sign is 0, and top has eight bits.
        builder.when(cols.is_unsigned).assert_zero(cols.sign);
        builder.range_by(cols.top - cols.sign * F::from_u32(1 << 7), cols.is_unsigned + B::Expr::from_u32(7));

        let byte = cols.top + cols.sign * F::from_u32(0xFF00);
        let half = cols.other + cols.top * F::from_u32(1 << 8);
        builder.assert_eq(cols.low, byte.clone() + (half - byte) * cols.is_half);
    }

    fn write<B: CoreBuilder>(&self, cols: &LoadSubwordCols<B::Var>, _value: usize, _word: usize) -> [B::Expr; 2] {
        // Soundness: both cells are below 2^16. The low cell is two bytes, or a byte with sign · 0xFF00 above it; the
        // high cell is 0 or 2^16 − 1.
        [cols.low.into(), cols.sign * F::from_u32(0xFFFF)]
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use vm_core::arch::ExecutionError;
    use vm_core::instructions::{Instruction, LocalOpcode};
    use vm_core::system::memory::{MAIN_SPACE, MemoryError};

    use super::*;
    use crate::opcodes::register;
    use crate::support::cells;
    use crate::test_util::Columns;
    use vm_core::machine::testing::{Case, Guard, Verdict, check, cost};

    /// Words with bytes with and without a top bit at every position.
    const TEST_WORDS: [u32; 6] = [0x7FFF_0080, 0x8000_FF7F, 0x0102_8384, 0xF1F2_7374, 0, u32::MAX];

    fn case(opcode: LoadSubword, offset: u32, word: u32) -> Case {
        Case::new(Instruction::new(opcode, [register(5), register(4), offset, 0]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(4), 0x1_0000)
            .memory(MAIN_SPACE, 0x1_0000, word)
    }

    /// Every opcode at every aligned offset.
    fn positions() -> impl Iterator<Item = (LoadSubword, u32)> {
        LoadSubword::ALL
            .iter()
            .flat_map(|&opcode| (0..4).step_by(opcode.width() as usize).map(move |offset| (opcode, offset)))
    }

    #[test]
    fn bytes_and_half_words_are_extended_as_specified() {
        for word in TEST_WORDS {
            for (opcode, offset) in positions() {
                let at = offset as usize;
                let bytes = word.to_le_bytes();
                let expected = match opcode {
                    LoadSubword::LB => i32::from(bytes[at] as i8) as u32,
                    LoadSubword::LBU => u32::from(bytes[at]),
                    LoadSubword::LH => i32::from(i16::from_le_bytes([bytes[at], bytes[at + 1]])) as u32,
                    LoadSubword::LHU => u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]])),
                };
                let outcome = case(opcode, offset, word).run::<LoadSubword>().unwrap();
                assert_eq!(outcome.register(register(5)), expected, "{opcode:?} byte {offset} of {word:#x}");
            }
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<LoadSubword>(), (25, 36));
        let words = TEST_WORDS.into_iter().take(3);
        let cases: Vec<_> =
            words.flat_map(|word| positions().map(move |(opcode, offset)| case(opcode, offset, word))).collect();
        let mut report = check::<LoadSubword>(&cases);
        for (case, columns) in special_claims() {
            match case.trial::<LoadSubword>().with(&columns) {
                Verdict::Refused(guards) if guards.len() == 1 => report.idle.retain(|guard| *guard != guards[0]),
                verdict => panic!("{case:?}, {columns:?}: {verdict:?}"),
            }
        }
        // Unused here: the checks for odd half-words (4) and of the high cell's range reject pointers that the host
        // refuses; see below.
        report.expect(&[], &[Guard::Constraint(4), Guard::Lookup(5)]);
    }

    /// Changes that exactly one constraint rejects: what a prover could do without it.
    fn special_claims() -> [(Case, Columns); 3] {
        let int = F::from_u32;
        let half = F::ONE.halve();
        let bytes = |top: u32, other: u32, low: u32| {
            [("core.top", int(top)), ("core.other", int(other)), ("core.low", int(low))]
        };
        let place = |odd: F, in_high: F| [("core.odd", odd), ("core.in_high", in_high)];
        [
            // Half an LBU and half an LH.
            (
                case(LoadSubword::LBU, 0, 0x0101),
                [&[("core.is_unsigned", F::ZERO), ("core.is_half", half)][..], &bytes(1, 1, 129)].concat(),
            ),
            // Byte 1 as byte −1 of the high cell, and as the low byte of the mean of both cells.
            (case(LoadSubword::LBU, 1, 0x0101_7F00), [&place(-F::ONE, F::ONE)[..], &bytes(1, 1, 1)].concat()),
            (case(LoadSubword::LBU, 1, 0x0002_7F00), [&place(F::ZERO, half)[..], &bytes(0x81, 0x3F, 0x81)].concat()),
        ]
    }

    #[test]
    fn a_half_word_at_an_odd_pointer_has_no_witness() {
        let trial = case(LoadSubword::LHU, 0, 0).trial::<LoadSubword>();
        let changes = [("core.odd", F::ONE), ("adapter.address.base[0]", F::ONE)];
        let Verdict::Refused(guards) = trial.with(&changes) else { panic!("accepted") };
        assert!(guards.contains(&Guard::Constraint(4)), "{guards:?}");
    }

    #[test]
    fn a_pointer_beyond_the_field_is_not_a_small_one() {
        // base = p + 4: the pointer is 4 modulo p.
        let [low, high] = cells(F::ORDER_U32 + 4);
        let trial =
            case(LoadSubword::LB, 0, 7).register(register(4), 4).memory(MAIN_SPACE, 4, 7).trial::<LoadSubword>();
        let changes = [("adapter.address.base[0]", low), ("adapter.address.base[1]", high)];
        let Verdict::Refused(guards) = trial.with(&changes) else { panic!("accepted") };
        assert!(guards.contains(&Guard::Lookup(5)), "{guards:?}");
        assert!(!guards.iter().any(|guard| matches!(guard, Guard::Constraint(_))));
    }

    #[test]
    fn half_words_at_odd_pointers_are_errors() {
        for opcode in [LoadSubword::LH, LoadSubword::LHU] {
            for offset in [1, 3] {
                let error = case(opcode, offset, 0).run::<LoadSubword>().map(|_| ()).unwrap_err();
                let source = MemoryError::Misaligned { pointer: 0x1_0000 + offset, width: 2 };
                assert_eq!(*error, ExecutionError::Memory { pc: 0x1000, source });
            }
        }
    }
}
