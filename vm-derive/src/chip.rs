//! `#[derive(Chip)]`: AIR and traces of the chip inside.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Generics, Ident, Path, parse_quote};

use crate::delegate::{Arm, DelegatingTrait, Delegation, Receiver, located};

/// The derive.
pub(crate) const CHIP: DelegatingTrait = DelegatingTrait { name: "Chip", structs: true, expand, stub };

/// The impl for a checked item.
pub(crate) fn expand(model: &Delegation) -> TokenStream {
    let Delegation { krate, name, .. } = model;
    let generics = model.bounded(|Arm { ty, .. }| parse_quote!(#ty: #krate::arch::Chip));
    let (parameters, arguments, clause) = generics.split_for_impl();
    let air = model.dispatch(
        Receiver::Shared,
        |Arm { ty, .. }, value| quote_spanned!(located(ty)=> <#ty as #krate::arch::Chip>::air(#value)),
    );
    let generate_traces = model.dispatch(
        Receiver::Mutable,
        |Arm { ty, .. }, value| quote_spanned!(located(ty)=> <#ty as #krate::arch::Chip>::generate_traces(#value, __ctx)),
    );
    let as_lookup_table = model.dispatch(
        Receiver::Shared,
        |Arm { ty, .. }, value| quote_spanned!(located(ty)=> <#ty as #krate::arch::Chip>::as_lookup_table(#value)),
    );
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters #krate::arch::Chip for #name #arguments #clause {
                fn air(&self) -> #krate::stark::AirRef {
                    #air
                }

                fn generate_traces(
                    &mut self,
                    __ctx: &#krate::arch::TraceContext<'_>,
                ) -> ::core::result::Result<#krate::arch::ChipTraces, #krate::arch::GenerationError> {
                    #generate_traces
                }

                fn as_lookup_table(&self) -> ::core::option::Option<&dyn #krate::arch::LookupTable> {
                    #as_lookup_table
                }
            }
        };
    }
}

fn stub(krate: &Path, name: &Ident, generics: &Generics) -> TokenStream {
    let (parameters, arguments, clause) = generics.split_for_impl();
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters #krate::arch::Chip for #name #arguments #clause {
                fn air(&self) -> #krate::stark::AirRef { ::core::unimplemented!() }
                fn generate_traces(
                    &mut self,
                    _: &#krate::arch::TraceContext<'_>,
                ) -> ::core::result::Result<#krate::arch::ChipTraces, #krate::arch::GenerationError> {
                    ::core::unimplemented!()
                }
            }
        };
    }
}
