// #[columns]
// #[repr(C)]
// #[derive(Clone, PartialEq)]
// struct PlainCols<T> {
//     x: T,
// }

#[cfg(not(target_arch = "riscv32"))]
#[repr(C)]
#[derive(Clone, PartialEq)]
#[derive(::core::marker::Copy, ::core::fmt::Debug)]
struct PlainCols<T> {
    x: T,
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    const _: () = {
        ::core::assert!(
            ::vm_sdk::__private::is_made_of:: < PlainCols < ::core::primitive::u8 >,
            ::core::primitive::u8 > (::core::mem::size_of:: < ::core::primitive::u8 >
            ()), "`PlainCols` has padding, or a field that is not made of cells"
        );
    };
    /// SAFETY: `PlainCols` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T> ::core::borrow::Borrow<PlainCols<T>> for [T] {
        #[inline]
        #[track_caller]
        fn borrow(&self) -> &PlainCols<T> {
            const {
                ::core::assert!(
                    ::vm_sdk::__private::is_made_of:: < PlainCols < T >, T >
                    (::core::mem::size_of:: < PlainCols < ::core::primitive::u8 > > ()),
                    "`PlainCols` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < PlainCols < ::core::primitive::u8
                > > (), "`PlainCols` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < PlainCols < ::core::primitive::u8 > > (), self
                .len()
            );
            unsafe { &*self.as_ptr().cast::<PlainCols<T>>() }
        }
    }
    /// SAFETY: `PlainCols` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T> ::core::borrow::BorrowMut<PlainCols<T>> for [T] {
        #[inline]
        #[track_caller]
        fn borrow_mut(&mut self) -> &mut PlainCols<T> {
            const {
                ::core::assert!(
                    ::vm_sdk::__private::is_made_of:: < PlainCols < T >, T >
                    (::core::mem::size_of:: < PlainCols < ::core::primitive::u8 > > ()),
                    "`PlainCols` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < PlainCols < ::core::primitive::u8
                > > (), "`PlainCols` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < PlainCols < ::core::primitive::u8 > > (), self
                .len()
            );
            unsafe { &mut *self.as_mut_ptr().cast::<PlainCols<T>>() }
        }
    }
    #[automatically_derived]
    #[allow(unsafe_code)]
    unsafe impl ::vm_sdk::__private::ColumnLayout for PlainCols<::core::primitive::u8> {
        const HAS_ROLES: ::core::primitive::bool = false;
        fn push_names(
            __prefix: &::core::primitive::str,
            __out: &mut ::std::vec::Vec<::std::string::String>,
        ) {
            <::core::primitive::u8 as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "x"),
                __out,
            );
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ColumnRoles for PlainCols<::core::primitive::u8> {
        const ROLES: ::vm_sdk::__private::Roles = {
            ::vm_sdk::__private::Roles {
                reads: &[],
                writes: &[],
                valid: ::core::option::Option::None,
                opcodes: &[],
                opcode_bits: &[],
                booleans: &[],
                one_hot: &[],
                ranges: &[],
                free: &[],
                registers: &[],
                carried: &[],
            }
        };
    }
    const _: ::vm_sdk::__private::Roles = <PlainCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::ROLES;
};
