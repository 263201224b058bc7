//! New packages from templates: what `cargo chipwright new` does.
//!
//! The templates are those of the repository's `templates` folder, embedded, so that an installed command needs no
//! sources. They are expanded by the library of `cargo generate`, which takes them as they are, too:
//! `cargo generate --path templates/extension --no-workspace`.

use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cargo_generate::{GenerateArgs, TemplatePath, Vcs};
use tempfile::TempDir;
use thiserror::Error;

/// Longest name of a package, that of the registry.
const MAX_NAME_LEN: usize = 64;

/// Names of crates that the templates' code names, and names that cargo does not allow.
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
    /// The name is no crate name.
    #[error("`{name}` cannot be the name of a package: {problem}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Something is there already.
    #[error("{} exists: choose another name, or another folder with --dir", path.display())]
    Exists {
        /// Where the package was to be.
        path: PathBuf,
    },
    /// The folder that was given as the SDK is not.
    #[error("{} is not a folder with the SDK's sources: it has no {SDK_MANIFEST}", path.display())]
    NoSdk {
        /// The folder.
        path: PathBuf,
    },
    /// The folder's path cannot be written in a manifest.
    #[error("the path {path:?} of the SDK cannot be written in a Cargo.toml: it has characters that are no text")]
    SdkPath {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// Nothing says who the user is, which `cargo generate` insists on, although no template of ours names authors.
    #[error("the environment does not say who the user is: set {USER_VARIABLE}")]
    NoUser,
    /// The template does not expand.
    #[error("the template `{template}` cannot be expanded: {message}")]
    Template {
        /// The template.
        template: Template,
        /// What is wrong.
        message: String,
    },
}

/// Environment variable that names the user; its value does not matter.
pub const USER_VARIABLE: &str = "USER";

/// All variables that `cargo generate` looks for.
const USER_VARIABLES: [&str; 6] =
    ["CARGO_NAME", "GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", USER_VARIABLE, "USERNAME", "NAME"];

/// Says what failed.
fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> NewError {
    move |source| NewError::Io { action, path: path.to_owned(), source }
}

/// What a new package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// An extension: instructions with their circuits.
    Extension,
    /// A machine with a command that proves runs.
    Vm,
    /// A guest program.
    Guest,
}

/// The files of a template, by their paths in it.
macro_rules! files {
    ($template:literal: $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/", $template, "/", $path)))),*]
    };
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Extension, Self::Vm, Self::Guest];

    /// Name of its folder in `templates`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Extension => "extension",
            Self::Vm => "vm",
            Self::Guest => "guest",
        }
    }

    /// Paths and contents of its files, as `cargo generate` takes them.
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
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a new package's dependencies come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SdkSource {
    /// A folder with the SDK's sources: the repository.
    Folder(PathBuf),
    /// The registry, in the version of this crate.
    Registry,
}

/// Marks a folder with the SDK's sources.
const SDK_MANIFEST: &str = "vm-sdk/Cargo.toml";

impl Default for SdkSource {
    /// The sources that this crate was compiled from if they are still there, else the registry.
    fn default() -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        match repository.filter(|folder| folder.join(SDK_MANIFEST).is_file()) {
            Some(folder) => Self::Folder(folder.to_owned()),
            None => Self::Registry,
        }
    }
}

impl SdkSource {
    /// Value of the placeholder `sdk_path`: an absolute path, as the inside of a TOML string; empty for the registry.
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

/// A package that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPackage {
    /// What it is.
    pub template: Template,
    /// Its name, and that of its folder.
    pub name: String,
    /// The folder that it is made in.
    pub parent: PathBuf,
    /// Where its dependencies come from.
    pub sdk: SdkSource,
}

impl NewPackage {
    /// Makes the package and returns its folder. Progress goes to standard error. After an error nothing is left behind.
    pub fn create(&self) -> Result<PathBuf, NewError> {
        check_name(&self.name)?;
        let sdk_path = self.sdk.placeholder()?;
        let target = self.parent.join(&self.name);
        if target.symlink_metadata().is_ok() {
            return Err(NewError::Exists { path: target });
        }
        if USER_VARIABLES.iter().all(|variable| env::var(variable).is_err()) {
            return Err(NewError::NoUser);
        }
        // Beside the target, so that the finished package appears there at once; removed in any case.
        let scratch = tempfile::Builder::new().prefix(".cargo-chipwright-new-").tempdir_in(&self.parent);
        let scratch = scratch.map_err(io_error("write in", &self.parent))?;
        let generated = self.expand(&scratch, &sdk_path)?;
        fs::rename(&generated, &target).map_err(io_error("make", &target))?;
        Ok(target)
    }

    /// Expands the template below `scratch`.
    fn expand(&self, scratch: &TempDir, sdk_path: &str) -> Result<PathBuf, NewError> {
        let [template, output] = ["template", "output"].map(|folder| scratch.path().join(folder));
        fs::create_dir(&output).map_err(io_error("make", &output))?;
        for (path, text) in self.template.files() {
            let path = template.join(path);
            let folder = path.parent().unwrap_or(&template);
            fs::create_dir_all(folder).map_err(io_error("make", folder))?;
            fs::write(&path, text).map_err(io_error("write", &path))?;
        }
        // An empty one: the user's is about templates of their own.
        let config = scratch.path().join("config.toml");
        fs::write(&config, "").map_err(io_error("write", &config))?;
        let failed = |message| NewError::Template { template: self.template, message };
        let path = template.to_str().ok_or_else(|| failed(format!("the path {template:?} is no text")))?;
        cargo_generate::generate(GenerateArgs {
            template_path: TemplatePath { path: Some(path.to_owned()), ..TemplatePath::default() },
            name: Some(self.name.clone()),
            // The name as it is.
            force: true,
            // Asks nothing.
            silent: true,
            config: Some(config),
            vcs: Some(Vcs::None),
            lib: self.template == Template::Extension,
            bin: self.template != Template::Extension,
            define: vec![format!("sdk_path={sdk_path}")],
            destination: Some(output),
            no_workspace: true,
            no_fmt: true,
            ..GenerateArgs::default()
        })
        .map_err(|error| failed(format!("{error:#}")))
    }
}

/// Whether a package can have this name.
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

/// Keywords, also reserved ones.
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
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates").join(template.name());
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
