//! Imports between the folders of this crate go downwards only.

use std::fs;
use std::path::{Path, PathBuf};

/// The storeys of the crate, lowest first. A module may import its own storey and lower ones.
const CRATE: &[&[&str]] =
    &[&["parallel"], &["stark"], &["instructions"], &["arch"], &["primitives"], &["system"], &["machine"]];
/// The storeys of `stark`.
const STARK: &[&[&str]] = &[&["air"], &["keys"], &["backend"], &["codec", "debug", "listing"]];
/// The folders of `arch`, below the files beside them.
const ARCH: &[&[&str]] = &[&["hasher"], &["execution"], &["bridges"], &["authoring"]];
/// The storeys of `machine`.
const MACHINE: &[&[&str]] =
    &[&["slots", "complex"], &["audit", "traces"], &["verify"], &["run"], &["prove"], &["testing"]];

/// Modules that are above everything: they only re-export.
const FACADES: [&str; 2] = ["lib", "__private"];

#[test]
fn imports_go_downwards() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut upward = Vec::new();
    for file in sources(&root) {
        let path = file.strip_prefix(&root).unwrap().with_extension("");
        let module: Vec<&str> = path.iter().map(|part| part.to_str().unwrap()).filter(|part| *part != "mod").collect();
        if module.is_empty() || FACADES.contains(&module[0]) || module.contains(&"tests") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for imported in imports(&text, &module) {
            let storeys: [(&[&str], &[&[&str]]); 4] =
                [(&[], CRATE), (&["stark"], STARK), (&["arch"], ARCH), (&["machine"], MACHINE)];
            for (parent, storeys) in storeys {
                if is_upward(&module, &imported, parent, storeys) {
                    upward.push(format!("{} imports crate::{}", path.display(), imported.join("::")));
                }
            }
        }
    }
    assert!(upward.is_empty(), "upward imports:\n{}", upward.join("\n"));
}

#[test]
fn upward_imports_are_found() {
    let module = ["arch", "execution", "state"];
    let found = |text: &str| -> Vec<String> { imports(text, &module).iter().map(|path| path.join("::")).collect() };
    assert_eq!(found("use super::memory::{A, b};"), ["arch::execution::memory"]);
    assert_eq!(found("use super::super::chip;"), ["arch::chip"]);
    assert_eq!(found("    x: crate::system::memory::Leaf,"), ["system::memory"]);
    assert_eq!(found("use crate::{\n    machine::VmProof,\n    stark::F,\n};"), ["machine", "stark"]);
    assert_eq!(found("//! See [`crate::machine::VmProof`]. `use crate::machine`"), [""; 0]);

    let is_upward = |imported: &[&str], parent: &[&str], storeys| {
        is_upward(&module, &imported.iter().map(ToString::to_string).collect::<Vec<_>>(), parent, storeys)
    };
    assert!(is_upward(&["system", "memory"], &[], CRATE));
    assert!(!is_upward(&["stark"], &[], CRATE));
    assert!(is_upward(&["arch", "bridges"], &["arch"], ARCH));
    assert!(!is_upward(&["arch", "hasher"], &["arch"], ARCH));
}

#[test]
fn every_module_has_a_storey() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (folder, storeys) in [("", CRATE), ("stark", STARK), ("machine", MACHINE)] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path().with_extension("");
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_placed = storeys.iter().any(|storey| storey.contains(&name));
            assert!(is_placed || ["mod", "tests"].contains(&name) || FACADES.contains(&name), "{folder}/{name}");
        }
    }
}

/// All source files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Modules that a file names by `crate::` or `super::`, as far as their names are lowercase. Comments do not count.
fn imports(text: &str, module: &[&str]) -> Vec<Vec<String>> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n");
    let mut found = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        if code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[start + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let group = &group[..group.find("};").unwrap_or(group.len())];
                found.extend(top_level(group).map(|path| segments(path.trim())).filter(|path| !path.is_empty()));
            }
            None => found.push(segments(rest)),
        }
    }
    for (start, _) in code.match_indices("use super::") {
        let mut rest = &code[start + "use ".len()..];
        let mut up = 0;
        while let Some(after) = rest.strip_prefix("super::") {
            rest = after;
            up += 1;
        }
        if up < module.len() {
            let parent = module[..module.len() - up].iter().map(ToString::to_string);
            found.push(parent.chain(segments(rest)).collect());
        }
    }
    found
}

/// Parts of a use group that are not inside of another group.
fn top_level(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    group.split(move |c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    })
}

/// Leading lowercase segments of a path.
fn segments(path: &str) -> Vec<String> {
    path.split("::")
        .map(|part| part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(""))
        .take_while(|part| part.starts_with(|c: char| c.is_lowercase() || c == '_'))
        .map(str::to_owned)
        .collect()
}

/// Whether `module` imports from a higher storey of `parent`.
fn is_upward(module: &[&str], imported: &[String], parent: &[&str], storeys: &[&[&str]]) -> bool {
    let storey = |path: Vec<&str>| {
        let name = *path.strip_prefix(parent)?.first()?;
        storeys.iter().position(|names| names.contains(&name))
    };
    let own = storey(module.to_vec());
    let other = storey(imported.iter().map(String::as_str).collect());
    matches!((own, other), (Some(own), Some(other)) if other > own)
}
