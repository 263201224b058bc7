//! The proof backends. So far there is one: Plonky3's batch STARK over univariate polynomials.

mod error;
mod univariate;

pub use error::{ProveError, ShapeError, VerifyError};
pub(super) use univariate::packed_columns;
pub use univariate::*;
#[cfg(feature = "prover")]
pub(crate) use univariate::{InstanceShape, instance_shape};
