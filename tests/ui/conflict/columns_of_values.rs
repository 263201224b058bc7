//! The columns of an instruction must match its adapter. `TestAdapter` reads two words and writes one.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Core, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

macro_rules! instruction {
    ($adapter:ident, $name:ident, $cols:ident $(, $computed:ident($kind:ident($value:literal)))?) => {
        #[instruction(adapter = $adapter, columns = $cols $(, $computed($kind($value)))?)]
        struct $name;

        #[instruction]
        impl Core for $name {
            fn execute(&self, [x, _]: [u32; 2]) -> u32 {
                x
            }
        }
    };
}

#[columns]
struct OneOperand<T> {
    #[read(0)]
    x: Word<T>,
    #[write(0)]
    z: Word<T>,
}
instruction!(TestAdapter, NotRead, OneOperand);

#[columns]
struct NoResult<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
}
instruction!(TestAdapter, NotWritten, NoResult);

#[columns]
struct ThreeOperands<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[read(2)]
    more: Word<T>,
    #[write(0)]
    z: Word<T>,
}
instruction!(TestAdapter, ReadTooMany, ThreeOperands);

#[columns]
struct TwoResults<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
    #[write(1)]
    more: Word<T>,
}
instruction!(TestAdapter, WrittenTooMany, TwoResults);

#[columns]
struct OddOperand<T> {
    #[read(0)]
    x: [T; 3],
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
}
instruction!(TestAdapter, ReadDoesNotFit, OddOperand);

#[columns]
struct OddResult<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: T,
}
instruction!(TestAdapter, WriteDoesNotFit, OddResult);

#[columns]
struct Complete<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
}
instruction!(TestAdapter, Both, Complete, computed(write(0)));

fn main() {}
