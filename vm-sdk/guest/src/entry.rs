//! Start and end of a program.

use core::fmt::Display;

use crate::sys;

/// Declares the function at which the program starts: `vm_guest::entry!(main);`.
///
/// The function has no parameters and returns `()` or a `Result<(), E>` with `E: Display`, see [`Termination`]. The crate
/// needs the attributes `#![no_std]` and `#![no_main]`. With `#![cfg_attr(target_arch = "riscv32", no_std, no_main)]`
/// instead, it also compiles for the host, where `main` is an ordinary main function. `cargo chipwright compare` runs it there
/// with input vectors.
#[macro_export]
macro_rules! entry {
    ($main:path) => {
        const _: () = {
            #[cfg(target_arch = "riscv32")]
            #[unsafe(export_name = "__vm_guest_main")]
            extern "C" fn __vm_guest_main() -> ! {
                $crate::__private::finish($main())
            }
            // Called before the ordinary main function. Does nothing, except for `cargo chipwright compare`.
            #[cfg(not(target_arch = "riscv32"))]
            #[used]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
            #[cfg_attr(all(unix, not(target_vendor = "apple")), unsafe(link_section = ".init_array"))]
            static START: extern "C" fn() = {
                extern "C" fn start() {
                    $crate::__private::start(|| $crate::__private::finish($main()))
                }
                start
            };
        };
    };
}

/// Includes the code that the machine's configuration generates for its guest programs: `vm_guest::init!();`.
///
/// The code is in the file `vm_init.rs` beside the package's `Cargo.toml`. Builds of the package for the machine write
/// that file (`vm_sdk::guest_build::build_for`); a machine without generated code writes none.
#[macro_export]
macro_rules! init {
    () => {
        ::core::include!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/vm_init.rs"));
    };
}

/// Types that the function of [`entry!`](crate::entry!) may return.
#[diagnostic::on_unimplemented(
    message = "a guest's main function cannot return `{Self}`",
    note = "it returns `()` or a `Result<(), E>` whose error implements `Display`"
)]
pub trait Termination {
    /// Returns the exit code. If it is not 0, prints why.
    fn report(self) -> u8;
}

impl Termination for () {
    fn report(self) -> u8 {
        0
    }
}

/// Errors are printed and give the exit code 1.
impl<T: Termination, E: Display> Termination for Result<T, E> {
    fn report(self) -> u8 {
        match self {
            Ok(value) => value.report(),
            Err(error) => {
                crate::println!("error: {error}");
                1
            }
        }
    }
}

/// Ends the program with the result of its main function.
pub fn finish(result: impl Termination) -> ! {
    exit(result.report())
}

/// Ends the program. Only runs with exit code 0 can be proven.
pub fn exit(code: u8) -> ! {
    sys::exit(code)
}
