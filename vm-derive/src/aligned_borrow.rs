//! `#[derive(AlignedBorrow)]`: views of cell slices as column structs, and column names.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, DeriveInput, GenericArgument, GenericParam, Generics, Ident, Meta, PathArguments, Token, Type, TypePath,
    parse_quote,
};

use crate::ctxt::Ctxt;
use crate::frame::Macro;
use crate::generics::mentions;
use crate::item::named_fields;
use crate::private::Private;
use crate::span::located;

/// The derive.
pub(crate) struct AlignedBorrow;

/// A validated column struct.
pub(crate) struct Columns<'a> {
    private: &'a Private,
    pub(crate) input: &'a DeriveInput,
    cell: &'a Ident,
    fields: Vec<Column>,
}

/// A field of a column struct.
struct Column {
    /// Name as it appears in column names (without `r#`).
    name: String,
    /// The type with `u8` as its cell.
    byte_type: Type,
}

impl Macro for AlignedBorrow {
    type Arguments = Private;
    type Item = DeriveInput;
    type Model<'a> = Columns<'a>;

    fn validate<'a>(&self, cx: &Ctxt, private: &'a Private, input: &'a mut DeriveInput) -> Option<Columns<'a>> {
        model(cx, private, input)
    }

    fn expand(&self, model: &Columns<'_>) -> TokenStream {
        expand(model, false)
    }

    fn stub(&self, private: &Private, input: &DeriveInput) -> TokenStream {
        stub(private, input)
    }
}

/// Checks a column struct.
pub(crate) fn model<'a>(cx: &Ctxt, private: &'a Private, input: &'a DeriveInput) -> Option<Columns<'a>> {
    let fields = named_fields(
        cx,
        input,
        "a column struct has named fields: the names become the names of the columns",
        "`AlignedBorrow` is for structs: their fields are the columns",
    );
    check_repr(cx, input);
    let cell = cell_parameter(cx, input);
    let (fields, cell) = (fields?, cell?);
    if fields.is_empty() {
        cx.error(&input.ident, "a column struct has at least one field");
    }
    let fields = fields.iter().filter_map(|field| {
        let name = field.ident.as_ref()?.unraw().to_string();
        let byte_type = byte_type(cx, &field.ty, cell)?;
        Some(Column { name, byte_type })
    });
    Some(Columns { private, input, cell, fields: fields.collect() })
}

/// Checks that the layout is that of an array of cells: `repr(C)` and nothing else.
fn check_repr(cx: &Ctxt, input: &DeriveInput) {
    let mut has_c = false;
    for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("repr")) {
        let Some(options) = cx.ok(repr_options(attr)) else { continue };
        for option in options {
            if option.path().is_ident("C") {
                has_c = true;
            } else {
                let text = option.to_token_stream().to_string().replace(' ', "");
                cx.error(
                    &option,
                    format!("`repr({text})` changes the layout: a column struct is `#[repr(C)]` and nothing else"),
                );
            }
        }
    }
    if !has_c {
        cx.error(
            &input.ident,
            format!(
                "`{}` needs `#[repr(C)]`, so that its fields lie in memory in the order of its columns",
                input.ident
            ),
        );
    }
}

fn repr_options(attr: &Attribute) -> syn::Result<Punctuated<Meta, Token![,]>> {
    attr.parse_args_with(Punctuated::parse_terminated)
}

/// Returns the only type parameter.
fn cell_parameter<'a>(cx: &Ctxt, input: &'a DeriveInput) -> Option<&'a Ident> {
    let mut cell = None;
    let mut several = false;
    for parameter in &input.generics.params {
        match parameter {
            GenericParam::Lifetime(lifetime) => {
                cx.error(lifetime, "a column struct cannot borrow: remove the lifetime parameter");
            }
            GenericParam::Type(parameter) if cell.is_some() => {
                several = true;
                cx.error(parameter, "a column struct has exactly one type parameter, its cell; this is another one");
            }
            GenericParam::Type(parameter) => cell = Some(&parameter.ident),
            GenericParam::Const(_) => {}
        }
    }
    if cell.is_none() {
        cx.error(&input.ident, format!("`{0}` needs a type parameter for its cells: `struct {0}<T>`", input.ident));
    }
    cell.filter(|_| !several)
}

