//! Derive and attribute macros that turn annotated structs into chips, executors and machines.
//!
//! Every macro has three stages: its input is *parsed*, *validated* into a model while all errors are accumulated, and
//! the model is *expanded*, which cannot fail. A rejected item still gets stub impls, so that one mistake stays one
//! error. Generated paths start at `::vm_sdk`; `#[vm(crate = "path")]` on the item, or the option `crate` of
//! an attribute macro, overrides that.

mod aligned_borrow;
mod any_enum;
mod attr;
mod chip;
mod chip_usage_getter;
mod columns;
mod ctxt;
mod delegate;
mod generics;
mod guest;
mod instruction;
mod instruction_executor;
mod list;
mod local_opcode;
mod symbol;
mod text;
mod vm_config;
mod vm_extension;

#[cfg(test)]
mod expansion_tests;
#[cfg(test)]
mod mutation_tests;

use proc_macro::TokenStream;

/// Views cell slices as a column struct, and names its columns.
///
/// For `#[repr(C)] struct Cols<T, const N: usize, …>` whose fields are all made of the cell type `T` (`T`, `[T; N]` or
/// other column structs), generates
/// - `Borrow<Cols<T>>` and `BorrowMut<Cols<T>>` for `[T]`. The slice must be exactly as long as the struct has columns;
///   any other length is a bug of the caller and panics, as slice indexing does;
/// - `ColumnLayout` for `Cols<u8>`: one name per column, such as `a.limbs[1]`;
/// - assertions at compile time that the struct has the layout of an array of cells.
#[proc_macro_derive(AlignedBorrow, attributes(vm))]
pub fn aligned_borrow(input: TokenStream) -> TokenStream {
    aligned_borrow::derive(input.into()).into()
}

/// Makes an enum without fields a class of opcodes, numbered from `#[opcode_offset = 0x…]` on.
///
/// Generates `LocalOpcode`: the offset, all opcodes in order, their positions and names. Number 0 is reserved.
#[proc_macro_derive(LocalOpcode, attributes(opcode_offset, vm))]
pub fn local_opcode(input: TokenStream) -> TokenStream {
    local_opcode::derive(input.into()).into()
}

/// Exposes the value inside of an enum as `Any`, so that chips are found again by their type.
///
/// Every variant has exactly one unnamed field. A variant marked `#[any_enum]` holds another enum with `AnyEnum`, and
/// its innermost value is exposed.
#[proc_macro_derive(AnyEnum, attributes(any_enum, vm))]
pub fn any_enum(input: TokenStream) -> TokenStream {
    any_enum::ANY_ENUM.derive(input.into()).into()
}

/// Delegates `ChipUsageGetter` to the chip inside of an enum, or to the only field (or the one marked `#[chip]`) of a
/// struct.
#[proc_macro_derive(ChipUsageGetter, attributes(chip, any_enum, vm))]
pub fn chip_usage_getter(input: TokenStream) -> TokenStream {
    chip_usage_getter::CHIP_USAGE_GETTER.derive(input.into()).into()
}

/// Delegates `Chip` to the chip inside of an enum, or to the only field (or the one marked `#[chip]`) of a struct.
#[proc_macro_derive(Chip, attributes(chip, any_enum, vm))]
pub fn chip(input: TokenStream) -> TokenStream {
    chip::CHIP.derive(input.into()).into()
}

/// Delegates `InstructionExecutor` to the executor inside of an enum, or to the only field (or the one marked
/// `#[chip]`) of a struct. `execute` is a plain match that is always inlined.
#[proc_macro_derive(InstructionExecutor, attributes(chip, any_enum, vm))]
pub fn instruction_executor(input: TokenStream) -> TokenStream {
    instruction_executor::INSTRUCTION_EXECUTOR.derive(input.into()).into()
}

/// Makes a struct the columns of an instruction: says what each column is for.
///
/// ```ignore
/// #[columns]
/// pub struct RotateCols<T> {
///     #[read(0)]
///     x: Word<T>,                    // the first value that the adapter reads: 2 cells, 4 bytes or 32 bits per word
///     #[write(0)]
///     y: Word<T>,                    // the first value that it writes; range-checked
///     #[one_hot]
///     bit: [T; 16],                  // booleans, exactly one of which is set
///     #[bool]
///     swap: T,                       // boolean
///     #[range(8)]
///     low: [T; 2],                   // below 2^8
///     high: [T; 2],                  // no role: filled by `Core::witness`, constrained by `Core::eval`
/// }
/// ```
///
/// Further roles: `#[valid]` (the row is an instruction), `#[opcode(Enum::Variant)]` (the row is this one of several
/// instructions), `#[opcode_bit(n)]` (adds `n` to the instruction's number; a power of two, unless `#[opcode(…)]` columns
/// are there as well); without any of these the framework adds flags of its own; `#[free("reason")]` (the prover may
/// choose: the generated tests accept that). `#[read(i, proven)]` and `#[write(i, proven)]` leave the range checks of the
/// value to `Core::eval`.
///
/// Adds `#[repr(C)]` and derives `Clone`, `Copy`, `Debug` and `AlignedBorrow`; implements `ColumnRoles` for
/// `RotateCols<u8>`. The struct is left out of guest programs. Const parameters come behind the cell, which has no bounds.
#[proc_macro_attribute]
pub fn columns(arguments: TokenStream, item: TokenStream) -> TokenStream {
    columns::attribute(arguments.into(), item.into()).into()
}

