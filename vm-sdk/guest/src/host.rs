//! Stand-in for the machine when guest code runs natively, for unit tests.
//!
//! [`run`] calls a function with input vectors and collects what it commits and prints. Outside of [`run`] there are no
//! input vectors, committed values are dropped, and prints go to standard output. Random bytes are the same in every run.

pub mod process;

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::{format, thread_local};

use crate::Termination;
use crate::public_values::Cursor;

use process::Limits;

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// Exit code; 1 after a panic.
    pub exit_code: u8,
    /// Committed bytes, padded with zeros to a multiple of four.
    pub public_values: Vec<u8>,
    /// What the program printed.
    pub printed: String,
}

struct Session {
    inputs: VecDeque<Vec<u8>>,
    inputs_read: usize,
    cursor: Cursor,
    public_values: Vec<u8>,
    printed: String,
    random: Random,
    /// Limits of the machine, if the whole process is the run.
    process: Option<Limits>,
}

impl Session {
    fn new(inputs: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self {
            inputs: inputs.into_iter().collect(),
            inputs_read: 0,
            cursor: Cursor::START,
            public_values: Vec::new(),
            printed: String::new(),
            random: Random(0),
            process: None,
        }
    }
}

/// Generator of the bytes that [`io::random_bytes`](crate::io::random_bytes) returns: SplitMix64, starting at 0.
#[derive(Clone, Copy)]
struct Random(u64);

impl Random {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Payload of the unwinding that ends a program.
struct Exit(u8);

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
    /// Generator of random bytes outside of [`run`].
    static RANDOM: Cell<Random> = const { Cell::new(Random(0)) };
}

/// Runs `main` with these input vectors, as the machine would. A nested run has streams of its own; those of the outer run
/// are restored when it ends.
pub fn run<T: Termination>(inputs: impl IntoIterator<Item = Vec<u8>>, main: impl FnOnce() -> T) -> Outcome {
    let outer = SESSION.replace(Some(Session::new(inputs)));
    let result = catch_unwind(AssertUnwindSafe(|| main().report()));
    // The session exists until its run ends.
    let (public_values, mut printed) =
        SESSION.replace(outer).map_or_else(Default::default, |session| (session.public_values, session.printed));
    let exit_code = result.unwrap_or_else(|payload| code_of(payload.as_ref(), &mut printed));
    Outcome { exit_code, public_values, printed }
}

fn code_of(payload: &(dyn Any + Send), printed: &mut String) -> u8 {
    if let Some(Exit(code)) = payload.downcast_ref() {
        return *code;
    }
    let message = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    *printed += &format!("panicked:\n{}\n", message.unwrap_or("(no message)"));
    1
}

fn with_session<T>(action: impl FnOnce(&mut Session) -> T) -> Option<T> {
    SESSION.with_borrow_mut(|session| session.as_mut().map(action))
}

pub(crate) fn exit(code: u8) -> ! {
    match with_session(|session| session.process.is_some()) {
        Some(true) => process::end(Ok(code)),
        Some(false) => resume_unwind(std::boxed::Box::new(Exit(code))),
        None => std::process::exit(code.into()),
    }
}

/// Ends the program with an error of the machine.
#[track_caller]
fn refuse(message: String) -> ! {
    match with_session(|session| session.process.is_some()) {
        Some(true) => process::end(Err(message)),
        _ => panic!("{message}"),
    }
}

#[track_caller]
pub(crate) fn next_input() -> (usize, Vec<u8>) {
    let next = with_session(|session| {
        let index = session.inputs_read;
        session.inputs_read += 1;
        (index, session.inputs.pop_front())
    });
    match next {
        Some((index, Some(input))) => (index, input),
        Some((index, None)) => refuse(format!("the guest requests input vector {index}, but only {index} were given")),
        None => panic!("there are no input vectors outside of vm_guest::host::run"),
    }
}

pub(crate) fn random_bytes(bytes: &mut [u8]) {
    if with_session(|session| session.random.fill(bytes)).is_none() {
        let mut random = RANDOM.get();
        random.fill(bytes);
        RANDOM.set(random);
    }
}

pub(crate) fn commit(bytes: &[u8]) {
    let refused = with_session(|Session { cursor, public_values, process, .. }| {
        let mut refused = None;
        cursor.append(bytes, |offset, word| {
            let offset = offset as usize;
            if let Some(limits) = process.as_ref().filter(|limits| offset + 4 > limits.num_public_values) {
                refused.get_or_insert((offset, limits.num_public_values));
                return;
            }
            public_values.resize(public_values.len().max(offset + 4), 0);
            public_values[offset..offset + 4].copy_from_slice(&word.to_le_bytes());
        });
        refused
    });
    if let Some((index, available)) = refused.flatten() {
        refuse(format!("public value at byte {index} is out of bounds: the machine has {available} bytes"));
    }
}

pub(crate) fn print(text: &str) {
    if with_session(|session| session.printed += text).is_none() {
        std::print!("{text}");
    }
}

pub(crate) fn span_begin(_name: &str) {}

pub(crate) fn span_end() {}
