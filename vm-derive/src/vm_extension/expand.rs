//! The expansion of a checked extension.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Generics, Ident, ItemStruct, Path, Type, Visibility, parse_quote};

use crate::delegate::{Arm, Delegation, Shape, located};
use crate::generics::{is_generic, restrict};
use crate::text::{SnakeCase, text};
use crate::{any_enum, chip, chip_usage_getter, instruction_executor};

use super::parse::{Entry, Executor, Opcodes};
use super::{Extension, Instruction, Names, PeripheryChip};

pub(super) fn expand(model: &Extension<'_>) -> TokenStream {
    let Extension { names, item, executors, periphery, .. } = model;
    let extension = &item.ident;
    let executor_enum = ChipEnum {
        names,
        item,
        name: &names.executor,
        docs: format!(" Executors of [`{extension}`]."),
        executes: true,
        variants: annotated(model)
            .map(|entry| (entry, String::new()))
            .chain(executors.iter().map(|executor| (&executor.entry, executor_docs(executor))))
            .collect(),
    };
    let periphery_enum = ChipEnum {
        names,
        item,
        name: &names.periphery,
        docs: format!(" Chips of [`{extension}`] that execute no instructions."),
        executes: false,
        variants: periphery.iter().map(|chip| (chip.entry, periphery_docs(chip))).collect(),
    };
    let executor_tokens = executor_enum.expand();
    let periphery_tokens = periphery_enum.expand();
    let disjoint = assert_disjoint(model);
    let implementation = implementation(model, &executor_enum.generics(), &periphery_enum.generics());
    let tests = tests(model);
    let table = table(model);
    quote! {
        #item
        #executor_tokens
        #periphery_tokens
        #disjoint
        #implementation
        #table
        #(#tests)*
    }
}

/// Entries of the annotated instructions' chips.
fn annotated<'a>(model: &'a Extension<'_>) -> impl Iterator<Item = &'a Entry> {
    model
        .instructions
        .iter()
        .flat_map(|instruction| std::iter::once(&instruction.entry).chain(instruction.specialised.as_ref()))
}

/// The instructions as a list, for documentation.
fn table(model: &Extension<'_>) -> Option<TokenStream> {
    let Extension { names: Names { krate, .. }, item, instructions, .. } = model;
    if instructions.is_empty() {
        return None;
    }
    let (name, types) = (&item.ident, instructions.iter().map(|instruction| &instruction.annotated.ty));
    let (parameters, arguments, clause) = item.generics.split_for_impl();
    Some(quote! {
        impl #parameters #name #arguments #clause {
            /// The annotated instructions, chip by chip.
            pub fn instructions() -> ::std::vec::Vec<#krate::arch::authoring::InstructionInfo> {
                let mut __all = ::std::vec::Vec::new();
                #(__all.extend_from_slice(<#types as #krate::arch::authoring::InstructionSpec>::INSTRUCTIONS);)*
                __all
            }
        }
    })
}

