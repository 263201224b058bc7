// #[derive(LocalOpcode)]
// #[derive(Clone, Copy)]
// #[opcode_offset = 0x200]
// pub enum AluOpcode {
//     Add,
//     r#Sub,
// }

#[derive(Clone, Copy)]
pub enum AluOpcode {
    Add,
    r#Sub,
}
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::LocalOpcode for AluOpcode {
        const CLASS_OFFSET: ::core::primitive::u32 = 512u32;
        const ALL: &'static [Self] = &[Self::Add, Self::r#Sub];
        #[inline]
        fn local_index(self) -> ::core::primitive::u32 {
            self as ::core::primitive::u32
        }
        fn name(self) -> &'static ::core::primitive::str {
            match self {
                Self::Add => "Add",
                Self::r#Sub => "Sub",
            }
        }
    }
};
