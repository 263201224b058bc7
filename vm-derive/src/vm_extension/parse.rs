//! The arguments of `#[vm_extension(…)]` as they are written.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Path, Token, Type, TypePath, bracketed};

use crate::attr::entries;
use crate::ctxt::Ctxt;
use crate::private::Private;
use crate::symbol::{
    BUSES, CHIPS, EXECUTOR, EXECUTORS, INSTRUCTIONS, LOOKUPS, MACHINE, PERIPHERY, PHANTOMS, SHARED, SPECIALISED, TESTS,
    VM_EXTENSION, WORDS,
};
use crate::text::text;

/// Everything between the parentheses of the attribute.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(super) private: Private,
    pub(super) executor: Option<Ident>,
    pub(super) periphery: Option<Ident>,
    /// The extension that generated tests use, or `false` for no tests.
    pub(super) tests: Option<Expr>,
    /// The machine on which generated tests run.
    pub(super) machine: Option<Expr>,
    pub(super) instructions: Vec<Annotated>,
    pub(super) executors: Vec<Executor>,
    /// Executors that execute only the instructions that they accept.
    pub(super) specialised: Vec<Executor>,
    pub(super) lookups: Vec<Entry>,
    pub(super) chips: Vec<Entry>,
    /// Values that the chips share.
    pub(super) shared: Vec<Shared>,
    pub(super) phantoms: Vec<Phantom>,
    pub(super) buses: Vec<Expr>,
    /// Iterables of decoders of instruction words without a declaration.
    pub(super) words: Vec<Expr>,
}

/// `Variant: ChipType` or `Variant: ChipType = value`.
pub(super) struct Entry {
    pub(super) docs: Vec<Attribute>,
    pub(super) variant: Ident,
    pub(super) ty: Type,
    /// The chip, if `BuildChip` does not make it.
    pub(super) value: Option<Expr>,
}

/// `name = value`.
pub(super) struct Shared {
    pub(super) name: Ident,
    pub(super) value: Expr,
}

/// Whether a type is the chip of an annotated instruction: a projection, which no list of chips can contain.
pub(super) fn is_annotated(chip: &Type) -> bool {
    matches!(chip, Type::Verbatim(_))
}

/// `Variant: ChipType => opcodes`.
pub(super) struct Executor {
    pub(super) entry: Entry,
    pub(super) opcodes: Opcodes,
    /// Listed in `specialised`.
    pub(super) specialised: bool,
}

/// `Instruction`, `Instruction with Adapter`, `Instruction = value` or `Instruction in values`.
pub(super) struct Annotated {
    pub(super) docs: Vec<Attribute>,
    /// Type with `#[instruction]`.
    pub(super) ty: TypePath,
    /// Adapter of a second chip, for special cases.
    pub(super) specialised: Option<TypePath>,
    /// Value of the instruction, if it has parameters.
    pub(super) value: Option<Values>,
}

/// Values of an instruction with parameters.
pub(super) enum Values {
    /// The only one.
    One(Expr),
    /// An iterable of any number. Each value has a chip of its own.
    Each(Expr),
}

/// The opcodes of an executor.
pub(super) enum Opcodes {
    /// All of a class.
    Class(Type),
    /// Some, as `[Class::A, Class::B]`.
    List(Vec<Path>),
}

/// A phantom instruction.
pub(super) enum Phantom {
    /// `discriminant => sub-executor`.
    Executor { discriminant: Expr, executor: Expr },
    /// `Phantom`, `Phantom = value` or `Phantom in values`: a type with `#[phantom]`.
    Declared { ty: TypePath, value: Option<Values> },
}

impl Arguments {
    /// Parses all arguments; a mistake in one of them does not hide those in the others.
    pub(super) fn parse(cx: &Ctxt, arguments: TokenStream) -> Self {
        let mut parsed = Self::default();
        VM_EXTENSION.read(cx, arguments, |key, _, input| {
            match key.name {
                EXECUTOR => parsed.executor = Some(key.parse(input)?),
                PERIPHERY => parsed.periphery = Some(key.parse(input)?),
                TESTS => parsed.tests = Some(input.parse()?),
                MACHINE => parsed.machine = Some(input.parse()?),
                INSTRUCTIONS => parsed.instructions = entries(cx, input),
                EXECUTORS => parsed.executors = entries(cx, input),
                SPECIALISED => {
                    parsed.specialised = entries(cx, input);
                    parsed.specialised.iter_mut().for_each(|executor| executor.specialised = true);
                }
                LOOKUPS => parsed.lookups = entries(cx, input),
                CHIPS => parsed.chips = entries(cx, input),
                SHARED => parsed.shared = entries(cx, input),
                PHANTOMS => parsed.phantoms = entries(cx, input),
                BUSES => parsed.buses = entries(cx, input),
                WORDS => parsed.words = entries(cx, input),
                _ => parsed.private = input.parse()?,
            }
            Ok(())
        });
        parsed
    }
}

