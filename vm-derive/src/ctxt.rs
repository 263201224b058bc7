//! Accumulated errors: one compile shows every mistake of an item.

use std::cell::RefCell;
use std::fmt::Display;

use quote::ToTokens;

/// Collects the errors of one macro invocation.
///
/// A context must be consumed by [`Ctxt::finish`]. Dropping it would lose its errors, so its destructor panics.
pub(crate) struct Ctxt {
    errors: RefCell<Option<Vec<syn::Error>>>,
}

impl Ctxt {
    pub(crate) fn new() -> Self {
        Self { errors: RefCell::new(Some(Vec::new())) }
    }

    /// Reports an error on the whole of `tokens`.
    pub(crate) fn error(&self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens.into_token_stream(), message));
    }

    /// Reports an error that already has a span, such as one from `syn`.
    pub(crate) fn push(&self, error: syn::Error) {
        if let Some(errors) = self.errors.borrow_mut().as_mut() {
            errors.push(error);
        }
    }

    /// Whether no error was reported so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.errors.borrow().as_ref().is_none_or(Vec::is_empty)
    }

    /// Returns the value of a result, or reports its error.
    pub(crate) fn ok<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Returns the model if there is one and no error was reported.
    ///
    /// # Errors
    ///
    /// Returns all reported errors. A missing model without an error is a bug of the macro, and an error as well.
    pub(crate) fn finish<T>(self, model: Option<T>) -> syn::Result<T> {
        let errors = self.errors.borrow_mut().take().unwrap_or_default();
        let combined = errors.into_iter().reduce(|mut all, next| {
            all.combine(next);
            all
        });
        match (combined, model) {
            (Some(error), _) => Err(error),
            (None, Some(model)) => Ok(model),
            (None, None) => Err(syn::Error::new(
                proc_macro2::Span::call_site(),
                "internal error: the macro rejected this item without an error message; please report it",
            )),
        }
    }
}

impl Drop for Ctxt {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.errors.borrow().is_some() {
            panic!("bug in vm-derive: an error context was dropped unchecked");
        }
    }
}
