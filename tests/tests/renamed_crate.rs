//! Every macro works where `vm_core` is known by another name only.
#![allow(dead_code, missing_docs, unreachable_pub)]

// In this crate, `::vm_core` is the standard library: a path that ignores the override does not compile.
extern crate std as vm_core;
pub extern crate vm_core as renamed;

/// A façade that re-exports the core, as an SDK does.
mod facade {
    pub mod prelude {
        pub use renamed as core;
    }
}

use vm_derive::{
    AlignedBorrow, AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, LocalOpcode, VmConfig, vm_extension,
};

#[repr(C)]
#[derive(AlignedBorrow)]
#[vm(crate = "::renamed")]
pub struct Cells<T> {
    a: T,
    b: [T; 2],
}

#[derive(Clone, Copy, LocalOpcode)]
#[opcode_offset = 0x300]
#[vm(crate = renamed)]
pub enum Opcode {
    Only,
}

#[derive(AnyEnum, ChipUsageGetter, Chip, InstructionExecutor)]
#[vm(crate = "crate::facade::prelude::core")]
pub enum NoChips {}

#[vm_extension(crate = "crate::facade::prelude::core", lookups(Bytes: renamed::primitives::BitwiseTable))]
#[derive(Clone)]
pub struct Tables;

#[vm_extension(crate = ::renamed, lookups(Other: renamed::primitives::BitwiseTable))]
#[derive(Clone)]
pub struct MoreTables;

#[derive(Clone, VmConfig)]
#[vm(crate = "::renamed")]
pub struct Machine {
    #[system]
    system: renamed::arch::SystemConfig,
    #[extension]
    tables: Tables,
    #[extension]
    more: MoreTables,
}

#[test]
fn macros_work_where_the_core_is_renamed() {
    use renamed::arch::{SystemConfig, SystemPort, VmConfig};
    use renamed::instructions::LocalOpcode;

    assert_eq!(renamed::primitives::names_of::<Cells<u8>>(), ["a", "b[0]", "b[1]"]);
    assert_eq!(Opcode::Only.global_opcode().as_u32(), 0x300);
    let machine = Machine { system: SystemConfig::default(), tables: Tables, more: MoreTables };
    let inventory = machine.create_inventory(SystemPort::default()).unwrap();
    assert!(matches!(inventory.periphery(), [MachinePeriphery::Tables(TablesPeriphery::Bytes(_))]));
}
