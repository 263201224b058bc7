//! `#[opcode]` columns name all instructions of the declaration, and no others.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

#[instruction(adapter = TestAdapter, columns = ValidCols)]
enum Untold {
    Left,
    Right,
}

#[instruction]
impl Core for Untold {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[columns]
struct ValidCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
    #[valid]
    is_valid: T,
}

#[instruction(adapter = TestAdapter, columns = BitCols)]
enum TooManyBits {
    Left,
    Right,
    Arithmetic,
}

#[instruction]
impl Core for TooManyBits {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[columns]
struct BitCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
    #[valid]
    is_valid: T,
    #[opcode_bit(1)]
    low: T,
    #[opcode_bit(2)]
    high: T,
}

#[instruction(adapter = TestAdapter, columns = LooseCols)]
enum BitsAlone {
    Left,
    Right,
}

#[instruction]
impl Core for BitsAlone {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[columns]
struct LooseCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
    #[opcode_bit(1)]
    low: T,
}

#[instruction(adapter = TestAdapter, columns = OtherCols)]
enum Fewer {
    Left,
}

#[instruction]
impl Core for Fewer {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[columns]
struct OtherCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
    #[opcode(TooManyBits::Right)]
    is_right: T,
}

fn main() {}
