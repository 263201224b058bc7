//! Runs in several segments: what the verifier demands of the chain, and cuts in awkward places.

mod boundaries;
mod chain;
mod estimates;
mod public_values;
mod support;
