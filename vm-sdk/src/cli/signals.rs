//! Interruption: removes temporary files and reports what the guest has printed, before the process ends.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::{emulate_default_handler, signal_name};

use crate::cli::outcome::{error_object, print_json};
use crate::cli::{guest_output, progress};
use crate::error::ErrorClass;
use crate::files::remove_temporary_files;

/// Starts a thread that waits for signals that end the process. Signals that are ignored stay ignored, as with
/// `nohup`.
pub(crate) fn handle() {
    // Without a thread to wait, for instance because memory is short, the signals keep their default action.
    let _ = thread::Builder::new().spawn(wait);
}

fn wait() {
    let ignored = ignored();
    let signals = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let Ok(mut signals) = Signals::new(signals) else { return };
    for signal in signals.forever() {
        let _finished = remove_temporary_files();
        finish_streams(signal);
        // The exit status then says which signal it was.
        let _ = emulate_default_handler(signal);
    }
}

/// Removes the spinner and, with `--json`, prints what the guest has printed. Gives up after a second: the reader of a pipe
/// may be asleep.
fn finish_streams(signal: i32) {
    let (done, finished) = mpsc::channel();
    let _ = thread::Builder::new().spawn(move || {
        progress::clear();
        if let Some(output) = guest_output::take_collected() {
            let name = signal_name(signal).unwrap_or("a signal");
            let _ = print_json(&error_object(
                &format!("interrupted by {name}"),
                ErrorClass::Interrupted.name(),
                Some(&output),
            ));
        }
        let _ = done.send(());
    });
    let _ = finished.recv_timeout(Duration::from_secs(1));
}

/// Returns the set of ignored signals: bit 0 is signal 1. Where the system does not report it, `SIGHUP` counts as ignored
/// so that its present action stays.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(1 << (SIGHUP - 1))
}
