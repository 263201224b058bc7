//! Derive and attribute macros that turn annotated structs into chips, executors and machines.
//!
//! | macro | on | purpose |
//! |---|---|---|
//! | [`macro@instruction`] | struct, enum, impl of `Core` | an instruction, or several that share a chip |
//! | [`macro@columns`] | struct | the columns of an instruction, with their roles |
//! | [`macro@adapter`] | struct | what instructions read and write, if no adapter of the library fits |
//! | [`macro@phantom`] | struct, impl of its effect | a phantom instruction: an effect on the host |
//! | [`macro@vm_extension`] | struct | a set of instructions with their chips |
//! | [`derive@VmConfig`] | struct | a machine: the system and its extensions |
//! | [`derive@AlignedBorrow`] | struct | columns of a hand-written AIR |
//! | [`derive@LocalOpcode`] | enum | opcodes of a hand-written chip |
//! | [`derive@InstructionExecutor`], [`derive@Chip`], [`derive@ChipUsageGetter`] | enum, struct | delegation to the chip inside |
//! | [`derive@AnyEnum`] | enum | access to the chip inside by its type |
//!
//! # Errors
//!
//! A macro reports all mistakes of an item at once, each at the token that is wrong. Unknown keys are reported with the
//! closest legal key and the list of all legal keys. A rejected item still gets impls without content, so that one
//! mistake does not cause further errors where the item is used.
//!
//! # Path of the SDK
//!
//! Generated code names the SDK as `::vm_sdk`. Where the SDK has another name, the derives take `#[vm(crate = "path")]`
//! and the attribute macros the argument `crate = "path"`. The path leads to a crate or module that re-exports the
//! SDK's hidden module `__private`, which has everything that generated code uses.
//!
//! # Stages
//!
//! Every macro is *parsed* and *validated* into a model while all errors are accumulated. The model holds valid things
//! only, so that *expanding* it cannot fail.

mod adapter;
mod aligned_borrow;
mod attr;
mod chip_enum;
mod columns;
mod ctxt;
mod delegate;
mod delegated_traits;
mod frame;
mod generics;
mod instruction;
mod item;
mod local_opcode;
mod opcode_class;
mod phantom;
mod private;
mod span;
mod symbol;
mod text;
mod vm_config;
mod vm_extension;

#[cfg(test)]
mod expansion_tests;
#[cfg(test)]
mod mutation_tests;

use proc_macro::TokenStream;

/// Views slices of cells as a column struct, and names its columns.
///
/// The struct is `#[repr(C)] struct Cols<T, const N: usize, …>`. `T` is the type of a cell: a field element, a
/// variable, or a byte that stands for one column. All fields are made of cells: `T`, `[T; N]`, or other column structs
/// such as `Inner<T>`. [`macro@columns`] includes this derive.
///
/// ```ignore
/// #[repr(C)]
/// #[derive(AlignedBorrow)]
/// pub struct AddCols<T> {
///     pub a: Word<T>,
///     pub b: Word<T>,
///     pub carry: [T; 2],
/// }
///
/// let cols: &AddCols<F> = row.borrow();
/// assert_eq!(names_of::<AddCols<u8>>()[4], "carry[0]");
/// ```
///
/// # Generated code
///
/// - `Borrow<Cols<T>>` and `BorrowMut<Cols<T>>` for `[T]`;
/// - `ColumnLayout` for `Cols<u8>`, with one name per column, such as `a.limbs[1]`;
/// - assertions, at compile time, that the struct has the layout of an array of cells.
///
/// # Attributes
///
/// | attribute | on | meaning |
/// |---|---|---|
/// | `#[vm(crate = "path")]` | struct | path of the SDK in the generated code |
///
/// # Errors
///
/// The macro rejects structs without `#[repr(C)]` or with another representation, fields that are not made of cells, a
/// second type parameter, and lifetimes.
///
/// # Panics
///
/// The borrows panic if the length of the slice is not the number of columns.
#[proc_macro_derive(AlignedBorrow, attributes(vm))]
pub fn aligned_borrow(input: TokenStream) -> TokenStream {
    frame::derive(&aligned_borrow::AlignedBorrow, input.into()).into()
}

