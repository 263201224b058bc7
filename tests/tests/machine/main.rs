//! Tests of the whole machine: programs are run, proven and verified, and traces are forged.

mod adversarial;
mod conformance;
mod end_to_end;
mod errors;
mod modes;
mod support;
