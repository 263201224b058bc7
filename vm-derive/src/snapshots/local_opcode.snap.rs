// #[derive(LocalOpcode)]
// #[derive(Clone, Copy)]
// #[opcode_offset = 0x200]
// pub enum AluOpcode {
//     ADD,
//     r#SUB,
// }

#[derive(Clone, Copy)]
pub enum AluOpcode {
    ADD,
    r#SUB,
}
const _: () = {
    #[automatically_derived]
    impl ::vm_core::instructions::LocalOpcode for AluOpcode {
        const CLASS_OFFSET: ::core::primitive::u32 = 512u32;
        const ALL: &'static [Self] = &[Self::ADD, Self::r#SUB];
        #[inline]
        fn local_index(self) -> ::core::primitive::u32 {
            self as ::core::primitive::u32
        }
        fn name(self) -> &'static ::core::primitive::str {
            match self {
                Self::ADD => "ADD",
                Self::r#SUB => "SUB",
            }
        }
    }
};
