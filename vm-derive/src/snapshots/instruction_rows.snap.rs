// #[instruction(multi_row, operands = TestAdapter, columns = ScanCols, computed(write(1)), name = "Sums")]
// /// Sums of words.
// pub struct Scan;

/// Sums of words.
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct Scan;
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionSpec for Scan {
        type Operands = TestAdapter;
        type Chip = ::vm_sdk::__private::RowsChip<Self>;
        const NAME: &'static ::core::primitive::str = "Sums";
        const INSTRUCTIONS: &'static [::vm_sdk::__private::InstructionInfo] = &[
            ::vm_sdk::__private::InstructionInfo {
                name: "scan",
                summary: "Sums of words.",
                encoding: ::core::option::Option::None,
                guest: ::core::option::Option::None,
            },
        ];
        const OPCODE: ::core::option::Option<::core::primitive::u32> = ::core::option::Option::None;
        fn free_columns() -> ::std::vec::Vec<
            (::std::string::String, &'static ::core::primitive::str),
        > {
            ::vm_sdk::__private::free_row_columns::<Self>()
        }
        fn free_cell(
            __column: &::core::primitive::str,
            __row: &[::vm_sdk::__private::F],
        ) -> ::core::option::Option<&'static ::core::primitive::str> {
            <::vm_sdk::__private::RowsCore<
                Self,
            > as ::vm_sdk::__private::MultiRowCore>::free_cell(__column, __row)
        }
        fn into_chip(
            self,
            __port: ::vm_sdk::__private::SystemPort,
            __opcode: ::core::primitive::u32,
        ) -> Self::Chip {
            ::vm_sdk::__private::rows_chip::<Self>(self, __port, __opcode)
        }
    }
    #[automatically_derived]
    impl ::vm_sdk::__private::RowSpec for Scan {
        type Cols<__Cell> = ScanCols<__Cell>;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<
            ScanCols<::core::primitive::u8>,
        >();
        const ROLES: ::vm_sdk::__private::Roles = <ScanCols<
            ::core::primitive::u8,
        > as ::vm_sdk::__private::ColumnRoles>::ROLES;
        const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[1];
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            ::vm_sdk::__private::names_of::<ScanCols<::core::primitive::u8>>()
        }
        #[inline(always)]
        fn cols<__Cell>(__cells: &[__Cell]) -> &Self::Cols<__Cell> {
            ::core::borrow::Borrow::borrow(__cells)
        }
        #[inline(always)]
        fn cols_mut<__Cell>(__cells: &mut [__Cell]) -> &mut Self::Cols<__Cell> {
            ::core::borrow::BorrowMut::borrow_mut(__cells)
        }
    }
    const _: () = if !<ScanCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::REJECTED {
        ::vm_sdk::__private::check_rows::<Scan>();
    };
    #[automatically_derived]
    impl ::vm_sdk::__private::DefaultInstruction for Scan {
        const VALUE: Self = Self;
    }
};
