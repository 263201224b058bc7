//! The whole machine: programs run, proven, verified and attacked.

mod adversarial;
mod conformance;
mod end_to_end;
mod errors;
mod modes;
mod support;