/// Makes an enum without fields a class of opcodes, numbered in the order of its variants.
///
/// ```ignore
/// #[derive(Clone, Copy, LocalOpcode)]
/// #[opcode_offset = 0x200]
/// pub enum AluOpcode {
///     ADD, // 0x200
///     SUB, // 0x201
/// }
/// ```
///
/// # Generated code
///
/// `LocalOpcode`: the offset of the class, all opcodes in order, and each opcode's position and name.
///
/// # Attributes
///
/// | attribute | on | meaning |
/// |---|---|---|
/// | `#[opcode_offset = 0x…]` | enum | number of the first opcode; required, a `u32` of at least 1 |
/// | `#[vm(crate = "path")]` | enum | path of the SDK in the generated code |
///
/// # Errors
///
/// The macro rejects variants with fields or discriminants, generic parameters, and numbers that are 0 (padding rows of
/// the program table) or not below the order of the field.
#[proc_macro_derive(LocalOpcode, attributes(opcode_offset, vm))]
pub fn local_opcode(input: TokenStream) -> TokenStream {
    frame::derive(&local_opcode::LocalOpcode, input.into()).into()
}

/// Exposes the value inside of an enum as `Any`, so that chips can be looked up by their type.
///
/// ```ignore
/// #[derive(AnyEnum)]
/// pub enum Chips {
///     Add(AddChip),
///     #[any_enum]
///     Others(OtherChips), // an enum that implements `AnyEnum` itself
/// }
/// ```
///
/// # Generated code
///
/// `AnyEnum`. Its methods return the value of the variant, or, for a variant with `#[any_enum]`, the innermost value.
///
/// # Attributes
///
/// | attribute | on | meaning |
/// |---|---|---|
/// | `#[any_enum]` | variant | the value is an enum that implements `AnyEnum` itself |
/// | `#[vm(crate = "path")]` | enum | path of the SDK in the generated code |
///
/// # Errors
///
/// The macro rejects structs, unions, and variants that do not hold exactly one unnamed field.
#[proc_macro_derive(AnyEnum, attributes(any_enum, vm))]
pub fn any_enum(input: TokenStream) -> TokenStream {
    frame::derive(&delegated_traits::ANY_ENUM, input.into()).into()
}

/// Delegates `ChipUsageGetter` to the chip inside of an enum or a struct.
///
/// ```ignore
/// #[derive(ChipUsageGetter)]
/// pub struct Labelled<C> {
///     label: &'static str,
///     #[chip]
///     chip: C,
/// }
/// ```
///
/// # Generated code
///
/// `ChipUsageGetter`, with the name of the AIR and the size of the trace of the chip inside. If the type of a chip
/// depends on a parameter, the impl requires that the chip implements the trait.
///
/// # Attributes
///
/// | attribute | on | meaning |
/// |---|---|---|
/// | `#[chip]` | field of a struct | the chip; required if the struct has several fields |
/// | `#[vm(crate = "path")]` | item | path of the SDK in the generated code |
///
/// # Errors
///
/// The macro rejects unions, variants that do not hold exactly one unnamed field, and structs of which not exactly one
/// field is the chip.
#[proc_macro_derive(ChipUsageGetter, attributes(chip, any_enum, vm))]
pub fn chip_usage_getter(input: TokenStream) -> TokenStream {
    frame::derive(&delegated_traits::CHIP_USAGE_GETTER, input.into()).into()
}

/// Delegates `Chip` to the chip inside of an enum or a struct.
///
/// ```ignore
/// #[derive(ChipUsageGetter, Chip)]
/// pub enum Tables {
///     Bitwise(BitwiseTable),
///     Range(RangeTable),
/// }
/// ```
///
/// # Generated code
///
/// `Chip`, with the AIR and the traces of the chip inside.
///
/// # Attributes and errors
///
/// As for [`derive@ChipUsageGetter`].
#[proc_macro_derive(Chip, attributes(chip, any_enum, vm))]
pub fn chip(input: TokenStream) -> TokenStream {
    frame::derive(&delegated_traits::CHIP, input.into()).into()
}

