//! Typed input and public values, the host's side of the guest library's `vm_guest::io`.
//!
//! Both are in postcard encoding: an input vector holds one value, and the public values hold what the guest committed,
//! one encoding behind the other, filled up with zeros to their configured number.
//!
//! ```
//! use vm_sdk::prelude::*;
//!
//! let inputs = Inputs::new().write(&(2u32, "two"))?.write_bytes([1, 2, 3]);
//! assert_eq!(Vec::from(inputs), [vec![2, 3, b't', b'w', b'o'], vec![1, 2, 3]]);
//!
//! // As a proof reveals them: a u64, three bytes, and zeros behind.
//! let mut values = PublicValues::new([0xac, 2, 7, 8, 9, 0, 0, 0]);
//! assert_eq!(values.read::<u64>()?, 300);
//! assert_eq!(values.read_bytes(3)?, [7, 8, 9]);
//! # Ok::<(), vm_sdk::io::IoError>(())
//! ```

use std::any::type_name;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Why a value cannot become an input vector, or public values no value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IoError {
    /// The value has no encoding, like a sequence of unknown length.
    #[error("input vector {index}: a {value} cannot be encoded: {source}")]
    Encode {
        /// Index of the input vector that it was to be.
        index: usize,
        /// Type of the value.
        value: &'static str,
        /// Why.
        source: postcard::Error,
    },
    /// The public values do not hold such a value there.
    #[error(
        "no {wanted} is encoded in the public values at byte {offset} of {len}: {source}; \
         read the types that the guest commits, in its order"
    )]
    Decode {
        /// Where the value was expected.
        offset: usize,
        /// Number of public values.
        len: usize,
        /// The wanted type.
        wanted: &'static str,
        /// What is wrong.
        source: postcard::Error,
    },
    /// Fewer public values are left.
    #[error("{wanted} bytes are wanted of the public values at byte {offset}, but there are {len} altogether")]
    End {
        /// Where the bytes were expected.
        offset: usize,
        /// Number of public values.
        len: usize,
        /// Number of wanted bytes.
        wanted: usize,
    },
}

/// The input vectors of a run, in the order in which the guest reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Inputs {
    vectors: Vec<Vec<u8>>,
}

impl Inputs {
    /// No input vectors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a vector that holds a value; the guest reads it with `vm_guest::io::read`.
    pub fn write<T: Serialize + ?Sized>(mut self, value: &T) -> Result<Self, IoError> {
        let bytes = postcard::to_stdvec(value).map_err(|source| IoError::Encode {
            index: self.vectors.len(),
            value: type_name::<T>(),
            source,
        })?;
        self.vectors.push(bytes);
        Ok(self)
    }

    /// Adds a vector of these bytes; the guest reads it with `vm_guest::io::read_vec`.
    pub fn write_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.vectors.push(bytes.into());
        self
    }

    /// The vectors, as runs and proofs take them.
    pub fn into_vectors(self) -> Vec<Vec<u8>> {
        self.vectors
    }
}

impl From<Inputs> for Vec<Vec<u8>> {
    fn from(inputs: Inputs) -> Self {
        inputs.into_vectors()
    }
}

/// The public values of a run, read from the start: what `vm_guest::io::commit` and `commit_bytes` appended, in their
/// order.
///
/// The end of what the guest committed is not marked; behind it, reading gives values whose encoding is zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicValues {
    bytes: Vec<u8>,
    offset: usize,
}

impl PublicValues {
    /// Public values as a verified proof or a run reveals them.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), offset: 0 }
    }

    /// The next value. After an error, the position is what it was.
    pub fn read<T: DeserializeOwned>(&mut self) -> Result<T, IoError> {
        let left = self.remaining();
        match postcard::take_from_bytes(left) {
            Ok((value, rest)) => {
                self.offset += left.len() - rest.len();
                Ok(value)
            }
            Err(source) => {
                Err(IoError::Decode { offset: self.offset, len: self.bytes.len(), wanted: type_name::<T>(), source })
            }
        }
    }

    /// The next `len` bytes. After an error, the position is what it was.
    pub fn read_bytes(&mut self, len: usize) -> Result<Vec<u8>, IoError> {
        let bytes = self.remaining().get(..len).map(<[u8]>::to_vec);
        let bytes = bytes.ok_or(IoError::End { offset: self.offset, len: self.bytes.len(), wanted: len })?;
        self.offset += len;
        Ok(bytes)
    }

    /// What was not read yet, with the zeros at the end.
    pub fn remaining(&self) -> &[u8] {
        &self.bytes[self.offset..]
    }

    /// Number of bytes read so far.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Order {
        customer: String,
        items: Vec<(u32, u64)>,
        discount: Option<u8>,
    }

    fn order() -> Order {
        Order { customer: "Zoë".into(), items: vec![(1, 1_299), (12, u64::MAX)], discount: None }
    }

    #[test]
    fn what_is_written_is_read_by_the_guest_library() {
        let inputs = Inputs::new().write(&order()).unwrap().write_bytes([7; 3]).write("text").unwrap();
        let outcome = vm_guest::host::run(inputs.into_vectors(), || {
            assert_eq!(vm_guest::io::read::<Order>(), order());
            assert_eq!(vm_guest::io::read_vec(), [7; 3]);
            assert_eq!(vm_guest::io::read::<String>(), "text");
        });
        assert_eq!(outcome.exit_code, 0, "{}", outcome.printed);
    }

    #[test]
    fn what_the_guest_commits_is_read_in_order() {
        let outcome = vm_guest::host::run([], || {
            vm_guest::io::commit(&order());
            vm_guest::io::commit_bytes(&[1, 2, 3]);
            vm_guest::io::commit(&-5i64);
        });
        let mut values = PublicValues::new(outcome.public_values);
        assert_eq!(values.read::<Order>().unwrap(), order());
        assert_eq!(values.read_bytes(3).unwrap(), [1, 2, 3]);
        assert_eq!(values.read::<i64>().unwrap(), -5);
        assert!(values.remaining().len() < 4 && values.remaining().iter().all(|byte| *byte == 0));
    }

    #[test]
    fn failed_reads_are_explained_and_consume_nothing() {
        let mut values = PublicValues::new([1, 5, b'x']);
        assert!(values.read::<bool>().unwrap());
        let error = values.read::<String>().unwrap_err();
        assert!(matches!(error, IoError::Decode { offset: 1, len: 3, .. }), "{error:?}");
        assert!(error.to_string().contains("no alloc::string::String is encoded"), "{error}");
        assert_eq!(values.read_bytes(3).unwrap_err(), IoError::End { offset: 1, len: 3, wanted: 3 });
        assert_eq!((values.offset(), values.remaining()), (1, &[5, b'x'][..]));
        assert_eq!(values.read_bytes(2).unwrap(), [5, b'x']);
        assert!(values.read_bytes(0).unwrap().is_empty());
        assert!(values.read::<u8>().is_err());
    }

    #[test]
    fn values_without_encoding_are_named() {
        struct Endless;

        impl Serialize for Endless {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // Postcard needs the length first.
                serde::ser::SerializeSeq::end(serializer.serialize_seq(None)?)
            }
        }

        let error = Inputs::new().write_bytes([]).write(&Endless).unwrap_err();
        assert!(matches!(error, IoError::Encode { index: 1, .. }), "{error:?}");
        assert!(error.to_string().contains("Endless cannot be encoded"), "{error}");
    }
}
