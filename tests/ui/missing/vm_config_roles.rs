//! A machine has a system, and every field has a role: a forgotten `#[extension]` must not drop one silently.
use vm_derive::VmConfig;

#[derive(Clone, VmConfig)]
struct Machine {
    #[extension]
    arithmetic: Arithmetic,
    shifts: Shifts,
}

#[derive(Clone)]
struct Arithmetic;
#[derive(Clone)]
struct Shifts;

fn main() {
    // A rejected machine causes no further errors where it is used.
    fn takes_machine<M: vm_core::arch::VmConfig>(_: M) {}
    takes_machine(Machine { arithmetic: Arithmetic, shifts: Shifts });
}