/// Delegates `InstructionExecutor` to the executor inside of an enum or a struct.
///
/// ```ignore
/// #[derive(InstructionExecutor, ChipUsageGetter, Chip)]
/// pub struct RotateChip(VmChipWrapper<Rv32AluAdapter, RotateCore>);
/// ```
///
/// # Generated code
///
/// `InstructionExecutor`. `execute` is a plain `match` that is always inlined, because it is the hot path of every run.
///
/// # Attributes and errors
///
/// As for [`derive@ChipUsageGetter`].
#[proc_macro_derive(InstructionExecutor, attributes(chip, any_enum, vm))]
pub fn instruction_executor(input: TokenStream) -> TokenStream {
    frame::derive(&delegated_traits::INSTRUCTION_EXECUTOR, input.into()).into()
}

/// Makes a struct the columns of an instruction, and gives each column a role.
///
/// The cell is the first parameter of the struct and has no bounds. Const parameters may follow.
///
/// ```ignore
/// #[columns]
/// pub struct RotateCols<T> {
///     #[read(0)]
///     x: Word<T>,
///     #[write(0)]
///     y: Word<T>,
///     #[one_hot]
///     bit: [T; 16],
///     #[bool]
///     swap: T,
///     #[range(8)]
///     low: [T; 2],
///     high: [T; 2], // no role: `Core::witness` fills it, `Core::eval` constrains it
/// }
/// ```
///
/// # Generated code
///
/// - `#[repr(C)]`, `Clone`, `Copy`, `Debug` and [`derive@AlignedBorrow`];
/// - `ColumnRoles` for `RotateCols<u8>`: the roles as data, from which the framework fills and constrains the columns.
///
/// Guest programs (`target_arch = "riscv32"`) do not contain the struct.
///
/// # Attributes
///
/// | attribute of a field | meaning |
/// |---|---|
/// | `#[read(i)]` | value `i` that the adapter reads: 2 cells, 4 bytes or 32 bits per word; range-checked |
/// | `#[write(i)]` | value `i` that the adapter writes; range-checked |
/// | `#[read(i, proven)]`, `#[write(i, proven)]` | the same without range checks: `Core::eval` proves the range |
/// | `#[valid]` | boolean: 1 if the row is an instruction |
/// | `#[opcode(Enum::Variant)]` | boolean: 1 if the row is this instruction of several |
/// | `#[opcode_bit(n)]` | boolean: adds `n` to the number of the instruction. `n` is a power of two unless there are also `#[opcode(…)]` columns |
/// | `#[bool]` | booleans |
/// | `#[one_hot]` | array of booleans, exactly one of which is set |
/// | `#[range(bits)]` | below 2^`bits`, with 1 to 16 bits |
/// | `#[free("reason")]` | the prover may choose the value, and the generated tests accept that |
/// | `#[register(i, bits = b, step = s)]` | of a multi-row instruction: a number that starts as the content, below 2^`b`, of the register of operand `i`, and that each row increases by `s` |
/// | `#[register(i, bits = b, count)]` | the same, for the number of rows that are left |
/// | `#[carried]`, `#[carried(field)]` | of a multi-row instruction: equal to the same columns, or to those of `field`, in the row before |
///
/// Without `#[valid]`, `#[opcode]` and `#[opcode_bit]` columns, the framework adds flags of its own.
///
/// | argument of the macro | meaning |
/// |---|---|
/// | `crate = "path"` | path of the SDK in the generated code |
///
/// # Errors
///
/// The macro rejects fields with several roles, two fields with the same value, `cfg` on fields, and everything that
/// [`derive@AlignedBorrow`] rejects. Whether the roles match the adapter is checked where the instruction is declared.
#[proc_macro_attribute]
pub fn columns(arguments: TokenStream, item: TokenStream) -> TokenStream {
    frame::attribute(&columns::Columns, arguments.into(), item.into()).into()
}

