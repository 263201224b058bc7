//! A field is either the system or an extension.
use vm_core::arch::SystemConfig;
use vm_derive::VmConfig;

#[derive(Clone, VmConfig)]
struct Machine {
    #[system]
    system: SystemConfig,
    #[system]
    #[extension]
    arithmetic: Arithmetic,
}

#[derive(Clone)]
struct Arithmetic;

fn main() {}
