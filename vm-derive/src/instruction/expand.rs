//! The expansion of a checked declaration.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Fields, GenericArgument, LitInt, Path, PathArguments, parse_quote};

use crate::attr::default_crate;
use crate::delegate::{at, located};
use crate::guest::host_only;

use super::parse::Arguments;
use super::validate::{Declaration, InstructionModel, Kind, Model};

pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let Model { krate, declaration, instructions, .. } = model;
    let item = declaration.tokens();
    let host_only = host_only();
    let spec = spec(model);
    let core = match &model.kind {
        Kind::Core { adapter, columns, arguments } => core_spec(model, adapter.to_token_stream(), columns, arguments),
        Kind::MultiRow { .. } | Kind::Rejected => TokenStream::new(),
    };
    let check = check_columns(model);
    let class = opcode_class(model);
    let default = default_instruction(model);
    let functions = instructions.iter().filter_map(|instruction| {
        let (guest, encode) = (instruction.guest.as_ref()?, instruction.encode.as_ref()?);
        let ident = declaration.ident();
        let value = match &instruction.variant {
            Some(variant) => quote!(#ident::#variant),
            None => ident.to_token_stream(),
        };
        // A multi-row instruction works on memory, which a host function does not have.
        let value = matches!(model.kind, Kind::Core { .. }).then_some(value);
        Some(guest.expand(krate, declaration.visibility(), &instruction.docs, encode, value.as_ref()))
    });
    quote! {
        #item
        #(#functions)*
        #host_only
        const _: () = {
            #spec
            #core
            #check
            #class
            #default
        };
    }
}

