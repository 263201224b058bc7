//! Loads ELF executables: the contents of memory, the code, and the symbols.
//!
//! Executables must be little-endian 32-bit RISC-V files (`ET_EXEC`) that are linked statically for addresses below 2^29. Only
//! the program headers are needed. Sections with symbols and source lines are optional and used for reports only.

mod debug;
mod error;
mod headers;
mod inlined;
mod lines;
mod symbols;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use error::ElfError;
pub use inlined::{ChainId, InlinedFunctions};
pub use lines::SourceLines;
pub use symbols::{Symbol, SymbolTable};

use debug::DebugSections;
use headers::{Header, LoadSegment};

/// First address after user memory. Every segment ends at or before it.
pub const USER_MEMORY_END: u64 = 1 << 29;

/// A loaded segment, as the file describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Address of the first byte.
    pub address: u32,
    /// Number of bytes in memory. Bytes from `file_size` on are zero.
    pub memory_size: u32,
    /// Number of bytes in the file.
    pub file_size: u32,
    /// Whether the guest may read it.
    pub readable: bool,
    /// Whether the guest may write it.
    pub writable: bool,
    /// Whether it contains code. Stores to it change memory, but not the program.
    pub executable: bool,
}

/// Contiguous words of executable segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRange {
    /// Address of the first word; a multiple of 4.
    pub base: u32,
    /// The words: code or data, because linkers put read-only data and even the ELF header between instructions.
    pub words: Vec<u32>,
}

/// A loaded executable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfImage {
    /// Entry point: a multiple of 4 within `code`.
    pub entry: u32,
    /// Loaded segments that are not empty, in ascending order of address.
    pub segments: Vec<Segment>,
    /// Initial memory: maps the address of a word (a multiple of 4) to the little-endian word. Zero words are absent.
    pub memory: BTreeMap<u32, u32>,
    /// Executable words, in ascending order and without overlaps.
    pub code: Vec<CodeRange>,
    /// Function symbols, for reports.
    pub symbols: SymbolTable,
    /// Source lines, for reports.
    pub lines: SourceLines,
    /// Inlined functions, for profiles.
    pub inlined: InlinedFunctions,
}

impl ElfImage {
    /// Loads an executable. Does not panic for any bytes.
    ///
    /// # Errors
    ///
    /// An [`ElfError`] if the bytes are not an executable of the kind that the [module](self) describes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ElfError> {
        let header = Header::parse(bytes)?;
        let mut loads = header.load_segments(bytes)?;
        loads.sort_by_key(|load| load.segment.address);
        for pair in loads.windows(2) {
            if pair[0].end() > u64::from(pair[1].segment.address) {
                return Err(ElfError::Overlap {
                    first: pair[0].index,
                    second: pair[1].index,
                    address: pair[1].segment.address,
                });
            }
        }
        let memory = memory(&loads);
        let code = code(&loads, &memory);
        if code.is_empty() {
            return Err(ElfError::NoCode);
        }
        check_entry(header.entry, &code)?;
        let (symbols, debug) = (SymbolTable::parse(bytes), Arc::new(DebugSections::parse(bytes)));
        Ok(Self {
            entry: header.entry,
            segments: loads.iter().map(|load| load.segment).collect(),
            memory,
            code,
            lines: SourceLines::new(Arc::clone(&debug), symbols.main()),
            inlined: InlinedFunctions::new(debug),
            symbols,
        })
    }

    /// Returns the word at `pc`, if it is in an executable segment.
    pub fn word(&self, pc: u32) -> Option<u32> {
        let offset = |base: u32| pc.checked_sub(base).filter(|offset| offset % 4 == 0).map(|offset| offset / 4);
        self.code.iter().find_map(|range| range.words.get(offset(range.base)? as usize).copied())
    }

    /// Returns the function that contains `pc` and the source line, in the form `name+0x1c, src/main.rs:12`, or what the file
    /// has of both; `None` outside of executable segments.
    pub fn locate(&self, pc: u32) -> Option<String> {
        self.word(pc & !3)?;
        let line = self.lines.find(pc).map(|(file, line)| format!("{file}:{line}"));
        let parts: Vec<String> = self.symbols.locate(pc).into_iter().chain(line).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Returns the number of bytes that the segments occupy in memory.
    pub fn memory_size(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.memory_size)).sum()
    }
}

/// Returns the initial memory. Segments may start and end within a word, and two segments may share one.
fn memory(loads: &[LoadSegment<'_>]) -> BTreeMap<u32, u32> {
    let mut memory = BTreeMap::new();
    for load in loads {
        let mut address = load.segment.address;
        let mut rest = load.data;
        while !rest.is_empty() {
            let skip = (address % 4) as usize;
            let (bytes, tail) = rest.split_at(rest.len().min(4 - skip));
            let mut word = [0; 4];
            word[skip..skip + bytes.len()].copy_from_slice(bytes);
            let word = u32::from_le_bytes(word);
            if word != 0 {
                *memory.entry(address - skip as u32).or_insert(0) |= word;
            }
            address += bytes.len() as u32;
            rest = tail;
        }
    }
    memory
}

/// Returns the whole words of the executable segments' contents. Adjacent segments are joined first.
fn code(loads: &[LoadSegment<'_>], memory: &BTreeMap<u32, u32>) -> Vec<CodeRange> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for load in loads.iter().filter(|load| load.segment.executable && !load.data.is_empty()) {
        let (start, end) = (load.segment.address, load.segment.address + load.data.len() as u32);
        match ranges.last_mut() {
            Some(last) if last.1 == start => last.1 = end,
            _ => ranges.push((start, end)),
        }
    }
    ranges
        .into_iter()
        .map(|(start, end)| {
            let base = start.next_multiple_of(4);
            let words = (base..end / 4 * 4).step_by(4).map(|at| memory.get(&at).copied().unwrap_or(0)).collect();
            CodeRange { base, words }
        })
        .filter(|range| !range.words.is_empty())
        .collect()
}

fn check_entry(entry: u32, code: &[CodeRange]) -> Result<(), ElfError> {
    let inside = |range: &CodeRange| {
        entry >= range.base && u64::from(entry) < u64::from(range.base) + 4 * range.words.len() as u64
    };
    let problem = if !code.iter().any(inside) {
        if entry == 0 { "is missing" } else { "is not in an executable segment" }
    } else if entry % 4 == 2 {
        return Err(ElfError::Compressed { entry });
    } else if !entry.is_multiple_of(4) {
        "is not a multiple of 4"
    } else {
        return Ok(());
    };
    Err(ElfError::EntryPoint { entry, problem })
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
