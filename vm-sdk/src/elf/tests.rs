//! Every way in which a file can be wrong, and the layouts that real linkers produce.

use proptest::prelude::*;

use super::testing::{R, TestSegment, W, X, elf, line_unit, with_functions, with_lines};
use super::*;

const NOP: u32 = 0x0000_0013;
const BASE: u32 = 0x0020_0800;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../tests/fixtures/elf/{name}.elf", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn valid() -> Vec<u8> {
    elf(BASE, &[TestSegment::code(BASE, &[NOP, NOP]), TestSegment::load(BASE + 64, R | W, [1, 2, 3])])
}

/// The valid file with bytes replaced.
fn patched(offset: usize, bytes: &[u8]) -> Result<ElfImage, ElfError> {
    let mut file = valid();
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
    ElfImage::parse(&file)
}

#[test]
fn a_valid_file_loads() {
    let image = ElfImage::parse(&valid()).unwrap();
    assert_eq!(image.entry, BASE);
    assert_eq!(image.code, [CodeRange { base: BASE, words: vec![NOP, NOP] }]);
    assert_eq!(image.memory, BTreeMap::from([(BASE, NOP), (BASE + 4, NOP), (BASE + 64, 0x0003_0201)]));
    assert_eq!(image.segments.len(), 2);
    assert!(image.segments[0].executable && !image.segments[0].writable && image.segments[1].writable);
    assert_eq!(image.memory_size(), 11);
}

#[test]
fn what_is_no_elf_file_is_named() {
    assert_eq!(ElfImage::parse(b"#!/bin/sh"), Err(ElfError::NotElf { found: "23 21 2f 62".into() }));
    assert!(matches!(ElfImage::parse(b""), Err(ElfError::NotElf { .. })));
}

#[test]
fn every_truncation_is_an_error() {
    let file = valid();
    for len in 1..file.len() {
        let error = ElfImage::parse(&file[..len]).unwrap_err();
        assert!(matches!(error, ElfError::Truncated { .. }), "{len}: {error}");
    }
    let error = ElfImage::parse(&file[..file.len() - 1]).unwrap_err();
    let (start, end) = (file.len() as u64 - 3, file.len() as u64);
    assert_eq!(error, ElfError::Truncated { what: "segment 1".into(), start, end, len: end - 1 });
}

#[test]
fn headers_of_other_machines_are_named() {
    assert_eq!(patched(4, &[2]), Err(ElfError::Class64));
    assert!(matches!(patched(4, &[3]), Err(ElfError::Malformed { .. })));
    assert_eq!(patched(5, &[2]), Err(ElfError::BigEndian));
    assert!(matches!(patched(5, &[0]), Err(ElfError::Malformed { .. })));
    assert_eq!(patched(18, &[62, 0]), Err(ElfError::Machine { found: "62 (x86-64)".into() }));
    assert_eq!(patched(18, &[1, 2]), Err(ElfError::Machine { found: "513".into() }));
    for kind in [0, 1, 3, 4, 0xff] {
        assert!(matches!(patched(16, &[kind, 0]), Err(ElfError::NotExecutable { .. })));
    }
}

#[test]
fn malformed_program_headers_are_named() {
    assert!(matches!(patched(42, &[56, 0]), Err(ElfError::Malformed { value: 56, .. })), "entry size");
    assert!(matches!(patched(44, &[0xff, 0xff]), Err(ElfError::Malformed { value: 0xffff, .. })), "extended number");
    assert!(matches!(patched(28, &[0xff; 4]), Err(ElfError::Truncated { .. })), "table beyond the file");
    assert!(matches!(patched(52 + 16, &[9]), Err(ElfError::Malformed { value: 9, .. })), "file size > memory size");
    assert_eq!(patched(52, &[3]), Err(ElfError::Dynamic { index: 0 }));
    assert_eq!(patched(44, &[0, 0]), Err(ElfError::NoCode));
    assert_eq!(patched(52 + 24, &[4]), Err(ElfError::NoCode), "no flag X");
}

