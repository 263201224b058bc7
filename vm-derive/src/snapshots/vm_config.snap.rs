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
    Rv32(<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor),
    /// Of an extension that can be left out.
    Optional(::std::boxed::Box<MyVmOptionalExecutor>),
}
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionExecutor for MyVmExecutor {
        #[inline(always)]
        fn execute<__Mode: ::vm_sdk::__private::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_sdk::__private::VmState<__Mode>,
            __instruction: &::vm_sdk::__private::Instruction,
            __from: ::vm_sdk::__private::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_sdk::__private::ExecutionResult<
            ::vm_sdk::__private::ExecutionState<::core::primitive::u32>,
        > {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::execute(
                        __value,
                        __vm,
                        __instruction,
                        __from,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::InstructionExecutor>::execute(
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
            __instruction: &::vm_sdk::__private::Instruction,
        ) -> ::core::primitive::bool {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
            }
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_sdk::__private::VmOpcode,
        ) -> ::std::string::String {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
            }
        }
        fn sample_reads(
            &self,
            __opcode: ::vm_sdk::__private::VmOpcode,
            __samples: &mut ::vm_sdk::__private::Samples,
        ) -> ::core::option::Option<
            ::std::vec::Vec<::std::vec::Vec<::core::primitive::u32>>,
        > {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::AnyEnum for MyVmExecutor {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for MyVmExecutor {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::Chip for MyVmExecutor {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::air(
                        __value,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::Chip>::air(__value)
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::__private::ChipTraces,
            ::vm_sdk::__private::GenerationError,
        > {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
            }
        }
        fn set_aside(
            &mut self,
            __is_fused: &mut dyn ::core::ops::FnMut(
                ::core::primitive::u32,
            ) -> ::core::primitive::bool,
        ) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
            }
        }
        fn fill_set_aside(
            &self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [::vm_sdk::__private::F],
        ) -> ::core::result::Result<(), ::vm_sdk::__private::GenerationError> {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::__private::LookupTable> {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::Optional(__value) => {
                    <MyVmOptionalExecutor as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
/// Executors of the extensions of [`MyVm`] that can be left out.
#[allow(clippy::large_enum_variant)]
pub enum MyVmOptionalExecutor {
    /// Of `More`.
    More(<More as ::vm_sdk::__private::VmExtension>::Executor),
}
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionExecutor for MyVmOptionalExecutor {
        #[inline(never)]
        fn execute<__Mode: ::vm_sdk::__private::ExecutionMode>(
            &mut self,
            __vm: &mut ::vm_sdk::__private::VmState<__Mode>,
            __instruction: &::vm_sdk::__private::Instruction,
            __from: ::vm_sdk::__private::ExecutionState<::core::primitive::u32>,
        ) -> ::vm_sdk::__private::ExecutionResult<
            ::vm_sdk::__private::ExecutionState<::core::primitive::u32>,
        > {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::execute(
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
            __instruction: &::vm_sdk::__private::Instruction,
        ) -> ::core::primitive::bool {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
            }
        }
        fn get_opcode_name(
            &self,
            __opcode: ::vm_sdk::__private::VmOpcode,
        ) -> ::std::string::String {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
            }
        }
        fn sample_reads(
            &self,
            __opcode: ::vm_sdk::__private::VmOpcode,
            __samples: &mut ::vm_sdk::__private::Samples,
        ) -> ::core::option::Option<
            ::std::vec::Vec<::std::vec::Vec<::core::primitive::u32>>,
        > {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::AnyEnum for MyVmOptionalExecutor {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for MyVmOptionalExecutor {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::Chip for MyVmOptionalExecutor {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::air(
                        __value,
                    )
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::__private::ChipTraces,
            ::vm_sdk::__private::GenerationError,
        > {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
            }
        }
        fn set_aside(
            &mut self,
            __is_fused: &mut dyn ::core::ops::FnMut(
                ::core::primitive::u32,
            ) -> ::core::primitive::bool,
        ) -> ::core::primitive::usize {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
            }
        }
        fn fill_set_aside(
            &self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [::vm_sdk::__private::F],
        ) -> ::core::result::Result<(), ::vm_sdk::__private::GenerationError> {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::__private::LookupTable> {
            match self {
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::as_lookup_table(
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
    Rv32(<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery),
    /// Of `More`.
    More(<More as ::vm_sdk::__private::VmExtension>::Periphery),
}
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::AnyEnum for MyVmPeriphery {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for MyVmPeriphery {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::Chip for MyVmPeriphery {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::air(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::air(
                        __value,
                    )
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            ::vm_sdk::__private::ChipTraces,
            ::vm_sdk::__private::GenerationError,
        > {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::can_set_aside(
                        __value,
                    )
                }
            }
        }
        fn set_aside(
            &mut self,
            __is_fused: &mut dyn ::core::ops::FnMut(
                ::core::primitive::u32,
            ) -> ::core::primitive::bool,
        ) -> ::core::primitive::usize {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
            }
        }
        fn fill_set_aside(
            &self,
            __ctx: &::vm_sdk::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [::vm_sdk::__private::F],
        ) -> ::core::result::Result<(), ::vm_sdk::__private::GenerationError> {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::fill_set_aside(
                        __value,
                        __ctx,
                        __index,
                        __row,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn ::vm_sdk::__private::LookupTable> {
            match self {
                Self::Rv32(__value) => {
                    <<Arithmetic as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
                Self::More(__value) => {
                    <<More as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::VmConfig for MyVm {
        type Executor = MyVmExecutor;
        type Periphery = MyVmPeriphery;
        fn system(&self) -> &::vm_sdk::__private::SystemConfig {
            &self.system
        }
        fn system_mut(&mut self) -> &mut ::vm_sdk::__private::SystemConfig {
            &mut self.system
        }
        #[allow(unused_mut, unused_variables)]
        fn create_inventory(
            &self,
            __port: ::vm_sdk::__private::SystemPort,
        ) -> ::vm_sdk::__private::InventoryResult<Self::Executor, Self::Periphery> {
            let mut __inventory = ::vm_sdk::__private::VmInventory::<
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
                        |__executor| MyVmExecutor::Optional(
                            ::std::boxed::Box::new(
                                MyVmOptionalExecutor::More(__executor),
                            ),
                        ),
                        MyVmPeriphery::More,
                    )?;
            }
            ::core::result::Result::Ok(__inventory)
        }
    }
};
