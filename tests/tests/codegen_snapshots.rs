//! The reviewed expansions in `vm-derive/src/snapshots` compile and work.
//!
//! The modules include the snapshots, so the tests run exactly the code that a reviewer reads.
#![allow(dead_code, missing_docs, unreachable_pub, private_interfaces)]

mod macro_support;

#[path = "codegen_snapshots/annotated.rs"]
mod annotated;

use vm_core::arch::{
    AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, SystemConfig, SystemPort, VmConfig, VmExtension, VmInventory,
    VmInventoryBuilder,
};
use vm_core::instructions::{LocalOpcode, VmOpcode};

/// The module that `crate = crate::renamed::core` names.
mod renamed {
    pub use vm_core as core;
}

fn opcodes_by_executor<E: ChipUsageGetter, P>(inventory: &VmInventory<E, P>) -> Vec<(String, Vec<u32>)> {
    let mut all: Vec<(String, Vec<u32>)> =
        inventory.executors().iter().map(|executor| (executor.air_name(), Vec::new())).collect();
    for (opcode, executor) in inventory.opcodes() {
        all[executor].1.push(opcode.as_u32());
    }
    all
}

fn names<C: ChipUsageGetter>(chips: &[C]) -> Vec<String> {
    chips.iter().map(ChipUsageGetter::air_name).collect()
}

mod columns {
    use std::borrow::{Borrow, BorrowMut};

    use vm_core::primitives::names_of;

    include!("../../vm-derive/src/snapshots/aligned_borrow.snap.rs");
    include!("../../vm-derive/src/snapshots/aligned_borrow_const.snap.rs");

    #[test]
    fn column_names_are_paths_of_fields() {
        assert_eq!(names_of::<Word<u8>>(), ["limbs[0]", "limbs[1]", "type"]);
        let rows = names_of::<Rows<u8, 2, 1>>();
        assert_eq!(rows[..4], ["words[0].limbs[0]", "words[0].limbs[1]", "words[0].type", "words[1].limbs[0]"]);
        assert_eq!(rows[6..], ["bits[0][0]", "bits[1][0]"]);
    }

