//! The arguments of `#[vm_extension(…)]` as they are written.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Path, Token, Type, TypePath, bracketed, parenthesized};

use crate::attr::CratePath;
use crate::ctxt::Ctxt;
use crate::list::{self, entries};
use crate::symbol;
use crate::text::text;

const EXECUTOR: &str = "executor";
const PERIPHERY: &str = "periphery";
const INSTRUCTIONS: &str = "instructions";
const TESTS: &str = "tests";
const EXECUTORS: &str = "executors";
const SPECIALISED: &str = "specialised";
const LOOKUPS: &str = "lookups";
const CHIPS: &str = "chips";
const PHANTOMS: &str = "phantoms";
const BUSES: &str = "buses";
const WORDS: &str = "words";

/// Options, written `key = value`.
const OPTIONS: [&str; 4] = [EXECUTOR, PERIPHERY, TESTS, symbol::CRATE];
/// Sections, written `name(…)`.
const SECTIONS: [&str; 8] = [INSTRUCTIONS, EXECUTORS, SPECIALISED, LOOKUPS, CHIPS, PHANTOMS, BUSES, WORDS];

/// Everything between the parentheses of the attribute.
#[derive(Default)]
pub(super) struct Arguments {
    pub(super) krate: Option<Path>,
    pub(super) executor: Option<Ident>,
    pub(super) periphery: Option<Ident>,
    /// The extension that generated tests use, or `false` for no tests.
    pub(super) tests: Option<Expr>,
    pub(super) instructions: Vec<Annotated>,
    pub(super) executors: Vec<Executor>,
    /// Executors that serve only the instructions that they accept.
    pub(super) specialised: Vec<Executor>,
    pub(super) lookups: Vec<Entry>,
    pub(super) chips: Vec<Entry>,
    pub(super) phantoms: Vec<Phantom>,
    pub(super) buses: Vec<Expr>,
    /// Decoders of further words.
    pub(super) words: Vec<Expr>,
}

/// `Variant: ChipType`.
pub(super) struct Entry {
    pub(super) docs: Vec<Attribute>,
    pub(super) variant: Ident,
    pub(super) ty: Type,
}

impl Entry {
    /// Whether this is the chip of an annotated instruction, whose type is a projection.
    pub(super) fn is_annotated(&self) -> bool {
        matches!(self.ty, Type::Verbatim(_))
    }
}

/// `Variant: ChipType => opcodes`.
pub(super) struct Executor {
    pub(super) entry: Entry,
    pub(super) opcodes: Opcodes,
    /// Listed in the section `specialised`.
    pub(super) specialised: bool,
}

/// `Instruction`, `Instruction with Adapter` or `Instruction = value`.
pub(super) struct Annotated {
    pub(super) docs: Vec<Attribute>,
    /// Type with `#[instruction]`.
    pub(super) ty: TypePath,
    /// Adapter of a second chip, for special cases.
    pub(super) specialised: Option<TypePath>,
    /// Value of the instruction, if it has parameters.
    pub(super) value: Option<Expr>,
}

/// The opcodes of an executor.
pub(super) enum Opcodes {
    /// All of a class.
    Class(Type),
    /// Some, as `[Class::A, Class::B]`.
    List(Vec<Path>),
}

/// `discriminant => sub-executor`.
pub(super) struct Phantom {
    pub(super) discriminant: Expr,
    pub(super) executor: Expr,
}

impl Arguments {
    /// Parses all options and sections; a mistake in one of them does not hide those in the others.
    pub(super) fn parse(cx: &Ctxt, arguments: TokenStream) -> Self {
        let mut parsed = Self::default();
        let mut seen: Vec<String> = Vec::new();
        list::arguments(cx, arguments, |input| parsed.argument(cx, input, &mut seen));
        parsed
    }

    fn argument(&mut self, cx: &Ctxt, input: ParseStream<'_>, seen: &mut Vec<String>) -> syn::Result<()> {
        let Ok(key) = input.call(Ident::parse_any) else {
            return Err(input.error("expected a section such as `executors(…)` or an option such as `executor = …`"));
        };
        let name = key.to_string();
        let error = |message: String| Err(syn::Error::new(key.span(), message));
        let (is_option, is_section) = (OPTIONS.contains(&name.as_str()), SECTIONS.contains(&name.as_str()));
        if !is_option && !is_section {
            let legal: Vec<&str> = SECTIONS.into_iter().chain(OPTIONS).collect();
            return error(symbol::unknown("section", &name, &legal));
        }
        if seen.contains(&name) {
            return error(if is_section {
                format!("duplicate section `{name}`: list all entries in one")
            } else {
                format!("duplicate option `{name}`")
            });
        }
        seen.push(name.clone());
        if is_option && !input.peek(Token![=]) {
            return error(format!("`{name}` is an option: write `{name} = …`"));
        }
        if is_section && !input.peek(syn::token::Paren) {
            return error(format!("`{name}` is a section: write `{name}(…)`"));
        }
        if is_option {
            input.parse::<Token![=]>()?;
            match name.as_str() {
                EXECUTOR => self.executor = Some(input.parse()?),
                PERIPHERY => self.periphery = Some(input.parse()?),
                TESTS => self.tests = Some(input.parse()?),
                _ => self.krate = Some(input.parse::<CratePath>()?.0),
            }
        } else {
            let content;
            parenthesized!(content in input);
            match name.as_str() {
                INSTRUCTIONS => self.instructions = entries(cx, &content),
                EXECUTORS => self.executors = entries(cx, &content),
                SPECIALISED => {
                    self.specialised = entries(cx, &content);
                    self.specialised.iter_mut().for_each(|executor| executor.specialised = true);
                }
                LOOKUPS => self.lookups = entries(cx, &content),
                CHIPS => self.chips = entries(cx, &content),
                PHANTOMS => self.phantoms = entries(cx, &content),
                BUSES => self.buses = entries(cx, &content),
                _ => self.words = entries(cx, &content),
            }
        }
        Ok(())
    }
}

/// Doc comments in front of an entry.
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
                "an annotated instruction knows its chip and its opcodes: write `{0}` alone (entries `Variant: Chip => opcodes` \
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
                    format!("expected `,`, `= value` or `with Adapter`, not `{with}`"),
                ));
            }
            Some(input.parse().map_err(|error| syn::Error::new(error.span(), "`with` which adapter?"))?)
        } else {
            None
        };
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self { docs, ty, specialised, value })
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
        Ok(Self { docs, variant, ty: input.parse()? })
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
        let discriminant: Expr = input.parse()?;
        if !input.peek(Token![=>]) {
            return Err(syn::Error::new_spanned(
                &discriminant,
                "a phantom sub-instruction is written `0x20 => SubExecutor`: its discriminant and the value that executes it",
            ));
        }
        input.parse::<Token![=>]>()?;
        Ok(Self { discriminant, executor: input.parse()? })
    }
}
