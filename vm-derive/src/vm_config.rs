//! `#[derive(VmConfig)]`: a machine from a list of extensions.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{
    Attribute, DeriveInput, Field, GenericArgument, Generics, Ident, PathArguments, Type, TypePath, parse_quote,
};

use crate::chip_enum::ChipEnum;
use crate::ctxt::Ctxt;
use crate::delegate::Arm;
use crate::delegated_traits::{CALLED_EXECUTOR, INSTRUCTION_EXECUTOR};
use crate::frame::Macro;
use crate::generics::{is_generic, restrict};
use crate::item::{named_fields, refuse_lifetimes};
use crate::private::Private;
use crate::span::located;
use crate::symbol::{EXTENSION, MACHINE_FIELD, SYSTEM};
use crate::text::text;

/// Variant of the executors of extensions that can be left out.
const OPTIONAL: &str = "Optional";

/// The derive.
pub(crate) struct VmConfig;

/// A validated machine.
pub(crate) struct Machine<'a> {
    private: &'a Private,
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

impl Macro for VmConfig {
    type Arguments = Private;
    type Item = DeriveInput;
    type Model<'a> = Machine<'a>;

    fn validate<'a>(&self, cx: &Ctxt, private: &'a Private, input: &'a mut DeriveInput) -> Option<Machine<'a>> {
        let fields = named_fields(
            cx,
            input,
            "a machine is a struct with named fields: each names an extension",
            "`VmConfig` is for structs: one field per extension",
        )?;
        refuse_lifetimes(cx, &input.generics, "a machine");
        let mut system: Option<&Ident> = None;
        let mut extensions: Vec<Extension<'a>> = Vec::new();
        for field in fields {
            let Some(name) = &field.ident else { continue };
            let marks = MACHINE_FIELD.flags(cx, &field.attrs);
            match (marks.iter().any(|mark| mark == SYSTEM), marks.iter().any(|mark| mark == EXTENSION)) {
                (true, true) => cx.error(name, format!("`{name}` is either the system or an extension, not both")),
                (false, false) => cx.error(
                    name,
                    format!(
                        "`{name}` has no role: mark it with `#[extension]`, or with `#[system]` if it is the `SystemConfig`"
                    ),
                ),
                (true, false) => match system {
                    Some(other) => cx.error(name, format!("duplicate `#[system]`: `{other}` is already the system")),
                    None => system = Some(name),
                },
                (false, true) => extensions.extend(extension(cx, &extensions, field, name)),
            }
        }
        let is_optional = extensions.iter().any(|extension| extension.optional);
        if let Some(named) = extensions.iter().find(|extension| is_optional && extension.variant == OPTIONAL) {
            cx.error(
                named.field,
                format!(
                    "the variant `{OPTIONAL}` is for the extensions that can be left out: rename `{}`",
                    named.field
                ),
            );
        }
        if system.is_none() {
            cx.error(
                &input.ident,
                format!("machine `{}` has no system: add a field `#[system] system: SystemConfig`", input.ident),
            );
        }
        Some(Machine { private, input, system: system?, extensions })
    }

