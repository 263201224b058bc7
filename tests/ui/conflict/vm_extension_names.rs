//! The struct and the two enums need different names.
use vm_derive::vm_extension;

#[vm_extension(executor = Chips, periphery = Chips)]
struct Arithmetic;

#[vm_extension(executor = Shifts)]
struct Shifts;

fn main() {}
