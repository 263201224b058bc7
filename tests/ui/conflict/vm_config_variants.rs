//! Two field names that give the same variant.
use vm_core::arch::SystemConfig;
use vm_derive::VmConfig;

#[derive(Clone, VmConfig)]
#[allow(non_snake_case)]
struct Machine {
    #[system]
    system: SystemConfig,
    #[extension]
    big_int: Arithmetic,
    #[extension]
    bigInt: Shifts,
}

#[derive(Clone)]
struct Arithmetic;
#[derive(Clone)]
struct Shifts;

fn main() {}
