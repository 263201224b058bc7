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
    Rv32(<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor),
    /// Of `More`.
    More(<More as ::vm_sdk::arch::VmExtension>::Executor),
}
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::InstructionExecutor for MyVmExecutor {
        #[inline(always)]
        fn execute<__Mode: ::vm_sdk::arch::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_sdk::arch::VmState<__Mode>,
            __instruction: &::vm_sdk::instructions::Instruction,
            __from: ::vm_sdk::arch::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_sdk::arch::ExecutionResult<
            ::vm_sdk::arch::ExecutionState<::core::primitive::u32>,
        > {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::InstructionExecutor>::execute(
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
            __instruction: &::vm_sdk::instructions::Instruction,
        ) -> ::core::primitive::bool {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
            }
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_sdk::instructions::VmOpcode,
        ) -> ::std::string::String {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::InstructionExecutor>::get_opcode_name(
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
    impl ::vm_sdk::arch::AnyEnum for MyVmExecutor {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::ChipUsageGetter for MyVmExecutor {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::Chip for MyVmExecutor {
        fn air(&self) -> ::vm_sdk::stark::AirRef {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::Chip>::air(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::Chip>::air(
                        __value,
                    )
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::arch::ChipTraces,
            ::vm_sdk::arch::GenerationError,
        > {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::arch::LookupTable> {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Executor as ::vm_sdk::arch::Chip>::as_lookup_table(
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
    Rv32(<Arithmetic as ::vm_sdk::arch::VmExtension>::Periphery),
    /// Of `More`.
    More(<More as ::vm_sdk::arch::VmExtension>::Periphery),
}
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::AnyEnum for MyVmPeriphery {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::ChipUsageGetter for MyVmPeriphery {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::ChipUsageGetter>::current_trace_cells(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::Chip for MyVmPeriphery {
        fn air(&self) -> ::vm_sdk::stark::AirRef {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::Chip>::air(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::Chip>::air(
                        __value,
                    )
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::arch::ChipTraces,
            ::vm_sdk::arch::GenerationError,
        > {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::arch::LookupTable> {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::arch::VmExtension>::Periphery as ::vm_sdk::arch::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::arch::VmConfig for MyVm {
        type Executor = MyVmExecutor;
        type Periphery = MyVmPeriphery;
        fn system(&self) -> &::vm_sdk::arch::SystemConfig {
            &self.system
        }
        fn system_mut(&mut self) -> &mut ::vm_sdk::arch::SystemConfig {
            &mut self.system
        }
        #[allow(unused_mut, unused_variables)]
        fn create_inventory(
            &self,
            __port: ::vm_sdk::arch::SystemPort,
        ) -> ::core::result::Result<
            ::vm_sdk::arch::VmInventory<Self::Executor, Self::Periphery>,
            ::vm_sdk::arch::VmInventoryError,
        > {
            let mut __inventory = ::vm_sdk::arch::VmInventory::<
                Self::Executor,
                Self::Periphery,
            >::new();
            __inventory
                .register(__port, &self.rv_32, MyVmExecutor::Rv32, MyVmPeriphery::Rv32)?;
            if let ::core::option::Option::Some(__extension) = &self.more {
                __inventory
                    .register(
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