/// Declares an instruction (a struct), or several that share a chip (an enum); on the impl of `Core`, leaves it out of
/// guest programs.
///
/// ```ignore
/// /// Rotates `x` left by the low five bits of `y`.
/// #[instruction(
///     adapter = Rv32Alu,                             // how operands are read and results written
///     columns = RotateCols,                          // a struct with `#[columns]`
///     encode(custom0, funct3 = 5, funct7 = 0),       // words of guest programs; on the variants of an enum: #[encode(…)]
///     guest = rotl,                                  // function for guests, or guest(fn rotl(x: u32, y: u32) -> u32)
///     name = "Rotate",                               // optional: name of the AIR
///     opcode = 0x400,                                // optional: pins the (first) opcode, and implements `LocalOpcode`
///     computed(write(0)),                            // optional: values that `Core::read` and `Core::write` compute
/// )]
/// pub struct Rotate;
///
/// #[instruction]
/// impl Core for Rotate { /* execute, witness, eval */ }
/// ```
///
/// A multi-row instruction is `#[instruction(multi_row, operands = Rv32Message<300>, …)]` with an impl of `MultiRowCore`.
///
/// Generates `InstructionSpec` and `CoreSpec`, and the guest function: the instruction word in guest programs, and
/// the same `Core::execute` on the host. Where that cannot be (the function takes pointers or returns nothing, or the
/// instruction has parameters), the author names a function that stands in on the host: `guest(fn …, host = path)`.
#[proc_macro_attribute]
pub fn instruction(arguments: TokenStream, item: TokenStream) -> TokenStream {
    instruction::attribute(arguments.into(), item.into()).into()
}

/// Makes a struct an extension: a modular set of instructions.
///
/// ```ignore
/// #[vm_extension(
///     executor = RotateExecutor,                    // optional; `{Struct}Executor` by default
///     periphery = RotatePeriphery,                  // optional; `{Struct}Periphery` by default
///     executors(
///         Rotl: RotlChip => RotlOpcode,             // all opcodes of a class
///         Shift: ShiftChip => [ShiftOpcode::SLL],   // some opcodes
///     ),
///     lookups(Bitwise: BitwiseTable),               // shared: built unless an extension registered one before
///     chips(Helper: HelperChip),                    // not shared
///     phantoms(0x20 => HintInput),                  // discriminant => value that is a `PhantomSubExecutor`
///     buses(HELPER_BUS),                            // buses beyond the system's
///     words([HINT_WORD]),                           // iterables of `WordDecoder`s, for words without a declaration
/// )]
/// pub struct Rotate;
/// ```
///
/// Generates the two enums of chips, with `InstructionExecutor`, `AnyEnum`, `Chip`, `ChipUsageGetter` and `From` for
/// every variant, and `VmExtension`, which builds each chip by its `BuildChip<Rotate>`. Expressions may use `self`, the
/// extension's parameters, and `builder`.
#[proc_macro_attribute]
pub fn vm_extension(arguments: TokenStream, item: TokenStream) -> TokenStream {
    vm_extension::attribute(arguments.into(), item.into()).into()
}

/// Makes a struct the configuration of a machine: a system and the extensions, in order.
///
/// ```ignore
/// #[derive(Clone, VmConfig)]
/// pub struct MyVm {
///     #[system]
///     pub system: SystemConfig,
///     #[extension]
///     pub rv32: Rv32im,
///     #[extension]
///     pub rotate: Option<Rotate>,   // left out of the machine when it is `None`
/// }
/// ```
///
/// Generates the enums `MyVmExecutor` and `MyVmPeriphery`, with one variant per extension (`Rv32`, `Rotate`) that holds
/// the extension's own enum, and `VmConfig`.
#[proc_macro_derive(VmConfig, attributes(system, extension, vm))]
pub fn vm_config(input: TokenStream) -> TokenStream {
    vm_config::derive(input.into()).into()
}