/// Declares an instruction (on a struct), or several that share a chip (on an enum); also belongs on the impl of
/// `Core` or `RowCore`.
///
/// ```ignore
/// /// Rotates `x` left by the low five bits of `y`.
/// #[instruction(
///     adapter = Rv32Alu,
///     columns = RotateCols,
///     encode(custom0, funct3 = 5, funct7 = 0),
///     guest = rotl,
/// )]
/// pub struct Rotate;
///
/// #[instruction]
/// impl Core for Rotate { /* execute, witness, eval */ }
/// ```
///
/// On an enum, each variant is an instruction with an encoding and a guest function of its own:
///
/// ```ignore
/// #[instruction(adapter = Rv32Alu, columns = RotateCols)]
/// pub enum Rotate {
///     #[encode(op, funct3 = 1, funct7 = 0x30)]
///     #[guest = rol]
///     Rol,
///     #[encode(op, funct3 = 5, funct7 = 0x30)]
///     #[guest = ror]
///     Ror,
/// }
/// ```
///
/// # Generated code
///
/// - `InstructionSpec` and `CoreSpec` (`RowSpec`): name, instructions, encodings, chip, adapter and columns;
/// - `DefaultInstruction` for a declaration without fields, and `LocalOpcode` if the opcode is pinned;
/// - the guest functions. In guest programs, a function executes the instruction word. On the host, it calls
///   `Core::execute`;
/// - `Clone`, `Debug` and, without fields, `Copy`, unless the declaration has a type parameter.
///
/// On the impl of a core, or on one with its helper functions, the macro leaves the impl out of guest programs and inlines
/// `execute`, `witness` and `check`.
///
/// # Attributes
///
/// | argument | meaning |
/// |---|---|
/// | `adapter = Type` | adapter that reads the operands and writes the results |
/// | `columns = Type` | a struct with [`macro@columns`] |
/// | `encode(opcode, field = n, …)` | encoding of the instruction in guest programs; on an enum `#[encode(…)]` on each variant. A field is a number, a constant, or an expression with `self` |
/// | `guest = name`, `guest(fn name(…) -> u32)` | name or signature of the guest function; on an enum `#[guest…]` on each variant |
/// | `guest(fn …, host = path)` | a guest function that calls `path` on the host. Required if it takes pointers or returns nothing, or if the instruction has parameters |
/// | `name = "…"` | name of the AIR, or an expression with `self`; the name of the type by default |
/// | `opcode = n` | pins the (first) opcode; otherwise every machine allocates its own |
/// | `computed(read(i), write(i))` | values that `Core::read` and `Core::write` (`RowCore::write`) compute from columns |
/// | `multi_row, operands = Type` | an instruction with several rows and without an adapter. With `columns = Type`, it implements `RowCore`; without, `MultiRowCore` and `MultiRowAir` |
/// | `crate = "path"` | path of the SDK in the generated code |
///
/// # Errors
///
/// The macro rejects encodings that overlap, and guest functions whose parameters do not match the open registers of
/// the encoding. The expansion does not compile if the columns do not match the adapter.
#[proc_macro_attribute]
pub fn instruction(arguments: TokenStream, item: TokenStream) -> TokenStream {
    instruction::attribute(arguments.into(), item.into()).into()
}

/// Declares a phantom instruction: an effect on the host that the proof does not show.
///
/// ```ignore
/// /// `hint_isqrt rs1`: replaces the hint stream by the integer square root of a register.
/// #[phantom(
///     discriminant = 0x100,
///     encode(custom1, funct3 = 6, funct7 = 0, rd = 0, rs2 = 0),
///     guest(fn hint_isqrt(x: u32)),
/// )]
/// pub struct HintIsqrt;
///
/// #[phantom]
/// impl PhantomSubExecutor for HintIsqrt {
///     fn execute(&self, context: &mut PhantomContext<'_>) -> ExecutionResult<()> {
///         let [x, _] = context.registers()?;
///         context.set_hint(x.isqrt().to_le_bytes());
///         Ok(())
///     }
/// }
/// ```
///
/// # Generated code
///
/// - `PhantomSpec`: discriminant, name, encoding, and the registers that the encoding leaves open, which are operands `a` and
///   `b`;
/// - the guest function, in guest programs; on the host only with `host = path`.
///
/// On the impl of the effect, the macro leaves the impl out of guest programs.
///
/// # Attributes
///
/// | argument | meaning |
/// |---|---|
/// | `discriminant = n` | tells the phantom instructions of a machine apart: a `u16`, or an expression with `self` |
/// | `encode(opcode, field = n, …)` | the word, as for [`macro@instruction`], with at most two registers and without an immediate |
/// | `guest(fn …)`, `guest(fn …, host = path)` | the guest function, which returns nothing |
/// | `crate = "path"` | path of the SDK in the generated code |
///
/// # Errors
///
/// The macro rejects items other than structs, missing arguments, and everything about encodings and guest functions that
/// [`macro@instruction`] rejects.
#[proc_macro_attribute]
pub fn phantom(arguments: TokenStream, item: TokenStream) -> TokenStream {
    phantom::attribute(arguments.into(), item.into()).into()
}

