//! Why a file cannot be loaded.

use thiserror::Error;
use vm_core::instructions::{ExeError, ProgramError};

/// A file that is no loadable executable: what is wrong, where, and what to do.
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
        /// Which part.
        what: String,
        /// File offset of the part.
        start: u64,
        /// First offset behind the part.
        end: u64,
        /// Length of the file.
        len: u64,
    },
    /// A 64-bit file.
    #[error(
        "64-bit ELF file: the machine is RV32IM; build for riscv32im-unknown-none-elf or with -march=rv32im -mabi=ilp32"
    )]
    Class64,
    /// A big-endian file.
    #[error("big-endian ELF file: the machine is little-endian; build for riscv32im-unknown-none-elf")]
    BigEndian,
    /// Not RISC-V.
    #[error("ELF file for machine {found}, not for RISC-V (243); build for riscv32im-unknown-none-elf")]
    Machine {
        /// `e_machine`, with its name if it is a common one.
        found: String,
    },
    /// Relocatable, shared or core file.
    #[error("the ELF file is {found}, not a statically linked executable (ET_EXEC); {hint}")]
    NotExecutable {
        /// What it is.
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
    /// Built with 16-bit instructions.
    #[error(
        "the executable contains compressed (16-bit) instructions, which RV32IM does not have; build with -march=rv32im, or for riscv32im-unknown-none-elf"
    )]
    Compressed,
    /// A header field with an impossible value.
    #[error("malformed ELF file: {what} is {value:#x}, expected {expected}; build it again")]
    Malformed {
        /// Which field.
        what: String,
        /// Its value.
        value: u64,
        /// What would be right.
        expected: &'static str,
    },
    /// A segment beyond user memory.
    #[error(
        "segment {index} at {start:#x}..{end:#x} is beyond user memory, which ends at 0x20000000; lower the addresses in the linker script"
    )]
    BeyondMemory {
        /// Index of the program header.
        index: usize,
        /// First address.
        start: u64,
        /// First address behind it.
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
    /// Nothing to execute.
    #[error("no executable segment (PT_LOAD with flag X) has contents; link a program with code")]
    NoCode,
    /// The entry point is no instruction.
    #[error("entry point {entry:#x} {problem}; name the start symbol with ENTRY(…) in the linker script")]
    EntryPoint {
        /// The entry point.
        entry: u32,
        /// What is wrong with it.
        problem: &'static str,
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
    /// An extension's transpiler made an instruction that no program may contain.
    #[error("transpiled program: {0}")]
    Program(#[from] ProgramError),
    /// The executable is inconsistent.
    #[error("transpiled program: {0}")]
    Exe(#[from] ExeError),
}
