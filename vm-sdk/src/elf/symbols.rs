//! Function symbols, with which reports name places in the code.

use object::read::elf::ElfFile32;
use object::{LittleEndian, Object, ObjectSymbol, SymbolKind};

/// Distance from a symbol without a size up to which it names a place.
const MAX_OFFSET: u32 = 1 << 14;

/// A named place in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// First address.
    pub address: u32,
    /// Size in bytes; 0 if the file does not contain it.
    pub size: u32,
    /// Name as in the file, not demangled.
    pub name: String,
}

impl Symbol {
    /// Returns the name as in the source: names of Rust functions are demangled.
    pub fn demangled(&self) -> String {
        format!("{:#}", rustc_demangle::demangle(&self.name))
    }

    /// Returns whether an address is in the function. A symbol without a size, as assemblers write them, has the 16 KiB after
    /// it.
    pub fn contains(&self, pc: u32) -> bool {
        let size = if self.size == 0 { MAX_OFFSET } else { self.size };
        pc.checked_sub(self.address).is_some_and(|offset| offset < size)
    }
}

/// Symbols of code, in ascending order of address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SymbolTable {
    symbols: Vec<Symbol>,
    /// Value of `__stack_top`.
    stack_top: Option<u32>,
}

impl SymbolTable {
    /// Reads the symbols of a file. They are optional, so a damaged table is treated as empty.
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let Ok(file) = ElfFile32::<LittleEndian>::parse(bytes) else { return Self::default() };
        // Symbols may share a long name. The names together are at most as long as the file; further symbols are dropped.
        let mut name_bytes = bytes.len();
        let mut symbols: Vec<Symbol> = file
            .symbols()
            .filter(|symbol| matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Label | SymbolKind::Unknown))
            .filter(|symbol| symbol.is_definition() || symbol.kind() == SymbolKind::Unknown)
            .map_while(|symbol| {
                let name = symbol.name().unwrap_or_default();
                name_bytes = name_bytes.checked_sub(name.len())?;
                Some((symbol, name))
            })
            // `$x` and `.L…` are marks of code and local labels for tools.
            .filter(|(_, name)| !name.is_empty() && !name.starts_with(['$', '.']))
            // Names are shown on terminals.
            .filter(|(_, name)| !name.chars().any(char::is_control))
            .map(|(symbol, name)| Symbol {
                address: symbol.address() as u32,
                size: symbol.size() as u32,
                name: name.to_owned(),
            })
            .filter(|symbol| symbol.address != 0)
            .collect();
        let stack_top = symbols.iter().find(|symbol| symbol.name == "__stack_top").map(|symbol| symbol.address);
        // Of several names for an address, the one with a size (a function) is the most useful.
        symbols.sort_by(|a, b| (a.address, b.size, &a.name).cmp(&(b.address, a.size, &b.name)));
        symbols.dedup_by_key(|symbol| symbol.address);
        Self { symbols, stack_top }
    }

    /// Returns all symbols, in ascending order of address.
    pub fn iter(&self) -> impl Iterator<Item = &Symbol> {
        self.symbols.iter()
    }

    /// Returns the address of the function with which the program's own code starts: that of `vm_guest::entry!`, or `main`.
    pub(super) fn main(&self) -> Option<u32> {
        let find = |name: &str| self.symbols.iter().find(|symbol| symbol.name == name);
        find("__vm_guest_main").or_else(|| find("main")).map(|symbol| symbol.address)
    }

    /// Returns the address at which the stack starts and grows down, the symbol `__stack_top`, if it is in the file. The layouts
    /// of the guest libraries have the whole stack between address 0 and this one.
    pub fn stack_top(&self) -> Option<u32> {
        self.stack_top
    }

    /// Returns the number of symbols.
    pub fn len(&self) -> usize {
        self.symbols.len()
    }

    /// Returns whether there are no symbols, as in a stripped file.
    pub fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    /// Returns the function that contains `pc`. A symbol without a size, as assemblers write them, names the 16 KiB after
    /// it.
    pub fn find(&self, pc: u32) -> Option<&Symbol> {
        let index = self.symbols.partition_point(|symbol| symbol.address <= pc).checked_sub(1)?;
        Some(&self.symbols[index]).filter(|symbol| symbol.contains(pc))
    }

    /// Returns the function that contains `pc`, in the form `name+0x1c`.
    pub fn locate(&self, pc: u32) -> Option<String> {
        let symbol = self.find(pc)?;
        let (offset, name) = (pc - symbol.address, symbol.demangled());
        Some(if offset == 0 { name } else { format!("{name}+{offset:#x}") })
    }
}
