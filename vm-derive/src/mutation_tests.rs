//! Mutated inputs: whatever the input of a macro is, the macro returns either valid Rust or an error.
//!
//! The compiler cannot report a panic of a macro (or an expansion that is not Rust) at the token that is wrong. An
//! error context that is dropped unchecked panics as well.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::aligned_borrow::AlignedBorrow;
use crate::columns::Columns;
use crate::delegated_traits::{ANY_ENUM, CHIP, CHIP_USAGE_GETTER, INSTRUCTION_EXECUTOR};
use crate::local_opcode::LocalOpcode;
use crate::vm_config::VmConfig;
use crate::vm_extension::VmExtension;
use crate::{adapter, frame, instruction, phantom};

/// Number of cases per macro and valid input.
const CASES: u32 = 2_000;
/// Largest number of mutations per case.
const MUTATIONS: usize = 4;

/// Tokens and groups that replace others: keywords, garbage, and words that some macro knows.
const GARBAGE: [&str; 62] = [
    "",
    "#",
    "!",
    "'a",
    "_",
    ",",
    ";",
    ":",
    "::",
    "=",
    "=>",
    "->",
    "..",
    "<",
    ">",
    "&",
    "*",
    "-",
    "fn",
    "impl",
    "self",
    "Self",
    "crate",
    "super",
    "where",
    "const",
    "unsafe",
    "dyn",
    "mut",
    "r#type",
    "r#fn",
    "0",
    "0xFFFF_FFFF_FFFF",
    "1u8",
    "1.5",
    "'c'",
    "\"\"",
    "\"text\"",
    "b\"bytes\"",
    "true",
    "()",
    "[]",
    "{}",
    "(a, b)",
    "[u8; 2]",
    "#[doc = \"x\"]",
    "#[cfg(test)]",
    "#[read]",
    "#[encode(op, funct3 = 9)]",
    "<T as U>::V",
    "with",
    "imm",
    "opcode",
    "read(0)",
    "fn f()",
    "multi_row",
    "guest",
    "u32",
    "T",
    "dyn Fn(T) -> T",
    "macro_rules",
    "é",
];

/// A change of one place of a token stream.
#[derive(Clone, Debug)]
enum Mutation {
    Delete,
    Duplicate,
    SwapWithNext,
    /// Replaces the tree by the token tree at another place.
    Move(usize),
    Replace(usize),
    Insert(usize),
    /// Changes the delimiter, if the tree is a group.
    Regroup(usize),
    /// Removes the delimiters, if the tree is a group.
    Flatten,
}

fn mutation() -> impl Strategy<Value = (usize, Mutation)> {
    let kind = prop_oneof![
        3 => Just(Mutation::Delete),
        2 => Just(Mutation::Duplicate),
        2 => Just(Mutation::SwapWithNext),
        3 => any::<usize>().prop_map(Mutation::Move),
        3 => any::<usize>().prop_map(Mutation::Replace),
        3 => any::<usize>().prop_map(Mutation::Insert),
        1 => any::<usize>().prop_map(Mutation::Regroup),
        1 => Just(Mutation::Flatten),
    ];
    (any::<usize>(), kind)
}

/// Returns the number of token trees at any depth.
fn count(stream: &TokenStream) -> usize {
    let trees = stream.clone().into_iter();
    trees.map(|tree| 1 + if let TokenTree::Group(group) = tree { count(&group.stream()) } else { 0 }).sum()
}

/// Returns the token tree at an index, counted in the order of the text.
fn nth(stream: &TokenStream, index: &mut usize) -> Option<TokenTree> {
    for tree in stream.clone() {
        if *index == 0 {
            return Some(tree);
        }
        *index -= 1;
        if let TokenTree::Group(group) = &tree
            && let Some(found) = nth(&group.stream(), index)
        {
            return Some(found);
        }
    }
    None
}

fn garbage(choice: usize) -> TokenStream {
    tokens(GARBAGE[choice % GARBAGE.len()])
}

/// Replaces the token tree at an index by the result of `change`, which may also take the trees after it.
fn edit(
    stream: TokenStream,
    index: &mut Option<usize>,
    change: &dyn Fn(TokenTree, &mut dyn Iterator<Item = TokenTree>) -> TokenStream,
) -> TokenStream {
    let mut out = TokenStream::new();
    let mut trees = stream.into_iter();
    while let Some(tree) = trees.next() {
        match *index {
            Some(0) => {
                *index = None;
                out.extend(change(tree, &mut trees));
                continue;
            }
            Some(rest) => *index = Some(rest - 1),
            None => {}
        }
        match tree {
            TokenTree::Group(group) if index.is_some() => {
                let inner = edit(group.stream(), index, change);
                out.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
            }
            tree => out.extend([tree]),
        }
    }
    out
}

