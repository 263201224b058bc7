//! What is compiled for guest programs and what is not.

use syn::{Attribute, parse_quote};

/// Circuits and executors do not exist in guest programs: there, the crate of an extension is its guest functions.
pub(crate) fn host_only() -> Attribute {
    parse_quote!(#[cfg(not(target_arch = "riscv32"))])
}

/// Only in guest programs.
pub(crate) fn guest_only() -> Attribute {
    parse_quote!(#[cfg(target_arch = "riscv32")])
}
