// #[phantom(discriminant = 0x100, encode(custom1, funct3 = 6, funct7 = 0, rd = 0, rs2 = 0), guest(fn hint_isqrt(x: u32)))]
// /// Replaces the hint stream by the integer square root of a register.
// pub struct HintIsqrt;
//
// #[phantom]
// impl PhantomSubExecutor for HintIsqrt {
//     fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
//         let [x, _] = context.registers()?;
//         context.set_hint(x.isqrt().to_le_bytes());
//         Ok(())
//     }
// }

/// Replaces the hint stream by the integer square root of a register.
pub struct HintIsqrt;
/// Replaces the hint stream by the integer square root of a register.
#[cfg(target_arch = "riscv32")]
#[inline(always)]
#[allow(unsafe_code, clippy::missing_safety_doc)]
pub fn hint_isqrt(x: u32) {
    unsafe {
        ::core::arch::asm!(
            ".insn r 0x2b, 6, 0, x0, {0}, x0", in (reg) x, options(nostack)
        )
    }
}
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::vm_sdk::__private::PhantomSpec for HintIsqrt {
    const INFO: ::vm_sdk::__private::InstructionInfo = ::vm_sdk::__private::InstructionInfo {
        name: "hint_isqrt",
        summary: "Replaces the hint stream by the integer square root of a register.",
        encoding: ::core::option::Option::Some(
            ::vm_sdk::__private::Encoding::new(4293951487u32, 24619u32),
        ),
        guest: ::core::option::Option::Some("fn hint_isqrt(x: u32)"),
    };
    const REGISTERS: &'static [::core::primitive::u32] = &[15u32];
    fn discriminant(&self) -> ::core::primitive::u16 {
        0x100
    }
}
#[cfg(not(target_arch = "riscv32"))]
impl PhantomSubExecutor for HintIsqrt {
    #[inline(always)]
    fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        let [x, _] = context.registers()?;
        context.set_hint(x.isqrt().to_le_bytes());
        Ok(())
    }
}
