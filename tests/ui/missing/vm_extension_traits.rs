//! What the macro cannot see, the compiler reports at the user's own types.
use vm_core::primitives::RangeTable;
use vm_derive::{Chip, ChipUsageGetter, vm_extension};

#[derive(Chip, ChipUsageGetter)]
struct Helper(RangeTable);

#[vm_extension(chips(Helper: Helper))]
struct Arithmetic;

fn main() {}
