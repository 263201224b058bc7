//! Prints what the guest prints, while it runs.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

use crate::arch::Streams;
use crate::cli::outcome::Failure;
use crate::cli::progress::Reporter;

/// What the guest has printed so far, while it runs with `--json`.
static COLLECTED: Mutex<Option<Vec<u8>>> = Mutex::new(None);

/// Returns what the guest has printed, if it runs with `--json`: its output is printed as a part of the object, which an
/// interrupted run does not reach.
pub(crate) fn take_collected() -> Option<Vec<u8>> {
    lock(&COLLECTED).take()
}

/// Standard output as the guest's. With `--json`, nothing is printed, because the output is a part of the object.
///
/// A terminal shows text only: control characters and bytes that are not UTF-8 are shown as escapes like `\x1b`. Files and
/// pipes get the bytes of the guest.
pub(crate) struct GuestOutput(Option<Arc<Mutex<State>>>);

struct State {
    is_terminal: bool,
    /// Hidden while something is printed.
    spinner: ProgressBar,
    /// On a terminal: the start of a character whose other bytes have not been printed yet.
    incomplete: Vec<u8>,
    at_line_start: bool,
    /// The first failure. Nothing is printed after it.
    failure: Option<io::Error>,
}

impl GuestOutput {
    pub(crate) fn new(json: bool, spinner: &Reporter) -> Self {
        if json {
            *lock(&COLLECTED) = Some(Vec::new());
        }
        let state = || State {
            is_terminal: io::stdout().is_terminal(),
            spinner: spinner.bar(),
            incomplete: Vec::new(),
            at_line_start: true,
            failure: None,
        };
        Self((!json).then(|| Arc::new(Mutex::new(state()))))
    }

    /// Prints bytes of a guest.
    pub(crate) fn print(&self, bytes: &[u8]) {
        if let Some(state) = &self.0 {
            lock(state).print(bytes);
        }
    }

    /// Returns streams with these input vectors, whose output is printed.
    pub(crate) fn streams(&self, inputs: Vec<Vec<u8>>) -> Streams {
        let streams = Streams::new(inputs);
        match self.0.clone() {
            Some(state) => streams.with_live_output(move |bytes| lock(&state).print(bytes)),
            None => streams.with_live_output(|bytes| {
                if let Some(collected) = lock(&COLLECTED).as_mut() {
                    collected.extend_from_slice(bytes);
                }
            }),
        }
    }

    /// Ends the last line. A closed pipe is not an error: the reader has seen enough.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        take_collected();
        let Some(state) = self.0 else { return Ok(()) };
        let mut state = lock(&state);
        let rest = std::mem::take(&mut state.incomplete);
        state.write(escaped(&rest).as_bytes());
        if !state.at_line_start {
            state.write(b"\n");
        }
        match state.failure.take() {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
            _ => Ok(()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn print(&mut self, bytes: &[u8]) {
        if !self.is_terminal {
            return self.write(bytes);
        }
        self.incomplete.extend_from_slice(bytes);
        let complete = self.incomplete.len() - incomplete_suffix(&self.incomplete);
        let text = escaped(&self.incomplete[..complete]);
        self.incomplete.drain(..complete);
        self.write(text.as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last() else { return };
        if self.failure.is_some() {
            return;
        }
        self.at_line_start = *last == b'\n';
        let print = || {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        };
        self.failure = self.spinner.suspend(print).err();
    }
}

/// Returns the number of bytes at the end that may be the start of a character.
fn incomplete_suffix(bytes: &[u8]) -> usize {
    match bytes.utf8_chunks().last() {
        Some(chunk) if bytes.ends_with(chunk.invalid()) => {
            let invalid = chunk.invalid();
            let is_start = std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if is_start { invalid.len() } else { 0 }
        }
        _ => 0,
    }
}

/// Returns text that a terminal only shows: line ends and tabs stay, other control characters, characters that change the
/// direction of the text, and bytes that are not UTF-8 become escapes.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' | '\t' => text.push(c),
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => text.extend(c.escape_unicode()),
                _ if c.is_ascii_control() => _ = write!(text, "\\x{:02x}", u32::from(c)),
                _ if c.is_control() => text.extend(c.escape_unicode()),
                _ => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_get_no_control_characters() {
        assert_eq!(escaped("né\t→\n".as_bytes()), "né\t→\n");
        assert_eq!(escaped(b"\x1b[31m\r\x07\x7f\xff"), "\\x1b[31m\\x0d\\x07\\x7f\\xff");
        assert_eq!(escaped("\u{9b}\u{202e}".as_bytes()), "\\u{9b}\\u{202e}");
    }

    #[test]
    fn characters_may_be_printed_in_parts() {
        let suffix = |bytes: &[u8]| incomplete_suffix(bytes);
        assert_eq!((suffix(b""), suffix(b"ab"), suffix(b"a\xff"), suffix("é".as_bytes())), (0, 0, 0, 0));
        assert_eq!((suffix(b"a\xc3"), suffix(b"\xf0\x9f\x98"), suffix(b"\xff\xe2\x82")), (1, 3, 2));
    }
}
