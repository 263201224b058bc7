//! Input vectors on the command line.

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

use crate::files::{self, FileError};

/// Why an input vector cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InputError {
    /// The text is not hexadecimal.
    #[error("input {text:?} is not hexadecimal: {source}; {}", hex_advice(text))]
    Hex {
        /// What was given.
        text: String,
        /// What is wrong with it.
        source: hex::FromHexError,
    },
    /// The text after `u32:` is not a 32-bit number.
    #[error("input {text:?} is not a 32-bit number: {source}; write u32:N with N below 4294967296, decimal or 0x…")]
    Number {
        /// What was given.
        text: String,
        /// What is wrong with it.
        source: std::num::ParseIntError,
    },
    /// There is no path after `@`.
    #[error("input \"@\" names no file; write @FILE, or an empty text for an empty vector")]
    NoPath,
    /// The file cannot be read.
    #[error("input file: {0}")]
    File(#[from] FileError),
    /// A folder cannot be listed.
    #[error("cannot read the folder {}: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// A folder of inputs has none.
    #[error("the folder {} has no inputs; each file in it is the input of a run, and so is each folder of files", folder.display())]
    NoInputs {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder of inputs is nested too deeply.
    #[error("{} is a folder in the folder of a run; the files of such a folder are the input vectors of the run", folder.display())]
    Nested {
        /// The inner folder.
        folder: PathBuf,
    },
}

fn hex_advice(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("for the number {text}, write u32:{text}; for bytes, an even number of digits")
    } else {
        "write an even number of hexadecimal digits, @FILE or u32:N".to_owned()
    }
}

/// Size limit of input files: an input vector has fewer than 2^32 bytes.
const MAX_INPUT_LEN: u64 = u32::MAX as u64;

/// Source of an input vector. Parsed from `@FILE` (contents of a file), `u32:N` (four bytes, little endian) or hexadecimal
/// bytes with or without `0x`. The empty text is the empty vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputArg {
    /// The bytes themselves.
    Bytes(Vec<u8>),
    /// Path of a file with the bytes.
    File(PathBuf),
}

impl FromStr for InputArg {
    type Err = InputError;

    fn from_str(text: &str) -> Result<Self, InputError> {
        if text == "@" {
            return Err(InputError::NoPath);
        }
        if let Some(path) = text.strip_prefix('@') {
            return Ok(Self::File(path.into()));
        }
        if let Some(number) = text.strip_prefix("u32:") {
            let parsed = match number.strip_prefix("0x") {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            let parsed = parsed.map_err(|source| InputError::Number { text: text.to_owned(), source })?;
            return Ok(Self::Bytes(parsed.to_le_bytes().to_vec()));
        }
        let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text));
        bytes.map(Self::Bytes).map_err(|source| InputError::Hex { text: text.to_owned(), source })
    }
}

impl InputArg {
    /// Returns the vector, reading the file if it is one.
    ///
    /// # Errors
    ///
    /// [`InputError::File`] if the file cannot be read.
    pub fn read(&self) -> Result<Vec<u8>, InputError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes.clone()),
            Self::File(path) => Ok(files::read(path, MAX_INPUT_LEN)?),
        }
    }
}

/// The input of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunInput {
    /// Name in reports.
    pub name: String,
    /// Input vectors.
    pub vectors: Vec<Vec<u8>>,
}

/// Reads the inputs of many runs from a folder: a file is the only input vector of its run, and the files of a folder are the
/// input vectors of its run. Both are sorted by name. Names that begin with a dot are ignored.
///
/// # Errors
///
/// - [`InputError::Folder`] or [`InputError::File`] if a folder or a file cannot be read;
/// - [`InputError::NoInputs`] if there are none;
/// - [`InputError::Nested`] if a folder is in a folder of files.
pub fn read_inputs(folder: &Path) -> Result<Vec<RunInput>, InputError> {
    let mut inputs = Vec::new();
    for path in entries(folder)? {
        let vectors = if path.is_dir() {
            let files = entries(&path)?.into_iter().map(|file| match file.is_dir() {
                true => Err(InputError::Nested { folder: file }),
                false => InputArg::File(file).read(),
            });
            files.collect::<Result<_, _>>()?
        } else {
            vec![InputArg::File(path.clone()).read()?]
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        inputs.push(RunInput { name, vectors });
    }
    if inputs.is_empty() {
        return Err(InputError::NoInputs { folder: folder.to_owned() });
    }
    Ok(inputs)
}

/// Returns the paths of the entries of a folder, sorted by name, without those that begin with a dot.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                paths.push(entry.path());
            }
        }
        paths.sort();
        Ok(paths)
    };
    list().map_err(|source| InputError::Folder { folder: folder.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<u8> {
        text.parse::<InputArg>().and_then(|arg| arg.read()).unwrap()
    }

    #[test]
    fn all_forms_are_read() {
        assert_eq!(read(""), b"");
        assert_eq!(read("00fF"), [0, 255]);
        assert_eq!(read("0x0102"), [1, 2]);
        assert_eq!(read("0x"), b"");
        assert_eq!(read("u32:258"), [2, 1, 0, 0]);
        assert_eq!(read("u32:0xffffffff"), [255; 4]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"raw\n").unwrap();
        assert_eq!(read(&format!("@{}", file.path().display())), b"raw\n");
    }

    #[test]
    fn folders_have_a_run_per_file_or_folder() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(matches!(read_inputs(folder.path()), Err(InputError::NoInputs { .. })));
        for run in ["b", "c"] {
            std::fs::create_dir(at(run)).unwrap();
        }
        for (name, bytes) in [("b/02", "3"), ("a", "1"), ("b/01", "2"), (".hidden", "x"), ("b/empty", "")] {
            std::fs::write(at(name), bytes).unwrap();
        }
        let input = |name: &str, vectors: &[&str]| RunInput {
            name: name.to_owned(),
            vectors: vectors.iter().map(|vector| vector.as_bytes().to_vec()).collect(),
        };
        let expected = [input("a", &["1"]), input("b", &["2", "3", ""]), input("c", &[])];
        assert_eq!(read_inputs(folder.path()).unwrap(), expected);
        std::fs::create_dir(at("b/deep")).unwrap();
        assert!(matches!(read_inputs(folder.path()), Err(InputError::Nested { .. })));
        let error = read_inputs(&at("missing")).unwrap_err();
        assert!(error.to_string().starts_with("cannot read the folder "), "{error}");
    }

    #[test]
    fn bad_input_is_named() {
        for (text, part) in [
            ("abc", "Odd number of digits; write an even number"),
            ("100", "for the number 100, write u32:100"),
            ("@", "names no file"),
            ("0xzz", "Invalid character"),
            ("u32:4294967296", "too large"),
            ("u32:-1", "invalid digit"),
            ("u32:", "empty string"),
            ("@/nonexistent/input", "/nonexistent/input"),
        ] {
            let error = text.parse::<InputArg>().and_then(|arg| arg.read()).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