/// Declares an adapter: what an instruction reads and writes.
///
/// ```ignore
/// /// `[rd] = f([rs1], [rs2])` on numbers of 384 bits.
/// #[adapter(format = Rv32R, read(mem[rs1; 12], mem[rs2; 12]), write(mem[rd; 12]))]
/// pub struct Blocks384;
///
/// /// `rd = f([rs1], [rs2])`.
/// #[adapter(format = Rv32R, read(mem[rs1; 12], mem[rs2; 12]), write(rd))]
/// pub struct Compare384;
///
/// /// Jumps if `f([rs1], [rs2])`.
/// #[adapter(format = Rv32B, read(mem[rs1; N], mem[rs2; N]), branch)]
/// pub struct BranchBlocks<const N: usize>;
/// ```
///
/// An instruction on this adapter reads value 0, 1, … in the order of `read(…)`, and writes value 0. On the host, values of
/// one kind are an array, others a tuple, and a single one is itself: `fn execute(&self, [x, y]: [[u32; 12]; 2]) -> u32`.
///
/// | value | on the host | words | |
/// |---|---|---|---|
/// | `rs1` | `u32` | 1 | the register. `rd = x0` is not written |
/// | `mem[rs1; N]` | `[u32; N]` | `N` | words in main memory, at the pointer in the register, a multiple of 4. `N` is 1 to 1024 |
/// | `imm` | `u32` | 1 | the immediate, sign-extended |
/// | `hint[N]` | `[u32; N]` | `N` | words of the hint stream, which a prover chooses |
/// | `branch` | `bool` | 0 (a single cell) | jump to the target that the instruction word encodes |
///
/// # Generated code
///
/// `DeclaredAdapter`, whose types and constants are the declaration. Code of the SDK makes from them everything that an
/// adapter consists of: columns, constraints and messages, execution, records and rows, the decoding of operands, and the
/// operands for generated tests. The struct gets a private field, and derives `Clone`, `Copy` and `Debug`.
///
/// Guest programs (`target_arch = "riscv32"`) do not contain the struct.
///
/// # Attributes
///
/// | argument | meaning |
/// |---|---|
/// | `format = Type` | format of the instruction words, such as `Rv32R` |
/// | `read(value, …)` | one to three values, each with a register of its own |
/// | `read([value, …; R])` | the first `R` of the values, all of one kind; `R` may be a parameter |
/// | `write(rd)`, `write(mem[rd; N])` | where the result is written; without it, nothing is |
/// | `branch` | the result is the decision of a conditional jump |
/// | `crate = "path"` | path of the SDK in the generated code |
///
/// # Errors
///
/// The macro rejects unknown registers, registers that are named twice, more than one result, blocks without words, and
/// parameters other than consts. Whether the format has the registers, the immediate or the target is checked when the
/// expansion is compiled, and whether the values fit the columns where an instruction names the adapter.
#[proc_macro_attribute]
pub fn adapter(arguments: TokenStream, item: TokenStream) -> TokenStream {
    adapter::attribute(arguments.into(), item.into()).into()
}

