//! Field names become variant names. Flags take no arguments. A machine has no lifetimes.
use vm_derive::VmConfig;

#[derive(Clone)]
struct Arithmetic;
#[derive(Clone)]
struct Shifts;

#[derive(Clone, VmConfig)]
struct Machine<'a> {
    #[system(default)]
    system: vm_core::arch::SystemConfig,
    #[extension]
    __: Arithmetic,
    #[extension]
    self_: Shifts,
    #[extension]
    name: &'a str,
}

fn main() {}
