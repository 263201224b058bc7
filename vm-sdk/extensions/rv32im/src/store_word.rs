//! SW and REVEAL.

use p3_field::PrimeCharacteristicRing;
use vm_core::arch::authoring::{Core, CoreBuilder, Word};
use vm_core::instructions::{Instruction, LocalOpcode};
use vm_core::stark::F;
use vm_core::system::memory::{MAIN_SPACE, PUBLIC_VALUES_SPACE};
use vm_derive::{columns, instruction};

use crate::adapters::{Rv32Store, StoreOperands, Target};

/// SW to main memory and REVEAL to the public values. The word is copied, so its cells stay below 2^16.
#[instruction(
    adapter = Rv32Store<MemoryOrPublicValues>,
    columns = StoreWordCols,
    opcode = 0x178,
    computed(read(2), write(0))
)]
#[derive(PartialEq, Eq)]
pub enum StoreWord {
    /// Store of a word: `[rs1 + imm] = rs2`.
    #[encode(store, funct3 = 2)]
    SW,
    /// Store of a word of the public values.
    #[encode(custom0, funct3 = 2)]
    REVEAL,
}

/// Stores of words, in the address space that the opcode determines.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryOrPublicValues;

impl Target for MemoryOrPublicValues {
    const SUBWORD: bool = false;
    const SPACES: bool = true;

    #[inline(always)]
    fn space_of(instruction: &Instruction) -> u32 {
        if instruction.opcode == StoreWord::REVEAL.global_opcode() { PUBLIC_VALUES_SPACE } else { MAIN_SPACE }
    }
}

/// Columns of [`StoreWord`].
#[columns]
pub struct StoreWordCols<T> {
    /// Cells of rs2, which become the word; bound by the memory bus.
    #[read(0)]
    pub data: Word<T>,
    /// Cells of the word before the store; bound by the memory bus.
    #[read(1)]
    pub prev: Word<T>,
    /// Selector of SW rows: boolean, and part of the opcode that the program lookup fixes.
    #[opcode(StoreWord::SW)]
    pub is_sw: T,
    /// Selector of REVEAL rows; like `is_sw`.
    #[opcode(StoreWord::REVEAL)]
    pub is_reveal: T,
}

#[instruction]
impl Core for StoreWord {
    #[inline(always)]
    fn execute(&self, StoreOperands { data, .. }: StoreOperands) -> u32 {
        data
    }

    fn read<B: CoreBuilder>(&self, cols: &StoreWordCols<B::Var>, _value: usize, _word: usize) -> [B::Expr; 2] {
        // Soundness: the address space is a function of the opcode, so no store can reach the registers.
        let space = cols.is_sw * F::from_u32(MAIN_SPACE) + cols.is_reveal * F::from_u32(PUBLIC_VALUES_SPACE);
        [space, B::Expr::ZERO]
    }

