// #[adapter(format = Rv32R, read(rs1, rs2), write(rd))]
// /// `rd = f(rs1, rs2)`.
// pub struct Binary;

#[cfg(not(target_arch = "riscv32"))]
/// `rd = f(rs1, rs2)`.
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct Binary {
    port: ::vm_sdk::__private::SystemPort,
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::DeclaredAdapter for Binary {
        type Format = Rv32R;
        type Sources = ::vm_sdk::__private::Pair<::vm_sdk::__private::Register>;
        type Destination = ::vm_sdk::__private::Register;
        const REGISTERS: &'static [::vm_sdk::__private::RegisterField] = &[
            <Rv32R>::RS1,
            <Rv32R>::RS2,
        ];
        const DESTINATION: ::core::option::Option<::vm_sdk::__private::RegisterField> = ::core::option::Option::Some(
            <Rv32R>::RD,
        );
        fn with_port(__port: ::vm_sdk::__private::SystemPort) -> Self {
            Self { port: __port }
        }
        fn port(&self) -> ::vm_sdk::__private::SystemPort {
            self.port
        }
    }
};
