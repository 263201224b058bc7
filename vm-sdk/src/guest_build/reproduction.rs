//! Comparison of two executables.

use std::fmt;

use object::{Object, ObjectSection};

use crate::elf::ElfImage;

/// Where two executables differ first.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct ExecutableDifference {
    /// Name of the section, or `headers` for what is not in a section.
    pub section: String,
    /// Index of the first byte in the section (or file) that differs.
    pub offset: usize,
    /// Whether what is loaded into memory differs, and so the commitment of the program.
    pub program_differs: bool,
}

impl fmt::Display for ExecutableDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { section, offset, program_differs } = self;
        write!(f, "its executable and the one from a copy of its sources differ at byte {offset} of {section}; ")?;
        f.write_str(if *program_differs {
            "the program that is loaded differs, and so does its commitment. Look for env!(…) and for build scripts that write \
             paths or times"
        } else {
            "the program that is loaded is the same, and so is its commitment"
        })
    }
}

/// Returns the first difference of two executables, which the linker writes with the loaded sections first.
pub(super) fn first_difference(a: &[u8], b: &[u8]) -> Option<ExecutableDifference> {
    if a == b {
        return None;
    }
    let (section, offset) = in_sections(a, b).unwrap_or_else(|| ("headers".to_owned(), first_byte(a, b)));
    Some(ExecutableDifference { section, offset, program_differs: program_differs(a, b) })
}

/// Returns the first section that differs, with the index of the first byte.
fn in_sections(a: &[u8], b: &[u8]) -> Option<(String, usize)> {
    let (a, b) = (object::File::parse(a).ok()?, object::File::parse(b).ok()?);
    for section in a.sections() {
        let data = section.data().ok()?;
        let other = b.section_by_index(section.index()).and_then(|section| section.data()).unwrap_or_default();
        if data != other {
            let name = section.name().ok().filter(|name| !name.is_empty()).map(str::to_owned);
            return Some((name.unwrap_or_else(|| format!("section {}", section.index().0)), first_byte(data, other)));
        }
    }
    None
}

/// Index of the first byte that differs. If one is the start of the other, that is the length of the shorter one.
fn first_byte(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn program_differs(a: &[u8], b: &[u8]) -> bool {
    match (ElfImage::parse(a), ElfImage::parse(b)) {
        (Ok(a), Ok(b)) => (a.entry, a.segments, a.memory, a.code) != (b.entry, b.segments, b.memory, b.code),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elf::testing::{TestSegment, elf, with_functions};

    #[test]
    fn differences_in_memory_and_elsewhere_are_told_apart() {
        let program = |word| elf(0x1000, &[TestSegment::code(0x1000, &[0x13, word])]);
        assert_eq!(first_difference(&program(0x13), &program(0x13)), None);
        let difference = first_difference(&program(0x13), &program(0x113)).unwrap();
        // The file has no sections. Its second word begins after the headers and the first word.
        let expected = ExecutableDifference { section: "headers".into(), offset: 52 + 32 + 5, program_differs: true };
        assert_eq!(difference, expected);

        let named = |name| with_functions(program(0x13), &[(0x1000, 8, name)]);
        // The sections have no names.
        let difference = first_difference(&named("one"), &named("two")).unwrap();
        assert_eq!((difference.section.as_str(), difference.program_differs), ("section 2", false));
        let text = difference.to_string();
        assert!(text.ends_with("the program that is loaded is the same, and so is its commitment"), "{text}");
    }
}
