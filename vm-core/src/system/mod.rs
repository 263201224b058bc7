//! The AIRs that every machine has: program, connector, memory, phantom, public values and Poseidon2.

pub mod connector;
pub mod memory;
pub mod phantom;
pub mod poseidon2;
pub mod program;
pub mod public_values;