/// Makes a struct an extension: a set of instructions with their chips.
///
/// The fields of the struct are the parameters of the extension.
///
/// ```ignore
/// #[vm_extension(
///     instructions(Rotate, Shift with Rv32AluImm),
///     executors(Mul: MulChip => MulOpcode),
///     lookups(Bitwise: BitwiseTable),
///     phantoms(HintIsqrt),
/// )]
/// #[derive(Clone)]
/// pub struct Arithmetic;
/// ```
///
/// # Generated code
///
/// - the enums `ArithmeticExecutor` and `ArithmeticPeriphery`, with [`derive@AnyEnum`], [`derive@Chip`],
///   [`derive@ChipUsageGetter`], `From` for every hand-written chip, and (executors) [`derive@InstructionExecutor`];
/// - `VmExtension`, which builds each hand-written chip with its `BuildChip<Arithmetic>`;
/// - `Arithmetic::instructions()`, a list of the annotated instructions;
/// - one test per chip of the annotated instructions, which proves samples and mutates the trace.
///
/// # Attributes
///
/// | argument | meaning |
/// |---|---|
/// | `instructions(A, B with Adapter, C = value)` | types with [`macro@instruction`]. `with`: a second chip for special cases. `= value`: the value of an instruction with parameters |
/// | `executors(Variant: Chip => Opcodes)` | hand-written chips, with all opcodes of a class or a list `[Class::A, …]` |
/// | `specialised(Variant: Chip => Opcodes)` | hand-written chips for special cases of opcodes |
/// | `lookups(Variant: Table)` | lookup tables, shared with other extensions |
/// | `chips(Variant: Chip)` | other periphery chips, not shared |
/// | `chips(Variant: Chip = value)` | a chip of any of these lists that `BuildChip` does not make |
/// | `shared(name = value)` | values that are made once, for the values of instructions and chips that share them |
/// | `phantoms(A, B = value, C in values)` | types with [`macro@phantom`] |
/// | `phantoms(0x20 => value)` | a phantom instruction without a word: discriminant, and a value that implements `PhantomSubExecutor` |
/// | `buses(BUS, …)` | buses besides the system's |
/// | `words(DECODERS, …)` | iterables of `WordDecoder`s, for instruction words without a declaration |
/// | `tests = value`, `tests = false` | value of the extension that the tests use, or no tests |
/// | `machine = value` | machine on which the tests run; by default, it has only this extension |
/// | `executor = Name`, `periphery = Name` | names of the enums |
/// | `crate = "path"` | path of the SDK in the generated code |
///
/// Expressions may use `self` (the extension) and `builder` (the `VmInventoryBuilder`).
///
/// # Errors
///
/// The macro rejects duplicate variants, chips, opcodes and discriminants, lifetimes, and extensions without a value
/// for the tests. Opcode classes that overlap are an error when the expansion is compiled.
#[proc_macro_attribute]
pub fn vm_extension(arguments: TokenStream, item: TokenStream) -> TokenStream {
    frame::attribute(&vm_extension::VmExtension, arguments.into(), item.into()).into()
}

/// Makes a struct the configuration of a machine: the system and the extensions, in order.
///
/// ```ignore
/// #[derive(Clone, VmConfig)]
/// pub struct MyVm {
///     #[system]
///     pub system: SystemConfig,
///     #[extension]
///     pub rv32: Rv32im,
///     #[extension]
///     pub rotate: Option<Rotate>, // absent from the machine if it is `None`
/// }
/// ```
///
/// # Generated code
///
/// - the enums `MyVmExecutor` and `MyVmPeriphery`. Each has one variant per extension (`Rv32`, `Rotate`), which holds
///   the extension's own enum. The executors of extensions in an `Option` are in an enum of their own,
///   `MyVmOptionalExecutor`, in the variant `Optional`: they are called, while the others are parts of the interpreter's loop;
/// - `VmConfig`, whose `create_inventory` registers the extensions in order.
///
/// # Attributes
///
/// | attribute | on | meaning |
/// |---|---|---|
/// | `#[system]` | field | the `SystemConfig`; required, once |
/// | `#[extension]` | field | an extension, or an `Option` of one |
/// | `#[vm(crate = "path")]` | struct | path of the SDK in the generated code |
///
/// # Errors
///
/// The macro rejects fields without a role, two extensions of the same type, field names that give the same variant,
/// and lifetimes.
#[proc_macro_derive(VmConfig, attributes(system, extension, vm))]
pub fn vm_config(input: TokenStream) -> TokenStream {
    frame::derive(&vm_config::VmConfig, input.into()).into()
}