#[test]
fn segments_end_with_user_memory() {
    let top = USER_MEMORY_END as u32;
    let file = |address, memory_size| {
        let segment = TestSegment { memory_size, ..TestSegment::load(address, R | W, []) };
        elf(BASE, &[TestSegment::code(BASE, &[NOP]), segment])
    };
    assert!(ElfImage::parse(&file(top - 16, 16)).is_ok());
    let (start, end) = (u64::from(top) - 16, u64::from(top) + 1);
    assert_eq!(ElfImage::parse(&file(top - 16, 17)), Err(ElfError::BeyondMemory { index: 1, start, end }));
    assert!(matches!(ElfImage::parse(&file(u32::MAX, u32::MAX)), Err(ElfError::BeyondMemory { .. })));
}

#[test]
fn segments_may_share_a_word_but_not_a_byte() {
    let file = |address, data: &[u8]| {
        elf(
            BASE,
            &[TestSegment::code(BASE, &[NOP]), TestSegment::load(address, R, data), TestSegment::load(102, R, [7])],
        )
    };
    let image = ElfImage::parse(&file(101, &[9])).unwrap();
    assert_eq!(image.memory[&100], 0x0007_0900);
    assert_eq!(ElfImage::parse(&file(101, &[9, 9])), Err(ElfError::Overlap { first: 1, second: 2, address: 102 }));
}

#[test]
fn entry_points_are_checked() {
    let entry = |entry: u32| patched(24, &entry.to_le_bytes()).map(|image| image.entry);
    assert_eq!(entry(BASE + 4), Ok(BASE + 4));
    assert_eq!(entry(0), Err(ElfError::EntryPoint { entry: 0, problem: "is missing" }));
    assert_eq!(entry(BASE + 1), Err(ElfError::EntryPoint { entry: BASE + 1, problem: "is not a multiple of 4" }));
    assert_eq!(entry(BASE + 2), Err(ElfError::Compressed { entry: BASE + 2 }));
    for outside in [BASE - 4, BASE + 8, BASE + 64, u32::MAX] {
        let problem = "is not in an executable segment";
        assert_eq!(entry(outside), Err(ElfError::EntryPoint { entry: outside, problem }));
    }
}

#[test]
fn empty_segments_and_other_headers_occupy_nothing() {
    let attributes = TestSegment { kind: 0x7000_0003, memory_size: u32::MAX, ..TestSegment::load(0, R, [0; 5]) };
    let segments = [TestSegment::load(0, R | W, []), attributes, TestSegment::code(BASE, &[NOP])];
    assert_eq!(ElfImage::parse(&elf(BASE, &segments)).unwrap().segments.len(), 1);
}

#[test]
fn only_whole_words_of_the_file_are_code() {
    // From BASE − 3: three bytes, two words, three bytes, then zeros that are in memory only.
    let mut data = vec![0xaa; 3];
    data.extend(NOP.to_le_bytes());
    data.extend(NOP.to_le_bytes());
    data.extend([0xbb; 3]);
    let segment = TestSegment { memory_size: 1 << 20, ..TestSegment::load(BASE - 3, R | X, data) };
    let image = ElfImage::parse(&elf(BASE, &[segment])).unwrap();
    assert_eq!(image.code, [CodeRange { base: BASE, words: vec![NOP, NOP] }]);
    assert_eq!(image.memory[&(BASE - 4)], 0xaaaa_aa00);
    assert_eq!(image.memory[&(BASE + 8)], 0x00bb_bbbb);
}

#[test]
fn adjacent_executable_segments_form_one_range() {
    let nop = NOP.to_le_bytes();
    let segments = [TestSegment::load(BASE, X, &nop[..2]), TestSegment::load(BASE + 2, X, &nop[2..])];
    assert_eq!(ElfImage::parse(&elf(BASE, &segments)).unwrap().code, [CodeRange { base: BASE, words: vec![NOP] }]);
}

