//! Snapshots of every macro's expansion, one file per case in `snapshots/`, for review.
//!
//! Each file holds the annotated item as a comment, and then its expansion. The crate `chipwright-tests` includes the
//! files, so that the expansions are also compiled.

mod annotated;

use std::str::FromStr;

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::{VisitMut, visit_item_mut};
use syn::{Attribute, Item};

use crate::aligned_borrow::AlignedBorrow;
use crate::local_opcode::LocalOpcode;
use crate::vm_config::VmConfig;
use crate::vm_extension::VmExtension;
use crate::{delegated_traits, frame, symbol};

/// A derive as a function of tokens.
type Derive = fn(TokenStream) -> TokenStream;

const ALIGNED_BORROW: (&str, Derive) = ("AlignedBorrow", |input| frame::derive(&AlignedBorrow, input));
const LOCAL_OPCODE: (&str, Derive) = ("LocalOpcode", |input| frame::derive(&LocalOpcode, input));
const ANY_ENUM: (&str, Derive) = ("AnyEnum", |input| frame::derive(&delegated_traits::ANY_ENUM, input));
const CHIP: (&str, Derive) = ("Chip", |input| frame::derive(&delegated_traits::CHIP, input));
const CHIP_USAGE_GETTER: (&str, Derive) =
    ("ChipUsageGetter", |input| frame::derive(&delegated_traits::CHIP_USAGE_GETTER, input));
const INSTRUCTION_EXECUTOR: (&str, Derive) =
    ("InstructionExecutor", |input| frame::derive(&delegated_traits::INSTRUCTION_EXECUTOR, input));
const VM_CONFIG: (&str, Derive) = ("VmConfig", |input| frame::derive(&VmConfig, input));
const DELEGATING: [(&str, Derive); 4] = [ANY_ENUM, CHIP_USAGE_GETTER, CHIP, INSTRUCTION_EXECUTOR];

/// Removes the derives' helper attributes, which have no meaning in the expansion.
struct StripHelpers;

impl VisitMut for StripHelpers {
    fn visit_attributes_mut(&mut self, attrs: &mut Vec<Attribute>) {
        let helpers = [symbol::VM, symbol::OPCODE_CLASS, symbol::ANY_ENUM, symbol::CHIP, symbol::MACHINE_FIELD];
        attrs.retain(|attr| helpers.iter().all(|keys| keys.find(attr).is_none()));
    }
}

fn tokens(source: &str) -> TokenStream {
    TokenStream::from_str(source).expect("the test's source is lexically valid")
}

/// Compares the snapshot `name` with `source` and its pretty-printed expansion.
fn assert_expansion(name: &str, source: &str, expansion: TokenStream) {
    let file = syn::parse2(expansion).expect("an expansion is a sequence of items");
    let source: String = source.trim().lines().map(|line| format!("// {line}").trim_end().to_owned() + "\n").collect();
    let text = format!("{source}\n{}", prettyplease::unparse(&file));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_binary_snapshot!(&format!("{name}.rs"), text.into_bytes());
    });
}

