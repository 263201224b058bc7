//! Source lines of the code, from the line tables of DWARF.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use gimli::{AttributeValue, DebugLineOffset, SectionId};

use super::debug::{DebugSections, Dwarf, Slice};

/// Largest number of rows of a table; further rows are dropped.
const MAX_ROWS: usize = 1 << 22;
/// Longest path of a source file; lines of files with longer ones have no place.
const MAX_PATH: usize = 1 << 12;

/// The source lines of a program. They are optional: a file that was built without them, or whose tables are damaged, has none.
///
/// The tables are decoded when they are needed first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceLines {
    sections: Arc<DebugSections>,
    /// Address of the main function, if it is known.
    main: Option<u32>,
    table: OnceLock<Table>,
}

/// Rows in ascending order of address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Table {
    files: Vec<String>,
    rows: Vec<Row>,
    /// Inlined functions. In each unit, those around another one come before it.
    calls: Vec<InlinedCall>,
}

/// Addresses of an inlined function, and the file and line of its call.
#[derive(Clone, Debug, PartialEq, Eq)]
struct InlinedCall {
    addresses: Range<u32>,
    place: (u32, u32),
}

/// The line of an address and of those after it up to the next row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    address: u32,
    /// Number of the file, and the line. `None` for code without a line.
    place: Option<(u32, u32)>,
}

impl SourceLines {
    /// `main` is the address of the main function, if it is known. Paths of files are relative to the folder in which its
    /// package was compiled. Other packages have absolute paths.
    pub(super) fn new(sections: Arc<DebugSections>, main: Option<u32>) -> Self {
        Self { sections, main, table: OnceLock::new() }
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(|| Table::decode(&self.sections, self.main))
    }

    /// Returns where code of a line begins: addresses with their source files and lines. Of several lines that begin at an address,
    /// the first is the outermost. Then returns where inlined functions begin, with the files and lines of their calls.
    pub fn starts(&self) -> impl Iterator<Item = (u32, &str, u32)> {
        let table = self.table();
        let rows = table.rows.iter().filter_map(|row| Some((row.address, row.place?)));
        let calls = table.calls.iter().map(|call| (call.addresses.start, call.place));
        rows.chain(calls).filter_map(|(address, place)| {
            let (file, line) = table.place(place)?;
            Some((address, file, line))
        })
    }

    /// Returns the source file and the line of an address.
    pub fn find(&self, pc: u32) -> Option<(&str, u32)> {
        let table = self.table();
        let index = table.rows.partition_point(|row| row.address <= pc).checked_sub(1)?;
        table.place(table.rows[index].place?)
    }

    /// Returns the source files and lines at which the functions that are inlined at an address are called, that of the
    /// outermost function first.
    pub fn inlined_calls(&self, pc: u32) -> Vec<(&str, u32)> {
        let table = self.table();
        let calls = table.calls.iter().filter(|call| call.addresses.contains(&pc));
        calls.filter_map(|call| table.place(call.place)).collect()
    }
}

/// A source file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct File {
    /// Folder in which the compiler was called, if it is known.
    folder: Option<Arc<str>>,
    /// Path, absolute or relative to that folder.
    path: String,
}

impl File {
    /// Returns the path, which is relative in the folder `own`.
    fn path_in(&self, own: Option<&str>) -> String {
        let Some(own) = own else { return self.path.clone() };
        let path = Path::new(&self.path);
        if let Ok(relative) = path.strip_prefix(own) {
            return relative.to_string_lossy().into_owned();
        }
        match &self.folder {
            Some(folder) if path.is_relative() && **folder != *own => format!("{folder}/{}", self.path),
            _ => self.path.clone(),
        }
    }
}

/// A table in the making.
#[derive(Default)]
struct Decoder {
    files: Vec<File>,
    numbers: HashMap<File, u32>,
    rows: Vec<Row>,
    calls: Vec<InlinedCall>,
    /// Address of the main function, and the folder in which its package was compiled.
    main: Option<u32>,
    own: Option<Arc<str>>,
}

impl Table {
    fn decode(sections: &DebugSections, main: Option<u32>) -> Self {
        let dwarf = sections.dwarf();
        let mut decoder = Decoder { main, ..Decoder::default() };
        let folders = decoder.add_calls(&dwarf);
        let length_of_lines = sections.get(SectionId::DebugLine).len();
        let mut offset = 0;
        while offset < length_of_lines {
            let Ok(program) = dwarf.debug_line.program(DebugLineOffset(offset), 4, None, None) else { break };
            let folder = folders.get(&offset);
            let header = program.header();
            let length = header.unit_length().saturating_add(usize::from(header.format().initial_length_size()));
            offset = offset.saturating_add(length.max(1));
            decoder.add_unit(program, &dwarf, folder);
        }
        let Decoder { files, mut rows, calls, own, .. } = decoder;
        let files = files.iter().map(|file| file.path_in(own.as_deref())).collect();
        // Where one sequence ends and the next one begins, the latter counts.
        rows.sort_by_key(|row| (row.address, row.place.is_some()));
        Self { files, rows, calls }
    }

    /// Returns a file and a line.
    fn place(&self, (file, line): (u32, u32)) -> Option<(&str, u32)> {
        Some((self.files.get(file as usize)?, line))
    }
}

