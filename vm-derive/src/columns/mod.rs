//! `#[columns]`: a column struct whose fields say what they are for.

mod roles;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Data, DeriveInput, GenericParam, Ident, Item, Path, parse_quote};

use crate::aligned_borrow;
use crate::ctxt::Ctxt;
use crate::frame::{AttributeMacro, Macro};
use crate::item::{add_derives, derives, host_only, is_called, misplaced, take_repetitions};
use crate::private::Private;
use crate::span::located;
use crate::symbol::{COLUMNS, SDK};

use self::roles::{Column, Role};

/// The attribute.
pub(crate) struct Columns;

/// A validated column struct with roles.
pub(crate) struct Model<'a> {
    private: &'a Private,
    layout: aligned_borrow::Columns<'a>,
    /// The fields that have a role.
    columns: Vec<Column>,
}

impl AttributeMacro for Columns {
    fn arguments(&self, cx: &Ctxt, tokens: TokenStream) -> Private {
        let mut private = Private::default();
        SDK.read(cx, tokens, |_, _, value| {
            private = value.parse()?;
            Ok(())
        });
        private
    }

    fn item(&self, item: Item) -> syn::Result<DeriveInput> {
        match item {
            Item::Struct(item) => Ok(item.into()),
            other => {
                Err(misplaced(&other, "`#[columns]` belongs on a struct with one field per column or group of columns"))
            }
        }
    }
}

impl Macro for Columns {
    type Arguments = Private;
    type Item = DeriveInput;
    type Model<'a> = Model<'a>;

    fn validate<'a>(&self, cx: &Ctxt, private: &'a Private, item: &'a mut DeriveInput) -> Option<Model<'a>> {
        let columns = roles::take(cx, item);
        let fields: Vec<Ident> = match &item.data {
            Data::Struct(data) => data.fields.iter().filter_map(|field| field.ident.clone()).collect(),
            _ => Vec::new(),
        };
        roles::check(cx, &columns, &fields);
        take_repetitions(cx, &mut item.attrs, COLUMNS);
        check_derives(cx, item);
        check_parameters(cx, item);
        add_attributes(item);
        let layout = aligned_borrow::model(cx, private, item)?;
        Some(Model { private, layout, columns })
    }

