//! Input vectors on the command line.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

/// Why an input vector cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InputError {
    /// The text is not hexadecimal.
    #[error("input {text:?} is not hexadecimal: {source}; write an even number of digits, @FILE or u32:N")]
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
    /// The file cannot be read.
    #[error("cannot read input file {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: std::io::Error,
    },
}

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
            Self::File(path) => read_file(path),
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, InputError> {
    std::fs::read(path).map_err(|source| InputError::File { path: path.to_owned(), source })
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
        assert_eq!(read("u32:258"), [2, 1, 0, 0]);
        assert_eq!(read("u32:0xffffffff"), [255; 4]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"raw\n").unwrap();
        assert_eq!(read(&format!("@{}", file.path().display())), b"raw\n");
    }

    #[test]
    fn bad_input_is_named() {
        for (text, part) in [
            ("abc", "Odd number of digits"),
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
