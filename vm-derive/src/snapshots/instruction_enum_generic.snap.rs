// #[instruction(adapter = TestAdapter, columns = self::SumCols, name = "Rotate")]
// pub enum Rotate<const N: usize> {
//     #[encode(custom3, funct3 = 0, funct7 = 0)]
//     #[guest(fn rotate_left(x: u32, y: u32) -> u32, host = host::rotate_left)]
//     Left,
//     #[encode(custom3, funct3 = 1, funct7 = 0)]
//     Right,
// }

#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub enum Rotate<const N: usize> {
    Left,
    Right,
}
#[cfg(target_arch = "riscv32")]
#[inline(always)]
#[allow(unsafe_code, clippy::missing_safety_doc)]
pub fn rotate_left(x: u32, y: u32) -> u32 {
    let __result: ::core::primitive::u32;
    unsafe {
        ::core::arch::asm!(
            ".insn r 0x7b, 0, 0, {0}, {1}, {2}", lateout(reg) __result, in (reg) x, in
            (reg) y, options(pure, nomem, nostack)
        )
    }
    __result
}
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code, clippy::missing_safety_doc, clippy::unnecessary_cast)]
pub fn rotate_left(x: u32, y: u32) -> u32 {
    host::rotate_left(x, y)
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<const N: usize> ::vm_sdk::__private::InstructionSpec for Rotate<N> {
        type Operands = TestAdapter;
        type Chip = ::vm_sdk::__private::CoreChip<Self, TestAdapter>;
        const NAME: &'static ::core::primitive::str = "Rotate";
        const INSTRUCTIONS: &'static [::vm_sdk::__private::InstructionInfo] = &[
            ::vm_sdk::__private::InstructionInfo {
                name: "Left",
                summary: "",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::Encoding::new(4261441663u32, 123u32),
                ),
                guest: ::core::option::Option::Some(
                    "fn rotate_left(x: u32, y: u32) -> u32",
                ),
            },
            ::vm_sdk::__private::InstructionInfo {
                name: "Right",
                summary: "",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::Encoding::new(4261441663u32, 4219u32),
                ),
                guest: ::core::option::Option::None,
            },
        ];
        const OPCODE: ::core::option::Option<::core::primitive::u32> = ::core::option::Option::None;
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
    impl<const N: usize> ::vm_sdk::__private::CoreSpec for Rotate<N> {
        type Adapter = TestAdapter;
        type Cols<__Cell> = self::SumCols<__Cell>;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<
            self::SumCols<::core::primitive::u8>,
        >();
        const ROLES: ::vm_sdk::__private::Roles = <self::SumCols<
            ::core::primitive::u8,
        > as ::vm_sdk::__private::ColumnRoles>::ROLES;
        const COMPUTED_READS: &'static [::core::primitive::usize] = &[];
        const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[];
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            ::vm_sdk::__private::names_of::<self::SumCols<::core::primitive::u8>>()
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
                0usize => ::core::option::Option::Some(&Self::Left),
                1usize => ::core::option::Option::Some(&Self::Right),
                _ => ::core::option::Option::None,
            }
        }
    }
    #[automatically_derived]
    impl<const N: usize> ::vm_sdk::__private::DefaultInstruction for Rotate<N> {
        const VALUE: Self = Self::Left;
    }
};