    fn expand(&self, model: &Model<'_>) -> TokenStream {
        let Model { layout, columns, .. } = model;
        let item = layout.input;
        let host_only = host_only();
        let borrow = aligned_borrow::expand(layout, columns.iter().any(|column| column.role.constrains()));
        let roles = expand_roles(model);
        quote!(#host_only #item #host_only #borrow #host_only #roles)
    }

    fn stub(&self, private: &Private, item: &DeriveInput) -> TokenStream {
        let name = &item.ident;
        let borrow = aligned_borrow::stub(private, item);
        let roles = aligned_borrow::stub_instance(item).map(|(parameters, clause, bytes)| {
            quote! {
                #[automatically_derived]
                impl #parameters #private::ColumnRoles for #name #bytes #clause {
                    const ROLES: #private::Roles = #private::Roles::NONE;
                    const REJECTED: ::core::primitive::bool = true;
                }
            }
        });
        quote!(#item #borrow #roles)
    }
}

/// Reports derives that the attribute adds itself, and takes them off the item.
fn check_derives(cx: &Ctxt, item: &mut DeriveInput) {
    for attr in &mut item.attrs {
        let (own, others): (Vec<Path>, Vec<Path>) =
            derives(attr).into_iter().partition(|path| is_called(path, "AlignedBorrow"));
        for path in &own {
            cx.error(path, "`#[columns]` derives `AlignedBorrow` itself: remove it from the list");
        }
        if !own.is_empty() {
            *attr = parse_quote!(#[derive(#(#others),*)]);
        }
    }
}

fn check_parameters(cx: &Ctxt, item: &DeriveInput) {
    if let Some(bound) = aligned_borrow::bound_on_cell(&item.generics) {
        cx.error(
            bound,
            "the cell of a column struct can be anything (a field element, a variable, a byte): remove this bound, and \
             require it where the columns are used",
        );
    }
    // The framework writes `Cols<B::Var, …>` for the columns of an instruction.
    let is_const = |parameter: &&GenericParam| matches!(parameter, GenericParam::Const(_));
    if let (Some(parameter), 1) = (item.generics.params.first().filter(is_const), item.generics.type_params().count()) {
        cx.error(parameter, "the cell is the first parameter of a column struct: move this one after it");
    }
}

/// Adds `repr(C)` and the derives that every column struct needs.
fn add_attributes(item: &mut DeriveInput) {
    if !item.attrs.iter().any(|attr| attr.path().is_ident("repr")) {
        item.attrs.push(parse_quote!(#[repr(C)]));
    }
    // Without a cell or a field the struct is refused, and derives would only add errors.
    let has_fields = matches!(&item.data, Data::Struct(data) if !data.fields.is_empty());
    if has_fields && item.generics.type_params().next().is_some() {
        add_derives(&mut item.attrs, &["Clone", "Copy", "Debug"]);
    }
}

fn expand_roles(Model { private, layout, columns }: &Model<'_>) -> TokenStream {
    let name = &layout.input.ident;
    let (parameters, clause, bytes) = layout.byte_instance();
    let [mut reads, mut writes, mut opcodes, mut opcode_bits] = [const { Vec::new() }; 4];
    let [mut booleans, mut one_hot, mut ranges, mut free] = [const { Vec::new() }; 4];
    let [mut registers, mut carried] = [const { Vec::new() }; 2];
    let mut valid = quote!(::core::option::Option::None);
    let offset_of = |field: &Ident| quote!(::core::mem::offset_of!(#name #bytes, #field));
    let size_of = |field: &Ident| layout.byte_type(field).map(|ty| quote!(::core::mem::size_of::<#ty>()));
    for Column { name: field, ty, role, .. } in columns {
        let (offset, size) = (offset_of(field), size_of(field));
        let span = quote_spanned!(located(ty)=> #private::Span::new(#offset, #size));
        let value = |index, proven| quote!(#private::Value { index: #index, proven: #proven, span: #span });
        match role {
            Role::Read { index, proven } => reads.push(value(index, proven)),
            Role::Write { index, proven } => writes.push(value(index, proven)),
            Role::Valid => valid = quote!(::core::option::Option::Some(#offset)),
            Role::Opcode(path) => opcodes.push(quote!((#offset, #path as ::core::primitive::usize))),
            Role::OpcodeBit(weight) => opcode_bits.push(quote!((#offset, #weight))),
            Role::Bool => booleans.push(span),
            Role::OneHot => one_hot.push(span),
            Role::Range(bits) => ranges.push(quote!((#span, #bits))),
            Role::Free(reason) => free.push(quote!((#span, #reason))),
            Role::Register { index, bits, step, counts } => registers.push(quote! {
                #private::RegisterRole { index: #index, span: #span, bits: #bits, step: #step, counts: #counts }
            }),
            Role::Carried(from) => {
                let from = from.as_ref().unwrap_or(field);
                let (offset, size) = (offset_of(from), size_of(from));
                carried.push(quote!(#private::Carried { to: #span, from: #private::Span::new(#offset, #size) }));
            }
        }
    }
    // Soundness: roles are read from the struct that the instruction names. Roles of a field's own struct would be
    // lost.
    let nested = layout.nested().map(|(field, ty)| {
        let message = format!(
            "the columns of `{field}` have roles of their own, which nothing would prove: give roles to fields of the \
             instruction's own column struct"
        );
        quote_spanned!(located(ty)=> ::core::assert!(!<#ty as #private::ColumnLayout>::HAS_ROLES, #message);)
    });
    // With const parameters, the fields' types are known only where the struct is used.
    let eager = (layout.input.generics.params.len() == 1)
        .then(|| quote!(const _: #private::Roles = <#name #bytes as #private::ColumnRoles>::ROLES;));
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters #private::ColumnRoles for #name #bytes #clause {
                const ROLES: #private::Roles = {
                    #(#nested)*
                    #private::Roles {
                        reads: &[#(#reads),*],
                        writes: &[#(#writes),*],
                        valid: #valid,
                        opcodes: &[#(#opcodes),*],
                        opcode_bits: &[#(#opcode_bits),*],
                        booleans: &[#(#booleans),*],
                        one_hot: &[#(#one_hot),*],
                        ranges: &[#(#ranges),*],
                        free: &[#(#free),*],
                        registers: &[#(#registers),*],
                        carried: &[#(#carried),*],
                    }
                };
            }
            #eager
        };
    }
}
