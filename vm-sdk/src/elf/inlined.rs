//! Functions that the compiler has inlined, from the debug information entries of DWARF.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use gimli::{AttributeValue, DwAt, UnitOffset, constants as dw};

use super::debug::{DebugSections, Dwarf, Slice};

/// Largest number of address ranges of inlined functions; further ranges are dropped.
const MAX_RANGES: usize = 1 << 20;
/// Largest number of functions that are inlined into each other; further ones count for the function around them.
const MAX_DEPTH: usize = 32;
/// Longest name of a function; those with longer names count for the function around them.
const MAX_NAME: usize = 1 << 12;
/// Greatest number of references from an entry to the entry with its name.
const MAX_REFERENCES: usize = 8;

type Entry<'a> = gimli::DebuggingInformationEntry<Slice<'a>>;

/// Number of the chain of functions that are inlined at an address: 0 if none is.
pub type ChainId = u32;

/// Which functions are inlined where. Empty if the file has no debug information about it.
///
/// A *chain* is the functions that are inlined at an address, each into the one before.
///
/// The debug information is decoded when it is needed first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InlinedFunctions {
    sections: Arc<DebugSections>,
    table: OnceLock<Table>,
}

/// Chains of all addresses. Chains with the same start share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Table {
    names: Vec<String>,
    /// The chain without its last function, and the number of that function's name. Chain 0 is not in this list.
    chains: Vec<(ChainId, u32)>,
    /// The chain of an address and of those after it up to the next entry, in ascending order.
    rows: Vec<(u32, ChainId)>,
}

/// Addresses of an inlined function.
struct Range {
    start: u32,
    end: u32,
    /// Number of inlined functions around it.
    level: usize,
    /// Offset of the entry with the name.
    origin: usize,
}

/// What an entry says about its name.
enum Name {
    Text(String),
    /// It is that of the entry with this offset.
    SameAs(usize),
}

impl InlinedFunctions {
    pub(super) fn new(sections: Arc<DebugSections>) -> Self {
        Self { sections, table: OnceLock::new() }
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(|| Table::decode(&self.sections))
    }

    /// Returns the number of the chain at an address.
    pub fn chain(&self, pc: u32) -> ChainId {
        self.table().chain(pc)
    }

    /// Returns a chain without its last function.
    pub fn outer(&self, chain: ChainId) -> ChainId {
        let index = (chain as usize).checked_sub(1);
        index.and_then(|index| self.table().chains.get(index)).map_or(0, |(outer, _)| *outer)
    }

    /// Returns the functions of a chain, the outermost first.
    pub fn functions(&self, chain: ChainId) -> Vec<&str> {
        self.table().functions(chain)
    }
}

impl Table {
    /// Decodes the debug information. What cannot be read is left out.
    fn decode(sections: &DebugSections) -> Self {
        let dwarf = sections.dwarf();
        let (mut ranges, mut names) = (Vec::new(), HashMap::new());
        let mut units = dwarf.units();
        while let Ok(Some(header)) = units.next() {
            let Ok(unit) = dwarf.unit(header) else { continue };
            // A damaged unit keeps what was read before the damage.
            let _ = read_unit(&dwarf, &unit, &mut ranges, &mut names);
        }
        Self::new(&ranges, &names)
    }

    fn chain(&self, pc: u32) -> ChainId {
        let index = self.rows.partition_point(|row| row.0 <= pc);
        index.checked_sub(1).map_or(0, |index| self.rows[index].1)
    }

    fn functions(&self, chain: ChainId) -> Vec<&str> {
        let mut functions = Vec::new();
        let mut chain = chain;
        while let Some(&(outer, name)) = (chain as usize).checked_sub(1).and_then(|index| self.chains.get(index)) {
            functions.extend(self.names.get(name as usize).map(String::as_str));
            chain = outer;
        }
        functions.reverse();
        functions
    }

    /// Turns nested ranges into rows.
    fn new(ranges: &[Range], names: &HashMap<usize, Name>) -> Self {
        let mut table = Self::default();
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut chains: HashMap<(ChainId, u32), ChainId> = HashMap::new();
        // Where ranges begin (true) and end, in ascending order; at an address, ends come first.
        let mut events: Vec<(u32, bool, usize)> = Vec::with_capacity(2 * ranges.len());
        for (index, range) in ranges.iter().enumerate() {
            events.extend([(range.start, true, index), (range.end, false, index)]);
        }
        events.sort_unstable();
        let mut active: Vec<usize> = Vec::new();
        let mut events = events.into_iter().peekable();
        while let Some((address, begins, index)) = events.next() {
            if begins {
                if active.len() >= 4 * MAX_DEPTH {
                    continue;
                }
                let position = active.partition_point(|other| ranges[*other].level <= ranges[index].level);
                active.insert(position, index);
            } else {
                active.retain(|other| *other != index);
            }
            if events.peek().is_some_and(|next| next.0 == address) {
                continue;
            }
            let mut chain = 0;
            for index in active.iter().take(MAX_DEPTH) {
                let Some(name) = resolve(names, ranges[*index].origin) else { continue };
                if chains.len() >= MAX_RANGES {
                    break;
                }
                let number = *numbers.entry(name.to_owned()).or_insert_with_key(|name| {
                    table.names.push(name.clone());
                    (table.names.len() - 1) as u32
                });
                chain = *chains.entry((chain, number)).or_insert_with_key(|key| {
                    table.chains.push(*key);
                    table.chains.len() as ChainId
                });
            }
            if table.rows.last().map_or(0, |row| row.1) != chain {
                table.rows.push((address, chain));
            }
        }
        table
    }
}

