// #[instruction(
//     multi_row,
//     operands = TestAdapter,
//     encode(custom0, funct3 = 3, funct7 = 2),
//     guest(unsafe fn fold(state: *mut u8, input: *const u8, len: usize)),
//     opcode = 0x7FF,
// )]
// /// Folds bytes into a state.
// #[derive(Clone)]
// pub struct Fold;

/// Folds bytes into a state.
#[derive(Clone)]
#[derive(::core::marker::Copy, ::core::fmt::Debug)]
pub struct Fold;
/// Folds bytes into a state.
#[cfg(target_arch = "riscv32")]
#[inline(always)]
#[allow(unsafe_code, clippy::missing_safety_doc)]
pub unsafe fn fold(state: *mut u8, input: *const u8, len: usize) {
    unsafe {
        ::core::arch::asm!(
            ".insn r 0xb, 3, 2, {0}, {1}, {2}", in (reg) state, in (reg) input, in (reg)
            len, options(nostack)
        )
    }
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionSpec for Fold {
        type Operands = TestAdapter;
        type Chip = ::vm_sdk::__private::MultiRowChip<Self>;
        const NAME: &'static ::core::primitive::str = "Fold";
        const INSTRUCTIONS: &'static [::vm_sdk::__private::InstructionInfo] = &[
            ::vm_sdk::__private::InstructionInfo {
                name: "fold",
                summary: "Folds bytes into a state.",
                encoding: ::core::option::Option::Some(
                    ::vm_sdk::__private::Encoding::new(4261441663u32, 67121163u32),
                ),
                guest: ::core::option::Option::Some(
                    "unsafe fn fold(state: *mut u8, input: *const u8, len: usize)",
                ),
            },
        ];
        const OPCODE: ::core::option::Option<::core::primitive::u32> = ::core::option::Option::Some(
            2047u32,
        );
        fn free_cell(
            __column: &::core::primitive::str,
            __row: &[::vm_sdk::__private::F],
        ) -> ::core::option::Option<&'static ::core::primitive::str> {
            <Self as ::vm_sdk::__private::MultiRowCore>::free_cell(__column, __row)
        }
        fn into_chip(
            self,
            __port: ::vm_sdk::__private::SystemPort,
            __opcode: ::core::primitive::u32,
        ) -> Self::Chip {
            ::vm_sdk::__private::MultiRowChip::new(
                ::vm_sdk::__private::InstructionSpec::name(&self),
                self,
                ::vm_sdk::__private::RowContext {
                    port: __port,
                    opcode: ::vm_sdk::__private::VmOpcode::from_u32(__opcode),
                },
                Self::INSTRUCTIONS[0].name,
            )
        }
    }
    #[automatically_derived]
    impl ::vm_sdk::__private::LocalOpcode for Fold {
        const CLASS_OFFSET: ::core::primitive::u32 = 2047u32;
        const ALL: &'static [Self] = &[Self];
        #[inline]
        fn local_index(self) -> ::core::primitive::u32 {
            0
        }
        fn name(self) -> &'static ::core::primitive::str {
            match self {
                Self => "fold",
            }
        }
    }
    #[automatically_derived]
    impl ::vm_sdk::__private::DefaultInstruction for Fold {
        const VALUE: Self = Self;
    }
};
