//! The expansion of a validated extension.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, Generics, Ident, ItemStruct, Type, TypePath, parse_quote};

use crate::chip_enum::ChipEnum;
use crate::delegate::Arm;
use crate::delegated_traits::INSTRUCTION_EXECUTOR;
use crate::generics::{is_generic, restrict};
use crate::private::Private;
use crate::span::located;
use crate::text::{SnakeCase, text};

use super::parse::{Entry, Executor, Opcodes, Phantom, Shared, Values, is_annotated};
use super::{Extension, Instruction, Names, PeripheryChip, Tested};

pub(super) fn expand(model: &Extension<'_>) -> TokenStream {
    let Extension { names, item, instructions, executors, periphery, .. } = model;
    let extension = &item.ident;
    let annotated = instructions.iter().flat_map(Instruction::entries).map(|entry| (entry, String::new()));
    let executors = executors.iter().map(|executor| (&executor.entry, executor_docs(executor)));
    let executor_docs = format!(" Executors of [`{extension}`].");
    let executor_enum = chip_enum(model, &names.executor, executor_docs, true, annotated.chain(executors));
    let periphery = periphery.iter().map(|chip| (chip.entry, periphery_docs(chip)));
    let periphery_docs = format!(" Chips of [`{extension}`] that execute no instructions.");
    let periphery_enum = chip_enum(model, &names.periphery, periphery_docs, false, periphery);
    let enums = [&executor_enum, &periphery_enum].map(|chips| {
        let (definition, conversions) = (chips.expand(), conversions(chips));
        quote!(#definition #(#conversions)*)
    });
    let disjoint = assert_disjoint(model);
    let implementation = implementation(model, &executor_enum.generics, &periphery_enum.generics);
    let table = table(model);
    let tests = tests(model);
    quote! {
        #item
        #(#enums)*
        #disjoint
        #implementation
        #table
        #(#tests)*
    }
}

/// Returns the function that lists the annotated instructions, for documentation.
fn table(model: &Extension<'_>) -> Option<TokenStream> {
    let Extension { names: Names { private, .. }, item, instructions, phantoms, .. } = model;
    let declared: Vec<&TypePath> = phantoms
        .iter()
        .filter_map(|phantom| match phantom {
            Phantom::Declared { ty, .. } => Some(ty),
            Phantom::Executor { .. } => None,
        })
        .collect();
    if instructions.is_empty() && declared.is_empty() {
        return None;
    }
    let (name, types) = (&item.ident, instructions.iter().map(|instruction| &instruction.annotated.ty));
    let (parameters, arguments, clause) = item.generics.split_for_impl();
    let phantoms = (!declared.is_empty())
        .then(|| quote!(__all.extend_from_slice(&[#(<#declared as #private::PhantomSpec>::INFO),*]);));
    Some(quote! {
        impl #parameters #name #arguments #clause {
            /// The annotated instructions, chip by chip, and the declared phantom instructions.
            pub fn instructions() -> ::std::vec::Vec<#private::InstructionInfo> {
                let mut __all = ::std::vec::Vec::new();
                #(__all.extend_from_slice(<#types as #private::InstructionSpec>::INSTRUCTIONS);)*
                #phantoms
                __all
            }
        }
    })
}

/// Returns one soundness test per chip of the annotated instructions.
fn tests(model: &Extension<'_>) -> Vec<TokenStream> {
    let private = model.names.private;
    let (value, [check, check_specialised]) = match &model.tests {
        Some(Tested::Extension(value)) => (value, ["check_instruction", "check_specialised"]),
        Some(Tested::Machine(value)) => (value, ["check_instruction_on", "check_specialised_on"]),
        None => return Vec::new(),
    };
    let prefix = model.item.ident.unraw().to_string().to_snake();
    let test = |entry: &Entry, check: TokenStream| {
        let name = format_ident!("{prefix}_{}_is_sound", entry.variant.unraw().to_string().to_snake());
        quote_spanned! {located(&entry.ty)=>
            #[cfg(test)]
            #[::core::prelude::v1::test]
            fn #name() {
                #private::#check(&#value);
            }
        }
    };
    let instructions = model.instructions.iter().flat_map(|Instruction { annotated, entry, specialised }| {
        let ty = &annotated.ty;
        let check = Ident::new(check, located(ty));
        let general = test(entry, quote_spanned!(located(ty)=> #check::<_, #ty>));
        let specialised = annotated.specialised.as_ref().zip(specialised.as_ref()).map(|(adapter, entry)| {
            let check = Ident::new(check_specialised, located(adapter));
            test(entry, quote_spanned!(located(adapter)=> #check::<_, #ty, #adapter>))
        });
        std::iter::once(general).chain(specialised)
    });
    instructions.collect()
}

fn executor_docs(executor: &Executor) -> String {
    let ty = text(&executor.entry.ty);
    match &executor.opcodes {
        Opcodes::Class(class) => format!(" `{ty}`: executes all of `{}`.", text(class)),
        Opcodes::List(list) => {
            let list: Vec<String> = list.iter().map(|opcode| format!("`{}`", text(opcode))).collect();
            format!(" `{ty}`: executes {}.", list.join(", "))
        }
    }
}

fn periphery_docs(chip: &PeripheryChip<'_>) -> String {
    let ty = text(&chip.entry.ty);
    if chip.shared { format!(" `{ty}`, shared between extensions.") } else { format!(" `{ty}`.") }
}

/// Returns one of the two generated enums, with the parameters of the struct that its chips mention.
fn chip_enum<'a>(
    model: &'a Extension<'_>,
    name: &'a Ident,
    docs: String,
    executes: bool,
    chips: impl Iterator<Item = (&'a Entry, String)>,
) -> ChipEnum<'a> {
    let Extension { names: Names { private, .. }, item, .. } = model;
    let variant = |(Entry { docs, variant, ty, .. }, default_docs): (&Entry, String)| {
        let default_docs = || vec![parse_quote!(#[doc = #default_docs])];
        let docs: Vec<Attribute> = if docs.is_empty() { default_docs() } else { docs.clone() };
        (docs, Arm { variant: variant.clone(), ty: ty.clone(), nested: false, boxed: false })
    };
    let variants: Vec<_> = chips.map(variant).collect();
    let types: Vec<&Type> = variants.iter().map(|(_, arm)| &arm.ty).collect();
    let generics = restrict(&item.generics, &types);
    let executor = executes.then_some(&INSTRUCTION_EXECUTOR);
    ChipEnum { private, visibility: &item.vis, name, generics, docs, executor, variants }
}

/// Returns a `From` impl per chip. The chip of an annotated instruction has none: its type is a projection, which the
/// compiler cannot distinguish from the enum itself when the instruction is another crate's or depends on a parameter.
fn conversions(chips: &ChipEnum<'_>) -> Vec<TokenStream> {
    let ChipEnum { name, generics, variants, .. } = chips;
    let (parameters, arguments, clause) = generics.split_for_impl();
    let convertible = variants.iter().map(|(_, arm)| arm).filter(|arm| !is_annotated(&arm.ty));
    let conversions = convertible.map(|Arm { variant, ty, .. }| {
        quote_spanned! {located(ty)=>
            #[automatically_derived]
            impl #parameters ::core::convert::From<#ty> for #name #arguments #clause {
                fn from(__chip: #ty) -> Self {
                    Self::#variant(__chip)
                }
            }
        }
    });
    conversions.collect()
}

/// Returns assertions that the classes of different executors do not overlap. An overlap is an error where the
/// extension is compiled, with the names of both classes, rather than when a machine is built.
fn assert_disjoint(model: &Extension<'_>) -> Option<TokenStream> {
    let private = model.names.private;
    let classes: Vec<(&Ident, &Type)> = model
        .executors
        .iter()
        .filter(|executor| !executor.specialised)
        .filter_map(|executor| match &executor.opcodes {
            Opcodes::Class(class) if !is_generic(class, &model.item.generics) => Some((&executor.entry.variant, class)),
            _ => None,
        })
        .collect();
    let asserts: Vec<TokenStream> = classes
        .iter()
        .enumerate()
        .flat_map(|(i, second)| classes.iter().take(i).map(move |first| (first, second)))
        .map(|((first_variant, first), (second_variant, second))| {
            let message = format!(
                "opcode classes `{}` (executor {first_variant}) and `{}` (executor {second_variant}) overlap: change one \
                 `#[opcode_offset]`",
                text(first),
                text(second),
            );
            quote_spanned!(located(second)=> ::core::assert!(#private::are_disjoint::<#first, #second>(), #message);)
        })
        .collect();
    if asserts.is_empty() {
        return None;
    }
    Some(quote! {
        const _: () = {
            #(#asserts)*
        };
    })
}

fn implementation(model: &Extension<'_>, executor_generics: &Generics, periphery_generics: &Generics) -> TokenStream {
    let Extension { names: Names { private, executor, periphery }, item, .. } = model;
    let name = &item.ident;
    let generics = bounded(model);
    let (parameters, arguments, clause) = generics.split_for_impl();
    let (_, executor_arguments, _) = executor_generics.split_for_impl();
    let (_, periphery_arguments, _) = periphery_generics.split_for_impl();
    // The user's expressions cannot refer to a name with this hygiene.
    let inventory = Ident::new("__inventory", Span::mixed_site());

    let shared = model.shared.iter().map(|Shared { name, value }| quote!(let #name = #value;));
    let build = |Entry { ty, value, .. }: &Entry| match value {
        Some(value) => value.to_token_stream(),
        None => quote_spanned!(located(ty)=> <#ty as #private::BuildChip<Self>>::build(self, builder)?),
    };
    let executors = model.executors.iter().map(|Executor { entry, opcodes, specialised }| {
        let (Entry { variant, ty, .. }, chip) = (entry, build(entry));
        let opcodes = opcodes_of(private, opcodes);
        let add = Ident::new(if *specialised { "add_specialised_executor" } else { "add_executor" }, Span::call_site());
        quote_spanned!(located(ty)=> #inventory.#add(#executor::#variant(#chip), #opcodes)?;)
    });
    let instructions = model.instructions.iter().map(|Instruction { annotated, entry, specialised }| {
        let (ty, variant) = (&annotated.ty, &entry.variant);
        let register = |value: TokenStream| {
            quote_spanned!(located(ty)=> #inventory.add_instruction::<#ty>(builder, #value, #executor::#variant)?)
        };
        // Registers the chip or the chips of a value.
        let register = |value: TokenStream| match (specialised, &annotated.specialised) {
            (Some(Entry { variant, .. }), Some(adapter)) => {
                let register = register(quote!(::core::clone::Clone::clone(&__instruction)));
                quote_spanned! {located(adapter)=> {
                    let __instruction: #ty = #value;
                    let __first = #register;
                    #inventory.add_specialised_instruction::<#ty, #adapter>(
                        builder, __first, __instruction, #executor::#variant,
                    )?;
                }}
            }
            _ => {
                let register = register(value);
                quote!(#register;)
            }
        };
        match &annotated.value {
            Some(Values::One(value)) => register(value.to_token_stream()),
            Some(Values::Each(values)) => {
                let register = register(quote!(__value));
                quote_spanned! {located(values)=>
                    for __value in #values {
                        #register
                    }
                }
            }
            None => register(quote_spanned!(located(ty)=> <#ty as #private::DefaultInstruction>::VALUE)),
        }
    });
    let periphery_chips = model.periphery.iter().map(|PeripheryChip { entry, shared }| {
        let (Entry { variant, ty, .. }, chip) = (entry, build(entry));
        let add = quote_spanned!(located(ty)=> #inventory.add_periphery_chip(#periphery::#variant(#chip)););
        if *shared { quote_spanned!(located(ty)=> if builder.find_chip::<#ty>().is_empty() { #add }) } else { add }
    });
    let phantoms = model.phantoms.iter().map(|phantom| match phantom {
        Phantom::Executor { discriminant, executor } => quote_spanned! {located(executor)=>
            #inventory.add_phantom_sub_executor(#discriminant, #executor)?;
        },
        Phantom::Declared { ty, value: Some(Values::Each(values)) } => quote_spanned! {located(values)=>
            for __value in #values {
                #inventory.add_phantom::<#ty>(__value)?;
            }
        },
        Phantom::Declared { ty, value } => {
            let value = match value {
                Some(Values::One(value)) => value.to_token_stream(),
                _ => ty.to_token_stream(),
            };
            quote_spanned!(located(ty)=> #inventory.add_phantom::<#ty>(#value)?;)
        }
    });
    let buses = model.buses.iter().map(|bus| quote_spanned!(located(bus)=> #inventory.add_bus(#bus);));
    let words = model.words.iter().map(|words| {
        quote_spanned! {located(words)=>
            for __decoder in #words {
                #inventory.add_decoder(__decoder)?;
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #parameters #private::VmExtension for #name #arguments #clause {
            type Executor = #executor #executor_arguments;
            type Periphery = #periphery #periphery_arguments;

            #[allow(unused_mut, unused_variables)]
            fn build(
                &self,
                builder: &#private::VmInventoryBuilder<'_>,
            ) -> #private::InventoryResult<Self::Executor, Self::Periphery> {
                let mut #inventory = #private::VmInventory::<Self::Executor, Self::Periphery>::new();
                #(#shared)*
                #(#instructions)*
                #(#executors)*
                #(#periphery_chips)*
                #(#phantoms)*
                #(#buses)*
                #(#words)*
                ::core::result::Result::Ok(#inventory)
            }
        }
    }
}

/// Returns the struct's generics with the bounds of the chip types that depend on a parameter.
fn bounded(model: &Extension<'_>) -> Generics {
    let private = model.names.private;
    let mut generics = model.item.generics.clone();
    let executors = model.executors.iter().map(|executor| (&executor.entry, true));
    let periphery = model.periphery.iter().map(|chip| (chip.entry, false));
    for ty in model.instructions.iter().map(|instruction| &instruction.annotated.ty) {
        if is_generic(ty, &model.item.generics) {
            let predicates = &mut generics.make_where_clause().predicates;
            predicates.push(parse_quote!(#ty: #private::InstructionSpec));
        }
    }
    for (Entry { ty, value, .. }, executes) in executors.chain(periphery) {
        if is_generic(ty, &model.item.generics) {
            let executor = executes.then(|| quote!(+ #private::InstructionExecutor));
            let build = value.is_none().then(|| quote!(#private::BuildChip<Self> +));
            let predicates = &mut generics.make_where_clause().predicates;
            predicates.push(parse_quote!(#ty: #build #private::Chip #executor + 'static));
        }
    }
    generics
}

fn opcodes_of(private: &Private, opcodes: &Opcodes) -> TokenStream {
    match opcodes {
        Opcodes::Class(class) => quote_spanned! {located(class)=>
            ::core::iter::Iterator::map(
                <#class as #private::LocalOpcode>::ALL.iter(),
                |__opcode| #private::LocalOpcode::global_opcode(*__opcode),
            )
        },
        Opcodes::List(list) => {
            let list = list
                .iter()
                .map(|opcode| quote_spanned!(located(opcode)=> #private::LocalOpcode::global_opcode(#opcode)));
            quote!([#(#list),*])
        }
    }
}

/// Returns enums without variants and an impl without content.
pub(super) fn stub(names: &Names<'_>, item: &ItemStruct) -> TokenStream {
    let Names { private, executor, periphery } = names;
    if executor == periphery || *executor == item.ident || *periphery == item.ident {
        return TokenStream::new();
    }
    let name = &item.ident;
    let (parameters, arguments, clause) = item.generics.split_for_impl();
    let executor_enum = ChipEnum::rejected(private, &item.vis, executor, true).expand();
    let periphery_enum = ChipEnum::rejected(private, &item.vis, periphery, false).expand();
    quote! {
        #executor_enum
        #periphery_enum
        #[automatically_derived]
        impl #parameters #private::VmExtension for #name #arguments #clause {
            type Executor = #executor;
            type Periphery = #periphery;
            fn build(
                &self,
                _: &#private::VmInventoryBuilder<'_>,
            ) -> #private::InventoryResult<Self::Executor, Self::Periphery> {
                ::core::unimplemented!()
            }
        }
    }
}
