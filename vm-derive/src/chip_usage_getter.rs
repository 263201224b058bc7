//! `#[derive(ChipUsageGetter)]`: the trace size of the chip inside.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Generics, Ident, Path, parse_quote};

use crate::delegate::{Arm, DelegatingTrait, Delegation, Receiver, located};

/// The derive.
pub(crate) const CHIP_USAGE_GETTER: DelegatingTrait =
    DelegatingTrait { name: "ChipUsageGetter", structs: true, expand, stub };

/// The impl for a checked item.
pub(crate) fn expand(model: &Delegation) -> TokenStream {
    let Delegation { krate, name, .. } = model;
    let generics = model.bounded(|Arm { ty, .. }| parse_quote!(#ty: #krate::arch::ChipUsageGetter));
    let (parameters, arguments, clause) = generics.split_for_impl();
    let method = |method: &str| {
        model.dispatch(Receiver::Shared, |Arm { ty, .. }, value| {
            let method = Ident::new(method, located(ty));
            quote_spanned!(located(ty)=> <#ty as #krate::arch::ChipUsageGetter>::#method(#value))
        })
    };
    let air_name = method("air_name");
    let current_trace_height = method("current_trace_height");
    let trace_width = method("trace_width");
    let current_trace_cells = method("current_trace_cells");
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters #krate::arch::ChipUsageGetter for #name #arguments #clause {
                fn air_name(&self) -> ::std::string::String {
                    #air_name
                }

                fn current_trace_height(&self) -> ::core::primitive::usize {
                    #current_trace_height
                }

                fn trace_width(&self) -> ::core::primitive::usize {
                    #trace_width
                }

                fn current_trace_cells(&self) -> ::core::primitive::usize {
                    #current_trace_cells
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
            impl #parameters #krate::arch::ChipUsageGetter for #name #arguments #clause {
                fn air_name(&self) -> ::std::string::String { ::core::unimplemented!() }
                fn current_trace_height(&self) -> ::core::primitive::usize { ::core::unimplemented!() }
                fn trace_width(&self) -> ::core::primitive::usize { ::core::unimplemented!() }
            }
        };
    }
}
