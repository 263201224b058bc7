//! Progress on standard error, if that is a terminal.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::sdk::Progress;

/// The spinner that is shown, if any.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Removes the spinner from the terminal, before a signal ends the process.
pub(crate) fn clear() {
    if let Some(bar) = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).take() {
        bar.finish_and_clear();
    }
}

/// A spinner with the name of the current phase.
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} [{elapsed_precise}] {msg}") {
            bar.set_style(style);
        }
        // Ticking needs a thread.
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
        Self(bar)
    }

    /// Returns a spinner that shows this phase.
    pub(crate) fn showing(phase: &str) -> Self {
        let spinner = Self::new();
        spinner.phase(phase);
        spinner
    }

    /// Returns a handle to the bar.
    pub(crate) fn bar(&self) -> ProgressBar {
        self.0.clone()
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        clear();
    }
}

impl Progress for Spinner {
    fn phase(&self, text: &str) {
        self.0.set_message(text.to_owned());
    }
}
