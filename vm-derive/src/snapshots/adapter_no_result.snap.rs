// #[adapter(format = Rv32R, read(rs1))]
// pub struct ReadOnly;

#[cfg(not(target_arch = "riscv32"))]
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct ReadOnly {
    port: ::vm_sdk::__private::SystemPort,
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::DeclaredAdapter for ReadOnly {
        type Format = Rv32R;
        type Sources = (::vm_sdk::__private::Register,);
        type Destination = ();
        const REGISTERS: &'static [::vm_sdk::__private::RegisterField] = &[<Rv32R>::RS1];
        const DESTINATION: ::core::option::Option<::vm_sdk::__private::RegisterField> = ::core::option::Option::None;
        fn with_port(__port: ::vm_sdk::__private::SystemPort) -> Self {
            Self { port: __port }
        }
        fn port(&self) -> ::vm_sdk::__private::SystemPort {
            self.port
        }
    }
};
