//! The proof backends. So far there is one: Plonky3's batch STARK over univariate polynomials.

mod error;
mod univariate;

pub use error::{ProveError, ShapeError, VerifyError};
#[cfg(feature = "prover")]
pub(crate) use univariate::{InstanceShape, instance_shape};
pub(super) use univariate::packed_columns;
pub use univariate::*;