/// Returns `ty` with `u8` as its cell, if the layout of such a type is known.
fn byte_type(cx: &Ctxt, ty: &Type, cell: &Ident) -> Option<Type> {
    if !mentions(ty, cell) {
        cx.error(
            ty,
            format!(
                "this field is not made of cells: its type does not mention `{cell}`\n\
                 write `{cell}`, `[{cell}; N]` or another column struct such as `Inner<{cell}>`"
            ),
        );
        return None;
    }
    match ty {
        Type::Path(TypePath { qself: None, path }) if path.is_ident(cell) => Some(parse_quote!(::core::primitive::u8)),
        Type::Path(TypePath { qself: None, path })
            if path.segments.first().is_some_and(|first| first.ident != *cell) =>
        {
            if path.segments.last().is_some_and(|last| last.ident == "PhantomData") {
                cx.error(ty, "`PhantomData` is not a column: remove the field");
                return None;
            }
            let mut path = path.clone();
            for segment in &mut path.segments {
                let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { continue };
                for argument in &mut arguments.args {
                    if let GenericArgument::Type(inner) = argument
                        && mentions(&*inner, cell)
                    {
                        *inner = byte_type(cx, inner, cell)?;
                    }
                }
            }
            Some(Type::Path(TypePath { qself: None, path }))
        }
        Type::Array(array) => {
            let mut array = array.clone();
            *array.elem = byte_type(cx, &array.elem, cell)?;
            Some(Type::Array(array))
        }
        Type::Paren(inner) => byte_type(cx, &inner.elem, cell),
        Type::Group(inner) => byte_type(cx, &inner.elem, cell),
        _ => {
            cx.error(
                ty,
                format!(
                    "this type has no fixed layout of cells; write `{cell}`, `[{cell}; N]` or another column struct"
                ),
            );
            None
        }
    }
}

/// Whether a field of the `u8` instance is a cell or an array of cells.
fn is_cells(ty: &Type) -> bool {
    match ty {
        Type::Array(array) => is_cells(&array.elem),
        other => *other == parse_quote!(::core::primitive::u8),
    }
}

/// Returns the generic arguments of the column struct for the cell type `cell`.
fn arguments(input: &DeriveInput, cell: &TokenStream) -> TokenStream {
    let arguments = input.generics.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Lifetime(_) => None,
        GenericParam::Type(_) => Some(cell.clone()),
        GenericParam::Const(parameter) => Some(parameter.ident.to_token_stream()),
    });
    quote!(<#(#arguments),*>)
}

/// Returns the parameters (without the cell) and the predicates of the `u8` instance.
fn byte_generics(input: &DeriveInput, cell: &Ident) -> (TokenStream, TokenStream) {
    let mut generics = input.generics.clone();
    generics.params = generics.params.into_iter().filter(|p| !matches!(p, GenericParam::Type(_))).collect();
    if let Some(clause) = &mut generics.where_clause {
        // The compiler checks predicates on the cell where the `u8` instance is named.
        clause.predicates = clause.predicates.iter().filter(|predicate| !mentions(predicate, cell)).cloned().collect();
    }
    let (parameters, _, clause) = generics.split_for_impl();
    (parameters.to_token_stream(), clause.to_token_stream())
}

impl Columns<'_> {
    /// Returns parameters, predicates and arguments of the `u8` instance.
    pub(crate) fn byte_instance(&self) -> (TokenStream, TokenStream, TokenStream) {
        let (parameters, clause) = byte_generics(self.input, self.cell);
        (parameters, clause, arguments(self.input, &quote!(::core::primitive::u8)))
    }

    /// Returns the type of a field in the `u8` instance.
    pub(crate) fn byte_type(&self, field: &Ident) -> Option<&Type> {
        let name = field.unraw().to_string();
        self.fields.iter().find(|column| column.name == name).map(|column| &column.byte_type)
    }

    /// Returns the fields that are column structs themselves: name, and type in the `u8` instance.
    pub(crate) fn nested(&self) -> impl Iterator<Item = (&str, &Type)> {
        let fields = self.fields.iter().map(|Column { name, byte_type }| (name.as_str(), byte_type));
        fields.filter(|(_, byte_type)| !is_cells(byte_type))
    }
}

