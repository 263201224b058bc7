//! Expansions do not depend on names in scope: there is no prelude, and as many names as possible mean something else.
#![allow(dead_code, missing_docs, unreachable_pub, non_camel_case_types, non_upper_case_globals, unused_macros)]

mod macro_support;

/// Here, every name that generated code could look up is undefined or means something else.
#[no_implicit_prelude]
mod hostile {
    use crate::macro_support::{
        AddChip, AluOpcode as Alu, ByteTable, HELPER_BUS, HelperChip, HintInput, ManyChip, SameRegister,
    };
    use ::vm_core::machine::testing::TestAdapter;

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
    trait Core {}
    trait Clone {}
    trait Copy {}
    trait Debug {}
    trait CoreSpec {}
    trait InstructionSpec {}
    struct Instruction;
    struct Self_;
    struct i32;
    struct F;
    struct Roles;
    struct Span;
    mod core {}
    mod std {}
    mod vm_core {}
    mod vm_sdk {}
    mod arch {}
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
    const cells: () = ();
    const cols: () = ();
    const index: () = ();
    const port: () = ();
    const result: () = ();
    const reads: () = ();

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

    #[::vm_derive::adapter(format = ::vm_rv32im::adapters::Rv32R, read(rs1, mem[rs2; 8]), write(mem[rd; 8]))]
    pub struct r#Adapter;

    #[::vm_derive::adapter(format = ::vm_rv32im::adapters::Rv32B, read([mem[rs1; WORDS], mem[rs2; WORDS]; READS]), branch)]
    pub struct Blocks<const READS: ::core::primitive::usize, const WORDS: ::core::primitive::usize>;

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

    #[::vm_derive::columns]
    pub struct r#ref<r#type> {
        #[read(0)]
        pub r#struct: [r#type; 2],
        #[read(1)]
        pub r#enum: [r#type; 2],
        #[write(0, proven)]
        pub r#where: [r#type; 2],
        #[valid]
        pub r#yield: r#type,
        #[opcode(r#match::r#loop)]
        pub r#loop: r#type,
        #[opcode(r#match::Other)]
        pub r#type: r#type,
    }

    /// Copies an operand.
    #[::vm_derive::instruction(adapter = TestAdapter, columns = r#ref, opcode = 0x500)]
    pub enum r#match {
        #[encode(custom0, funct3 = 0, funct7 = 0)]
        #[guest = r#move]
        r#loop,
        #[encode(custom0, funct3 = 1)]
        #[guest(fn r#dyn<const r#in: ::core::primitive::i32>(__result: ::core::primitive::u32) -> ::core::primitive::u32)]
        Other,
    }

    #[::vm_derive::instruction]
    impl ::vm_core::arch::authoring::Core for r#match {
        fn execute(&self, operands: [::core::primitive::u32; 2]) -> ::core::primitive::u32 {
            match self {
                Self::r#loop => operands[0],
                Self::Other => operands[1],
            }
        }

        fn eval<B: ::vm_core::arch::authoring::CoreBuilder>(&self, builder: &mut B, row: &r#ref<B::Var>) {
            use ::core::convert::Into;
            use ::core::ops::{Add, Mul};
            let terms = |i: ::core::primitive::usize| -> B::Expr {
                let first: B::Expr = row.r#loop.into();
                let second: B::Expr = row.r#type.into();
                first.mul(row.r#struct[i]).add(second.mul(row.r#enum[i]))
            };
            ::vm_sdk::prelude::AirBuilder::assert_eq(builder, row.r#where[0], terms(0));
            ::vm_sdk::prelude::AirBuilder::assert_eq(builder, row.r#where[1], terms(1));
        }
    }

    /// Bound on the parameter of a generic instruction.
    pub trait Marker {}
    impl Marker for ::core::primitive::u8 {}

    #[::vm_derive::columns]
    pub struct Wide<T, const N: ::core::primitive::usize, const M: ::core::primitive::usize>
    where
        [(); N]: ::core::marker::Sized,
    {
        #[read(0)]
        pub first: [T; N],
        #[read(1)]
        pub second: [T; M],
        #[write(0)]
        pub third: [T; 32],
    }

    #[::vm_derive::instruction(adapter = TestAdapter, columns = self::Wide<2, { 2 + 2 }>)]
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Generic<__T, const C: ::core::primitive::u8>
    where
        __T: Marker + ::core::clone::Clone + ::core::fmt::Debug + ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        pub value: __T,
    }

    #[::vm_derive::instruction]
    impl<__T, const C: ::core::primitive::u8> ::vm_core::arch::authoring::Core for Generic<__T, C>
    where
        __T: Marker + ::core::clone::Clone + ::core::fmt::Debug + ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        fn execute(&self, operands: [::core::primitive::u32; 2]) -> ::core::primitive::u32 {
            operands[0]
        }
    }

    #[::vm_derive::vm_extension(
        instructions(r#match with SameRegister, self::Generic<::core::primitive::u8, 7> = Generic { value: self.0 }),
        tests = false,
    )]
    #[derive(::core::clone::Clone)]
    pub struct r#unsafe(pub ::core::primitive::u8);

    // With a generated test.
    #[::vm_derive::vm_extension(instructions(r#match))]
    #[derive(::core::clone::Clone)]
    pub struct Tested;

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

