//! A machine has one system, and each extension once, optional or not.
use vm_core::arch::SystemConfig;
use vm_derive::VmConfig;

#[derive(Clone, VmConfig)]
struct Machine {
    #[system]
    system: SystemConfig,
    #[system]
    other: SystemConfig,
    #[extension]
    one: Arithmetic,
    #[extension]
    two: Option<Arithmetic>,
}

#[derive(Clone)]
struct Arithmetic;

fn main() {}