    #[test]
    fn slices_are_viewed_and_changed_as_columns() {
        let mut cells = [1u64, 2, 3];
        let word: &mut Word<u64> = cells[..].borrow_mut();
        assert_eq!((word.limbs, word.r#type), ([1, 2], 3));
        word.limbs[1] = 9;
        assert_eq!(cells, [1, 9, 3]);
        let rows: &Rows<u64, 0, 1> = cells[..2].borrow();
        assert_eq!(rows.bits, [[1], [9]]);
    }

    #[test]
    #[should_panic(expected = "`Word` has 3 columns, but the slice has 4 cells")]
    fn a_slice_of_another_length_is_refused() {
        let _: &Word<u8> = [0u8; 4][..].borrow();
    }
}

mod opcodes {
    use super::*;

    include!("../../vm-derive/src/snapshots/local_opcode.snap.rs");

    #[test]
    fn opcodes_are_numbered_from_the_offset() {
        let numbers: Vec<u32> = AluOpcode::ALL.iter().map(|opcode| opcode.global_opcode().as_u32()).collect();
        assert_eq!(numbers, [0x200, 0x201]);
        assert_eq!(AluOpcode::r#Sub.name(), "Sub");
        assert_eq!(AluOpcode::from_opcode(VmOpcode::from_u32(0x201)).map(AluOpcode::name), Some("Sub"));
        assert!(AluOpcode::from_opcode(VmOpcode::from_u32(0x202)).is_none());
    }
}

mod enums {
    use super::macro_support::{AddChip, ManyChip, MulChip};
    use super::*;

    include!("../../vm-derive/src/snapshots/enum_of_chips.snap.rs");
    include!("../../vm-derive/src/snapshots/empty_enum.snap.rs");

    pub(super) mod generic {
        use super::super::macro_support::{AddChip, ManyChip};

        include!("../../vm-derive/src/snapshots/generic_enum.snap.rs");
        include!("../../vm-derive/src/snapshots/struct_with_a_chip.snap.rs");
        include!("../../vm-derive/src/snapshots/crate_path.snap.rs");

        pub fn labelled<C>(chip: C) -> Labelled<C> {
            Labelled { label: "label", chip }
        }
    }

    #[test]
    fn delegation_reaches_the_value_inside() {
        let mut chips = Chips::Add(AddChip);
        assert!(chips.as_any_kind().is::<AddChip>());
        assert!(chips.as_any_kind_mut().downcast_mut::<MulChip>().is_none());
        assert_eq!(chips.air_name(), "AddChip");
        assert_eq!((chips.current_trace_height(), chips.trace_width()), (3, 7));
        assert_eq!(chips.air().name(), "Range");
        assert!(chips.as_lookup_table().is_none());
        assert_eq!(chips.get_opcode_name(VmOpcode::from_u32(5)), "AddChip 0x5");
    }

    #[test]
    fn parameters_and_marked_fields_are_delegated_to() {
        use generic::{EitherChip, labelled};
        let one: EitherChip<MulChip, 4> = EitherChip::One(MulChip);
        let many: EitherChip<MulChip, 4> = EitherChip::Many(ManyChip(AddChip));
        assert_eq!((one.air_name(), many.air_name()), ("MulChip".to_owned(), "AddChip".to_owned()));
        assert!(one.as_any_kind().is::<MulChip>() && many.as_any_kind().is::<ManyChip<4>>());
        assert_eq!(one.current_trace_height() + many.current_trace_height(), 6);
        assert_eq!(labelled(MulChip).air_name(), "MulChip");
    }
}

mod extensions {
    use vm_core::stark::Bus;

    use super::macro_support::{
        AddChip, AluChip, AluOpcode, ByteTable, HELPER_BUS, HelperChip, HintInput, LeftChip, ModOpcode, MulChip,
        MulOpcode, PrintStr, RightChip, ShiftOpcode,
    };
    use super::*;

    type BitwiseTable = ByteTable;

    include!("../../vm-derive/src/snapshots/vm_extension.snap.rs");
    include!("../../vm-derive/src/snapshots/vm_extension_empty.snap.rs");
    include!("../../vm-derive/src/snapshots/vm_extension_generic.snap.rs");

    /// A chip with the parameters of `Modular`.
    #[derive(vm_derive::ChipUsageGetter, vm_derive::Chip, vm_derive::InstructionExecutor)]
    pub struct ModChip<C, const N: usize> {
        #[chip]
        chip: AddChip,
        parameter: std::marker::PhantomData<fn() -> C>,
    }

    impl<C: Clone, D: Default, const N: usize> vm_core::arch::BuildChip<Modular<C, D, N>> for ModChip<C, N> {
        fn build(_: &Modular<C, D, N>, _: &VmInventoryBuilder<'_>) -> Result<Self, vm_core::arch::VmInventoryError> {
            Ok(Self { chip: AddChip, parameter: std::marker::PhantomData })
        }
    }

    const OWN_BUS: Bus = Bus::permutation("own", 1);

    fn arithmetic() -> Arithmetic {
        Arithmetic { own_bus: OWN_BUS }
    }

    #[test]
    fn an_extension_registers_all_of_its_sections() {
        let mut inventory = arithmetic().build(&VmInventoryBuilder::new(SystemPort::default(), Vec::new())).unwrap();
        let expected = [
            ("AluChip", vec![0x200, 0x201]),
            ("LeftChip", vec![0x210]),
            ("RightChip", vec![0x211, 0x212]),
            ("MulChip", vec![0x220]),
        ];
        assert_eq!(opcodes_by_executor(&inventory), expected.map(|(name, opcodes)| (name.to_owned(), opcodes)));
        assert_eq!(names(inventory.periphery()), ["ByteTable", "HelperChip"]);
        assert_eq!(inventory.buses(), [HELPER_BUS, OWN_BUS]);
        let phantoms: Vec<(u16, &str)> =
            inventory.take_phantoms().iter().map(|(discriminant, phantom)| (*discriminant, phantom.name())).collect();
        assert_eq!(phantoms, [(0x20, "HintInput"), (0x21, "PrintStr")]);
    }

    #[test]
    fn a_table_that_is_there_already_is_shared() {
        let table = ArithmeticPeriphery::from(ByteTable);
        let builder = VmInventoryBuilder::new(SystemPort::default(), vec![&table]);
        let inventory = arithmetic().build(&builder).unwrap();
        // The helper chip is not shared.
        assert_eq!(names(inventory.periphery()), ["HelperChip"]);
    }

    #[test]
    fn an_extension_without_sections_is_empty() {
        let inventory = Nothing.build(&VmInventoryBuilder::new(SystemPort::default(), Vec::new())).unwrap();
        assert!(inventory.executors().is_empty() && inventory.periphery().is_empty());
    }

    #[test]
    fn parameters_reach_the_generated_enums() {
        let extension = Modular::<ByteTable, u8, 8> { chip: ByteTable, default: 0 };
        let inventory = extension.build(&VmInventoryBuilder::new(SystemPort::default(), Vec::new())).unwrap();
        assert!(matches!(inventory.executors(), [ModularExec::<ByteTable, 8>::Mod(_)]));
        assert!(matches!(inventory.periphery(), [ModularTables::<ByteTable>::Table(_)]));
    }
}

mod machines {
    use vm_derive::vm_extension;

    use super::macro_support::{AddChip, AluOpcode, ByteTable, HelperChip, MulChip, MulOpcode, OverlappingOpcode};
    use super::*;

    include!("../../vm-derive/src/snapshots/vm_config.snap.rs");
    include!("../../vm-derive/src/snapshots/vm_config_generic.snap.rs");

    #[vm_extension(executors(Add: AddChip => AluOpcode), lookups(Bytes: ByteTable))]
    #[derive(Clone)]
    pub struct Arithmetic;

    #[vm_extension(executors(Mul: MulChip => MulOpcode), lookups(Table: ByteTable), chips(Helper: HelperChip))]
    #[derive(Clone)]
    pub struct More;

    #[vm_extension(executors(Rotate: MulChip => OverlappingOpcode))]
    #[derive(Clone)]
    pub struct Clash;

    fn machine(more: Option<More>) -> MyVm {
        MyVm { system: SystemConfig::default(), rv_32: Arithmetic, more }
    }

    #[test]
    fn a_machine_has_its_extensions_in_order_and_shares_tables() {
        let inventory = machine(Some(More)).create_inventory(SystemPort::default()).unwrap();
        assert_eq!(
            opcodes_by_executor(&inventory),
            [("AddChip".to_owned(), vec![0x200, 0x201]), ("MulChip".to_owned(), vec![0x220])]
        );
        assert_eq!(names(inventory.periphery()), ["ByteTable", "HelperChip"]);
        let MyVmExecutor::Optional(optional) = &inventory.executors()[1] else {
            panic!("the extension can be left out")
        };
        assert!(matches!(**optional, MyVmOptionalExecutor::More(MoreExecutor::Mul(_))));
        assert!(inventory.executors()[1].as_any_kind().is::<MulChip>());
    }

    #[test]
    fn an_absent_optional_extension_leaves_nothing() {
        let inventory = machine(None).create_inventory(SystemPort::default()).unwrap();
        assert_eq!(names(inventory.executors()), ["AddChip"]);
        assert_eq!(inventory.executor_id(MulOpcode::MUL.global_opcode()), None);
    }

    #[test]
    fn the_system_is_the_marked_field() {
        let mut machine = machine(None);
        machine.system_mut().num_public_values = 48;
        assert_eq!(machine.system().num_public_values, 48);
        assert_eq!(machine.system.num_public_values, 48);
    }

    #[test]
    fn a_machine_can_be_generic_in_an_extension() {
        let machine = AnyVm { system: SystemConfig::default(), chosen: More };
        let inventory = machine.create_inventory(SystemPort::default()).unwrap();
        assert!(matches!(inventory.executors(), [AnyVmExecutor::Chosen(MoreExecutor::Mul(_))]));
    }

    #[derive(Clone, vm_derive::VmConfig)]
    struct Clashing {
        #[system]
        system: SystemConfig,
        #[extension]
        arithmetic: Arithmetic,
        #[extension]
        clash: Clash,
    }

    #[test]
    fn opcodes_that_two_extensions_claim_are_refused_with_both_names() {
        let machine = Clashing { system: SystemConfig::default(), arithmetic: Arithmetic, clash: Clash };
        let error = machine.create_inventory(SystemPort::default()).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("opcode 0x201 is claimed by AddChip and by MulChip"));
    }
}
