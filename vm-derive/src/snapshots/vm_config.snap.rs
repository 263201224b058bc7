// #[derive(VmConfig)]
// #[derive(Clone)]
// pub struct MyVm {
//     #[system]
//     system: SystemConfig,
//     #[extension]
//     rv_32: Arithmetic,
//     #[extension]
//     more: Option<More>,
// }

#[derive(Clone)]
pub struct MyVm {
    system: SystemConfig,
    rv_32: Arithmetic,
    more: Option<More>,
}
/// Executors of [`MyVm`].
#[allow(clippy::large_enum_variant)]
pub enum MyVmExecutor {
    /// Of `Arithmetic`.
    Rv32(<Arithmetic as ::vm_core::arch::VmExtension>::Executor),
    /// Of `More`.
    More(<More as ::vm_core::arch::VmExtension>::Executor),
}
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::InstructionExecutor for MyVmExecutor {
        #[inline(always)]
        fn execute<__Mode: ::vm_core::arch::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_core::arch::VmState<__Mode>,
            __instruction: &::vm_core::instructions::Instruction,
            __from: ::vm_core::arch::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_core::arch::ExecutionResult<
            ::vm_core::arch::ExecutionState<::core::primitive::u32>,
        > {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
            }
        }
        fn accepts(
            &self,
            __instruction: &::vm_core::instructions::Instruction,
        ) -> ::core::primitive::bool {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
            }
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_core::instructions::VmOpcode,
        ) -> ::std::string::String {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::AnyEnum for MyVmExecutor {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::ChipUsageGetter for MyVmExecutor {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::Chip for MyVmExecutor {
        fn air(&self) -> ::vm_core::stark::AirRef {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::Chip>::air(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::Chip>::air(
                        __value,
                    )
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_core::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_core::arch::ChipTraces,
            ::vm_core::arch::GenerationError,
        > {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_core::arch::LookupTable> {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Executor as ::vm_core::arch::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
/// Chips of [`MyVm`]'s extensions that execute no instructions.
#[allow(clippy::large_enum_variant)]
pub enum MyVmPeriphery {
    /// Of `Arithmetic`.
    Rv32(<Arithmetic as ::vm_core::arch::VmExtension>::Periphery),
    /// Of `More`.
    More(<More as ::vm_core::arch::VmExtension>::Periphery),
}
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::AnyEnum for MyVmPeriphery {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::ChipUsageGetter for MyVmPeriphery {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_core::arch::Chip for MyVmPeriphery {
        fn air(&self) -> ::vm_core::stark::AirRef {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::Chip>::air(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::Chip>::air(
                        __value,
                    )
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_core::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_core::arch::ChipTraces,
            ::vm_core::arch::GenerationError,
        > {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_core::arch::LookupTable> {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_core::arch::VmExtension>::Periphery as ::vm_core::arch::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    /// Builds an extension that sees the chips of those before it, and adds it to the machine.
    #[allow(dead_code)]
    fn __register<X, E, P>(
        __inventory: &mut ::vm_core::arch::VmInventory<E, P>,
        __port: ::vm_core::arch::SystemPort,
        __extension: &X,
        __executor: fn(X::Executor) -> E,
        __periphery: fn(X::Periphery) -> P,
    ) -> ::core::result::Result<(), ::vm_core::arch::VmInventoryError>
    where
        X: ::vm_core::arch::VmExtension,
        E: ::vm_core::arch::AnyEnum + ::vm_core::arch::ChipUsageGetter,
        P: ::vm_core::arch::AnyEnum,
    {
        let mut __chips: ::std::vec::Vec<&dyn ::vm_core::arch::AnyEnum> = ::std::vec::Vec::new();
        for __chip in __inventory.periphery() {
            __chips.push(__chip);
        }
        for __chip in __inventory.executors() {
            __chips.push(__chip);
        }
        let __builder = ::vm_core::arch::VmInventoryBuilder::new(__port, __chips);
        let __built = ::vm_core::arch::VmExtension::build(__extension, &__builder)?;
        __inventory.append_with(__built, __executor, __periphery)
    }
    #[automatically_derived]
    impl ::vm_core::arch::VmConfig for MyVm {
        type Executor = MyVmExecutor;
        type Periphery = MyVmPeriphery;
        fn system(&self) -> &::vm_core::arch::SystemConfig {
            &self.system
        }
        fn system_mut(&mut self) -> &mut ::vm_core::arch::SystemConfig {
            &mut self.system
        }
        #[allow(unused_mut, unused_variables)]
        fn create_inventory(
            &self,
            __port: ::vm_core::arch::SystemPort,
        ) -> ::core::result::Result<
            ::vm_core::arch::VmInventory<Self::Executor, Self::Periphery>,
            ::vm_core::arch::VmInventoryError,
        > {
            let mut __inventory = ::vm_core::arch::VmInventory::<
                Self::Executor,
                Self::Periphery,
            >::new();
            __register(
                &mut __inventory,
                __port,
                &self.rv_32,
                MyVmExecutor::Rv32,
                MyVmPeriphery::Rv32,
            )?;
            if let ::core::option::Option::Some(__extension) = &self.more {
                __register(
                    &mut __inventory,
                    __port,
                    __extension,
                    MyVmExecutor::More,
                    MyVmPeriphery::More,
                )?;
            }
            ::core::result::Result::Ok(__inventory)
        }
    }
};
