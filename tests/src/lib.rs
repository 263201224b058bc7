//! Helpers shared by the cross-crate tests.

pub mod fixtures;
pub mod model;
