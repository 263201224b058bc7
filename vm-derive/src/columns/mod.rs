//! `#[columns]`: a column struct whose fields say what they are for.

mod roles;

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, GenericParam, Ident, Item, ItemStruct, Meta, Path, Token, parse_quote};

use crate::aligned_borrow;
use crate::attr::{crate_option, default_crate};
use crate::ctxt::Ctxt;
use crate::delegate::located;
use crate::guest::host_only;

use self::roles::{Column, Role};

/// Entry point.
pub(crate) fn attribute(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let parsed = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(parsed)) => Ok(parsed),
        Ok(other) => Err(syn::Error::new_spanned(
            keyword(&other),
            "`#[columns]` belongs on a struct with one field per column or group of columns",
        )),
        Err(error) => Err(error),
    };
    let mut item = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            cx.push(error);
            let error = cx.finish::<()>(None).err().map(|error| error.to_compile_error());
            return quote!(#error #item);
        }
    };
    let krate = crate_option(&cx, "columns", arguments).unwrap_or_else(default_crate);
    let columns = roles::take(&cx, &mut item);
    check_attributes(&cx, &mut item);
    roles::check(&cx, &columns);
    prepare(&mut item);

    let input: DeriveInput = parse_quote!(#item);
    let layout = aligned_borrow::model(&cx, &input, krate.clone());
    let host_only = host_only();
    match cx.finish(layout) {
        Ok(layout) => {
            let constrains = |column: &Column| column.role.as_ref().is_some_and(Role::constrains);
            let borrow = aligned_borrow::expand(&layout, columns.iter().any(constrains));
            let roles = expand_roles(&krate, &input, &layout, &columns);
            quote!(#host_only #item #host_only #borrow #host_only #roles)
        }
        Err(error) => {
            let error = error.to_compile_error();
            let stub = aligned_borrow::stub(&krate, &input);
            let none = stub_roles(&krate, &input);
            quote!(#error #item #stub #none)
        }
    }
}

/// The token of an item that an error about its kind points at.
pub(crate) fn keyword(item: &Item) -> TokenStream {
    match item {
        Item::Struct(item) => item.struct_token.to_token_stream(),
        Item::Enum(item) => item.enum_token.to_token_stream(),
        Item::Union(item) => item.union_token.to_token_stream(),
        Item::Fn(item) => item.sig.fn_token.to_token_stream(),
        Item::Impl(item) => item.impl_token.to_token_stream(),
        Item::Mod(item) => item.mod_token.to_token_stream(),
        Item::Trait(item) => item.trait_token.to_token_stream(),
        other => other.to_token_stream(),
    }
}

/// Reports attributes that do not go together with this one, and takes a repetition of it off the item, which would
/// only repeat the errors.
fn check_attributes(cx: &Ctxt, item: &mut ItemStruct) {
    item.attrs.retain(|attr| {
        let is_duplicate = names(attr.path(), "columns");
        if is_duplicate {
            cx.error(attr, "duplicate `#[columns]`");
        }
        !is_duplicate
    });
    for attr in &mut item.attrs {
        let (own, others): (Vec<Path>, Vec<Path>) =
            derives(attr).into_iter().partition(|path| names(path, "AlignedBorrow"));
        for path in &own {
            cx.error(path, "`#[columns]` derives `AlignedBorrow` itself: remove it from the list");
        }
        if !own.is_empty() {
            *attr = parse_quote!(#[derive(#(#others),*)]);
        }
    }
    if let Some(bound) = aligned_borrow::bound_on_cell(&item.generics) {
        cx.error(
            bound,
            "the cell of a column struct can be anything (a field element, a variable, a byte): remove this bound, and ask \
             for it where the columns are used",
        );
    }
    // The framework writes `Cols<B::Var>` for the columns of an instruction, with the remaining arguments behind it.
    let is_const = |parameter: &&GenericParam| matches!(parameter, GenericParam::Const(_));
    if let (Some(parameter), 1) = (item.generics.params.first().filter(is_const), item.generics.type_params().count()) {
        cx.error(parameter, "the cell is the first parameter of a column struct: move this one behind it");
    }
}

/// Whether a path leads to something called `name`.
pub(crate) fn names(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}

/// Traits that a `#[derive(…)]` attribute lists.
pub(crate) fn derives(attr: &Attribute) -> Vec<Path> {
    if !attr.path().is_ident("derive") {
        return Vec::new();
    }
    let parser = Punctuated::<Path, Token![,]>::parse_terminated;
    match &attr.meta {
        Meta::List(list) => {
            parser.parse2(list.tokens.clone()).map_or_else(|_| Vec::new(), |paths| paths.into_iter().collect())
        }
        _ => Vec::new(),
    }
}

/// Adds those of `traits` that the item does not derive already.
pub(crate) fn add_derives(attrs: &mut Vec<Attribute>, traits: &[&str]) {
    let present: Vec<Path> = attrs.iter().flat_map(derives).collect();
    let missing = traits.iter().filter(|name| !present.iter().any(|path| names(path, name)));
    let missing: Vec<TokenStream> = missing
        .map(|name| {
            let module = match *name {
                "Clone" => "clone",
                "Debug" => "fmt",
                _ => "marker",
            };
            let (module, name) = (format_ident!("{module}"), format_ident!("{name}"));
            quote!(::core::#module::#name)
        })
        .collect();
    if !missing.is_empty() {
        attrs.push(parse_quote!(#[derive(#(#missing),*)]));
    }
}

/// Adds `repr(C)` and the derives that every column struct needs.
fn prepare(item: &mut ItemStruct) {
    if !item.attrs.iter().any(|attr| attr.path().is_ident("repr")) {
        item.attrs.push(parse_quote!(#[repr(C)]));
    }
    if item.generics.type_params().count() == 0 || item.fields.is_empty() {
        // `AlignedBorrow` reports it.
        return;
    }
    add_derives(&mut item.attrs, &["Clone", "Copy", "Debug"]);
}

fn expand_roles(
    krate: &Path,
    input: &DeriveInput,
    layout: &aligned_borrow::Columns<'_>,
    columns: &[Column],
) -> TokenStream {
    let name = &input.ident;
    let (parameters, clause, bytes) = layout.byte_instance();
    let span = |column: &Column| {
        let field = &column.name;
        let ty = layout.byte_type(field);
        quote_spanned! {located(&column.ty)=>
            #krate::arch::authoring::Span::new(
                ::core::mem::offset_of!(#name #bytes, #field),
                ::core::mem::size_of::<#ty>(),
            )
        }
    };
    let offset = |column: &Column| {
        let field = &column.name;
        quote!(::core::mem::offset_of!(#name #bytes, #field))
    };
    let with = |pick: &dyn Fn(&Role) -> Option<TokenStream>, of: &dyn Fn(&Column, TokenStream) -> TokenStream| {
        let entries: Vec<TokenStream> =
            columns.iter().filter_map(|column| Some(of(column, pick(column.role.as_ref()?)?))).collect();
        quote!(&[#(#entries),*])
    };
    let value = |column: &Column, arguments: TokenStream| {
        let span = span(column);
        quote!(#krate::arch::authoring::Value { #arguments, span: #span })
    };
    let plain_span = |column: &Column, _: TokenStream| span(column);
    let numbered = |column: &Column, number: TokenStream| {
        let offset = offset(column);
        quote!((#offset, #number))
    };
    let reads = with(&|role| role.read_arguments(), &value);
    let writes = with(&|role| role.write_arguments(), &value);
    let opcodes = with(&|role| role.opcode_index(), &numbered);
    let opcode_bits = with(&|role| role.opcode_weight(), &numbered);
    let booleans = with(&|role| matches!(role, Role::Bool).then(TokenStream::new), &plain_span);
    let one_hot = with(&|role| matches!(role, Role::OneHot).then(TokenStream::new), &plain_span);
    let ranges = with(&|role| role.range_bits(), &|column, bits| {
        let span = span(column);
        quote!((#span, #bits))
    });
    let free = with(&|role| role.free_reason(), &|column, reason| {
        let span = span(column);
        quote!((#span, #reason))
    });
    let valid = match columns.iter().find(|column| matches!(column.role, Some(Role::Valid))) {
        Some(column) => {
            let offset = offset(column);
            quote!(::core::option::Option::Some(#offset))
        }
        None => quote!(::core::option::Option::None),
    };
    // Soundness: roles are read off the struct that the instruction names, so those of a field's own struct would be lost.
    let nested = columns.iter().filter_map(|column| {
        let ty = layout.byte_type(&column.name).filter(|ty| !aligned_borrow::is_cells(ty))?;
        let message = format!(
            "the columns of `{}` have roles of their own, which nothing would prove: give roles to fields of the \
             instruction's own column struct",
            column.name.unraw()
        );
        Some(quote_spanned! {located(&column.ty)=>
            ::core::assert!(!<#ty as #krate::primitives::ColumnLayout>::HAS_ROLES, #message);
        })
    });
    // With const parameters, the fields' types are known only where the struct is used.
    let eager = (input.generics.params.len() == 1).then(|| {
        quote! {
            const _: #krate::arch::authoring::Roles = <#name #bytes as #krate::arch::authoring::ColumnRoles>::ROLES;
        }
    });
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters #krate::arch::authoring::ColumnRoles for #name #bytes #clause {
                const ROLES: #krate::arch::authoring::Roles = {
                    #(#nested)*
                    #krate::arch::authoring::Roles {
                        reads: #reads,
                        writes: #writes,
                        valid: #valid,
                        opcodes: #opcodes,
                        opcode_bits: #opcode_bits,
                        booleans: #booleans,
                        one_hot: #one_hot,
                        ranges: #ranges,
                        free: #free,
                    }
                };
            }
            #eager
        };
    }
}

/// An impl without roles, so that a rejected struct causes no further errors where it is used.
fn stub_roles(krate: &Path, input: &DeriveInput) -> TokenStream {
    let name: &Ident = &input.ident;
    let Some((parameters, clause, bytes)) = aligned_borrow::stub_instance(input) else { return TokenStream::new() };
    quote! {
        #[automatically_derived]
        impl #parameters #krate::arch::authoring::ColumnRoles for #name #bytes #clause {
            const ROLES: #krate::arch::authoring::Roles = #krate::arch::authoring::Roles::NONE;
            const REJECTED: ::core::primitive::bool = true;
        }
    }
}
