//! Flag attributes take no arguments. Each is legal in one place.
use vm_derive::{AnyEnum, ChipUsageGetter};

struct AddChip;
struct MulChip;

#[derive(AnyEnum)]
enum Chips {
    #[any_enum(nested)]
    Add(AddChip),
    Mul(#[any_enum] MulChip),
}

#[derive(ChipUsageGetter)]
struct Wrapper {
    #[chip = "inner"]
    chip: AddChip,
}

fn main() {}
