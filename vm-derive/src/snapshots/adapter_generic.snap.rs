// #[adapter(format = Rv32B, read([mem[rs1; N], mem[rs2; N]; R]), branch)]
// pub struct Blocks<const R: usize, const N: usize>;

#[cfg(not(target_arch = "riscv32"))]
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
pub struct Blocks<const R: usize, const N: usize> {
    port: ::vm_sdk::__private::SystemPort,
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<const R: usize, const N: usize> ::vm_sdk::__private::DeclaredAdapter
    for Blocks<R, N> {
        type Format = Rv32B;
        type Sources = [::vm_sdk::__private::Block<N>; R];
        type Destination = ::vm_sdk::__private::Branch;
        const REGISTERS: &'static [::vm_sdk::__private::RegisterField] = &[
            <Rv32B>::RS1,
            <Rv32B>::RS2,
        ];
        const DESTINATION: ::core::option::Option<::vm_sdk::__private::RegisterField> = ::core::option::Option::None;
        fn with_port(__port: ::vm_sdk::__private::SystemPort) -> Self {
            Self { port: __port }
        }
        fn port(&self) -> ::vm_sdk::__private::SystemPort {
            self.port
        }
    }
};