#[test]
fn symbols_name_places() {
    let functions = [
        (BASE + 4, 4, "inner"),
        (BASE, 4, "_start"),
        (BASE, 0, "alias"),
        (BASE + 4, 0, ".Llocal"),
        (BASE + 6, 4, "\x1b[31mred"),
    ];
    let image = ElfImage::parse(&with_functions(valid(), &functions)).unwrap();
    assert_eq!(image.symbols.iter().map(|symbol| symbol.name.as_str()).collect::<Vec<_>>(), ["_start", "inner"]);
    assert_eq!(image.symbols.locate(BASE).as_deref(), Some("_start"));
    assert_eq!(image.symbols.locate(BASE + 7).as_deref(), Some("inner+0x3"));
    assert_eq!(image.symbols.locate(BASE + 8), None);
    assert_eq!(image.symbols.locate(0), None);
    assert!(ElfImage::parse(&valid()).unwrap().symbols.is_empty());
}

#[test]
fn source_lines_name_places() {
    let code = TestSegment::code(BASE, &[NOP; 16]);
    let first = line_unit(
        "main.rs",
        &[
            (&[(BASE, 7), (BASE + 8, 7), (BASE + 12, 9), (BASE + 16, 0)], BASE + 20),
            // A function that the linker has removed.
            (&[(0, 70), (BASE + 24, 71)], BASE + 28),
        ],
    );
    let second = line_unit("lib.rs", &[(&[(BASE + 20, 300_000)], BASE + 24)]);
    let image = ElfImage::parse(&with_lines(elf(BASE, &[code]), &[first, second].concat())).unwrap();
    let lines: Vec<_> = (0..8).map(|word| image.lines.find(BASE + 4 * word)).collect();
    let main = |line| Some(("src/main.rs", line));
    let lib = Some(("src/lib.rs", 300_000));
    // Line 0 is code that belongs to no line.
    assert_eq!(lines, [main(7), main(7), main(7), main(9), None, lib, None, None]);
    assert_eq!(image.locate(BASE + 4).as_deref(), Some("src/main.rs:7"));
    assert_eq!(image.locate(BASE + 16), None);
    assert_eq!(image.lines.find(0), None);
    assert_eq!(image.clone(), image);
}

#[test]
fn damaged_source_lines_are_no_lines() {
    let code = || elf(BASE, &[TestSegment::code(BASE, &[NOP; 16])]);
    let unit = line_unit("main.rs", &[(&[(BASE, 7), (BASE + 8, 9)], BASE + 12)]);
    let find = |lines: &[u8]| {
        let image = ElfImage::parse(&with_lines(code(), lines)).unwrap();
        image.lines.find(BASE).map(|(file, line)| (file.to_owned(), line))
    };
    assert_eq!(find(&unit), Some(("src/main.rs".to_owned(), 7)));
    // Cut off, nothing is left of the unit.
    for length in 0..unit.len() {
        assert_eq!(find(&unit[..length]), None, "{length}");
    }
    // With any byte changed, whatever is found, nothing panics.
    for position in 0..unit.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = unit.clone();
            changed[position] = value;
            find(&changed);
        }
    }
    // Without the mark that ends them, the last lines would have no end.
    let mut endless = unit[..unit.len() - 3].to_vec();
    endless[0] -= 3;
    assert_eq!(find(&endless), None);
    // Names that would change a terminal.
    assert_eq!(find(&line_unit("\x1b[31m.rs", &[(&[(BASE, 7)], BASE + 4)])), None);
    assert_eq!(find(&line_unit(&"a".repeat(5000), &[(&[(BASE, 7)], BASE + 4)])), None);
}

#[test]
fn rust_names_are_demangled_and_far_addresses_have_no_name() {
    let code = TestSegment::code(BASE, &[NOP; 0x2000]);
    let functions = [
        (BASE, 0, "_ZN5guest4main17h0123456789abcdefE"),
        (BASE + 0x10, 0, "_RNvC5guest4work"),
        (BASE + 0x7ffc, 0, "last"),
    ];
    let image = ElfImage::parse(&with_functions(elf(BASE, &[code]), &functions)).unwrap();
    assert_eq!(image.locate(BASE + 4).as_deref(), Some("guest::main+0x4"));
    assert_eq!(image.locate(BASE + 0x10).as_deref(), Some("guest::work"));
    assert_eq!(image.locate(BASE + 0x400c).as_deref(), Some("guest::work+0x3ffc"));
    assert_eq!(image.locate(BASE + 0x4010), None, "labels without a size name 16 KiB");
    assert_eq!(image.locate(BASE + 0x7ffc).as_deref(), Some("last"));
    assert_eq!(image.locate(BASE + 0x8000), None, "outside of the code");
}

