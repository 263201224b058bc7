//! Hand-made ELF files for tests.

/// Flags of a program header.
pub(crate) const X: u32 = 1;
pub(crate) const W: u32 = 2;
pub(crate) const R: u32 = 4;

/// A program header with its contents.
pub(crate) struct TestSegment {
    pub(crate) kind: u32,
    pub(crate) address: u32,
    pub(crate) memory_size: u32,
    pub(crate) flags: u32,
    pub(crate) data: Vec<u8>,
}

impl TestSegment {
    /// A `PT_LOAD` segment that is all file contents.
    pub(crate) fn load(address: u32, flags: u32, data: impl Into<Vec<u8>>) -> Self {
        let data = data.into();
        Self { kind: 1, address, memory_size: data.len() as u32, flags, data }
    }

    /// A `PT_LOAD` segment of code words.
    pub(crate) fn code(address: u32, words: &[u32]) -> Self {
        Self::load(address, R | X, words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>())
    }
}

/// A valid ELF32 RISC-V executable of these segments.
pub(crate) fn elf(entry: u32, segments: &[TestSegment]) -> Vec<u8> {
    let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let half = |file: &mut Vec<u8>, value: u16| file.extend(value.to_le_bytes());
    let word = |file: &mut Vec<u8>, value: u32| file.extend(value.to_le_bytes());
    half(&mut file, 2);
    half(&mut file, 243);
    for value in [1, entry, 52, 0, 0] {
        word(&mut file, value);
    }
    for value in [52, 32, segments.len() as u16, 40, 0, 0] {
        half(&mut file, value);
    }
    let mut offset = 52 + 32 * segments.len() as u32;
    for segment in segments {
        let size = segment.data.len() as u32;
        for value in
            [segment.kind, offset, segment.address, segment.address, size, segment.memory_size, segment.flags, 4]
        {
            word(&mut file, value);
        }
        offset += size;
    }
    for segment in segments {
        file.extend(&segment.data);
    }
    file
}

/// Appends a symbol table with functions (address, size, name) to a file made by [`elf`].
pub(crate) fn with_functions(mut file: Vec<u8>, functions: &[(u32, u32, &str)]) -> Vec<u8> {
    let mut names = vec![0];
    let mut symbols = vec![0; 16];
    for (address, size, name) in functions {
        for value in [names.len() as u32, *address, *size] {
            symbols.extend(value.to_le_bytes());
        }
        // A global function in some section.
        symbols.extend([0x12, 0, 1, 0]);
        names.extend(name.as_bytes());
        names.push(0);
    }
    let symbols_at = file.len() as u32;
    let names_at = symbols_at + symbols.len() as u32;
    let headers_at = names_at + names.len() as u32;
    let (symbols_len, names_len) = (symbols.len() as u32, names.len() as u32);
    file.extend(symbols);
    file.extend(names);
    for header in
        [[0; 10], [0, 2, 0, 0, symbols_at, symbols_len, 2, 1, 4, 16], [0, 3, 0, 0, names_at, names_len, 0, 0, 1, 0]]
    {
        file.extend(header.into_iter().flat_map(u32::to_le_bytes));
    }
    file[32..36].copy_from_slice(&headers_at.to_le_bytes());
    file[48..52].copy_from_slice(&[3, 0, 2, 0]);
    file
}

/// Appends the section `.debug_line` to a file made by [`elf`].
pub(crate) fn with_lines(mut file: Vec<u8>, lines: &[u8]) -> Vec<u8> {
    let names = b"\0.debug_line\0.shstrtab\0";
    let lines_at = file.len() as u32;
    file.extend(lines);
    let names_at = file.len() as u32;
    file.extend(names);
    let headers_at = file.len() as u32;
    let (lines_len, names_len) = (lines.len() as u32, names.len() as u32);
    for header in
        [[0; 10], [1, 1, 0, 0, lines_at, lines_len, 0, 0, 1, 0], [13, 3, 0, 0, names_at, names_len, 0, 0, 1, 0]]
    {
        file.extend(header.into_iter().flat_map(u32::to_le_bytes));
    }
    file[32..36].copy_from_slice(&headers_at.to_le_bytes());
    // Size and number of section headers, and which of them has the names.
    file[46..52].copy_from_slice(&[40, 0, 3, 0, 2, 0]);
    file
}

/// A unit of DWARF's line table, version 4: the file `name` in the directory `src`, and for each sequence its rows (address,
/// line) and its end.
pub(crate) fn line_unit(name: &str, sequences: &[(&[(u32, u32)], u32)]) -> Vec<u8> {
    let mut header = vec![1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
    header.extend(b"src\0\0");
    header.extend(name.as_bytes());
    // In the first directory, without time and length; then the end of the list.
    header.extend([0, 1, 0, 0, 0]);
    let mut program = Vec::new();
    let set_address = |program: &mut Vec<u8>, address: u32| {
        program.extend([0, 5, 2]);
        program.extend(address.to_le_bytes());
    };
    for (rows, end) in sequences {
        let mut line = 1i64;
        for &(address, next) in *rows {
            set_address(&mut program, address);
            // Advances the line by a number of five bytes, and adds a row.
            let difference = (i64::from(next) - line) as u64;
            program.push(3);
            program
                .extend((0..5).map(|byte| (difference >> (7 * byte)) as u8 & 0x7f | if byte < 4 { 0x80 } else { 0 }));
            program.push(1);
            line = i64::from(next);
        }
        set_address(&mut program, *end);
        program.extend([0, 1, 1]);
    }
    let mut unit = 4u16.to_le_bytes().to_vec();
    unit.extend((header.len() as u32).to_le_bytes());
    unit.extend(header);
    unit.extend(program);
    [&(unit.len() as u32).to_le_bytes()[..], &unit].concat()
}
