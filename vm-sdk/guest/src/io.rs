//! Input vectors, public values, printing and random bytes.
//!
//! Typed values use the postcard encoding. An input vector holds one value, and the public values hold the encodings of the
//! committed values, one after the other. The host's counterpart is `vm_sdk::io`.

use alloc::vec::Vec;
use core::any::type_name;
use core::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::sys;

/// Why an input vector cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// The vector is not an encoding of the type.
    Decode {
        /// Index of the vector.
        input: usize,
        /// Length of the vector in bytes.
        len: usize,
        /// The expected type.
        wanted: &'static str,
        /// What is wrong with the encoding.
        source: postcard::Error,
    },
    /// The vector continues after the value.
    TrailingBytes {
        /// Index of the vector.
        input: usize,
        /// Length of the vector in bytes.
        len: usize,
        /// The expected type.
        wanted: &'static str,
        /// Number of bytes after the value.
        trailing: usize,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decode { input, len, wanted, source } => {
                write!(f, "input vector {input} ({len} bytes) is no postcard encoding of {wanted}: {source}")
            }
            Self::TrailingBytes { input, len, wanted, trailing } => {
                let used = len - trailing;
                write!(f, "input vector {input} has {len} bytes, but the {wanted} in it ends after {used}")
            }
        }
    }
}

impl core::error::Error for ReadError {}

/// Reads the value in the next input vector. If there is none, the run ends with an error of the host.
///
/// # Panics
///
/// If the vector does not decode. [`try_read`] returns an error instead.
#[track_caller]
pub fn read<T: DeserializeOwned>() -> T {
    match try_read() {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// Reads the value in the next input vector. If there is none, the run ends with an error of the host.
///
/// # Errors
///
/// A [`ReadError`] if the vector does not decode. It has been consumed nevertheless.
pub fn try_read<T: DeserializeOwned>() -> Result<T, ReadError> {
    let (input, bytes) = sys::next_input();
    let (len, wanted) = (bytes.len(), type_name::<T>());
    match postcard::take_from_bytes(&bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(ReadError::TrailingBytes { input, len, wanted, trailing: rest.len() }),
        Err(source) => Err(ReadError::Decode { input, len, wanted, source }),
    }
}

/// Reads the next input vector without decoding it. If there is none, the run ends with an error of the host.
pub fn read_vec() -> Vec<u8> {
    sys::next_input().1
}

/// Fills the slice with bytes that the host draws at random.
///
/// The prover knows these bytes and can choose them, and a proof does not show that they are random. They suit code whose
/// result does not depend on them, such as the seed of a hash map. Do not use them for keys, for the nonces of signatures, or
/// for challenges that are to convince the guest of something: compute challenges from a hash of all data to be checked.
pub fn random_bytes(bytes: &mut [u8]) {
    sys::random_bytes(bytes);
}

/// Appends a value to the public values.
///
/// The machine has a fixed number of public values (32 bytes by default). If a value does not fit, the run ends with an
/// error of the host. Bytes after the last value are zero.
///
/// # Panics
///
/// If the value cannot be encoded, such as a sequence of unknown length.
#[track_caller]
pub fn commit<T: Serialize + ?Sized>(value: &T) {
    match postcard::to_allocvec(value) {
        Ok(bytes) => commit_bytes(&bytes),
        Err(error) => panic!("a {} has no postcard encoding: {error}", type_name::<T>()),
    }
}

/// Appends bytes to the public values without encoding them.
// Not inlined, because the host's error names this function when the public values are full.
#[inline(never)]
pub fn commit_bytes(bytes: &[u8]) {
    sys::commit(bytes);
}

/// Prints on the host, like `std`'s macro.
#[macro_export]
macro_rules! print {
    ($($arguments:tt)*) => { $crate::__private::print(::core::format_args!($($arguments)*)) };
}

/// Prints a line on the host, like `std`'s macro.
#[macro_export]
macro_rules! println {
    () => { $crate::print!("\n") };
    ($($arguments:tt)*) => { $crate::print!("{}\n", ::core::format_args!($($arguments)*)) };
}

/// What [`print!`](crate::print!) expands to. Allocates nothing.
#[doc(hidden)]
pub fn print(arguments: fmt::Arguments<'_>) {
    struct Printer;

    impl fmt::Write for Printer {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            sys::print(text);
            Ok(())
        }
    }

    // The printer never fails. If a `Display` implementation fails, what it has printed so far stays.
    let _ = fmt::Write::write_fmt(&mut Printer, arguments);
}
