// #[columns]
// /// Every role.
// pub struct RoleCols<T> {
//     #[read(0)]
//     x: Word<T>,
//     #[read(1, proven)]
//     c: Bits<T>,
//     #[write(0)]
//     y: Bytes<T>,
//     #[valid]
//     is_real: T,
//     #[opcode(Roles::First)]
//     first: T,
//     #[opcode(Roles::r#Second)]
//     second: T,
//     #[opcode_bit(2)]
//     r#type: T,
//     /// Two flags.
//     #[bool]
//     flags: [T; 2],
//     #[one_hot]
//     choice: [T; 4],
//     #[range(12)]
//     low: [T; 3],
//     #[free("nothing depends on it")]
//     inverse: T,
//     plain: [Word<T>; 2],
// }

#[cfg(not(target_arch = "riscv32"))]
/// Every role.
#[repr(C)]
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct RoleCols<T> {
    x: Word<T>,
    c: Bits<T>,
    y: Bytes<T>,
    is_real: T,
    first: T,
    second: T,
    r#type: T,
    /// Two flags.
    flags: [T; 2],
    choice: [T; 4],
    low: [T; 3],
    inverse: T,
    plain: [Word<T>; 2],
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    const _: () = {
        ::core::assert!(
            ::vm_sdk::__private::is_made_of:: < RoleCols < ::core::primitive::u8 >,
            ::core::primitive::u8 > (::core::mem::size_of:: < Word <
            ::core::primitive::u8 > > () + ::core::mem::size_of:: < Bits <
            ::core::primitive::u8 > > () + ::core::mem::size_of:: < Bytes <
            ::core::primitive::u8 > > () + ::core::mem::size_of:: < ::core::primitive::u8
            > () + ::core::mem::size_of:: < ::core::primitive::u8 > () +
            ::core::mem::size_of:: < ::core::primitive::u8 > () + ::core::mem::size_of::
            < ::core::primitive::u8 > () + ::core::mem::size_of:: <
            [::core::primitive::u8; 2] > () + ::core::mem::size_of:: <
            [::core::primitive::u8; 4] > () + ::core::mem::size_of:: <
            [::core::primitive::u8; 3] > () + ::core::mem::size_of:: <
            ::core::primitive::u8 > () + ::core::mem::size_of:: < [Word <
            ::core::primitive::u8 >; 2] > ()),
            "`RoleCols` has padding, or a field that is not made of cells"
        );
    };
    /// SAFETY: `RoleCols` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T> ::core::borrow::Borrow<RoleCols<T>> for [T] {
        #[inline]
        #[track_caller]
        fn borrow(&self) -> &RoleCols<T> {
            const {
                ::core::assert!(
                    ::vm_sdk::__private::is_made_of:: < RoleCols < T >, T >
                    (::core::mem::size_of:: < RoleCols < ::core::primitive::u8 > > ()),
                    "`RoleCols` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < RoleCols < ::core::primitive::u8 >
                > (), "`RoleCols` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < RoleCols < ::core::primitive::u8 > > (), self
                .len()
            );
            unsafe { &*self.as_ptr().cast::<RoleCols<T>>() }
        }
    }
    /// SAFETY: `RoleCols` is `repr(C)` and all of its fields are made of `T`, so it has no padding and the layout of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time.
    #[automatically_derived]
    #[allow(unsafe_code)]
    impl<T> ::core::borrow::BorrowMut<RoleCols<T>> for [T] {
        #[inline]
        #[track_caller]
        fn borrow_mut(&mut self) -> &mut RoleCols<T> {
            const {
                ::core::assert!(
                    ::vm_sdk::__private::is_made_of:: < RoleCols < T >, T >
                    (::core::mem::size_of:: < RoleCols < ::core::primitive::u8 > > ()),
                    "`RoleCols` has padding, or a field that is not made of cells"
                );
            }
            ::core::assert!(
                self.len() == ::core::mem::size_of:: < RoleCols < ::core::primitive::u8 >
                > (), "`RoleCols` has {} columns, but the slice has {} cells",
                ::core::mem::size_of:: < RoleCols < ::core::primitive::u8 > > (), self
                .len()
            );
            unsafe { &mut *self.as_mut_ptr().cast::<RoleCols<T>>() }
        }
    }
    #[automatically_derived]
    #[allow(unsafe_code)]
    unsafe impl ::vm_sdk::__private::ColumnLayout for RoleCols<::core::primitive::u8> {
        const HAS_ROLES: ::core::primitive::bool = true;
        fn push_names(
            __prefix: &::core::primitive::str,
            __out: &mut ::std::vec::Vec<::std::string::String>,
        ) {
            <Word<
                ::core::primitive::u8,
            > as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "x"),
                __out,
            );
            <Bits<
                ::core::primitive::u8,
            > as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "c"),
                __out,
            );
            <Bytes<
                ::core::primitive::u8,
            > as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "y"),
                __out,
            );
            <::core::primitive::u8 as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "is_real"),
                __out,
            );
            <::core::primitive::u8 as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "first"),
                __out,
            );
            <::core::primitive::u8 as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "second"),
                __out,
            );
            <::core::primitive::u8 as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "type"),
                __out,
            );
            <[::core::primitive::u8; 2] as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "flags"),
                __out,
            );
            <[::core::primitive::u8; 4] as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "choice"),
                __out,
            );
            <[::core::primitive::u8; 3] as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "low"),
                __out,
            );
            <::core::primitive::u8 as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "inverse"),
                __out,
            );
            <[Word<
                ::core::primitive::u8,
            >; 2] as ::vm_sdk::__private::ColumnLayout>::push_names(
                &::vm_sdk::__private::column_name(__prefix, "plain"),
                __out,
            );
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ColumnRoles for RoleCols<::core::primitive::u8> {
        const ROLES: ::vm_sdk::__private::Roles = {
            ::core::assert!(
                ! < Word < ::core::primitive::u8 > as ::vm_sdk::__private::ColumnLayout >
                ::HAS_ROLES,
                "the columns of `x` have roles of their own, which nothing would prove: give roles to fields of the instruction's own column struct"
            );
            ::core::assert!(
                ! < Bits < ::core::primitive::u8 > as ::vm_sdk::__private::ColumnLayout >
                ::HAS_ROLES,
                "the columns of `c` have roles of their own, which nothing would prove: give roles to fields of the instruction's own column struct"
            );
            ::core::assert!(
                ! < Bytes < ::core::primitive::u8 > as ::vm_sdk::__private::ColumnLayout
                > ::HAS_ROLES,
                "the columns of `y` have roles of their own, which nothing would prove: give roles to fields of the instruction's own column struct"
            );
            ::core::assert!(
                ! < [Word < ::core::primitive::u8 >; 2] as
                ::vm_sdk::__private::ColumnLayout > ::HAS_ROLES,
                "the columns of `plain` have roles of their own, which nothing would prove: give roles to fields of the instruction's own column struct"
            );
            ::vm_sdk::__private::Roles {
                reads: &[
                    ::vm_sdk::__private::Value {
                        index: 0,
                        proven: false,
                        span: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                RoleCols < ::core::primitive::u8 >, x
                            ),
                            ::core::mem::size_of::<Word<::core::primitive::u8>>(),
                        ),
                    },
                    ::vm_sdk::__private::Value {
                        index: 1,
                        proven: true,
                        span: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                RoleCols < ::core::primitive::u8 >, c
                            ),
                            ::core::mem::size_of::<Bits<::core::primitive::u8>>(),
                        ),
                    },
                ],
                writes: &[
                    ::vm_sdk::__private::Value {
                        index: 0,
                        proven: false,
                        span: ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                RoleCols < ::core::primitive::u8 >, y
                            ),
                            ::core::mem::size_of::<Bytes<::core::primitive::u8>>(),
                        ),
                    },
                ],
                valid: ::core::option::Option::Some(
                    ::core::mem::offset_of!(RoleCols < ::core::primitive::u8 >, is_real),
                ),
                opcodes: &[
                    (
                        ::core::mem::offset_of!(
                            RoleCols < ::core::primitive::u8 >, first
                        ),
                        Roles::First as ::core::primitive::usize,
                    ),
                    (
                        ::core::mem::offset_of!(
                            RoleCols < ::core::primitive::u8 >, second
                        ),
                        Roles::r#Second as ::core::primitive::usize,
                    ),
                ],
                opcode_bits: &[
                    (
                        ::core::mem::offset_of!(
                            RoleCols < ::core::primitive::u8 >, r#type
                        ),
                        2,
                    ),
                ],
                booleans: &[
                    ::vm_sdk::__private::Span::new(
                        ::core::mem::offset_of!(
                            RoleCols < ::core::primitive::u8 >, flags
                        ),
                        ::core::mem::size_of::<[::core::primitive::u8; 2]>(),
                    ),
                ],
                one_hot: &[
                    ::vm_sdk::__private::Span::new(
                        ::core::mem::offset_of!(
                            RoleCols < ::core::primitive::u8 >, choice
                        ),
                        ::core::mem::size_of::<[::core::primitive::u8; 4]>(),
                    ),
                ],
                ranges: &[
                    (
                        ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                RoleCols < ::core::primitive::u8 >, low
                            ),
                            ::core::mem::size_of::<[::core::primitive::u8; 3]>(),
                        ),
                        12,
                    ),
                ],
                free: &[
                    (
                        ::vm_sdk::__private::Span::new(
                            ::core::mem::offset_of!(
                                RoleCols < ::core::primitive::u8 >, inverse
                            ),
                            ::core::mem::size_of::<::core::primitive::u8>(),
                        ),
                        "nothing depends on it",
                    ),
                ],
                registers: &[],
                carried: &[],
            }
        };
    }
    const _: ::vm_sdk::__private::Roles = <RoleCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::ROLES;
};
