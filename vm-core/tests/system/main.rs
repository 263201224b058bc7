//! Tests of the system AIRs on a small machine: honest runs, forgeries through the real prover and verifier, and
//! mutations of every column.
//!
//! Negative tests say which run is forged, what the attacker writes, what must refuse it and why. Lookups are always
//! recounted, so that no stale multiplicity gives a forgery away, and a forgery must be caught by the named constraint
//! or bus *alone*: the attacker has made everything else consistent.

// Derives name the crate that users depend on.
extern crate vm_core as vm_sdk;

mod connector;
mod execution;
mod fixture;
mod keys;
mod kit;
mod leaf;
mod machine;
mod mutations;
mod node;
mod page;
mod program;
mod public_values;
mod refresh;
mod runs;
mod tables;
mod wide;
mod wide_forgeries;
mod wide_machine;
