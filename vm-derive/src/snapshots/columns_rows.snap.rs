// #[columns]
// /// Roles of multi-row instructions.
// pub struct ScanCols<T> {
//     #[register(0)]
//     to: Word<T>,
//     #[register(1, bits = 29, step = -4)]
//     from: Word<T>,
//     #[register(2, bits = 27, count)]
//     left: Word<T>,
//     #[read(0)]
//     word: Word<T>,
//     #[write(0)]
//     sum: Word<T>,
//     #[carried(sum)]
//     before: Word<T>,
//     #[carried]
//     key: T,
// }

#[cfg(not(target_arch = "riscv32"))]
/// Roles of multi-row instructions.
#[repr(C)]
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct ScanCols<T> {
    to: Word<T>,
    from: Word<T>,
    left: Word<T>,
    word: Word<T>,
    sum: Word<T>,
    before: Word<T>,
    key: T,
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    const _: () = {
        ::core::assert!(
            ::vm_sdk::__private::is_made_of:: < ScanCols < ::core::primitive::u8 >,
            ::core::primitive::u8 > (::core::mem::size_of:: < Word <
            ::core::primitive::u8 > > () + ::core::mem::size_of:: < Word <
            ::core::primitive::u8 > > () + ::core::mem::size_of:: < Word <
            ::core::primitive::u8 > > () + ::core::mem::size_of:: < Word <
            ::core::primitive::u8 > > () + ::core::mem::size_of:: < Word <
            ::core::primitive::u8 > > () + ::core::mem::size_of:: < Word <
            ::core::primitive::u8 > > () + ::core::mem::size_of:: < ::core::primitive::u8
            > ()), "`ScanCols` has padding, or a field that is not made of cells"
        );
    };
    /// SAFETY: `ScanCols` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T> ::core::borrow::Borrow<ScanCols<T>> for [T] {
        #[inline]
        #[track_caller]
        fn borrow(&self) -> &ScanCols<T> {
            const {
                ::core::assert!(
                    ::vm_sdk::__private::is_made_of:: < ScanCols < T >, T >
                    (::core::mem::size_of:: < ScanCols < ::core::primitive::u8 > > ()),
                    "`ScanCols` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < ScanCols < ::core::primitive::u8 >
                > (), "`ScanCols` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < ScanCols < ::core::primitive::u8 > > (), self
                .len()
            );
            unsafe { &*self.as_ptr().cast::<ScanCols<T>>() }
        }
    }
    /// SAFETY: `ScanCols` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T> ::core::borrow::BorrowMut<ScanCols<T>> for [T] {
        #[inline]
        #[track_caller]
        fn borrow_mut(&mut self) -> &mut ScanCols<T> {
            const {
                ::core::assert!(
                    ::vm_sdk::__private::is_made_of:: < ScanCols < T >, T >
                    (::core::mem::size_of:: < ScanCols < ::core::primitive::u8 > > ()),
                    "`ScanCols` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < ScanCols < ::core::primitive::u8 >
                > (), "`ScanCols` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < ScanCols < ::core::primitive::u8 > > (), self
                .len()
            );
            unsafe { &mut *self.as_mut_ptr().cast::<ScanCols<T>>() }
        }
    }
    #[automatically_derived]
    #[allow(unsafe_code)]
    unsafe impl ::vm_sdk::__private::ColumnLayout for ScanCols<::core::primitive::u8> {
        const HAS_ROLES: ::core::primitive::bool = true;
        fn push_names(
            __prefix: &::core::primitive::str,
            __out: &mut ::std::vec::Vec<::std::string::String>,
        ) {
            <Word<
                ::core::primitive::u8,
            > as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "to"),
                __out,
            );
            <Word<
                ::core::primitive::u8,
            > as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "from"),
                __out,
            );
            <Word<
                ::core::primitive::u8,
            > as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "left"),
                __out,
            );
            <Word<
                ::core::primitive::u8,
            > as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "word"),
                __out,
            );
            <Word<
                ::core::primitive::u8,
            > as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "sum"),
                __out,
            );
            <Word<
                ::core::primitive::u8,
            > as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "before"),
                __out,
            );
            <::core::primitive::u8 as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "key"),
                __out,
            );
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ColumnRoles for ScanCols<::core::primitive::u8> {
        const ROLES: ::vm_sdk::__private::Roles = {
            ::core::assert!(
                ! < Word < ::core::primitive::u8 > as ::vm_sdk::__private::ColumnLayout >
                ::HAS_ROLES,
                "the columns of `to` have roles of their own, which nothing would prove: give roles to fields of the instruction's own column struct"
            );
            ::core::assert!(
                ! < Word < ::core::primitive::u8 > as ::vm_sdk::__private::ColumnLayout >
                ::HAS_ROLES,
                "the columns of `from` have roles of their own, which nothing would prove: give roles to fields of the instruction's own column struct"
            );
            ::core::assert!(
                ! < Word < ::core::primitive::u8 > as ::vm_sdk::__private::ColumnLayout >
                ::HAS_ROLES,
                "the columns of `left` have roles of their own, which nothing would prove: give roles to fields of the instruction's own column struct"
            );
            ::core::assert!(
                ! < Word < ::core::primitive::u8 > as ::vm_sdk::__private::ColumnLayout >
                ::HAS_ROLES,
                "the columns of `word` have roles of their own, which nothing would prove: give roles to fields of the instruction's own column struct"
            );
            ::core::assert!(
                ! < Word < ::core::primitive::u8 > as ::vm_sdk::__private::ColumnLayout >
                ::HAS_ROLES,
                "the columns of `sum` have roles of their own, which nothing would prove: give roles to fields of the instruction's own column struct"
            );
            ::core::assert!(
                ! < Word < ::core::primitive::u8 > as ::vm_sdk::__private::ColumnLayout >
                ::HAS_ROLES,
                "the columns of `before` have roles of their own, which nothing would prove: give roles to fields of the instruction's own column struct"
            );
            ::vm_sdk::__private::Roles {
                reads: &[
                    ::vm_sdk::__private::Value {
                        index: 0,
                        proven: false,
                        span: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                ScanCols < ::core::primitive::u8 >, word
                            ),
                            ::core::mem::size_of::<Word<::core::primitive::u8>>(),
                        ),
                    },
                ],
                writes: &[
                    ::vm_sdk::__private::Value {
                        index: 0,
                        proven: false,
                        span: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                ScanCols < ::core::primitive::u8 >, sum
                            ),
                            ::core::mem::size_of::<Word<::core::primitive::u8>>(),
                        ),
                    },
                ],
                valid: ::core::option::Option::None,
                opcodes: &[],
                opcode_bits: &[],
                booleans: &[],
                one_hot: &[],
                ranges: &[],
                free: &[],
                registers: &[
                    ::vm_sdk::__private::RegisterRole {
                        index: 0,
                        span: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                ScanCols < ::core::primitive::u8 >, to
                            ),
                            ::core::mem::size_of::<Word<::core::primitive::u8>>(),
                        ),
                        bits: 32,
                        step: 0,
                        counts: false,
                    },
                    ::vm_sdk::__private::RegisterRole {
                        index: 1,
                        span: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                ScanCols < ::core::primitive::u8 >, from
                            ),
                            ::core::mem::size_of::<Word<::core::primitive::u8>>(),
                        ),
                        bits: 29,
                        step: -4,
                        counts: false,
                    },
                    ::vm_sdk::__private::RegisterRole {
                        index: 2,
                        span: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                ScanCols < ::core::primitive::u8 >, left
                            ),
                            ::core::mem::size_of::<Word<::core::primitive::u8>>(),
                        ),
                        bits: 27,
                        step: 0,
                        counts: true,
                    },
                ],
                carried: &[
                    ::vm_sdk::__private::Carried {
                        to: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                ScanCols < ::core::primitive::u8 >, before
                            ),
                            ::core::mem::size_of::<Word<::core::primitive::u8>>(),
                        ),
                        from: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                ScanCols < ::core::primitive::u8 >, sum
                            ),
                            ::core::mem::size_of::<Word<::core::primitive::u8>>(),
                        ),
                    },
                    ::vm_sdk::__private::Carried {
                        to: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                ScanCols < ::core::primitive::u8 >, key
                            ),
                            ::core::mem::size_of::<::core::primitive::u8>(),
                        ),
                        from: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                ScanCols < ::core::primitive::u8 >, key
                            ),
                            ::core::mem::size_of::<::core::primitive::u8>(),
                        ),
                    },
                ],
            }
        };
    }
    const _: ::vm_sdk::__private::Roles = <ScanCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::ROLES;
};
