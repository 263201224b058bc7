// #[derive(VmConfig)]
// #[derive(Clone)]
// pub struct AnyVm<X: Clone + Send + Sync + 'static> {
//     #[system]
//     system: SystemConfig,
//     #[extension]
//     chosen: X,
// }

#[derive(Clone)]
pub struct AnyVm<X: Clone + Send + Sync + 'static> {
    system: SystemConfig,
    chosen: X,
}
/// Executors of [`AnyVm`].
#[allow(clippy::large_enum_variant)]
pub enum AnyVmExecutor<X: Clone + Send + Sync + 'static>
where
    X: ::vm_sdk::__private::VmExtension,
{
    /// Of `X`.
    Chosen(<X as ::vm_sdk::__private::VmExtension>::Executor),
}
const _: () = {
    #[automatically_derived]
    impl<X: Clone + Send + Sync + 'static> ::vm_sdk::__private::InstructionExecutor
    for AnyVmExecutor<X>
    where
        X: ::vm_sdk::__private::VmExtension,
        <X as ::vm_sdk::__private::VmExtension>::Executor: ::vm_sdk::__private::InstructionExecutor,
    {
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::execute(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::accepts(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
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
    impl<X: Clone + Send + Sync + 'static> ::vm_sdk::__private::AnyEnum
    for AnyVmExecutor<X>
    where
        X: ::vm_sdk::__private::VmExtension,
        <X as ::vm_sdk::__private::VmExtension>::Executor: ::vm_sdk::__private::AnyEnum,
    {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<X: Clone + Send + Sync + 'static> ::vm_sdk::__private::ChipUsageGetter
    for AnyVmExecutor<X>
    where
        X: ::vm_sdk::__private::VmExtension,
        <X as ::vm_sdk::__private::VmExtension>::Executor: ::vm_sdk::__private::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<X: Clone + Send + Sync + 'static> ::vm_sdk::__private::Chip for AnyVmExecutor<X>
    where
        X: ::vm_sdk::__private::VmExtension,
        <X as ::vm_sdk::__private::VmExtension>::Executor: ::vm_sdk::__private::Chip,
    {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::air(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::can_set_aside(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::set_aside(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::fill_set_aside(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Executor as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
/// Chips of [`AnyVm`]'s extensions that execute no instructions.
#[allow(clippy::large_enum_variant)]
pub enum AnyVmPeriphery<X: Clone + Send + Sync + 'static>
where
    X: ::vm_sdk::__private::VmExtension,
{
    /// Of `X`.
    Chosen(<X as ::vm_sdk::__private::VmExtension>::Periphery),
}
const _: () = {
    #[automatically_derived]
    impl<X: Clone + Send + Sync + 'static> ::vm_sdk::__private::AnyEnum
    for AnyVmPeriphery<X>
    where
        X: ::vm_sdk::__private::VmExtension,
        <X as ::vm_sdk::__private::VmExtension>::Periphery: ::vm_sdk::__private::AnyEnum,
    {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::AnyEnum>::as_any_kind(
                        __value,
                    )
                }
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::AnyEnum>::as_any_kind_mut(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<X: Clone + Send + Sync + 'static> ::vm_sdk::__private::ChipUsageGetter
    for AnyVmPeriphery<X>
    where
        X: ::vm_sdk::__private::VmExtension,
        <X as ::vm_sdk::__private::VmExtension>::Periphery: ::vm_sdk::__private::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<X: Clone + Send + Sync + 'static> ::vm_sdk::__private::Chip
    for AnyVmPeriphery<X>
    where
        X: ::vm_sdk::__private::VmExtension,
        <X as ::vm_sdk::__private::VmExtension>::Periphery: ::vm_sdk::__private::Chip,
    {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::air(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::can_set_aside(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::set_aside(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::fill_set_aside(
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
                Self::Chosen(__value) => {
                    <<X as ::vm_sdk::__private::VmExtension>::Periphery as ::vm_sdk::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
const _: () = {
    #[automatically_derived]
    impl<X: Clone + Send + Sync + 'static> ::vm_sdk::__private::VmConfig for AnyVm<X>
    where
        X: ::vm_sdk::__private::VmExtension,
        <X as ::vm_sdk::__private::VmExtension>::Executor: 'static,
        <X as ::vm_sdk::__private::VmExtension>::Periphery: 'static,
        AnyVm<X>: ::core::clone::Clone,
        AnyVm<X>: ::core::marker::Send + ::core::marker::Sync + 'static,
    {
        type Executor = AnyVmExecutor<X>;
        type Periphery = AnyVmPeriphery<X>;
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
                .register(
                    __port,
                    &self.chosen,
                    AnyVmExecutor::Chosen,
                    AnyVmPeriphery::Chosen,
                )?;
            ::core::result::Result::Ok(__inventory)
        }
    }
};
