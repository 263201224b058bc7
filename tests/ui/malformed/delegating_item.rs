//! A struct without fields has no chip to delegate to, and a union never has one.
use vm_derive::{ChipUsageGetter, InstructionExecutor};

#[derive(InstructionExecutor)]
struct Nothing;

#[derive(ChipUsageGetter)]
union Either {
    one: u8,
    other: i8,
}

fn main() {}
