// #[instruction(
//     adapter = TestAdapter,
//     columns = EqualCols,
//     encode(custom0, funct3 = 2, funct7 = 0x7F),
//     guest = equal,
//     name = "Equality",
// )]
// /// Whether `x` and `y`
// /// are equal.
// ///
// /// More about it.
// pub struct Equal;

/// Whether `x` and `y`
/// are equal.
///
/// More about it.
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct Equal;
/// Whether `x` and `y`
/// are equal.
///
/// More about it.
#[cfg(target_arch = "riscv32")]
#[inline(always)]
#[allow(unsafe_code, clippy::missing_safety_doc)]
pub fn equal(
    x: ::core::primitive::u32,
    y: ::core::primitive::u32,
) -> ::core::primitive::u32 {
    let __result: ::core::primitive::u32;
    unsafe {
        ::core::arch::asm!(
            ".insn r 0xb, 2, 127, {0}, {1}, {2}", lateout(reg) __result, in (reg) x, in
            (reg) y, options(pure, nomem, nostack)
        )
    }
    __result
}
/// Whether `x` and `y`
/// are equal.
///
/// More about it.
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code, clippy::missing_safety_doc, clippy::unnecessary_cast)]
pub fn equal(
    x: ::core::primitive::u32,
    y: ::core::primitive::u32,
) -> ::core::primitive::u32 {
    ::vm_sdk::__private::call::<
        _,
        2usize,
    >(&Equal, [x as ::core::primitive::u32, y as ::core::primitive::u32])
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionSpec for Equal {
        type Operands = TestAdapter;
        type Chip = ::vm_sdk::__private::CoreChip<Self, TestAdapter>;
        const NAME: &'static ::core::primitive::str = "Equality";
        const INSTRUCTIONS: &'static [::vm_sdk::__private::InstructionInfo] = &[
            ::vm_sdk::__private::InstructionInfo {
                name: "equal",
                summary: "Whether `x` and `y` are equal.",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::Encoding::new(4261441663u32, 4261421067u32),
                ),
                guest: ::core::option::Option::Some("fn equal(x: u32, y: u32) -> u32"),
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
    impl ::vm_sdk::__private::CoreSpec for Equal {
        type Adapter = TestAdapter;
        type Cols<__Cell> = EqualCols<__Cell>;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<
            EqualCols<::core::primitive::u8>,
        >();
        const ROLES: ::vm_sdk::__private::Roles = <EqualCols<
            ::core::primitive::u8,
        > as ::vm_sdk::__private::ColumnRoles>::ROLES;
        const COMPUTED_READS: &'static [::core::primitive::usize] = &[];
        const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[];
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            ::vm_sdk::__private::names_of::<EqualCols<::core::primitive::u8>>()
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
    const _: () = if !<EqualCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::REJECTED {
        ::vm_sdk::__private::check_adapter::<Equal>();
        ::vm_sdk::__private::check_columns::<Equal>();
    };
    #[automatically_derived]
    impl ::vm_sdk::__private::DefaultInstruction for Equal {
        const VALUE: Self = Self;
    }
};
