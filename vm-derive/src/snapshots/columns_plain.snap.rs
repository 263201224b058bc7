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
    /// Whether the struct has the size and the alignment of an array of `width` cells.
    const fn __is_made_of<Columns, Cell>(
        __width: ::core::primitive::usize,
    ) -> ::core::primitive::bool {
        ::core::mem::align_of::<Columns>() == ::core::mem::align_of::<Cell>()
            && ::core::mem::size_of::<Columns>()
                == __width * ::core::mem::size_of::<Cell>()
    }
    fn __join(
        __prefix: &::core::primitive::str,
        __field: &::core::primitive::str,
    ) -> ::std::string::String {
        if __prefix.is_empty() {
            ::std::borrow::ToOwned::to_owned(__field)
        } else {
            ::std::format!("{__prefix}.{__field}")
        }
    }
    const _: () = {
        ::core::assert!(
            __is_made_of:: < PlainCols < ::core::primitive::u8 >, ::core::primitive::u8 >
            (::core::mem::size_of:: < ::core::primitive::u8 > ()),
            "`PlainCols` has padding, or a field that is not made of cells"
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
                    __is_made_of:: < PlainCols < T >, T > (::core::mem::size_of:: <
                    PlainCols < ::core::primitive::u8 > > ()),
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
                    __is_made_of:: < PlainCols < T >, T > (::core::mem::size_of:: <
                    PlainCols < ::core::primitive::u8 > > ()),
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
    unsafe impl ::vm_sdk::primitives::ColumnLayout for PlainCols<::core::primitive::u8> {
        const HAS_ROLES: ::core::primitive::bool = false;
        fn push_names(
            __prefix: &::core::primitive::str,
            __out: &mut ::std::vec::Vec<::std::string::String>,
        ) {
            <::core::primitive::u8 as ::vm_sdk::primitives::ColumnLayout>::push_names(
                &__join(__prefix, "x"),
                __out,
            );
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::authoring::ColumnRoles for PlainCols<::core::primitive::u8> {
        const ROLES: ::vm_sdk::arch::authoring::Roles = {
            ::vm_sdk::arch::authoring::Roles {
                reads: &[],
                writes: &[],
                valid: ::core::option::Option::None,
                opcodes: &[],
                opcode_bits: &[],
                booleans: &[],
                one_hot: &[],
                ranges: &[],
                free: &[],
            }
        };
    }
    const _: ::vm_sdk::arch::authoring::Roles = <PlainCols<
        ::core::primitive::u8,
    > as ::vm_sdk::arch::authoring::ColumnRoles>::ROLES;
};
