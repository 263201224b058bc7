//! Every variant of an enum of chips holds exactly one chip. Several derives report a mistake only once.
use vm_derive::{AnyEnum, Chip, ChipUsageGetter, InstructionExecutor};

struct AddChip;

#[derive(AnyEnum)]
enum Values {
    None,
    Two(AddChip, AddChip),
    Named { chip: AddChip },
}

#[derive(Chip, ChipUsageGetter, InstructionExecutor)]
enum Chips {
    None,
}

fn main() {}