fn mutate(stream: TokenStream, place: usize, mutation: &Mutation) -> TokenStream {
    let size = count(&stream);
    if size == 0 {
        return if let Mutation::Insert(choice) = mutation { garbage(*choice) } else { stream };
    }
    let source = stream.clone();
    let change = |tree: TokenTree, rest: &mut dyn Iterator<Item = TokenTree>| -> TokenStream {
        let one = |tree: TokenTree| TokenStream::from(tree);
        match mutation {
            Mutation::Delete => TokenStream::new(),
            Mutation::Duplicate => [tree.clone(), tree].into_iter().collect(),
            Mutation::SwapWithNext => rest.next().into_iter().chain([tree]).collect(),
            Mutation::Move(from) => nth(&source, &mut (from % size)).map_or_else(TokenStream::new, one),
            Mutation::Replace(choice) => garbage(*choice),
            Mutation::Insert(choice) => garbage(*choice).into_iter().chain([tree]).collect(),
            Mutation::Regroup(choice) => match tree {
                TokenTree::Group(group) => {
                    let delimiters = [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];
                    one(TokenTree::Group(Group::new(delimiters[choice % 4], group.stream())))
                }
                tree => one(tree),
            },
            Mutation::Flatten => match tree {
                TokenTree::Group(group) => group.stream(),
                tree => one(tree),
            },
        }
    };
    edit(stream, &mut Some(place % size), &change)
}

fn tokens(source: &str) -> TokenStream {
    TokenStream::from_str(source).expect("the test's source is lexically valid")
}

