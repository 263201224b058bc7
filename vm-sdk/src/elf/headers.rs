//! Parsing and checking of the file header and the program headers.

use object::LittleEndian as LE;
use object::elf::{self, FileHeader32, ProgramHeader32};
use object::read::ReadRef;

use super::{ElfError, Segment, USER_MEMORY_END};

/// Length of a 32-bit file header.
const HEADER_LEN: u64 = size_of::<FileHeader32<LE>>() as u64;
/// Length of a 32-bit program header.
const PROGRAM_HEADER_LEN: u64 = size_of::<ProgramHeader32<LE>>() as u64;

/// The fields of the file header that loading needs.
pub(super) struct Header {
    pub(super) entry: u32,
    program_headers: u64,
    count: u64,
}

/// A segment to load, with its contents.
pub(super) struct LoadSegment<'a> {
    /// Index of its program header.
    pub(super) index: usize,
    pub(super) segment: Segment,
    pub(super) data: &'a [u8],
}

impl LoadSegment<'_> {
    /// Returns the first address after the segment.
    pub(super) fn end(&self) -> u64 {
        u64::from(self.segment.address) + u64::from(self.segment.memory_size)
    }
}

/// Returns the bytes `start..start + len` of the file.
fn slice(bytes: &[u8], what: impl FnOnce() -> String, start: u64, len: u64) -> Result<&[u8], ElfError> {
    bytes.read_bytes_at(start, len).map_err(|()| ElfError::Truncated {
        what: what(),
        start,
        end: start.saturating_add(len),
        len: bytes.len() as u64,
    })
}

impl Header {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ElfError> {
        let magic = &bytes[..bytes.len().min(4)];
        if bytes.is_empty() || !elf::ELFMAG.starts_with(magic) {
            let found: Vec<_> = magic.iter().map(|byte| format!("{byte:02x}")).collect();
            let found = if found.is_empty() { "nothing (it is empty)".to_owned() } else { found.join(" ") };
            return Err(ElfError::NotElf { found });
        }
        let malformed =
            |what: &str, value: u64, expected| ElfError::Malformed { what: what.to_owned(), value, expected };
        // Class and byte order come first: the remaining fields depend on them.
        let ident = slice(bytes, || "the identification".into(), 0, 16)?;
        match elf::FileClass(ident[4]) {
            elf::ELFCLASS32 => {}
            elf::ELFCLASS64 => return Err(ElfError::Class64),
            other => return Err(malformed("the file class", other.0.into(), "1 (32-bit)")),
        }
        match elf::DataEncoding(ident[5]) {
            elf::ELFDATA2LSB => {}
            elf::ELFDATA2MSB => return Err(ElfError::BigEndian),
            other => return Err(malformed("the byte order", other.0.into(), "1 (little endian)")),
        }
        slice(bytes, || "the file header".into(), 0, HEADER_LEN)?;
        let header: &FileHeader32<LE> =
            bytes.read_at(0).map_err(|()| malformed("the file header", 0, "a readable header"))?;
        let machine = header.e_machine.get(LE);
        if machine != elf::EM_RISCV {
            return Err(ElfError::Machine { found: machine_name(machine) });
        }
        check_type(header.e_type.get(LE))?;
        let size = header.e_phentsize.get(LE);
        let count = header.e_phnum.get(LE);
        if count != 0 && u64::from(size) != PROGRAM_HEADER_LEN {
            return Err(malformed("the size of a program header", size.into(), "0x20"));
        }
        if count == elf::PN_XNUM {
            return Err(malformed("the number of program headers", count.into(), "less than 0xffff"));
        }
        Ok(Self { entry: header.e_entry.get(LE), program_headers: header.e_phoff.get(LE).into(), count: count.into() })
    }

    /// Returns the segments that occupy memory, in the order of the file.
    pub(super) fn load_segments<'a>(&self, bytes: &'a [u8]) -> Result<Vec<LoadSegment<'a>>, ElfError> {
        let mut loads: Vec<LoadSegment<'a>> = Vec::new();
        for index in 0..self.count {
            let offset = self.program_headers + index * PROGRAM_HEADER_LEN;
            slice(bytes, || format!("program header {index}"), offset, PROGRAM_HEADER_LEN)?;
            let header: &ProgramHeader32<LE> = bytes.read_at(offset).map_err(|()| ElfError::Malformed {
                what: format!("program header {index}"),
                value: offset,
                expected: "a readable header",
            })?;
            let index = index as usize;
            match header.p_type.get(LE) {
                elf::PT_LOAD => loads.extend(load(bytes, index, header)?),
                elf::PT_INTERP => return Err(ElfError::Dynamic { index }),
                // Attributes, notes, stack permissions and the like do not occupy memory.
                _ => {}
            }
        }
        // If segments shared contents, a small file could fill any amount of memory.
        let total: u64 = loads.iter().map(|load| load.data.len() as u64).sum();
        if total > bytes.len() as u64 {
            return Err(ElfError::Malformed {
                what: "the file size of all segments together".to_owned(),
                value: total,
                expected: "at most the length of the file",
            });
        }
        Ok(loads)
    }
}

/// Reads a `PT_LOAD` segment. Returns `None` if it is empty; linkers write such segments at address 0.
fn load<'a>(bytes: &'a [u8], index: usize, header: &ProgramHeader32<LE>) -> Result<Option<LoadSegment<'a>>, ElfError> {
    let (memory_size, file_size) = (header.p_memsz.get(LE), header.p_filesz.get(LE));
    if file_size > memory_size {
        return Err(ElfError::Malformed {
            what: format!("the file size of segment {index}"),
            value: file_size.into(),
            expected: "at most its size in memory",
        });
    }
    if memory_size == 0 {
        return Ok(None);
    }
    let start = u64::from(header.p_vaddr.get(LE));
    let end = start + u64::from(memory_size);
    if end > USER_MEMORY_END {
        return Err(ElfError::BeyondMemory { index, start, end });
    }
    let data = slice(bytes, || format!("segment {index}"), header.p_offset.get(LE).into(), file_size.into())?;
    let flags = header.p_flags.get(LE).0;
    let segment = Segment {
        address: start as u32,
        memory_size,
        file_size,
        readable: flags & elf::PF_R.0 != 0,
        writable: flags & elf::PF_W.0 != 0,
        executable: flags & elf::PF_X.0 != 0,
    };
    Ok(Some(LoadSegment { index, segment, data }))
}

fn check_type(kind: elf::FileType) -> Result<(), ElfError> {
    let (found, hint) = match kind {
        elf::ET_EXEC => return Ok(()),
        elf::ET_REL => ("a relocatable object file (ET_REL)".to_owned(), "link it first"),
        elf::ET_DYN => (
            "a shared or position-independent file (ET_DYN)".to_owned(),
            "link it with -static -no-pie (Rust: relocation-model=static)",
        ),
        elf::ET_CORE => ("a core dump (ET_CORE)".to_owned(), "give the executable instead"),
        other => (format!("of unknown type {:#x}", other.0), "build it again"),
    };
    Err(ElfError::NotExecutable { found, hint })
}

fn machine_name(machine: elf::Machine) -> String {
    let name = match machine {
        elf::EM_386 => "x86",
        elf::EM_X86_64 => "x86-64",
        elf::EM_ARM => "ARM",
        elf::EM_AARCH64 => "AArch64",
        elf::EM_MIPS => "MIPS",
        elf::EM_NONE => "none",
        _ => return machine.0.to_string(),
    };
    format!("{} ({name})", machine.0)
}
