//! The traits of the delegating derives: `AnyEnum`, `ChipUsageGetter`, `Chip` and `InstructionExecutor`.

use syn::{ItemTrait, TraitItem, parse_quote};

use crate::delegate::DelegatingTrait;
use crate::private::Private;

pub(crate) const ANY_ENUM: DelegatingTrait = DelegatingTrait { definition: any_enum, exposes_value: true };
pub(crate) const CHIP_USAGE_GETTER: DelegatingTrait =
    DelegatingTrait { definition: chip_usage_getter, exposes_value: false };
pub(crate) const CHIP: DelegatingTrait = DelegatingTrait { definition: chip, exposes_value: false };
pub(crate) const INSTRUCTION_EXECUTOR: DelegatingTrait =
    DelegatingTrait { definition: instruction_executor, exposes_value: false };
/// The same for chips that many programs do not use: `execute` is called, so that it is no part of the loop of a run.
pub(crate) const CALLED_EXECUTOR: DelegatingTrait =
    DelegatingTrait { definition: called_executor, exposes_value: false };

fn any_enum(_: &Private) -> ItemTrait {
    parse_quote! {
        trait AnyEnum {
            fn as_any_kind(&self) -> &dyn ::core::any::Any;
            fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any;
        }
    }
}

fn chip_usage_getter(_: &Private) -> ItemTrait {
    parse_quote! {
        trait ChipUsageGetter {
            fn air_name(&self) -> ::std::string::String;
            fn current_trace_height(&self) -> ::core::primitive::usize;
            fn trace_width(&self) -> ::core::primitive::usize;
        }
    }
}

fn chip(private: &Private) -> ItemTrait {
    parse_quote! {
        trait Chip {
            fn air(&self) -> #private::AirRef;
            fn generate_traces(
                &mut self,
                __ctx: &#private::TraceContext<'_>,
            ) -> ::core::result::Result<#private::ChipTraces, #private::GenerationError>;
            fn can_set_aside(&self) -> ::core::primitive::bool;
            fn set_aside(
                &mut self,
                __is_fused: &mut dyn ::core::ops::FnMut(::core::primitive::u32) -> ::core::primitive::bool,
            ) -> ::core::primitive::usize;
            fn fill_set_aside(
                &self,
                __ctx: &#private::TraceContext<'_>,
                __index: ::core::primitive::usize,
                __row: &mut [#private::F],
            ) -> ::core::result::Result<(), #private::GenerationError>;
            fn as_lookup_table(&self) -> ::core::option::Option<&dyn #private::LookupTable>;
        }
    }
}

fn instruction_executor(private: &Private) -> ItemTrait {
    parse_quote! {
        trait InstructionExecutor {
            // The hot path of every run: a plain match without a call.
            #[inline(always)]
            fn execute<__Mode: #private::ExecutionMode>(
                &mut self,
                __vm: &mut #private::VmState<__Mode>,
                __instruction: &#private::Instruction,
                __from: #private::ExecutionState<::core::primitive::u32>,
            ) -> #private::ExecutionResult<#private::ExecutionState<::core::primitive::u32>>;
            fn accepts(&self, __instruction: &#private::Instruction) -> ::core::primitive::bool;
            fn get_opcode_name(&self, __opcode: #private::VmOpcode) -> ::std::string::String;
            fn sample_reads(
                &self,
                __opcode: #private::VmOpcode,
                __samples: &mut #private::Samples,
            ) -> ::core::option::Option<::std::vec::Vec<::std::vec::Vec<::core::primitive::u32>>>;
        }
    }
}

fn called_executor(private: &Private) -> ItemTrait {
    let mut definition = instruction_executor(private);
    for item in &mut definition.items {
        if let TraitItem::Fn(method) = item
            && method.sig.ident == "execute"
        {
            method.attrs = vec![parse_quote!(#[inline(never)])];
        }
    }
    definition
}
