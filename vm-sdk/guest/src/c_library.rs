//! The library of guest programs in C, for tools that make such programs.
//!
//! `cargo chipwright new --guest-c NAME` writes these files to the folder `vm` of the package. The chapter about guests in C of
//! the book describes their use.

/// Names and contents of a list of files.
macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../c/", $name)))),+]
    };
}

/// Names and contents of the files: headers, sources, the entry point (`start.S`), and the memory map (`link.ld`).
pub const FILES: [(&str, &str); 7] =
    files!["link.ld", "mem.c", "start.S", "vm.c", "vm.h", "zkvm_standards.c", "zkvm_standards.h"];

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn every_file_is_embedded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("c");
        let entries = std::fs::read_dir(folder).unwrap();
        let mut found: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        found.sort();
        assert_eq!(found, FILES.map(|(name, _)| name));
    }
}
