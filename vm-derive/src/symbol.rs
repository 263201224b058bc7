//! Names of attributes and options, and suggestions for misspelt ones.

use std::fmt::Write;

/// Helper attribute of the derives: `#[vm(crate = "path")]`.
pub(crate) const VM: &str = "vm";
/// Option that overrides the path of `vm_core`.
pub(crate) const CRATE: &str = "crate";
/// `#[opcode_offset = …]` of `LocalOpcode`.
pub(crate) const OPCODE_OFFSET: &str = "opcode_offset";
/// Marks a variant whose field is an enum that implements `AnyEnum` itself.
pub(crate) const ANY_ENUM: &str = "any_enum";
/// Marks the field of a struct to which a derive delegates.
pub(crate) const CHIP: &str = "chip";
/// Marks the system configuration of a machine.
pub(crate) const SYSTEM: &str = "system";
/// Marks an extension of a machine.
pub(crate) const EXTENSION: &str = "extension";

/// Says that `name` is no legal `kind`, which ones are, and which was probably meant.
pub(crate) fn unknown(kind: &str, name: &str, legal: &[&str]) -> String {
    let mut message = format!("unknown {kind} `{name}`");
    if let Some(closest) = closest(name, legal) {
        let _ = write!(message, "; did you mean `{closest}`?");
    }
    let _ = write!(message, "\nlegal here: `{}`", legal.join("`, `"));
    message
}

/// The legal name within a third of its length in edits, if there is one.
fn closest<'a>(name: &str, legal: &[&'a str]) -> Option<&'a str> {
    legal
        .iter()
        .map(|candidate| (edit_distance(name, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len().max(name.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            next.push((row[j] + usize::from(x != *y)).min(row[j + 1] + 1).min(next[j] + 1));
        }
        row = next;
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{closest, edit_distance};

    #[test]
    fn edit_distance_counts_insertions_deletions_and_replacements() {
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("lookup", "lookups"), 1);
        assert_eq!(edit_distance("buses", "phantoms"), 7);
        assert_eq!(edit_distance("exec", "exec"), 0);
    }

    #[test]
    fn suggestions_are_close_or_absent() {
        let legal = ["executors", "lookups", "chips"];
        assert_eq!(closest("executor", &legal), Some("executors"));
        assert_eq!(closest("chip", &legal), Some("chips"));
        assert_eq!(closest("instructions", &legal), None);
    }
}
