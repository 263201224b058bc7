//! New packages from templates: the library of `cargo chipwright new`.
//!
//! The templates are the folders `extension`, `vm`, `guest` and `guest-c` beside this crate's `src`. They are embedded, so
//! an installed command needs no sources. The same folders work with the `cargo generate` tool:
//! `cargo generate --path templates/extension --no-workspace`. The exception is `guest-c`, because the library of guests in
//! C is in another folder.

mod expand;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Longest name of a package; the registry has the same limit.
const MAX_NAME_LEN: usize = 64;

/// Crates that the templates' code names, and names that cargo does not allow.
const RESERVED: [&str; 12] = [
    "alloc",
    "build",
    "core",
    "deps",
    "examples",
    "incremental",
    "postcard",
    "proc_macro",
    "std",
    "test",
    "vm_guest",
    "vm_sdk",
];

/// Why a package cannot be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NewError {
    /// The name is not a valid crate name.
    #[error("`{name}` cannot be the name of a package: {problem}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is already a file or folder with the package's path.
    #[error("{} exists: choose another name, or another folder with --dir", path.display())]
    Exists {
        /// Path of the package.
        path: PathBuf,
    },
    /// The folder given as the SDK does not contain the SDK's sources.
    #[error("{} is not a folder with the SDK's sources: it has no {SDK_MANIFEST}", path.display())]
    NoSdk {
        /// The folder.
        path: PathBuf,
    },
    /// The path of the SDK is not valid Unicode or contains control characters.
    #[error("the path {path:?} of the SDK cannot be written in a Cargo.toml: it contains characters that are not text")]
    SdkPath {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The template does not expand.
    #[error("the template `{template}` cannot be expanded: {message}")]
    Template {
        /// The template.
        template: Template,
        /// The file and what is wrong with it.
        message: String,
    },
}

/// Returns a function that turns an error of the operating system into [`NewError::Io`].
fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> NewError {
    move |source| NewError::Io { action, path: path.to_owned(), source }
}

/// Kind of a new package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// An extension: instructions with their circuits.
    Extension,
    /// A machine with a command that proves runs.
    Vm,
    /// A guest program in Rust.
    Guest,
    /// A guest program in C, with its library.
    GuestC,
}

/// Files of a template: paths relative to its folder, and contents.
macro_rules! files {
    ($template:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../", $template, "/", $path)))),*]
    };
}

impl Template {
    /// All templates.
    pub const ALL: [Self; 4] = [Self::Extension, Self::Vm, Self::Guest, Self::GuestC];

    /// Returns the name of the template's folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Extension => "extension",
            Self::Vm => "vm",
            Self::Guest => "guest",
            Self::GuestC => "guest-c",
        }
    }

    /// Returns the paths and contents of the template's files, as `cargo generate` reads them.
    pub const fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Extension => files!("extension":
                "cargo-generate.toml", "Cargo.toml.liquid", "README.md.liquid", ".gitignore", ".cargo/config.toml",
                "src/lib.rs.liquid", "tests/machine.rs.liquid",
            ),
            Self::Vm => files!("vm":
                "cargo-generate.toml", "Cargo.toml.liquid", "README.md.liquid", ".gitignore", ".cargo/config.toml",
                "src/extension.rs", "src/lib.rs", "src/main.rs.liquid", "tests/machine.rs.liquid",
            ),
            Self::Guest => files!("guest":
                "cargo-generate.toml", "Cargo.toml.liquid", "README.md.liquid", ".gitignore", "src/main.rs",
            ),
            Self::GuestC => files!("guest-c": "Makefile.liquid", "README.md.liquid", ".gitignore", "main.c"),
        }
    }

    /// Returns the folder of the package that gets a library, and names and contents of the library's files.
    fn library(self) -> Option<(&'static str, &'static [(&'static str, &'static str)])> {
        (self == Self::GuestC).then_some(("vm", &vm_guest::c_library::FILES))
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Source of a new package's dependencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SdkSource {
    /// A folder with the SDK's sources, such as a clone of the repository.
    Folder(PathBuf),
    /// The registry, with the version of this crate.
    Registry,
}

/// File that identifies a folder with the SDK's sources.
const SDK_MANIFEST: &str = "vm-sdk/Cargo.toml";

impl Default for SdkSource {
    /// Returns the repository that this crate was compiled from if it still exists, and the registry otherwise.
    fn default() -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        match repository.filter(|folder| folder.join(SDK_MANIFEST).is_file()) {
            Some(folder) => Self::Folder(folder.to_owned()),
            None => Self::Registry,
        }
    }
}

