//! Typed input and public values: the host's counterpart of `vm_guest::io`.
//!
//! Both use the postcard encoding. An input vector holds one value. The public values hold the encodings of the values that
//! the guest committed, one after the other, followed by zeros up to their configured number.
//!
//! ```
//! use vm_sdk::prelude::*;
//!
//! let inputs = Inputs::new().write(&(2u32, "two"))?.write_bytes([1, 2, 3]);
//! assert_eq!(Vec::from(inputs), [vec![2, 3, b't', b'w', b'o'], vec![1, 2, 3]]);
//!
//! // Public values of a proof: a u64, three bytes, and zeros.
//! let mut values = PublicValues::new([0xac, 2, 7, 8, 9, 0, 0, 0]);
//! assert_eq!(values.read::<u64>()?, 300);
//! assert_eq!(values.read_bytes(3)?, [7, 8, 9]);
//! # Ok::<(), vm_sdk::io::IoError>(())
//! ```

use std::any::type_name;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Why a value cannot be encoded as an input vector, or decoded from public values.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IoError {
    /// The value has no encoding, such as a sequence of unknown length.
    #[error("input vector {index}: a {value} cannot be encoded: {source}")]
    Encode {
        /// Index that the input vector would have.
        index: usize,
        /// Type of the value.
        value: &'static str,
        /// Why it has no encoding.
        source: postcard::Error,
    },
    /// The next public values are not an encoding of the type.
    #[error(
        "no {wanted} is encoded in the public values at byte {offset} of {len}: {source}; \
         read the types that the guest commits, in its order"
    )]
    Decode {
        /// Offset at which the value was expected, in bytes.
        offset: usize,
        /// Number of public values.
        len: usize,
        /// The expected type.
        wanted: &'static str,
        /// What is wrong with the encoding.
        source: postcard::Error,
    },
    /// There are not enough public values left.
    #[error("cannot read {wanted} bytes at byte {offset} of the public values: there are only {len}")]
    End {
        /// Offset at which the bytes were expected.
        offset: usize,
        /// Number of public values.
        len: usize,
        /// Number of bytes to read.
        wanted: usize,
    },
}

/// Input vectors of a run, in the order in which the guest reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Inputs {
    vectors: Vec<Vec<u8>>,
}

impl Inputs {
    /// Returns an empty list of input vectors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a vector with the encoding of a value. The guest reads it with `vm_guest::io::read`.
    ///
    /// # Errors
    ///
    /// [`IoError::Encode`] if the value has no encoding.
    pub fn write<T: Serialize + ?Sized>(mut self, value: &T) -> Result<Self, IoError> {
        let bytes = postcard::to_stdvec(value).map_err(|source| IoError::Encode {
            index: self.vectors.len(),
            value: type_name::<T>(),
            source,
        })?;
        self.vectors.push(bytes);
        Ok(self)
    }

    /// Appends a vector of bytes. The guest reads it with `vm_guest::io::read_vec`.
    pub fn write_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.vectors.push(bytes.into());
        self
    }

    /// Returns the vectors in the form that runs and proofs take.
    pub fn into_vectors(self) -> Vec<Vec<u8>> {
        self.vectors
    }
}

impl From<Inputs> for Vec<Vec<u8>> {
    fn from(inputs: Inputs) -> Self {
        inputs.into_vectors()
    }
}

/// Reader for the public values of a run. It reads what `vm_guest::io::commit` and `commit_bytes` appended, in the same
/// order.
///
/// The end of the committed values is not marked. Reading beyond it yields values whose encoding is zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicValues {
    bytes: Vec<u8>,
    offset: usize,
}

impl PublicValues {
    /// Returns a reader for the public values of a verified proof or of a run.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), offset: 0 }
    }

    /// Reads the next value.
    ///
    /// # Errors
    ///
    /// [`IoError::Decode`] if the next bytes are not an encoding of the type. The position does not change then.
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

    /// Reads the next `len` bytes.
    ///
    /// # Errors
    ///
    /// [`IoError::End`] if fewer bytes are left. The position does not change then.
    pub fn read_bytes(&mut self, len: usize) -> Result<Vec<u8>, IoError> {
        let bytes = self.remaining().get(..len).map(<[u8]>::to_vec);
        let bytes = bytes.ok_or(IoError::End { offset: self.offset, len: self.bytes.len(), wanted: len })?;
        self.offset += len;
        Ok(bytes)
    }

    /// Returns the bytes that have not been read, including the zeros at the end.
    pub fn remaining(&self) -> &[u8] {
        &self.bytes[self.offset..]
    }

    /// Returns the number of bytes read so far.
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
