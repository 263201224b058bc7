//! The instruction on real machines: honest runs, forgeries, mutations, a guest program.

mod forgeries;
mod guest;
mod mutations;
mod rows;
mod runs;
mod support;
