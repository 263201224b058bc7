//! The whole program as a process of this computer, for `cargo chipwright compare`.
//!
//! If the environment variable [`RUN_VARIABLE`] is set, the function of [`entry!`](crate::entry!) runs as on the machine, in
//! place of the ordinary main function: it gets input vectors, a panic prints its message and ends the program with exit code
//! 1, and a request that the machine refuses ends the program with the machine's message.
//!
//! - Standard input has the number of bytes of public values (`u32`) and the input vectors (`Vec<Vec<u8>>`).
//! - Standard output ends with the exit code or the message of the refusal (`Result<u8, String>`), the public values
//!   (`Vec<u8>`), and what the program printed (`String`). After them come their length (`u32`, little endian) and [`MARK`].
//!
//! Both are tuples in the postcard encoding. Standard error is that of the program.

use alloc::string::String;
use alloc::vec::Vec;
use std::boxed::Box;
use std::io::{self, Read, Write};
use std::{env, eprintln, panic, process};

use super::{SESSION, Session, with_session};

/// Environment variable that selects such a run.
pub const RUN_VARIABLE: &str = "VM_GUEST_RUN";

/// Last bytes of standard output.
pub const MARK: [u8; 8] = *b"vm-guest";

/// The limits of the machine for the run of a process.
pub(super) struct Limits {
    /// Number of bytes of public values.
    pub(super) num_public_values: usize,
}

/// What [`entry!`](crate::entry!) expands to. Runs the program if [`RUN_VARIABLE`] is set. The loader calls this before the
/// ordinary main function, because the guest's `main` is that function.
#[doc(hidden)]
pub fn start(program: fn() -> !) {
    if env::var_os(RUN_VARIABLE).is_none() {
        return;
    }
    let mut bytes = Vec::new();
    let read = io::stdin().read_to_end(&mut bytes);
    let inputs = postcard::from_bytes::<(u32, Vec<Vec<u8>>)>(&bytes);
    let (Ok(_), Ok((num_public_values, inputs))) = (read, inputs) else { fail("standard input has no input vectors") };
    let limits = Limits { num_public_values: num_public_values as usize };
    SESSION.set(Some(Session { process: Some(limits), ..Session::new(inputs) }));
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // Other threads have no session.
        if with_session(|_| ()).is_none() {
            return default(info);
        }
        crate::println!("{info}");
        end(Ok(1));
    }));
    program()
}

/// Writes the outcome and ends the process, without unwinding: on the machine, nothing runs after a panic or an exit.
pub(super) fn end(result: Result<u8, String>) -> ! {
    let (public_values, printed) =
        SESSION.take().map_or_else(Default::default, |session| (session.public_values, session.printed));
    let Ok(mut bytes) = postcard::to_allocvec(&(result, public_values, printed)) else {
        fail("the outcome has no encoding")
    };
    bytes.extend((bytes.len() as u32).to_le_bytes());
    bytes.extend(MARK);
    let mut out = io::stdout().lock();
    match out.write_all(&bytes).and_then(|()| out.flush()) {
        Ok(()) => process::exit(0),
        Err(_) => fail("standard output cannot be written"),
    }
}

fn fail(problem: &str) -> ! {
    eprintln!("{RUN_VARIABLE} is set, but {problem}");
    process::exit(2)
}
