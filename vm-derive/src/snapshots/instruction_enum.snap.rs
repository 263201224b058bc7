// #[instruction(adapter = TestAdapter, columns = SumCols, opcode = 0x400)]
// /// Sums and differences.
// pub enum Sum {
//     /// Adds.
//     #[encode(op, funct3 = 0, funct7 = 0)]
//     #[guest = "add"]
//     Add,
//     /// Subtracts.
//     #[encode(opcode = op, funct3 = 0, funct7 = 0x20)]
//     #[guest(fn sub(minuend: u32, subtrahend: i32) -> u32)]
//     r#Sub,
//     Reverse,
// }

/// Sums and differences.
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub enum Sum {
    /// Adds.
    Add,
    /// Subtracts.
    r#Sub,
    Reverse,
}
/// Adds.
#[cfg(target_arch = "riscv32")]
#[inline(always)]
#[allow(unsafe_code, clippy::missing_safety_doc)]
pub fn add(
    x: ::core::primitive::u32,
    y: ::core::primitive::u32,
) -> ::core::primitive::u32 {
    let __result: ::core::primitive::u32;
    unsafe {
        ::core::arch::asm!(
            ".insn r 0x33, 0, 0, {0}, {1}, {2}", lateout(reg) __result, in (reg) x, in
            (reg) y, options(pure, nomem, nostack)
        )
    }
    __result
}
/// Adds.
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code, clippy::missing_safety_doc, clippy::unnecessary_cast)]
pub fn add(
    x: ::core::primitive::u32,
    y: ::core::primitive::u32,
) -> ::core::primitive::u32 {
    ::vm_sdk::__private::call::<
        _,
        2usize,
    >(&Sum::Add, [x as ::core::primitive::u32, y as ::core::primitive::u32])
}
/// Subtracts.
#[cfg(target_arch = "riscv32")]
#[inline(always)]
#[allow(unsafe_code, clippy::missing_safety_doc)]
pub fn sub(minuend: u32, subtrahend: i32) -> u32 {
    let __result: ::core::primitive::u32;
    unsafe {
        ::core::arch::asm!(
            ".insn r 0x33, 0, 32, {0}, {1}, {2}", lateout(reg) __result, in (reg)
            minuend, in (reg) subtrahend, options(pure, nomem, nostack)
        )
    }
    __result
}
/// Subtracts.
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code, clippy::missing_safety_doc, clippy::unnecessary_cast)]
pub fn sub(minuend: u32, subtrahend: i32) -> u32 {
    ::vm_sdk::__private::call::<
        _,
        2usize,
    >(
        &Sum::r#Sub,
        [minuend as ::core::primitive::u32, subtrahend as ::core::primitive::u32],
    )
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionSpec for Sum {
        type Operands = TestAdapter;
        type Chip = ::vm_sdk::__private::CoreChip<Self, TestAdapter>;
        const NAME: &'static ::core::primitive::str = "Sum";
        const INSTRUCTIONS: &'static [::vm_sdk::__private::InstructionInfo] = &[
            ::vm_sdk::__private::InstructionInfo {
                name: "Add",
                summary: "Adds.",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::Encoding::new(4261441663u32, 51u32),
                ),
                guest: ::core::option::Option::Some("fn add(x: u32, y: u32) -> u32"),
            },
            ::vm_sdk::__private::InstructionInfo {
                name: "Sub",
                summary: "Subtracts.",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::Encoding::new(4261441663u32, 1073741875u32),
                ),
                guest: ::core::option::Option::Some(
                    "fn sub(minuend: u32, subtrahend: i32) -> u32",
                ),
            },
            ::vm_sdk::__private::InstructionInfo {
                name: "Reverse",
                summary: "",
                encoding: ::core::option::Option::None,
                guest: ::core::option::Option::None,
            },
        ];
        const OPCODE: ::core::option::Option<::core::primitive::u32> = ::core::option::Option::Some(
            1024u32,
        );
        fn free_columns() -> ::std::vec::Vec<
            (::std::string::String, &'static ::core::primitive::str),
        > {
            ::vm_sdk::__private::free_columns::<Self>()
        }
        fn free_cell(
            __column: &::core::primitive::str,
            __row: &[::vm_sdk::__private::F],
        ) -> ::core::option::Option<&'static ::core::primitive::str> {
            ::vm_sdk::__private::free_cell::<Self>(__column, __row)
        }
        fn into_chip(
            self,
            __port: ::vm_sdk::__private::SystemPort,
            __opcode: ::core::primitive::u32,
        ) -> Self::Chip {
            ::vm_sdk::__private::core_chip::<Self, TestAdapter>(self, __port, __opcode)
        }
    }
    #[automatically_derived]
    impl ::vm_sdk::__private::CoreSpec for Sum {
        type Adapter = TestAdapter;
        type Cols<__Cell> = SumCols<__Cell>;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<
            SumCols<::core::primitive::u8>,
        >();
        const ROLES: ::vm_sdk::__private::Roles = <SumCols<
            ::core::primitive::u8,
        > as ::vm_sdk::__private::ColumnRoles>::ROLES;
        const COMPUTED_READS: &'static [::core::primitive::usize] = &[];
        const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[];
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            ::vm_sdk::__private::names_of::<SumCols<::core::primitive::u8>>()
        }
        #[inline(always)]
        fn cols<__Cell>(__cells: &[__Cell]) -> &Self::Cols<__Cell> {
            ::core::borrow::Borrow::borrow(__cells)
        }
        #[inline(always)]
        fn cols_mut<__Cell>(__cells: &mut [__Cell]) -> &mut Self::Cols<__Cell> {
            ::core::borrow::BorrowMut::borrow_mut(__cells)
        }
        #[inline(always)]
        fn select(
            &self,
            __index: ::core::primitive::usize,
        ) -> ::core::option::Option<&Self> {
            match __index {
                0usize => ::core::option::Option::Some(&Self::Add),
                1usize => ::core::option::Option::Some(&Self::r#Sub),
                2usize => ::core::option::Option::Some(&Self::Reverse),
                _ => ::core::option::Option::None,
            }
        }
    }
    const _: () = if !<SumCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::REJECTED {
        ::vm_sdk::__private::check_adapter::<Sum>();
        ::vm_sdk::__private::check_columns::<Sum>();
    };
    #[automatically_derived]
    impl ::vm_sdk::__private::LocalOpcode for Sum {
        const CLASS_OFFSET: ::core::primitive::u32 = 1024u32;
        const ALL: &'static [Self] = &[Self::Add, Self::r#Sub, Self::Reverse];
        #[inline]
        fn local_index(self) -> ::core::primitive::u32 {
            self as ::core::primitive::u32
        }
        fn name(self) -> &'static ::core::primitive::str {
            match self {
                Self::Add => "Add",
                Self::r#Sub => "Sub",
                Self::Reverse => "Reverse",
            }
        }
    }
    #[automatically_derived]
    impl ::vm_sdk::__private::DefaultInstruction for Sum {
        const VALUE: Self = Self::Add;
    }
};
