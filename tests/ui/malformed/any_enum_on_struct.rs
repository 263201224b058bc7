//! `AnyEnum` is for enums.
use vm_derive::AnyEnum;

struct AddChip;

#[derive(AnyEnum)]
struct Wrapper(AddChip);

fn main() {}