/// Official test suites switch compressed instructions on around an alignment, which sets the flag of the file.
#[test]
fn the_flag_of_compressed_code_does_not_matter() {
    assert_eq!(patched(36, &[1]), Ok(ElfImage::parse(&valid()).unwrap()));
}

#[test]
fn symbols_that_share_a_long_name_stay_as_small_as_the_file() {
    let long = "a".repeat(1000);
    let names: Vec<&str> = std::iter::once(long.as_str()).chain(std::iter::repeat_n("x", 99)).collect();
    let functions: Vec<_> = (BASE..).step_by(4).zip(&names).map(|(address, name)| (address, 4, *name)).collect();
    let mut file = with_functions(valid(), &functions);
    let symbols = valid().len();
    for symbol in 1..=functions.len() {
        file[symbols + 16 * symbol..][..4].copy_from_slice(&1u32.to_le_bytes());
    }
    let image = ElfImage::parse(&file).unwrap();
    assert!(image.symbols.iter().all(|symbol| symbol.name == long));
    assert_eq!(image.symbols.len(), file.len() / long.len());
}

#[test]
fn segments_cannot_share_content() {
    let code = |address| TestSegment::code(address, &[NOP; 64]);
    let mut file = elf(BASE, &[code(BASE), code(BASE + 0x1000), code(BASE + 0x2000)]);
    assert_eq!(ElfImage::parse(&file).unwrap().code.len(), 3);
    let first = 52 + 3 * 32;
    for header in 0..3 {
        file[52 + 32 * header + 4..][..4].copy_from_slice(&(first as u32).to_le_bytes());
    }
    file.truncate(first + 256);
    let error = ElfImage::parse(&file).unwrap_err();
    assert!(matches!(error, ElfError::Malformed { value: 768, .. }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = ElfImage::parse(&bytes);
        let mut file = valid();
        let len = bytes.len().min(file.len() - 16);
        file[16..16 + len].copy_from_slice(&bytes[..len]);
        let _ = ElfImage::parse(&file);
    }

    #[test]
    fn mutated_files_never_panic_and_stay_in_memory(
        name in prop::sample::select(vec!["tiny", "sha256", "rust_alloc"]),
        mutations in prop::collection::vec((0usize..256, prop_oneof![any::<u8>(), Just(0), Just(0xff)]), 1..6),
        cut in prop_oneof![3 => Just(1.0), 1 => 0.0..1.0f64],
    ) {
        let mut file = fixture(name);
        for (offset, byte) in mutations {
            if let Some(slot) = file.get_mut(offset) {
                *slot = byte;
            }
        }
        file.truncate((file.len() as f64 * cut) as usize);
        if let Ok(image) = ElfImage::parse(&file) {
            prop_assert!(image.memory.keys().all(|&at| at % 4 == 0 && u64::from(at) < USER_MEMORY_END));
            prop_assert!(image.code.iter().all(|range| range.base % 4 == 0));
        }
    }
}

#[test]
fn inlined_functions_are_found() {
    let image = ElfImage::parse(&fixture("calls")).unwrap();
    let main = image.symbols.iter().find(|symbol| symbol.name == "main").unwrap();
    let chains = (main.address..main.address + main.size).step_by(4).map(|pc| image.inlined.chain(pc));
    let chains: Vec<_> = chains.map(|chain| image.inlined.functions(chain)).collect();
    for expected in [&[][..], &["sum_below"], &["vm_span_begin"], &["read_u32", "vm_hint_word"]] {
        assert!(chains.iter().any(|chain| chain == expected), "{expected:?}: {chains:?}");
    }
}
