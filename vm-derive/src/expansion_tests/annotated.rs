//! Expansions of the macros for annotated instructions: `#[columns]`, `#[instruction]`, `#[adapter]`, and extensions of
//! them.

use super::{assert_expansion, assert_extension, tokens};
use crate::columns::Columns;
use crate::{adapter, frame, instruction, phantom};

/// Expands several items, each with its attribute and arguments, into one snapshot.
fn assert_items(name: &str, items: &[(&str, &str, &str)]) {
    let mut sources = Vec::new();
    let mut expansion = proc_macro2::TokenStream::new();
    for (attribute, arguments, item) in items {
        let item = item.trim();
        let (open, close) = if arguments.is_empty() { ("", "") } else { ("(", ")") };
        sources.push(format!("#[{attribute}{open}{arguments}{close}]\n{item}"));
        expansion.extend(match *attribute {
            "adapter" => adapter::attribute(tokens(arguments), tokens(item)),
            "columns" => frame::attribute(&Columns, tokens(arguments), tokens(item)),
            "phantom" => phantom::attribute(tokens(arguments), tokens(item)),
            _ => instruction::attribute(tokens(arguments), tokens(item)),
        });
    }
    assert_expansion(name, &sources.join("\n\n"), expansion);
}

fn assert_columns(name: &str, arguments: &str, item: &str) {
    assert_items(name, &[("columns", arguments, item)]);
}

fn assert_adapter(name: &str, arguments: &str, item: &str) {
    assert_items(name, &[("adapter", arguments, item)]);
}

#[test]
fn expansion_of_an_adapter_for_registers() {
    assert_adapter(
        "adapter_registers",
        "format = Rv32R, read(rs1, rs2), write(rd)",
        "
/// `rd = f(rs1, rs2)`.
pub struct Binary;
",
    );
}

#[test]
fn expansion_of_an_adapter_with_values_of_several_kinds() {
    assert_adapter(
        "adapter_mixed",
        "format = formats::Rv32I, read(mem[rs1; WORDS], imm, hint[WORDS + 1]), write(mem[rd; 2 * WORDS]), \
         crate = crate::renamed::core",
        "
#[derive(Debug, Default)]
struct Mixed;
",
    );
}

#[test]
fn expansion_of_an_adapter_with_parameters() {
    assert_adapter(
        "adapter_generic",
        "format = Rv32B, read([mem[rs1; N], mem[rs2; N]; R]), branch",
        "
pub struct Blocks<const R: usize, const N: usize>;
",
    );
}

#[test]
fn expansion_of_an_adapter_without_a_result() {
    assert_adapter(
        "adapter_no_result",
        "format = Rv32R, read(rs1)",
        "
pub struct ReadOnly;
",
    );
}

fn assert_instruction(name: &str, arguments: &str, item: &str) {
    assert_items(name, &[("instruction", arguments, item)]);
}

#[test]
fn expansion_of_columns_with_every_role() {
    assert_columns(
        "columns_roles",
        "",
        "
/// Every role.
pub struct RoleCols<T> {
    #[read(0)]
    x: Word<T>,
    #[read(1, proven)]
    c: Bits<T>,
    #[write(0)]
    y: Bytes<T>,
    #[valid]
    is_real: T,
    #[opcode(Roles::First)]
    first: T,
    #[opcode(Roles::r#Second)]
    second: T,
    #[opcode_bit(2)]
    r#type: T,
    /// Two flags.
    #[bool]
    flags: [T; 2],
    #[one_hot]
    choice: [T; 4],
    #[range(12)]
    low: [T; 3],
    #[free(\"nothing depends on it\")]
    inverse: T,
    plain: [Word<T>; 2],
}",
    );
}

#[test]
fn expansion_of_columns_of_rows() {
    assert_columns(
        "columns_rows",
        "",
        "
/// Roles of multi-row instructions.
pub struct ScanCols<T> {
    #[register(0)]
    to: Word<T>,
    #[register(1, bits = 29, step = -4)]
    from: Word<T>,
    #[register(2, bits = 27, count)]
    left: Word<T>,
    #[read(0)]
    word: Word<T>,
    #[write(0)]
    sum: Word<T>,
    #[carried(sum)]
    before: Word<T>,
    #[carried]
    key: T,
}",
    );
}

#[test]
fn expansion_of_columns_without_roles() {
    assert_columns(
        "columns_plain",
        "",
        "
#[repr(C)]
#[derive(Clone, PartialEq)]
struct PlainCols<T> {
    x: T,
}",
    );
}

