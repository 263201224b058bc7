//! Input vectors on the command line.

use std::path::PathBuf;
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
