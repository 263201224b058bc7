//! Two field names that give the same variant, and a name that gives the variant of optional extensions.
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

#[derive(Clone, VmConfig)]
struct LeftOut {
    #[system]
    system: SystemConfig,
    #[extension]
    optional: Arithmetic,
    #[extension]
    more: Option<Shifts>,
}

fn main() {}
