//! The columns of a multi-row instruction must match its accesses.
extern crate vm_core as vm_sdk;

use vm_core::arch::authoring::{Access, Core, Row, RowCore, Word};
use vm_core::machine::testing::TestAdapter;
use vm_derive::{columns, instruction};

macro_rules! instruction {
    ($name:ident, $cols:ident, [$($read:expr),*], [$($write:expr),*] $(, $value:literal)*) => {
        #[instruction(multi_row, operands = TestAdapter, columns = $cols, computed($(write($value)),*))]
        struct $name;

        #[instruction]
        impl RowCore for $name {
            type State = ();
            const READS: &'static [Access] = &[$($read),*];
            const WRITES: &'static [Access] = &[$($write),*];

            fn execute(&self, _: &Row, _: &mut (), _: &[u32], _: &mut [u32]) {}
        }
    };
}

#[columns]
struct Copy<T> {
    #[register(0, bits = 29, step = 4)]
    to: Word<T>,
    #[register(1, bits = 29, step = 4)]
    from: Word<T>,
    #[read(0)]
    word: Word<T>,
}
instruction!(NoColumnsOfRead, Copy, [Access::at(1), Access::at(1).plus(4)], []);
instruction!(NoAccess, Copy, [], []);
instruction!(NoColumnsOfWrite, Copy, [Access::at(1)], [Access::at(0)]);
instruction!(NoWrite, Copy, [Access::at(1)], [], 0);
instruction!(NoPointer, Copy, [Access::at(2)], []);
instruction!(OddOffset, Copy, [Access::at(1).plus(2)], []);
instruction!(NoOperand, Copy, [Access::register(7)], []);

#[columns]
struct WideNumbers<T> {
    #[register(0)]
    to: Word<T>,
    #[read(0)]
    word: Word<T>,
}
instruction!(WidePointer, WideNumbers, [Access::at(0)], []);

#[columns]
struct FastNumbers<T> {
    #[register(0, bits = 29, step = 4096)]
    to: Word<T>,
    #[read(0)]
    word: Word<T>,
}
instruction!(FastPointer, FastNumbers, [Access::at(0)], []);

#[columns]
struct OneCell<T> {
    #[register(0)]
    to: T,
    #[read(0)]
    word: Word<T>,
}
instruction!(NoWord, OneCell, [Access::register(0)], []);

#[columns]
struct TwoCounts<T> {
    #[register(0, bits = 20, count)]
    left: Word<T>,
    #[register(1, bits = 20, count)]
    right: Word<T>,
}
instruction!(Counts, TwoCounts, [], []);

#[columns]
struct OtherSize<T> {
    #[register(0)]
    to: Word<T>,
    sum: Word<T>,
    #[carried(sum)]
    before: T,
}
instruction!(Carried, OtherSize, [], []);

#[columns]
struct Flags<T> {
    #[valid]
    is_real: T,
}
instruction!(Valid, Flags, [Access::register(0)], []);

#[columns]
struct Nothing<T> {
    x: T,
}
instruction!(NoTicks, Nothing, [], []);

// An instruction with an adapter has one row.
#[instruction(adapter = TestAdapter, columns = OfAdapter)]
struct Single;

#[columns]
struct OfAdapter<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1)]
    y: Word<T>,
    #[write(0)]
    z: Word<T>,
    #[carried]
    sum: T,
}

#[instruction]
impl Core for Single {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

fn main() {}