    fn write<B: CoreBuilder>(&self, cols: &StoreWordCols<B::Var>, _value: usize, _word: usize) -> [B::Expr; 2] {
        cols.data.map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;
    use vm_core::arch::ExecutionError;
    use vm_core::instructions::Instruction;
    use vm_core::system::memory::MemoryError;

    use super::*;
    use crate::opcodes::register;
    use crate::support::cells;
    use crate::support::limbs;
    use crate::test_util::NUM_PUBLIC_VALUES;
    use vm_core::machine::testing::{Case, Guard, Verdict, check, cost};

    fn case(opcode: StoreWord, base: u32, immediate: i32, data: u32) -> Case {
        let [low, high] = limbs(immediate as u32);
        Case::new(Instruction::new(opcode, [register(5), register(6), low, high]))
            .register(register(5), data)
            .register(register(6), base)
    }

    fn sw(base: u32, immediate: i32, prev: u32, data: u32) -> Case {
        let pointer = base.wrapping_add(immediate as u32) & !3 & 0x1FFF_FFFF;
        case(StoreWord::SW, base, immediate, data).memory(MAIN_SPACE, pointer, prev)
    }

    #[test]
    fn the_word_goes_to_the_space_of_the_opcode() {
        for (base, immediate) in [(0x1000, 0), (0x1_0000, -4), (0xFFFF_FFFC, 4), (0x1FFF_FFF0, 12)] {
            let outcome = sw(base, immediate, 1, 0x89AB_CDEF).run::<StoreWord>().unwrap();
            let pointer = base.wrapping_add(immediate as u32);
            assert_eq!(outcome.memory.peek(MAIN_SPACE, pointer), Ok(0x89AB_CDEF));
        }
        for index in (0..NUM_PUBLIC_VALUES as u32).step_by(4) {
            let outcome = case(StoreWord::REVEAL, index, 0, 0x89AB_CDEF).run::<StoreWord>().unwrap();
            assert_eq!(outcome.memory.peek(PUBLIC_VALUES_SPACE, index), Ok(0x89AB_CDEF));
            assert_eq!(outcome.memory.peek(MAIN_SPACE, index), Ok(0));
        }
    }

    #[test]
    fn rows_are_valid_and_no_change_is_a_forgery() {
        assert_eq!(cost::<StoreWord>(), (18, 32));
        let mut cases = vec![
            sw(0x1000, 0, 0x7654_3210, 0x89AB_CDEF),
            sw(0x1_0000, -4, u32::MAX, 0),
            sw(0xFFFF_FFFC, 4, 0, u32::MAX),
            sw(3, -3, 1, 2),
            case(StoreWord::REVEAL, 8, 0, 0x89AB_CDEF),
            case(StoreWord::REVEAL, 0, 12, 0xFFFF),
        ];
        // The base register is stored.
        let instruction = Instruction::new(StoreWord::SW, [register(6), register(6), 8, 0]);
        cases.push(Case::new(instruction).register(register(6), 0x100));
        // Unused here: the address space rejects both flags at once, too, and the range of the high cell rejects
        // pointers that the host refuses; see below.
        check::<StoreWord>(&cases).expect(&[], &[Guard::Constraint(2), Guard::Lookup(6)]);
    }

    #[test]
    fn a_pointer_beyond_the_field_is_not_a_small_one() {
        // base = p + 3: with immediate −3, the pointer is 0 modulo p.
        let [low, high] = cells(F::ORDER_U32 + 3);
        let trial = sw(3, -3, 1, 2).trial::<StoreWord>();
        let changes = [("adapter.address.base[0]", low), ("adapter.address.base[1]", high)];
        let Verdict::Refused(guards) = trial.with(&changes) else { panic!("accepted") };
        assert!(guards.contains(&Guard::Lookup(6)), "{guards:?}");
        assert!(!guards.iter().any(|guard| matches!(guard, Guard::Constraint(_))));
    }

    #[test]
    fn misaligned_and_out_of_range_pointers_are_errors() {
        let error = |case: Case| *case.run::<StoreWord>().map(|_| ()).unwrap_err();
        for opcode in [StoreWord::SW, StoreWord::REVEAL] {
            let source = MemoryError::Misaligned { pointer: 18, width: 4 };
            assert_eq!(error(case(opcode, 17, 1, 0)), ExecutionError::Memory { pc: 0x1000, source });
        }
        let source = MemoryError::OutOfRange { space: MAIN_SPACE, pointer: 0x2000_0000, size: 1 << 29 };
        assert_eq!(error(case(StoreWord::SW, 0x2000_0000, 0, 0)), ExecutionError::Memory { pc: 0x1000, source });
        let index = NUM_PUBLIC_VALUES as u32;
        let expected =
            ExecutionError::PublicValueIndexOutOfBounds { pc: 0x1000, index, num_public_values: NUM_PUBLIC_VALUES };
        assert_eq!(error(case(StoreWord::REVEAL, index, 0, 0)), expected);
    }
}
