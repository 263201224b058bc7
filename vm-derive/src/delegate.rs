//! The delegating derives: an enum whose variants hold one value each, or a struct around one chip, has the methods of
//! the value inside.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Data, DataEnum, DataStruct, DeriveInput, Fields, FnArg, Generics, Ident, Index, ItemTrait, Member, Pat, Signature,
    TraitItem, TraitItemFn, Type, WherePredicate, parse_quote,
};

use crate::ctxt::Ctxt;
use crate::frame::Macro;
use crate::generics::is_generic;
use crate::item::keyword;
use crate::private::Private;
use crate::span::located;
use crate::symbol::{ANY_ENUM, CHIP};

/// A trait that is derived by delegation.
pub(crate) struct DelegatingTrait {
    /// The methods, given the path of the SDK.
    pub(crate) definition: fn(&Private) -> ItemTrait,
    /// Whether the methods return the value inside of an enum, rather than calling the method of the value. A variant
    /// with `#[any_enum]` still calls it.
    pub(crate) exposes_value: bool,
}

/// A validated item whose methods are those of the value inside.
pub(crate) struct Delegation {
    pub(crate) private: Private,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) shape: Shape,
}

/// Where the value is.
pub(crate) enum Shape {
    Enum(Vec<Arm>),
    Struct { member: Member, ty: Box<Type> },
}

/// A variant `variant(ty)`.
#[derive(Clone)]
pub(crate) struct Arm {
    pub(crate) variant: Ident,
    pub(crate) ty: Type,
    /// Whether the value is an enum that implements `AnyEnum` itself.
    pub(crate) nested: bool,
    /// Whether the variant holds a box with the value.
    pub(crate) boxed: bool,
}

impl Macro for DelegatingTrait {
    type Arguments = Private;
    type Item = DeriveInput;
    type Model<'a> = Delegation;

    fn validate<'a>(&self, cx: &Ctxt, private: &'a Private, input: &'a mut DeriveInput) -> Option<Delegation> {
        let derived = || (self.definition)(private).ident;
        let shape = match &input.data {
            Data::Enum(data) => Some(Shape::Enum(validate_enum(cx, data))),
            Data::Struct(data) if !self.exposes_value => validate_struct(cx, input, data),
            Data::Struct(_) => {
                cx.error(keyword(input), format!("`{}` is for enums of chips", derived()));
                None
            }
            Data::Union(_) => {
                let kinds = if self.exposes_value { "enums" } else { "enums and structs" };
                cx.error(keyword(input), format!("`{}` is for {kinds}, not for unions", derived()));
                None
            }
        };
        let (name, generics) = (input.ident.clone(), input.generics.clone());
        Some(Delegation { private: private.clone(), name, generics, shape: shape? })
    }

    fn expand(&self, model: &Delegation) -> TokenStream {
        let Delegation { private, name, .. } = model;
        let definition = (self.definition)(private);
        let derived = &definition.ident;
        let exposes = |arm: &Arm| self.exposes_value && !arm.nested;
        let generics = model.bounded(|arm| {
            let ty = &arm.ty;
            if exposes(arm) { parse_quote!(#ty: 'static) } else { parse_quote!(#ty: #private::#derived) }
        });
        let bodies = |method: &TraitItemFn| {
            let TraitItemFn { sig, .. } = method;
            let arguments = sig.inputs.iter().filter_map(|input| match input {
                FnArg::Typed(typed) => match &*typed.pat {
                    Pat::Ident(argument) => Some(&argument.ident),
                    _ => None,
                },
                FnArg::Receiver(_) => None,
            });
            let arguments: Vec<&Ident> = arguments.collect();
            model.dispatch(sig, |arm, value| {
                let ty = &arm.ty;
                if let (true, syn::ReturnType::Type(_, exposed)) = (exposes(arm), &sig.output) {
                    return quote_spanned!(located(ty)=> #value as #exposed);
                }
                let method = Ident::new(&sig.ident.to_string(), located(ty));
                quote_spanned!(located(ty)=> <#ty as #private::#derived>::#method(#value #(, #arguments)*))
            })
        };
        implement(&definition, private, name, &generics, bodies)
    }

    fn stub(&self, private: &Private, input: &DeriveInput) -> TokenStream {
        let definition = (self.definition)(private);
        implement(&definition, private, &input.ident, &input.generics, |_| quote!(::core::unimplemented!()))
    }
}

/// Returns the impl of a trait, given the bodies of its methods.
fn implement(
    definition: &ItemTrait,
    private: &Private,
    name: &Ident,
    generics: &Generics,
    body: impl Fn(&TraitItemFn) -> TokenStream,
) -> TokenStream {
    let ItemTrait { ident, items, .. } = definition;
    let (parameters, arguments, clause) = generics.split_for_impl();
    let methods = items.iter().filter_map(|item| {
        let TraitItem::Fn(method) = item else { return None };
        let (TraitItemFn { attrs, sig, .. }, body) = (method, body(method));
        Some(quote!(#(#attrs)* #sig { #body }))
    });
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters #private::#ident for #name #arguments #clause {
                #(#methods)*
            }
        };
    }
}

fn validate_enum(cx: &Ctxt, data: &DataEnum) -> Vec<Arm> {
    let arms = data.variants.iter().filter_map(|variant| {
        let nested = !ANY_ENUM.flags(cx, &variant.attrs).is_empty();
        match &variant.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                let field = fields.unnamed.first()?;
                for attr in field.attrs.iter().filter(|attr| ANY_ENUM.find(attr).is_some()) {
                    cx.error(attr, format!("`#[any_enum]` belongs before the variant `{}`", variant.ident));
                }
                Some(Arm { variant: variant.ident.clone(), ty: field.ty.clone(), nested, boxed: false })
            }
            _ => {
                cx.error(
                    variant,
                    // The same text from every derive: the compiler shows it once.
                    format!("variant `{0}` must hold exactly one value: write `{0}(SomeChip)`", variant.ident),
                );
                None
            }
        }
    });
    arms.collect()
}

