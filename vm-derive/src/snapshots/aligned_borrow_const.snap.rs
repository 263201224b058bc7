// #[derive(AlignedBorrow)]
// #[repr(C)]
// pub struct Rows<T, const N: usize, const M: usize>
// where
//     T: Copy,
// {
//     words: [Word<T>; N],
//     bits: [[T; M]; 2],
// }

#[repr(C)]
pub struct Rows<T, const N: usize, const M: usize>
where
    T: Copy,
{
    words: [Word<T>; N],
    bits: [[T; M]; 2],
}
const _: () = {
    /// SAFETY: `Rows` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T, const N: usize, const M: usize> ::core::borrow::Borrow<Rows<T, N, M>> for [T]
    where
        T: Copy,
    {
        #[inline]
        #[track_caller]
        fn borrow(&self) -> &Rows<T, N, M> {
            const {
                ::core::assert!(
                    ::vm_sdk::__private::is_made_of:: < Rows < T, N, M >, T >
                    (::core::mem::size_of:: < Rows < ::core::primitive::u8, N, M > > ()),
                    "`Rows` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < Rows < ::core::primitive::u8, N, M
                > > (), "`Rows` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < Rows < ::core::primitive::u8, N, M > > (), self
                .len()
            );
            unsafe { &*self.as_ptr().cast::<Rows<T, N, M>>() }
        }
    }
    /// SAFETY: `Rows` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T, const N: usize, const M: usize> ::core::borrow::BorrowMut<Rows<T, N, M>>
    for [T]
    where
        T: Copy,
    {
        #[inline]
        #[track_caller]
        fn borrow_mut(&mut self) -> &mut Rows<T, N, M> {
            const {
                ::core::assert!(
                    ::vm_sdk::__private::is_made_of:: < Rows < T, N, M >, T >
                    (::core::mem::size_of:: < Rows < ::core::primitive::u8, N, M > > ()),
                    "`Rows` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < Rows < ::core::primitive::u8, N, M
                > > (), "`Rows` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < Rows < ::core::primitive::u8, N, M > > (), self
                .len()
            );
            unsafe { &mut *self.as_mut_ptr().cast::<Rows<T, N, M>>() }
        }
    }
    #[automatically_derived]
    #[allow(unsafe_code)]
    unsafe impl<const N: usize, const M: usize> ::vm_sdk::__private::ColumnLayout
    for Rows<::core::primitive::u8, N, M> {
        const HAS_ROLES: ::core::primitive::bool = false
            || <[Word<
                ::core::primitive::u8,
            >; N] as ::vm_sdk::__private::ColumnLayout>::HAS_ROLES;
        fn push_names(
            __prefix: &::core::primitive::str,
            __out: &mut ::std::vec::Vec<::std::string::String>,
        ) {
            const {
                ::core::assert!(
                    ::vm_sdk::__private::is_made_of:: < Rows < ::core::primitive::u8, N,
                    M >, ::core::primitive::u8 > (::core::mem::size_of:: < [Word <
                    ::core::primitive::u8 >; N] > () + ::core::mem::size_of:: <
                    [[::core::primitive::u8; M]; 2] > ()),
                    "`Rows` has padding, or a field that is not made of cells"
                );
            }
            <[Word<
                ::core::primitive::u8,
            >; N] as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "words"),
                __out,
            );
            <[[::core::primitive::u8; M]; 2] as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "bits"),
                __out,
            );
        }
    }
};
