//! Runs of programs under the debugger gdb, forwards and backwards.
//!
//! A [`Session`] is a run that stops at breakpoints and watchpoints and goes back in time. A [`Server`] gives it to gdb, over
//! a connection with gdb's remote protocol.
//!
//! Going back is restoring the nearest checkpoint before and executing the program again from there. A run depends on its
//! input and seed only, so this leads to the same states.

mod history;
mod monitor;
mod server;
mod session;
mod target;
mod watch;

pub use gdbstub::common::Signal;
pub use server::{Server, SessionEnd};
pub use session::{Motion, Session, Stop};
pub use watch::{WatchKind, Watchpoint};

#[cfg(test)]
mod tests;