/// Reads the inlined functions of a unit, and the names of its functions.
fn read_unit(
    dwarf: &Dwarf<'_>,
    unit: &gimli::Unit<Slice<'_>>,
    ranges: &mut Vec<Range>,
    names: &mut HashMap<usize, Name>,
) -> gimli::Result<()> {
    let global = |offset: UnitOffset| unit.header.debug_info_offset().map_or(0, |start| start.0 + offset.0);
    let reference = |entry: &Entry<'_>, attribute: DwAt| match entry.attr_value(attribute)? {
        AttributeValue::UnitRef(offset) => Some(global(offset)),
        AttributeValue::DebugInfoRef(offset) => Some(offset.0),
        _ => None,
    };
    let text = |entry: &Entry<'_>, attribute: DwAt| {
        let text = dwarf.attr_string(unit, entry.attr_value(attribute)?).ok()?;
        let text = text.to_string_lossy();
        // Names are shown on terminals.
        (text.len() <= MAX_NAME && !text.is_empty() && !text.contains(char::is_control)).then(|| text.into_owned())
    };
    // Depths of the inlined functions around the entry.
    let mut around: Vec<isize> = Vec::new();
    let mut entries = unit.entries();
    while let Some(entry) = entries.next_dfs()? {
        let depth = entry.depth();
        around.truncate(around.partition_point(|outer| *outer < depth));
        match entry.tag() {
            dw::DW_TAG_subprogram => {
                let linkage = text(entry, dw::DW_AT_linkage_name);
                let demangled = linkage.map(|name| format!("{:#}", rustc_demangle::demangle(&name)));
                let name = demangled.or_else(|| text(entry, dw::DW_AT_name)).map(Name::Text);
                let origin = [dw::DW_AT_abstract_origin, dw::DW_AT_specification];
                let origin = || origin.into_iter().find_map(|attribute| reference(entry, attribute)).map(Name::SameAs);
                if let Some(name) = name.or_else(origin) {
                    names.insert(global(entry.offset()), name);
                }
            }
            dw::DW_TAG_inlined_subroutine => {
                let level = around.len();
                around.push(depth);
                let Some(origin) = reference(entry, dw::DW_AT_abstract_origin) else { continue };
                let mut addresses = dwarf.die_ranges(unit, entry)?;
                while let Some(range) = addresses.next()? {
                    if ranges.len() >= MAX_RANGES {
                        return Ok(());
                    }
                    let bounds = (u32::try_from(range.begin), u32::try_from(range.end));
                    // Linkers leave removed functions at address 0.
                    if let (Ok(start @ 1..), Ok(end)) = bounds
                        && start < end
                    {
                        ranges.push(Range { start, end, level, origin });
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn resolve(names: &HashMap<usize, Name>, origin: usize) -> Option<&str> {
    let mut origin = origin;
    for _ in 0..MAX_REFERENCES {
        match names.get(&origin)? {
            Name::Text(name) => return Some(name),
            Name::SameAs(other) => origin = *other,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_nest_by_their_level() {
        let name = |text: &str| Name::Text(text.to_owned());
        let names = HashMap::from([(1, name("outer")), (2, name("inner")), (3, Name::SameAs(2)), (4, Name::SameAs(4))]);
        let range = |start, end, level, origin| Range { start, end, level, origin };
        let ranges = vec![range(16, 24, 1, 3), range(8, 32, 0, 1), range(40, 44, 0, 2), range(48, 52, 0, 4)];
        let table = Table::new(&ranges, &names);
        let at = |pc| table.functions(table.chain(pc));
        assert_eq!(at(4), Vec::<&str>::new());
        assert_eq!((at(8), at(12)), (vec!["outer"], vec!["outer"]));
        assert_eq!((at(16), at(20)), (vec!["outer", "inner"], vec!["outer", "inner"]));
        assert_eq!((at(24), at(32)), (vec!["outer"], vec![]));
        assert_eq!((at(40), at(44)), (vec!["inner"], vec![]));
        // A name that refers to itself is none.
        assert_eq!((at(48), at(1 << 20)), (vec![], vec![]));
    }

    #[test]
    fn overlapping_ranges_and_damaged_files_are_no_problem() {
        let names = HashMap::from([(1, Name::Text("one".to_owned())), (2, Name::Text("two".to_owned()))]);
        let range = |start, end, origin| Range { start, end, level: 0, origin };
        let table = Table::new(&[range(4, 12, 1), range(8, 16, 2)], &names);
        assert_eq!(table.functions(table.chain(8)), ["one", "two"]);
        assert_eq!(table.functions(table.chain(12)), ["two"]);
        assert_eq!(InlinedFunctions::default().chain(8), 0);
        assert_eq!(Table::decode(&DebugSections::filled_with(0xff)), Table::default());
    }
}
