//! Loads ELF executables: what lies where in memory, what of it is code, and the symbols.
//!
//! Accepted are little-endian 32-bit RISC-V executables (`ET_EXEC`) that are linked statically for addresses below
//! 2^29. Of the file only the program headers matter; sections and symbols are optional and only used for reports.

mod error;
mod headers;
mod symbols;

use std::collections::BTreeMap;

pub use error::ElfError;
pub use symbols::{Symbol, SymbolTable};

use headers::{Header, LoadSegment};

/// End of user memory in bytes: every segment lies below.
pub const USER_MEMORY_END: u64 = 1 << 29;

/// One loaded segment, as the file describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Address of the first byte.
    pub address: u32,
    /// Bytes in memory; those behind `file_size` are zero.
    pub memory_size: u32,
    /// Bytes in the file.
    pub file_size: u32,
    /// The guest may read it.
    pub readable: bool,
    /// The guest may write it.
    pub writable: bool,
    /// It holds code. Stores to it change memory, never the program.
    pub executable: bool,
}

/// Contiguous words of executable segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRange {
    /// Address of the first word; a multiple of 4.
    pub base: u32,
    /// The words, code or data: linkers put read-only data and even the ELF header between instructions.
    pub words: Vec<u32>,
}

/// A loaded executable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfImage {
    /// Where execution starts: a multiple of 4 within `code`.
    pub entry: u32,
    /// Loaded segments that are not empty, by address.
    pub segments: Vec<Segment>,
    /// Initial memory: address of a word (a multiple of 4) → little-endian word. Words that are zero are absent.
    pub memory: BTreeMap<u32, u32>,
    /// Executable words, ascending, without overlap.
    pub code: Vec<CodeRange>,
    /// Function symbols, for reports.
    pub symbols: SymbolTable,
}

impl ElfImage {
    /// Loads an executable. Never panics, whatever the bytes are.
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
        Ok(Self {
            entry: header.entry,
            segments: loads.iter().map(|load| load.segment).collect(),
            memory,
            code,
            symbols: SymbolTable::parse(bytes),
        })
    }

    /// Bytes that the segments take in memory.
    pub fn memory_size(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.memory_size)).sum()
    }
}

/// Words from bytes. Segments may start and end within a word, and two of them may share one.
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

/// The whole words of the executable segments' file contents. Adjacent segments are joined first.
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
