//! Errors of loading executables.

use thiserror::Error;
use vm_core::arch::VmInventoryError;
use vm_core::instructions::{ExeError, ProgramError};

/// Why a file cannot be loaded as an executable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ElfError {
    /// The magic number is missing.
    #[error("not an ELF file: it starts with {found}, not with 7f 45 4c 46; give the linked executable of the guest")]
    NotElf {
        /// The first bytes in hexadecimal.
        found: String,
    },
    /// The file ends early.
    #[error(
        "truncated ELF file: {what} needs bytes {start:#x}..{end:#x}, but the file has {len:#x}; copy or build it again"
    )]
    Truncated {
        /// The part that is incomplete.
        what: String,
        /// File offset of the part.
        start: u64,
        /// First offset after the part.
        end: u64,
        /// Length of the file.
        len: u64,
    },
    /// The file is a 64-bit one.
    #[error(
        "64-bit ELF file: the machine is RV32IM; build for riscv32im-unknown-none-elf or with -march=rv32im -mabi=ilp32"
    )]
    Class64,
    /// The file is big-endian.
    #[error("big-endian ELF file: the machine is little-endian; build for riscv32im-unknown-none-elf")]
    BigEndian,
    /// The file is for another architecture.
    #[error("ELF file for machine {found}, not for RISC-V (243); build for riscv32im-unknown-none-elf")]
    Machine {
        /// Value of `e_machine`, with its name if it is common.
        found: String,
    },
    /// The file is relocatable, shared or a core dump.
    #[error("the ELF file is {found}, not a statically linked executable (ET_EXEC); {hint}")]
    NotExecutable {
        /// Type of the file.
        found: String,
        /// What to do.
        hint: &'static str,
    },
    /// The file asks for a dynamic linker.
    #[error("the executable is linked dynamically (program header {index} is PT_INTERP); link it with -static")]
    Dynamic {
        /// Index of the program header.
        index: usize,
    },
    /// The program begins with a 16-bit instruction.
    #[error(
        "the code at the entry point {entry:#x} is compressed (16-bit instructions), which RV32IM does not have; build with -march=rv32im, or for riscv32im-unknown-none-elf"
    )]
    Compressed {
        /// The entry point.
        entry: u32,
    },
    /// A header field has an impossible value.
    #[error("malformed ELF file: {what} is {value:#x}, expected {expected}; build it again")]
    Malformed {
        /// Name of the field.
        what: String,
        /// Its value.
        value: u64,
        /// The expected value.
        expected: &'static str,
    },
    /// A segment does not lie in user memory.
    #[error(
        "segment {index} at {start:#x}..{end:#x} is beyond user memory, which ends at 0x20000000; lower the addresses in the linker script"
    )]
    BeyondMemory {
        /// Index of the program header.
        index: usize,
        /// First address.
        start: u64,
        /// First address after the segment.
        end: u64,
    },
    /// Two segments share an address.
    #[error("segments {first} and {second} both contain address {address:#x}; fix the linker script")]
    Overlap {
        /// Index of one program header.
        first: usize,
        /// Index of the other.
        second: usize,
        /// A shared address.
        address: u32,
    },
    /// There is no code.
    #[error("no executable segment (PT_LOAD with flag X) has contents; link a program with code")]
    NoCode,
    /// The entry point is not an instruction.
    #[error("entry point {entry:#x} {problem}; name the start symbol with ENTRY(…) in the linker script")]
    EntryPoint {
        /// The entry point.
        entry: u32,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The word at the entry point is not an instruction of the machine.
    #[error("the word {word:#010x} at the entry point {entry:#x} is {}", what.unwrap_or("not an instruction of the machine"))]
    EntryWord {
        /// The entry point.
        entry: u32,
        /// The word.
        word: u32,
        /// The instruction that it would be on other RISC-V machines, with advice.
        what: Option<&'static str>,
    },
    /// A word with two meanings.
    #[error("word {word:#010x} at {pc:#x} is claimed by {first} and by {second}; enable only one of them")]
    Ambiguous {
        /// Address.
        pc: u32,
        /// The word.
        word: u32,
        /// Instruction that declares the word, or name of the transpiler that claims it.
        first: String,
        /// Name of the other transpiler.
        second: String,
    },
    /// The machine for which the executable is loaded cannot be built.
    #[error("cannot build the machine: {0}")]
    Config(#[from] VmInventoryError),
    /// An extension's transpiler made an instruction that no program may contain.
    #[error("transpiled program: {0}")]
    Program(#[from] ProgramError),
    /// The executable is inconsistent.
    #[error("transpiled program: {0}")]
    Exe(#[from] ExeError),
}
