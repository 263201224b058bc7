//! The sections with DWARF, which are decoded when they are needed.

use gimli::{LittleEndian, SectionId};
use object::read::elf::ElfFile32;
use object::{Object, ObjectSection};

/// Sections that are read. (Units refer to their lines: without these, they are not read.)
const SECTIONS: [SectionId; 9] = [
    SectionId::DebugAbbrev,
    SectionId::DebugAddr,
    SectionId::DebugInfo,
    SectionId::DebugLine,
    SectionId::DebugLineStr,
    SectionId::DebugRanges,
    SectionId::DebugRngLists,
    SectionId::DebugStr,
    SectionId::DebugStrOffsets,
];

pub(super) type Slice<'a> = gimli::EndianSlice<'a, LittleEndian>;
pub(super) type Dwarf<'a> = gimli::Dwarf<Slice<'a>>;

/// Contents of the sections with debug information. All of them may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DebugSections(Vec<Vec<u8>>);

impl DebugSections {
    /// Reads the sections of a file.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let Ok(file) = ElfFile32::<object::LittleEndian>::parse(bytes) else { return Self::default() };
        let section = |id: SectionId| {
            let data = file.section_by_name(id.name()).and_then(|section| section.data().ok());
            data.unwrap_or_default().to_vec()
        };
        Self(SECTIONS.map(section).to_vec())
    }

    /// Returns the contents of a section.
    pub(super) fn get(&self, id: SectionId) -> &[u8] {
        let index = SECTIONS.iter().position(|section| *section == id);
        index.and_then(|index| self.0.get(index)).map_or(&[], Vec::as_slice)
    }

    /// Returns the debug information.
    pub(super) fn dwarf(&self) -> Dwarf<'_> {
        let section = |id| Ok::<_, gimli::Error>(Slice::new(self.get(id), LittleEndian));
        gimli::Dwarf::load(section).unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn filled_with(byte: u8) -> Self {
        Self(SECTIONS.map(|_| vec![byte; 64]).to_vec())
    }
}
