//! Runtime library of guest programs for `riscv32im-unknown-none-elf`.
//!
//! ```no_run
//! #![cfg_attr(target_arch = "riscv32", no_std, no_main)]
//!
//! vm_guest::entry!(main);
//!
//! fn main() {
//!     let (a, b): (u32, u32) = vm_guest::io::read();
//!     vm_guest::println!("{a} + {b}");
//!     vm_guest::io::commit(&(u64::from(a) + u64::from(b)));
//! }
//! ```
//!
//! A guest package that depends on this crate needs no build script, no linker script and no configuration.
//! It is built with `cargo chipwright build`, or with `cargo build --release --target riscv32im-unknown-none-elf`.
//!
//! - [`entry!`] declares the function at which the program starts;
//! - [`init!`] includes code that the machine's configuration generates, if it does;
//! - [`io`] contains input vectors, public values, printing and random bytes; typed values use the [postcard] encoding;
//! - [`span!`] names a part of a run, for profiles;
//! - [`exit`] ends the program early; a panic prints its message and ends with exit code 1;
//! - [`host`] (not on the guest target) runs the same functions natively, for unit tests;
//! - [`c_library`] (not on the guest target) contains the library of guests in C as text.
//!
//! Features: `atomics` (a critical section for `portable-atomic`), `getrandom` (a backend for that crate), `free-heap` (freed memory is
//! used again) and `allocator` (by default; without it, the guest brings an allocator of its own).
//!
//! Instructions of extensions do not need this crate: they are `.insn` lines in [`asm!`] blocks.
//!
//! [postcard]: https://docs.rs/postcard
#![no_std]

extern crate alloc;
#[cfg(not(target_arch = "riscv32"))]
extern crate std;

#[cfg(all(target_arch = "riscv32", feature = "atomics"))]
mod atomics;
#[cfg(not(target_arch = "riscv32"))]
pub mod c_library;
mod entry;
#[cfg(all(target_arch = "riscv32", feature = "getrandom"))]
mod getrandom;
mod heap;
#[cfg(not(target_arch = "riscv32"))]
pub mod host;
pub mod io;
mod public_values;
mod span;
#[cfg(target_arch = "riscv32")]
mod sys;

#[cfg(not(target_arch = "riscv32"))]
use host as sys;

pub use core::arch::asm;

pub use entry::{Termination, exit};
pub use span::Span;

/// Functions that expansions of macros call.
#[doc(hidden)]
pub mod __private {
    pub use crate::entry::finish;
    #[cfg(not(target_arch = "riscv32"))]
    pub use crate::host::process::start;
    pub use crate::io::print;
    pub use crate::span::begin;
}
