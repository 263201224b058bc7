//! Guest programs and a reference model of the machine, shared by the tests of several crates.

pub mod fixtures;
pub mod model;
pub mod tools;
