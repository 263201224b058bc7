// #[instruction(adapter = TestAdapter, columns = ImmediateCols, encode(opcode = 0x2B, funct3 = 1), guest = add_constant)]
// pub struct AddConstant;
//
// #[instruction(adapter = TestAdapter, columns = ImmediateCols, encode(opcode = 0x2B, funct3 = 1), guest(fn mix<const AMOUNT: i32>(x: u32) -> u32, host = host::mix))]
// pub struct Mix;
//
// #[instruction(adapter = TestAdapter, columns = ImmediateCols, encode(op_imm, funct3 = 1, imm = 0xE02), guest(fn masked(x: u32) -> u32, host = host::masked))]
// pub struct Masked;

#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct AddConstant;
#[cfg(target_arch = "riscv32")]
#[inline(always)]
#[allow(unsafe_code, clippy::missing_safety_doc)]
pub fn add_constant<const IMM: ::core::primitive::i32>(
    x: ::core::primitive::u32,
) -> ::core::primitive::u32 {
    let __result: ::core::primitive::u32;
    unsafe {
        ::core::arch::asm!(
            ".insn i 0x2b, 1, {0}, {1}, {2}", lateout(reg) __result, in (reg) x, const
            IMM, options(pure, nomem, nostack)
        )
    }
    __result
}
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code, clippy::missing_safety_doc, clippy::unnecessary_cast)]
pub fn add_constant<const IMM: ::core::primitive::i32>(
    x: ::core::primitive::u32,
) -> ::core::primitive::u32 {
    const {
        ::core::assert!(
            - 2048 <= IMM && IMM < 2048,
            "`IMM` is an immediate of 12 bits: from -2048 to 2047"
        )
    };
    ::vm_sdk::__private::call::<
        _,
        2usize,
    >(&AddConstant, [x as ::core::primitive::u32, IMM as ::core::primitive::u32])
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionSpec for AddConstant {
        type Operands = TestAdapter;
        type Chip = ::vm_sdk::__private::CoreChip<Self, TestAdapter>;
        const NAME: &'static ::core::primitive::str = "AddConstant";
        const INSTRUCTIONS: &'static [::vm_sdk::__private::InstructionInfo] = &[
            ::vm_sdk::__private::InstructionInfo {
                name: "addconstant",
                summary: "",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::Encoding::new(28799u32, 4139u32),
                ),
                guest: ::core::option::Option::Some(
                    "fn add_constant<const IMM: i32>(x: u32) -> u32",
                ),
            },
        ];
        const OPCODE: ::core::option::Option<::core::primitive::u32> = ::core::option::Option::None;
        fn free_columns() -> ::std::vec::Vec<
            (::std::string::String, &'static ::core::primitive::str),
        > {
            ::vm_sdk::__private::free_columns::<Self>()
        }
        fn free_cell(
            __column: &::core::primitive::str,
            __row: &[::vm_sdk::__private::F],
        ) -> ::core::option::Option<&'static ::core::primitive::str> {
            ::vm_sdk::__private::free_cell::<Self>(__column, __row)
        }
        fn into_chip(
            self,
            __port: ::vm_sdk::__private::SystemPort,
            __opcode: ::core::primitive::u32,
        ) -> Self::Chip {
            ::vm_sdk::__private::core_chip::<Self, TestAdapter>(self, __port, __opcode)
        }
    }
    #[automatically_derived]
    impl ::vm_sdk::__private::CoreSpec for AddConstant {
        type Adapter = TestAdapter;
        type Cols<__Cell> = ImmediateCols<__Cell>;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<
            ImmediateCols<::core::primitive::u8>,
        >();
        const ROLES: ::vm_sdk::__private::Roles = <ImmediateCols<
            ::core::primitive::u8,
        > as ::vm_sdk::__private::ColumnRoles>::ROLES;
        const COMPUTED_READS: &'static [::core::primitive::usize] = &[];
        const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[];
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            ::vm_sdk::__private::names_of::<ImmediateCols<::core::primitive::u8>>()
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
    const _: () = if !<ImmediateCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::REJECTED {
        ::vm_sdk::__private::check_adapter::<AddConstant>();
        ::vm_sdk::__private::check_columns::<AddConstant>();
    };
    #[automatically_derived]
    impl ::vm_sdk::__private::DefaultInstruction for AddConstant {
        const VALUE: Self = Self;
    }
};
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct Mix;
#[cfg(target_arch = "riscv32")]
#[inline(always)]
#[allow(unsafe_code, clippy::missing_safety_doc)]
pub fn mix<const AMOUNT: i32>(x: u32) -> u32 {
    let __result: ::core::primitive::u32;
    unsafe {
        ::core::arch::asm!(
            ".insn i 0x2b, 1, {0}, {1}, {2}", lateout(reg) __result, in (reg) x, const
            AMOUNT, options(pure, nomem, nostack)
        )
    }
    __result
}
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code, clippy::missing_safety_doc, clippy::unnecessary_cast)]
pub fn mix<const AMOUNT: i32>(x: u32) -> u32 {
    const {
        ::core::assert!(
            - 2048 <= AMOUNT && AMOUNT < 2048,
            "`AMOUNT` is an immediate of 12 bits: from -2048 to 2047"
        )
    };
    host::mix::<AMOUNT>(x)
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionSpec for Mix {
        type Operands = TestAdapter;
        type Chip = ::vm_sdk::__private::CoreChip<Self, TestAdapter>;
        const NAME: &'static ::core::primitive::str = "Mix";
        const INSTRUCTIONS: &'static [::vm_sdk::__private::InstructionInfo] = &[
            ::vm_sdk::__private::InstructionInfo {
                name: "mix",
                summary: "",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::Encoding::new(28799u32, 4139u32),
                ),
                guest: ::core::option::Option::Some(
                    "fn mix<const AMOUNT: i32>(x: u32) -> u32",
                ),
            },
        ];
        const OPCODE: ::core::option::Option<::core::primitive::u32> = ::core::option::Option::None;
        fn free_columns() -> ::std::vec::Vec<
            (::std::string::String, &'static ::core::primitive::str),
        > {
            ::vm_sdk::__private::free_columns::<Self>()
        }
        fn free_cell(
            __column: &::core::primitive::str,
            __row: &[::vm_sdk::__private::F],
        ) -> ::core::option::Option<&'static ::core::primitive::str> {
            ::vm_sdk::__private::free_cell::<Self>(__column, __row)
        }
        fn into_chip(
            self,
            __port: ::vm_sdk::__private::SystemPort,
            __opcode: ::core::primitive::u32,
        ) -> Self::Chip {
            ::vm_sdk::__private::core_chip::<Self, TestAdapter>(self, __port, __opcode)
        }
    }
    #[automatically_derived]
    impl ::vm_sdk::__private::CoreSpec for Mix {
        type Adapter = TestAdapter;
        type Cols<__Cell> = ImmediateCols<__Cell>;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<
            ImmediateCols<::core::primitive::u8>,
        >();
        const ROLES: ::vm_sdk::__private::Roles = <ImmediateCols<
            ::core::primitive::u8,
        > as ::vm_sdk::__private::ColumnRoles>::ROLES;
        const COMPUTED_READS: &'static [::core::primitive::usize] = &[];
        const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[];
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            ::vm_sdk::__private::names_of::<ImmediateCols<::core::primitive::u8>>()
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
    const _: () = if !<ImmediateCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::REJECTED {
        ::vm_sdk::__private::check_adapter::<Mix>();
        ::vm_sdk::__private::check_columns::<Mix>();
    };
    #[automatically_derived]
    impl ::vm_sdk::__private::DefaultInstruction for Mix {
        const VALUE: Self = Self;
    }
};
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct Masked;
#[cfg(target_arch = "riscv32")]
#[inline(always)]
#[allow(unsafe_code, clippy::missing_safety_doc)]
pub fn masked(x: u32) -> u32 {
    let __result: ::core::primitive::u32;
    unsafe {
        ::core::arch::asm!(
            ".insn i 0x13, 1, {0}, {1}, -510", lateout(reg) __result, in (reg) x,
            options(pure, nomem, nostack)
        )
    }
    __result
}
#[cfg(not(target_arch = "riscv32"))]
#[allow(unsafe_code, clippy::missing_safety_doc, clippy::unnecessary_cast)]
pub fn masked(x: u32) -> u32 {
    host::masked(x)
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionSpec for Masked {
        type Operands = TestAdapter;
        type Chip = ::vm_sdk::__private::CoreChip<Self, TestAdapter>;
        const NAME: &'static ::core::primitive::str = "Masked";
        const INSTRUCTIONS: &'static [::vm_sdk::__private::InstructionInfo] = &[
            ::vm_sdk::__private::InstructionInfo {
                name: "masked",
                summary: "",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::Encoding::new(4293947519u32, 3760197651u32),
                ),
                guest: ::core::option::Option::Some("fn masked(x: u32) -> u32"),
            },
        ];
        const OPCODE: ::core::option::Option<::core::primitive::u32> = ::core::option::Option::None;
        fn free_columns() -> ::std::vec::Vec<
            (::std::string::String, &'static ::core::primitive::str),
        > {
            ::vm_sdk::__private::free_columns::<Self>()
        }
        fn free_cell(
            __column: &::core::primitive::str,
            __row: &[::vm_sdk::__private::F],
        ) -> ::core::option::Option<&'static ::core::primitive::str> {
            ::vm_sdk::__private::free_cell::<Self>(__column, __row)
        }
        fn into_chip(
            self,
            __port: ::vm_sdk::__private::SystemPort,
            __opcode: ::core::primitive::u32,
        ) -> Self::Chip {
            ::vm_sdk::__private::core_chip::<Self, TestAdapter>(self, __port, __opcode)
        }
    }
    #[automatically_derived]
    impl ::vm_sdk::__private::CoreSpec for Masked {
        type Adapter = TestAdapter;
        type Cols<__Cell> = ImmediateCols<__Cell>;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<
            ImmediateCols<::core::primitive::u8>,
        >();
        const ROLES: ::vm_sdk::__private::Roles = <ImmediateCols<
            ::core::primitive::u8,
        > as ::vm_sdk::__private::ColumnRoles>::ROLES;
        const COMPUTED_READS: &'static [::core::primitive::usize] = &[];
        const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[];
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            ::vm_sdk::__private::names_of::<ImmediateCols<::core::primitive::u8>>()
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
    const _: () = if !<ImmediateCols<
        ::core::primitive::u8,
    > as ::vm_sdk::__private::ColumnRoles>::REJECTED {
        ::vm_sdk::__private::check_adapter::<Masked>();
        ::vm_sdk::__private::check_columns::<Masked>();
    };
    #[automatically_derived]
    impl ::vm_sdk::__private::DefaultInstruction for Masked {
        const VALUE: Self = Self;
    }
    const _: () = ::core::assert!(
        < TestAdapter as ::vm_sdk::__private::DecodeOperands > ::REGISTER_BITS &
        0xFFF0_0000 == 0,
        "`imm` covers the field of a register that is an operand of `TestAdapter`: fix `funct7` instead, and `rs2` only if it is no operand"
    );
};
