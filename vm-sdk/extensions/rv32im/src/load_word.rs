//! LW.

use vm_core::arch::authoring::{Core, CoreBuilder, Word};
use vm_derive::{columns, instruction};

use crate::adapters::{LoadedWord, Rv32Load};

/// LW. The word is copied, so its cells stay below 2^16.
#[instruction(adapter = Rv32Load, columns = LoadWordCols, opcode = 0x168, computed(write(0)))]
#[derive(PartialEq, Eq)]
pub enum LoadWord {
    /// Load of a word: `rd = [rs1 + imm]`.
    #[encode(load, funct3 = 2)]
    LW,
}

/// Columns of [`LoadWord`].
#[columns]
pub struct LoadWordCols<T> {
    /// Cells of the word, in memory and then in rd; bound by the memory bus.
    #[read(0)]
    pub word: Word<T>,
    /// Selector of LW rows; boolean.
    #[valid]
    pub is_valid: T,
}

#[instruction]
impl Core for LoadWord {
    #[inline(always)]
    fn execute(&self, LoadedWord { word, .. }: LoadedWord) -> u32 {
        word
    }

    fn write<B: CoreBuilder>(&self, cols: &LoadWordCols<B::Var>, _value: usize, _word: usize) -> [B::Expr; 2] {
        cols.word.map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use vm_core::arch::ExecutionError;
    use vm_core::instructions::Instruction;
    use vm_core::system::memory::{MAIN_SPACE, MemoryError};

    use super::*;
    use crate::opcodes::register;
    use crate::support::cells;
    use crate::support::limbs;
    use vm_core::machine::testing::{Case, Guard, Verdict, check, cost};
    use vm_core::stark::F;

    fn case(base: u32, immediate: i32, word: u32) -> Case {
        let [low, high] = limbs(immediate as u32);
        Case::new(Instruction::new(LoadWord::LW, [register(5), register(6), low, high]))
            .register(register(5), 0xDEAD_BEEF)
            .register(register(6), base)
            .memory(MAIN_SPACE, base.wrapping_add(immediate as u32) & !3 & 0x1FFF_FFFF, word)
    }

    /// Bases and immediates: carries in the low and the high cell, both ends of memory, sums that wrap around 2^32.
    const ADDRESSES: [(u32, i32); 8] = [
        (0x1000, 0),
        (0x1000, -4),
        (0x1_0000, -4),
        (0xFFFC, 4),
        (0x1FFF_FFF0, 12),
        (3, -3),
        (0xFFFF_FFFC, 4),
        (0x0020_0401, 2047),
    ];

    #[test]
    fn the_word_at_base_plus_immediate_is_loaded() {
        for (i, (base, immediate)) in ADDRESSES.into_iter().enumerate() {
            let word = 0x89AB_CDEF_u32.rotate_left(i as u32);
            let outcome = case(base, immediate, word).run::<LoadWord>().unwrap();
            assert_eq!(outcome.register(register(5)), word, "{base:#x} + {immediate}");
            assert_eq!(outcome.to.pc, 0x1004);
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<LoadWord>(), (17, 32));
        let mut cases: Vec<_> = ADDRESSES.into_iter().map(|(base, imm)| case(base, imm, 0x89AB_CDEF)).collect();
        // A load into the base register.
        let instruction = Instruction::new(LoadWord::LW, [register(6), register(6), 8, 0]);
        cases.push(Case::new(instruction).register(register(6), 0x100).memory(MAIN_SPACE, 0x108, 7));
        // Unused here: the range of the high cell rejects pointers that the host refuses; see below.
        check::<LoadWord>(&cases).expect(&[], &[Guard::Lookup(3)]);
    }

    #[test]
    fn a_pointer_beyond_the_field_is_not_a_small_one() {
        // base = p + 3: with immediate −3, the pointer is 0 modulo p.
        let [low, high] = cells(F::ORDER_U32 + 3);
        let trial = case(3, -3, 7).trial::<LoadWord>();
        let changes = [("adapter.address.base[0]", low), ("adapter.address.base[1]", high)];
        let Verdict::Refused(guards) = trial.with(&changes) else { panic!("accepted") };
        assert!(guards.contains(&Guard::Lookup(3)), "{guards:?}");
        assert!(!guards.iter().any(|guard| matches!(guard, Guard::Constraint(_))));
    }

    #[test]
    fn misaligned_and_out_of_range_pointers_are_errors() {
        for offset in 1..4 {
            let error = case(0x1000 + offset, 0, 0).run::<LoadWord>().map(|_| ()).unwrap_err();
            let source = MemoryError::Misaligned { pointer: 0x1000 + offset, width: 4 };
            assert_eq!(*error, ExecutionError::Memory { pc: 0x1000, source });
        }
        for pointer in [0x2000_0000_u32, 0x7800_0000, 0xFFFF_FFFC] {
            let error = case(pointer, 0, 0).run::<LoadWord>().map(|_| ()).unwrap_err();
            let source = MemoryError::OutOfRange { space: MAIN_SPACE, pointer, size: 1 << 29 };
            assert_eq!(*error, ExecutionError::Memory { pc: 0x1000, source });
        }
    }
}
