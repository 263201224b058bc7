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
const _: () = {
    #[automatically_derived]
    impl<C, const N: usize> crate::renamed::core::arch::InstructionExecutor
    for ModularExec<C, N>
    where
        C: Clone,
        ModChip<C, N>: crate::renamed::core::arch::InstructionExecutor,
    {
        #[inline(always)]
        fn execute<__Mode: crate::renamed::core::arch::ExecutionMode>(
            &mut self,
            __vm: &mut crate::renamed::core::arch::VmState<__Mode>,
            __instruction: &crate::renamed::core::instructions::Instruction,
            __from: crate::renamed::core::arch::ExecutionState<::core::primitive::u32>,
        ) -> crate::renamed::core::arch::ExecutionResult<
            crate::renamed::core::arch::ExecutionState<::core::primitive::u32>,
        > {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::arch::InstructionExecutor>::execute(
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
            __instruction: &crate::renamed::core::instructions::Instruction,
        ) -> ::core::primitive::bool {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::arch::InstructionExecutor>::accepts(
                        __value,
                        __instruction,
                    )
                }
            }
        }
        fn get_opcode_name(
            &self,
            __opcode: crate::renamed::core::instructions::VmOpcode,
        ) -> ::std::string::String {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::arch::InstructionExecutor>::get_opcode_name(
                        __value,
                        __opcode,
                    )
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl<C, const N: usize> crate::renamed::core::arch::AnyEnum for ModularExec<C, N>
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
    impl<C, const N: usize> crate::renamed::core::arch::ChipUsageGetter
    for ModularExec<C, N>
    where
        C: Clone,
        ModChip<C, N>: crate::renamed::core::arch::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::arch::ChipUsageGetter>::air_name(__value)
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::arch::ChipUsageGetter>::current_trace_height(
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
                    > as crate::renamed::core::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::arch::ChipUsageGetter>::current_trace_cells(
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
    impl<C, const N: usize> crate::renamed::core::arch::Chip for ModularExec<C, N>
    where
        C: Clone,
        ModChip<C, N>: crate::renamed::core::arch::Chip,
    {
        fn air(&self) -> crate::renamed::core::stark::AirRef {
            match self {
                Self::Mod(__value) => {
                    <ModChip<C, N> as crate::renamed::core::arch::Chip>::air(__value)
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &crate::renamed::core::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            crate::renamed::core::arch::ChipTraces,
            crate::renamed::core::arch::GenerationError,
        > {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn crate::renamed::core::arch::LookupTable> {
            match self {
                Self::Mod(__value) => {
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::arch::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
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
const _: () = {
    #[automatically_derived]
    impl<C> crate::renamed::core::arch::AnyEnum for ModularTables<C>
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
    impl<C> crate::renamed::core::arch::ChipUsageGetter for ModularTables<C>
    where
        C: Clone,
        C: crate::renamed::core::arch::ChipUsageGetter,
    {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::arch::ChipUsageGetter>::air_name(__value)
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::arch::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::arch::ChipUsageGetter>::trace_width(
                        __value,
                    )
                }
            }
        }
        fn current_trace_cells(&self) -> ::core::primitive::usize {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::arch::ChipUsageGetter>::current_trace_cells(
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
    impl<C> crate::renamed::core::arch::Chip for ModularTables<C>
    where
        C: Clone,
        C: crate::renamed::core::arch::Chip,
    {
        fn air(&self) -> crate::renamed::core::stark::AirRef {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::arch::Chip>::air(__value)
                }
            }
        }
        fn generate_traces(
            &mut self,
            __ctx: &crate::renamed::core::arch::TraceContext<'_>,
        ) -> ::core::result::Result<
            crate::renamed::core::arch::ChipTraces,
            crate::renamed::core::arch::GenerationError,
        > {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::arch::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn as_lookup_table(
            &self,
        ) -> ::core::option::Option<&dyn crate::renamed::core::arch::LookupTable> {
            match self {
                Self::Table(__value) => {
                    <C as crate::renamed::core::arch::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl<C, D, const N: usize> crate::renamed::core::arch::VmExtension for Modular<C, D, N>
where
    C: Clone,
    D: Default,
    ModChip<
        C,
        N,
    >: crate::renamed::core::arch::BuildChip<Self> + crate::renamed::core::arch::Chip
        + crate::renamed::core::arch::InstructionExecutor + 'static,
    C: crate::renamed::core::arch::BuildChip<Self> + crate::renamed::core::arch::Chip
        + 'static,
{
    type Executor = ModularExec<C, N>;
    type Periphery = ModularTables<C>;
    #[allow(unused_mut, unused_variables)]
    fn build(
        &self,
        builder: &crate::renamed::core::arch::VmInventoryBuilder<'_>,
    ) -> ::core::result::Result<
        crate::renamed::core::arch::VmInventory<Self::Executor, Self::Periphery>,
        crate::renamed::core::arch::VmInventoryError,
    > {
        let mut __inventory = crate::renamed::core::arch::VmInventory::<
            Self::Executor,
            Self::Periphery,
        >::new();
        __inventory
            .add_executor(
                ModularExec::Mod(
                    <ModChip<
                        C,
                        N,
                    > as crate::renamed::core::arch::BuildChip<
                        Self,
                    >>::build(self, builder)?,
                ),
                ::core::iter::Iterator::map(
                    <ModOpcode as crate::renamed::core::instructions::LocalOpcode>::ALL
                        .iter(),
                    |__opcode| crate::renamed::core::instructions::LocalOpcode::global_opcode(
                        *__opcode,
                    ),
                ),
            )?;
        if builder.find_chip::<C>().is_empty() {
            __inventory
                .add_periphery_chip(
                    ModularTables::Table(
                        <C as crate::renamed::core::arch::BuildChip<
                            Self,
                        >>::build(self, builder)?,
                    ),
                );
        }
        ::core::result::Result::Ok(__inventory)
    }
}
