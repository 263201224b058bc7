//! Imports between the folders of this crate and of `stark`, the crate below it, go downwards only.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, File, Item, ItemMod, ItemUse, UseTree};

/// A folder whose modules have storeys, lowest first. A module may import its own storey and lower ones.
struct Storeys {
    folder: &'static [&'static str],
    storeys: &'static [&'static [&'static str]],
}

const STOREYS: [Storeys; 4] = [
    Storeys {
        folder: &[],
        storeys: &[&["parallel"], &["stark"], &["instructions"], &["arch"], &["primitives"], &["system"], &["machine"]],
    },
    Storeys { folder: &["stark"], storeys: &[&["air"], &["keys"], &["backend"], &["codec", "debug", "listing"]] },
    // The files beside these folders (chips, extensions, configuration) have no storey.
    Storeys { folder: &["arch"], storeys: &[&["hasher"], &["execution"], &["bridges"], &["authoring"]] },
    Storeys {
        folder: &["machine"],
        storeys: &[
            &["cached", "slots"],
            &["fusion"],
            &["complex"],
            &["audit", "traces"],
            &["verify"],
            &["run"],
            &["prove"],
            &["testing"],
        ],
    },
];

/// Modules above all storeys: they only re-export.
const FACADES: [&str; 1] = ["__private"];

#[test]
fn imports_go_downwards() {
    let modules = modules();
    let definitions = definitions(&modules);
    let mut upward = Vec::new();
    for (module, file) in &modules {
        for imported in imports(file, module) {
            if STOREYS.iter().any(|storeys| storeys.is_upward(module, &imported, &definitions)) {
                upward.push(format!("crate::{} imports crate::{}", module.join("::"), imported.join("::")));
            }
        }
    }
    assert!(upward.is_empty(), "upward imports:\n{}", upward.join("\n"));
}

#[test]
fn upward_imports_are_found() {
    let module = path("arch::execution::state");
    let found = |code: &str| -> Vec<String> {
        imports(&syn::parse_file(code).unwrap(), &module).iter().map(|path| path.join("::")).collect()
    };
    assert_eq!(found("use super::memory::{A, b};"), ["arch::execution::memory::A", "arch::execution::memory::b"]);
    assert_eq!(found("use super::super::chip::*;"), ["arch::chip"]);
    let below = imports(&syn::parse_file("use crate::keys::Limits;").unwrap(), &path("stark::air::bus"));
    assert_eq!(below, [path("stark::keys::Limits")]);
    assert_eq!(found("struct S { x: crate::system::memory::Leaf }"), ["system::memory::Leaf"]);
    assert_eq!(
        found("use crate::{machine::{run::Plan, VmProof}, stark::F as G};"),
        ["machine::run::Plan", "machine::VmProof", "stark::F"]
    );
    assert_eq!(
        found("//! [`crate::machine::VmProof`]\n#[cfg(test)]\nmod tests { use crate::machine::VmProof; }"),
        [""; 0]
    );

    let definitions = BTreeMap::from([(path("machine::VmProof"), path("machine::verify::proof"))]);
    let is_upward = |module: &str, imported: &str| {
        STOREYS.iter().any(|storeys| storeys.is_upward(&path(module), &path(imported), &definitions))
    };
    assert!(is_upward("arch::execution::state", "system::memory::Leaf"));
    assert!(!is_upward("arch::execution::state", "stark::F"));
    assert!(is_upward("arch::execution::state", "arch::bridges::MemoryBridge"));
    assert!(!is_upward("arch::execution::state", "arch::hasher::Digest"));
    // A name that a folder re-exports counts as its definition.
    assert!(is_upward("machine::complex", "machine::VmProof"));
    assert!(!is_upward("machine::run::plan", "machine::VmProof"));
}

#[test]
fn every_module_has_a_storey() {
    for Storeys { folder, storeys } in STOREYS.iter().filter(|storeys| storeys.folder != ["arch"]) {
        for entry in fs::read_dir(self::folder(folder)).unwrap() {
            let path = entry.unwrap().path().with_extension("");
            let name = path.file_name().unwrap().to_str().unwrap();
            let has_storey = storeys.iter().any(|storey| storey.contains(&name));
            assert!(
                has_storey || ["lib", "mod", "tests"].contains(&name) || FACADES.contains(&name),
                "{folder:?}: {name}"
            );
        }
    }
}

