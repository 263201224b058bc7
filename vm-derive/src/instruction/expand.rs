//! The expansion of a validated declaration.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Data, DeriveInput, GenericArgument, LitInt, Path, PathArguments, parse_quote};

use crate::item::{host_only, is_unit};
use crate::opcode_class::{self, OpcodeClass};
use crate::private::Private;
use crate::span::{at, located};
use crate::text::text;

use super::encode::Encode;
use super::parse::Arguments;
use super::validate::{Core, InstructionModel, Kind, Model, MultiRow};

pub(super) fn expand(model: &Model<'_>) -> TokenStream {
    let Model { private, item, instructions, kind, .. } = model;
    let ident = &item.ident;
    let host_only = host_only();
    let spec = spec(model);
    let core = match kind {
        Kind::Core(core) => {
            let implementation = core_spec(private, item, core, &select(model));
            let functions: [(&str, &dyn ToTokens); 2] =
                [("check_adapter", core.adapter), ("check_columns", core.columns)];
            let check = checks(private, item, core.columns, &functions);
            Some(quote!(#implementation #check))
        }
        Kind::MultiRow(MultiRow { columns: Some(columns), computed_writes, .. }) => {
            let implementation = row_spec(private, item, columns, computed_writes);
            let check = checks(private, item, columns, &[("check_rows", columns)]);
            Some(quote!(#implementation #check))
        }
        Kind::MultiRow(_) => None,
    };
    let class = opcode_class(model);
    let default = default_instruction(model);
    let immediates = immediates(model);
    let functions = instructions.iter().filter_map(|instruction| {
        let (guest, encode) = (instruction.guest.as_ref()?, instruction.encode.as_ref()?);
        // A multi-row instruction works on memory, which a host function does not have.
        let value = matches!(kind, Kind::Core(_)).then(|| instruction.value(ident));
        Some(guest.expand(private, &item.vis, &instruction.docs, encode, value.as_ref()))
    });
    quote! {
        #item
        #(#functions)*
        #host_only
        const _: () = {
            #spec
            #core
            #class
            #default
            #(#immediates)*
        };
    }
}

/// Returns checks that no `imm` of an encoding covers a register that is an operand.
fn immediates(model: &Model<'_>) -> Vec<TokenStream> {
    let Model { private, item, kind, instructions, .. } = model;
    let operands = match kind {
        Kind::Core(Core { adapter, .. }) => adapter,
        Kind::MultiRow(MultiRow { operands, .. }) => operands,
    };
    let encodings = instructions.iter().filter_map(|instruction| instruction.encode.as_ref());
    let fixed = encodings.filter(|encode| encode.field("imm").is_some() && item.generics.params.is_empty());
    let check = |encode: &Encode| {
        let message = format!(
            "`imm` covers the field of a register that is an operand of `{}`: fix `funct7` instead, and `rs2` only if it is no \
             operand",
            text(operands),
        );
        quote_spanned! {located(&encode.key)=>
            const _: () = ::core::assert!(
                <#operands as #private::DecodeOperands>::REGISTER_BITS & 0xFFF0_0000 == 0,
                #message
            );
        }
    };
    fixed.map(check).collect()
}

/// Returns the impl of `InstructionSpec`: name, opcodes, encodings and chip.
fn spec(model: &Model<'_>) -> TokenStream {
    let Model { private, item, name, opcode, kind, instructions, .. } = model;
    let ident = &item.ident;
    let (parameters, arguments, clause) = item.generics.split_for_impl();
    let infos = instructions.iter().map(|InstructionModel { name, summary, encode, guest, .. }| {
        let encoding = optional(encode.as_ref().map(|encode| encode.constant(private)));
        let guest = optional(guest.as_ref().map(|guest| guest.text().to_token_stream()));
        quote!(#private::InstructionInfo { name: #name, summary: #summary, encoding: #encoding, guest: #guest })
    });
    let opcode = optional(opcode.map(|opcode| quote!(#opcode)));
    let (own_name, own_encodings) = (own_name(model), own_encodings(model));
    let text = quote!(::core::primitive::str);
    let free_columns = match kind {
        Kind::Core(_) => Some(quote!(free_columns)),
        Kind::MultiRow(MultiRow { columns, .. }) => columns.map(|_| quote!(free_row_columns)),
    };
    let free_columns = free_columns.map(|function| {
        quote! {
            fn free_columns() -> ::std::vec::Vec<(::std::string::String, &'static #text)> {
                #private::#function::<Self>()
            }
        }
    });
    let (operands, chip, free_cell, build) = match kind {
        Kind::Core(Core { adapter, .. }) => (
            adapter,
            at(quote!(#private::CoreChip<Self, #adapter>), adapter),
            quote!(#private::free_cell::<Self>),
            at(quote!(#private::core_chip::<Self, #adapter>(self, __port, __opcode)), adapter),
        ),
        Kind::MultiRow(MultiRow { operands, columns: Some(columns), .. }) => (
            operands,
            at(quote!(#private::RowsChip<Self>), columns),
            quote!(<#private::RowsCore<Self> as #private::MultiRowCore>::free_cell),
            at(quote!(#private::rows_chip::<Self>(self, __port, __opcode)), columns),
        ),
        Kind::MultiRow(MultiRow { operands, .. }) => (
            operands,
            quote!(#private::MultiRowChip<Self>),
            quote!(<Self as #private::MultiRowCore>::free_cell),
            quote! {
                #private::MultiRowChip::new(
                    #private::InstructionSpec::name(&self),
                    self,
                    #private::RowContext { port: __port, opcode: #private::VmOpcode::from_u32(__opcode) },
                    Self::INSTRUCTIONS[0].name,
                )
            },
        ),
    };
    quote! {
        #[automatically_derived]
        impl #parameters #private::InstructionSpec for #ident #arguments #clause {
            type Operands = #operands;
            type Chip = #chip;
            const NAME: &'static #text = #name;
            const INSTRUCTIONS: &'static [#private::InstructionInfo] = &[#(#infos),*];
            const OPCODE: ::core::option::Option<::core::primitive::u32> = #opcode;

            #own_name
            #own_encodings
            #free_columns

            fn free_cell(__column: &#text, __row: &[#private::F]) -> ::core::option::Option<&'static #text> {
                #free_cell(__column, __row)
            }

            fn into_chip(self, __port: #private::SystemPort, __opcode: ::core::primitive::u32) -> Self::Chip {
                #build
            }
        }
    }
}

/// Returns the function for the name of the AIR, if it depends on the instruction's parameters.
fn own_name(model: &Model<'_>) -> Option<TokenStream> {
    let name = model.own_name?;
    let text = quote!(::std::borrow::Cow<'static, ::core::primitive::str>);
    Some(quote_spanned! {located(name)=>
        fn name(&self) -> #text {
            ::core::convert::Into::<#text>::into(#name)
        }
    })
}

/// Returns the function for the encodings, if one depends on the instruction's parameters.
fn own_encodings(model: &Model<'_>) -> Option<TokenStream> {
    let Model { private, instructions, .. } = model;
    instructions.iter().find_map(|instruction| instruction.encode.as_ref()?.parameter())?;
    let encodings = instructions.iter().enumerate().filter_map(|(index, InstructionModel { name, encode, .. })| {
        let encoding = encode.as_ref()?.of_value(private, name);
        Some(quote!(#index => ::core::result::Result::Ok(::core::option::Option::Some(#encoding)),))
    });
    Some(quote! {
        fn encoding(
            &self,
            __index: ::core::primitive::usize,
        ) -> ::core::result::Result<::core::option::Option<#private::Encoding>, #private::VmInventoryError> {
            match __index {
                #(#encodings)*
                _ => ::core::result::Result::Ok(::core::option::Option::None),
            }
        }
    })
}

fn optional(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// Returns the body of `CoreSpec::select`: the instruction of index `__index`.
fn select(model: &Model<'_>) -> TokenStream {
    let Model { item, instructions, .. } = model;
    match item.data {
        Data::Enum(_) => {
            let values = instructions.iter().map(|instruction| instruction.value(quote!(Self)));
            let arms = values.enumerate().map(|(i, value)| quote!(#i => ::core::option::Option::Some(&#value),));
            quote!(match __index { #(#arms)* _ => ::core::option::Option::None })
        }
        _ => quote!(if __index == 0 { ::core::option::Option::Some(self) } else { ::core::option::Option::None }),
    }
}

/// Returns the impl of `CoreSpec`: adapter and columns.
fn core_spec(private: &Private, item: &DeriveInput, core: &Core<'_>, select: &TokenStream) -> TokenStream {
    let Core { adapter, columns, computed_reads, computed_writes } = core;
    let ident = &item.ident;
    let (parameters, own_arguments, clause) = item.generics.split_for_impl();
    let (layout, access) = column_items(private, columns);
    quote_spanned! {located(columns)=>
        #[automatically_derived]
        impl #parameters #private::CoreSpec for #ident #own_arguments #clause {
            type Adapter = #adapter;
            #layout
            const COMPUTED_READS: &'static [::core::primitive::usize] = &[#(#computed_reads),*];
            const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[#(#computed_writes),*];

            #access

            #[inline(always)]
            fn select(&self, __index: ::core::primitive::usize) -> ::core::option::Option<&Self> {
                #select
            }
        }
    }
}

/// Returns the impl of `RowSpec`: columns.
fn row_spec(private: &Private, item: &DeriveInput, columns: &Path, computed_writes: &[LitInt]) -> TokenStream {
    let ident = &item.ident;
    let (parameters, own_arguments, clause) = item.generics.split_for_impl();
    let (layout, access) = column_items(private, columns);
    quote_spanned! {located(columns)=>
        #[automatically_derived]
        impl #parameters #private::RowSpec for #ident #own_arguments #clause {
            #layout
            const COMPUTED_WRITES: &'static [::core::primitive::usize] = &[#(#computed_writes),*];

            #access
        }
    }
}

/// Returns the items that describe a column struct: its type, size and roles, and its names and views.
fn column_items(private: &Private, columns: &Path) -> (TokenStream, TokenStream) {
    let bytes = with_cell(columns, &parse_quote!(::core::primitive::u8));
    let cells = with_cell(columns, &parse_quote!(__Cell));
    let roles = at(quote!(<#bytes as #private::ColumnRoles>::ROLES), columns);
    let layout = quote_spanned! {located(columns)=>
        type Cols<__Cell> = #cells;
        const WIDTH: ::core::primitive::usize = ::core::mem::size_of::<#bytes>();
        const ROLES: #private::Roles = #roles;
    };
    let access = quote_spanned! {located(columns)=>
        fn column_names() -> ::std::vec::Vec<::std::string::String> {
            #private::names_of::<#bytes>()
        }

        #[inline(always)]
        fn cols<__Cell>(__cells: &[__Cell]) -> &Self::Cols<__Cell> {
            ::core::borrow::Borrow::borrow(__cells)
        }

        #[inline(always)]
        fn cols_mut<__Cell>(__cells: &mut [__Cell]) -> &mut Self::Cols<__Cell> {
            ::core::borrow::BorrowMut::borrow_mut(__cells)
        }
    };
    (layout, access)
}

/// Returns checks at the declaration of the instruction: calls of functions, each at the tokens that it is about. If the
/// instruction has parameters, its columns and its adapter are known only where it is used.
fn checks(
    private: &Private,
    item: &DeriveInput,
    columns: &Path,
    functions: &[(&str, &dyn ToTokens)],
) -> Option<TokenStream> {
    if !item.generics.params.is_empty() {
        return None;
    }
    let ident = &item.ident;
    let bytes = with_cell(columns, &parse_quote!(::core::primitive::u8));
    let condition = at(quote!(!<#bytes as #private::ColumnRoles>::REJECTED), columns);
    let checks = functions.iter().map(|(function, tokens)| {
        let function = format_ident!("{function}");
        at(quote!(#private::#function::<#ident>()), tokens)
    });
    Some(quote! {
        const _: () = if #condition {
            #(#checks;)*
        };
    })
}

/// Returns the column struct with `cell` as its first argument.
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

/// Returns the impl of `LocalOpcode` for a declaration with pinned opcodes.
fn opcode_class(model: &Model<'_>) -> Option<TokenStream> {
    let Model { private, item, opcode, instructions, .. } = model;
    let offset = (*opcode).filter(|_| is_class(item))?;
    let local_index = match item.data {
        Data::Enum(_) => quote!(self as ::core::primitive::u32),
        _ => quote!(0),
    };
    let opcodes = instructions.iter().map(|instruction| (instruction.value(quote!(Self)), instruction.name.clone()));
    Some(OpcodeClass { private, name: &item.ident, offset, opcodes: opcodes.collect(), local_index }.implementation())
}

/// Whether a declaration's values are its instructions.
fn has_no_fields(item: &DeriveInput) -> bool {
    is_unit(item) || matches!(item.data, Data::Enum(_))
}

/// Whether a declaration can be an opcode class.
fn is_class(item: &DeriveInput) -> bool {
    has_no_fields(item) && item.generics.params.is_empty()
}

/// Returns the impl of `DefaultInstruction` for a declaration without fields.
fn default_instruction(model: &Model<'_>) -> Option<TokenStream> {
    let value = model.instructions.first()?.value(quote!(Self));
    has_no_fields(model.item).then(|| default_value(model.private, model.item, &value))
}

fn default_value(private: &Private, item: &DeriveInput, value: &TokenStream) -> TokenStream {
    let ident = &item.ident;
    let (parameters, arguments, clause) = item.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters #private::DefaultInstruction for #ident #arguments #clause {
            const VALUE: Self = #value;
        }
    }
}

/// Returns the item and impls without content.
pub(super) fn stub(arguments: &Arguments, item: &DeriveInput) -> TokenStream {
    let private = &arguments.private;
    if item.generics.lifetimes().next().is_some() {
        // An instruction is `'static`: impls would only add errors about that.
        return item.to_token_stream();
    }
    let core = Core::of(arguments).filter(|_| arguments.multi_row.is_none());
    let core = core.map(|core| core_spec(private, item, &core, &quote!(::core::option::Option::None)));
    let columns = arguments.columns.as_ref().filter(|_| arguments.multi_row.is_some());
    let rows = columns.map(|columns| row_spec(private, item, columns, &arguments.computed_writes));
    // Uses the imports of the arguments, so that the compiler does not report them as unused.
    let types = [&arguments.adapter, &arguments.operands].into_iter().flatten();
    let mentions = types
        .filter(|_| item.generics.params.is_empty())
        .map(|ty| quote!(const _: ::core::option::Option<#ty> = ::core::option::Option::None;));
    let unimplemented = quote!(::core::unimplemented!());
    let default = has_no_fields(item).then(|| default_value(private, item, &unimplemented));
    let is_class = arguments.opcode.is_some() && is_class(item);
    let class = is_class.then(|| opcode_class::stub(private, &item.ident));
    let ident = &item.ident;
    let (parameters, own_arguments, clause) = item.generics.split_for_impl();
    quote! {
        #item
        const _: () = {
            #(#mentions)*
            #[automatically_derived]
            impl #parameters #private::InstructionSpec for #ident #own_arguments #clause {
                type Operands = #private::RejectedOperands;
                type Chip = #private::NoChip;
                const NAME: &'static ::core::primitive::str = "";
                const INSTRUCTIONS: &'static [#private::InstructionInfo] = &[];
                const OPCODE: ::core::option::Option<::core::primitive::u32> = ::core::option::Option::None;

                fn into_chip(self, _: #private::SystemPort, _: ::core::primitive::u32) -> Self::Chip {
                    #unimplemented
                }
            }
            #core
            #rows
            #default
            #class
        };
    }
}
