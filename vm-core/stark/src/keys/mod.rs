//! The parts of keys that do not depend on the backend: checks of AIRs, limits, descriptions and security presets.

#[cfg(feature = "std")]
mod checks;
mod descriptor;
mod error;
mod limits;
mod params;
mod report;

#[cfg(feature = "std")]
pub(super) use checks::{check_air, check_names, check_padding_row, repeatable};
#[cfg(feature = "prover")]
pub(super) use descriptor::committed_columns;
pub use descriptor::{AirDescriptor, BusDescriptor};
pub use error::{KeyLoadError, KeygenError};
pub use limits::MAX_DEGREE;
#[cfg(feature = "std")]
pub(super) use limits::max_log_height_of;
pub use limits::{KeygenLimits, MIN_LOG_HEIGHT};
pub use params::{SecurityParams, SecurityPreset};
pub use report::{SecurityReport, SecurityTerm};
