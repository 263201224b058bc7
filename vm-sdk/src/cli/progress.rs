//! Progress on standard error: a spinner if that is a terminal, or lines of JSON.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde::Serialize;

use crate::arch::RunControl;
use crate::cli::args::ProgressMode;
use crate::cli::outcome::note;
use crate::report::grouped;
use crate::sdk::{Progress, ProgressEvent, to_milliseconds};

/// The spinner that is shown, if any.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Removes the spinner from the terminal, before a signal ends the process.
pub(crate) fn clear() {
    if let Some(bar) = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).take() {
        bar.finish_and_clear();
    }
}

/// Shows progress until it is dropped.
pub(crate) struct Reporter {
    bar: ProgressBar,
    instructions: Instructions,
    lines: Option<Lines>,
}

impl Reporter {
    /// Returns a reporter that also shows how many instructions the runs of an executor have executed.
    pub(crate) fn new(mode: ProgressMode, control: &RunControl) -> Self {
        let instructions = Instructions { control: control.clone(), before: Arc::default() };
        let bar = match mode {
            ProgressMode::Auto => spinner(instructions.clone()),
            ProgressMode::Json | ProgressMode::Off => ProgressBar::hidden(),
        };
        let lines = (mode == ProgressMode::Json).then(|| Lines::start(instructions.clone()));
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
        Self { bar, instructions, lines }
    }

    /// Returns a reporter that shows one phase on a terminal.
    pub(crate) fn showing(phase: &'static str) -> Self {
        let reporter = Self::new(ProgressMode::Auto, &RunControl::default());
        reporter.phase(phase);
        reporter
    }

    /// Returns a handle to the bar.
    pub(crate) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        clear();
    }
}

impl Progress for Reporter {
    fn report(&self, event: &ProgressEvent) {
        self.instructions.begin();
        self.bar.set_message(event.to_string());
        if let Some(lines) = &self.lines {
            lines.print(event);
        }
    }
}

fn spinner(instructions: Instructions) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    let executed = move |_: &ProgressState, text: &mut dyn Write| {
        if let Some(executed) = instructions.since() {
            let _ = write!(text, ", {} instructions", grouped(executed));
        }
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} [{elapsed_precise}] {msg}{executed}") {
        bar.set_style(style.with_key("executed", executed));
    }
    // Ticking needs a thread.
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(120));
    }
    bar
}

/// Counts instructions from one event to the next.
#[derive(Clone)]
struct Instructions {
    control: RunControl,
    /// Number of instructions at the last event.
    before: Arc<AtomicU64>,
}

impl Instructions {
    fn begin(&self) {
        self.before.store(self.control.instructions(), Ordering::Relaxed);
    }

    /// Returns the number of instructions since the last event, if the program runs or has run since.
    fn since(&self) -> Option<u64> {
        let executed = self.control.instructions().saturating_sub(self.before.load(Ordering::Relaxed));
        (executed > 0).then_some(executed)
    }
}

/// Prints events as lines of JSON, and every second how far the run is.
struct Lines {
    start: Instant,
    /// Dropped to end the thread.
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How far a run is.
#[derive(Serialize)]
#[serde(tag = "event", rename = "running")]
struct Running {
    /// Instructions since the last event of another kind.
    instructions: u64,
}

impl Lines {
    fn start(instructions: Instructions) -> Self {
        let (start, (stop, stopped)) = (Instant::now(), mpsc::channel::<()>());
        let run = move || {
            let mut last = None;
            while stopped.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                let executed = instructions.since();
                if let Some(instructions) = executed.filter(|_| executed != last) {
                    print_line(start, &Running { instructions });
                }
                last = executed;
            }
        };
        // Without a thread, only these lines are missing.
        let thread = thread::Builder::new().spawn(run).ok();
        Self { start, stop: Some(stop), thread }
    }

    fn print(&self, event: &ProgressEvent) {
        print_line(self.start, event);
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Prints an event with the time since the start of the command.
fn print_line(start: Instant, event: &impl Serialize) {
    #[derive(Serialize)]
    struct Line<'a, E> {
        #[serde(flatten)]
        event: &'a E,
        elapsed_seconds: f64,
    }
    let elapsed_seconds = to_milliseconds(start.elapsed().as_secs_f64());
    if let Ok(line) = serde_json::to_string(&Line { event, elapsed_seconds }) {
        note(&line);
    }
}
