//! What the delegating derives share: an enum whose variants hold one value each, or a struct around one chip.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Data, DataEnum, DataStruct, DeriveInput, Fields, Generics, Ident, Index, Member, Path, Type, WherePredicate,
};

use crate::attr::{flag, vm_crate};
use crate::ctxt::Ctxt;
use crate::generics::is_generic;
use crate::symbol::{ANY_ENUM, CHIP};

/// A checked item whose methods are those of the value inside.
pub(crate) struct Delegation {
    pub(crate) krate: Path,
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
    /// The value is an enum that implements `AnyEnum` itself.
    pub(crate) nested: bool,
}

/// How a method takes `self`.
#[derive(Clone, Copy)]
pub(crate) enum Receiver {
    Shared,
    Mutable,
}

/// A trait whose derive delegates, and how to expand it.
pub(crate) struct DelegatingTrait {
    /// Its name, for messages.
    pub(crate) name: &'static str,
    /// Whether it can be derived on structs.
    pub(crate) structs: bool,
    /// The impl.
    pub(crate) expand: fn(&Delegation) -> TokenStream,
    /// An impl without content, given the crate path.
    pub(crate) stub: fn(&Path, &Ident, &Generics) -> TokenStream,
}

impl DelegatingTrait {
    /// Derives the trait.
    pub(crate) fn derive(&self, input: TokenStream) -> TokenStream {
        let input = match syn::parse2::<DeriveInput>(input) {
            Ok(input) => input,
            Err(error) => return error.to_compile_error(),
        };
        let cx = Ctxt::new();
        let krate = vm_crate(&cx, &input.attrs);
        let model = self.validate(&cx, &input).map(|shape| Delegation {
            krate: krate.clone(),
            name: input.ident.clone(),
            generics: input.generics.clone(),
            shape,
        });
        match cx.finish(model) {
            Ok(model) => (self.expand)(&model),
            Err(error) => {
                let error = error.to_compile_error();
                let stub = (self.stub)(&krate, &input.ident, &input.generics);
                quote!(#error #stub)
            }
        }
    }

    fn validate(&self, cx: &Ctxt, input: &DeriveInput) -> Option<Shape> {
        match &input.data {
            Data::Enum(data) => Some(Shape::Enum(self.validate_enum(cx, data))),
            Data::Struct(data) if self.structs => validate_struct(cx, input, data),
            Data::Struct(data) => {
                cx.error(data.struct_token, format!("`{}` is for enums of chips", self.name));
                None
            }
            Data::Union(data) => {
                let kinds = if self.structs { "enums and structs" } else { "enums" };
                cx.error(data.union_token, format!("`{}` is for {kinds}, not for unions", self.name));
                None
            }
        }
    }

    fn validate_enum(&self, cx: &Ctxt, data: &DataEnum) -> Vec<Arm> {
        let arms = data.variants.iter().filter_map(|variant| {
            let nested = flag(cx, &variant.attrs, ANY_ENUM);
            match &variant.fields {
                Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                    let field = fields.unnamed.first()?;
                    for attr in field.attrs.iter().filter(|attr| attr.path().is_ident(ANY_ENUM)) {
                        cx.error(attr, format!("`#[any_enum]` belongs before the variant `{}`", variant.ident));
                    }
                    Some(Arm { variant: variant.ident.clone(), ty: field.ty.clone(), nested })
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
}

fn validate_struct(cx: &Ctxt, input: &DeriveInput, data: &DataStruct) -> Option<Shape> {
    let marked: Vec<_> = data.fields.iter().map(|field| flag(cx, &field.attrs, CHIP)).collect();
    let fields = || data.fields.iter().enumerate();
    let chosen: Vec<_> = match data.fields.len() {
        1 => fields().collect(),
        _ => fields().filter(|(i, _)| marked.get(*i).copied().unwrap_or(false)).collect(),
    };
    match chosen.as_slice() {
        [(i, field)] => {
            let member = field.ident.clone().map_or_else(|| Member::Unnamed(Index::from(*i)), Member::Named);
            Some(Shape::Struct { member, ty: Box::new(field.ty.clone()) })
        }
        [] if data.fields.is_empty() => {
            cx.error(&input.ident, format!("`{}` has no field that could be its chip", input.ident));
            None
        }
        [] => {
            cx.error(&input.ident, format!("which field of `{}` is its chip? mark it with `#[chip]`", input.ident));
            None
        }
        [_, others @ ..] => {
            for (_, field) in others {
                match &field.ident {
                    Some(name) => cx.error(name, "only one field can be the chip: another one is marked already"),
                    None => cx.error(&field.ty, "only one field can be the chip: another one is marked already"),
                }
            }
            None
        }
    }
}

/// The place of `tokens`, with the hygiene of the macro's call: errors point at the user's type, and the names in
/// generated code resolve also if the type came through another macro.
pub(crate) fn located(tokens: &impl Spanned) -> Span {
    Span::call_site().located_at(tokens.span())
}

/// `tokens` at the place of others, each with the hygiene that it has: an error about all of them together points there.
pub(crate) fn at(tokens: impl ToTokens, place: &impl Spanned) -> TokenStream {
    fn moved(tokens: TokenStream, place: Span) -> TokenStream {
        let moved = tokens.into_iter().map(|mut tree| {
            if let TokenTree::Group(group) = &tree {
                tree = TokenTree::Group(Group::new(group.delimiter(), moved(group.stream(), place)));
            }
            tree.set_span(tree.span().located_at(place));
            tree
        });
        moved.collect()
    }
    moved(tokens.into_token_stream(), place.span())
}

impl Delegation {
    /// The values inside.
    fn arms(&self) -> Vec<Arm> {
        match &self.shape {
            Shape::Enum(arms) => arms.clone(),
            Shape::Struct { ty, .. } => vec![Arm { variant: self.name.clone(), ty: (**ty).clone(), nested: false }],
        }
    }

    /// The body of a method: `call(type, value)` for the value inside.
    pub(crate) fn dispatch(&self, receiver: Receiver, call: impl Fn(&Arm, &TokenStream) -> TokenStream) -> TokenStream {
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
                let value = match receiver {
                    Receiver::Shared => quote_spanned!(located(ty)=> &self.#member),
                    Receiver::Mutable => quote_spanned!(located(ty)=> &mut self.#member),
                };
                self.arms().iter().map(|arm| call(arm, &value)).collect()
            }
        }
    }

    /// The generics with `bound(value)` for every value inside whose type depends on a parameter.
    pub(crate) fn bounded(&self, bound: impl Fn(&Arm) -> WherePredicate) -> Generics {
        let mut generics = self.generics.clone();
        let arms = self.arms();
        let predicates: Vec<_> = arms.iter().filter(|arm| is_generic(&arm.ty, &self.generics)).map(bound).collect();
        if !predicates.is_empty() {
            generics.make_where_clause().predicates.extend(predicates);
        }
        generics
    }
}
