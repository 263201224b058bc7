// #[vm_extension(
//     crate = crate::renamed::core,
//     executor = ModularExec,
//     periphery = ModularTables,
//     executors(Mod: ModChip<C, N> => ModOpcode),
//     lookups(Table: C),
// )]
//
// pub(crate) struct Modular<C, D, const N: usize>
// where
//     C: Clone,
//     D: Default,
// {
//     pub chip: C,
//     pub default: D,
// }

#[cfg(not(target_arch = "riscv32"))]
pub(crate) struct Modular<C, D, const N: usize>
where
    C: Clone,
    D: Default,
{
    pub chip: C,
    pub default: D,
}
#[cfg(not(target_arch = "riscv32"))]
/// Executors of [`Modular`].
#[allow(clippy::large_enum_variant)]
pub(crate) enum ModularExec<C, const N: usize>
where
    C: Clone,
{
    /// `ModChip<C, N>`: executes all of `ModOpcode`.
    Mod(ModChip<C, N>),
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<C, const N: usize> crate::renamed::core::__private::InstructionExecutor
    for ModularExec<C, N>
    where
        C: Clone,
        ModChip<C, N>: crate::renamed::core::__private::InstructionExecutor,
    {
        #[inline(always)]
        fn execute<__Mode: crate::renamed::core::__private::ExecutionMode>(
            &mut self,
            __vm: &mut crate::renamed::core::__private::VmState<__Mode>,
            __instruction: &crate::renamed::core::__private::Instruction,
            __from: crate::renamed::core::__private::ExecutionState<
                ::core::primitive::u32,
            >,
        ) -> crate::renamed::core::__private::ExecutionResult<
            crate::renamed::core::__private::ExecutionState<::core::primitive::u32>,
        > {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::InstructionExecutor>::execute(
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
            __instruction: &crate::renamed::core::__private::Instruction,
        ) -> ::core::primitive::bool {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
            }
        }
        fn get_opcode_name(
            &self,
            __opcode: crate::renamed::core::__private::VmOpcode,
        ) -> ::std::string::String {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
            }
        }
        fn sample_reads(
            &self,
            __opcode: crate::renamed::core::__private::VmOpcode,
            __samples: &mut crate::renamed::core::__private::Samples,
        ) -> ::core::option::Option<
            ::std::vec::Vec<::std::vec::Vec<::core::primitive::u32>>,
        > {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::InstructionExecutor>::sample_reads(
                        __value,
                        __opcode,
                        __samples,
                    )
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<C, const N: usize> crate::renamed::core::__private::AnyEnum
    for ModularExec<C, N>
    where
        C: Clone,
        ModChip<C, N>: 'static,
    {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Mod(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Mod(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<C, const N: usize> crate::renamed::core::__private::ChipUsageGetter
    for ModularExec<C, N>
    where
        C: Clone,
        ModChip<C, N>: crate::renamed::core::__private::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<C, const N: usize> crate::renamed::core::__private::Chip for ModularExec<C, N>
    where
        C: Clone,
        ModChip<C, N>: crate::renamed::core::__private::Chip,
    {
        fn air(&self) -> crate::renamed::core::__private::AirRef {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::Chip>::air(__value)
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &crate::renamed::core::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            crate::renamed::core::__private::ChipTraces,
            crate::renamed::core::__private::GenerationError,
        > {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::Chip>::can_set_aside(__value)
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
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
            }
        }
        fn fill_set_aside(
            &self,
            __ctx: &crate::renamed::core::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [crate::renamed::core::__private::F],
        ) -> ::core::result::Result<
            (),
            crate::renamed::core::__private::GenerationError,
        > {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::Chip>::fill_set_aside(
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
        ) -> ::core::option::Option<&dyn crate::renamed::core::__private::LookupTable> {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl<C, const N: usize> ::core::convert::From<ModChip<C, N>> for ModularExec<C, N>
where
    C: Clone,
{
    fn from(__chip: ModChip<C, N>) -> Self {
        Self::Mod(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
/// Chips of [`Modular`] that execute no instructions.
#[allow(clippy::large_enum_variant)]
pub(crate) enum ModularTables<C>
where
    C: Clone,
{
    /// `C`, shared between extensions.
    Table(C),
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<C> crate::renamed::core::__private::AnyEnum for ModularTables<C>
    where
        C: Clone,
        C: 'static,
    {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Table(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Table(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<C> crate::renamed::core::__private::ChipUsageGetter for ModularTables<C>
    where
        C: Clone,
        C: crate::renamed::core::__private::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::__private::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<C> crate::renamed::core::__private::Chip for ModularTables<C>
    where
        C: Clone,
        C: crate::renamed::core::__private::Chip,
    {
        fn air(&self) -> crate::renamed::core::__private::AirRef {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::__private::Chip>::air(__value)
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &crate::renamed::core::__private::TraceContext<'_>,
        ) -> ::core::result::Result<
            crate::renamed::core::__private::ChipTraces,
            crate::renamed::core::__private::GenerationError,
        > {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::__private::Chip>::can_set_aside(__value)
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
                Self::Table(__value) => {
                    <C as crate::renamed::core::__private::Chip>::set_aside(
                        __value,
                        __is_fused,
                    )
                }
            }
        }
        fn fill_set_aside(
            &self,
            __ctx: &crate::renamed::core::__private::TraceContext<'_>,
            __index: ::core::primitive::usize,
            __row: &mut [crate::renamed::core::__private::F],
        ) -> ::core::result::Result<
            (),
            crate::renamed::core::__private::GenerationError,
        > {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::__private::Chip>::fill_set_aside(
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
        ) -> ::core::option::Option<&dyn crate::renamed::core::__private::LookupTable> {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::__private::Chip>::as_lookup_table(
                        __value,
                    )
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl<C> ::core::convert::From<C> for ModularTables<C>
where
    C: Clone,
{
    fn from(__chip: C) -> Self {
        Self::Table(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl<C, D, const N: usize> crate::renamed::core::__private::VmExtension
for Modular<C, D, N>
where
    C: Clone,
    D: Default,
    ModChip<
        C,
        N,
    >: crate::renamed::core::__private::BuildChip<Self>
        + crate::renamed::core::__private::Chip
        + crate::renamed::core::__private::InstructionExecutor + 'static,
    C: crate::renamed::core::__private::BuildChip<Self>
        + crate::renamed::core::__private::Chip + 'static,
{
    type Executor = ModularExec<C, N>;
    type Periphery = ModularTables<C>;
    #[allow(unused_mut, unused_variables)]
    fn build(
        &self,
        builder: &crate::renamed::core::__private::VmInventoryBuilder<'_>,
    ) -> crate::renamed::core::__private::InventoryResult<
        Self::Executor,
        Self::Periphery,
    > {
        let mut __inventory = crate::renamed::core::__private::VmInventory::<
            Self::Executor,
            Self::Periphery,
        >::new();
        __inventory
            .add_executor(
                ModularExec::Mod(
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::__private::BuildChip<
                        Self,
                    >>::build(self, builder)?,
                ),
                ::core::iter::Iterator::map(
                    <ModOpcode as crate::renamed::core::__private::LocalOpcode>::ALL
                        .iter(),
                    |__opcode| crate::renamed::core::__private::LocalOpcode::global_opcode(
                        *__opcode,
                    ),
                ),
            )?;
        if builder.find_chip::<C>().is_empty() {
            __inventory
                .add_periphery_chip(
                    ModularTables::Table(
                        <C as crate::renamed::core::__private::BuildChip<
                            Self,
                        >>::build(self, builder)?,
                    ),
                );
        }
        ::core::result::Result::Ok(__inventory)
    }
}