impl SdkSource {
    /// Returns the value of the placeholder `sdk_path`: an absolute path, escaped for a TOML string; empty for the
    /// registry.
    fn placeholder(&self) -> Result<String, NewError> {
        let Self::Folder(path) = self else { return Ok(String::new()) };
        if !path.join(SDK_MANIFEST).is_file() {
            return Err(NewError::NoSdk { path: path.clone() });
        }
        let path = fs::canonicalize(path).map_err(io_error("find", path))?;
        match path.to_str().filter(|text| !text.chars().any(char::is_control)) {
            Some(text) => Ok(text.replace('\\', r"\\").replace('"', r#"\""#)),
            None => Err(NewError::SdkPath { path }),
        }
    }
}

/// Description of a package to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPackage {
    /// Kind of the package.
    pub template: Template,
    /// Name of the package and of its folder.
    pub name: String,
    /// Folder in which the package is made.
    pub parent: PathBuf,
    /// Source of its dependencies.
    pub sdk: SdkSource,
}

impl NewPackage {
    /// Makes the package and returns its folder. The package appears complete; an error leaves nothing behind.
    ///
    /// # Errors
    ///
    /// - [`NewError::Name`] if a crate cannot have this name;
    /// - [`NewError::Exists`] if there is already something with the package's path;
    /// - [`NewError::NoSdk`] and [`NewError::SdkPath`] if the folder of the SDK cannot be used;
    /// - [`NewError::Io`] if a file or folder cannot be written;
    /// - [`NewError::Template`] if the template does not expand, which is a bug of this crate.
    pub fn create(&self) -> Result<PathBuf, NewError> {
        check_name(&self.name)?;
        let sdk_path = self.sdk.placeholder()?;
        let target = self.parent.join(&self.name);
        if target.symlink_metadata().is_ok() {
            return Err(NewError::Exists { path: target });
        }
        let files = expand::expand(self.template, &self.name, &sdk_path)?;
        // Written beside the target and renamed, so that the package appears complete. The folder is always removed.
        let scratch = tempfile::Builder::new().prefix(".cargo-chipwright-new-").tempdir_in(&self.parent);
        let scratch = scratch.map_err(io_error("write in", &self.parent))?;
        let package = scratch.path().join(&self.name);
        for (path, text) in files {
            write(&package.join(path), &text)?;
        }
        if let Some((folder, files)) = self.template.library() {
            for (name, text) in files {
                write(&package.join(folder).join(name), text)?;
            }
        }
        fs::rename(&package, &target).map_err(io_error("make", &target))?;
        Ok(target)
    }
}

/// Writes a file, and makes its folder if needed.
fn write(path: &Path, text: &str) -> Result<(), NewError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io_error("make", folder))?;
    }
    fs::write(path, text).map_err(io_error("write", path))
}

/// Checks that a package can have this name.
fn check_name(name: &str) -> Result<(), NewError> {
    let error = |problem| Err(NewError::Name { name: name.to_owned(), problem });
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return error("it does not start with a letter (a to z, A to Z)");
    }
    if !name.chars().all(|character| character.is_ascii_alphanumeric() || "-_".contains(character)) {
        return error("it may have letters, digits, `-` and `_` only");
    }
    if name.len() > MAX_NAME_LEN {
        return error("it has more than 64 characters");
    }
    let crate_name = name.replace('-', "_").to_ascii_lowercase();
    if is_keyword(&crate_name) {
        return error("it is a keyword of Rust");
    }
    if RESERVED.contains(&crate_name.as_str()) {
        return error("a crate or a folder that the package uses has this name");
    }
    Ok(())
}

/// Returns whether a name is a keyword of Rust, or reserved as one.
fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &str = "abstract as async await become box break const continue crate do dyn else enum extern false \
        final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
        super trait true try type typeof unsafe unsized use virtual where while yield";
    KEYWORDS.split(' ').any(|keyword| keyword == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_crates() {
        for name in ["a", "my-vm", "My_Vm2", "r2d2"] {
            check_name(name).unwrap();
        }
        for (name, problem) in [
            ("", "start with a letter"),
            ("2d", "start with a letter"),
            ("-a", "start with a letter"),
            ("../a", "start with a letter"),
            ("a/b", "letters, digits"),
            ("größe", "letters, digits"),
            ("a b", "letters, digits"),
            ("match", "keyword"),
            ("core", "the package uses"),
            ("vm-sdk", "the package uses"),
            (&"a".repeat(65), "64"),
        ] {
            let error = check_name(name).unwrap_err().to_string();
            assert!(error.contains(problem), "{name}: {error}");
        }
    }

    #[test]
    fn every_file_of_the_templates_is_embedded() {
        fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, found);
                } else {
                    found.push(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
                }
            }
        }
        for template in Template::ALL {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(template.name());
            let mut found = Vec::new();
            walk(&root, &root, &mut found);
            let mut embedded: Vec<String> = template.files().iter().map(|(path, _)| (*path).to_owned()).collect();
            found.sort();
            embedded.sort();
            assert_eq!(embedded, found, "{template}");
        }
    }

    #[test]
    fn paths_of_the_sdk_are_written_as_strings_of_a_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let sdk = folder.path().join(r#"a "quoted" \ path"#);
        fs::create_dir_all(sdk.join("vm-sdk")).unwrap();
        let source = SdkSource::Folder(sdk.clone());
        assert!(matches!(source.placeholder(), Err(NewError::NoSdk { .. })));
        fs::write(sdk.join(SDK_MANIFEST), "").unwrap();
        let text = source.placeholder().unwrap();
        assert!(text.starts_with('/') && text.ends_with(r#"/a \"quoted\" \\ path"#), "{text}");
        assert_eq!(SdkSource::Registry.placeholder().unwrap(), "");
        assert!(matches!(SdkSource::default(), SdkSource::Folder(_)));
    }
}
