//! The enums of chips that `#[vm_extension]` and `#[derive(VmConfig)]` generate.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Generics, Ident, Visibility};

use crate::delegate::{Arm, DelegatingTrait, Delegation, Shape};
use crate::delegated_traits::{ANY_ENUM, CHIP, CHIP_USAGE_GETTER, INSTRUCTION_EXECUTOR};
use crate::frame::Macro;
use crate::private::Private;

/// An enum of chips.
pub(crate) struct ChipEnum<'a> {
    pub(crate) private: &'a Private,
    pub(crate) visibility: &'a Visibility,
    pub(crate) name: &'a Ident,
    pub(crate) generics: Generics,
    pub(crate) docs: String,
    /// How the enum executes instructions, if its chips are executors.
    pub(crate) executor: Option<&'static DelegatingTrait>,
    /// Doc comment of each variant, and the variant.
    pub(crate) variants: Vec<(Vec<Attribute>, Arm)>,
}

impl<'a> ChipEnum<'a> {
    /// Returns an enum without chips, for stubs.
    pub(crate) fn rejected(private: &'a Private, visibility: &'a Visibility, name: &'a Ident, executes: bool) -> Self {
        let docs = " Has no chips: the macro reported errors.".to_owned();
        let executor = executes.then_some(&INSTRUCTION_EXECUTOR);
        Self { private, visibility, name, generics: Generics::default(), docs, executor, variants: Vec::new() }
    }

    /// Returns the enum and the impls of the delegating traits.
    pub(crate) fn expand(&self) -> TokenStream {
        let Self { private, visibility, name, generics, docs, executor, variants } = self;
        let delegation = Delegation {
            private: (*private).clone(),
            name: (*name).clone(),
            generics: generics.clone(),
            shape: Shape::Enum(variants.iter().map(|(_, arm)| arm.clone()).collect()),
        };
        let executor = executor.map(|executor| executor.expand(&delegation));
        let impls = [ANY_ENUM, CHIP_USAGE_GETTER, CHIP].map(|derived| derived.expand(&delegation));
        let variants = variants.iter().map(|(docs, Arm { variant, ty, boxed, .. })| {
            let ty = if *boxed { quote!(::std::boxed::Box<#ty>) } else { quote!(#ty) };
            quote!(#(#docs)* #variant(#ty),)
        });
        let clause = &generics.where_clause;
        quote! {
            #[doc = #docs]
            #[allow(clippy::large_enum_variant)]
            #visibility enum #name #generics #clause {
                #(#variants)*
            }
            #executor
            #(#impls)*
        }
    }
}
