//! Input vectors, public values, printing.
//!
//! Typed values are in postcard encoding on both sides: an input vector holds one value, and the public values hold what
//! was committed, one encoding behind the other. On the host, `vm_sdk::io` is the counterpart.

use alloc::vec::Vec;
use core::any::type_name;
use core::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::sys;

/// Why an input vector is no value of the wanted type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// The vector does not decode.
    Decode {
        /// Index of the vector.
        input: usize,
        /// Its length in bytes.
        len: usize,
        /// The wanted type.
        wanted: &'static str,
        /// What is wrong with it.
        source: postcard::Error,
    },
    /// The vector is longer than its value.
    TrailingBytes {
        /// Index of the vector.
        input: usize,
        /// Its length in bytes.
        len: usize,
        /// The wanted type.
        wanted: &'static str,
        /// Number of bytes behind the value.
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

/// The value in the next input vector.
///
/// # Panics
///
/// If the vector does not decode; see [`try_read`]. A vector that is not there ends the run with an error of the host.
#[track_caller]
pub fn read<T: DeserializeOwned>() -> T {
    match try_read() {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// The value in the next input vector, or what is wrong with it. The vector is consumed either way.
pub fn try_read<T: DeserializeOwned>() -> Result<T, ReadError> {
    let (input, bytes) = sys::next_input();
    let (len, wanted) = (bytes.len(), type_name::<T>());
    match postcard::take_from_bytes(&bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(ReadError::TrailingBytes { input, len, wanted, trailing: rest.len() }),
        Err(source) => Err(ReadError::Decode { input, len, wanted, source }),
    }
}

/// The next input vector as it is.
pub fn read_vec() -> Vec<u8> {
    sys::next_input().1
}

/// Appends a value to the public values.
///
/// The machine has a fixed number of them (32 bytes, unless configured otherwise); the host ends the run with an error
/// when a value goes beyond. Bytes behind the last value are zero.
///
/// # Panics
///
/// If the value cannot be encoded, like a sequence of unknown length.
#[track_caller]
pub fn commit<T: Serialize + ?Sized>(value: &T) {
    match postcard::to_allocvec(value) {
        Ok(bytes) => commit_bytes(&bytes),
        Err(error) => panic!("a {} has no postcard encoding: {error}", type_name::<T>()),
    }
}

/// Appends bytes to the public values, as they are.
// Its name is in the host's message when the public values are full.
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

    // The printer itself never fails; a `Display` implementation that does has printed what it could.
    let _ = fmt::Write::write_fmt(&mut Printer, arguments);
}
