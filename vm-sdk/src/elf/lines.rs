//! Source lines of the code, from the line tables of DWARF.

use std::collections::HashMap;
use std::sync::OnceLock;

use gimli::{AttributeValue, DebugLine, DebugLineOffset, DebugLineStr, DebugStr, LittleEndian};
use object::read::elf::ElfFile32;
use object::{Object, ObjectSection};

/// Largest number of rows of a table; further rows are dropped.
const MAX_ROWS: usize = 1 << 22;
/// Longest path of a source file; lines of files with longer ones have no place.
const MAX_PATH: usize = 1 << 12;

type Slice<'a> = gimli::EndianSlice<'a, LittleEndian>;

/// The source lines of a program. They are optional: a file that was built without them, or whose tables are damaged, has none.
///
/// The tables are decoded when they are needed first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceLines {
    /// The sections `.debug_line`, `.debug_line_str` and `.debug_str`.
    sections: [Vec<u8>; 3],
    table: OnceLock<Table>,
}

/// Rows in ascending order of address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Table {
    files: Vec<String>,
    rows: Vec<Row>,
}

/// The line of an address and of those after it up to the next row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    address: u32,
    /// Number of the file, and the line. `None` for code without a line.
    place: Option<(u32, u32)>,
}

impl SourceLines {
    /// Reads the sections of a file.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let Ok(file) = ElfFile32::<object::LittleEndian>::parse(bytes) else { return Self::default() };
        let section = |name: &str| {
            let data = file.section_by_name(name).and_then(|section| section.data().ok());
            data.unwrap_or_default().to_vec()
        };
        let sections = [".debug_line", ".debug_line_str", ".debug_str"].map(section);
        Self { sections, table: OnceLock::new() }
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(|| Table::decode(&self.sections))
    }

    /// Returns where code of a line begins: the addresses in ascending order, with their source files and lines.
    pub fn starts(&self) -> impl Iterator<Item = (u32, &str, u32)> {
        let table = self.table();
        table.rows.iter().filter_map(|row| {
            let (file, line) = row.place?;
            Some((row.address, table.files.get(file as usize)?.as_str(), line))
        })
    }

    /// Returns the source file and the line of an address.
    pub fn find(&self, pc: u32) -> Option<(&str, u32)> {
        let table = self.table();
        let index = table.rows.partition_point(|row| row.address <= pc).checked_sub(1)?;
        let (file, line) = table.rows[index].place?;
        Some((table.files.get(file as usize)?, line))
    }
}

impl Table {
    fn decode([lines, line_strings, strings]: &[Vec<u8>; 3]) -> Self {
        let debug_line = DebugLine::new(lines, LittleEndian);
        let strings =
            Strings { line: DebugLineStr::new(line_strings, LittleEndian), all: DebugStr::new(strings, LittleEndian) };
        let mut table = Self::default();
        let mut numbers = HashMap::new();
        let mut offset = 0;
        while offset < lines.len() {
            let Ok(program) = debug_line.program(DebugLineOffset(offset), 4, None, None) else { break };
            let header = program.header();
            let length = header.unit_length().saturating_add(usize::from(header.format().initial_length_size()));
            offset = offset.saturating_add(length.max(1));
            table.add_unit(program, &strings, &mut numbers);
        }
        // Where one sequence ends and the next one begins, the latter counts.
        table.rows.sort_by_key(|row| (row.address, row.place.is_some()));
        table
    }

    fn add_unit(
        &mut self,
        program: gimli::IncompleteLineProgram<Slice<'_>>,
        strings: &Strings<'_>,
        numbers: &mut HashMap<String, u32>,
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
                let path = strings.path(header, header.file(row.file_index())?)?;
                Some(*numbers.entry(path).or_insert_with_key(|path| {
                    self.files.push(path.clone());
                    (self.files.len() - 1) as u32
                }))
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
                start = self.rows.len();
            }
        }
        // A sequence without an end has no length.
        self.rows.truncate(start);
    }
}

/// The sections with strings.
struct Strings<'a> {
    line: DebugLineStr<Slice<'a>>,
    all: DebugStr<Slice<'a>>,
}

impl Strings<'_> {
    fn get(&self, value: &AttributeValue<Slice<'_>>) -> Option<String> {
        let text = match *value {
            AttributeValue::String(text) => text.to_string_lossy().into_owned(),
            AttributeValue::DebugLineStrRef(offset) => self.line.get_str(offset).ok()?.to_string_lossy().into_owned(),
            AttributeValue::DebugStrRef(offset) => self.all.get_str(offset).ok()?.to_string_lossy().into_owned(),
            _ => return None,
        };
        // Paths are shown on terminals.
        (text.len() <= MAX_PATH && !text.is_empty() && !text.contains(char::is_control)).then_some(text)
    }

    /// Returns the path of a source file: relative to the package if the compiler was called there, as cargo does.
    fn path(&self, header: &gimli::LineProgramHeader<Slice<'_>>, file: &gimli::FileEntry<Slice<'_>>) -> Option<String> {
        let name = self.get(&file.path_name())?;
        let is_own = file.directory_index() == 0 || name.starts_with('/');
        let directory = if is_own { None } else { file.directory(header).and_then(|directory| self.get(&directory)) };
        Some(match directory {
            Some(directory) => format!("{directory}/{name}"),
            None => name,
        })
    }
}