/// One soundness test per chip of the annotated instructions.
fn tests(model: &Extension<'_>) -> Vec<TokenStream> {
    let krate = &model.names.krate;
    let Some(value) = &model.tests else { return Vec::new() };
    let prefix = model.item.ident.unraw().to_string().to_snake();
    let test = |entry: &Entry, check: TokenStream| {
        let name = format_ident!("{prefix}_{}_is_sound", entry.variant.unraw().to_string().to_snake());
        quote_spanned! {located(&entry.ty)=>
            #[cfg(test)]
            #[::core::prelude::v1::test]
            fn #name() {
                #krate::arch::testing::#check(&#value);
            }
        }
    };
    let instructions = model.instructions.iter().flat_map(|Instruction { annotated, entry, specialised }| {
        let ty = &annotated.ty;
        let general = test(entry, quote_spanned!(located(ty)=> check_instruction::<_, #ty>));
        let specialised = annotated.specialised.as_ref().zip(specialised.as_ref()).map(|(adapter, entry)| {
            test(entry, quote_spanned!(located(adapter)=> check_specialised::<_, #ty, #adapter>))
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

/// One of the two generated enums.
struct ChipEnum<'a> {
    names: &'a Names,
    item: &'a ItemStruct,
    name: &'a Ident,
    docs: String,
    executes: bool,
    variants: Vec<(&'a Entry, String)>,
}

impl ChipEnum<'_> {
    /// The parameters of the struct that the variants mention.
    fn generics(&self) -> Generics {
        let types: Vec<&Type> = self.variants.iter().map(|(entry, _)| &entry.ty).collect();
        restrict(&self.item.generics, &types)
    }

    fn expand(&self) -> TokenStream {
        let Self { name, docs, .. } = self;
        let visibility = &self.item.vis;
        let generics = self.generics();
        let (parameters, arguments, clause) = generics.split_for_impl();
        let variants = self.variants.iter().map(|(Entry { docs, variant, ty }, default_docs)| {
            let default_docs = docs.is_empty().then(|| quote!(#[doc = #default_docs]));
            quote!(#(#docs)* #default_docs #variant(#ty),)
        });
        // The chip of an annotated instruction is a projection, which the compiler cannot tell from the enum itself when
        // the instruction is another crate's or depends on a parameter.
        let convertible = self.variants.iter().filter(|(entry, _)| !entry.is_annotated());
        let conversions = convertible.map(|(Entry { variant, ty, .. }, _)| {
            quote_spanned! {located(ty)=>
                #[automatically_derived]
                impl #parameters ::core::convert::From<#ty> for #name #arguments #clause {
                    fn from(__chip: #ty) -> Self {
                        Self::#variant(__chip)
                    }
                }
            }
        });
        let arms = self.variants.iter().map(|(Entry { variant, ty, .. }, _)| Arm {
            variant: variant.clone(),
            ty: ty.clone(),
            nested: false,
        });
        let delegation = Delegation {
            krate: self.names.krate.clone(),
            name: (*name).clone(),
            generics: generics.clone(),
            shape: Shape::Enum(arms.collect()),
        };
        let impls = delegating_impls(&delegation, self.executes);
        quote! {
            #[doc = #docs]
            #[allow(clippy::large_enum_variant)]
            #visibility enum #name #generics #clause {
                #(#variants)*
            }
            #(#conversions)*
            #impls
        }
    }
}

/// The impls that every enum of chips has.
pub(crate) fn delegating_impls(delegation: &Delegation, executes: bool) -> TokenStream {
    let executor = executes.then(|| instruction_executor::expand(delegation));
    let any_enum = any_enum::expand(delegation);
    let usage = chip_usage_getter::expand(delegation);
    let chip = chip::expand(delegation);
    quote!(#executor #any_enum #usage #chip)
}

/// Classes of different executors must not overlap: found here, with both names, rather than when a machine is built.
fn assert_disjoint(model: &Extension<'_>) -> Option<TokenStream> {
    let krate = &model.names.krate;
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
            quote_spanned!(located(second)=> ::core::assert!(__disjoint::<#first, #second>(), #message);)
        })
        .collect();
    if asserts.is_empty() {
        return None;
    }
    Some(quote! {
        const _: () = {
            const fn __end<C: #krate::instructions::LocalOpcode>() -> ::core::primitive::usize {
                C::CLASS_OFFSET as ::core::primitive::usize + C::ALL.len()
            }
            const fn __disjoint<A, B>() -> ::core::primitive::bool
            where
                A: #krate::instructions::LocalOpcode,
                B: #krate::instructions::LocalOpcode,
            {
                __end::<A>() <= B::CLASS_OFFSET as ::core::primitive::usize
                    || __end::<B>() <= A::CLASS_OFFSET as ::core::primitive::usize
            }
            #(#asserts)*
        };
    })
}

fn implementation(model: &Extension<'_>, executor_generics: &Generics, periphery_generics: &Generics) -> TokenStream {
    let Extension { names: Names { krate, executor, periphery }, item, .. } = model;
    let name = &item.ident;
    let generics = bounded(model);
    let (parameters, arguments, clause) = generics.split_for_impl();
    let (_, executor_arguments, _) = executor_generics.split_for_impl();
    let (_, periphery_arguments, _) = periphery_generics.split_for_impl();
    // A name that the user's expressions cannot refer to.
    let inventory = Ident::new("__inventory", Span::mixed_site());

    let build = |ty: &Type| quote_spanned!(located(ty)=> <#ty as #krate::arch::BuildChip<Self>>::build(self, builder)?);
    let executors =
        model.executors.iter().map(|Executor { entry: Entry { variant, ty, .. }, opcodes, specialised }| {
            let chip = build(ty);
            let opcodes = opcodes_of(krate, opcodes);
            let add =
                Ident::new(if *specialised { "add_specialised_executor" } else { "add_executor" }, Span::call_site());
            quote_spanned!(located(ty)=> #inventory.#add(#executor::#variant(#chip), #opcodes)?;)
        });
    let instructions = model.instructions.iter().map(|Instruction { annotated, entry, specialised }| {
        let (ty, variant) = (&annotated.ty, &entry.variant);
        let value = match &annotated.value {
            Some(value) => value.to_token_stream(),
            None => quote_spanned!(located(ty)=> <#ty as #krate::arch::authoring::DefaultInstruction>::VALUE),
        };
        let register = |value: TokenStream| {
            quote_spanned!(located(ty)=> #inventory.add_instruction::<#ty>(builder, #value, #executor::#variant)?)
        };
        match (specialised, &annotated.specialised) {
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
        }
    });
    let periphery_chips = model.periphery.iter().map(|PeripheryChip { entry: Entry { variant, ty, .. }, shared }| {
        let chip = build(ty);
        let add = quote_spanned!(located(ty)=> #inventory.add_periphery_chip(#periphery::#variant(#chip)););
        if *shared { quote_spanned!(located(ty)=> if builder.find_chip::<#ty>().is_empty() { #add }) } else { add }
    });
    let phantoms = model.phantoms.iter().map(|phantom| {
        let (discriminant, sub_executor) = (&phantom.discriminant, &phantom.executor);
        quote_spanned! {located(sub_executor)=>
            #inventory.add_phantom_sub_executor(#discriminant, #sub_executor)?;
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
        impl #parameters #krate::arch::VmExtension for #name #arguments #clause {
            type Executor = #executor #executor_arguments;
            type Periphery = #periphery #periphery_arguments;

            #[allow(unused_mut, unused_variables)]
            fn build(
                &self,
                builder: &#krate::arch::VmInventoryBuilder<'_>,
            ) -> ::core::result::Result<
                #krate::arch::VmInventory<Self::Executor, Self::Periphery>,
                #krate::arch::VmInventoryError,
            > {
                let mut #inventory = #krate::arch::VmInventory::<Self::Executor, Self::Periphery>::new();
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

/// The struct's generics with what chip types that depend on a parameter must implement.
fn bounded(model: &Extension<'_>) -> Generics {
    let krate = &model.names.krate;
    let mut generics = model.item.generics.clone();
    let executors = model.executors.iter().map(|executor| (&executor.entry.ty, true));
    let periphery = model.periphery.iter().map(|chip| (&chip.entry.ty, false));
    for ty in model.instructions.iter().map(|instruction| &instruction.annotated.ty) {
        if is_generic(ty, &model.item.generics) {
            let predicates = &mut generics.make_where_clause().predicates;
            predicates.push(parse_quote!(#ty: #krate::arch::authoring::InstructionSpec));
        }
    }
    for (ty, executes) in executors.chain(periphery).filter(|(ty, _)| is_generic(ty, &model.item.generics)) {
        let executor = executes.then(|| quote!(+ #krate::arch::InstructionExecutor));
        generics
            .make_where_clause()
            .predicates
            .push(parse_quote!(#ty: #krate::arch::BuildChip<Self> + #krate::arch::Chip #executor + 'static));
    }
    generics
}

fn opcodes_of(krate: &Path, opcodes: &Opcodes) -> TokenStream {
    match opcodes {
        Opcodes::Class(class) => quote_spanned! {located(class)=>
            ::core::iter::Iterator::map(
                <#class as #krate::instructions::LocalOpcode>::ALL.iter(),
                |__opcode| #krate::instructions::LocalOpcode::global_opcode(*__opcode),
            )
        },
        Opcodes::List(list) => {
            let list = list.iter().map(
                |opcode| quote_spanned!(located(opcode)=> #krate::instructions::LocalOpcode::global_opcode(#opcode)),
            );
            quote!([#(#list),*])
        }
    }
}

/// Enums without variants and an impl without content, so that a rejected extension causes no further errors where it
/// is used.
pub(super) fn stub(names: &Names, item: &ItemStruct) -> TokenStream {
    let Names { krate, executor, periphery } = names;
    if executor == periphery || *executor == item.ident || *periphery == item.ident {
        return TokenStream::new();
    }
    let name = &item.ident;
    let visibility = &item.vis;
    let (parameters, arguments, clause) = item.generics.split_for_impl();
    let executor_enum = empty_enum(krate, visibility, executor, true);
    let periphery_enum = empty_enum(krate, visibility, periphery, false);
    quote! {
        #executor_enum
        #periphery_enum
        #[automatically_derived]
        impl #parameters #krate::arch::VmExtension for #name #arguments #clause {
            type Executor = #executor;
            type Periphery = #periphery;
            fn build(
                &self,
                _: &#krate::arch::VmInventoryBuilder<'_>,
            ) -> ::core::result::Result<
                #krate::arch::VmInventory<Self::Executor, Self::Periphery>,
                #krate::arch::VmInventoryError,
            > {
                ::core::unimplemented!()
            }
        }
    }
}

/// An enum of chips without variants, for stubs.
pub(crate) fn empty_enum(krate: &Path, visibility: &Visibility, name: &Ident, executes: bool) -> TokenStream {
    let delegation = Delegation {
        krate: krate.clone(),
        name: name.clone(),
        generics: Generics::default(),
        shape: Shape::Enum(Vec::new()),
    };
    let impls = delegating_impls(&delegation, executes);
    quote!(#[doc = " Has no chips: the macro reported errors."] #visibility enum #name {} #impls)
}
