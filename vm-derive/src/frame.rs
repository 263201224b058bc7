//! The frame of every macro: parse, validate, and expand or report.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Item};

use crate::ctxt::Ctxt;
use crate::private::Private;
use crate::symbol;

/// A macro. Its input becomes a *model*, which holds valid things only, so that expanding it cannot fail.
pub(crate) trait Macro {
    /// Arguments of the attribute; of a derive, the path of the SDK.
    type Arguments;
    /// The annotated item.
    type Item;
    /// The validated input.
    type Model<'a>;

    /// Returns the model, or reports at least one error. Attributes that belong to the macro are taken off the item.
    fn validate<'a>(
        &self,
        cx: &Ctxt,
        arguments: &'a Self::Arguments,
        item: &'a mut Self::Item,
    ) -> Option<Self::Model<'a>>;

    /// Returns the generated code.
    fn expand(&self, model: &Self::Model<'_>) -> TokenStream;

    /// Returns what replaces a rejected item, so that one mistake does not cause further errors where the item is used:
    /// impls without content, and, for an attribute, the item itself.
    fn stub(&self, arguments: &Self::Arguments, item: &Self::Item) -> TokenStream;
}

/// A macro that is written as an attribute.
pub(crate) trait AttributeMacro: Macro {
    /// Parses the arguments; reports wrong ones and keeps the others.
    fn arguments(&self, cx: &Ctxt, tokens: TokenStream) -> Self::Arguments;

    /// Returns the item if it is of the right kind.
    fn item(&self, item: Item) -> syn::Result<Self::Item>;
}

/// Runs a derive.
pub(crate) fn derive<M>(this: &M, input: TokenStream) -> TokenStream
where
    M: Macro<Arguments = Private, Item = DeriveInput>,
{
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let cx = Ctxt::new();
    let mut private = Private::default();
    symbol::VM.among(&cx, &input.attrs, |_, _, content| {
        let options = symbol::SDK.options(content, |_, _, value| {
            private = value.parse()?;
            Ok(())
        });
        options.map(|_| ())
    });
    run(this, cx, &private, input)
}

/// Runs an attribute macro.
pub(crate) fn attribute<M: AttributeMacro>(this: &M, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let parsed = syn::parse2::<Item>(item.clone()).and_then(|item| this.item(item));
    let cx = Ctxt::new();
    let arguments = this.arguments(&cx, arguments);
    match parsed {
        Ok(parsed) => run(this, cx, &arguments, parsed),
        Err(error) => {
            cx.push(error);
            let errors = cx.finish::<()>(None).err().map(|error| error.to_compile_error());
            quote!(#errors #item)
        }
    }
}

fn run<M: Macro>(this: &M, cx: Ctxt, arguments: &M::Arguments, mut item: M::Item) -> TokenStream {
    let model = this.validate(&cx, arguments, &mut item);
    let expansion = cx.finish(model).map(|model| this.expand(&model));
    expansion.unwrap_or_else(|error| {
        let error = error.to_compile_error();
        let stub = this.stub(arguments, &item);
        quote!(#error #stub)
    })
}