/// Items that another macro generates, with names from its arguments.
mod through_a_macro {
    use vm_core::arch::authoring::Core;
    use vm_core::machine::testing::TestAdapter;
    use vm_derive::{
        AnyEnum, Chip, ChipUsageGetter, InstructionExecutor, VmConfig, columns, instruction, vm_extension,
    };

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

    macro_rules! instruction {
        (
            $name:ident, $adapter:ty, $columns:path as $declared:ident { $($(#[$role:meta])* $field:ident: $n:literal),* },
            $opcode:literal, $funct3:literal, fn $function:ident($a:ident, $b:ident), $extension:ident
        ) => {
            #[columns]
            pub struct $declared<T> {
                $($(#[$role])* pub $field: [T; $n]),*
            }

            #[instruction(
                adapter = $adapter,
                columns = $columns,
                opcode = $opcode,
                encode(custom0, funct3 = $funct3, funct7 = 0),
                guest(fn $function($a: u32, $b: u32) -> u32),
            )]
            pub struct $name;

            #[instruction]
            impl Core for $name {
                fn execute(&self, [x, y]: [u32; 2]) -> u32 {
                    x & y
                }
            }

            #[vm_extension(instructions($name = $name), tests = false)]
            #[derive(Clone)]
            pub struct $extension;
        };
    }

    instruction!(
        And, TestAdapter, self::AndCols as AndCols { #[read(0)] x: 2, #[read(1)] y: 4, #[write(0)] z: 32 },
        0x700, 3, fn and(x, y), Bitwise
    );

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
fn annotated_instructions_work_without_a_prelude_and_among_hostile_names() {
    use vm_core::arch::authoring::CoreSpec;
    use vm_core::arch::{ChipUsageGetter, SystemPort, VmExtension, VmInventoryBuilder};
    use vm_core::instructions::LocalOpcode;
    use vm_core::primitives::names_of;

    assert_eq!(names_of::<hostile::r#ref<u8>>()[6..], ["yield", "loop", "type"]);
    assert_eq!((hostile::r#move(3, 4), hostile::r#dyn::<5>(3)), (3, 5));
    assert_eq!(hostile::r#match::r#loop.name(), "loop");
    assert_eq!(hostile::Generic::<u8, 7>::WIDTH, 38);
    let builder = VmInventoryBuilder::new(SystemPort::default(), Vec::new());
    let inventory = hostile::r#unsafe(1).build(&builder).unwrap();
    let names: Vec<String> = inventory.executors().iter().map(ChipUsageGetter::air_name).collect();
    assert_eq!(names, ["match", "matchSame", "Generic"]);
    assert!(matches!(inventory.executors()[0], hostile::unsafeExecutor::r#match(_)));
}

#[test]
fn annotated_instructions_work_through_another_macro() {
    use vm_core::arch::{SystemPort, VmExtension, VmInventoryBuilder};
    use vm_core::instructions::LocalOpcode;

    assert_eq!(through_a_macro::and(6, 3), 2);
    assert_eq!(through_a_macro::And.global_opcode().as_u32(), 0x700);
    let builder = VmInventoryBuilder::new(SystemPort::default(), Vec::new());
    let inventory = through_a_macro::Bitwise.build(&builder).unwrap();
    assert!(matches!(inventory.executors(), [through_a_macro::BitwiseExecutor::And(_)]));
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