impl Decoder {
    /// Adds the calls of inlined functions. Returns the folders in which units were compiled, by the offsets of their lines.
    fn add_calls(&mut self, dwarf: &Dwarf<'_>) -> HashMap<usize, Arc<str>> {
        let mut folders = HashMap::new();
        let mut units = dwarf.units();
        while let Ok(Some(header)) = units.next() {
            let Ok(unit) = dwarf.unit(header) else { continue };
            let Some(lines) = &unit.line_program else { continue };
            let folder = unit.comp_dir.and_then(path_text).filter(|folder| folder.starts_with('/'));
            let folder: Option<Arc<str>> = folder.map(|folder| folder.trim_end_matches('/').into());
            // A damaged unit keeps what was read before the damage.
            let _ = self.add_calls_of(dwarf, &unit, lines.header(), folder.as_ref());
            if let Some(folder) = folder {
                folders.insert(lines.header().offset().0, folder);
            }
        }
        folders
    }

    fn add_calls_of(
        &mut self,
        dwarf: &Dwarf<'_>,
        unit: &gimli::Unit<Slice<'_>>,
        header: &gimli::LineProgramHeader<Slice<'_>>,
        folder: Option<&Arc<str>>,
    ) -> gimli::Result<()> {
        let mut entries = unit.entries();
        while let Some(entry) = entries.next_dfs()? {
            if entry.tag() != gimli::DW_TAG_inlined_subroutine {
                continue;
            }
            let Some(AttributeValue::FileIndex(file)) = entry.attr_value(gimli::DW_AT_call_file) else { continue };
            let line = entry.attr_value(gimli::DW_AT_call_line).and_then(|line| line.udata_value());
            let Some(line) = line.and_then(|line| u32::try_from(line).ok()).filter(|line| *line > 0) else { continue };
            let Some(path) = header.file(file).and_then(|file| path(dwarf, header, file)) else { continue };
            let place = (self.number(File { folder: folder.cloned(), path }), line);
            let mut ranges = dwarf.die_ranges(unit, entry)?;
            while let Some(range) = ranges.next()? {
                if self.calls.len() >= MAX_ROWS {
                    return Ok(());
                }
                let bounds = (u32::try_from(range.begin), u32::try_from(range.end));
                // Linkers leave removed functions at address 0.
                if let (Ok(start @ 1..), Ok(end)) = bounds {
                    self.calls.push(InlinedCall { addresses: start..end, place });
                }
            }
        }
        Ok(())
    }

    /// Returns the number of a file in the table.
    fn number(&mut self, file: File) -> u32 {
        *self.numbers.entry(file).or_insert_with_key(|file| {
            self.files.push(file.clone());
            (self.files.len() - 1) as u32
        })
    }

    fn add_unit(
        &mut self,
        program: gimli::IncompleteLineProgram<Slice<'_>>,
        dwarf: &Dwarf<'_>,
        folder: Option<&Arc<str>>,
    ) {
        // Numbers of the unit's files, in the numbering of the table.
        let mut files: HashMap<u64, Option<u32>> = HashMap::new();
        let mut rows = program.rows();
        let mut start = self.rows.len();
        while let Ok(Some((header, row))) = rows.next_row() {
            if self.rows.len() >= MAX_ROWS {
                return;
            }
            let mut number = || {
                let path = path(dwarf, header, header.file(row.file_index())?)?;
                Some(self.number(File { folder: folder.cloned(), path }))
            };
            let is_end = row.end_sequence();
            let file = if is_end { None } else { *files.entry(row.file_index()).or_insert_with(&mut number) };
            let place = file.zip(row.line().and_then(|line| u32::try_from(line.get()).ok()));
            let Ok(address) = u32::try_from(row.address()) else { continue };
            if self.rows[start..].last().is_none_or(|last| last.place != place) || is_end {
                self.rows.push(Row { address, place });
            }
            if is_end {
                // Linkers leave the lines of removed functions at address 0.
                if self.rows[start..].first().is_some_and(|first| first.address == 0) {
                    self.rows.truncate(start);
                }
                let has_main = |main: u32| {
                    let first = self.rows[start..].first().is_some_and(|first| first.address <= main);
                    first && main < address
                };
                if self.main.is_some_and(has_main) {
                    self.own = folder.cloned();
                }
                start = self.rows.len();
            }
        }
        // A sequence without an end has no length.
        self.rows.truncate(start);
    }
}

/// Returns the text of a path, if it can be shown.
fn path_text(text: Slice<'_>) -> Option<String> {
    let text = text.to_string_lossy();
    // Paths are shown on terminals.
    (text.len() <= MAX_PATH && !text.is_empty() && !text.contains(char::is_control)).then(|| text.into_owned())
}

/// Returns the path of a source file, absolute or relative to the folder in which the compiler was called.
fn path(
    dwarf: &Dwarf<'_>,
    header: &gimli::LineProgramHeader<Slice<'_>>,
    file: &gimli::FileEntry<Slice<'_>>,
) -> Option<String> {
    let text = |value: AttributeValue<Slice<'_>>| {
        path_text(match value {
            AttributeValue::String(text) => text,
            AttributeValue::DebugLineStrRef(offset) => dwarf.line_string(offset).ok()?,
            AttributeValue::DebugStrRef(offset) => dwarf.string(offset).ok()?,
            _ => return None,
        })
    };
    let name = text(file.path_name())?;
    let is_own = file.directory_index() == 0 || name.starts_with('/');
    let directory = if is_own { None } else { file.directory(header).and_then(text) };
    Some(match directory {
        Some(directory) => format!("{directory}/{name}"),
        None => name,
    })
}
