// #[instruction(
//     adapter = TestAdapter,
//     columns = PointerCols,
//     encode(custom1, funct3 = 7, funct7 = 1, rd = 0),
//     guest(unsafe fn swap(a: *mut u32, b: *mut u32), host = host::swap),
//     computed(write(0)),
// )]
// /// Swaps two words.
// pub struct Swap {
//     pub steps: usize,
// }

/// Swaps two words.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
pub struct Swap {
    pub steps: usize,
}
/// Swaps two words.
#[cfg(target_arch = "riscv32")]
#[inline(always)]
#[allow(unsafe_code, clippy::missing_safety_doc)]
pub unsafe fn swap(a: *mut u32, b: *mut u32) {
    unsafe {
        ::core::arch::asm!(
            ".insn r 0x2b, 7, 1, x0, {0}, {1}", in (reg) a, in (reg) b, options(nostack)
        )
    }
}
/// Swaps two words.
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code, clippy::missing_safety_doc, clippy::unnecessary_cast)]
pub unsafe fn swap(a: *mut u32, b: *mut u32) {
    unsafe { host::swap(a, b) }
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionSpec for Swap {
        type Operands = TestAdapter;
        type Chip = ::vm_sdk::__private::CoreChip<Self, TestAdapter>;
        const NAME: &'static ::core::primitive::str = "Swap";
        const INSTRUCTIONS: &'static [::vm_sdk::__private::InstructionInfo] = &[
            ::vm_sdk::__private::InstructionInfo {
                name: "swap",
                summary: "Swaps two words.",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::Encoding::new(4261445631u32, 33583147u32),
                ),
                guest: ::core::option::Option::Some(
                    "unsafe fn swap(a: *mut u32, b: *mut u32)",
                ),
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
    impl ::vm_sdk::__private::CoreSpec for Swap {
        type Adapter = TestAdapter;
        type Cols<__Cell> = PointerCols<__Cell>;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<
            PointerCols<::core::primitive::u8>,
        >();
        const ROLES: ::vm_sdk::__private::Roles = <PointerCols<
            ::core::primitive::u8,
        > as ::vm_sdk::__private::ColumnRoles>::ROLES;
        const COMPUTED_READS: &'static [::core::primitive::usize] = &[];
        const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[0];
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            ::vm_sdk::__private::names_of::<PointerCols<::core::primitive::u8>>()
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
            if __index == 0 {
                ::core::option::Option::Some(self)
            } else {
                ::core::option::Option::None
            }
        }
    }
    const _: () = if !<PointerCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::REJECTED {
        ::vm_sdk::__private::check_adapter::<Swap>();
        ::vm_sdk::__private::check_columns::<Swap>();
    };
};
