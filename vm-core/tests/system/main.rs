//! Tests of the system AIRs on a small machine: honest runs, forgeries that go through the real prover and verifier,
//! and mutations of every column.
//!
//! A test of a forgery states which run is forged, what the attacker writes, which check rejects it and why. The
//! multiplicities of lookup tables are always recomputed, so that no outdated multiplicity reveals a forgery. The
//! attacker makes everything else consistent, so the named constraint or bus must be the *only* check that rejects the
//! forgery.

// Derive macros refer to the crate that users depend on.
extern crate vm_core as vm_sdk;

mod audit;
mod connector;
mod execution;
mod fixture;
mod idle;
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
