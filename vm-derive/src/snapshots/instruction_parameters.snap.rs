// #[instruction(
//     adapter = TestAdapter,
//     columns = AddedCols,
//     name = format!("Added[{}]", self.number),
//     encode(custom2, funct3 = FUNCT3, funct7 = 8 * self.number + 1),
// )]
// /// Adds a summand of a list to `x`.
// pub struct Added {
//     number: u32,
//     summand: u32,
// }

/// Adds a summand of a list to `x`.
#[derive(::core::clone::Clone, ::core::fmt::Debug)]
pub struct Added {
    number: u32,
    summand: u32,
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionSpec for Added {
        type Operands = TestAdapter;
        type Chip = ::vm_sdk::__private::CoreChip<Self, TestAdapter>;
        const NAME: &'static ::core::primitive::str = "Added";
        const INSTRUCTIONS: &'static [::vm_sdk::__private::InstructionInfo] = &[
            ::vm_sdk::__private::InstructionInfo {
                name: "added",
                summary: "Adds a summand of a list to `x`.",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::with_constant_field(
                        ::vm_sdk::__private::Encoding::new(127u32, 91u32),
                        12u32,
                        3u32,
                        FUNCT3,
                    ),
                ),
                guest: ::core::option::Option::None,
            },
        ];
        const OPCODE: ::core::option::Option<::core::primitive::u32> = ::core::option::Option::None;
        fn name(&self) -> ::std::borrow::Cow<'static, ::core::primitive::str> {
            ::core::convert::Into::<
                ::std::borrow::Cow<'static, ::core::primitive::str>,
            >::into(format!("Added[{}]", self.number))
        }
        fn encoding(
            &self,
            __index: ::core::primitive::usize,
        ) -> ::core::result::Result<
            ::core::option::Option<::vm_sdk::__private::Encoding>,
            ::vm_sdk::__private::VmInventoryError,
        > {
            match __index {
                0usize => {
                    ::core::result::Result::Ok(
                        ::core::option::Option::Some(
                            ::vm_sdk::__private::with_field(
                                ::vm_sdk::__private::with_constant_field(
                                    ::vm_sdk::__private::Encoding::new(127u32, 91u32),
                                    12u32,
                                    3u32,
                                    FUNCT3,
                                ),
                                "added",
                                ("funct7", 25u32, 7u32),
                                8 * self.number + 1,
                            )?,
                        ),
                    )
                }
                _ => ::core::result::Result::Ok(::core::option::Option::None),
            }
        }
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
    impl ::vm_sdk::__private::CoreSpec for Added {
        type Adapter = TestAdapter;
        type Cols<__Cell> = AddedCols<__Cell>;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<
            AddedCols<::core::primitive::u8>,
        >();
        const ROLES: ::vm_sdk::__private::Roles = <AddedCols<
            ::core::primitive::u8,
        > as ::vm_sdk::__private::ColumnRoles>::ROLES;
        const COMPUTED_READS: &'static [::core::primitive::usize] = &[];
        const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[];
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            ::vm_sdk::__private::names_of::<AddedCols<::core::primitive::u8>>()
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
    const _: () = if !<AddedCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::REJECTED {
        ::vm_sdk::__private::check_adapter::<Added>();
        ::vm_sdk::__private::check_columns::<Added>();
    };
};
