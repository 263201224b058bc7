//! RISC-V RV32IM and the host interface as an extension of the machine.
//!
//! Every chip file declares the columns, the constraints, the semantics and the witness of one AIR; `adapters` holds
//! what they share: the ways in which operands reach memory, the program table and the next state.

pub mod adapters;
pub mod opcodes;
mod support;

pub mod add_sub;

use serde::{Deserialize, Serialize};

/// The RV32IM instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rv32im;