/// Runs a macro on mutations of a valid input; returns the number of those that it rejects. `arguments` and `item` are
/// mutated together. A derive has no arguments.
fn check(arguments: &str, item: &str, expand: impl Fn(TokenStream, TokenStream) -> TokenStream) -> usize {
    let (arguments, item) = (tokens(arguments), tokens(item));
    let valid = expand(arguments.clone(), item.clone());
    assert!(!valid.to_string().contains("compile_error"), "the input is not valid: {valid}");

    let rejected = std::cell::Cell::new(0);
    let weight = count(&arguments);
    let strategy = vec(mutation(), 1..=MUTATIONS);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&strategy, |mutations| {
        let (mut arguments, mut item) = (arguments.clone(), item.clone());
        for (place, mutation) in &mutations {
            // Arguments are short, but every token of them matters: half of the mutations go there.
            if weight > 0 && place % 2 == 0 {
                arguments = mutate(arguments, place / 2, mutation);
            } else {
                item = mutate(item, place / 2, mutation);
            }
        }
        let expansion = expand(arguments.clone(), item.clone());
        // Unlike `syn`, the compiler rejects this before it calls a macro.
        if item.to_string().contains("< _ ") {
            return Ok(());
        }
        if expansion.to_string().contains("compile_error") {
            rejected.set(rejected.get() + 1);
        } else {
            let error = syn::parse2::<syn::File>(expansion.clone()).err();
            prop_assert!(
                error.is_none(),
                "#[…({arguments})] {item}\nexpands to something that is not Rust ({error:?}):\n{expansion}"
            );
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    rejected.get()
}

/// As [`check`], for the given inputs together.
fn check_all(cases: &[(&str, &str)], expand: impl Fn(TokenStream, TokenStream) -> TokenStream) {
    let rejected: usize = cases.iter().map(|(arguments, item)| check(arguments, item, &expand)).sum();
    let all = cases.len() * CASES as usize;
    assert!(rejected > all / 4, "only {rejected} of {all} mutated inputs were rejected");
    assert!(rejected < all, "no mutated input was accepted: the mutations are too wild to test expansions");
}

const ENUM_OF_CHIPS: &str =
    "#[vm(crate = x)] enum Chips<A> where A: Clone { Add(AddChip<A>), #[any_enum] Others(OtherChips) }";
const STRUCT_WITH_A_CHIP: &str = "#[vm(crate = \"x\")] struct Labelled<C> { label: &'static str, #[chip] chip: C }";

#[test]
fn aligned_borrow_survives_mutations() {
    let item = "#[repr(C)] #[vm(crate = \"x::y\")] pub struct Rows<T, const N: usize> where T: Copy { words: [Word<T>; N], r#bit: T }";
    check_all(&[("", item)], |_, item| frame::derive(&AlignedBorrow, item));
}

#[test]
fn local_opcode_survives_mutations() {
    let item = "#[opcode_offset = 0x200] #[vm(crate = \"x::y\")] enum AluOpcode { ADD, r#SUB }";
    check_all(&[("", item)], |_, item| frame::derive(&LocalOpcode, item));
}

#[test]
fn any_enum_survives_mutations() {
    check_all(&[("", ENUM_OF_CHIPS)], |_, item| frame::derive(&ANY_ENUM, item));
}

#[test]
fn chip_survives_mutations() {
    check_all(&[("", ENUM_OF_CHIPS), ("", STRUCT_WITH_A_CHIP)], |_, item| frame::derive(&CHIP, item));
}

#[test]
fn chip_usage_getter_survives_mutations() {
    check_all(&[("", ENUM_OF_CHIPS), ("", STRUCT_WITH_A_CHIP)], |_, item| frame::derive(&CHIP_USAGE_GETTER, item));
}

#[test]
fn instruction_executor_survives_mutations() {
    check_all(&[("", ENUM_OF_CHIPS), ("", STRUCT_WITH_A_CHIP)], |_, item| frame::derive(&INSTRUCTION_EXECUTOR, item));
}

#[test]
fn vm_config_survives_mutations() {
    let item = "#[vm(crate = x)] struct MyVm<C: Clone> { #[system] system: SystemConfig, #[extension] a_b: Option<A>, \
                #[extension] c: C }";
    check_all(&[("", item)], |_, item| frame::derive(&VmConfig, item));
}

#[test]
fn columns_survives_mutations() {
    let roles = "#[derive(Clone)] pub struct RoleCols<T> { #[read(0)] x: Word<T>, #[write(0, proven)] y: Bits<T>, \
                 #[valid] v: T, #[opcode(Kind::A)] a: T, #[opcode_bit(2)] b: T, #[bool] r#type: [T; 2], \
                 #[one_hot] o: [T; 4], #[range(12)] r: T, #[free(\"why\")] f: T, rest: [[T; 2]; 2] }";
    let generic =
        "#[repr(C)] pub struct LimbCols<T, const N: usize> where A<N>: B { #[read(1)] x: [T; N], #[doc = \"y\"] y: T }";
    check_all(&[("", roles), ("crate = x::y", generic)], |arguments, item| frame::attribute(&Columns, arguments, item));
}

#[test]
fn instruction_survives_mutations() {
    let cases = [
        (
            "adapter = A<4>, columns = c::Cols<2>, encode(custom0, funct3 = 5, funct7 = 0), guest = rotl, name = \"Rotate\", \
             opcode = 0x400, computed(read(0), write(1)), crate = x",
            "/// Rotates.\n #[derive(Debug)] pub struct Rotate;",
        ),
        (
            "adapter = A, columns = Cols",
            "pub enum Shift { /// Left.\n #[encode(op, funct3 = 1, funct7 = 0)] #[guest(fn sll(x: u32, y: u32) -> u32)] Sll, \
             #[encode(opcode = 0x33, funct3 = 5, imm = 3)] #[guest(fn srl(x: u32) -> u32)] r#Srl, Sra }",
        ),
        (
            "multi_row, operands = A, encode(custom1, funct3 = 1), guest(unsafe fn fold<const IMM: i32>(x: *mut u8) -> u32, \
             host = x::y)",
            "#[derive(Clone)] struct Fold<const N: usize, C> where C: Copy { c: C }",
        ),
        ("multi_row, operands = A, columns = Cols<3>, computed(write(1))", "struct Scan;"),
    ];
    check_all(&cases, instruction::attribute);
}

#[test]
fn adapter_survives_mutations() {
    let cases = [
        (
            "format = Rv32R, read(hint[N], mem[rs2; 8], imm), write(mem[rd; N * 2]), crate = x::y",
            "/// Docs.\n pub struct Mixed;",
        ),
        (
            "format = x::B, read([mem[rs1; N], mem[rs2; N]; R]), branch",
            "struct Blocks<const R: usize, const N: usize>;",
        ),
    ];
    check_all(&cases, adapter::attribute);
}

#[test]
fn instruction_on_an_implementation_survives_mutations() {
    let item = "impl<const N: usize> Core for Rotate<N> { const X: u8 = 1; #[inline] fn check(&self) {} \
                fn execute(&self, x: u32) -> u32 { match x { 0 => 1, _ => x } } }";
    check_all(&[("", item)], instruction::attribute);
}

#[test]
fn phantom_survives_mutations() {
    let cases = [
        (
            "discriminant = 0x100, encode(custom1, funct3 = 6, funct7 = 3, rd = 0), guest(unsafe fn hint(x: *const u32, y: u32), \
             host = a::b), crate = x::y",
            "/// Docs.\n pub struct Hint;",
        ),
        (
            "discriminant = FIRST + self.number, encode(opcode = 0x0b, funct7 = 8 * self.number, rs1 = 0)",
            "#[derive(Clone)] struct Hint<const N: usize> where [(); N]: { number: u16 }",
        ),
    ];
    check_all(&cases, phantom::attribute);
}

#[test]
fn vm_extension_survives_mutations() {
    let cases = [
        (
            "crate = x, executor = E, executors(A: AChip<2> => AOpcode, B: BChip => [x::B::C, D]), specialised(S: SChip => D), \
             lookups(L: T), chips(), phantoms(0x20 => Hint, self.x => Print), buses(BUS, self.bus), \
             words([A], self.b()),",
            "pub struct Ext<T: Clone> { bus: T }",
        ),
        (
            "instructions(/** docs */ x::A, r#type with x::B, C<3> = C { by: self.by }), tests = Ext { by: 1 }, \
             periphery = P",
            "#[derive(Clone, Default)] pub struct Ext { by: u32 }",
        ),
        (
            "shared(a = A::new(self.by), b = 2), chips(T: Table = Table(a.clone()), U: x::U), phantoms(x::Hint, \
             Of in self.values(), Other = Other(1))",
            "struct Ext { by: u32 }",
        ),
    ];
    check_all(&cases, |arguments, item| frame::attribute(&VmExtension, arguments, item));
}
