//! A derive can delegate to one field only.
use vm_derive::ChipUsageGetter;

#[derive(ChipUsageGetter)]
struct Wrapper {
    #[chip]
    first: u8,
    #[chip]
    second: u8,
    #[chip]
    third: u8,
}

fn main() {}
