//! The packages' manifests: what is published is complete, and every dependency is used.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::Value;

/// The part of `cargo metadata` that the tests read.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    manifest_path: PathBuf,
    rust_version: Option<String>,
    license: Option<String>,
    description: Option<String>,
    repository: Option<String>,
    documentation: Option<String>,
    keywords: Vec<String>,
    categories: Vec<String>,
    metadata: Value,
    /// Registries to publish to; empty for packages that are not published.
    publish: Option<Vec<String>>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    rename: Option<String>,
    req: String,
    /// `dev` or `build`, or nothing for normal dependencies.
    kind: Option<String>,
    /// Folder of a package of this repository.
    path: Option<PathBuf>,
}

impl Package {
    fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap()
    }

    fn is_published(&self) -> bool {
        self.publish.is_none()
    }
}

/// All packages that the lock file names, and the members of the workspace among them.
fn packages() -> (Vec<Package>, BTreeSet<String>) {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--format-version", "1", "--locked"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout).unwrap();
    (metadata.packages, metadata.workspace_members.into_iter().collect())
}

fn members() -> Vec<Package> {
    let (mut packages, members) = packages();
    packages.retain(|package| members.contains(&package.id));
    assert!(packages.len() > 10);
    packages
}

/// The numbers of a version; those that are not given are 0.
fn version(text: &str) -> [u32; 3] {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    [0; 3].map(|_| numbers.next().unwrap_or(0))
}

/// Checks that no dependency needs a newer compiler than the one that the manifests promise.
#[test]
fn the_rust_version_is_one_and_sufficient() {
    let (packages, members) = packages();
    let ours: BTreeSet<&str> = packages
        .iter()
        .filter(|package| members.contains(&package.id))
        .map(|package| match &package.rust_version {
            Some(version) => version.as_str(),
            None => panic!("{}: add `rust-version.workspace = true`", package.name),
        })
        .collect();
    assert_eq!(ours.len(), 1, "{ours:?}: every package inherits the version of the workspace");
    let ours = ours.into_iter().next().unwrap();
    for package in &packages {
        if let Some(needed) = &package.rust_version {
            assert!(version(needed) <= version(ours), "{} {} needs {needed}", package.name, package.version);
        }
    }
}

#[test]
fn published_packages_are_described() {
    let packages = members();
    let published: Vec<&Package> = packages.iter().filter(|package| package.is_published()).collect();
    assert!(published.len() > 5);
    for package in published {
        let name = &package.name;
        assert_eq!(package.license.as_deref(), Some("MIT OR Apache-2.0"), "{name}");
        assert!(package.description.as_ref().is_some_and(|text| text.ends_with('.')), "{name}: description");
        assert!(package.repository.is_some(), "{name}: repository");
        assert_eq!(package.documentation, Some(format!("https://docs.rs/{name}")), "{name}");
        assert!(!package.keywords.is_empty() && package.keywords.len() <= 5, "{name}: one to five keywords");
        assert!(!package.categories.is_empty(), "{name}: categories");
        assert!(package.metadata["docs"]["rs"].is_object(), "{name}: package.metadata.docs.rs");
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(package.folder().join(file).is_file(), "{name} has no {file}");
        }
        for license in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(license);
            assert_eq!(fs::read(package.folder().join(license)).unwrap(), fs::read(root).unwrap(), "{name}: {license}");
        }
        for dependency in package.dependencies.iter().filter(|dependency| dependency.path.is_some()) {
            let other = packages.iter().find(|package| package.name == dependency.name).unwrap();
            assert!(other.is_published(), "{name} depends on {}, which is not published", other.name);
            // Cargo leaves dev-dependencies without a version out of published packages.
            let has_version = dependency.req != "*";
            assert!(has_version || dependency.kind.as_deref() == Some("dev"), "{name}: version of {}", other.name);
        }
    }
}

/// Appends the Rust sources below `folder`, without those of other packages and of guests.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let is_other = path.join("Cargo.toml").is_file() || path.join("Cargo.toml.liquid").is_file();
            if !is_other && !path.ends_with("target") && !path.ends_with("fixtures/rust") {
                sources(&path, text);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            // Documentation counts, because its examples are compiled; other comments do not.
            let is_code = |line: &&str| {
                let line = line.trim_start();
                !line.starts_with("//") || line.starts_with("///") || line.starts_with("//!")
            };
            source.lines().filter(is_code).for_each(|line| {
                text.push_str(line);
                text.push('\n');
            });
        }
    }
}

/// Returns whether `text` contains the identifier `name`.
fn mentions(text: &str, name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    text.match_indices(name).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + name.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

#[test]
fn every_dependency_is_used() {
    let mut unused = Vec::new();
    for package in &members() {
        let mut library = String::new();
        sources(&package.folder().join("src"), &mut library);
        let mut all = library.clone();
        for folder in ["tests", "benches", "examples"] {
            let folder = package.folder().join(folder);
            if folder.is_dir() && !folder.join("Cargo.toml").is_file() {
                sources(&folder, &mut all);
            }
        }
        // The chapters of the book are documentation of this package.
        if package.name == "chipwright-examples" {
            for entry in fs::read_dir(package.folder().join("../docs")).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "md") {
                    all.push_str(&fs::read_to_string(path).unwrap());
                }
            }
        }
        for dependency in &package.dependencies {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_");
            let text = if dependency.kind.as_deref() == Some("dev") { &all } else { &library };
            if !mentions(text, &name) {
                unused.push(format!("{}: {}", package.name, dependency.name));
            }
        }
    }
    assert!(unused.is_empty(), "dependencies that nothing uses: {unused:#?}");
}

#[test]
fn every_dependency_of_the_workspace_is_inherited() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (_, table) = manifest.split_once("[workspace.dependencies]\n").unwrap();
    let (table, _) = table.split_once("\n[").unwrap();
    let names = table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    let manifests: Vec<String> =
        members().iter().map(|package| fs::read_to_string(&package.manifest_path).unwrap()).collect();
    for (name, _) in names {
        let is_inherited = |manifest: &String| {
            manifest.lines().any(|line| {
                let rest = line.strip_prefix(name).unwrap_or_default();
                rest.starts_with(".workspace = true") || rest.starts_with(" = { workspace = true")
            })
        };
        assert!(manifests.iter().any(is_inherited), "no package inherits {name}");
    }
}
