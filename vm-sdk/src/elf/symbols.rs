//! Function symbols, so that reports can name places.

use object::read::elf::ElfFile32;
use object::{LittleEndian, Object, ObjectSymbol, SymbolKind};

/// A named place in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// First address.
    pub address: u32,
    /// Bytes, 0 when the file does not say.
    pub size: u32,
    /// Name as in the file, without demangling.
    pub name: String,
}

/// Symbols of code, by address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SymbolTable {
    symbols: Vec<Symbol>,
}

impl SymbolTable {
    /// Reads the symbols of a file. They are optional, so a damaged table is an empty one.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let Ok(file) = ElfFile32::<LittleEndian>::parse(bytes) else { return Self::default() };
        // Symbols may share a long name: all names together are no longer than the file, or the rest go without.
        let mut name_bytes = bytes.len();
        let mut symbols: Vec<_> = file
            .symbols()
            .filter(|symbol| matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Label | SymbolKind::Unknown))
            .filter(|symbol| symbol.is_definition() || symbol.kind() == SymbolKind::Unknown)
            .map_while(|symbol| {
                let name = symbol.name().unwrap_or_default();
                name_bytes = name_bytes.checked_sub(name.len())?;
                Some((symbol, name))
            })
            // `$x` and `.L…` mark code and local labels for tools.
            .filter(|(_, name)| !name.is_empty() && !name.starts_with(['$', '.']))
            .map(|(symbol, name)| Symbol {
                address: symbol.address() as u32,
                size: symbol.size() as u32,
                name: name.to_owned(),
            })
            .filter(|symbol| symbol.address != 0)
            .collect();
        // Of several names for an address, the sized one (a function) is the most telling.
        symbols.sort_by(|a, b| (a.address, b.size, &a.name).cmp(&(b.address, a.size, &b.name)));
        symbols.dedup_by_key(|symbol| symbol.address);
        Self { symbols }
    }

    /// All symbols, by address.
    pub fn iter(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter()
    }

    /// Number of symbols.
    pub fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Whether the file was stripped.
    pub fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    /// The function that contains `pc`, as `name+0x1c`.
    pub fn locate(&self, pc: u32) -> Option<String> {
        let index = self.symbols.partition_point(|symbol| symbol.address <= pc).checked_sub(1)?;
        let symbol = &self.symbols[index];
        let offset = pc - symbol.address;
        if symbol.size != 0 && offset >= symbol.size {
            return None;
        }
        Some(if offset == 0 { symbol.name.clone() } else { format!("{}+{offset:#x}", symbol.name) })
    }
}
