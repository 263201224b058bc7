//! Expansions rely on nothing in scope: no prelude, and as many names as possible taken by something else.
#![allow(dead_code, missing_docs, unreachable_pub, non_camel_case_types, non_upper_case_globals, unused_macros)]

mod macro_support;

/// Everything that generated code could look up is something else here, or nothing at all.
#[no_implicit_prelude]
mod hostile {
    use crate::macro_support::{AddChip, AluOpcode as Alu, ByteTable, HELPER_BUS, HelperChip, HintInput, ManyChip};

    // Types, traits and modules.
    struct u8;
    struct u32;
    struct usize;
    struct bool;
    struct str;
    struct String;
    struct Vec;
    struct Option;
    struct Result;
    struct Box;
    struct VmOpcode;
    struct VmInventory;
    trait Borrow {}
    trait From {}
    trait Into {}
    trait Iterator {}
    trait Send {}
    trait Chip {}
    trait AnyEnum {}
    trait LocalOpcode {}
    mod core {}
    mod std {}
    mod vm_core {}
    // Constants that would turn a binding of generated code into a pattern.
    const value: () = ();
    const chip: () = ();
    const vm: () = ();
    const from: () = ();
    const ctx: () = ();
    const opcode: () = ();
    const inventory: () = ();
    const instruction: () = ();
    const extension: () = ();
    const prefix: () = ();
    const out: () = ();
    const width: () = ();

    macro_rules! assert {
        ($($ignored:tt)*) => {
            ::core::compile_error!("the user's `assert!` was called")
        };
    }
    macro_rules! format {
        ($($ignored:tt)*) => {
            ::core::compile_error!("the user's `format!` was called")
        };
    }

    #[repr(C)]
    #[derive(::vm_derive::AlignedBorrow)]
    pub struct Cells<r#type> {
        pub r#struct: r#type,
        pub pair: [r#type; 2],
    }

    #[repr(C)]
    #[derive(::vm_derive::AlignedBorrow)]
    pub struct Nested<T, const WIDTH: ::core::primitive::usize>
    where
        T: ::core::marker::Copy,
    {
        pub cells: [Cells<T>; WIDTH],
    }

    #[derive(::core::clone::Clone, ::core::marker::Copy, ::vm_derive::LocalOpcode)]
    #[opcode_offset = 0x300]
    pub enum r#Opcode {
        r#loop,
        Other,
    }

    #[derive(
        ::vm_derive::AnyEnum, ::vm_derive::ChipUsageGetter, ::vm_derive::Chip, ::vm_derive::InstructionExecutor,
    )]
    pub enum Inner {
        r#struct(AddChip),
    }

    #[derive(
        ::vm_derive::AnyEnum, ::vm_derive::ChipUsageGetter, ::vm_derive::Chip, ::vm_derive::InstructionExecutor,
    )]
    pub enum Outer<__T, const N: ::core::primitive::usize> {
        #[any_enum]
        Inner(Inner),
        Generic(__T),
        Many(ManyChip<N>),
    }

    #[derive(::vm_derive::ChipUsageGetter, ::vm_derive::Chip, ::vm_derive::InstructionExecutor)]
    pub struct Wrapper {
        pub label: ::core::primitive::u8,
        #[chip]
        pub r#fn: AddChip,
    }

    #[::vm_derive::vm_extension(
        executors(Add: AddChip => Alu, Loop: ManyChip<2> => [Opcode::r#loop, Opcode::Other]),
        lookups(Bytes: ByteTable),
        chips(Helper: HelperChip),
        phantoms(0x20 => HintInput, self.discriminant => HintInput),
        buses(HELPER_BUS),
    )]
    #[derive(::core::clone::Clone)]
    pub struct r#Extension {
        pub discriminant: ::core::primitive::u16,
    }

    impl ::vm_core::arch::BuildChip<Extension> for ManyChip<2> {
        fn build(
            _: &Extension,
            _: &::vm_core::arch::VmInventoryBuilder<'_>,
        ) -> ::core::result::Result<Self, ::vm_core::arch::VmInventoryError> {
            ::core::result::Result::Ok(ManyChip(AddChip))
        }
    }

    #[derive(::core::clone::Clone, ::vm_derive::VmConfig)]
    pub struct Machine {
        #[system]
        pub r#type: ::vm_core::arch::SystemConfig,
        #[extension]
        pub r#extension: ::core::option::Option<Extension>,
    }
}

/// Items that come through another macro, with names of its own.
mod through_a_macro {
    use vm_derive::{AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, VmConfig, vm_extension};

    use crate::macro_support::{AddChip, AluOpcode, HintInput};

    macro_rules! machine {
        ($chips:ident { $($variant:ident($ty:ty)),* }, $extension:ident, $machine:ident, $field:ident, $discriminant:expr) => {
            #[derive(AnyEnum, ChipUsageGetter, Chip, InstructionExecutor)]
            pub enum $chips { $($variant($ty)),* }

            #[vm_extension(executors($($variant: $ty => AluOpcode),*), phantoms($discriminant => HintInput))]
            #[derive(Clone)]
            pub struct $extension;

            #[derive(Clone, VmConfig)]
            pub struct $machine {
                #[system]
                pub system: vm_core::arch::SystemConfig,
                #[extension]
                pub $field: $extension,
            }
        };
    }

    machine!(Chips { Add(AddChip) }, Adding, Adder, adding, 0x30);
}

#[test]
fn expansions_work_without_a_prelude_and_among_hostile_names() {
    use vm_core::arch::{SystemConfig, SystemPort, VmConfig};
    use vm_core::primitives::names_of;

    assert_eq!(names_of::<hostile::Cells<u8>>(), ["struct", "pair[0]", "pair[1]"]);
    assert_eq!(names_of::<hostile::Nested<u8, 1>>()[2], "cells[0].pair[1]");
    let machine = hostile::Machine {
        r#type: SystemConfig::default(),
        r#extension: Some(hostile::Extension { discriminant: 0x21 }),
    };
    let mut inventory = machine.create_inventory(SystemPort::default()).unwrap();
    assert_eq!(inventory.executors().len(), 2);
    assert_eq!(inventory.periphery().len(), 2);
    assert_eq!(inventory.take_phantoms().iter().map(|(n, _)| *n).collect::<Vec<_>>(), [0x20, 0x21]);
}

#[test]
fn expansions_work_through_another_macro() {
    use vm_core::arch::{SystemConfig, SystemPort, VmConfig};

    let machine = through_a_macro::Adder { system: SystemConfig::default(), adding: through_a_macro::Adding };
    let inventory = machine.create_inventory(SystemPort::default()).unwrap();
    assert!(matches!(
        inventory.executors(),
        [through_a_macro::AdderExecutor::Adding(through_a_macro::AddingExecutor::Add(_))]
    ));
}
