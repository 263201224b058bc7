// #[adapter(format = formats::Rv32I, read(mem[rs1; WORDS], imm, hint[WORDS + 1]), write(mem[rd; 2 * WORDS]), crate = crate::renamed::core)]
// #[derive(Debug, Default)]
// struct Mixed;

#[cfg(not(target_arch = "riscv32"))]
#[derive(Debug, Default)]
#[derive(::core::clone::Clone, ::core::marker::Copy)]
struct Mixed {
    port: crate::renamed::core::__private::SystemPort,
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl crate::renamed::core::__private::DeclaredAdapter for Mixed {
        type Format = formats::Rv32I;
        type Sources = (
            crate::renamed::core::__private::Block<WORDS>,
            crate::renamed::core::__private::Immediate,
            crate::renamed::core::__private::Hint<{ WORDS + 1 }>,
        );
        type Destination = crate::renamed::core::__private::Block<{ 2 * WORDS }>;
        const REGISTERS: &'static [crate::renamed::core::__private::RegisterField] = &[
            <formats::Rv32I>::RS1,
        ];
        const DESTINATION: ::core::option::Option<
            crate::renamed::core::__private::RegisterField,
        > = ::core::option::Option::Some(<formats::Rv32I>::RD);
        fn with_port(__port: crate::renamed::core::__private::SystemPort) -> Self {
            Self { port: __port }
        }
        fn port(&self) -> crate::renamed::core::__private::SystemPort {
            self.port
        }
    }
    const _: () = crate::renamed::core::__private::check_block(WORDS);
    const _: () = crate::renamed::core::__private::check_immediate::<formats::Rv32I>();
    const _: () = crate::renamed::core::__private::check_block(WORDS + 1);
    const _: () = crate::renamed::core::__private::check_block(2 * WORDS);
};
