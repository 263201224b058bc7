// #[instruction(adapter = TestAdapter, columns = LimbCols<2, 2>, computed(read(1)), crate = crate::renamed::core)]
// #[derive(Clone, Debug)]
// pub struct Generic<A, const N: usize>
// where
//     A: Parameter,
// {
//     pub parameter: A,
// }

#[derive(Clone, Debug)]
pub struct Generic<A, const N: usize>
where
    A: Parameter,
{
    pub parameter: A,
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<A, const N: usize> crate::renamed::core::__private::InstructionSpec
    for Generic<A, N>
    where
        A: Parameter,
    {
        type Operands = TestAdapter;
        type Chip = crate::renamed::core::__private::CoreChip<Self, TestAdapter>;
        const NAME: &'static ::core::primitive::str = "Generic";
        const INSTRUCTIONS: &'static [crate::renamed::core::__private::InstructionInfo] = &[
            crate::renamed::core::__private::InstructionInfo {
                name: "generic",
                summary: "",
                encoding: ::core::option::Option::None,
                guest: ::core::option::Option::None,
            },
        ];
        const OPCODE: ::core::option::Option<::core::primitive::u32> = ::core::option::Option::None;
        fn free_columns() -> ::std::vec::Vec<
            (::std::string::String, &'static ::core::primitive::str),
        > {
            crate::renamed::core::__private::free_columns::<Self>()
        }
        fn free_cell(
            __column: &::core::primitive::str,
            __row: &[crate::renamed::core::__private::F],
        ) -> ::core::option::Option<&'static ::core::primitive::str> {
            crate::renamed::core::__private::free_cell::<Self>(__column, __row)
        }
        fn into_chip(
            self,
            __port: crate::renamed::core::__private::SystemPort,
            __opcode: ::core::primitive::u32,
        ) -> Self::Chip {
            crate::renamed::core::__private::core_chip::<
                Self,
                TestAdapter,
            >(self, __port, __opcode)
        }
    }
    #[automatically_derived]
    impl<A, const N: usize> crate::renamed::core::__private::CoreSpec for Generic<A, N>
    where
        A: Parameter,
    {
        type Adapter = TestAdapter;
        type Cols<__Cell> = LimbCols<__Cell, 2, 2>;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<
            LimbCols<::core::primitive::u8, 2, 2>,
        >();
        const ROLES: crate::renamed::core::__private::Roles = <LimbCols<
            ::core::primitive::u8,
            2,
            2,
        > as crate::renamed::core::__private::ColumnRoles>::ROLES;
        const COMPUTED_READS: &'static [::core::primitive::usize] = &[1];
        const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[];
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            crate::renamed::core::__private::names_of::<
                LimbCols<::core::primitive::u8, 2, 2>,
            >()
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
};