#[test]
fn expansion_of_columns_with_parameters_and_crate_path() {
    assert_columns(
        "columns_generic",
        "crate = crate::renamed::core",
        "
pub struct LimbCols<T, const N: usize, const M: usize>
where
    Limbs<N>: Supported,
{
    #[read(0)]
    x: [T; N],
    #[write(0, proven)]
    y: [T; M],
    #[range(16)]
    limbs: [[T; M]; N],
}",
    );
}

#[test]
fn expansion_of_instruction_struct() {
    assert_instruction(
        "instruction_struct",
        "
    adapter = TestAdapter,
    columns = EqualCols,
    encode(custom0, funct3 = 2, funct7 = 0x7F),
    guest = equal,
    name = \"Equality\",
",
        "
/// Whether `x` and `y`
/// are equal.
///
/// More about it.
pub struct Equal;",
    );
}

#[test]
fn expansion_of_instruction_with_parameters() {
    assert_instruction(
        "instruction_parameters",
        "
    adapter = TestAdapter,
    columns = AddedCols,
    name = format!(\"Added[{}]\", self.number),
    encode(custom2, funct3 = FUNCT3, funct7 = 8 * self.number + 1),
",
        "
/// Adds a summand of a list to `x`.
pub struct Added {
    number: u32,
    summand: u32,
}",
    );
}

#[test]
fn expansion_of_extension_with_values_of_an_instruction() {
    assert_extension(
        "vm_extension_values",
        "instructions(Added in self.added()), tests = Adding(vec![1, u32::MAX])",
        "
#[derive(Clone)]
pub struct Adding(pub Vec<u32>);",
    );
}

#[test]
fn expansion_of_phantom() {
    assert_items(
        "phantom",
        &[
            (
                "phantom",
                "discriminant = 0x100, encode(custom1, funct3 = 6, funct7 = 0, rd = 0, rs2 = 0), guest(fn hint_isqrt(x: u32))",
                "
/// Replaces the hint stream by the integer square root of a register.
pub struct HintIsqrt;",
            ),
            (
                "phantom",
                "",
                "
impl PhantomSubExecutor for HintIsqrt {
    fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
        let [x, _] = context.registers()?;
        context.set_hint(x.isqrt().to_le_bytes());
        Ok(())
    }
}",
            ),
        ],
    );
}

#[test]
fn expansion_of_phantom_with_parameters() {
    assert_items(
        "phantom_parameters",
        &[(
            "phantom",
            "
    discriminant = 0x200 + self.number,
    encode(custom1, funct3 = FUNCT3, funct7 = u32::from(self.number), rs2 = 0),
",
            "
pub struct HintOf {
    number: u16,
}",
        )],
    );
}

#[test]
fn expansion_of_extension_with_phantoms_and_shared_values() {
    assert_extension(
        "vm_extension_shared",
        "
    shared(sum = Arc::new(AtomicU32::new(self.0))),
    phantoms(HintIsqrt, HintOf in (1..=self.0).map(|number| HintOf { number: number as u16 }), 0x20 => HintInput),
    executors(Count: CountChip = CountChip(AddChip, sum.clone()) => MulOpcode),
    chips(Total: TotalChip = TotalChip(HelperChip, sum)),
",
        "
pub struct Hints(pub u32);",
    );
}

#[test]
fn expansion_of_instruction_enum() {
    assert_instruction(
        "instruction_enum",
        "adapter = TestAdapter, columns = SumCols, opcode = 0x400",
        "
/// Sums and differences.
pub enum Sum {
    /// Adds.
    #[encode(op, funct3 = 0, funct7 = 0)]
    #[guest = \"add\"]
    Add,
    /// Subtracts.
    #[encode(opcode = op, funct3 = 0, funct7 = 0x20)]
    #[guest(fn sub(minuend: u32, subtrahend: i32) -> u32)]
    r#Sub,
    Reverse,
}",
    );
}

#[test]
fn expansion_of_instructions_with_immediates() {
    let own = ("instruction", "adapter = TestAdapter, columns = ImmediateCols, encode(opcode = 0x2B, funct3 = 1)");
    let arguments = |guest: &str| format!("{}, {guest}", own.1);
    assert_items(
        "instruction_immediate",
        &[
            ("instruction", &arguments("guest = add_constant"), "pub struct AddConstant;"),
            (
                "instruction",
                &arguments("guest(fn mix<const AMOUNT: i32>(x: u32) -> u32, host = host::mix)"),
                "pub struct Mix;",
            ),
            (
                "instruction",
                "adapter = TestAdapter, columns = ImmediateCols, encode(op_imm, funct3 = 1, imm = 0xE02), \
                 guest(fn masked(x: u32) -> u32, host = host::masked)",
                "pub struct Masked;",
            ),
        ],
    );
}

