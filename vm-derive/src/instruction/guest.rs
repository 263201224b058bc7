//! `guest = name` and `guest(fn name(…) -> u32)`: the function by which guest programs use an instruction.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::parse::ParseStream;
use syn::{
    Attribute, FnArg, GenericParam, Ident, LitStr, Pat, PatIdent, Path, ReturnType, Signature, Token, Type, TypePath,
    Visibility, parenthesized, parse_quote,
};

use crate::ctxt::Ctxt;
use crate::item::{guest_only, host_only};
use crate::private::Private;
use crate::span::at;
use crate::symbol::GUEST_FUNCTION;
use crate::text::signature_text;

use super::encode::{Encode, FieldValue};

/// A guest function as it is written.
#[derive(Clone)]
pub(crate) struct Guest {
    pub(super) key: Ident,
    form: Form,
    /// Function to call on the host, if the semantics of the instruction cannot be called.
    host: Option<Path>,
}

#[derive(Clone)]
enum Form {
    Name(Ident),
    Signature(Box<Signature>),
}

/// A guest function that fits its encoding.
pub(crate) struct GuestFn {
    signature: Signature,
    /// Parameters in order.
    parameters: Vec<Ident>,
    returns: bool,
    /// Whether all parameters are plain words, so that the instruction touches no memory.
    pure: bool,
    /// Const parameter that becomes the immediate.
    immediate: Option<Ident>,
    host: Option<Path>,
}

