//! Every macro works where the SDK has another name.
#![allow(dead_code, missing_docs, unreachable_pub)]

// In this crate, `::vm_sdk` and `::vm_core` are the standard library, so a path that ignores the override does not
// compile.
extern crate std as vm_core;
extern crate std as vm_sdk;
pub extern crate vm_core as renamed;

/// A façade that re-exports the core, as an SDK does.
mod facade {
    pub mod prelude {
        pub use renamed as core;
    }
}

use vm_derive::{
    AlignedBorrow, AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, LocalOpcode, VmConfig, adapter, columns,
    instruction, vm_extension,
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

#[adapter(crate = ::renamed, format = vm_rv32im::adapters::Rv32R, read(rs1, mem[rs2; 8]), write(rd))]
pub struct Adapter;

#[columns(crate = "crate::facade::prelude::core")]
pub struct CopyCols<T> {
    #[read(0)]
    x: [T; 2],
    #[read(1)]
    y: [T; 4],
    #[write(0, proven)]
    z: [T; 2],
}

/// Copies a word.
#[instruction(
    crate = ::renamed,
    adapter = renamed::machine::testing::TestAdapter,
    columns = CopyCols,
    encode(custom2, funct3 = 0, funct7 = 0),
    guest = copy,
    opcode = 0x400,
)]
pub struct Copy;

#[instruction]
impl renamed::arch::authoring::Core for Copy {
    fn execute(&self, [x, _]: [u32; 2]) -> u32 {
        x
    }
}

#[vm_extension(crate = renamed, instructions(Copy), tests = false)]
#[derive(Clone)]
pub struct Copies;

#[derive(Clone, VmConfig)]
#[vm(crate = "::renamed")]
pub struct Machine {
    #[system]
    system: renamed::arch::SystemConfig,
    #[extension]
    tables: Tables,
    #[extension]
    more: MoreTables,
    #[extension]
    copies: Copies,
}

#[test]
fn macros_work_where_the_core_is_renamed() {
    use renamed::arch::{SystemConfig, SystemPort, VmConfig};
    use renamed::instructions::LocalOpcode;

    assert_eq!(renamed::primitives::names_of::<Cells<u8>>(), ["a", "b[0]", "b[1]"]);
    assert_eq!(Opcode::Only.global_opcode().as_u32(), 0x300);
    let machine = Machine { system: SystemConfig::default(), tables: Tables, more: MoreTables, copies: Copies };
    let inventory = machine.create_inventory(SystemPort::default()).unwrap();
    assert_eq!(copy(7, 8), 7);
    assert_eq!(inventory.executor_id(Copy.global_opcode()), Some(0));
    assert!(matches!(inventory.periphery(), [MachinePeriphery::Tables(TablesPeriphery::Bytes(_))]));
}
