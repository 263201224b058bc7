//! `#[derive(InstructionExecutor)]`: execution by the executor inside.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Generics, Ident, Path, parse_quote};

use crate::delegate::{Arm, DelegatingTrait, Delegation, Receiver, located};

/// The derive.
pub(crate) const INSTRUCTION_EXECUTOR: DelegatingTrait =
    DelegatingTrait { name: "InstructionExecutor", structs: true, expand, stub };

/// The impl for a checked item. `execute` is the hot path of every run: a plain match, always inlined.
pub(crate) fn expand(model: &Delegation) -> TokenStream {
    let Delegation { krate, name, .. } = model;
    let generics = model.bounded(|Arm { ty, .. }| parse_quote!(#ty: #krate::arch::InstructionExecutor));
    let (parameters, arguments, clause) = generics.split_for_impl();
    let execute = model.dispatch(Receiver::Mutable, |Arm { ty, .. }, value| {
        quote_spanned! {located(ty)=>
            <#ty as #krate::arch::InstructionExecutor>::execute(#value, __vm, __instruction, __from)
        }
    });
    let get_opcode_name = model.dispatch(Receiver::Shared, |Arm { ty, .. }, value| {
        quote_spanned!(located(ty)=> <#ty as #krate::arch::InstructionExecutor>::get_opcode_name(#value, __opcode))
    });
    let accepts = model.dispatch(Receiver::Shared, |Arm { ty, .. }, value| {
        quote_spanned!(located(ty)=> <#ty as #krate::arch::InstructionExecutor>::accepts(#value, __instruction))
    });
    let signature = signature(krate);
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters #krate::arch::InstructionExecutor for #name #arguments #clause {
                #[inline(always)]
                #signature {
                    #execute
                }

                fn accepts(&self, __instruction: &#krate::instructions::Instruction) -> ::core::primitive::bool {
                    #accepts
                }

                fn get_opcode_name(&self, __opcode: #krate::instructions::VmOpcode) -> ::std::string::String {
                    #get_opcode_name
                }
            }
        };
    }
}

fn signature(krate: &Path) -> TokenStream {
    quote! {
        fn execute<__Mode: #krate::arch::ExecutionMode>(
            &mut self,
            __vm: &mut #krate::arch::VmState<__Mode>,
            __instruction: &#krate::instructions::Instruction,
            __from: #krate::arch::ExecutionState<::core::primitive::u32>,
        ) -> #krate::arch::ExecutionResult<#krate::arch::ExecutionState<::core::primitive::u32>>
    }
}

fn stub(krate: &Path, name: &Ident, generics: &Generics) -> TokenStream {
    let (parameters, arguments, clause) = generics.split_for_impl();
    let signature = signature(krate);
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters #krate::arch::InstructionExecutor for #name #arguments #clause {
                #[allow(unused_variables)]
                #signature { ::core::unimplemented!() }
                fn get_opcode_name(&self, _: #krate::instructions::VmOpcode) -> ::std::string::String {
                    ::core::unimplemented!()
                }
            }
        };
    }
}
