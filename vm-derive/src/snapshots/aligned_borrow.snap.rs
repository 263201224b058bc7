// #[derive(AlignedBorrow)]
// #[repr(C)]
// pub struct Word<T> {
//     limbs: [T; 2],
//     r#type: T,
// }

#[repr(C)]
pub struct Word<T> {
    limbs: [T; 2],
    r#type: T,
}
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
            __is_made_of:: < Word < ::core::primitive::u8 >, ::core::primitive::u8 >
            (::core::mem::size_of:: < [::core::primitive::u8; 2] > () +
            ::core::mem::size_of:: < ::core::primitive::u8 > ()),
            "`Word` has padding, or a field that is not made of cells"
        );
    };
    /// SAFETY: `Word` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T> ::core::borrow::Borrow<Word<T>> for [T] {
        #[inline]
        #[track_caller]
        fn borrow(&self) -> &Word<T> {
            const {
                ::core::assert!(
                    __is_made_of:: < Word < T >, T > (::core::mem::size_of:: < Word <
                    ::core::primitive::u8 > > ()),
                    "`Word` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < Word < ::core::primitive::u8 > >
                (), "`Word` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < Word < ::core::primitive::u8 > > (), self.len()
            );
            unsafe { &*self.as_ptr().cast::<Word<T>>() }
        }
    }
    /// SAFETY: `Word` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T> ::core::borrow::BorrowMut<Word<T>> for [T] {
        #[inline]
        #[track_caller]
        fn borrow_mut(&mut self) -> &mut Word<T> {
            const {
                ::core::assert!(
                    __is_made_of:: < Word < T >, T > (::core::mem::size_of:: < Word <
                    ::core::primitive::u8 > > ()),
                    "`Word` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < Word < ::core::primitive::u8 > >
                (), "`Word` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < Word < ::core::primitive::u8 > > (), self.len()
            );
            unsafe { &mut *self.as_mut_ptr().cast::<Word<T>>() }
        }
    }
    #[automatically_derived]
    #[allow(unsafe_code)]
    unsafe impl ::vm_sdk::primitives::ColumnLayout for Word<::core::primitive::u8> {
        const HAS_ROLES: ::core::primitive::bool = false;
        fn push_names(
            __prefix: &::core::primitive::str,
            __out: &mut ::std::vec::Vec<::std::string::String>,
        ) {
            <[::core::primitive::u8; 2] as ::vm_sdk::primitives::ColumnLayout>::push_names(
                &__join(__prefix, "limbs"),
                __out,
            );
            <::core::primitive::u8 as ::vm_sdk::primitives::ColumnLayout>::push_names(
                &__join(__prefix, "type"),
                __out,
            );
        }
    }
};
