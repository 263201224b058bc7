//! `#[derive(AnyEnum)]`: the value inside of an enum as `Any`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Generics, Ident, Path, parse_quote};

use crate::delegate::{Arm, DelegatingTrait, Delegation, Receiver, located};

/// The derive.
pub(crate) const ANY_ENUM: DelegatingTrait = DelegatingTrait { name: "AnyEnum", structs: false, expand, stub };

/// The impl for a checked enum.
pub(crate) fn expand(model: &Delegation) -> TokenStream {
    let Delegation { krate, name, .. } = model;
    let generics =
        model.bounded(
            |Arm { ty, nested, .. }| {
                if *nested { parse_quote!(#ty: #krate::arch::AnyEnum) } else { parse_quote!(#ty: 'static) }
            },
        );
    let (parameters, arguments, clause) = generics.split_for_impl();
    let shared = model.dispatch(Receiver::Shared, |Arm { ty, nested, .. }, value| {
        if *nested {
            quote_spanned!(located(ty)=> <#ty as #krate::arch::AnyEnum>::as_any_kind(#value))
        } else {
            quote_spanned!(located(ty)=> #value as &dyn ::core::any::Any)
        }
    });
    let mutable = model.dispatch(Receiver::Mutable, |Arm { ty, nested, .. }, value| {
        if *nested {
            quote_spanned!(located(ty)=> <#ty as #krate::arch::AnyEnum>::as_any_kind_mut(#value))
        } else {
            quote_spanned!(located(ty)=> #value as &mut dyn ::core::any::Any)
        }
    });
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters #krate::arch::AnyEnum for #name #arguments #clause {
                fn as_any_kind(&self) -> &dyn ::core::any::Any {
                    #shared
                }

                fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any {
                    #mutable
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
            impl #parameters #krate::arch::AnyEnum for #name #arguments #clause {
                fn as_any_kind(&self) -> &dyn ::core::any::Any { ::core::unimplemented!() }
                fn as_any_kind_mut(&mut self) -> &mut dyn ::core::any::Any { ::core::unimplemented!() }
            }
        };
    }
}