/// Returns the impls of the borrows and of `ColumnLayout`. `has_roles` says whether fields of the struct itself have
/// roles that constrain them.
pub(crate) fn expand(model: &Columns<'_>, has_roles: bool) -> TokenStream {
    let Columns { private, input, cell, fields } = model;
    let name = &input.ident;
    let (parameters, _, clause) = input.generics.split_for_impl();
    let this = arguments(input, &cell.to_token_stream());
    let bytes = arguments(input, &quote!(::core::primitive::u8));
    let (byte_parameters, byte_clause) = byte_generics(input, cell);
    let byte_types: Vec<&Type> = fields.iter().map(|field| &field.byte_type).collect();
    let pushes = fields.iter().map(|Column { name, byte_type }| {
        quote_spanned! {located(byte_type)=>
            <#byte_type as #private::ColumnLayout>::push_names(&#private::column_name(__prefix, #name), __out);
        }
    });

    let has_roles = match has_roles {
        true => quote!(true),
        false => {
            let fields = model.nested().map(|(_, ty)| quote!(<#ty as #private::ColumnLayout>::HAS_ROLES));
            quote!(false #(|| #fields)*)
        }
    };
    let padding = format!("`{name}` has padding, or a field that is not made of cells");
    let byte_check = quote! {
        ::core::assert!(
            #private::is_made_of::<#name #bytes, ::core::primitive::u8>(#(::core::mem::size_of::<#byte_types>())+*),
            #padding
        );
    };
    // With const parameters, sizes are known only where the struct is used.
    let (checked_now, checked_in_use) = if input.generics.params.len() == 1 {
        (Some(quote!(const _: () = { #byte_check };)), None)
    } else {
        (None, Some(quote!(const { #byte_check })))
    };

    // Both borrows assert at compile time, for each cell type, that the struct has the size and the alignment of an
    // array of cells, and at run time that the slice has the length of that array.
    let width = quote!(::core::mem::size_of::<#name #bytes>());
    let length = format!("`{name}` has {{}} columns, but the slice has {{}} cells");
    let asserts = quote! {
        const { ::core::assert!(#private::is_made_of::<#name #this, #cell>(#width), #padding); }
        ::core::assert!(self.len() == #width, #length, #width, self.len());
    };
    let safety = format!(
        " SAFETY: `{name}` is `repr(C)` and all of its fields are made of `{cell}`, so it has no padding and the layout \
         of an array of its cells; size and alignment are asserted at compile time, the length of the slice at run time."
    );

    // SAFETY: the generated code states its own safety argument, as a doc comment (`safety`).
    quote! {
        const _: () = {
            #checked_now

            #[doc = #safety]
            #[automatically_derived]
            #[allow(unsafe_code)]
            impl #parameters ::core::borrow::Borrow<#name #this> for [#cell] #clause {
                #[inline]
                #[track_caller]
                fn borrow(&self) -> &#name #this {
                    #asserts
                    unsafe { &*self.as_ptr().cast::<#name #this>() }
                }
            }

            #[doc = #safety]
            #[automatically_derived]
            #[allow(unsafe_code)]
            impl #parameters ::core::borrow::BorrowMut<#name #this> for [#cell] #clause {
                #[inline]
                #[track_caller]
                fn borrow_mut(&mut self) -> &mut #name #this {
                    #asserts
                    unsafe { &mut *self.as_mut_ptr().cast::<#name #this>() }
                }
            }

            #[automatically_derived]
            #[allow(unsafe_code)]
            unsafe impl #byte_parameters #private::ColumnLayout for #name #bytes #byte_clause {
                const HAS_ROLES: ::core::primitive::bool = #has_roles;

                fn push_names(
                    __prefix: &::core::primitive::str,
                    __out: &mut ::std::vec::Vec<::std::string::String>,
                ) {
                    #checked_in_use
                    #(#pushes)*
                }
            }
        };
    }
}

/// Returns impls without content.
pub(crate) fn stub(private: &Private, input: &DeriveInput) -> TokenStream {
    let mut types = input.generics.type_params();
    let (Some(cell), None) = (types.next(), types.next()) else { return TokenStream::new() };
    if input.generics.lifetimes().next().is_some() {
        return TokenStream::new();
    }
    let cell = &cell.ident;
    let name = &input.ident;
    let (parameters, this, clause) = input.generics.split_for_impl();
    let layout = stub_instance(input).map(|(byte_parameters, byte_clause, bytes)| {
        quote! {
            #[automatically_derived]
            #[allow(unsafe_code)]
            unsafe impl #byte_parameters #private::ColumnLayout for #name #bytes #byte_clause {
                fn push_names(
                    _: &::core::primitive::str,
                    _: &mut ::std::vec::Vec<::std::string::String>,
                ) {}
            }
        }
    });
    quote! {
        const _: () = {
            #[automatically_derived]
            impl #parameters ::core::borrow::Borrow<#name #this> for [#cell] #clause {
                fn borrow(&self) -> &#name #this { ::core::unimplemented!() }
            }
            #[automatically_derived]
            impl #parameters ::core::borrow::BorrowMut<#name #this> for [#cell] #clause {
                fn borrow_mut(&mut self) -> &mut #name #this { ::core::unimplemented!() }
            }
            #layout
        };
    }
}

/// Returns parameters, predicates and arguments of the `u8` instance of a rejected struct. Returns `None` if the struct
/// has bounds on its cell, which `u8` may not satisfy.
pub(crate) fn stub_instance(input: &DeriveInput) -> Option<(TokenStream, TokenStream, TokenStream)> {
    let mut types = input.generics.type_params();
    let (cell, None) = (&types.next()?.ident, types.next()) else { return None };
    let borrows = input.generics.lifetimes().next().is_some();
    if borrows || bound_on_cell(&input.generics).is_some() {
        return None;
    }
    let (parameters, clause) = byte_generics(input, cell);
    Some((parameters, clause, arguments(input, &quote!(::core::primitive::u8))))
}

/// Returns a bound or a predicate on the cell of a struct, if there is one.
pub(crate) fn bound_on_cell(generics: &Generics) -> Option<TokenStream> {
    let cell = generics.type_params().next()?;
    if !cell.bounds.is_empty() {
        return Some(cell.bounds.to_token_stream());
    }
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    predicates.into_iter().find(|predicate| mentions(predicate, &cell.ident)).map(ToTokens::to_token_stream)
}
