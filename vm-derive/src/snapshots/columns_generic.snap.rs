// #[columns(crate = crate::renamed::core)]
// pub struct LimbCols<T, const N: usize, const M: usize>
// where
//     Limbs<N>: Supported,
// {
//     #[read(0)]
//     x: [T; N],
//     #[write(0, proven)]
//     y: [T; M],
//     #[range(16)]
//     limbs: [[T; M]; N],
// }

#[cfg(not(target_arch = "riscv32"))]
#[repr(C)]
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct LimbCols<T, const N: usize, const M: usize>
where
    Limbs<N>: Supported,
{
    x: [T; N],
    y: [T; M],
    limbs: [[T; M]; N],
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    /// SAFETY: `LimbCols` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T, const N: usize, const M: usize> ::core::borrow::Borrow<LimbCols<T, N, M>>
    for [T]
    where
        Limbs<N>: Supported,
    {
        #[inline]
        #[track_caller]
        fn borrow(&self) -> &LimbCols<T, N, M> {
            const {
                ::core::assert!(
                    crate ::renamed::core::__private::is_made_of:: < LimbCols < T, N, M
                    >, T > (::core::mem::size_of:: < LimbCols < ::core::primitive::u8, N,
                    M > > ()),
                    "`LimbCols` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < LimbCols < ::core::primitive::u8,
                N, M > > (), "`LimbCols` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < LimbCols < ::core::primitive::u8, N, M > > (),
                self.len()
            );
            unsafe { &*self.as_ptr().cast::<LimbCols<T, N, M>>() }
        }
    }
    /// SAFETY: `LimbCols` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T, const N: usize, const M: usize> ::core::borrow::BorrowMut<LimbCols<T, N, M>>
    for [T]
    where
        Limbs<N>: Supported,
    {
        #[inline]
        #[track_caller]
        fn borrow_mut(&mut self) -> &mut LimbCols<T, N, M> {
            const {
                ::core::assert!(
                    crate ::renamed::core::__private::is_made_of:: < LimbCols < T, N, M
                    >, T > (::core::mem::size_of:: < LimbCols < ::core::primitive::u8, N,
                    M > > ()),
                    "`LimbCols` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < LimbCols < ::core::primitive::u8,
                N, M > > (), "`LimbCols` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < LimbCols < ::core::primitive::u8, N, M > > (),
                self.len()
            );
            unsafe { &mut *self.as_mut_ptr().cast::<LimbCols<T, N, M>>() }
        }
    }
    #[automatically_derived]
    #[allow(unsafe_code)]
    unsafe impl<
        const N: usize,
        const M: usize,
    > crate::renamed::core::__private::ColumnLayout
    for LimbCols<::core::primitive::u8, N, M>
    where
        Limbs<N>: Supported,
    {
        const HAS_ROLES: ::core::primitive::bool = true;
        fn push_names(
            __prefix: &::core::primitive::str,
            __out: &mut ::std::vec::Vec<::std::string::String>,
        ) {
            const {
                ::core::assert!(
                    crate ::renamed::core::__private::is_made_of:: < LimbCols <
                    ::core::primitive::u8, N, M >, ::core::primitive::u8 >
                    (::core::mem::size_of:: < [::core::primitive::u8; N] > () +
                    ::core::mem::size_of:: < [::core::primitive::u8; M] > () +
                    ::core::mem::size_of:: < [[::core::primitive::u8; M]; N] > ()),
                    "`LimbCols` has padding, or a field that is not made of cells"
                );
            }
            <[::core::primitive::u8; N] as crate::renamed::core::__private::ColumnLayout>::push_names(
                &crate::renamed::core::__private::column_name(__prefix, "x"),
                __out,
            );
            <[::core::primitive::u8; M] as crate::renamed::core::__private::ColumnLayout>::push_names(
                &crate::renamed::core::__private::column_name(__prefix, "y"),
                __out,
            );
            <[[::core::primitive::u8; M]; N] as crate::renamed::core::__private::ColumnLayout>::push_names(
                &crate::renamed::core::__private::column_name(__prefix, "limbs"),
                __out,
            );
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<const N: usize, const M: usize> crate::renamed::core::__private::ColumnRoles
    for LimbCols<::core::primitive::u8, N, M>
    where
        Limbs<N>: Supported,
    {
        const ROLES: crate::renamed::core::__private::Roles = {
            crate::renamed::core::__private::Roles {
                reads: &[
                    crate::renamed::core::__private::Value {
                        index: 0,
                        proven: false,
                        span: crate::renamed::core::__private::Span::new(
                            ::core::mem::offset_of!(
                                LimbCols < ::core::primitive::u8, N, M >, x
                            ),
                            ::core::mem::size_of::<[::core::primitive::u8; N]>(),
                        ),
                    },
                ],
                writes: &[
                    crate::renamed::core::__private::Value {
                        index: 0,
                        proven: true,
                        span: crate::renamed::core::__private::Span::new(
                            ::core::mem::offset_of!(
                                LimbCols < ::core::primitive::u8, N, M >, y
                            ),
                            ::core::mem::size_of::<[::core::primitive::u8; M]>(),
                        ),
                    },
                ],
                valid: ::core::option::Option::None,
                opcodes: &[],
                opcode_bits: &[],
                booleans: &[],
                one_hot: &[],
                ranges: &[
                    (
                        crate::renamed::core::__private::Span::new(
                            ::core::mem::offset_of!(
                                LimbCols < ::core::primitive::u8, N, M >, limbs
                            ),
                            ::core::mem::size_of::<[[::core::primitive::u8; M]; N]>(),
                        ),
                        16,
                    ),
                ],
                free: &[],
                registers: &[],
                carried: &[],
            }
        };
    }
};
