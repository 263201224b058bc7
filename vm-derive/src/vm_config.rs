//! `#[derive(VmConfig)]`: a machine from a list of extensions.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{
    Data, DeriveInput, Field, Fields, GenericArgument, Generics, Ident, Path, PathArguments, Type, TypePath,
    parse_quote,
};

use crate::attr::{flag, vm_crate};
use crate::ctxt::Ctxt;
use crate::delegate::{Arm, Delegation, Shape, located};
use crate::generics::{is_generic, restrict};
use crate::symbol::{EXTENSION, SYSTEM};
use crate::text::text;
use crate::vm_extension::{delegating_impls, empty_enum};

/// A checked machine.
struct Machine<'a> {
    krate: Path,
    input: &'a DeriveInput,
    system: &'a Ident,
    extensions: Vec<Extension<'a>>,
}

/// A field with `#[extension]`.
struct Extension<'a> {
    field: &'a Ident,
    /// Variant of the generated enums.
    variant: Ident,
    /// Type of the extension, without the `Option`.
    ty: &'a Type,
    optional: bool,
}

/// Entry point.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let krate = vm_crate(&cx, &input.attrs);
    let model = validate(&cx, &input, krate.clone());
    match cx.finish(model) {
        Ok(model) => expand(&model),
        Err(error) => {
            let error = error.to_compile_error();
            let stub = stub(&krate, &input);
            quote!(#error #stub)
        }
    }
}

fn validate<'a>(cx: &Ctxt, input: &'a DeriveInput, krate: Path) -> Option<Machine<'a>> {
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => &fields.named,
            Fields::Unnamed(_) | Fields::Unit => {
                cx.error(&input.ident, "a machine is a struct with named fields: each names an extension");
                return None;
            }
        },
        Data::Enum(data) => {
            cx.error(data.enum_token, "`VmConfig` is for structs: one field per extension");
            return None;
        }
        Data::Union(data) => {
            cx.error(data.union_token, "`VmConfig` is for structs: one field per extension");
            return None;
        }
    };
    for lifetime in input.generics.lifetimes() {
        cx.error(lifetime, "a machine borrows nothing: remove the lifetime parameter");
    }
    let mut system: Option<&Ident> = None;
    let mut extensions: Vec<Extension<'a>> = Vec::new();
    for field in fields {
        let Some(name) = &field.ident else { continue };
        match (flag(cx, &field.attrs, SYSTEM), flag(cx, &field.attrs, EXTENSION)) {
            (true, true) => cx.error(name, format!("`{name}` is either the system or an extension, not both")),
            (false, false) => cx.error(
                name,
                format!(
                    "what is `{name}`? mark it with `#[extension]`, or with `#[system]` if it is the `SystemConfig`"
                ),
            ),
            (true, false) => match system {
                Some(other) => cx.error(name, format!("duplicate `#[system]`: `{other}` is the system already")),
                None => system = Some(name),
            },
            (false, true) => extensions.extend(extension(cx, &extensions, field, name)),
        }
    }
    if system.is_none() {
        cx.error(
            &input.ident,
            format!("machine `{}` has no system: add a field `#[system] system: SystemConfig`", input.ident),
        );
    }
    Some(Machine { krate, input, system: system?, extensions })
}

fn extension<'a>(cx: &Ctxt, others: &[Extension<'a>], field: &'a Field, name: &'a Ident) -> Option<Extension<'a>> {
    let (ty, optional) = match option_argument(&field.ty) {
        Some(inner) => (inner, true),
        None => (&field.ty, false),
    };
    let variant = variant_name(name);
    let Some(variant) = variant else {
        cx.error(name, format!("`{name}` gives no usable variant name: rename the field, such as `rv32` for `Rv32`"));
        return None;
    };
    if let Some(other) = others.iter().find(|other| other.variant == variant) {
        cx.error(name, format!("`{}` and `{name}` both give the variant `{variant}`: rename one", other.field));
    }
    if let Some(other) = others.iter().find(|other| other.ty == ty) {
        cx.error(
            ty,
            format!(
                "duplicate extension: `{}` is `{}` already; a machine has each extension once",
                other.field,
                text(ty)
            ),
        );
    }
    Some(Extension { field: name, variant, ty, optional })
}

/// `X` of `Option<X>`.
fn option_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(TypePath { qself: None, path }) = ty else { return None };
    let last = path.segments.last()?;
    let prefix: Vec<String> = path.segments.iter().rev().skip(1).map(|segment| segment.ident.to_string()).collect();
    let is_option = last.ident == "Option"
        && matches!(prefix.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), [] | ["option", "core" | "std"]);
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if is_option && arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}

/// `BigInt` for `big_int`.
fn variant_name(field: &Ident) -> Option<Ident> {
    let mut name = String::new();
    for word in field.unraw().to_string().split('_') {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            name.extend(first.to_uppercase());
            name.push_str(letters.as_str());
        }
    }
    let mut variant = syn::parse_str::<Ident>(&name).ok()?;
    variant.set_span(located(field));
    Some(variant)
}

/// Names of the generated enums.
fn enum_names(input: &DeriveInput) -> (Ident, Ident) {
    (format_ident!("{}Executor", input.ident), format_ident!("{}Periphery", input.ident))
}