/// Name, opcodes, encodings and chip.
fn spec(model: &Model<'_>) -> TokenStream {
    let Model { krate, declaration, name, opcode, kind, instructions } = model;
    let ident = declaration.ident();
    let (parameters, arguments, clause) = declaration.generics().split_for_impl();
    let authoring = quote!(#krate::arch::authoring);
    let infos = instructions.iter().map(|InstructionModel { name, summary, encode, guest, .. }| {
        let encoding = optional(encode.as_ref().map(|encode| {
            let (mask, value) = encode.words();
            quote!(#authoring::Encoding::new(#mask, #value))
        }));
        let guest = optional(guest.as_ref().map(|guest| guest.text().to_token_stream()));
        quote!(#authoring::InstructionInfo { name: #name, summary: #summary, encoding: #encoding, guest: #guest })
    });
    let opcode = optional(opcode.map(|opcode| quote!(#opcode)));
    let text = quote!(::core::primitive::str);
    let free_columns = matches!(kind, Kind::Core { .. }).then(|| {
        quote! {
            fn free_columns() -> ::std::vec::Vec<(::std::string::String, &'static #text)> {
                #authoring::free_columns::<Self>()
            }
        }
    });
    let free_cell = match kind {
        Kind::Core { .. } => Some(quote!(#authoring::free_cell::<Self>)),
        Kind::MultiRow { .. } => Some(quote!(<Self as #authoring::MultiRowCore>::free_cell)),
        Kind::Rejected => None,
    };
    let free_cell = free_cell.map(|free_cell| {
        quote! {
            fn free_cell(__column: &#text, __row: &[#krate::stark::F]) -> ::core::option::Option<&'static #text> {
                #free_cell(__column, __row)
            }
        }
    });
    let (operands, chip, build) = match kind {
        Kind::Core { adapter, .. } => (
            adapter.to_token_stream(),
            at(quote!(#authoring::CoreChip<Self, #adapter>), adapter),
            at(quote!(#authoring::core_chip::<Self, #adapter>(self, __port, __opcode)), adapter),
        ),
        // Whatever is wrong, the chip is not what the author has to hear about.
        Kind::Rejected => (quote!(__Undecoded), quote!(#krate::arch::NoChip), quote!(::core::unimplemented!())),
        Kind::MultiRow { operands } => (
            operands.to_token_stream(),
            quote!(#authoring::MultiRowChip<Self>),
            quote! {
                #authoring::MultiRowChip::new(
                    Self::NAME,
                    self,
                    #authoring::RowContext {
                        port: __port,
                        opcode: #krate::instructions::VmOpcode::from_u32(__opcode),
                    },
                    Self::INSTRUCTIONS[0].name,
                )
            },
        ),
    };
    quote! {
        #[automatically_derived]
        impl #parameters #authoring::InstructionSpec for #ident #arguments #clause {
            type Operands = #operands;
            type Chip = #chip;
            const NAME: &'static ::core::primitive::str = #name;
            const INSTRUCTIONS: &'static [#authoring::InstructionInfo] = &[#(#infos),*];
            const OPCODE: ::core::option::Option<::core::primitive::u32> = #opcode;

            #free_columns
            #free_cell

            fn into_chip(self, __port: #krate::arch::SystemPort, __opcode: ::core::primitive::u32) -> Self::Chip {
                #build
            }
        }
    }
}

fn optional(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// Adapter and columns.
fn core_spec(model: &Model<'_>, adapter: TokenStream, columns: &Path, arguments: &Arguments) -> TokenStream {
    let Model { krate, declaration, instructions, .. } = model;
    let authoring = quote!(#krate::arch::authoring);
    let ident = declaration.ident();
    let (parameters, own_arguments, clause) = declaration.generics().split_for_impl();
    let bytes = with_cell(columns, &parse_quote!(::core::primitive::u8));
    let cells = with_cell(columns, &parse_quote!(__Cell));
    let roles = at(quote!(<#bytes as #authoring::ColumnRoles>::ROLES), columns);
    let list = |numbers: &[LitInt]| quote!(&[#(#numbers),*]);
    let (computed_reads, computed_writes) = (list(&arguments.computed_reads), list(&arguments.computed_writes));
    let select = match declaration {
        Declaration::Struct(_) => {
            quote!(if __index == 0 { ::core::option::Option::Some(self) } else { ::core::option::Option::None })
        }
        Declaration::Enum(_) => {
            let variants = instructions.iter().filter_map(|instruction| instruction.variant.as_ref()).enumerate();
            let arms = variants.map(|(i, variant)| quote!(#i => ::core::option::Option::Some(&Self::#variant),));
            quote!(match __index { #(#arms)* _ => ::core::option::Option::None })
        }
    };
    quote_spanned! {located(columns)=>
        #[automatically_derived]
        impl #parameters #authoring::CoreSpec for #ident #own_arguments #clause {
            type Adapter = #adapter;
            type Cols<__Cell> = #cells;
            const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<#bytes>();
            const ROLES: #authoring::Roles = #roles;
            const COMPUTED_READS: &'static [::core::primitive::usize] = #computed_reads;
            const COMPUTED_WRITES: &'static [::core::primitive::usize] = #computed_writes;

            fn column_names() -> ::std::vec::Vec<::std::string::String> {
                #krate::primitives::names_of::<#bytes>()
            }

            #[inline(always)]
            fn cols<__Cell>(__cells: &[__Cell]) -> &Self::Cols<__Cell> {
                ::core::borrow::Borrow::borrow(__cells)
            }

            #[inline(always)]
            fn cols_mut<__Cell>(__cells: &mut [__Cell]) -> &mut Self::Cols<__Cell> {
                ::core::borrow::BorrowMut::borrow_mut(__cells)
            }

            #[inline(always)]
            fn select(&self, __index: ::core::primitive::usize) -> ::core::option::Option<&Self> {
                #select
            }
        }
    }
}

/// Checks columns against the adapter where the instruction is declared. With parameters, that is known only where the
/// instruction is used.
fn check_columns(model: &Model<'_>) -> Option<TokenStream> {
    let Kind::Core { columns, .. } = &model.kind else { return None };
    if !model.declaration.generics().params.is_empty() {
        return None;
    }
    let (krate, ident) = (&model.krate, model.declaration.ident());
    let bytes = with_cell(columns, &parse_quote!(::core::primitive::u8));
    let condition = at(quote!(!<#bytes as #krate::arch::authoring::ColumnRoles>::REJECTED), columns);
    let check = at(quote!(#krate::arch::authoring::check_columns::<#ident>()), columns);
    Some(quote! {
        const _: () = if #condition { #check };
    })
}

/// The column struct with `cell` as its first argument.
fn with_cell(columns: &Path, cell: &GenericArgument) -> Path {
    let mut path = columns.clone();
    if let Some(last) = path.segments.last_mut() {
        match &mut last.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.insert(0, cell.clone()),
            arguments => *arguments = PathArguments::AngleBracketed(parse_quote!(<#cell>)),
        }
    }
    path
}

/// A declaration with pinned opcodes is also an opcode class.
fn opcode_class(model: &Model<'_>) -> Option<TokenStream> {
    let Model { krate, declaration, opcode, instructions, .. } = model;
    let offset = (*opcode)?;
    let ident = declaration.ident();
    if !declaration.generics().params.is_empty() {
        return None;
    }
    if !has_no_fields(declaration) {
        return None;
    }
    let values: Vec<TokenStream> = instructions
        .iter()
        .map(|instruction| match &instruction.variant {
            Some(variant) => quote!(Self::#variant),
            None => quote!(Self),
        })
        .collect();
    let names = instructions.iter().map(|instruction| &instruction.name);
    let index = match declaration {
        Declaration::Struct(_) => quote!(0),
        Declaration::Enum(_) => quote!(self as ::core::primitive::u32),
    };
    Some(quote! {
        #[automatically_derived]
        impl #krate::instructions::LocalOpcode for #ident {
            const CLASS_OFFSET: ::core::primitive::u32 = #offset;
            const ALL: &'static [Self] = &[#(#values),*];

            #[inline]
            fn local_index(self) -> ::core::primitive::u32 {
                #index
            }

            fn name(self) -> &'static ::core::primitive::str {
                match self { #(#values => #names,)* }
            }
        }
    })
}

/// A declaration without parameters has one value.
fn default_instruction(model: &Model<'_>) -> Option<TokenStream> {
    let Model { krate, declaration, instructions, .. } = model;
    let value = match declaration {
        Declaration::Struct(item) => matches!(item.fields, Fields::Unit).then(|| quote!(Self))?,
        Declaration::Enum(_) => {
            let first = instructions.first()?.variant.as_ref()?;
            quote!(Self::#first)
        }
    };
    let ident = declaration.ident();
    let (parameters, arguments, clause) = declaration.generics().split_for_impl();
    Some(quote! {
        #[automatically_derived]
        impl #parameters #krate::arch::authoring::DefaultInstruction for #ident #arguments #clause {
            const VALUE: Self = #value;
        }
    })
}

/// Impls without content, so that a rejected declaration causes no further errors where it is used.
pub(super) fn stub(arguments: &Arguments, declaration: &Declaration) -> TokenStream {
    let krate = arguments.krate.clone().unwrap_or_else(default_crate);
    if declaration.generics().lifetimes().next().is_some() {
        return TokenStream::new();
    }
    let nameless = InstructionModel {
        variant: None,
        name: String::new(),
        docs: Vec::new(),
        summary: String::new(),
        encode: None,
        guest: None,
    };
    let name = declaration.ident().unraw().to_string();
    let kind = Kind::Rejected;
    let model = Model { krate, declaration, name, opcode: None, kind, instructions: vec![nameless] };
    let spec = spec(&model);
    let core = match (&arguments.multi_row, &arguments.adapter, &arguments.columns) {
        (None, Some(adapter), Some(columns)) => Some(core_spec(&model, adapter.to_token_stream(), columns, arguments)),
        _ => None,
    };
    // Imports for the arguments are used, whatever else is wrong.
    let plain = declaration.generics().params.is_empty();
    let types = [&arguments.adapter, &arguments.operands].into_iter().flatten().filter(|_| plain);
    let mentions: TokenStream =
        types.map(|ty| quote!(const _: ::core::option::Option<#ty> = ::core::option::Option::None;)).collect();
    let default = stub_default(&model);
    let class = arguments.opcode.is_some().then(|| stub_class(&model));
    let krate = &model.krate;
    quote! {
        const _: () = {
            #[allow(dead_code)]
            struct __Undecoded;
            impl #krate::arch::authoring::DecodeOperands for __Undecoded {
                fn operands(_: ::core::primitive::u32, _: ::core::primitive::u32) -> [::core::primitive::u32; 7] {
                    ::core::unimplemented!()
                }
            }
            #mentions
            #spec
            #core
            #default
            #class
        };
    }
}

/// Whether a declaration has one value, or one per instruction.
fn has_no_fields(declaration: &Declaration) -> bool {
    match declaration {
        Declaration::Struct(item) => matches!(item.fields, Fields::Unit),
        Declaration::Enum(_) => true,
    }
}

fn stub_default(model: &Model<'_>) -> Option<TokenStream> {
    let Model { krate, declaration, .. } = model;
    let ident = declaration.ident();
    let (parameters, arguments, clause) = declaration.generics().split_for_impl();
    has_no_fields(declaration).then(|| {
        quote! {
            impl #parameters #krate::arch::authoring::DefaultInstruction for #ident #arguments #clause {
                const VALUE: Self = ::core::unimplemented!();
            }
        }
    })
}

fn stub_class(model: &Model<'_>) -> Option<TokenStream> {
    let Model { krate, declaration, .. } = model;
    let ident = declaration.ident();
    (has_no_fields(declaration) && declaration.generics().params.is_empty()).then(|| {
        quote! {
            impl #krate::instructions::LocalOpcode for #ident {
                const CLASS_OFFSET: ::core::primitive::u32 = 0;
                const ALL: &'static [Self] = &[];
                fn local_index(self) -> ::core::primitive::u32 { ::core::unimplemented!() }
                fn name(self) -> &'static ::core::primitive::str { ::core::unimplemented!() }
            }
        }
    })
}
