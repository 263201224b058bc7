// #[vm_extension(
//     shared(sum = Arc::new(AtomicU32::new(self.0))),
//     phantoms(HintIsqrt, HintOf in (1..=self.0).map(|number| HintOf { number: number as u16 }), 0x20 => HintInput),
//     executors(Count: CountChip = CountChip(AddChip, sum.clone()) => MulOpcode),
//     chips(Total: TotalChip = TotalChip(HelperChip, sum)),
// )]
//
// pub struct Hints(pub u32);

#[cfg(not(target_arch = "riscv32"))]
pub struct Hints(pub u32);
#[cfg(not(target_arch = "riscv32"))]
/// Executors of [`Hints`].
#[allow(clippy::large_enum_variant)]
pub enum HintsExecutor {
    /// `CountChip`: executes all of `MulOpcode`.
    Count(CountChip),
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::InstructionExecutor for HintsExecutor {
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
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::InstructionExecutor>::execute(
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
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::InstructionExecutor>::accepts(
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
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::InstructionExecutor>::get_opcode_name(
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
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::InstructionExecutor>::sample_reads(
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
    impl ::vm_sdk::__private::AnyEnum for HintsExecutor {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Count(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Count(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for HintsExecutor {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
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
    impl ::vm_sdk::__private::Chip for HintsExecutor {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::Chip>::air(__value)
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
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::Chip>::can_set_aside(__value)
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
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::Chip>::set_aside(
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
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::Chip>::fill_set_aside(
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
                Self::Count(__value) => {
                    <CountChip as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::core::convert::From<CountChip> for HintsExecutor {
    fn from(__chip: CountChip) -> Self {
        Self::Count(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
/// Chips of [`Hints`] that execute no instructions.
#[allow(clippy::large_enum_variant)]
pub enum HintsPeriphery {
    /// `TotalChip`.
    Total(TotalChip),
}
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::AnyEnum for HintsPeriphery {
        fn as_any_kind(&self) -> &dyn ::core::any::Any {
            match self {
                Self::Total(__value) => __value as &dyn ::core::any::Any,
            }
        }
        fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
            match self {
                Self::Total(__value) => __value as &mut dyn ::core::any::Any,
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
const _: () = {
    #[automatically_derived]
    impl ::vm_sdk::__private::ChipUsageGetter for HintsPeriphery {
        fn air_name(&self) -> ::std::string::String {
            match self {
                Self::Total(__value) => {
                    <TotalChip as ::vm_sdk::__private::ChipUsageGetter>::air_name(
                        __value,
                    )
                }
            }
        }
        fn current_trace_height(&self) -> ::core::primitive::usize {
            match self {
                Self::Total(__value) => {
                    <TotalChip as ::vm_sdk::__private::ChipUsageGetter>::current_trace_height(
                        __value,
                    )
                }
            }
        }
        fn trace_width(&self) -> ::core::primitive::usize {
            match self {
                Self::Total(__value) => {
                    <TotalChip as ::vm_sdk::__private::ChipUsageGetter>::trace_width(
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
    impl ::vm_sdk::__private::Chip for HintsPeriphery {
        fn air(&self) -> ::vm_sdk::__private::AirRef {
            match self {
                Self::Total(__value) => {
                    <TotalChip as ::vm_sdk::__private::Chip>::air(__value)
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
                Self::Total(__value) => {
                    <TotalChip as ::vm_sdk::__private::Chip>::generate_traces(
                        __value,
                        __ctx,
                    )
                }
            }
        }
        fn can_set_aside(&self) -> ::core::primitive::bool {
            match self {
                Self::Total(__value) => {
                    <TotalChip as ::vm_sdk::__private::Chip>::can_set_aside(__value)
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
                Self::Total(__value) => {
                    <TotalChip as ::vm_sdk::__private::Chip>::set_aside(
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
                Self::Total(__value) => {
                    <TotalChip as ::vm_sdk::__private::Chip>::fill_set_aside(
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
                Self::Total(__value) => {
                    <TotalChip as ::vm_sdk::__private::Chip>::as_lookup_table(__value)
                }
            }
        }
    }
};
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::core::convert::From<TotalChip> for HintsPeriphery {
    fn from(__chip: TotalChip) -> Self {
        Self::Total(__chip)
    }
}
#[cfg(not(target_arch = "riscv32"))]
#[automatically_derived]
impl ::vm_sdk::__private::VmExtension for Hints {
    type Executor = HintsExecutor;
    type Periphery = HintsPeriphery;
    #[allow(unused_mut, unused_variables)]
    fn build(
        &self,
        builder: &::vm_sdk::__private::VmInventoryBuilder<'_>,
    ) -> ::vm_sdk::__private::InventoryResult<Self::Executor, Self::Periphery> {
        let mut __inventory = ::vm_sdk::__private::VmInventory::<
            Self::Executor,
            Self::Periphery,
        >::new();
        let sum = Arc::new(AtomicU32::new(self.0));
        __inventory
            .add_executor(
                HintsExecutor::Count(CountChip(AddChip, sum.clone())),
                ::core::iter::Iterator::map(
                    <MulOpcode as ::vm_sdk::__private::LocalOpcode>::ALL.iter(),
                    |__opcode| ::vm_sdk::__private::LocalOpcode::global_opcode(*__opcode),
                ),
            )?;
        __inventory
            .add_periphery_chip(HintsPeriphery::Total(TotalChip(HelperChip, sum)));
        __inventory.add_phantom::<HintIsqrt>(HintIsqrt)?;
        for __value in (1..=self.0).map(|number| HintOf { number: number as u16 }) {
            __inventory.add_phantom::<HintOf>(__value)?;
        }
        __inventory.add_phantom_sub_executor(0x20, HintInput)?;
        ::core::result::Result::Ok(__inventory)
    }
}
#[cfg(not(target_arch = "riscv32"))]
impl Hints {
    /// The annotated instructions, chip by chip, and the declared phantom instructions.
    pub fn instructions() -> ::std::vec::Vec<::vm_sdk::__private::InstructionInfo> {
        let mut __all = ::std::vec::Vec::new();
        __all
            .extend_from_slice(
                &[
                    <HintIsqrt as ::vm_sdk::__private::PhantomSpec>::INFO,
                    <HintOf as ::vm_sdk::__private::PhantomSpec>::INFO,
                ],
            );
        __all
    }
}
