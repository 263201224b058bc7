//! Generic parameters of annotated items.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericParam, Generics, Ident};

/// Whether an identifier occurs anywhere in `tokens`.
pub(crate) fn mentions(tokens: impl ToTokens, name: &Ident) -> bool {
    fn search(tokens: TokenStream, name: &Ident) -> bool {
        tokens.into_iter().any(|tree| match tree {
            TokenTree::Ident(ident) => ident == *name,
            TokenTree::Group(group) => search(group.stream(), name),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    search(tokens.into_token_stream(), name)
}

/// Whether a type depends on a type parameter, so that a bound on the type is useful.
pub(crate) fn is_generic(ty: impl ToTokens, generics: &Generics) -> bool {
    let tokens = ty.into_token_stream();
    generics.type_params().any(|parameter| mentions(&tokens, &parameter.ident))
}

/// Returns the parameters that occur in `types`, without defaults, and the predicates that mention no other parameter.
///
/// Generated enums hold only some of an item's types. A type parameter that none of them mentions would be unused.
pub(crate) fn restrict(generics: &Generics, types: &[impl ToTokens]) -> Generics {
    let name = |parameter: &GenericParam| match parameter {
        GenericParam::Lifetime(lifetime) => lifetime.lifetime.ident.clone(),
        GenericParam::Type(parameter) => parameter.ident.clone(),
        GenericParam::Const(parameter) => parameter.ident.clone(),
    };
    let (kept, dropped): (Vec<GenericParam>, Vec<GenericParam>) =
        generics.params.iter().cloned().partition(|parameter| types.iter().any(|ty| mentions(ty, &name(parameter))));
    let mut restricted = generics.clone();
    restricted.params = kept.into_iter().map(without_default).collect();
    if let Some(clause) = &mut restricted.where_clause {
        let mentions_dropped = |predicate: &_| dropped.iter().any(|parameter| mentions(predicate, &name(parameter)));
        clause.predicates =
            clause.predicates.iter().filter(|p: &&syn::WherePredicate| !mentions_dropped(*p)).cloned().collect();
    }
    restricted
}

fn without_default(mut parameter: GenericParam) -> GenericParam {
    match &mut parameter {
        GenericParam::Type(parameter) => {
            parameter.eq_token = None;
            parameter.default = None;
        }
        GenericParam::Const(parameter) => {
            parameter.eq_token = None;
            parameter.default = None;
        }
        GenericParam::Lifetime(_) => {}
    }
    parameter
}