#[test]
fn expansion_of_instruction_with_pointers() {
    assert_instruction(
        "instruction_pointer",
        "
    adapter = TestAdapter,
    columns = PointerCols,
    encode(custom1, funct3 = 7, funct7 = 1, rd = 0),
    guest(unsafe fn swap(a: *mut u32, b: *mut u32), host = host::swap),
    computed(write(0)),
",
        "
/// Swaps two words.
pub struct Swap {
    pub steps: usize,
}",
    );
}

#[test]
fn expansion_of_multi_row_instruction() {
    assert_instruction(
        "instruction_multi_row",
        "
    multi_row,
    operands = TestAdapter,
    encode(custom0, funct3 = 3, funct7 = 2),
    guest(unsafe fn fold(state: *mut u8, input: *const u8, len: usize)),
    opcode = 0x7FF,
",
        "
/// Folds bytes into a state.
#[derive(Clone)]
pub struct Fold;",
    );
}

#[test]
fn expansion_of_multi_row_instruction_with_columns() {
    assert_instruction(
        "instruction_rows",
        "multi_row, operands = TestAdapter, columns = ScanCols, computed(write(1)), name = \"Sums\"",
        "
/// Sums of words.
pub struct Scan;",
    );
}

#[test]
fn expansion_of_generic_instruction_struct() {
    assert_instruction(
        "instruction_generic",
        "adapter = TestAdapter, columns = LimbCols<2, 2>, computed(read(1)), crate = crate::renamed::core",
        "
#[derive(Clone, Debug)]
pub struct Generic<A, const N: usize>
where
    A: Parameter,
{
    pub parameter: A,
}",
    );
}

#[test]
fn expansion_of_generic_instruction_enum() {
    assert_instruction(
        "instruction_enum_generic",
        "adapter = TestAdapter, columns = self::SumCols, name = \"Rotate\"",
        "
pub enum Rotate<const N: usize> {
    #[encode(custom3, funct3 = 0, funct7 = 0)]
    #[guest(fn rotate_left(x: u32, y: u32) -> u32, host = host::rotate_left)]
    Left,
    #[encode(custom3, funct3 = 1, funct7 = 0)]
    Right,
}",
    );
}

#[test]
fn expansion_of_implementation() {
    assert_instruction(
        "instruction_impl",
        "",
        "
impl Core for Equal {
    fn execute(&self, [x, y]: [u32; 2]) -> u32 {
        u32::from(x == y)
    }

    #[inline]
    fn witness(&self, io: &Io<Self>, cols: &mut EqualCols<F>) {
        cols.equal = F::from_u32(io.writes);
        let difference = [0, 1].map(|i| cols.x[i] - cols.c[i]);
        if let Some(i) = difference.iter().position(|difference| *difference != F::ZERO) {
            cols.inverse[i] = difference[i].inverse();
        }
    }

    fn eval<B: CoreBuilder>(&self, b: &mut B, cols: &EqualCols<B::Var>) {
        let mut witnessed: B::Expr = cols.equal.into();
        for i in 0..2 {
            let difference = cols.x[i] - cols.c[i];
            b.when(cols.equal).assert_zero(difference.clone());
            witnessed += difference * cols.inverse[i];
        }
        let is_valid = b.is_valid();
        b.assert_eq(witnessed, is_valid);
        b.assert_eq(cols.y[0], cols.equal);
        b.assert_zero(cols.y[1]);
    }
}",
    );
}

#[test]
fn expansion_of_extension_of_instructions() {
    assert_extension(
        "vm_extension_instructions",
        "
    instructions(
        Sum,
        /// Tests of equality, also of a register with itself.
        Equal with SameRegister,
        Scaled = Scaled { by: self.by },
    ),
",
        "
#[derive(Clone, Default)]
pub struct Annotated {
    pub by: u32,
}",
    );
}

#[test]
fn expansion_of_extension_with_a_value_for_tests() {
    assert_extension(
        "vm_extension_tests",
        "instructions(Scaled with SameRegister = Scaled { by: self.0 }), tests = Scaling(5)",
        "
#[derive(Clone)]
pub struct Scaling(pub u32);",
    );
}

#[test]
fn expansion_of_generic_extension_of_instructions() {
    assert_extension(
        "vm_extension_instructions_generic",
        "
    crate = crate::renamed::core,
    instructions(Generic<A, N> = Generic { parameter: self.0.clone() }, Rotate<N>),
    executors(Alu: AluChip => AluOpcode),
    tests = false,
",
        "pub struct AnyAnnotated<A: Parameter, const N: usize>(pub A);",
    );
}