fn validate_struct(cx: &Ctxt, input: &DeriveInput, data: &DataStruct) -> Option<Shape> {
    let marked: Vec<bool> = data.fields.iter().map(|field| !CHIP.flags(cx, &field.attrs).is_empty()).collect();
    let fields = data.fields.iter().enumerate().zip(marked);
    let chosen: Vec<_> =
        fields.filter(|(_, marked)| *marked || data.fields.len() == 1).map(|(field, _)| field).collect();
    match chosen.as_slice() {
        [(i, field)] => {
            let member = field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(*i)), Member::Named);
            return Some(Shape::Struct { member, ty: Box::new(field.ty.clone()) });
        }
        [] if data.fields.is_empty() => {
            cx.error(&input.ident, format!("`{}` has no field that could be its chip", input.ident));
        }
        [] => cx.error(
            &input.ident,
            format!("`{}` has several fields: mark the one that is its chip with `#[chip]`", input.ident),
        ),
        [_, others @ ..] => {
            for (_, field) in others {
                let place = field.ident.as_ref().map_or_else(|| field.ty.to_token_stream(), ToTokens::to_token_stream);
                cx.error(place, "only one field can be the chip, and another one is already marked");
            }
        }
    }
    None
}

impl Delegation {
    /// Returns the values inside.
    fn arms(&self) -> Vec<Arm> {
        match &self.shape {
            Shape::Enum(arms) => arms.clone(),
            Shape::Struct { ty, .. } => {
                vec![Arm { variant: self.name.clone(), ty: (**ty).clone(), nested: false, boxed: false }]
            }
        }
    }

    /// Returns the body of a method: `call(type, value)` for the value inside.
    fn dispatch(&self, method: &Signature, call: impl Fn(&Arm, &TokenStream) -> TokenStream) -> TokenStream {
        match &self.shape {
            Shape::Enum(arms) if arms.is_empty() => quote!(match *self {}),
            Shape::Enum(arms) => {
                let arms = arms.iter().map(|arm| {
                    let variant = &arm.variant;
                    let value = quote_spanned!(located(&arm.ty)=> __value);
                    let call = call(arm, &value);
                    quote_spanned!(located(&arm.ty)=> Self::#variant(#value) => #call,)
                });
                quote!(match self { #(#arms)* })
            }
            Shape::Struct { member, ty } => {
                let mutability = method.receiver().and_then(|receiver| receiver.mutability);
                let value = quote_spanned!(located(ty)=> &#mutability self.#member);
                self.arms().iter().map(|arm| call(arm, &value)).collect()
            }
        }
    }

    /// Returns the generics with `bound(value)` for every value inside whose type depends on a parameter.
    fn bounded(&self, bound: impl Fn(&Arm) -> WherePredicate) -> Generics {
        let mut generics = self.generics.clone();
        let arms = self.arms();
        let predicates: Vec<_> = arms.iter().filter(|arm| is_generic(&arm.ty, &self.generics)).map(bound).collect();
        if !predicates.is_empty() {
            generics.make_where_clause().predicates.extend(predicates);
        }
        generics
    }
}
