//! Progress of long work.

use std::fmt;

use serde::Serialize;

use crate::report::counted;

/// What happens while a run is proven. Serialised, the field `event` has the name of the variant in snake case.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProgressEvent {
    /// A phase begins.
    Phase {
        /// What the prover does now.
        phase: &'static str,
    },
    /// The metered run has ended, so the work is known.
    Planned {
        /// Instructions of the run.
        instructions: u64,
        /// Number of segments.
        segments: usize,
        /// Estimated peak memory of proving a segment, in bytes.
        memory_bytes: usize,
    },
    /// The state at the start of a segment is written.
    State {
        /// Index of the segment, counted from 0.
        segment: usize,
        /// Number of segments.
        segments: usize,
    },
    /// A segment is executed and proven.
    SegmentBegun {
        /// Index of the segment, counted from 0.
        segment: usize,
        /// Number of segments.
        segments: usize,
        /// Estimated seconds until all segments are proven, after the first one.
        seconds_left: Option<f64>,
    },
    /// A segment has been proven. If there is a folder, its proof is there.
    SegmentProven {
        /// Index of the segment, counted from 0.
        segment: usize,
        /// Number of segments.
        segments: usize,
        /// Instructions of the segment.
        instructions: u64,
        /// Wall-clock seconds for its execution, its traces and its proof.
        seconds: f64,
    },
}

impl fmt::Display for ProgressEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phase { phase } => f.write_str(phase),
            Self::Planned { segments, .. } => write!(f, "{} to prove", counted(*segments, "segment")),
            Self::State { segment, segments } => write!(f, "writing the state of segment {segment} (of {segments})"),
            Self::SegmentBegun { segment, segments, seconds_left } => {
                write!(f, "proving segment {segment} (of {segments})")?;
                seconds_left.map_or(Ok(()), |seconds| write!(f, ", about {} left", duration(seconds)))
            }
            Self::SegmentProven { segment, segments, .. } => write!(f, "segment {segment} (of {segments}) is proven"),
        }
    }
}

/// Receives the progress of long work. It is called on the thread that works, so it should return soon.
pub trait Progress: Sync {
    /// Reports an event.
    fn report(&self, event: &ProgressEvent);

    /// Reports the phase that begins.
    fn phase(&self, phase: &'static str) {
        self.report(&ProgressEvent::Phase { phase });
    }
}

/// Ignores progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _event: &ProgressEvent) {}
}

/// Rounds seconds to milliseconds.
pub(crate) fn to_milliseconds(seconds: f64) -> f64 {
    (seconds * 1e3).round() / 1e3
}

/// Formats a duration for people.
fn duration(seconds: f64) -> String {
    match seconds.round() as u64 {
        seconds @ 0..=99 => format!("{seconds} s"),
        seconds @ 100..=5999 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}
