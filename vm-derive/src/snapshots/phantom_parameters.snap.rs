// #[phantom(
//     discriminant = 0x200 + self.number,
//     encode(custom1, funct3 = FUNCT3, funct7 = u32::from(self.number), rs2 = 0),
// )]
// pub struct HintOf {
//     number: u16,
// }

pub struct HintOf {
    number: u16,
}
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::vm_sdk::__private::PhantomSpec for HintOf {
    const INFO: ::vm_sdk::__private::InstructionInfo = ::vm_sdk::__private::InstructionInfo {
        name: "hint_of",
        summary: "",
        encoding: ::core::option::Option::Some(
            ::vm_sdk::__private::with_constant_field(
                ::vm_sdk::__private::Encoding::new(32505983u32, 43u32),
                12u32,
                3u32,
                FUNCT3,
            ),
        ),
        guest: ::core::option::Option::None,
    };
    const REGISTERS: &'static [::core::primitive::u32] = &[7u32, 15u32];
    fn discriminant(&self) -> ::core::primitive::u16 {
        0x200 + self.number
    }
    fn encoding(
        &self,
    ) -> ::core::result::Result<
        ::core::option::Option<::vm_sdk::__private::Encoding>,
        ::vm_sdk::__private::VmInventoryError,
    > {
        ::core::result::Result::Ok(
            ::core::option::Option::Some(
                ::vm_sdk::__private::with_field(
                    ::vm_sdk::__private::with_constant_field(
                        ::vm_sdk::__private::Encoding::new(32505983u32, 43u32),
                        12u32,
                        3u32,
                        FUNCT3,
                    ),
                    "hint_of",
                    ("funct7", 25u32, 7u32),
                    u32::from(self.number),
                )?,
            ),
        )
    }
}