impl Guest {
    /// Parses `= rotl` or `(fn rotl(x: u32, y: u32) -> u32)`, after the key.
    pub(crate) fn parse(key: &Ident, input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            let name = if input.peek(LitStr) {
                let text: LitStr = input.parse()?;
                text.parse::<Ident>().map_err(|_| syn::Error::new(text.span(), "expected the name of a function"))?
            } else {
                input.parse().map_err(|error| {
                    syn::Error::new(error.span(), format!("expected the name of a function: write `{key} = name`"))
                })?
            };
            return Ok(Self { key: key.clone(), form: Form::Name(name), host: None });
        }
        if !input.peek(syn::token::Paren) {
            return Err(syn::Error::new(
                key.span(),
                format!("write `{key} = name`, or `{key}(fn name(x: u32, y: u32) -> u32)` for a signature of your own"),
            ));
        }
        let content;
        parenthesized!(content in input);
        if let Ok(visibility) = content.parse::<Visibility>()
            && !matches!(visibility, Visibility::Inherited)
        {
            return Err(syn::Error::new_spanned(
                visibility,
                "a guest function has the visibility of its instruction: remove this",
            ));
        }
        let has_keyword = [content.peek(Token![fn]), content.peek(Token![unsafe]), content.peek(Token![extern])];
        if !has_keyword.contains(&true) && !content.peek(Token![const]) && !content.peek(Token![async]) {
            return Err(syn::Error::new(
                content.span(),
                format!("expected a signature: write `{key}(fn name(x: u32, y: u32) -> u32)`"),
            ));
        }
        let signature: Signature = content.parse()?;
        if !content.is_empty() && !content.peek(Token![,]) {
            return Err(content.error("expected a signature, or a signature and `host = path`"));
        }
        content.parse::<Option<Token![,]>>()?;
        let mut host = None;
        GUEST_FUNCTION.options(&content, |key, _, input| {
            host = Some(key.parse(input)?);
            Ok(())
        })?;
        Ok(Self { key: key.clone(), form: Form::Signature(Box::new(signature)), host })
    }

    /// Checks the function against the encoding of its instruction.
    pub(crate) fn check(&self, cx: &Ctxt, encode: Option<&Encode>) -> Option<GuestFn> {
        let Some(encode) = encode else {
            cx.error(&self.key, "a guest function needs an instruction word: add `encode(…)`");
            return None;
        };
        if let Some(parameter) = encode.parameter() {
            cx.error(
                parameter,
                "the word of a guest function is fixed when the guest is compiled, but this field depends on the \
                 instruction's parameters: remove the guest function, or use a constant",
            );
            return None;
        }
        let has_immediate = encode.has_immediate();
        let signature = match &self.form {
            Form::Signature(signature) => (**signature).clone(),
            Form::Name(name) => {
                let names = ["x", "y"].map(|name| format_ident!("{name}"));
                let registers = usize::from(encode.field("rs1").is_none())
                    + usize::from(!has_immediate && encode.field("rs2").is_none() && encode.field("imm").is_none());
                let parameters = &names[..registers];
                let constant = has_immediate.then(|| quote!(<const IMM: ::core::primitive::i32>));
                let word = at(quote!(::core::primitive::u32), name);
                parse_quote!(fn #name #constant (#(#parameters: #word),*) -> #word)
            }
        };
        self.check_signature(cx, encode, has_immediate, signature)
    }

    fn check_signature(
        &self,
        cx: &Ctxt,
        encode: &Encode,
        has_immediate: bool,
        signature: Signature,
    ) -> Option<GuestFn> {
        for token in [
            signature.constness.map(|token| quote!(#token)),
            signature.asyncness.map(|token| quote!(#token)),
            signature.abi.as_ref().map(|token| quote!(#token)),
            signature.variadic.as_ref().map(|token| quote!(#token)),
        ] {
            token.into_iter().for_each(|token| cx.error(token, "a guest function is a plain `fn`, or `unsafe fn`"));
        }
        if let Some(clause) = &signature.generics.where_clause {
            cx.error(clause, "the parameters of a guest function are words: remove this clause");
        }
        let mut immediate = None;
        for parameter in &signature.generics.params {
            match parameter {
                GenericParam::Const(constant) if has_immediate && immediate.is_none() => {
                    if !is_primitive(&constant.ty, &["i32"]) {
                        cx.error(&constant.ty, "an immediate is a signed number of 12 bits: write `i32`");
                    }
                    immediate = Some(constant.ident.clone());
                }
                other => cx.error(
                    other,
                    "the only parameter in angle brackets is the immediate, `const IMM: i32`, of an encoding that does not fix \
                     `imm`, `funct7` or `rs2`",
                ),
            }
        }
        if has_immediate && immediate.is_none() {
            cx.error(&signature.ident, "this encoding has an immediate: write `fn name<const IMM: i32>(…)`");
        }
        let mut parameters = Vec::new();
        let (mut pure, mut unnamed) = (true, 0);
        for input in &signature.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    cx.error(receiver, "a guest function has no `self`: give the parameter a name and a type");
                    unnamed += 1;
                }
                FnArg::Typed(typed) => {
                    match &*typed.pat {
                        Pat::Ident(PatIdent { by_ref: None, mutability: None, subpat: None, ident, .. }) => {
                            parameters.push(ident.clone());
                        }
                        other => {
                            cx.error(other, "a parameter of a guest function must be a plain name");
                            unnamed += 1;
                        }
                    }
                    let is_pointer = matches!(&*typed.ty, Type::Ptr(_));
                    pure &= !is_pointer;
                    if is_pointer && signature.unsafety.is_none() {
                        cx.error(
                            &typed.ty,
                            "the instruction does not check this pointer: make the function an `unsafe fn`, and wrap it in a \
                             safe function",
                        );
                    } else if !is_pointer && !is_primitive(&typed.ty, &["u32", "i32", "usize", "isize"]) {
                        cx.error(
                            &typed.ty,
                            "a parameter of a guest function is a register: `u32`, `i32`, `usize`, or a raw pointer",
                        );
                    }
                }
            }
        }
        let returns = match &signature.output {
            ReturnType::Default => false,
            ReturnType::Type(_, ty) => {
                if !is_primitive(ty, &["u32"]) {
                    cx.error(ty, "an instruction returns one register: write `-> u32`");
                }
                if encode.field("rd").is_some() {
                    cx.error(
                        ty,
                        "this encoding fixes `rd`, so there is no register for a result: remove `rd`, or the result \
                         (`guest(fn name(…))`)",
                    );
                }
                true
            }
        };
        let slots = slots(encode, has_immediate, returns);
        let given = parameters.len() + unnamed;
        if given != slots {
            cx.error(
                &signature.ident,
                format!(
                    "`{}` has {}, but its encoding leaves {} open{}",
                    signature.ident,
                    counted(given, "parameter"),
                    counted(slots, "register"),
                    if returns { " besides the result" } else { "" },
                ),
            );
        }
        Some(GuestFn { signature, parameters, returns, pure, immediate, host: self.host.clone() })
    }
}

/// Whether a type is one of these primitive types, written by its name or by its path in the core library.
fn is_primitive(ty: &Type, names: &[&str]) -> bool {
    let Type::Path(TypePath { qself: None, path }) = ty else { return false };
    let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    match segments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [name] | ["core" | "std", "primitive", name] => names.contains(&name) && path_is_plain(path),
        _ => false,
    }
}

fn path_is_plain(path: &Path) -> bool {
    path.segments.iter().all(|segment| segment.arguments.is_empty())
}

/// Returns a number of things in words.
fn counted(number: usize, thing: &str) -> String {
    match number {
        0 => format!("no {thing}s"),
        1 => format!("one {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

/// Returns the number of registers that the encoding leaves to parameters.
fn slots(encode: &Encode, has_immediate: bool, returns: bool) -> usize {
    let open = |name: &str| usize::from(encode.field(name).is_none());
    let second = if has_immediate || encode.field("imm").is_some() { 0 } else { open("rs2") };
    let destination = if returns { 0 } else { open("rd") };
    destination + open("rs1") + second
}

/// Arguments of `asm!`, by number.
#[derive(Default)]
struct Arguments(Vec<TokenStream>);

impl Arguments {
    /// Adds an argument, and returns its placeholder.
    fn add(&mut self, argument: TokenStream) -> String {
        self.0.push(argument);
        format!("{{{}}}", self.0.len() - 1)
    }

    /// Returns the text of a field: zero if the encoding does not fix it.
    fn number(&mut self, value: Option<&FieldValue>) -> String {
        match value {
            None => "0".to_owned(),
            Some(FieldValue::Number(number)) => number.to_string(),
            Some(FieldValue::Constant(number) | FieldValue::Parameter(number)) => self.add(quote!(const #number)),
        }
    }

    /// Returns the text of a register: that of the encoding, the next parameter, or `x0`.
    fn register(&mut self, value: Option<&FieldValue>, inputs: &mut dyn Iterator<Item = TokenStream>) -> String {
        match (value, value.is_none().then(|| inputs.next()).flatten()) {
            (None, Some(input)) => self.add(input),
            (fixed, _) => format!("x{}", self.number(fixed)),
        }
    }
}

impl GuestFn {
    /// Returns the text of the signature.
    pub(crate) fn text(&self) -> String {
        signature_text(&self.signature)
    }

    /// Returns the type of the result, if there is one.
    pub(crate) fn result(&self) -> Option<&Type> {
        match &self.signature.output {
            ReturnType::Type(_, ty) => Some(ty),
            ReturnType::Default => None,
        }
    }

    /// Checks that the function can call the semantics of its instruction on the host, or that it names a function that
    /// stands in there.
    pub(super) fn check_host(&self, cx: &Ctxt, has_parameters: bool) {
        let reason = match self {
            Self { host: Some(_), .. } => return,
            _ if has_parameters => "this instruction has parameters",
            Self { pure: false, .. } => "this one works on memory",
            Self { returns: false, .. } => "this one returns nothing",
            _ => return,
        };
        let name = &self.signature.ident;
        cx.error(
            name,
            format!(
                "on the host, a guest function computes what `Core::execute` does with its arguments, but {reason}: name a \
                 function that does the same there, `guest(fn {name}(…), host = path)`"
            ),
        );
    }

    /// Returns the function. In guest programs it executes the instruction word; on the host it calls the semantics of
    /// `core`, or the function that stands in.
    pub(crate) fn expand(
        &self,
        private: &Private,
        visibility: &Visibility,
        docs: &[Attribute],
        encode: &Encode,
        core: Option<&TokenStream>,
    ) -> TokenStream {
        let Self { signature, parameters, immediate, .. } = self;
        let (guest_only, host_only) = (guest_only(), host_only());
        let assembly = self.assembly(encode);
        let casts = parameters.iter().chain(immediate);
        let words = casts.map(|word| quote!(#word as ::core::primitive::u32));
        let constants = immediate.as_ref().map(|constant| quote!(::<#constant>));
        // For guest programs, the assembler checks the range.
        let range = immediate.as_ref().map(|constant| {
            let message = format!("`{constant}` is an immediate of 12 bits: from -2048 to 2047");
            quote!(const { ::core::assert!(-2048 <= #constant && #constant < 2048, #message) };)
        });
        let host = match (&self.host, core) {
            (Some(host), _) => Some(quote!(#host #constants (#(#parameters),*))),
            (None, Some(core)) => {
                let count = parameters.len() + usize::from(immediate.is_some());
                let call = quote!(#private::call::<_, #count>(&#core, [#(#words),*]));
                Some(at(call, &signature.ident))
            }
            (None, None) => None,
        };
        let host = host.map(|body| {
            // The caller of an unsafe guest function promises the same on the host as in guest programs.
            let body = if signature.unsafety.is_some() { quote!(unsafe { #body }) } else { body };
            quote! {
                #(#docs)*
                #host_only
                #[allow(unsafe_code, clippy::missing_safety_doc, clippy::unnecessary_cast)]
                #visibility #signature { #range #body }
            }
        });
        quote! {
            #(#docs)*
            #guest_only
            #[inline(always)]
            #[allow(unsafe_code, clippy::missing_safety_doc)]
            #visibility #signature { #assembly }
            #host
        }
    }

    fn assembly(&self, encode: &Encode) -> TokenStream {
        // No parameter can have a name with this hygiene.
        let result = Ident::new("__result", Span::mixed_site());
        let mut arguments = Arguments::default();
        let mut inputs = self.parameters.iter().map(|parameter| quote!(in(reg) #parameter));
        let rd = match encode.field("rd") {
            None if self.returns => arguments.add(quote!(lateout(reg) #result)),
            rd => arguments.register(rd, &mut inputs),
        };
        let rs1 = arguments.register(encode.field("rs1"), &mut inputs);
        let (opcode, funct3) = (encode.opcode, arguments.number(encode.field("funct3")));
        let line = if let Some(constant) = &self.immediate {
            let immediate = arguments.add(quote!(const #constant));
            format!(".insn i {opcode:#x}, {funct3}, {rd}, {rs1}, {immediate}")
        } else if let Some(immediate) = encode.field("imm") {
            // The assembler takes the twelve bits as a signed number.
            let immediate = match immediate {
                FieldValue::Number(bits) if *bits < 0x800 => bits.to_string(),
                FieldValue::Number(bits) => (i64::from(*bits) - 0x1000).to_string(),
                FieldValue::Constant(bits) | FieldValue::Parameter(bits) => {
                    arguments.add(quote!(const ((#bits) as ::core::primitive::i32) << 20 >> 20))
                }
            };
            format!(".insn i {opcode:#x}, {funct3}, {rd}, {rs1}, {immediate}")
        } else {
            let rs2 = arguments.register(encode.field("rs2"), &mut inputs);
            let funct7 = arguments.number(encode.field("funct7"));
            format!(".insn r {opcode:#x}, {funct3}, {funct7}, {rd}, {rs1}, {rs2}")
        };
        let arguments = arguments.0;
        let options =
            if self.pure && self.returns { quote!(options(pure, nomem, nostack)) } else { quote!(options(nostack)) };
        // SAFETY: the instruction is defined for all values of its operands. For pointers, the caller of the `unsafe
        // fn` promises that they are valid.
        let call = quote!(::core::arch::asm!(#line, #(#arguments,)* #options));
        if self.returns {
            quote! {
                let #result: ::core::primitive::u32;
                unsafe { #call }
                #result
            }
        } else {
            quote!(unsafe { #call })
        }
    }
}
