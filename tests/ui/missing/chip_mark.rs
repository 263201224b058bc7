//! A struct with several fields marks its chip.
use vm_derive::{ChipUsageGetter, InstructionExecutor};

#[derive(ChipUsageGetter, InstructionExecutor)]
struct Wrapper {
    name: String,
    chip: u8,
}

fn main() {}