    fn expand(&self, model: &Machine<'_>) -> TokenStream {
        let Machine { private, input, system, extensions } = model;
        let name = &input.ident;
        let (executor, periphery) = enum_names(input);
        let types: Vec<&Type> = extensions.iter().map(|extension| extension.ty).collect();
        let (required, optional) =
            (|| extensions.iter().filter(|of| !of.optional), || extensions.iter().filter(|of| of.optional));
        let chips = |name, generics: &Generics, docs, executor, variants| {
            let (visibility, generics) = (&input.vis, generics.clone());
            ChipEnum { private, visibility, name, generics, docs, executor, variants }.expand()
        };
        // A match with an arm per extension would cost each instruction an indirect jump. Boxed, so that one tag tells all
        // executors apart.
        let optional_executor = format_ident!("{}OptionalExecutor", input.ident);
        let mut executors = variants(private, required(), "Executor");
        let optional_enum = optional().next().is_some().then(|| {
            let generics = enum_generics(model, optional());
            let (_, arguments, _) = generics.split_for_impl();
            let (variant, ty) = (format_ident!("{OPTIONAL}"), parse_quote!(#optional_executor #arguments));
            let docs = vec![parse_quote!(#[doc = " Of an extension that can be left out."])];
            executors.push((docs, Arm { variant, ty, nested: true, boxed: true }));
            let docs = format!(" Executors of the extensions of [`{name}`] that can be left out.");
            let variants = variants(private, optional(), "Executor");
            chips(&optional_executor, &generics, docs, Some(&CALLED_EXECUTOR), variants)
        });
        let enum_generics = enum_generics(model, extensions.iter());
        let docs = format!(" Executors of [`{name}`].");
        let executor_enum = chips(&executor, &enum_generics, docs, Some(&INSTRUCTION_EXECUTOR), executors);
        let docs = format!(" Chips of [`{name}`]'s extensions that execute no instructions.");
        let periphery_enum =
            chips(&periphery, &enum_generics, docs, None, variants(private, extensions.iter(), "Periphery"));

        let mut generics = input.generics.clone();
        for ty in types.iter().filter(|ty| is_generic(ty, &input.generics)) {
            let predicates = &mut generics.make_where_clause().predicates;
            predicates.push(parse_quote!(#ty: #private::VmExtension));
            predicates.push(parse_quote!(<#ty as #private::VmExtension>::Executor: 'static));
            predicates.push(parse_quote!(<#ty as #private::VmExtension>::Periphery: 'static));
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
            let constructor = if *optional {
                let optional = format_ident!("{OPTIONAL}");
                quote!(|__executor| #executor::#optional(::std::boxed::Box::new(#optional_executor::#variant(__executor))))
            } else {
                quote!(#executor::#variant)
            };
            let register = quote_spanned! {located(*ty)=>
                __inventory.register(__port, #extension, #constructor, #periphery::#variant)?;
            };
            if *optional {
                quote!(if let ::core::option::Option::Some(__extension) = &self.#field { #register })
            } else {
                register
            }
        });
        quote! {
            #executor_enum
            #optional_enum
            #periphery_enum

            const _: () = {
                #[automatically_derived]
                impl #parameters #private::VmConfig for #name #arguments #clause {
                    type Executor = #executor #enum_arguments;
                    type Periphery = #periphery #enum_arguments;

                    fn system(&self) -> &#private::SystemConfig {
                        &self.#system
                    }

                    fn system_mut(&mut self) -> &mut #private::SystemConfig {
                        &mut self.#system
                    }

                    #[allow(unused_mut, unused_variables)]
                    fn create_inventory(
                        &self,
                        __port: #private::SystemPort,
                    ) -> #private::InventoryResult<Self::Executor, Self::Periphery> {
                        let mut __inventory = #private::VmInventory::<Self::Executor, Self::Periphery>::new();
                        #(#registrations)*
                        ::core::result::Result::Ok(__inventory)
                    }
                }
            };
        }
    }

    fn stub(&self, private: &Private, input: &DeriveInput) -> TokenStream {
        let name = &input.ident;
        if input.generics.lifetimes().next().is_some() {
            // A machine is `'static`: an impl would only add errors about that.
            return TokenStream::new();
        }
        let (executor, periphery) = enum_names(input);
        let (parameters, arguments, clause) = input.generics.split_for_impl();
        let executor_enum = ChipEnum::rejected(private, &input.vis, &executor, true).expand();
        let periphery_enum = ChipEnum::rejected(private, &input.vis, &periphery, false).expand();
        quote! {
            #executor_enum
            #periphery_enum
            #[automatically_derived]
            impl #parameters #private::VmConfig for #name #arguments #clause {
                type Executor = #executor;
                type Periphery = #periphery;
                fn system(&self) -> &#private::SystemConfig { ::core::unimplemented!() }
                fn system_mut(&mut self) -> &mut #private::SystemConfig { ::core::unimplemented!() }
                fn create_inventory(
                    &self,
                    _: #private::SystemPort,
                ) -> #private::InventoryResult<Self::Executor, Self::Periphery> {
                    ::core::unimplemented!()
                }
            }
        }
    }
}

fn extension<'a>(cx: &Ctxt, others: &[Extension<'a>], field: &'a Field, name: &'a Ident) -> Option<Extension<'a>> {
    let (ty, optional) = match option_argument(&field.ty) {
        Some(inner) => (inner, true),
        None => (&field.ty, false),
    };
    let variant = variant_name(name);
    let Some(variant) = variant else {
        cx.error(name, format!("no variant name can be made from `{name}`: rename the field, for example to `rv32` for the variant `Rv32`"));
        return None;
    };
    if let Some(other) = others.iter().find(|other| other.variant == variant) {
        cx.error(name, format!("`{}` and `{name}` both give the variant `{variant}`: rename one", other.field));
    }
    if let Some(other) = others.iter().find(|other| other.ty == ty) {
        cx.error(
            ty,
            format!(
                "duplicate extension: `{}` already has the type `{}`, and a machine has each extension once",
                other.field,
                text(ty)
            ),
        );
    }
    Some(Extension { field: name, variant, ty, optional })
}

/// Returns `X` if the type is `Option<X>`.
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

/// Returns the name of a field as a variant: `Bigint` for `big_int`.
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

/// Returns the names of the generated enums.
fn enum_names(input: &DeriveInput) -> (Ident, Ident) {
    (format_ident!("{}Executor", input.ident), format_ident!("{}Periphery", input.ident))
}

/// Returns the variants that hold the extensions' executors (`Executor`) or periphery chips (`Periphery`).
fn variants<'a>(
    private: &'a Private,
    extensions: impl Iterator<Item = &'a Extension<'a>>,
    projection: &str,
) -> Vec<(Vec<Attribute>, Arm)> {
    let variants = extensions.map(|Extension { variant, ty, .. }| {
        let docs = format!(" Of `{}`.", text(ty));
        let projection = Ident::new(projection, located(*ty));
        let chips = quote_spanned!(located(*ty)=> <#ty as #private::VmExtension>::#projection);
        let arm = Arm { variant: variant.clone(), ty: Type::Verbatim(chips), nested: true, boxed: false };
        (vec![parse_quote!(#[doc = #docs])], arm)
    });
    variants.collect()
}

/// Returns the parameters of an enum whose variants hold the chips of extensions.
fn enum_generics<'a>(model: &Machine<'_>, extensions: impl Iterator<Item = &'a Extension<'a>>) -> Generics {
    let types: Vec<&Type> = extensions.map(|extension| extension.ty).collect();
    let (private, all) = (model.private, &model.input.generics);
    let mut generics = restrict(all, &types);
    for ty in types.into_iter().filter(|ty| is_generic(ty, all)) {
        generics.make_where_clause().predicates.push(parse_quote!(#ty: #private::VmExtension));
    }
    generics
}
