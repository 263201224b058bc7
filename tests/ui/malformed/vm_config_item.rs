//! A machine is a struct with named fields.
use vm_derive::VmConfig;

#[derive(Clone, VmConfig)]
struct Tuple(#[system] u32);

#[derive(Clone, VmConfig)]
enum Choice {
    A,
}

fn main() {}
