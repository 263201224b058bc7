//! Loader of static ELF32 executables.

use super::memory::Memory;

/// Loadable segment of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Address of the first byte.
    pub address: u32,
    /// Content from the file. The rest of the segment is zero.
    pub bytes: Vec<u8>,
    /// Whether the program counter may point into the segment.
    pub executable: bool,
}

/// Error of loading an ELF file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The file is not a little-endian ELF32 executable for RISC-V. Names the part that differs.
    NotRiscV32(&'static str),
    /// A header or segment starts at this file offset and extends beyond the end of the file.
    Truncated(usize),
    /// A segment is not entirely in user memory.
    OutOfMemory {
        /// Address of the segment.
        address: u32,
        /// Size in memory, in bytes.
        size: u32,
    },
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotRiscV32(what) => write!(f, "not a RISC-V ELF32 executable: {what}"),
            Self::Truncated(offset) => write!(f, "the file ends before offset {offset:#x}"),
            Self::OutOfMemory { address, size } => {
                write!(f, "the segment at {address:#010x} with {size:#x} bytes lies outside user memory")
            }
        }
    }
}

impl std::error::Error for LoadError {}

const PT_LOAD: u32 = 1;
const PF_X: u32 = 1;

/// Reads a little-endian number of `size` bytes at `offset`.
fn field(elf: &[u8], offset: usize, size: usize) -> Result<u32, LoadError> {
    let bytes = offset.checked_add(size).and_then(|end| elf.get(offset..end)).ok_or(LoadError::Truncated(offset))?;
    Ok(bytes.iter().rev().fold(0, |value, &byte| (value << 8) | u32::from(byte)))
}

/// Returns the entry point and the non-empty PT_LOAD segments of an ELF file.
///
/// # Errors
///
/// - [`LoadError::NotRiscV32`] if the file is not a static ELF32 executable for RISC-V,
/// - [`LoadError::Truncated`] if the file ends before a header or the content of a segment does,
/// - [`LoadError::OutOfMemory`] if a segment is not entirely in user memory.
pub fn load(elf: &[u8]) -> Result<(u32, Vec<Segment>), LoadError> {
    // e_ident: magic, ELFCLASS32, ELFDATA2LSB.
    if elf.get(..6) != Some(b"\x7fELF\x01\x01".as_slice()) {
        return Err(LoadError::NotRiscV32("magic, class or byte order"));
    }
    if field(elf, 16, 2)? != 2 {
        return Err(LoadError::NotRiscV32("e_type is not ET_EXEC"));
    }
    if field(elf, 18, 2)? != 243 {
        return Err(LoadError::NotRiscV32("e_machine is not EM_RISCV"));
    }
    let entry = field(elf, 24, 4)?;
    let table = field(elf, 28, 4)? as usize;
    let entry_size = field(elf, 42, 2)? as usize;
    let count = field(elf, 44, 2)? as usize;

    let mut segments = vec![];
    for header in (0..count).map(|i| table + i * entry_size) {
        // Elf32_Phdr: type, offset, vaddr, paddr, filesz, memsz, flags, align.
        let word = |index: usize| field(elf, header + 4 * index, 4);
        let (offset, address, file_size, size) = (word(1)? as usize, word(2)?, word(4)? as usize, word(5)?);
        if word(0)? != PT_LOAD || size == 0 {
            continue;
        }
        if file_size as u64 > u64::from(size) {
            return Err(LoadError::NotRiscV32("a segment's p_filesz exceeds its p_memsz"));
        }
        if !Memory::contains(address, u64::from(size)) {
            return Err(LoadError::OutOfMemory { address, size });
        }
        let bytes =
            offset.checked_add(file_size).and_then(|end| elf.get(offset..end)).ok_or(LoadError::Truncated(offset))?;
        segments.push(Segment { address, bytes: bytes.to_vec(), executable: word(6)? & PF_X != 0 });
    }
    Ok((entry, segments))
}