fn expand(model: &Machine<'_>) -> TokenStream {
    let Machine { krate, input, system, extensions } = model;
    let name = &input.ident;
    let (executor, periphery) = enum_names(input);
    let types: Vec<&Type> = extensions.iter().map(|extension| extension.ty).collect();
    let enum_generics = restrict(&input.generics, &types);
    let executor_enum = chip_enum(model, &executor, "Executor", &enum_generics, format!(" Executors of [`{name}`]."));
    let periphery_enum = chip_enum(
        model,
        &periphery,
        "Periphery",
        &enum_generics,
        format!(" Chips of [`{name}`]'s extensions that execute no instructions."),
    );

    let mut generics = input.generics.clone();
    for ty in types.iter().filter(|ty| is_generic(ty, &input.generics)) {
        let predicates = &mut generics.make_where_clause().predicates;
        predicates.push(parse_quote!(#ty: #krate::arch::VmExtension));
        predicates.push(parse_quote!(<#ty as #krate::arch::VmExtension>::Executor: 'static));
        predicates.push(parse_quote!(<#ty as #krate::arch::VmExtension>::Periphery: 'static));
    }
    if !input.generics.params.is_empty() {
        let (_, arguments, _) = input.generics.split_for_impl();
        let predicates = &mut generics.make_where_clause().predicates;
        predicates.push(parse_quote!(#name #arguments: ::core::clone::Clone));
        predicates.push(parse_quote!(#name #arguments: ::core::marker::Send + ::core::marker::Sync + 'static));
    }
    let (parameters, arguments, clause) = generics.split_for_impl();
    let (_, enum_arguments, _) = enum_generics.split_for_impl();
    let registrations = extensions.iter().map(|Extension { field, variant, ty, optional }| {
        let extension = if *optional { quote!(__extension) } else { quote!(&self.#field) };
        let register = quote_spanned! {located(*ty)=>
            __inventory.register(__port, #extension, #executor::#variant, #periphery::#variant)?;
        };
        if *optional {
            quote!(if let ::core::option::Option::Some(__extension) = &self.#field { #register })
        } else {
            register
        }
    });
    quote! {
        #executor_enum
        #periphery_enum

        const _: () = {
            #[automatically_derived]
            impl #parameters #krate::arch::VmConfig for #name #arguments #clause {
                type Executor = #executor #enum_arguments;
                type Periphery = #periphery #enum_arguments;

                fn system(&self) -> &#krate::arch::SystemConfig {
                    &self.#system
                }

                fn system_mut(&mut self) -> &mut #krate::arch::SystemConfig {
                    &mut self.#system
                }

                #[allow(unused_mut, unused_variables)]
                fn create_inventory(
                    &self,
                    __port: #krate::arch::SystemPort,
                ) -> ::core::result::Result<
                    #krate::arch::VmInventory<Self::Executor, Self::Periphery>,
                    #krate::arch::VmInventoryError,
                > {
                    let mut __inventory = #krate::arch::VmInventory::<Self::Executor, Self::Periphery>::new();
                    #(#registrations)*
                    ::core::result::Result::Ok(__inventory)
                }
            }
        };
    }
}

/// The enum whose variants hold the extensions' `projection`s.
fn chip_enum(model: &Machine<'_>, name: &Ident, projection: &str, generics: &Generics, docs: String) -> TokenStream {
    let krate = &model.krate;
    let visibility = &model.input.vis;
    let mut generics = generics.clone();
    for extension in model.extensions.iter().filter(|extension| is_generic(extension.ty, &model.input.generics)) {
        let ty = extension.ty;
        generics.make_where_clause().predicates.push(parse_quote!(#ty: #krate::arch::VmExtension));
    }
    let arms: Vec<Arm> = model
        .extensions
        .iter()
        .map(|Extension { variant, ty, .. }| {
            let projection = Ident::new(projection, located(*ty));
            let ty = quote_spanned!(located(*ty)=> <#ty as #krate::arch::VmExtension>::#projection);
            Arm { variant: variant.clone(), ty: Type::Verbatim(ty), nested: true }
        })
        .collect();
    let variants = model.extensions.iter().zip(&arms).map(|(extension, Arm { variant, ty, .. })| {
        let docs = format!(" Of `{}`.", text(extension.ty));
        quote!(#[doc = #docs] #variant(#ty),)
    });
    let (_, _, clause) = generics.split_for_impl();
    let definition = quote! {
        #[doc = #docs]
        #[allow(clippy::large_enum_variant)]
        #visibility enum #name #generics #clause {
            #(#variants)*
        }
    };
    let delegation =
        Delegation { krate: krate.clone(), name: name.clone(), generics: generics.clone(), shape: Shape::Enum(arms) };
    let impls = delegating_impls(&delegation, projection == "Executor");
    quote!(#definition #impls)
}

/// Enums without variants and an impl without content, so that a rejected machine causes no further errors where it is
/// used.
fn stub(krate: &Path, input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    let visibility = &input.vis;
    if input.generics.lifetimes().next().is_some() {
        // A machine is `'static`; an impl would only add errors about that.
        return TokenStream::new();
    }
    let (executor, periphery) = enum_names(input);
    let (parameters, arguments, clause) = input.generics.split_for_impl();
    let executor_enum = empty_enum(krate, visibility, &executor, true);
    let periphery_enum = empty_enum(krate, visibility, &periphery, false);
    quote! {
        #executor_enum
        #periphery_enum
        #[automatically_derived]
        impl #parameters #krate::arch::VmConfig for #name #arguments #clause {
            type Executor = #executor;
            type Periphery = #periphery;
            fn system(&self) -> &#krate::arch::SystemConfig { ::core::unimplemented!() }
            fn system_mut(&mut self) -> &mut #krate::arch::SystemConfig { ::core::unimplemented!() }
            fn create_inventory(
                &self,
                _: #krate::arch::SystemPort,
            ) -> ::core::result::Result<
                #krate::arch::VmInventory<Self::Executor, Self::Periphery>,
                #krate::arch::VmInventoryError,
            > {
                ::core::unimplemented!()
            }
        }
    }
}
