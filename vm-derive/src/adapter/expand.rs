//! The expansion of a validated declaration: the declaration as types and constants.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{DeriveInput, Expr, Ident, Type};

use crate::item::host_only;
use crate::private::Private;
use crate::span::{at, located};

use super::parse::{Arguments, Kind, Value};
use super::validate::{Destination, Model, Sources};

pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let Model { private, item, format, sources, destination } = model;
    let DeriveInput { attrs, vis, ident, generics, .. } = item;
    let (parameters, arguments, clause) = generics.split_for_impl();
    let host_only = host_only();
    let fields = sources.values.iter().filter(|value| matches!(value.kind, Kind::Register | Kind::Block(_)));
    let fields = fields.map(|value| field(format, &value.name));
    let destination_field = match destination {
        Destination::Value(value) => {
            let field = field(format, &value.name);
            quote!(::core::option::Option::Some(#field))
        }
        _ => quote!(::core::option::Option::None),
    };
    let (source_types, destination_type) = (source_types(private, sources), destination_type(private, destination));
    let checks = checks(model);
    quote! {
        #host_only
        #(#attrs)*
        #vis struct #ident #generics #clause {
            port: #private::SystemPort,
        }
        #host_only
        const _: () = {
            #[automatically_derived]
            impl #parameters #private::DeclaredAdapter for #ident #arguments #clause {
                type Format = #format;
                type Sources = #source_types;
                type Destination = #destination_type;
                const REGISTERS: &'static [#private::RegisterField] = &[#(#fields),*];
                const DESTINATION: ::core::option::Option<#private::RegisterField> = #destination_field;

                fn with_port(__port: #private::SystemPort) -> Self {
                    Self { port: __port }
                }

                fn port(&self) -> #private::SystemPort {
                    self.port
                }
            }
            #checks
        };
    }
}

/// Returns the constant of a format that describes the field of a register.
fn field(format: &Type, name: &Ident) -> TokenStream {
    let constant = Ident::new(&name.to_string().to_uppercase(), located(name));
    quote_spanned!(located(name)=> <#format>::#constant)
}

/// Returns the list of sources as a type.
fn source_types(private: &Private, sources: &Sources<'_>) -> TokenStream {
    let kinds: Vec<TokenStream> = sources.values.iter().map(|value| kind(private, value)).collect();
    match (sources.count, &kinds[..]) {
        (Some(count), [first, ..]) => quote!([#first; #count]),
        (None, [first, _]) if sources.are_equal() => quote!(#private::Pair<#first>),
        (None, [first, _, _]) if sources.are_equal() => quote!(#private::Triple<#first>),
        _ => quote!((#(#kinds,)*)),
    }
}

fn destination_type(private: &Private, destination: &Destination<'_>) -> TokenStream {
    match destination {
        Destination::None => quote!(()),
        Destination::Value(value) => kind(private, value),
        Destination::Branch(span) => quote_spanned!(*span=> #private::Branch),
    }
}

fn kind(private: &Private, value: &Value) -> TokenStream {
    match &value.kind {
        Kind::Register => quote!(#private::Register),
        Kind::Immediate => quote!(#private::Immediate),
        Kind::Block(words) => {
            let words = argument(words);
            quote!(#private::Block<#words>)
        }
        Kind::Hint(words) => {
            let words = argument(words);
            quote!(#private::Hint<#words>)
        }
    }
}

/// Returns an expression as an argument of a type.
fn argument(expression: &Expr) -> TokenStream {
    match expression {
        Expr::Lit(_) => expression.to_token_stream(),
        Expr::Path(path) if path.path.get_ident().is_some() => expression.to_token_stream(),
        _ => quote!({ #expression }),
    }
}

/// Returns checks that only the compiler can make, each at the token that it is about. If the adapter has parameters,
/// they are made where it is used.
fn checks(Model { private, item, format, sources, destination }: &Model<'_>) -> Option<TokenStream> {
    if !item.generics.params.is_empty() {
        return None;
    }
    let mut checks = Vec::new();
    let written = match destination {
        Destination::Value(value) => Some(*value),
        _ => None,
    };
    for value in sources.values.iter().copied().chain(written) {
        match &value.kind {
            Kind::Block(Expr::Lit(_)) | Kind::Hint(Expr::Lit(_)) | Kind::Register => {}
            Kind::Block(words) | Kind::Hint(words) => checks.push(at(quote!(#private::check_block(#words)), words)),
            Kind::Immediate => checks.push(at(quote!(#private::check_immediate::<#format>()), &value.name)),
        }
    }
    if let Destination::Branch(span) = destination {
        checks.push(at(quote!(#private::check_target::<#format>()), &Ident::new("branch", *span)));
    }
    Some(quote!(#(const _: () = #checks;)*))
}

/// Returns the item, and an impl without content.
pub(super) fn stub(arguments: &Arguments, item: &DeriveInput) -> TokenStream {
    let private = &arguments.private;
    let ident = &item.ident;
    if item.generics.lifetimes().next().is_some() || item.generics.type_params().next().is_some() {
        return item.to_token_stream();
    }
    let sources = Sources::of(arguments);
    let source_types = match sources.values[..] {
        [] => {
            let register = format_ident!("Register");
            quote!((#private::#register,))
        }
        _ => source_types(private, &Sources { count: None, ..sources }),
    };
    let destination = destination_type(private, &Destination::of(arguments));
    // Uses the import of the format, so that the compiler does not report it as unused.
    let format = arguments.format.as_ref().filter(|_| item.generics.params.is_empty());
    let format = format.map(|format| quote!(const _: ::core::option::Option<#format> = ::core::option::Option::None;));
    let (parameters, own_arguments, clause) = item.generics.split_for_impl();
    let unimplemented = quote!(::core::unimplemented!());
    quote! {
        #item
        const _: () = {
            #format
            #[automatically_derived]
            impl #parameters #private::DeclaredAdapter for #ident #own_arguments #clause {
                type Format = #private::RejectedFormat;
                type Sources = #source_types;
                type Destination = #destination;
                const REGISTERS: &'static [#private::RegisterField] = &[];
                const DESTINATION: ::core::option::Option<#private::RegisterField> = ::core::option::Option::None;
                const REJECTED: ::core::primitive::bool = true;

                fn with_port(_: #private::SystemPort) -> Self {
                    #unimplemented
                }

                fn port(&self) -> #private::SystemPort {
                    #unimplemented
                }
            }
        };
    }
}
