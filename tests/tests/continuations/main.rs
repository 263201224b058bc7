//! Runs in several segments: what the verifier checks of the chain of segments, and cuts in unusual places.

mod boundaries;
mod chain;
mod estimates;
mod memory;
mod public_values;
mod reuse;
mod support;
mod whir;