impl Storeys {
    /// Whether `module` imports from a higher storey of this folder.
    fn is_upward(
        &self,
        module: &[String],
        imported: &[String],
        definitions: &BTreeMap<Vec<String>, Vec<String>>,
    ) -> bool {
        let imported = definitions.get(imported).map_or(imported, Vec::as_slice);
        matches!((self.storey(module), self.storey(imported)), (Some(own), Some(other)) if other > own)
    }

    fn storey(&self, path: &[String]) -> Option<usize> {
        let (folder, rest) = path.split_at_checked(self.folder.len())?;
        let name = rest.first().filter(|_| folder == self.folder)?;
        self.storeys.iter().position(|storey| storey.contains(&name.as_str()))
    }
}

/// The name under which this crate exports the crate `stark`. In module paths here, it stands for its root.
const STARK: &str = "stark";

/// The folder of a module's sources.
fn folder(module: &[&str]) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    match module {
        [STARK, rest @ ..] => root.join(STARK).join("src").join(rest.join("/")),
        _ => root.join("src").join(module.join("/")),
    }
}

fn path(path: &str) -> Vec<String> {
    path.split("::").map(str::to_owned).collect()
}

/// All modules of the crate that have files, except facades and tests.
fn modules() -> Vec<(Vec<String>, File)> {
    let of_crate = |root: &'static [&'static str]| {
        let mut files = Vec::new();
        sources(&folder(root), &mut files);
        files.into_iter().map(move |file| {
            let relative = file.strip_prefix(folder(root)).unwrap().with_extension("");
            let parts = root.iter().copied().chain(relative.iter().map(|part| part.to_str().unwrap()));
            let module = parts.filter(|part| !["mod", "lib"].contains(part)).map(str::to_owned);
            (module.collect::<Vec<String>>(), syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap())
        })
    };
    of_crate(&[])
        .chain(of_crate(&[STARK]))
        .filter(|(module, _)| !module.is_empty() && *module != [STARK])
        .filter(|(module, _)| !FACADES.contains(&module[0].as_str()) && !module.iter().any(|part| part == "tests"))
        .collect()
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The module that defines each item, by the paths under which folders may re-export it.
fn definitions(modules: &[(Vec<String>, File)]) -> BTreeMap<Vec<String>, Vec<String>> {
    let mut definitions = BTreeMap::new();
    for (module, file) in modules {
        for name in file.items.iter().filter_map(name_of) {
            for depth in 1..module.len() {
                let mut exported = module[..depth].to_vec();
                exported.push(name.clone());
                definitions.insert(exported, module.clone());
            }
        }
    }
    definitions
}

fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Absolute paths that a module names by `crate::`, or imports by `super::` or `self::`. Test modules do not count.
fn imports(file: &File, module: &[String]) -> Vec<Vec<String>> {
    let mut imports = Imports { module, found: Vec::new() };
    imports.visit_file(file);
    imports.found
}

struct Imports<'a> {
    module: &'a [String],
    found: Vec<Vec<String>>,
}

impl Imports<'_> {
    fn push(&mut self, path: &[String]) {
        let ups = path.iter().take_while(|part| *part == "super").count();
        let rest = &path[ups..];
        match path.first().map(String::as_str) {
            Some("crate") if self.module[0] == STARK => self.found.push([&self.module[..1], &path[1..]].concat()),
            Some("crate") => self.found.push(path[1..].to_vec()),
            Some("self") => self.found.push([self.module, &path[1..]].concat()),
            Some("super") if ups <= self.module.len() => {
                self.found.push([&self.module[..self.module.len() - ups], rest].concat());
            }
            _ => {}
        }
    }

    fn expand(&mut self, tree: &UseTree, prefix: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.expand(&path.tree, prefix);
                prefix.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.expand(tree, prefix)),
            UseTree::Glob(_) => self.push(prefix),
            UseTree::Name(name) => self.push(&[prefix.as_slice(), &[name.ident.to_string()]].concat()),
            UseTree::Rename(name) => self.push(&[prefix.as_slice(), &[name.ident.to_string()]].concat()),
        }
    }
}

impl<'ast> Visit<'ast> for Imports<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !item.attrs.iter().any(is_test_only) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.expand(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.first().is_some_and(|first| first.ident == "crate") {
            self.push(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        }
        visit::visit_path(self, path);
    }
}

fn is_test_only(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|cfg| cfg == "test")
}
