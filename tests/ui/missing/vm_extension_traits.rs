//! The compiler reports missing traits at the types that the user wrote.
use vm_core::primitives::RangeTable;
use vm_derive::{Chip, ChipUsageGetter, vm_extension};

#[derive(Chip, ChipUsageGetter)]
struct Helper(RangeTable);

#[vm_extension(chips(Helper: Helper))]
struct Arithmetic;

fn main() {}