fn assert_derives(name: &str, derives: &[(&str, Derive)], item: &str) {
    let names: Vec<&str> = derives.iter().map(|(name, _)| *name).collect();
    let source = format!("#[derive({})]\n{}", names.join(", "), item.trim());
    let impls = derives.iter().map(|(_, derive)| derive(tokens(item)));
    let mut stripped: Item = syn::parse_str(item).expect("the test's source is an item");
    visit_item_mut(&mut StripHelpers, &mut stripped);
    assert_expansion(name, &source, quote!(#stripped #(#impls)*));
}

fn assert_extension(name: &str, arguments: &str, item: &str) {
    let source = format!("#[vm_extension({arguments})]\n{item}");
    assert_expansion(name, &source, frame::attribute(&VmExtension, tokens(arguments), tokens(item)));
}

#[test]
fn expansion_of_aligned_borrow() {
    assert_derives(
        "aligned_borrow",
        &[ALIGNED_BORROW],
        "
#[repr(C)]
pub struct Word<T> {
    limbs: [T; 2],
    r#type: T,
}",
    );
}

#[test]
fn expansion_of_aligned_borrow_with_const_parameters() {
    assert_derives(
        "aligned_borrow_const",
        &[ALIGNED_BORROW],
        "
#[repr(C)]
pub struct Rows<T, const N: usize, const M: usize>
where
    T: Copy,
{
    words: [Word<T>; N],
    bits: [[T; M]; 2],
}",
    );
}

#[test]
fn expansion_of_local_opcode() {
    assert_derives(
        "local_opcode",
        &[LOCAL_OPCODE],
        "
#[derive(Clone, Copy)]
#[opcode_offset = 0x200]
pub enum AluOpcode {
    Add,
    r#Sub,
}",
    );
}

#[test]
fn expansion_of_enum_of_chips() {
    assert_derives(
        "enum_of_chips",
        &DELEGATING,
        "
pub enum Chips {
    Add(AddChip),
    #[any_enum]
    Others(OtherChips),
}",
    );
}

#[test]
fn expansion_of_empty_enum() {
    assert_derives("empty_enum", &DELEGATING, "pub enum OtherChips {}");
}

#[test]
fn expansion_of_generic_enum() {
    assert_derives(
        "generic_enum",
        &DELEGATING,
        "
pub enum EitherChip<A, const N: usize>
where
    A: Clone,
{
    One(A),
    Many(ManyChip<N>),
}",
    );
}

#[test]
fn expansion_of_struct_with_a_chip() {
    assert_derives(
        "struct_with_a_chip",
        &[CHIP_USAGE_GETTER, CHIP, INSTRUCTION_EXECUTOR],
        "
pub struct Labelled<C> {
    label: &'static str,
    #[chip]
    chip: C,
}",
    );
}

#[test]
fn expansion_of_crate_path() {
    assert_derives(
        "crate_path",
        &[CHIP_USAGE_GETTER, CHIP],
        "
#[vm(crate = \"crate::renamed::core\")]
pub struct Wrapped(AddChip);",
    );
}

#[test]
fn expansion_of_vm_extension_with_all_sections() {
    assert_extension(
        "vm_extension",
        "
    executors(
        /// Sums and differences.
        Alu: AluChip => AluOpcode,
        Left: LeftChip => [ShiftOpcode::SLL],
        Right: RightChip => [ShiftOpcode::SRL, ShiftOpcode::SRA],
        Mul: MulChip => MulOpcode,
    ),
    lookups(Bitwise: BitwiseTable),
    chips(Helper: HelperChip),
    phantoms(0x20 => HintInput, 0x21 => PrintStr),
    buses(HELPER_BUS, self.own_bus),
",
        "
/// Arithmetic.
#[derive(Clone)]
pub struct Arithmetic {
    pub own_bus: Bus,
}",
    );
}

#[test]
fn expansion_of_vm_extension_without_sections() {
    assert_extension("vm_extension_empty", "", "struct Nothing;");
}

#[test]
fn expansion_of_vm_extension_with_parameters_and_options() {
    assert_extension(
        "vm_extension_generic",
        "
    crate = crate::renamed::core,
    executor = ModularExec,
    periphery = ModularTables,
    executors(Mod: ModChip<C, N> => ModOpcode),
    lookups(Table: C),
",
        "
pub(crate) struct Modular<C, D, const N: usize>
where
    C: Clone,
    D: Default,
{
    pub chip: C,
    pub default: D,
}",
    );
}

#[test]
fn expansion_of_vm_config() {
    assert_derives(
        "vm_config",
        &[VM_CONFIG],
        "
#[derive(Clone)]
pub struct MyVm {
    #[system]
    system: SystemConfig,
    #[extension]
    rv_32: Arithmetic,
    #[extension]
    more: Option<More>,
}",
    );
}

#[test]
fn expansion_of_vm_config_with_parameters() {
    assert_derives(
        "vm_config_generic",
        &[VM_CONFIG],
        "
#[derive(Clone)]
pub struct AnyVm<X: Clone + Send + Sync + 'static> {
    #[system]
    system: SystemConfig,
    #[extension]
    chosen: X,
}",
    );
}