/// Parses the doc comments of an entry.
fn docs(input: ParseStream<'_>) -> syn::Result<Vec<Attribute>> {
    let docs = input.call(Attribute::parse_outer)?;
    match docs.iter().find(|attr| !attr.path().is_ident("doc")) {
        Some(attr) => Err(syn::Error::new_spanned(attr, "only doc comments are allowed here")),
        None => Ok(docs),
    }
}

impl Parse for Annotated {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let docs = docs(input)?;
        let ty: TypePath = input.parse().map_err(|error| {
            syn::Error::new(error.span(), "expected the name of a struct or enum with `#[instruction]`")
        })?;
        if input.peek(Token![:]) || input.peek(Token![=>]) {
            return Err(input.error(format!(
                "the chip and the opcodes of an annotated instruction are known: write `{0}` alone (entries `Variant: Chip => opcodes` \
                 belong in `executors(…)`)",
                text(&ty)
            )));
        }
        let is_keyword =
            |segment: &syn::PathSegment| ["Self", "self", "super", "crate"].iter().any(|word| segment.ident == word);
        if ty.path.segments.last().is_none_or(is_keyword) {
            return Err(syn::Error::new_spanned(&ty, "expected the name of a struct or enum with `#[instruction]`"));
        }
        let specialised = if input.peek(Ident) {
            let with: Ident = input.parse()?;
            if with != "with" {
                return Err(syn::Error::new(
                    with.span(),
                    format!("expected `,`, `= value`, `in values` or `with Adapter`, not `{with}`"),
                ));
            }
            Some(input.parse().map_err(|error| syn::Error::new(error.span(), "expected an adapter after `with`"))?)
        } else {
            None
        };
        Ok(Self { docs, ty, specialised, value: Values::parse(input)? })
    }
}

impl Values {
    /// Parses `= value`, `in values` or nothing.
    fn parse(input: ParseStream<'_>) -> syn::Result<Option<Self>> {
        Ok(if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(Self::One(input.parse()?))
        } else if input.peek(Token![in]) {
            input.parse::<Token![in]>()?;
            Some(Self::Each(input.parse()?))
        } else {
            None
        })
    }
}

impl Parse for Shared {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let hint = |error: syn::Error| {
            syn::Error::new(
                error.span(),
                "a shared value is written `name = value`; the values of chips may use its name",
            )
        };
        let name = input.parse().map_err(hint)?;
        input.parse::<Token![=]>().map_err(hint)?;
        Ok(Self { name, value: input.parse()? })
    }
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let docs = docs(input)?;
        let start: Path = input.fork().parse().map_err(|error| {
            syn::Error::new(error.span(), format!("{error}; an entry is written `Variant: ChipType`"))
        })?;
        let named = input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]);
        if !named {
            return Err(syn::Error::new_spanned(
                &start,
                format!("this entry has no variant name: write `Variant: {}`", text(&start)),
            ));
        }
        let variant: Ident = input.parse()?;
        input.parse::<Token![:]>()?;
        if input.is_empty() || input.peek(Token![,]) || input.peek(Token![=>]) {
            return Err(syn::Error::new_spanned(
                &variant,
                format!("this entry has no type: write `{variant}: ChipType`"),
            ));
        }
        let ty = input.parse()?;
        let has_value = input.peek(Token![=]) && !input.peek(Token![=>]);
        let value = if has_value {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self { docs, variant, ty, value })
    }
}

impl Parse for Executor {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let entry: Entry = input.parse()?;
        if !input.peek(Token![=>]) {
            let Entry { variant, ty, .. } = &entry;
            let ty_text = text(ty);
            return Err(syn::Error::new_spanned(
                ty,
                format!(
                    "executor `{variant}` has no opcodes: write `{variant}: {ty_text} => SomeOpcode` for a whole class \
                     or `{variant}: {ty_text} => [SomeOpcode::A, SomeOpcode::B]`"
                ),
            ));
        }
        input.parse::<Token![=>]>()?;
        Ok(Self { entry, opcodes: input.parse()?, specialised: false })
    }
}

impl Parse for Opcodes {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(syn::token::Bracket) {
            return Ok(Self::Class(input.parse()?));
        }
        let content;
        let bracket = bracketed!(content in input);
        let list = Punctuated::<Path, Token![,]>::parse_terminated(&content)?;
        if list.is_empty() {
            return Err(syn::Error::new(bracket.span.join(), "this list has no opcodes"));
        }
        Ok(Self::List(list.into_iter().collect()))
    }
}

impl Parse for Phantom {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        if ahead.parse::<Expr>().is_ok() && ahead.peek(Token![=>]) {
            let discriminant = input.parse()?;
            input.parse::<Token![=>]>()?;
            return Ok(Self::Executor { discriminant, executor: input.parse()? });
        }
        let ty = input.parse().map_err(|error| {
            syn::Error::new(
                error.span(),
                "expected the name of a struct with `#[phantom]`, or `0x20 => SubExecutor`, a discriminant and the value that \
                 executes it",
            )
        })?;
        Ok(Self::Declared { ty, value: Values::parse(input)? })
    }
}
