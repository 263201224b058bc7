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
    const _: () = {
        ::core::assert!(
            ::vm_sdk::__private::is_made_of:: < Word < ::core::primitive::u8 >,
            ::core::primitive::u8 > (::core::mem::size_of:: < [::core::primitive::u8; 2]
            > () + ::core::mem::size_of:: < ::core::primitive::u8 > ()),
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
                    ::vm_sdk::__private::is_made_of:: < Word < T >, T >
                    (::core::mem::size_of:: < Word < ::core::primitive::u8 > > ()),
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
                    ::vm_sdk::__private::is_made_of:: < Word < T >, T >
                    (::core::mem::size_of:: < Word < ::core::primitive::u8 > > ()),
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
    unsafe impl ::vm_sdk::__private::ColumnLayout for Word<::core::primitive::u8> {
        const HAS_ROLES: ::core::primitive::bool = false;
        fn push_names(
            __prefix: &::core::primitive::str,
            __out: &mut ::std::vec::Vec<::std::string::String>,
        ) {
            <[::core::primitive::u8; 2] as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "limbs"),
                __out,
            );
            <::core::primitive::u8 as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "type"),
                __out,
            );
        }
    }
};
